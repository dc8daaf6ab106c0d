//! Why a run stops before its plan is done, and which errors of a call mean that.

use usher_model::template::token::Tokens;
use usher_store::app::App;

use crate::calls::{CallError, Closed};
use crate::transport::TransportError;

/// Why a run stops before its plan is done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The run may not go on.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The app refused the token (401).
    #[error("the app refused the access token (401)")]
    Unauthorized,
    /// The app refused the request (403).
    #[error("{0}")]
    Forbidden(String),
    /// The plan is not the approved one any more.
    #[error("the plan is not the one that was approved any more: {}", differ(*n_people, *is_all))]
    PlanChanged {
        /// For how many people.
        n_people: u64,
        /// Whether these are all.
        is_all: bool,
    },
    /// The app fails whatever is asked of it.
    #[error("the app fails broadly: {0}")]
    Broad(String),
}

impl Stop {
    /// The sentence, with what an admin can do about it at this app.
    pub fn advice(&self, app: &App, tokens: &Tokens) -> String {
        match self {
            Self::Unauthorized => format!("{self}: {}", tokens.replace(&app.name)),
            Self::Forbidden(_) => format!("{self}; likely causes: {}", tokens.turned_away),
            Self::Closed(_) | Self::PlanChanged { .. } | Self::Broad(_) => self.to_string(),
        }
    }

    /// The stop that an error of a call means for the whole run, if it means one.
    pub fn of(error: &CallError) -> Option<Self> {
        use usher_protocol::failure::FailureClass::{
            Conflict, Forbidden, Gone, Permanent, Throttled, Transient, Unauthorized, Unknown,
        };
        match error {
            CallError::Closed(closed) => Some(Self::Closed(closed.clone())),
            CallError::Refused(failure) => match failure.of_read() {
                Unauthorized => Some(Self::Unauthorized),
                Forbidden => Some(Self::Forbidden(failure.to_string())),
                Conflict | Gone | Permanent | Throttled { .. } | Transient { .. } | Unknown { .. } => None,
            },
            CallError::NotAsked(error) => Self::of(error),
            // Not to be reached is the app's failure, not the person's whose turn it was.
            CallError::Transport(TransportError::NotSent(_)) => Some(Self::Broad(error.to_string())),
            CallError::Transport(TransportError::NoAnswer(_)) | CallError::Useless(_) => None,
        }
    }
}

fn differ(n_people: u64, is_all: bool) -> String {
    match (n_people, is_all) {
        (1, true) => "something else is to be done for 1 person".to_owned(),
        (n, true) => format!("something else is to be done for {n} people"),
        (n, false) => format!("something else is to be done for {n} people and more"),
    }
}

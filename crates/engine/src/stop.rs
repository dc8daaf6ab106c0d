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
    #[error("the plan is not the one that was approved any more: {}", differ(*n_people, *n_groups, *is_all))]
    PlanChanged {
        /// For how many people.
        n_people: u64,
        /// For how many groups.
        n_groups: u64,
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

fn differ(n_people: u64, n_groups: u64, is_all: bool) -> String {
    let counted = |n: u64, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let people = counted(n_people, "person", "people");
    let groups = counted(n_groups, "group", "groups");
    let more = (!is_all).then(|| "more".to_owned());
    let whom: Vec<_> = [people, groups, more].into_iter().flatten().collect();
    format!("something else is to be done for {}", whom.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_has_changed_says_for_how_many_people_and_groups() {
        assert_eq!(differ(1, 0, true), "something else is to be done for 1 person");
        assert_eq!(differ(0, 1, true), "something else is to be done for 1 group");
        assert_eq!(differ(2, 0, false), "something else is to be done for 2 people and more");
        assert_eq!(differ(0, 3, true), "something else is to be done for 3 groups");
    }
}

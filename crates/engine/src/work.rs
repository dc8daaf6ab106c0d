//! What everything in a run shares: store, clock, app, lease, setting, health.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use usher_model::id::{AppId, RunId, UserId};
use usher_model::time::Timestamp;
use usher_store::Store;
use usher_store::app::Lease;

use crate::calls::{AppClient, CallError, Closed};
use crate::clock::Clock;
use crate::execute::{Done, Outcome};
use crate::setting::Setting;
use crate::transport::TransportError;

/// So many failures of the app in a row, without one success, are the app's and not the accounts'.
const BROAD: u32 = 20;
/// In a small run, so many are enough if nothing succeeded at all.
const BROAD_AT_LEAST: u32 = 3;

/// One run under way.
#[derive(Debug)]
pub struct Work<'a> {
    /// The store.
    pub store: &'a Store,
    /// Time and chance.
    pub clock: &'a Arc<dyn Clock>,
    /// The app's calls.
    pub client: AppClient,
    /// The run's hold on its app.
    pub lease: &'a Lease,
    /// The app's setting.
    pub setting: &'a Setting,
    /// The time between the end of a run and the beginning of the next.
    pub cycle: Duration,
    /// How the app bears up.
    pub health: Health,
    /// People whose row was dropped, because another write has to be known first: they are decided about anew.
    pub dropped: Mutex<BTreeSet<UserId>>,
    /// Whether the app was listed by this run, which a refused duplicate may ask for once.
    pub listed: OnceCell<bool>,
}

impl Work<'_> {
    /// The app's id.
    pub fn app(&self) -> &AppId {
        &self.lease.app
    }

    /// The run's id.
    pub fn run(&self) -> &RunId {
        &self.lease.run
    }

    /// How long provisioning has been on, up to now.
    pub fn provisioning_on(&self) -> Duration {
        self.setting.app.provisioning_on(self.clock.now())
    }

    /// Remembers that somebody's row was dropped.
    pub fn drop_row_of(&self, user: UserId) {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).insert(user);
    }

    /// The people whose rows were dropped since this was asked last.
    pub fn take_dropped(&self) -> BTreeSet<UserId> {
        std::mem::take(&mut *self.dropped.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Until when a request whose intent is recorded now may be in flight.
    pub fn intent_until(&self) -> Timestamp {
        self.clock.now() + self.client.timeout() * 2
    }
}

/// Why a run stops before its plan is done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The run may not go on.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The app refused the token (401).
    #[error("the app refused the access token (401): give it a new one with `usher app authorize`")]
    Unauthorized,
    /// The app refused the request (403).
    #[error("{0}")]
    Forbidden(String),
    /// The app fails whatever is asked of it.
    #[error("the app fails broadly: {0}")]
    Broad(String),
}

impl Stop {
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

/// How the app bears up during one run.
#[derive(Debug, Default)]
pub struct Health(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    n_succeeded: u64,
    n_broad_in_a_row: u32,
    last: String,
}

impl Health {
    /// Takes a result into account; says so if the run has to stop.
    pub fn judge(&self, outcome: &Outcome) -> Option<Stop> {
        if let Some(stop) = &outcome.stop {
            return Some(stop.clone());
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !outcome.is_broad {
            counts.n_broad_in_a_row = 0;
            counts.n_succeeded +=
                u64::from(!matches!(outcome.done, Done::Failed { .. } | Done::Unknown { .. }));
            return None;
        }
        counts.n_broad_in_a_row += 1;
        counts.last = outcome.said().unwrap_or_default();
        (counts.n_broad_in_a_row >= BROAD).then(|| Stop::Broad(counts.last.clone()))
    }

    /// A look could not be made; says so if the run has to stop.
    pub fn look_failed(&self, error: &CallError) -> Option<Stop> {
        let stop = Stop::of(error);
        if stop.is_some() || !error.is_broad() {
            return stop;
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.n_broad_in_a_row += 1;
        counts.last = error.to_string();
        (counts.n_broad_in_a_row >= BROAD).then(|| Stop::Broad(counts.last.clone()))
    }

    /// A lost write turned out to be done: the app does work, and merely does not answer well.
    pub fn found_done(&self) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.n_broad_in_a_row = 0;
        counts.n_succeeded += 1;
    }

    /// At the end of a run: nothing at all succeeded, and not for the accounts' sake.
    pub fn verdict(&self) -> Option<Stop> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_broad = counts.n_succeeded == 0 && counts.n_broad_in_a_row >= BROAD_AT_LEAST;
        is_broad.then(|| Stop::Broad(counts.last.clone()))
    }
}

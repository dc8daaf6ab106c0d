//! A run's gate: open while the run holds its app's epoch and the app is on.
//!
//! # Invariant
//!
//! Every check is answered by a read of the store that began after the check was asked for, or that nothing has changed
//! since: where this process alone writes, the store counts what it changes of apps. Requests that ask while a read is
//! under way share the next one, so that ten in flight do not cost ten reads each.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use tokio::sync::Mutex;
use usher_model::mutant::{self, Mutant};
use usher_store::app::{self, Lease, Pulse};
use usher_store::{Store, StoreError};

use crate::calls::{Closed, Gate};

/// Asks the store before each request, so that a run that lost its app sends nothing more.
#[derive(Debug)]
pub struct RunGate {
    store: Store,
    lease: Lease,
    /// How many checks were asked for.
    n_asked: AtomicU64,
    last: Mutex<Answer>,
}

/// What the last read said, and to how many checks: those that were asked for before it began.
#[derive(Debug)]
struct Answer {
    n_answered: u64,
    /// What the store had counted before it began, if it counts.
    apps_changed: Option<u64>,
    pulse: Result<Pulse, Closed>,
}

impl Answer {
    /// Whether nothing can have changed since it was read.
    fn stands(&self, apps_changed: Option<u64>) -> bool {
        self.pulse.is_ok() && apps_changed.is_some() && self.apps_changed == apps_changed
    }
}

impl RunGate {
    /// The gate of the run with this lease.
    pub fn new(store: Store, lease: Lease) -> Self {
        let never = Closed::Unsure("it was never asked".to_owned());
        let last = Mutex::new(Answer { n_answered: 0, apps_changed: None, pulse: Err(never) });
        Self { store, lease, n_asked: AtomicU64::new(0), last }
    }

    async fn pulse(&self) -> Result<Pulse, Closed> {
        let turn = self.n_asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut last = self.last.lock().await;
        let apps_changed = self.store.apps_changed();
        if last.n_answered < turn && !last.stands(apps_changed) {
            let n_answered = self.n_asked.load(Ordering::SeqCst);
            let pulse = self.read().await.map_err(|error| Closed::Unsure(error.to_string()));
            *last = Answer { n_answered, apps_changed, pulse };
        }
        last.pulse.clone()
    }

    async fn read(&self) -> Result<Pulse, StoreError> {
        let mut tx = self.store.read("engine::gate").await?;
        app::pulse(&mut tx, &self.lease).await
    }
}

#[async_trait]
impl Gate for RunGate {
    async fn check(&self, is_write: bool) -> Result<(), Closed> {
        let pulse = self.pulse().await?;
        if !pulse.is_ours {
            return Err(Closed::Fenced);
        }
        if is_write && !pulse.is_enabled && !mutant::lives(Mutant::DisableIgnored) {
            return Err(Closed::Disabled);
        }
        let is_reconfigured = pulse.config_version != self.lease.config_version;
        if is_write && is_reconfigured && !mutant::lives(Mutant::ReconfigurationIgnored) {
            return Err(Closed::Reconfigured);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! The store as it was: what a stale read shows.

use std::collections::VecDeque;
use std::time::Duration;

use usher_model::time::Timestamp;

use crate::identity_center::store::{Change, IdentityStore};

/// A copy of a store that lags behind it.
#[derive(Debug)]
pub(crate) struct Replica {
    store: IdentityStore,
    /// How far it is behind; none: it stays as it is.
    lag: Option<Duration>,
    /// What has not reached it, oldest first.
    underway: VecDeque<(Timestamp, Change)>,
}

impl Replica {
    pub(crate) fn of(store: &IdentityStore, lag: Option<Duration>) -> Self {
        Self { store: store.clone(), lag, underway: VecDeque::new() }
    }

    /// Takes down what has changed in the store.
    pub(crate) fn note(&mut self, changes: &[Change], now: Timestamp) {
        if self.lag.is_some() {
            self.underway.extend(changes.iter().map(|change| (now, change.clone())));
        }
    }

    /// The store as it was.
    pub(crate) fn store(&mut self, now: Timestamp) -> &mut IdentityStore {
        if let Some(lag) = self.lag {
            let as_of = now.before(lag);
            while let Some((_, change)) = self.underway.pop_front_if(|(at, _)| *at <= as_of) {
                self.store.apply(change);
            }
        }
        &mut self.store
    }
}

//! What everything in a run shares: store, clock, app, lease, setting, health.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use usher_model::id::{AppId, RunId, UserId};
use usher_model::time::Timestamp;
use usher_store::Store;
use usher_store::app::Lease;

use crate::calls::AppClient;
use crate::clock::Clock;
use crate::health::Health;
use crate::setting::Setting;

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

impl<'a> Work<'a> {
    /// The work of a run that holds its app.
    pub fn new(
        store: &'a Store,
        clock: &'a Arc<dyn Clock>,
        cycle: Duration,
        client: AppClient,
        lease: &'a Lease,
        setting: &'a Setting,
    ) -> Self {
        let (health, dropped, listed) = (Health::default(), Mutex::default(), OnceCell::new());
        Self { store, clock, client, lease, setting, cycle, health, dropped, listed }
    }

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

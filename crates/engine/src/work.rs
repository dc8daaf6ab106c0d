//! What everything in a run shares: store, clock, app, lease, setting, health.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use usher_model::adoption::Holder;
use usher_model::id::{AppId, RemoteId, RunId, UserId};
use usher_model::mutant::{self, Mutant};
use usher_model::time::Timestamp;
use usher_store::Store;
use usher_store::account::AccountRecord;
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
    /// Whether it goes by a plan that somebody approved: what that does not say is not done.
    pub is_approved: bool,
    /// How the app bears up.
    pub health: Health,
    /// People whose row was dropped, because another write has to be known first: they are decided about anew.
    pub dropped: Mutex<BTreeSet<UserId>>,
    /// The accounts that this run adopts, and for whom: two people may want the same one, and one of them gets it.
    claimed: Mutex<BTreeMap<RemoteId, Holder>>,
    /// Whether the app was listed by this run, which a refused duplicate may ask for once.
    pub listed: OnceCell<bool>,
    /// The same of the app's groups.
    pub groups_listed: OnceCell<bool>,
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
        let claimed = Mutex::default();
        let is_approved = false;
        let groups_listed = OnceCell::new();
        Self {
            store,
            clock,
            client,
            lease,
            setting,
            cycle,
            is_approved,
            health,
            dropped,
            claimed,
            listed,
            groups_listed,
        }
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

    /// Takes an account for somebody who is to adopt it; or says who took it before. Accounts that were on record when the
    /// run began are kept from others by the decision itself.
    pub fn claim(&self, account: &RemoteId, record: &AccountRecord) -> Result<(), Holder> {
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        let holder = Holder { user: record.user.clone(), email: record.email.clone() };
        let first = claimed.entry(account.clone()).or_insert_with(|| holder.clone());
        if *first == holder || mutant::lives(Mutant::AdoptedTwice) { Ok(()) } else { Err(first.clone()) }
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

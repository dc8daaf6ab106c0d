//! One tenant: what is kept of it, its store, its limits, its faults.

use std::collections::BTreeMap;
use std::time::Duration;

use usher_model::time::Timestamp;

use crate::identity_center::bucket::Bucket;
use crate::identity_center::fault::{Fault, FaultRule, Faults};
use crate::identity_center::log::Log;
use crate::identity_center::record::Record;
use crate::identity_center::replica::Replica;
use crate::identity_center::scim::route::Operation;
use crate::identity_center::store::{Change, IdentityStore};
use crate::identity_center::token::hash;

/// A tenant.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) record: Record,
    pub(crate) store: IdentityStore,
    pub(crate) buckets: BTreeMap<Operation, Bucket>,
    pub(crate) memberships: Bucket,
    pub(crate) log: Log,
    pub(crate) faults: Faults,
    /// What rules of stale reads show, by the rule.
    pub(crate) replicas: BTreeMap<u64, Replica>,
}

impl Tenant {
    pub(crate) fn new(record: Record, max_logged: usize) -> Self {
        Self {
            store: IdentityStore::new(record.settings.folds_case),
            record,
            buckets: BTreeMap::new(),
            memberships: Bucket::default(),
            log: Log::new(max_logged),
            faults: Faults::default(),
            replicas: BTreeMap::new(),
        }
    }

    /// Makes the tenant another one with the same people.
    pub(crate) fn set_record(&mut self, record: Record) {
        if self.record.settings.folds_case != record.settings.folds_case {
            self.store = self.store.reindexed(record.settings.folds_case);
        }
        self.record = record;
    }

    /// Puts a fault in force and gives its number.
    pub(crate) fn add_fault(&mut self, rule: FaultRule) -> u64 {
        let fault = rule.fault.clone();
        let id = self.faults.add(rule);
        if let Fault::StaleRead { seconds } = fault {
            let lag = seconds.map(|n| Duration::from_secs(u64::from(n)));
            self.replicas.insert(id, Replica::of(&self.store, lag));
        }
        id
    }

    /// Takes down what has changed, for those who read it late.
    pub(crate) fn note(&mut self, changes: &[Change], now: Timestamp) {
        self.replicas.retain(|rule, _| self.faults.has(*rule));
        for replica in self.replicas.values_mut() {
            replica.note(changes, now);
        }
    }

    /// Whether a token opens the SCIM endpoint.
    pub(crate) fn knows(&self, token: &str, now: Timestamp) -> bool {
        let hash = hash(token);
        self.record.is_provisioning
            && self.record.tokens.iter().any(|known| known.hash == hash && known.expires_at > now)
    }
}

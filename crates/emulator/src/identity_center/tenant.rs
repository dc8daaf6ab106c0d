//! One tenant: its identity source, its provisioning, its tokens, its store, its limits.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use usher_model::time::Timestamp;

use crate::identity_center::bucket::Bucket;
use crate::identity_center::fault::{Fault, FaultRule, Faults};
use crate::identity_center::log::Log;
use crate::identity_center::replica::Replica;
use crate::identity_center::scim::route::Operation;
use crate::identity_center::settings::Settings;
use crate::identity_center::store::{Change, IdentityStore};
use crate::identity_center::token::{Token, hash};

/// Where a tenant's people come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum IdentitySource {
    /// Identity Center's own directory, as at the beginning.
    IdentityCenterDirectory,
    /// An external identity provider.
    ExternalProvider {
        /// The entity id of its metadata.
        entity_id: String,
    },
}

/// What is kept of a tenant beside its users and groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) created_at: Timestamp,
    /// What ids of the older format begin with.
    pub(crate) store_prefix: String,
    pub(crate) source: IdentitySource,
    pub(crate) is_provisioning: bool,
    pub(crate) tokens: Vec<Token>,
    pub(crate) settings: Settings,
}

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

//! One tenant: its identity source, its provisioning, its tokens, its store, its limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use usher_model::time::Timestamp;

use crate::identity_center::bucket::Bucket;
use crate::identity_center::fault::Faults;
use crate::identity_center::log::Log;
use crate::identity_center::scim::route::Operation;
use crate::identity_center::settings::Settings;
use crate::identity_center::store::IdentityStore;
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
        }
    }

    /// Whether a token opens the SCIM endpoint.
    pub(crate) fn knows(&self, token: &str, now: Timestamp) -> bool {
        let hash = hash(token);
        self.record.is_provisioning
            && self.record.tokens.iter().any(|known| known.hash == hash && known.expires_at > now)
    }
}

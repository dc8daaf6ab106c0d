//! What is kept of a tenant beside its people: its identity source, its provisioning, its tokens, its settings.

use serde::{Deserialize, Serialize};
use usher_model::time::Timestamp;

use crate::identity_center::settings::Settings;
use crate::identity_center::token::Token;

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

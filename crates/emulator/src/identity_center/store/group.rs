//! A group as the store keeps it; its members are the store's.

use serde::{Deserialize, Serialize};
use usher_model::time::Timestamp;

use crate::identity_center::store::Key;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) key: Key,
    pub(crate) id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) display_name: String,
    pub(crate) external_id: Option<String>,
    /// Known to the Identity Store alone; SCIM neither sets nor shows it.
    pub(crate) description: Option<String>,
}

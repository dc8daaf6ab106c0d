//! A user as the store keeps it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use usher_model::time::Timestamp;

use crate::identity_center::store::Key;

/// The schema of what companies know of their people.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user. Attributes are those of SCIM under their canonical names, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) key: Key,
    pub(crate) id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) attributes: Map<String, Value>,
}

impl User {
    pub(crate) fn user_name(&self) -> &str {
        self.text("userName").unwrap_or_default()
    }

    pub(crate) fn external_id(&self) -> Option<&str> {
        self.text("externalId")
    }

    pub(crate) fn display_name(&self) -> Option<&str> {
        self.text("displayName")
    }

    pub(crate) fn is_active(&self) -> bool {
        self.attributes.get("active").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The one e-mail address.
    pub(crate) fn email(&self) -> Option<&str> {
        self.attributes.get("emails")?.get(0)?.get("value")?.as_str()
    }

    /// The id of the manager.
    pub(crate) fn manager(&self) -> Option<&str> {
        self.attributes.get(ENTERPRISE)?.get("manager")?.get("value")?.as_str()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }
}

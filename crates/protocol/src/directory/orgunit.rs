//! Organizational units (`OrgUnit` in the discovery document).
//!
//! The root is not listed by `type=all`; it always exists.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::directory::fields;
use crate::directory::list::Listed;
use crate::directory::merge::{self, MergeError};

/// An organizational unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OrgUnit {
    /// Never changes: `id:03ph…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_unit_id: Option<String>,
    /// Where it is: `/corp/sales`. Derived from the parent's path and the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_unit_path: Option<String>,
    /// The last part of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The parent's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_org_unit_id: Option<String>,
    /// The parent's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_org_unit_path: Option<String>,
    /// Deprecated; without effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_inheritance: Option<bool>,
    /// The resource's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The resource's entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl OrgUnit {
    /// Lays a change over the organizational unit: absent keys stay, `null` clears, arrays are replaced whole.
    pub fn merge(&mut self, change: Map<String, Value>) -> Result<(), MergeError> {
        *self = merge::merge_typed(self, change, fields::ORG_UNIT)?;
        Ok(())
    }
}

impl Listed for OrgUnit {
    const KEY: &'static str = "organizationUnits";
    const KIND: &'static str = "admin#directory#orgUnits";
}

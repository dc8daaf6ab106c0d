//! Custom schemas of users (`Schema` in the discovery document).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::directory::fields;
use crate::directory::list::Listed;
use crate::directory::merge::{self, MergeError};

/// A custom schema.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Schema {
    /// Never changes; read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_id: Option<String>,
    /// The key in a user's `customSchemas`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_name: Option<String>,
    /// What people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<SchemaField>,
    /// The resource's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The resource's entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// A field of a custom schema (`SchemaFieldSpec`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SchemaField {
    /// Never changes; read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_id: Option<String>,
    /// The key in the schema's object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_name: Option<String>,
    /// What people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// `STRING`, `INT64`, `BOOL`, `DOUBLE`, `EMAIL`, `PHONE` or `DATE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_type: Option<String>,
    /// Whether it has many values; no, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multi_valued: Option<bool>,
    /// Whether users can be searched by it; yes, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indexed: Option<bool>,
    /// Who may see it: `ALL_DOMAIN_USERS` or `ADMINS_AND_SELF`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_access_type: Option<String>,
    /// For which numbers a search is prepared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numeric_indexing_spec: Option<Value>,
    /// The resource's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The resource's entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl Schema {
    /// Lays a change over the schema: absent keys stay, `null` clears, arrays are replaced whole.
    pub fn merge(&mut self, change: Map<String, Value>) -> Result<(), MergeError> {
        *self = merge::merge_typed(self, change, fields::SCHEMA)?;
        Ok(())
    }
}

impl Listed for Schema {
    const KEY: &'static str = "schemas";
    const KIND: &'static str = "admin#directory#schemas";
}

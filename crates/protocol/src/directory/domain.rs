//! Domains and their aliases (`Domains` and `DomainAlias` in the discovery
//! document). An alias is not a domain: nobody's primary address is in it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::directory::list::Listed;
use crate::directory::merge::{self, MergeError};
use crate::directory::{fields, int64};

/// A domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Domain {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// Whether it is the account's primary domain; read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
    /// Whether its ownership was shown; read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// When it was added, in milliseconds since 1970; read-only.
    #[serde(with = "int64", skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<u64>,
    /// Its aliases; read-only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domain_aliases: Vec<DomainAlias>,
    /// The resource's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The resource's entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// A second name of a domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DomainAlias {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_alias_name: Option<String>,
    /// The domain that it stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_domain_name: Option<String>,
    /// Whether its ownership was shown; read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// When it was added, in milliseconds since 1970; read-only.
    #[serde(with = "int64", skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<u64>,
    /// The resource's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The resource's entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl Domain {
    /// Lays a change over the domain: absent keys stay, `null` clears, arrays are replaced whole.
    pub fn merge(&mut self, change: Map<String, Value>) -> Result<(), MergeError> {
        *self = merge::merge_typed(self, change, fields::DOMAIN)?;
        Ok(())
    }
}

impl Listed for Domain {
    const KEY: &'static str = "domains";
    const KIND: &'static str = "admin#directory#domains";
}

//! The schemas of RFC 7643 §8.7.1 for users, groups and the enterprise
//! extension, as data: `core_schemas.json` beside this file.
//!
//! `id`, `externalId` and `meta` belong to every resource and to no schema
//! (RFC 7643 §3.1), so they are not among the attributes.

use serde_json::Value;

use crate::scim::discovery::schema::Schema;
use crate::scim::{ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA};

const JSON: &str = include_str!("core_schemas.json");

/// The schema of users.
pub fn user() -> Schema {
    find(USER_SCHEMA)
}

/// The schema of groups.
pub fn group() -> Schema {
    find(GROUP_SCHEMA)
}

/// The schema of the enterprise extension of users.
pub fn enterprise_user() -> Schema {
    find(ENTERPRISE_USER_SCHEMA)
}

fn find(id: &str) -> Schema {
    let schemas: Vec<Value> = serde_json::from_str(JSON).expect("invariant: core_schemas.json is a list");
    schemas
        .iter()
        .map(|schema| Schema::read(schema).expect("invariant: core_schemas.json holds schemas"))
        .find(|schema| schema.id == id)
        .expect("invariant: core_schemas.json holds the three schemas")
}

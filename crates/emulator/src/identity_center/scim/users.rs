//! The operations on users, one file each.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod patch;
pub(crate) mod put;

use serde_json::{Map, Value};

use crate::identity_center::scim::refusal::{NOT_JSON, Refusal};

/// The object that a body holds.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            Err(Refusal::unparsable())
        }
        Err(_) => Err(Refusal::bad_request(NOT_JSON)),
    }
}

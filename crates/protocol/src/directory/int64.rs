//! Numbers that Google writes as strings (JSON has no int64). Both are read.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;

/// Writes the number as a string.
#[expect(clippy::ref_option, reason = "serde's `with` passes the field by reference")]
pub(super) fn serialize<S: Serializer>(number: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => serializer.collect_str(number),
        None => serializer.serialize_none(),
    }
}

/// Reads a number, or a string that spells one.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Number(number) => {
            number.as_u64().map(Some).ok_or_else(|| D::Error::custom("a count is negative or broken"))
        }
        Value::String(text) => {
            text.parse().map(Some).map_err(|_| D::Error::custom(format!("{text:?} is not a count")))
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(D::Error::custom("a count is neither a number nor a string"))
        }
    }
}

//! Lays a change over a resource, as `users.update` does and an import should.
//!
//! Absent keys stay, `null` clears, arrays are replaced whole, objects are
//! merged key by key. A key that the discovery document does not know, or a
//! value of the wrong shape, refuses the whole change. Passwords and their
//! hashes are dropped before anything else sees them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::directory::fields::{Field, Shape};
use crate::directory::time;

/// Why a change cannot be laid over a resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// The discovery document has no such key.
    #[error("the Directory API has no key {key:?} here; correct or remove it")]
    UnknownKey {
        /// The key, with those that it stands under: `name.givenname`.
        key: String,
    },
    /// The value has the wrong shape.
    #[error("the value of {key:?} is not {expected}")]
    WrongShape {
        /// The key, with those that it stands under.
        key: String,
        /// What it has to be, with its article.
        expected: &'static str,
    },
}

/// Lays `change` over `resource`. After an error the resource is as it was.
pub fn merge(
    resource: &mut Map<String, Value>,
    change: Map<String, Value>,
    fields: &[Field],
) -> Result<(), MergeError> {
    check(&change, fields, "")?;
    lay_over(resource, change, fields);
    Ok(())
}

/// The same for a resource that is a structure.
pub(super) fn merge_typed<T: Serialize + DeserializeOwned>(
    resource: &T,
    change: Map<String, Value>,
    fields: &[Field],
) -> Result<T, MergeError> {
    let Ok(Value::Object(mut merged)) = serde_json::to_value(resource) else {
        unreachable!("invariant: a resource is written as an object");
    };
    merge(&mut merged, change, fields)?;
    serde_json::from_value(merged.into())
        .map_err(|_| MergeError::WrongShape { key: "fields".to_owned(), expected: "in Google's form" })
}

fn check(change: &Map<String, Value>, fields: &[Field], prefix: &str) -> Result<(), MergeError> {
    for (name, value) in change {
        let key = format!("{prefix}{name}");
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            return Err(MergeError::UnknownKey { key });
        };
        if value.is_null() {
            continue;
        }
        if let (Shape::Object(fields), Value::Object(object)) = (field.shape, value) {
            check(object, fields, &format!("{key}."))?;
        }
        if let Some(expected) = mismatch(field.shape, value) {
            return Err(MergeError::WrongShape { key, expected });
        }
    }
    Ok(())
}

/// What was expected, where the value does not have the shape.
fn mismatch(shape: Shape, value: &Value) -> Option<&'static str> {
    let all = |test: fn(&Value) -> bool| value.as_array().is_some_and(|values| values.iter().all(test));
    let (fits, expected) = match shape {
        Shape::Secret => (true, "anything"),
        Shape::Text => (value.is_string(), "a string"),
        Shape::Flag => (value.is_boolean(), "true or false"),
        Shape::Number => {
            (value.is_u64() || value.as_str().is_some_and(|text| text.parse::<u64>().is_ok()), "a number")
        }
        Shape::Time => (time::read(value).is_some(), "a time in RFC 3339 form or in milliseconds"),
        Shape::Texts => (all(Value::is_string), "a list of strings"),
        Shape::Objects => (all(Value::is_object), "a list of objects"),
        Shape::Any => (value.is_object() || all(Value::is_object), "a list of objects"),
        Shape::Object(_) => (value.is_object(), "an object"),
        Shape::CustomSchemas => {
            let schemas = value.as_object();
            let fits =
                schemas.is_some_and(|all| all.values().all(|schema| schema.is_object() || schema.is_null()));
            (fits, "an object of schemas, each an object of fields")
        }
    };
    (!fits).then_some(expected)
}

fn lay_over(resource: &mut Map<String, Value>, change: Map<String, Value>, fields: &[Field]) {
    for (name, value) in change {
        let shape = fields.iter().find(|field| field.name == name).map(|field| field.shape);
        match (shape, value) {
            (Some(Shape::Secret), _) => {}
            (Some(Shape::Object(_) | Shape::CustomSchemas), Value::Object(new)) => {
                let mut merged = object(resource.remove(&name));
                merge_objects(&mut merged, new);
                if !merged.is_empty() {
                    resource.insert(name, merged.into());
                }
            }
            (_, Value::Null) => {
                resource.remove(&name);
            }
            (_, value) => {
                resource.insert(name, value);
            }
        }
    }
}

/// JSON Merge Patch (RFC 7396), save that an object left empty goes away.
fn merge_objects(old: &mut Map<String, Value>, new: Map<String, Value>) {
    for (name, value) in new {
        match value {
            Value::Null => {
                old.remove(&name);
            }
            Value::Object(new) => {
                let mut merged = object(old.remove(&name));
                merge_objects(&mut merged, new);
                if !merged.is_empty() {
                    old.insert(name, merged.into());
                }
            }
            value @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                old.insert(name, value);
            }
        }
    }
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(object)) => object,
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | None => {
            Map::new()
        }
    }
}

//! Tolerant reading of the members of a JSON object.
//!
//! Servers write numbers as strings, booleans as `"True"`, and names in other
//! case. These functions say what was meant, or nothing; they never guess
//! between two readings.

use serde_json::{Map, Value};

/// The member whose name equals `name`, in that case or, failing that, in any.
/// (RFC 7643 §2.1: attribute names are case-insensitive.)
pub(crate) fn find<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// The member's name as this object spells it.
pub(crate) fn spelling(object: &Map<String, Value>, name: &str) -> Option<String> {
    if object.contains_key(name) {
        return Some(name.to_owned());
    }
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

/// A string member; anything else counts as absent.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    find(object, name)?.as_str()
}

/// A boolean member, also where it is written as a string.
pub(crate) fn flag(object: &Map<String, Value>, name: &str) -> Option<bool> {
    as_flag(find(object, name)?)
}

/// `true`, `false`, or a string that spells one of them in any case.
pub(crate) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::String(_) | Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A count, also where it is written as a string.
pub(crate) fn count(object: &Map<String, Value>, name: &str) -> Option<u64> {
    match find(object, name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An object member.
pub(crate) fn object<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    find(object, name)?.as_object()
}

/// The objects of an array member. Other elements are passed over.
pub(crate) fn objects<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
    elements(object, name).filter_map(Value::as_object)
}

/// The strings of an array member; a bare string counts as an array of one.
pub(crate) fn texts<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a str> + use<'a> {
    elements(object, name).filter_map(Value::as_str)
}

fn elements<'a>(object: &'a Map<String, Value>, name: &str) -> std::slice::Iter<'a, Value> {
    match find(object, name) {
        Some(Value::Array(values)) => values.iter(),
        Some(value @ (Value::String(_) | Value::Object(_))) => std::slice::from_ref(value).iter(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_)) | None => [].iter(),
    }
}

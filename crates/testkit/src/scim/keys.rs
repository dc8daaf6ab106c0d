//! Attribute names, which are compared without regard to case (RFC 7643 §2.1).

use serde_json::{Map, Value};

/// The value of an attribute; null counts as absent (RFC 7643 §2.5).
pub(super) fn get<'a>(of: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    of.iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// The value of an attribute, if it is a string.
pub(super) fn text<'a>(of: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    get(of, name)?.as_str()
}

/// Sets an attribute, under the name it has already.
pub(super) fn set(of: &mut Map<String, Value>, name: &str, value: Value) {
    *slot(of, name) = value;
}

/// The place of an attribute, under the name it has already; null where there was none.
pub(super) fn slot<'a>(of: &'a mut Map<String, Value>, name: &str) -> &'a mut Value {
    let key =
        of.keys().find(|key| key.eq_ignore_ascii_case(name)).map_or_else(|| name.to_owned(), Clone::clone);
    of.entry(key).or_insert(Value::Null)
}

pub(super) fn remove(of: &mut Map<String, Value>, name: &str) {
    of.retain(|key, _| !key.eq_ignore_ascii_case(name));
}

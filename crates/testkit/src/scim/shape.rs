//! What a resource must look like, and what becomes of it when it is stored.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::answer::Refused;
use super::behaviour::Behaviour;
use super::keys;
use super::members;
use super::resources::{Kind, Number};
use super::rule::Mood;

/// The resource of a body, without what only the app may set.
pub(super) fn checked(kind: Kind, body: &Value) -> Result<Map<String, Value>, Refused> {
    let body =
        body.as_object().ok_or_else(|| Refused::new(400, "invalidSyntax", "the body is not an object"))?;
    let schemas = keys::get(body, "schemas").and_then(Value::as_array);
    if !schemas.is_some_and(|schemas| schemas.iter().any(|schema| schema == kind.schema())) {
        return Err(Refused::invalid_value(format!("schemas lacks {}", kind.schema())));
    }
    let required = match kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    };
    if keys::text(body, required).is_none_or(str::is_empty) {
        return Err(Refused::invalid_value(format!("{required} is required")));
    }
    if kind == Kind::Group
        && let Some(sent) = keys::get(body, "members")
    {
        members::named(sent)?;
        if !sent.is_array() {
            return Err(Refused::invalid_value("members is not a list"));
        }
    }
    let mut value = body.clone();
    keys::remove(&mut value, "id");
    keys::remove(&mut value, "meta");
    value.retain(|_, value| !value.is_null());
    Ok(value)
}

/// The value as the app keeps it. Without `before`, it is new.
pub(super) fn as_stored(
    mut value: Map<String, Value>,
    before: Option<&Map<String, Value>>,
    mood: &Mood,
) -> Map<String, Value> {
    if mood.shows(&Behaviour::ActiveIgnored) {
        let active = before.and_then(|before| keys::get(before, "active")).cloned();
        keys::set(&mut value, "active", active.unwrap_or(Value::Bool(true)));
    }
    if mood.shows(&Behaviour::ExternalIdNotStored) {
        keys::remove(&mut value, "externalId");
    }
    if mood.shows(&Behaviour::UserNameLowerCased) {
        rewrite(&mut value, "userName", str::to_lowercase);
    }
    if mood.shows(&Behaviour::UserNameUpperCased) {
        rewrite(&mut value, "userName", str::to_uppercase);
    }
    if mood.shows(&Behaviour::DisplayNameTrimmed) {
        rewrite(&mut value, "displayName", |name| name.trim().to_owned());
    }
    value
}

fn rewrite(value: &mut Map<String, Value>, name: &str, into: impl FnOnce(&str) -> String) {
    if let Some(rewritten) = keys::text(value, name).map(into) {
        keys::set(value, name, rewritten.into());
    }
}

/// The id of a new resource.
pub(super) fn new_id(kind: Kind, value: &Map<String, Value>, number: Number, mood: &Mood) -> String {
    let name = kind.name().to_lowercase();
    match keys::text(value, "userName") {
        Some(address) if mood.shows(&Behaviour::EmailIds) => address.to_owned(),
        _ if mood.shows(&Behaviour::SlashIds) => format!("{name}s/{number}/a b?c#d%25"),
        _ => format!("{name}-{number}"),
    }
}

/// Encodes everything but RFC 3986's unreserved characters.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("invariant: writing to a String does not fail");
        }
    }
    encoded
}

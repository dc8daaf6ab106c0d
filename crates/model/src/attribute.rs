//! What an app should hold about a person, attribute by attribute.
//!
//! [`Attributes`] maps [`AttributePath`]s to JSON values. It is what a mapping yields for one user, what was sent to
//! an app last, and what the app answered; `changes` compares the three, `resource` goes to and from SCIM JSON.
//!
//! # Invariants
//!
//! 1. Nothing empty is ever inside: no null, no empty string, list or object, at any depth. To insert one is to leave
//!    the attribute out, so *empty* and *absent* cannot be told apart and are never written for.
//! 2. Paths are compared as SCIM compares names, without case.
//!
//! Not here: where values come from (`mapping`), what an app accepts (`template`), the `active` attribute, which is
//! decided and not mapped, and the wire's `schemas`.

pub mod changes;
pub mod drift;
pub mod fold;
pub mod path;
mod resource;

use std::collections::BTreeMap;
use std::collections::btree_map::{IntoIter, Iter};
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use self::path::AttributePath;

/// The attributes of one account, by path. Cheap to clone: clones share what is inside until one of them is changed.
///
/// Serializes as one flat JSON object, `{"name.givenName": "Ada", "userName": "ada@example.com"}`; the nested SCIM
/// form is [`Attributes::to_resource`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<AttributePath, Value>")]
pub struct Attributes(Arc<BTreeMap<AttributePath, Value>>);

impl Attributes {
    /// No attributes at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value at `path`; never an empty one.
    pub fn get(&self, path: &AttributePath) -> Option<&Value> {
        self.0.get(path)
    }

    /// Sets `path` to `value`, without whatever is empty inside it. An empty value leaves the attribute out: an
    /// earlier value is dropped.
    pub fn insert(&mut self, path: AttributePath, value: Value) {
        let attributes = Arc::make_mut(&mut self.0);
        match without_empties(value) {
            Some(value) => attributes.insert(path, value),
            None => attributes.remove(&path),
        };
    }

    /// Takes the value at `path` out.
    pub fn remove(&mut self, path: &AttributePath) -> Option<Value> {
        Arc::make_mut(&mut self.0).remove(path)
    }

    /// Keeps only the attributes whose path `keep` accepts.
    pub fn retain(&mut self, keep: impl Fn(&AttributePath) -> bool) {
        // Mostly everything stays, and then what is inside stays shared.
        if !self.0.keys().all(&keep) {
            Arc::make_mut(&mut self.0).retain(|path, _| keep(path));
        }
    }

    /// Paths and values, in path order.
    pub fn iter(&self) -> Iter<'_, AttributePath, Value> {
        self.0.iter()
    }

    /// The paths alone, in order.
    pub fn paths(&self) -> impl Iterator<Item = &AttributePath> {
        self.0.keys()
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The `userName`, where it is set.
    pub fn user_name(&self) -> Option<&str> {
        self.text("userName")
    }

    /// The `externalId`, where it is set.
    pub fn external_id(&self) -> Option<&str> {
        self.text("externalId")
    }

    /// A core attribute that is a text, found by name without parsing a path first.
    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(path, _)| path.is(name)).and_then(|(_, value)| value.as_str())
    }
}

impl From<BTreeMap<AttributePath, Value>> for Attributes {
    fn from(map: BTreeMap<AttributePath, Value>) -> Self {
        if map.values().any(has_empties) { map.into_iter().collect() } else { Self(Arc::new(map)) }
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

impl FromIterator<(AttributePath, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (AttributePath, Value)>>(pairs: I) -> Self {
        let mut attributes = Self::new();
        for (path, value) in pairs {
            attributes.insert(path, value);
        }
        attributes
    }
}

impl IntoIterator for Attributes {
    type Item = (AttributePath, Value);
    type IntoIter = IntoIter<AttributePath, Value>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a Attributes {
    type Item = (&'a AttributePath, &'a Value);
    type IntoIter = Iter<'a, AttributePath, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Whether anything empty is in a value, or it is empty itself.
fn has_empties(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty() || items.iter().any(has_empties),
        Value::Object(fields) => fields.is_empty() || fields.values().any(has_empties),
    }
}

/// The value without its empty parts, or nothing where nothing is left.
fn without_empties(value: Value) -> Option<Value> {
    if !has_empties(&value) {
        return Some(value);
    }
    match value {
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) => Some(value),
        Value::String(text) => (!text.is_empty()).then_some(Value::String(text)),
        Value::Array(items) => {
            let items: Vec<_> = items.into_iter().filter_map(without_empties).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(fields) => {
            let fields: serde_json::Map<_, _> = fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, without_empties(value)?)))
                .collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
    }
}

#[cfg(test)]
mod tests;

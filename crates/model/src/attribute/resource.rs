//! Attributes to SCIM JSON and back.
//!
//! A resource nests what a path spells flat: sub-attributes as objects, typed entries as elements of a list,
//! extensions under their URN (RFC 7643 §3.3).

use serde_json::{Map, Value};

use super::Attributes;
use super::path::{AttributePath, same_type};

impl Attributes {
    /// The SCIM resource these attributes make, without `schemas`, `id` and `active`.
    ///
    /// Typed entries become one list element per attribute and type, with its `type` set.
    pub fn to_resource(&self) -> Map<String, Value> {
        let mut resource = Map::new();
        for (path, value) in self {
            let owner = match path.urn() {
                Some(urn) => object_in(field_mut(&mut resource, urn)),
                None => &mut resource,
            };
            let attribute = field_mut(owner, path.attribute());
            let place = match (path.entry_type(), path.sub()) {
                (Some(entry_type), Some(sub)) => field_mut(entry_in(attribute, entry_type), sub),
                (None, Some(sub)) => field_mut(object_in(attribute), sub),
                (Some(_) | None, None) => attribute,
            };
            *place = value.clone();
        }
        resource
    }

    /// What an app's resource says about these paths, as it says it; paths it does not mention are left out.
    ///
    /// Names are found without regard to case. Spellings such as `"True"` for a boolean stay as they are: `changes`
    /// knows what was wanted and compares accordingly.
    pub fn project<'a>(
        paths: impl IntoIterator<Item = &'a AttributePath>,
        resource: &Map<String, Value>,
    ) -> Self {
        paths.into_iter().filter_map(|path| Some((path.clone(), at(path, resource)?.clone()))).collect()
    }
}

/// Looks one path up.
fn at<'r>(path: &AttributePath, resource: &'r Map<String, Value>) -> Option<&'r Value> {
    let owner = match path.urn() {
        Some(urn) => field(resource, urn)?.as_object()?,
        None => resource,
    };
    let attribute = field(owner, path.attribute())?;
    match (path.entry_type(), path.sub()) {
        (Some(entry_type), Some(sub)) => field(entry(attribute, entry_type)?, sub),
        (None, Some(sub)) => field(attribute.as_object()?, sub),
        (Some(_) | None, None) => Some(attribute),
    }
}

/// The first entry of a list that has this type.
fn entry<'r>(list: &'r Value, entry_type: &str) -> Option<&'r Map<String, Value>> {
    list.as_array()?.iter().filter_map(Value::as_object).find(|fields| has_type(fields, entry_type))
}

fn has_type(fields: &Map<String, Value>, entry_type: &str) -> bool {
    field(fields, "type").and_then(Value::as_str).is_some_and(|given| same_type(given, entry_type))
}

/// A field by its name, exactly spelled if possible, else without regard to case.
fn field<'r>(fields: &'r Map<String, Value>, name: &str) -> Option<&'r Value> {
    fields
        .get(name)
        .or_else(|| fields.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// A field to write to, created as null where it is not there.
fn field_mut<'r>(fields: &'r mut Map<String, Value>, name: &str) -> &'r mut Value {
    let name =
        fields.keys().find(|given| given.eq_ignore_ascii_case(name)).map_or(name, |given| given).to_owned();
    fields.entry(name).or_insert(Value::Null)
}

/// The object at `place`, made there if it is something else.
fn object_in(place: &mut Value) -> &mut Map<String, Value> {
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    place.as_object_mut().expect("invariant: an object was just put there")
}

/// The list entry of this type at `place`, added with its type if there is none.
fn entry_in<'r>(place: &'r mut Value, entry_type: &str) -> &'r mut Map<String, Value> {
    if !place.is_array() {
        *place = Value::Array(Vec::new());
    }
    let list = place.as_array_mut().expect("invariant: a list was just put there");
    let known = list.iter().position(|item| item.as_object().is_some_and(|item| has_type(item, entry_type)));
    let position = known.unwrap_or_else(|| {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), Value::from(entry_type));
        list.push(Value::Object(fields));
        list.len() - 1
    });
    list[position].as_object_mut().expect("invariant: entries found or added are objects")
}

#[cfg(test)]
mod tests;

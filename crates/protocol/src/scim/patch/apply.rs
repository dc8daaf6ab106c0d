//! Applies a PATCH to a resource (RFC 7644 §3.5.2.1 to §3.5.2.3).
//!
//! # Invariants
//!
//! 1. All or nothing: after an error the resource is as it was.
//! 2. Of the values of one attribute at most one is primary: the one set last.
//! 3. Adding what is there already changes nothing.
//! 4. An attribute without values is absent: no empty array or object is left.
//!
//! Which values a filter chooses, and what happens to them, is in the module `values`.

use serde_json::{Map, Value};

use crate::json;
use crate::scim::attribute::AttributePath;
use crate::scim::characteristics;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::patch::{PatchOp, PatchOperation, PatchRequest};
use crate::scim::path::PatchPath;

mod extension;
mod values;

/// Where servers differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatchOptions {
    /// Take `"True"` and `"False"` for booleans, as Entra and AWS's own examples write them.
    pub booleans_as_strings: bool,
    /// Let `add` at `emails[type eq "work"].value` create the value where no
    /// value is of that type, as Entra expects. Otherwise that is `noTarget`.
    pub add_creates_chosen_value: bool,
}

impl PatchRequest {
    /// Does all operations in order, or none of them.
    pub fn apply(&self, resource: &mut Map<String, Value>, options: PatchOptions) -> Result<(), ScimError> {
        let mut changed = resource.clone();
        for operation in &self.operations {
            apply(operation, &mut changed, options)?;
        }
        *resource = changed;
        Ok(())
    }
}

fn apply(
    operation: &PatchOperation,
    resource: &mut Map<String, Value>,
    options: PatchOptions,
) -> Result<(), ScimError> {
    let PatchOperation { op, path, value } = operation;
    let needed = || value.clone().ok_or_else(|| invalid_value(format!("\"{}\" needs a value", op.as_str())));
    match (op, path) {
        (PatchOp::Remove, None) => Err(ScimError::bad_request(ScimType::NoTarget, "\"remove\" needs a path")),
        (PatchOp::Remove, Some(path)) => change(resource, path, Change::Remove(value.clone()), options),
        (PatchOp::Add, Some(path)) => set(resource, path, Setting::Add, needed()?, options),
        (PatchOp::Replace, Some(path)) => set(resource, path, Setting::Replace, needed()?, options),
        (PatchOp::Add, None) => set_named(resource, Setting::Add, needed()?, options),
        (PatchOp::Replace, None) => set_named(resource, Setting::Replace, needed()?, options),
    }
}

/// The two operations that have a value.
#[derive(Clone, Copy, Debug)]
enum Setting {
    Add,
    Replace,
}

/// What is to be done at a path.
#[derive(Clone, Debug)]
enum Change {
    Add(Value),
    Replace(Value),
    /// All of it, or the values of this list.
    Remove(Option<Value>),
}

/// `null` is no value (RFC 7643 §2.5), and neither is an empty list or object:
/// adding it does nothing. Replacing something with `null` takes it away.
fn set(
    resource: &mut Map<String, Value>,
    path: &PatchPath,
    setting: Setting,
    value: Value,
    options: PatchOptions,
) -> Result<(), ScimError> {
    match setting {
        Setting::Add if !is_assigned(&value) => Ok(()),
        Setting::Add => change(resource, path, Change::Add(value), options),
        Setting::Replace if value.is_null() => change(resource, path, Change::Remove(None), options),
        Setting::Replace => change(resource, path, Change::Replace(value), options),
    }
}

/// The attributes that the value of an operation without a path names.
fn set_named(
    resource: &mut Map<String, Value>,
    setting: Setting,
    value: Value,
    options: PatchOptions,
) -> Result<(), ScimError> {
    let Value::Object(attributes) = value else {
        return Err(invalid_value("without a path, the value has to be an object of attributes"));
    };
    for (name, value) in attributes {
        let path = PatchPath::parse(&name)
            .map_err(|error| invalid_path(format!("the attribute {name:?} is wrong: {error}")))?;
        set(resource, &path, setting, value, options)?;
    }
    Ok(())
}

fn change(
    resource: &mut Map<String, Value>,
    path: &PatchPath,
    change: Change,
    options: PatchOptions,
) -> Result<(), ScimError> {
    let attribute = path.attribute();
    if let PatchPath::Attribute(whole) = path
        && let Some(urn) = whole.as_schema().filter(|urn| extension::is_extension_of(resource, urn))
    {
        return extension::change_whole(resource, &urn, change, options);
    }
    refuse_read_only(resource, attribute, &change)?;
    let Some(urn) = attribute.extension() else {
        return change_in(resource, path, change, options);
    };
    let key = json::spelling(resource, urn).unwrap_or_else(|| urn.to_owned());
    let mut attributes = match resource.remove(&key) {
        Some(Value::Object(attributes)) => attributes,
        Some(_) | None => Map::new(),
    };
    change_in(&mut attributes, path, change, options)?;
    extension::keep(resource, key, attributes);
    Ok(())
}

/// `id` and `meta` are the server's. A client that sends back what it read is let pass.
fn refuse_read_only(
    resource: &Map<String, Value>,
    attribute: &AttributePath,
    change: &Change,
) -> Result<(), ScimError> {
    if attribute.extension().is_some() || !characteristics::read_only(attribute.name()) {
        return Ok(());
    }
    match change {
        Change::Add(value) | Change::Replace(value)
            if json::find(resource, attribute.name()) == Some(value) =>
        {
            Ok(())
        }
        Change::Add(_) | Change::Replace(_) | Change::Remove(_) => {
            Err(ScimError::bad_request(ScimType::Mutability, format!("{:?} is read-only", attribute.name())))
        }
    }
}

/// The change, in the object that holds the attribute.
fn change_in(
    container: &mut Map<String, Value>,
    path: &PatchPath,
    change: Change,
    options: PatchOptions,
) -> Result<(), ScimError> {
    let name = path.attribute().name();
    let key = json::spelling(container, name).unwrap_or_else(|| name.to_owned());
    let before = container.remove(&key);
    let after = match path {
        PatchPath::Attribute(attribute) => match attribute.sub_attribute() {
            None => change_attribute(name, before, change, options)?,
            Some(sub) => change_sub_attribute(name, sub, before, &change, options)?,
        },
        PatchPath::Values { attribute, .. } if attribute.sub_attribute().is_some() => {
            return Err(invalid_path(format!(
                "a filter stands behind {attribute}, which has no values of its own"
            )));
        }
        PatchPath::Values { filter, sub_attribute, .. } => {
            values::change_chosen(name, filter, sub_attribute.as_deref(), before, change, options)?
        }
    };
    if let Some(after) = after.filter(is_assigned) {
        container.insert(key, after);
    }
    Ok(())
}

fn change_attribute(
    name: &str,
    before: Option<Value>,
    change: Change,
    options: PatchOptions,
) -> Result<Option<Value>, ScimError> {
    if characteristics::multi_valued(name) || matches!(before, Some(Value::Array(_))) {
        return values::change_all(name, before, change, options).map(Some);
    }
    if matches!(change, Change::Add(Value::Array(_)) | Change::Replace(Value::Array(_))) {
        // A list that nobody knew of: it takes the place of what is there.
        return values::change_all(name, None, change, options).map(Some);
    }
    match (change, before) {
        (Change::Remove(_), _) => Ok(None),
        // Sub-attributes that are not named stay, for `replace` as well (RFC 7644 §3.5.2.3).
        (Change::Add(Value::Object(new)) | Change::Replace(Value::Object(new)), Some(Value::Object(old))) => {
            Ok(Some(merge(name, old, new, options)?.into()))
        }
        (Change::Add(Value::Object(new)) | Change::Replace(Value::Object(new)), _) => {
            Ok(Some(merge(name, Map::new(), new, options)?.into()))
        }
        (Change::Add(value) | Change::Replace(value), _) => Ok(Some(normalize(None, name, value, options)?)),
    }
}

fn change_sub_attribute(
    name: &str,
    sub: &str,
    before: Option<Value>,
    change: &Change,
    options: PatchOptions,
) -> Result<Option<Value>, ScimError> {
    match before {
        Some(Value::Array(values)) => {
            values::change_sub_attribute_of_all(name, sub, values, change, options).map(Some)
        }
        Some(Value::Object(mut object)) => {
            set_sub_attribute(name, &mut object, sub, change, options)?;
            Ok(Some(object.into()))
        }
        _ if characteristics::multi_valued(name) => match change {
            Change::Remove(_) => Ok(None),
            Change::Add(_) | Change::Replace(_) => Err(no_target(format!("{name:?} has no values"))),
        },
        _ => {
            let mut object = Map::new();
            set_sub_attribute(name, &mut object, sub, change, options)?;
            Ok(Some(object.into()))
        }
    }
}

fn set_sub_attribute(
    name: &str,
    object: &mut Map<String, Value>,
    sub: &str,
    change: &Change,
    options: PatchOptions,
) -> Result<(), ScimError> {
    let key = json::spelling(object, sub).unwrap_or_else(|| sub.to_owned());
    match change {
        Change::Add(value) | Change::Replace(value) if is_assigned(value) => {
            object.insert(key, normalize(Some(name), sub, value.clone(), options)?)
        }
        Change::Remove(_) | Change::Add(_) | Change::Replace(_) => object.remove(&key),
    };
    Ok(())
}

/// Sub-attributes of `new` over those of `old`; `null`, or what is empty, takes one away.
fn merge(
    name: &str,
    mut old: Map<String, Value>,
    new: Map<String, Value>,
    options: PatchOptions,
) -> Result<Map<String, Value>, ScimError> {
    for (sub, value) in new {
        set_sub_attribute(name, &mut old, &sub, &Change::Replace(value), options)?;
    }
    Ok(old)
}

/// Booleans in strings, where that is wished; a boolean that is none is refused.
fn normalize(
    parent: Option<&str>,
    name: &str,
    value: Value,
    options: PatchOptions,
) -> Result<Value, ScimError> {
    if !characteristics::boolean(parent, name) || value.is_boolean() {
        return Ok(value);
    }
    match json::as_flag(&value) {
        Some(flag) if options.booleans_as_strings => Ok(flag.into()),
        Some(_) | None => Err(invalid_value(format!("{name:?} is not true or false"))),
    }
}

/// RFC 7643 §2.5: null and the empty array are no value; an object without any has none either.
fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn invalid_value(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

fn invalid_path(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidPath, detail)
}

fn no_target(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::NoTarget, detail)
}

#[cfg(test)]
mod tests;

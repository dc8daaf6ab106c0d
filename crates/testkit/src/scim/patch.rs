//! PATCH (RFC 7644 §3.5.2), as far as this app knows it.
//!
//! Paths are `attribute`, `attribute.sub`, `attribute[sub eq "value"]` and `attribute[sub eq "value"].sub`, each with
//! or without a schema's URN before it. All operations are done or none.

use serde_json::{Map, Value};

use super::answer::Refused;
use super::keys;
use path::Path;

mod path;

const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// The resource as the PATCH leaves it.
pub(super) fn patched(resource: &Map<String, Value>, patch: &Value) -> Result<Map<String, Value>, Refused> {
    let has_schema =
        patch["schemas"].as_array().is_some_and(|schemas| schemas.iter().any(|schema| schema == SCHEMA));
    let operations = patch["Operations"].as_array().filter(|operations| !operations.is_empty() && has_schema);
    let operations = operations.ok_or_else(|| {
        Refused::new(
            400,
            "invalidSyntax",
            format!("a PATCH has the schema {SCHEMA} and a list of Operations"),
        )
    })?;
    let mut patched = resource.clone();
    for operation in operations {
        apply(&mut patched, operation)?;
    }
    patched.retain(|_, value| !is_nothing(value));
    Ok(patched)
}

fn apply(resource: &mut Map<String, Value>, operation: &Value) -> Result<(), Refused> {
    let op = match operation["op"].as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("add") => Op::Add,
        Some("replace") => Op::Replace,
        Some("remove") => Op::Remove,
        _ => return Err(Refused::new(400, "invalidSyntax", "an operation is add, replace or remove")),
    };
    let value = &operation["value"];
    if op != Op::Remove && operation.get("value").is_none() {
        return Err(Refused::invalid_value("this operation has no value"));
    }
    match (operation["path"].as_str(), op) {
        (Some(path), _) => at_path(resource, &Path::parse(path)?, op, value),
        (None, Op::Remove) => Err(Refused::new(400, "noTarget", "a remove has a path")),
        (None, Op::Add | Op::Replace) => at_root(resource, op, value),
    }
}

/// An operation without a path: each member of its value is an attribute, or an extension's object.
fn at_root(resource: &mut Map<String, Value>, op: Op, value: &Value) -> Result<(), Refused> {
    let value =
        value.as_object().ok_or_else(|| Refused::invalid_value("without a path, the value is an object"))?;
    for (name, value) in value {
        let path = if name.starts_with("urn:") { Path::extension(name) } else { Path::parse(name)? };
        at_path(resource, &path, op, value)?;
    }
    Ok(())
}

fn at_path(resource: &mut Map<String, Value>, path: &Path, op: Op, value: &Value) -> Result<(), Refused> {
    if ["id", "meta", "schemas"].iter().any(|name| path.attribute.eq_ignore_ascii_case(name)) {
        return Err(Refused::new(400, "mutability", format!("{} cannot be changed", path.attribute)));
    }
    let holder = match &path.extension {
        Some(urn) => object(keys::slot(resource, urn))?,
        None => resource,
    };
    let attribute = keys::slot(holder, &path.attribute);
    if let Some((name, wanted)) = &path.selection {
        return at_selected(attribute, name, wanted, path.sub.as_deref(), op, value);
    }
    match &path.sub {
        None => change(attribute, op, value),
        Some(sub) => change(keys::slot(object(attribute)?, sub), op, value),
    }
    Ok(())
}

/// The values of a multi-valued attribute of which `name` equals `wanted`.
fn at_selected(
    attribute: &mut Value,
    name: &str,
    wanted: &Value,
    sub: Option<&str>,
    op: Op,
    value: &Value,
) -> Result<(), Refused> {
    let no_target = || Refused::new(400, "noTarget", format!("no value has the {name} {wanted}"));
    let is_wanted =
        |one: &Value| one.as_object().and_then(|one| keys::get(one, name)).is_some_and(|it| it == wanted);
    let values = attribute.as_array_mut().ok_or_else(no_target)?;
    if !values.iter().any(is_wanted) {
        return if op == Op::Remove { Ok(()) } else { Err(no_target()) };
    }
    if op == Op::Remove && sub.is_none() {
        values.retain(|one| !is_wanted(one));
        return Ok(());
    }
    for one in values.iter_mut().filter(|one| is_wanted(one)) {
        match sub {
            Some(sub) => change(keys::slot(object(one)?, sub), op, value),
            None => change(one, op, value),
        }
    }
    Ok(())
}

fn change(attribute: &mut Value, op: Op, value: &Value) {
    match (op, &mut *attribute) {
        (Op::Remove, Value::Array(values)) if !value.is_null() => {
            values.retain(|one| !listed(value).iter().any(|gone| is_same_member(one, gone)));
        }
        (Op::Remove, _) => *attribute = Value::Null,
        (Op::Add, Value::Array(values)) => {
            for new in listed(value) {
                if !values.iter().any(|one| is_same_member(one, new)) {
                    values.push(new.clone());
                }
            }
        }
        (Op::Add | Op::Replace, Value::Object(object)) if value.is_object() => {
            for (name, value) in value.as_object().into_iter().flatten() {
                keys::set(object, name, value.clone());
            }
            object.retain(|_, value| !is_nothing(value));
        }
        (Op::Add | Op::Replace, _) => *attribute = value.clone(),
    }
}

fn listed(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// Whether two members of a group are one, or two values are equal. A member's `display` and `$ref` do not count.
fn is_same_member(one: &Value, other: &Value) -> bool {
    one == other
        || (!one["value"].is_null() && one["type"] == other["type"] && one["value"] == other["value"])
}

/// The object that is here, made where there was nothing.
fn object(value: &mut Value) -> Result<&mut Map<String, Value>, Refused> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    value
        .as_object_mut()
        .ok_or_else(|| Refused::new(400, "invalidPath", "this attribute has no sub-attributes"))
}

/// Null and what is empty are absent (RFC 7643 §2.5).
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(object) => object.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests;

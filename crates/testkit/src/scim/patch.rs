//! PATCH (RFC 7644 §3.5.2), as far as this app knows it.
//!
//! Paths are `attribute`, `attribute.sub`, `attribute[sub eq "value"]` and `attribute[sub eq "value"].sub`, each with
//! or without a schema's URN before it. All operations are done or none. Not here: what is particular to a group's
//! members.

use serde_json::{Map, Value};

use super::answer::Refused;
use super::keys;
use path::Path;

mod path;

const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Replace,
    Remove,
}

/// One change that a PATCH asks for. An operation without a path is one for each attribute of its value.
#[derive(Debug, PartialEq)]
pub(super) struct Change<'a> {
    pub(super) op: Op,
    path: Path,
    /// Null where there is none.
    pub(super) value: &'a Value,
}

impl Change<'_> {
    /// Whether it is about a group's members.
    pub(super) fn is_of_members(&self) -> bool {
        self.path.extension.is_none() && self.path.attribute.eq_ignore_ascii_case("members")
    }

    /// Whether it is about some values alone, or about a part of each.
    pub(super) fn is_of_a_part(&self) -> bool {
        self.path.selection.is_some() || self.path.sub.is_some()
    }
}

/// The changes that a PATCH asks for, in their order.
pub(super) fn changes(patch: &Value) -> Result<Vec<Change<'_>>, Refused> {
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
    let mut changes = Vec::new();
    for operation in operations {
        read(operation, &mut changes)?;
    }
    Ok(changes)
}

/// The resource as the changes leave it, each of which `apply` makes.
pub(super) fn patched(
    resource: &Map<String, Value>,
    changes: &[Change<'_>],
    apply: impl Fn(&mut Map<String, Value>, &Change<'_>) -> Result<(), Refused>,
) -> Result<Map<String, Value>, Refused> {
    let mut patched = resource.clone();
    for change in changes {
        apply(&mut patched, change)?;
    }
    patched.retain(|_, value| !is_nothing(value));
    Ok(patched)
}

fn read<'a>(operation: &'a Value, into: &mut Vec<Change<'a>>) -> Result<(), Refused> {
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
        (Some(path), _) => into.push(Change { op, path: Path::parse(path)?, value }),
        (None, Op::Remove) => return Err(Refused::new(400, "noTarget", "a remove has a path")),
        (None, Op::Add | Op::Replace) => read_pathless(op, value, into)?,
    }
    Ok(())
}

/// An operation without a path: each member of its value is an attribute, or an extension's object.
fn read_pathless<'a>(op: Op, value: &'a Value, into: &mut Vec<Change<'a>>) -> Result<(), Refused> {
    let value =
        value.as_object().ok_or_else(|| Refused::invalid_value("without a path, the value is an object"))?;
    for (name, value) in value {
        let path = if name.starts_with("urn:") { Path::extension(name) } else { Path::parse(name)? };
        into.push(Change { op, path, value });
    }
    Ok(())
}

/// Does one change, whatever it is about.
pub(super) fn apply(resource: &mut Map<String, Value>, change: &Change<'_>) -> Result<(), Refused> {
    let Change { op, ref path, value } = *change;
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
        None => set(attribute, op, value),
        Some(sub) => set(keys::slot(object(attribute)?, sub), op, value),
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
            Some(sub) => set(keys::slot(object(one)?, sub), op, value),
            None => set(one, op, value),
        }
    }
    Ok(())
}

fn set(attribute: &mut Value, op: Op, value: &Value) {
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

/// A list's values, or what is no list as the only one.
pub(super) fn listed(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// Whether two members of a group are one, or two values are equal. A member's `display` and `$ref` do not count, and
/// its `type` does where both have one.
pub(super) fn is_same_member(one: &Value, other: &Value) -> bool {
    let is_same_type = one["type"] == other["type"] || one["type"].is_null() || other["type"].is_null();
    one == other || (!one["value"].is_null() && is_same_type && one["value"] == other["value"])
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

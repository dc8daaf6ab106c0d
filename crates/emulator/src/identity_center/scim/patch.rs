//! The body of a PATCH, and what it makes of a user.
//!
//! Operations are applied to a draft in their order; the draft is checked as a whole at the end, as a new user is.

use serde_json::{Map, Value};

use crate::identity_center::scim::attribute::Kind;
use crate::identity_center::scim::path::UserPath;
use crate::identity_center::scim::refusal::{NO_PATH, Refusal, SEVERAL_WITHOUT_PATH};
use crate::identity_center::settings::{Settings, Tolerance};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Add,
    Replace,
    Remove,
}

/// One operation. Without a path the one attribute of its value has become the path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) verb: Verb,
    pub(crate) path: String,
    pub(crate) value: Option<Value>,
}

/// The operations of a body.
pub(crate) fn operations(body: &Map<String, Value>) -> Result<Vec<Operation>, Refusal> {
    let list = member(body, "Operations").and_then(Value::as_array).ok_or_else(Refusal::unparsable)?;
    if list.is_empty() {
        return Err(Refusal::unparsable());
    }
    list.iter().map(operation).collect()
}

fn operation(sent: &Value) -> Result<Operation, Refusal> {
    let sent = sent.as_object().ok_or_else(Refusal::unparsable)?;
    let verb = member(sent, "op").and_then(Value::as_str).ok_or_else(Refusal::unparsable)?;
    let verb = match verb.to_ascii_lowercase().as_str() {
        "add" => Verb::Add,
        "replace" => Verb::Replace,
        "remove" => Verb::Remove,
        _ => return Err(Refusal::unparsable()),
    };
    let path = match member(sent, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) => Some(path.trim().to_owned()),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(Refusal::unparsable());
        }
    };
    let value = member(sent, "value").cloned();
    match (verb, path) {
        (Verb::Remove, None) => Err(Refusal::bad_request(NO_PATH)),
        (_, Some(path)) if path.is_empty() => Err(Refusal::unparsable()),
        (_, Some(path)) => Ok(Operation { verb, path, value }),
        (Verb::Add | Verb::Replace, None) => without_path(verb, value),
    }
}

/// An operation whose value names its attribute.
fn without_path(verb: Verb, value: Option<Value>) -> Result<Operation, Refusal> {
    let Some(Value::Object(attributes)) = value else { return Err(Refusal::unparsable()) };
    let mut attributes = attributes.into_iter();
    match (attributes.next(), attributes.next()) {
        (Some((path, value)), None) => Ok(Operation { verb, path, value: Some(value) }),
        (Some(_), Some(_)) => Err(Refusal::bad_request(SEVERAL_WITHOUT_PATH)),
        (None, _) => Err(Refusal::unparsable()),
    }
}

/// A member of an object, whatever the case of its name.
fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(at, _)| at.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// What the operations make of a user's attributes, unchecked.
pub(crate) fn user(
    attributes: &Map<String, Value>,
    operations: Vec<Operation>,
    settings: &Settings,
) -> Result<Map<String, Value>, Refusal> {
    let mut draft = attributes.clone();
    let (mut n_user_name, mut n_active) = (0, 0);
    for operation in operations {
        let path = UserPath::parse(&operation.path).ok_or_else(Refusal::unparsable)?;
        let is_singular = match path.attribute.name {
            "userName" => {
                n_user_name += 1;
                true
            }
            "active" => {
                n_active += 1;
                true
            }
            _ => false,
        };
        if n_user_name > 1 || n_active > 1 || (is_singular && operation.verb == Verb::Remove) {
            return Err(Refusal::unparsable());
        }
        targets(&path, settings)?;
        match operation.verb {
            Verb::Remove => remove(&mut draft, &path),
            Verb::Add | Verb::Replace => {
                let value = operation.value.ok_or_else(Refusal::unparsable)?;
                put(&mut draft, &path, value, operation.verb)?;
            }
        }
    }
    Ok(draft)
}

/// Whether AWS lists the attribute among those that can be changed.
fn targets(path: &UserPath, settings: &Settings) -> Result<(), Refusal> {
    let is_target = match path.attribute.kind {
        Kind::Ignored | Kind::Unsupported => false,
        Kind::Text { .. } | Kind::Bool | Kind::Complex(_) | Kind::List(_) => {
            path.attribute.name != "roles" || settings.patched_roles == Tolerance::Accept
        }
    };
    let is_path_taken = path.filter.is_none() || settings.list_path == Tolerance::Accept;
    if is_target && is_path_taken { Ok(()) } else { Err(Refusal::unparsable()) }
}

fn put(draft: &mut Map<String, Value>, path: &UserPath, value: Value, verb: Verb) -> Result<(), Refusal> {
    let name = path.attribute.name;
    match path.attribute.kind {
        Kind::List(_) if path.filter.is_none() && path.parts.is_empty() => {
            let mut new = match value {
                Value::Array(list) => list,
                value @ (Value::Object(_) | Value::Null) => vec![value],
                Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(Refusal::unparsable()),
            };
            if verb == Verb::Add
                && let Some(Value::Array(before)) = draft.get(name)
            {
                new = before
                    .iter()
                    .cloned()
                    .chain(new.into_iter().filter(|one| !before.contains(one)))
                    .collect();
            }
            new.retain(|one| !one.is_null());
            draft.insert(name.to_owned(), Value::Array(new));
            Ok(())
        }
        Kind::List(_) => {
            let list = draft.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            let list = list.as_array_mut().ok_or_else(Refusal::unparsable)?;
            let at = list.iter().position(|one| is_meant(one, path));
            if at.is_none() && path.filter.is_some() && verb == Verb::Replace {
                // RFC 7644, section 3.5.2.3: there is nothing to replace.
                return Err(Refusal::unparsable());
            }
            let at = at.unwrap_or_else(|| {
                list.push(element(path));
                list.len() - 1
            });
            let one = list.get_mut(at).ok_or_else(Refusal::unparsable)?;
            put_part(one, &path.parts, value)
        }
        Kind::Complex(_) => {
            let whole = draft.entry(name).or_insert_with(|| Value::Object(Map::new()));
            put_part(whole, &path.parts, value)
        }
        Kind::Text { .. } | Kind::Bool if path.parts.is_empty() => {
            draft.insert(name.to_owned(), value);
            Ok(())
        }
        Kind::Text { .. } | Kind::Bool | Kind::Ignored | Kind::Unsupported => Err(Refusal::unparsable()),
    }
}

/// Puts a value below a complex one. An object is merged with what is there, part by part.
fn put_part(whole: &mut Value, parts: &[&'static str], value: Value) -> Result<(), Refusal> {
    let object = whole.as_object_mut().ok_or_else(Refusal::unparsable)?;
    match (parts, value) {
        ([], Value::Object(new)) => {
            object.extend(new);
            Ok(())
        }
        ([], _) => Err(Refusal::unparsable()),
        // A manager is often sent as the text of its id.
        (["manager"], Value::String(id)) => {
            object.insert("manager".to_owned(), serde_json::json!({ "value": id }));
            Ok(())
        }
        ([part], value) => {
            object.insert((*part).to_owned(), value);
            Ok(())
        }
        ([part, rest @ ..], value) => {
            let inner = object.entry(*part).or_insert_with(|| Value::Object(Map::new()));
            put_part(inner, rest, value)
        }
    }
}

fn remove(draft: &mut Map<String, Value>, path: &UserPath) {
    let name = path.attribute.name;
    match draft.get_mut(name) {
        Some(Value::Array(list)) if path.filter.is_some() || !path.parts.is_empty() => {
            if path.parts.is_empty() {
                list.retain(|one| !is_meant(one, path));
            } else {
                for one in list.iter_mut().filter(|one| is_meant(one, path)) {
                    remove_part(one, &path.parts);
                }
            }
        }
        Some(whole) if !path.parts.is_empty() => remove_part(whole, &path.parts),
        Some(_) => {
            draft.remove(name);
        }
        None => {}
    }
}

fn remove_part(whole: &mut Value, parts: &[&'static str]) {
    let Some(object) = whole.as_object_mut() else { return };
    match parts {
        [] => {}
        [part] => {
            object.remove(*part);
        }
        [part, rest @ ..] => {
            if let Some(inner) = object.get_mut(*part) {
                remove_part(inner, rest);
            }
        }
    }
}

fn is_meant(one: &Value, path: &UserPath) -> bool {
    path.filter.as_ref().is_none_or(|condition| one.get(condition.part) == Some(&condition.value))
}

/// An element as the path's filter wants it.
fn element(path: &UserPath) -> Value {
    let mut object = Map::new();
    if let Some(condition) = &path.filter {
        object.insert(condition.part.to_owned(), condition.value.clone());
    }
    Value::Object(object)
}

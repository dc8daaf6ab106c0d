//! Who is in a group, as requests change it.
//!
//! An honest app takes the members of a POST and of a PUT as they are. In a PATCH it adds whom it does not have yet,
//! replaces all, and removes by a filter (`members[value eq "…"]`, RFC 7644 §3.5.2.2) as well as by a list of values,
//! which the RFC does not know and clients send. It does not ask whether somebody with a member's id is there.

use serde_json::{Map, Value};

use super::answer::Refused;
use super::keys;
use super::patch::{self, Change, Op};

const MEMBERS: &str = "members";

/// The members that a value names, each with the id of a resource. Null names nobody.
pub(super) fn named(value: &Value) -> Result<&[Value], Refused> {
    let named = if value.is_null() { &[] } else { patch::listed(value) };
    if named.iter().all(|member| member["value"].is_string()) {
        return Ok(named);
    }
    Err(Refused::invalid_value("a member is an object, and its value the id of a resource"))
}

/// Does one change of a PATCH that is about members.
pub(super) fn change(group: &mut Map<String, Value>, change: &Change<'_>) -> Result<(), Refused> {
    let Change { op, value, .. } = *change;
    match (op, change.is_of_a_part()) {
        (Op::Replace, false) => keys::set(group, MEMBERS, named(value)?.into()),
        (Op::Add, false) => add(group, named(value)?),
        (Op::Remove, false) => {
            named(value)?;
            return patch::apply(group, change);
        }
        (Op::Add | Op::Replace | Op::Remove, true) => return patch::apply(group, change),
    }
    Ok(())
}

/// Adds whom the group does not have yet.
fn add(group: &mut Map<String, Value>, newcomers: &[Value]) {
    let mut members = keys::get(group, MEMBERS).and_then(Value::as_array).cloned().unwrap_or_default();
    for newcomer in newcomers {
        if !members.iter().any(|member| patch::is_same_member(member, newcomer)) {
            members.push(newcomer.clone());
        }
    }
    keys::set(group, MEMBERS, members.into());
}

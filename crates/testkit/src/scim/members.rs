//! Who is in a group, as requests change it, and what apps get wrong there.
//!
//! An honest app takes the members of a POST and of a PUT as they are. In a PATCH it adds whom it does not have yet,
//! replaces all, and removes by a filter (`members[value eq "…"]`, RFC 7644 §3.5.2.2) as well as by a list of values,
//! which the RFC does not know and clients send. It does not ask whether somebody with a member's id is there.

use serde_json::{Map, Value};

use super::answer::Refused;
use super::behaviour::Behaviour;
use super::keys;
use super::patch::{self, Change, Op};
use super::resources::Stored;
use super::rule::Mood;

const MEMBERS: &str = "members";

/// The members that a value names, each with the id of a resource. Null names nobody.
pub(super) fn named(value: &Value) -> Result<&[Value], Refused> {
    let named = if value.is_null() { &[] } else { patch::listed(value) };
    if named.iter().all(|member| member["value"].is_string()) {
        return Ok(named);
    }
    Err(Refused::invalid_value("a member is an object, and its value the id of a resource"))
}

/// Makes the members of a group that was sent as a whole those that the app keeps. Without `before`, it is new.
pub(super) fn sent(
    group: &mut Map<String, Value>,
    before: Option<&Stored>,
    mood: &Mood,
) -> Result<(), Refused> {
    let before = before.and_then(|before| keys::get(&before.value, MEMBERS)).cloned();
    if mood.shows(&Behaviour::MembersOnlyByAddAndRemove) {
        keys::remove(group, MEMBERS);
        if let Some(before) = before {
            keys::set(group, MEMBERS, before);
        }
    } else if let Some(before) = before.filter(|_| mood.shows(&Behaviour::ReplaceAddsMembers)) {
        let sent = std::mem::replace(keys::slot(group, MEMBERS), before);
        add(group, named(&sent)?, mood);
    }
    Ok(())
}

/// Does one change of a PATCH of a group.
pub(super) fn apply(group: &mut Map<String, Value>, change: &Change<'_>, mood: &Mood) -> Result<(), Refused> {
    if !change.is_of_members() {
        return patch::apply(group, change);
    }
    let Change { op, value, .. } = *change;
    if mood.shows(&Behaviour::MembershipIgnored) {
        return Ok(());
    }
    match (op, change.is_of_a_part()) {
        (Op::Replace, _) if mood.shows(&Behaviour::MembersOnlyByAddAndRemove) => {}
        (Op::Replace, false) if mood.shows(&Behaviour::ReplaceAddsMembers) => add(group, named(value)?, mood),
        (Op::Replace, false) => keys::set(group, MEMBERS, named(value)?.into()),
        (Op::Add, false) => add(group, named(value)?, mood),
        (Op::Remove, true) if mood.shows(&Behaviour::RemoveByFilterRefused) => {
            return Err(Refused::new(400, "invalidPath", "filters in paths are not known here"));
        }
        (Op::Remove, false) if !value.is_null() => return remove_named(group, change, mood),
        (Op::Add | Op::Replace, true) | (Op::Remove, _) => return patch::apply(group, change),
    }
    Ok(())
}

/// Adds whom the group does not have yet.
fn add(group: &mut Map<String, Value>, newcomers: &[Value], mood: &Mood) {
    let is_list_bare = mood.shows(&Behaviour::MembersStoredTwice);
    let mut members = keys::get(group, MEMBERS).and_then(Value::as_array).cloned().unwrap_or_default();
    for newcomer in newcomers {
        if is_list_bare || !members.iter().any(|member| patch::is_same_member(member, newcomer)) {
            members.push(newcomer.clone());
        }
    }
    keys::set(group, MEMBERS, members.into());
}

/// A `remove` with a list of values.
fn remove_named(group: &mut Map<String, Value>, change: &Change<'_>, mood: &Mood) -> Result<(), Refused> {
    if mood.shows(&Behaviour::RemoveByValueListRefused) {
        return Err(Refused::invalid_value("a remove has no value"));
    }
    named(change.value)?;
    if mood.shows(&Behaviour::RemoveByValueListEmpties) {
        keys::remove(group, MEMBERS);
    } else if !mood.shows(&Behaviour::RemoveByValueListIgnored) {
        patch::apply(group, change)?;
    }
    Ok(())
}

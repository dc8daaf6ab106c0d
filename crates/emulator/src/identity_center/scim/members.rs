//! Members as a request names them: whether they can be members, and what of it is a change.

use serde_json::Value;

use crate::identity_center::scim::refusal::{Exception, Refusal};
use crate::identity_center::scim::session::Session;
use crate::identity_center::settings::{BadRequestOr404, Tolerance};
use crate::identity_center::store::Key;

/// The most changes of memberships in one request.
pub(crate) const MAX_CHANGES: usize = 100;

/// The ids that a list of members holds.
pub(crate) fn ids(list: &Value) -> Result<Vec<&str>, Refusal> {
    let list = match list {
        Value::Array(list) => list.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(Refusal::unparsable());
        }
    };
    list.iter().map(id).collect()
}

/// The id of one member, which is a person: groups in groups are not supported.
fn id(member: &Value) -> Result<&str, Refusal> {
    let is_user = match member.get("type") {
        None | Some(Value::Null) => true,
        Some(kind) => kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("user")),
    };
    let id = member.get("value").and_then(Value::as_str).filter(|id| is_user && !id.is_empty());
    id.ok_or_else(Refusal::unparsable)
}

/// The users to add to a group. Whoever is a member already is none of them, if that is tolerated.
pub(crate) fn to_add(session: &Session<'_>, group: Option<Key>, ids: &[&str]) -> Result<Vec<Key>, Refusal> {
    let mut keys = Vec::with_capacity(ids.len());
    for id in ids {
        let key = match (session.store.user(id), session.settings.unknown_member) {
            (Some(user), _) => user.key,
            (None, _) if session.store.group(id).is_some() => return Err(Refusal::unparsable()),
            (None, BadRequestOr404::BadRequest) => return Err(Refusal::unparsable()),
            (None, BadRequestOr404::NotFound) => return Err(Refusal::not_found("Member does not exist.")),
        };
        let is_member = group.is_some_and(|group| session.store.is_member(group, key)) || keys.contains(&key);
        match (is_member, session.settings.existing_member) {
            (false, _) => keys.push(key),
            (true, Tolerance::Accept) => {}
            (true, Tolerance::Refuse) => {
                return Err(Refusal::new(Exception::Conflict, "Member already exists."));
            }
        }
    }
    Ok(keys)
}

/// The users to take out of a group.
pub(crate) fn to_remove(session: &Session<'_>, group: Key, ids: &[&str]) -> Result<Vec<Key>, Refusal> {
    let mut keys = Vec::with_capacity(ids.len());
    for id in ids {
        let user = session.store.user(id).map(|user| user.key);
        let member = user.filter(|user| session.store.is_member(group, *user) && !keys.contains(user));
        match (member, session.settings.absent_member) {
            (Some(key), _) => keys.push(key),
            (None, Tolerance::Accept) => {}
            (None, Tolerance::Refuse) => return Err(Refusal::not_found("Member does not exist.")),
        }
    }
    Ok(keys)
}

/// Takes as many changes from the tenant's bucket of memberships as a request names, or refuses it.
pub(crate) fn charge(session: &mut Session<'_>, n_changes: usize) -> Result<(), Refusal> {
    if n_changes > MAX_CHANGES {
        return Err(Refusal::unparsable());
    }
    let n_changes = u32::try_from(n_changes).unwrap_or(u32::MAX);
    let rate = session.settings.membership_changes_per_second;
    if session.memberships.take(n_changes, rate, session.now) {
        return Ok(());
    }
    Err(Refusal::throttled(session.settings.retry_after_seconds))
}

//! Members as a request names them: whether they can be members, and what of it is a change.

use std::collections::BTreeMap;

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

/// What a request does to one membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) is_added: bool,
    /// The id of the user.
    pub(crate) id: String,
}

/// What changes come to: who was no member and is one now, and who was one and is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Net {
    pub(crate) added: Vec<Key>,
    pub(crate) removed: Vec<Key>,
}

/// Adds up changes in their order, so that the last one named of a user counts. No group: it has no members yet.
pub(crate) fn net(session: &Session<'_>, group: Option<Key>, changes: &[Change]) -> Result<Net, Refusal> {
    let was_member = |user: Key| group.is_some_and(|group| session.store.is_member(group, user));
    let mut becomes: BTreeMap<Key, bool> = BTreeMap::new();
    for Change { is_added, id } in changes {
        let user =
            if *is_added { Some(newcomer(session, id)?) } else { session.store.user(id).map(|u| u.key) };
        let is_member =
            user.is_some_and(|user| becomes.get(&user).copied().unwrap_or_else(|| was_member(user)));
        match (user, is_added, is_member) {
            (Some(user), true, false) | (Some(user), false, true) => {
                becomes.insert(user, *is_added);
            }
            (_, true, _) => tolerated(session.settings.existing_member, || {
                Refusal::new(Exception::Conflict, "Member already exists.")
            })?,
            (_, false, _) => tolerated(session.settings.absent_member, absent)?,
        }
    }
    let mut net = Net::default();
    for (user, is_member) in becomes {
        match (was_member(user), is_member) {
            (false, true) => net.added.push(user),
            (true, false) => net.removed.push(user),
            (true, true) | (false, false) => {}
        }
    }
    Ok(net)
}

/// Who is to be a member: a user, not a group.
fn newcomer(session: &Session<'_>, id: &str) -> Result<Key, Refusal> {
    match (session.store.user(id), session.settings.unknown_member) {
        (Some(user), _) => Ok(user.key),
        (None, _) if session.store.group(id).is_some() => Err(Refusal::unparsable()),
        (None, BadRequestOr404::BadRequest) => Err(Refusal::unparsable()),
        (None, BadRequestOr404::NotFound) => Err(absent()),
    }
}

fn absent() -> Refusal {
    Refusal::not_found("Member does not exist.")
}

fn tolerated(tolerance: Tolerance, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    match tolerance {
        Tolerance::Accept => Ok(()),
        Tolerance::Refuse => Err(refusal()),
    }
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

//! `PATCH /Groups/{id}`: 204 and nothing. Name, external id, members by lists of at most 100 changes.
//!
//! Members are added and removed, never replaced. What `members` did in 2024 is a setting.

use serde_json::Value;

use crate::identity_center::scim::attribute::{EXTERNAL_ID, FREE};
use crate::identity_center::scim::check;
use crate::identity_center::scim::members::{self, Net};
use crate::identity_center::scim::patch::{self, Operation, Verb};
use crate::identity_center::scim::refusal::{REPLACES_MEMBERS, Refusal};
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::users::object;
use crate::identity_center::settings::{MemberReplace, Settings, Tolerance};
use crate::identity_center::store::Change;
use crate::identity_center::store::Key;
use crate::identity_center::store::group::Group;

/// What a path may begin with, in lower case.
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:group:";

/// What the operations come to.
#[derive(Debug)]
struct Wanted {
    display_name: String,
    external_id: Option<String>,
    members: Vec<members::Change>,
    /// The group is emptied, and the request refused nevertheless.
    empties: bool,
}

pub(crate) fn run(session: &mut Session<'_>, id: &str, body: &[u8]) -> Result<Reply, Refusal> {
    let before = session.group(id)?;
    let mut wanted = Wanted::of(&before);
    for operation in patch::operations(&object(body)?)? {
        wanted.take(operation, session.settings)?;
    }
    if wanted.empties {
        let removed: Vec<Key> = session.store.members_after(before.key, 0).map(|user| user.key).collect();
        session.commit(Change::Members { group: before.key, added: Vec::new(), removed });
        return Err(Refusal::unparsable());
    }
    members::charge(session, wanted.members.len())?;
    let Net { added, removed } = members::net(session, Some(before.key), &wanted.members)?;
    session.keep_group(Group {
        display_name: wanted.display_name,
        external_id: wanted.external_id,
        modified_at: session.now,
        ..before.as_ref().clone()
    })?;
    if !(added.is_empty() && removed.is_empty()) {
        session.commit(Change::Members { group: before.key, added, removed });
    }
    Ok(Reply::empty())
}

impl Wanted {
    fn of(group: &Group) -> Self {
        let Group { display_name, external_id, .. } = group.clone();
        Self { display_name, external_id, members: Vec::new(), empties: false }
    }

    fn take(&mut self, operation: Operation, settings: &Settings) -> Result<(), Refusal> {
        let path = operation.path.to_ascii_lowercase();
        let path = path.strip_prefix(CORE).unwrap_or(&path);
        match (path, operation.verb) {
            ("displayname", Verb::Add | Verb::Replace) => {
                let value = operation.value.ok_or_else(Refusal::unparsable)?;
                let name = check::text(&value, FREE, "displayName", settings)?;
                if check::is_reserved(&name, settings) {
                    return Err(Refusal::unparsable());
                }
                self.display_name = name;
                Ok(())
            }
            ("externalid", Verb::Add | Verb::Replace) => {
                let value = operation.value.ok_or_else(Refusal::unparsable)?;
                self.external_id = Some(check::text(&value, EXTERNAL_ID, "externalId", settings)?);
                Ok(())
            }
            ("externalid", Verb::Remove) => {
                self.external_id = None;
                Ok(())
            }
            ("members", verb) => self.members(verb, operation.value, settings),
            (path, verb) if path.starts_with("members[") && settings.member_path == Tolerance::Accept => {
                let id = member_of_path(&operation.path).ok_or_else(Refusal::unparsable)?;
                match verb {
                    Verb::Remove => self.members.push(members::Change { is_added: false, id }),
                    Verb::Add | Verb::Replace => return Err(Refusal::bad_request(REPLACES_MEMBERS)),
                }
                Ok(())
            }
            _ => Err(Refusal::unparsable()),
        }
    }

    fn members(&mut self, verb: Verb, value: Option<Value>, settings: &Settings) -> Result<(), Refusal> {
        let is_empty = match &value {
            None | Some(Value::Null) => true,
            Some(Value::Array(list)) => list.is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => false,
        };
        let value = value.unwrap_or_default();
        match (verb, is_empty, settings.member_replace) {
            (Verb::Add, true, _) => Err(Refusal::unparsable()),
            (Verb::Add | Verb::Remove, false, _) => {
                let is_added = verb == Verb::Add;
                let ids = members::ids(&value)?.into_iter();
                self.members.extend(ids.map(|id| members::Change { is_added, id: id.to_owned() }));
                Ok(())
            }
            (Verb::Replace, true, MemberReplace::Quirks2024) => Ok(()),
            (Verb::Replace, false, MemberReplace::Quirks2024) if is_one_empty_member(&value) => {
                self.empties = true;
                Ok(())
            }
            (Verb::Replace, _, MemberReplace::Refuse)
            | (Verb::Replace, false, MemberReplace::Quirks2024)
            | (Verb::Remove, true, _) => Err(Refusal::bad_request(REPLACES_MEMBERS)),
        }
    }
}

/// `[{"value":""}]`.
fn is_one_empty_member(value: &Value) -> bool {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    matches!(list, [one] if one.get("value").and_then(Value::as_str) == Some(""))
}

/// The id in `members[value eq "…"]`.
fn member_of_path(path: &str) -> Option<String> {
    let (_, inside) = path.strip_suffix(']')?.split_once('[')?;
    let (name, rest) = inside.trim().split_once(char::is_whitespace)?;
    let (operator, value) = rest.trim_start().split_once(char::is_whitespace)?;
    if !name.eq_ignore_ascii_case("value") || !operator.eq_ignore_ascii_case("eq") {
        return None;
    }
    serde_json::from_str(value.trim()).ok().filter(|id: &String| !id.is_empty())
}

//! `POST /Groups`: 201 and the group without its members; at most 100 of them; 409 where a name or external id is taken.

use serde_json::Value;

use crate::identity_center::scim::attribute::{EXTERNAL_ID, FREE};
use crate::identity_center::scim::check;
use crate::identity_center::scim::members::{self, Net};
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::users::object;
use crate::identity_center::scim::view::GroupView;
use crate::identity_center::settings::{Settings, Tolerance};
use crate::identity_center::store::Change;
use crate::identity_center::store::group::Group;

/// What is sent.
#[derive(Debug, Default)]
struct Sent {
    display_name: Option<String>,
    external_id: Option<String>,
    members: Option<Value>,
}

pub(crate) fn run(session: &mut Session<'_>, body: &[u8]) -> Result<Reply, Refusal> {
    let sent = Sent::read(body, session.settings)?;
    let display_name = sent.display_name.ok_or_else(Refusal::unparsable)?;
    if check::is_reserved(&display_name, session.settings) {
        return Err(Refusal::unparsable());
    }
    let ids = sent.members.as_ref().map(members::ids).transpose()?.unwrap_or_default();
    members::charge(session, ids.len())?;
    let changes: Vec<_> =
        ids.into_iter().map(|id| members::Change { is_added: true, id: id.to_owned() }).collect();
    let Net { added, removed } = members::net(session, None, &changes)?;
    if session.store.n_groups() >= session.settings.max_groups {
        return Err(Refusal::bad_request("The number of groups exceeds the quota of the identity store."));
    }
    let key = session.store.next_key();
    let group = session.keep_group(Group {
        key,
        id: session.new_id(),
        created_at: session.now,
        modified_at: session.now,
        display_name,
        external_id: sent.external_id,
        description: None,
    })?;
    if !added.is_empty() {
        session.commit(Change::Members { group: key, added, removed });
    }
    Ok(Reply::json(201, &GroupView { group: &group, members: None }))
}

impl Sent {
    fn read(body: &[u8], settings: &Settings) -> Result<Self, Refusal> {
        let mut sent = Self::default();
        for (name, value) in object(body)? {
            if value.is_null() && settings.nulls == Tolerance::Accept {
                continue;
            }
            match name.to_ascii_lowercase().as_str() {
                "displayname" => {
                    sent.display_name = Some(check::text(&value, FREE, "displayName", settings)?);
                }
                "externalid" => {
                    sent.external_id = Some(check::text(&value, EXTERNAL_ID, "externalId", settings)?);
                }
                "members" if value.is_array() => sent.members = Some(value),
                "schemas" | "id" | "meta" => {}
                "members" => return Err(Refusal::unparsable()),
                _ if settings.unknown_attributes == Tolerance::Accept => {}
                _ => return Err(Refusal::unparsable()),
            }
        }
        Ok(sent)
    }
}

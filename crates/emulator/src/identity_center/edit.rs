//! An edit by another hand: what the console or the Identity Store's own API does to people past SCIM.
//!
//! It keeps to the store's rules of texts, names and uniqueness, and to no limit on the number of requests. A user or
//! group is named by its id, or by its user name or display name.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::identity_center::scim::attribute::{EXTERNAL_ID, FREE};
use crate::identity_center::scim::check;
use crate::identity_center::scim::patch::{self, Operation, Verb};
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::session::Session;
use crate::identity_center::settings::{Settings, Tolerance};
use crate::identity_center::store::Change;
use crate::identity_center::store::group::Group;
use crate::identity_center::store::user::User;

/// One edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edit {
    /// Makes a user.
    CreateUser {
        /// As SCIM writes a user.
        attributes: Map<String, Value>,
    },
    /// Changes attributes of a user; the others stay.
    ChangeUser {
        /// Who.
        user: String,
        /// Paths as SCIM writes them (`title`, `name.givenName`) and what they become; `null`: nothing.
        attributes: Map<String, Value>,
    },
    /// Lets a user in.
    EnableUser {
        /// Who.
        user: String,
    },
    /// Keeps a user out.
    DisableUser {
        /// Who.
        user: String,
    },
    /// Deletes a user, and with them their memberships.
    DeleteUser {
        /// Who.
        user: String,
    },
    /// Makes a group without members and without an external id.
    CreateGroup {
        /// Its name.
        display_name: String,
        /// What SCIM neither sets nor shows.
        #[serde(default)]
        description: Option<String>,
    },
    /// Gives a group another name.
    RenameGroup {
        /// Which.
        group: String,
        /// The name.
        display_name: String,
    },
    /// Says of a group what whoever provisioned it calls it, as another SCIM client would.
    IdentifyGroup {
        /// Which.
        group: String,
        /// The external id; none: it has none any more.
        external_id: Option<String>,
    },
    /// Deletes a group.
    DeleteGroup {
        /// Which.
        group: String,
    },
    /// Puts a user into a group.
    AddMember {
        /// Which group.
        group: String,
        /// Who.
        user: String,
    },
    /// Takes a user out of a group.
    RemoveMember {
        /// Which group.
        group: String,
        /// Who.
        user: String,
    },
}

/// Carries an edit out and gives the id of the user or group.
pub(crate) fn carry_out(session: &mut Session<'_>, edit: &Edit) -> Result<String, Refusal> {
    match edit {
        Edit::CreateUser { attributes } => create_user(session, attributes),
        Edit::ChangeUser { user, attributes } => change_user(session, user, attributes),
        Edit::EnableUser { user } => change_user(session, user, &active(true)),
        Edit::DisableUser { user } => change_user(session, user, &active(false)),
        Edit::DeleteUser { user } => {
            let user = find_user(session, user)?;
            session.commit(Change::UserGone { key: user.key });
            Ok(user.id.clone())
        }
        Edit::CreateGroup { display_name, description } => {
            create_group(session, display_name, description.as_deref())
        }
        Edit::RenameGroup { group, display_name } => rename_group(session, group, display_name),
        Edit::IdentifyGroup { group, external_id } => identify_group(session, group, external_id.as_deref()),
        Edit::DeleteGroup { group } => {
            let group = find_group(session, group)?;
            session.commit(Change::GroupGone { key: group.key });
            Ok(group.id.clone())
        }
        Edit::AddMember { group, user } => change_member(session, group, user, true),
        Edit::RemoveMember { group, user } => change_member(session, group, user, false),
    }
}

fn create_user(session: &mut Session<'_>, attributes: &Map<String, Value>) -> Result<String, Refusal> {
    let attributes = check::user(attributes, session.settings)?;
    Ok(session.make_user(attributes)?.id.clone())
}

fn change_user(
    session: &mut Session<'_>,
    user: &str,
    attributes: &Map<String, Value>,
) -> Result<String, Refusal> {
    let before = find_user(session, user)?;
    // Another hand may change what a PATCH may not.
    let settings = Settings {
        list_path: Tolerance::Accept,
        patched_roles: Tolerance::Accept,
        ..session.settings.clone()
    };
    let operations = attributes.iter().map(|(path, value)| Operation {
        verb: if value.is_null() { Verb::Remove } else { Verb::Replace },
        path: path.clone(),
        value: Some(value.clone()),
    });
    let draft = patch::user(&before.attributes, operations.collect(), &settings)?;
    let attributes = check::user(&draft, &settings)?;
    let user = User { attributes, modified_at: session.now, ..before.as_ref().clone() };
    Ok(session.keep_user(user)?.id.clone())
}

fn active(is_active: bool) -> Map<String, Value> {
    Map::from_iter([("active".to_owned(), Value::Bool(is_active))])
}

fn create_group(
    session: &mut Session<'_>,
    display_name: &str,
    description: Option<&str>,
) -> Result<String, Refusal> {
    let group = Group {
        key: session.store.next_key(),
        id: session.new_id(),
        created_at: session.now,
        modified_at: session.now,
        display_name: group_name(session, display_name)?,
        external_id: None,
        description: description.map(str::to_owned),
    };
    Ok(session.keep_group(group)?.id.clone())
}

fn rename_group(session: &mut Session<'_>, group: &str, display_name: &str) -> Result<String, Refusal> {
    let before = find_group(session, group)?;
    let display_name = group_name(session, display_name)?;
    let group = Group { display_name, modified_at: session.now, ..before.as_ref().clone() };
    Ok(session.keep_group(group)?.id.clone())
}

fn identify_group(
    session: &mut Session<'_>,
    group: &str,
    external_id: Option<&str>,
) -> Result<String, Refusal> {
    let before = find_group(session, group)?;
    let text = |id| check::text(&Value::from(id), EXTERNAL_ID, "externalId", session.settings);
    let external_id = external_id.map(text).transpose()?;
    let group = Group { external_id, modified_at: session.now, ..before.as_ref().clone() };
    Ok(session.keep_group(group)?.id.clone())
}

fn group_name(session: &Session<'_>, display_name: &str) -> Result<String, Refusal> {
    let name = check::text(&Value::from(display_name), FREE, "displayName", session.settings)?;
    if check::is_reserved(&name, session.settings) { Err(Refusal::unparsable()) } else { Ok(name) }
}

fn change_member(
    session: &mut Session<'_>,
    group: &str,
    user: &str,
    is_member: bool,
) -> Result<String, Refusal> {
    let (group, user) = (find_group(session, group)?, find_user(session, user)?.key);
    let (added, removed) = if is_member { (vec![user], Vec::new()) } else { (Vec::new(), vec![user]) };
    if session.store.is_member(group.key, user) != is_member {
        session.keep_group(Group { modified_at: session.now, ..group.as_ref().clone() })?;
        session.commit(Change::Members { group: group.key, added, removed });
    }
    Ok(group.id.clone())
}

fn find_user(session: &Session<'_>, named: &str) -> Result<Arc<User>, Refusal> {
    let store = &session.store;
    let found = store.user(named).or_else(|| store.user_named(named));
    found.cloned().ok_or(Refusal::not_found("User not found."))
}

fn find_group(session: &Session<'_>, named: &str) -> Result<Arc<Group>, Refusal> {
    let store = &session.store;
    let found = store.group(named).or_else(|| store.group_named(named));
    found.cloned().ok_or(Refusal::not_found("Group not found."))
}

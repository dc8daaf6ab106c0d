//! Who is there, for whoever looks past SCIM as the console does: users, groups with their members, and edits.

use serde::Serialize;
use serde_json::Value;
use usher_model::time::Timestamp;

use crate::identity_center::IdentityCenter;
use crate::identity_center::admin::AdminError;
use crate::identity_center::edit::{self, Edit};
use crate::identity_center::scim::refusal::{Exception, Refusal};
use crate::identity_center::scim::session::Session;
use crate::identity_center::scim::view::UserView;
use crate::identity_center::settings::Settings;
use crate::identity_center::store::IdentityStore;
use crate::identity_center::store::group::Group;
use crate::identity_center::store::user::User;
use crate::identity_center::tenant::Tenant;

/// A group, with what SCIM never shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupInfo {
    /// Its id.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// What whoever provisioned it calls it.
    pub external_id: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or its members last changed.
    pub modified_at: Timestamp,
    /// Who is in it, in the order in which they were made.
    pub members: Vec<Member>,
}

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The user's id.
    pub id: String,
    /// The user's name.
    pub user_name: String,
}

impl IdentityCenter {
    /// Users as SCIM shows them, in the order they were made: the first so many are skipped, and then at most so many
    /// given.
    pub fn users(&self, tenant: &str, skip: usize, most: usize) -> Result<Vec<Value>, AdminError> {
        self.look(tenant, |tenant| {
            let users = tenant.store.users_after(0).skip(skip).take(most);
            Ok(users.map(|user| shown(user, &tenant.record.settings)).collect())
        })
    }

    /// One user as SCIM shows it, by its id or user name.
    pub fn user(&self, tenant: &str, user: &str) -> Result<Value, AdminError> {
        self.look(tenant, |tenant| {
            let found = tenant.store.user(user).or_else(|| tenant.store.user_named(user));
            let missing = || AdminError::missing("user", user);
            found.map(|user| shown(user, &tenant.record.settings)).ok_or_else(missing)
        })
    }

    /// Groups with their members, in the order they were made: the first so many are skipped, and then at most so many
    /// given.
    pub fn groups(&self, tenant: &str, skip: usize, most: usize) -> Result<Vec<GroupInfo>, AdminError> {
        self.look(tenant, |tenant| {
            let groups = tenant.store.groups_after(0).skip(skip).take(most);
            Ok(groups.map(|group| group_info(group, &tenant.store)).collect())
        })
    }

    /// One group with its members, by its id or display name.
    pub fn group(&self, tenant: &str, group: &str) -> Result<GroupInfo, AdminError> {
        self.look(tenant, |tenant| {
            let found = tenant.store.group(group).or_else(|| tenant.store.group_named(group));
            let missing = || AdminError::missing("group", group);
            found.map(|group| group_info(group, &tenant.store)).ok_or_else(missing)
        })
    }

    /// Edits users, groups or memberships past SCIM, and gives the id of the user or group that was edited.
    pub fn edit(&self, tenant: &str, edit: &Edit) -> Result<String, AdminError> {
        let mut state = self.state();
        let edited = self.act(&mut state, tenant, |tenant, changes| {
            let Tenant { record, store, memberships, .. } = tenant;
            let mut session = Session::new(record, store, memberships, self.clock(), self.clock().now());
            let edited = edit::carry_out(&mut session, edit);
            changes.append(&mut session.changes);
            edited
        })?;
        edited.map_err(|refusal| refused(&refusal))
    }
}

fn shown(user: &User, settings: &Settings) -> Value {
    serde_json::to_value(UserView { user, settings }).expect("invariant: what is shown is JSON")
}

fn group_info(group: &Group, store: &IdentityStore) -> GroupInfo {
    let member = |user: &User| Member { id: user.id.clone(), user_name: user.user_name().to_owned() };
    GroupInfo {
        id: group.id.clone(),
        display_name: group.display_name.clone(),
        external_id: group.external_id.clone(),
        description: group.description.clone(),
        created_at: group.created_at,
        modified_at: group.modified_at,
        members: store.members_after(group.key, 0).map(|user| member(user)).collect(),
    }
}

/// What the store says of an edit, in the console's words.
fn refused(refusal: &Refusal) -> AdminError {
    AdminError::Refused(match refusal.exception {
        Exception::Conflict => "a name, an e-mail address or an external id is another's already".to_owned(),
        Exception::Validation
        | Exception::Unauthorized
        | Exception::AccessDenied
        | Exception::ResourceNotFound
        | Exception::Throttling
        | Exception::InternalServer => refusal.detail.clone().into_owned(),
    })
}

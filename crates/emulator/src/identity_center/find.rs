//! Users and groups as lists of lines, for whoever looks for somebody: by a part of a name, page by page.
//!
//! A search walks everybody: it is for a person who waits for one answer, never for the SCIM endpoint.

use usher_model::time::Timestamp;

use crate::identity_center::IdentityCenter;
use crate::identity_center::admin::AdminError;
use crate::identity_center::store::IdentityStore;
use crate::identity_center::store::group::Group;
use crate::identity_center::store::user::User;

/// Some of those that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// How many there are.
    pub total: usize,
    /// One page of them, in the order in which they were made.
    pub items: Vec<T>,
}

/// Which of a list: what stands in a name, how many are skipped, and how many are given at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search<'a> {
    /// Without regard to case; nothing: everybody.
    pub text: &'a str,
    /// How many are left out at the beginning.
    pub skip: usize,
    /// How many are given at most.
    pub most: usize,
}

/// A user in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLine {
    /// The id.
    pub id: String,
    /// The user name.
    pub user_name: String,
    /// The displayed name.
    pub display_name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether they are let in.
    pub is_active: bool,
    /// When they last changed.
    pub modified_at: Timestamp,
}

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLine {
    /// The id.
    pub id: String,
    /// The name.
    pub display_name: String,
    /// What whoever provisioned it calls it.
    pub external_id: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// How many are in it.
    pub n_members: usize,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or its members last changed.
    pub modified_at: Timestamp,
}

impl IdentityCenter {
    /// Users whose user name, displayed name or e-mail address has the text in it.
    pub fn find_users(&self, tenant: &str, search: Search<'_>) -> Result<Found<UserLine>, AdminError> {
        let text = search.text.to_lowercase();
        self.look(tenant, |tenant| {
            let store = &tenant.store;
            if text.is_empty() {
                let users = store.users_after(0).skip(search.skip).take(search.most);
                let items = users.map(|user| user_line(user)).collect();
                return Ok(Found { total: store.n_users(), items });
            }
            let is_named = |user: &User| {
                let names = [Some(user.user_name()), user.display_name(), user.email()];
                names.into_iter().flatten().any(|name| name.to_lowercase().contains(&text))
            };
            Ok(page(store.users_after(0).filter(|user| is_named(user)), search, |user| user_line(user)))
        })
    }

    /// Groups whose name has the text in it.
    pub fn find_groups(&self, tenant: &str, search: Search<'_>) -> Result<Found<GroupLine>, AdminError> {
        let text = search.text.to_lowercase();
        self.look(tenant, |tenant| {
            let store = &tenant.store;
            let named =
                store.groups_after(0).filter(|group| group.display_name.to_lowercase().contains(&text));
            Ok(page(named, search, |group| group_line(group, store)))
        })
    }

    /// The groups that a user, named by the id, is in.
    pub fn groups_of(&self, tenant: &str, user: &str) -> Result<Vec<GroupLine>, AdminError> {
        self.look(tenant, |tenant| {
            let user = tenant.store.user(user).ok_or_else(|| AdminError::missing("user", user))?;
            let groups = tenant.store.groups_of_after(user.key, 0);
            Ok(groups.map(|group| group_line(group, &tenant.store)).collect())
        })
    }

    /// One group, named by the id, and some of its members.
    pub fn members(
        &self,
        tenant: &str,
        group: &str,
        search: Search<'_>,
    ) -> Result<(GroupLine, Found<UserLine>), AdminError> {
        let text = search.text.to_lowercase();
        self.look(tenant, |tenant| {
            let group = tenant.store.group(group).ok_or_else(|| AdminError::missing("group", group))?;
            let members = tenant.store.members_after(group.key, 0);
            let named = members.filter(|user| user.user_name().to_lowercase().contains(&text));
            Ok((group_line(group, &tenant.store), page(named, search, |user| user_line(user))))
        })
    }
}

/// One page of what was found, and how much was found in all.
fn page<I, T>(found: impl Iterator<Item = I>, search: Search<'_>, line: impl Fn(I) -> T) -> Found<T> {
    let (mut total, mut items) = (0, Vec::new());
    for one in found {
        if total >= search.skip && items.len() < search.most {
            items.push(line(one));
        }
        total += 1;
    }
    Found { total, items }
}

fn user_line(user: &User) -> UserLine {
    UserLine {
        id: user.id.clone(),
        user_name: user.user_name().to_owned(),
        display_name: user.display_name().map(str::to_owned),
        email: user.email().map(str::to_owned),
        is_active: user.is_active(),
        modified_at: user.modified_at,
    }
}

fn group_line(group: &Group, store: &IdentityStore) -> GroupLine {
    GroupLine {
        id: group.id.clone(),
        display_name: group.display_name.clone(),
        external_id: group.external_id.clone(),
        description: group.description.clone(),
        n_members: store.n_members(group.key),
        created_at: group.created_at,
        modified_at: group.modified_at,
    }
}

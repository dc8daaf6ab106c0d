//! The identity store of one tenant: users, groups, memberships, and what they are found by.
//!
//! # Invariants
//!
//! 1. State changes through [`Change`] alone, which cannot fail: what may be refused is refused before. The journal
//!    holds the same changes.
//! 2. Everything that a request looks for has an index; nothing here walks all users.
//! 3. A membership joins a user and a group that are there: deleting either ends it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::group::Group;
use self::index::Index;
use self::user::User;

pub(crate) mod group;
pub(crate) mod index;
mod shared;
pub(crate) mod user;

/// The order in which resources were made; what lists are in, and cursors point at.
pub(crate) type Key = u64;

/// One change of the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// A user is made, or is another than before.
    User(#[serde(with = "shared")] Arc<User>),
    UserGone {
        key: Key,
    },
    /// A group is made, or is another than before. Its members stay.
    Group(#[serde(with = "shared")] Arc<Group>),
    GroupGone {
        key: Key,
    },
    Members {
        group: Key,
        added: Vec<Key>,
        removed: Vec<Key>,
    },
}

/// What is taken already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    UserName,
    Email,
    ExternalId,
    DisplayName,
}

/// Users, groups and memberships.
#[derive(Clone, Debug)]
pub(crate) struct IdentityStore {
    users: BTreeMap<Key, Arc<User>>,
    groups: BTreeMap<Key, Arc<Group>>,
    user_ids: HashMap<String, Key>,
    group_ids: HashMap<String, Key>,
    user_names: Index,
    emails: Index,
    user_external_ids: Index,
    group_names: Index,
    group_external_ids: Index,
    members: HashMap<Key, BTreeSet<Key>>,
    groups_of: HashMap<Key, BTreeSet<Key>>,
    next: Key,
}

impl IdentityStore {
    pub(crate) fn new(folds_case: bool) -> Self {
        Self {
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            user_ids: HashMap::new(),
            group_ids: HashMap::new(),
            user_names: Index::new(folds_case),
            emails: Index::new(folds_case),
            user_external_ids: Index::new(false),
            group_names: Index::new(folds_case),
            group_external_ids: Index::new(false),
            members: HashMap::new(),
            groups_of: HashMap::new(),
            next: 1,
        }
    }

    /// The same resources, found with or without regard to case.
    pub(crate) fn reindexed(&self, folds_case: bool) -> Self {
        let mut store = Self::new(folds_case);
        for change in self.as_changes() {
            store.apply(change);
        }
        store.skip_keys_before(self.next);
        store
    }

    /// All of it, as changes that make it anew.
    pub(crate) fn as_changes(&self) -> impl Iterator<Item = Change> + '_ {
        let users = self.users.values().cloned().map(Change::User);
        let groups = self.groups.values().cloned().map(Change::Group);
        let members = self.groups.keys().filter_map(|group| {
            let added: Vec<Key> = self.members.get(group)?.iter().copied().collect();
            (!added.is_empty()).then_some(Change::Members { group: *group, added, removed: Vec::new() })
        });
        users.chain(groups).chain(members)
    }

    /// Carries a change out.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::User(user) => self.put_user(user),
            Change::UserGone { key } => self.remove_user(key),
            Change::Group(group) => self.put_group(group),
            Change::GroupGone { key } => self.remove_group(key),
            Change::Members { group, added, removed } => self.change_members(group, &added, &removed),
        }
    }

    fn put_user(&mut self, user: Arc<User>) {
        let key = user.key;
        if let Some(before) = self.users.get(&key).cloned() {
            self.unindex_user(&before);
        }
        self.next = self.next.max(key + 1);
        self.user_ids.insert(user.id.clone(), key);
        self.user_names.insert(user.user_name(), key);
        self.emails.insert_some(user.email(), key);
        self.user_external_ids.insert_some(user.external_id(), key);
        self.users.insert(key, user);
    }

    fn unindex_user(&mut self, user: &User) {
        self.user_names.remove(user.user_name(), user.key);
        self.emails.remove_some(user.email(), user.key);
        self.user_external_ids.remove_some(user.external_id(), user.key);
    }

    fn remove_user(&mut self, key: Key) {
        let Some(user) = self.users.remove(&key) else { return };
        self.unindex_user(&user);
        self.user_ids.remove(&user.id);
        for group in self.groups_of.remove(&key).unwrap_or_default() {
            if let Some(members) = self.members.get_mut(&group) {
                members.remove(&key);
            }
        }
    }

    fn put_group(&mut self, group: Arc<Group>) {
        let key = group.key;
        if let Some(before) = self.groups.get(&key).cloned() {
            self.unindex_group(&before);
        }
        self.next = self.next.max(key + 1);
        self.group_ids.insert(group.id.clone(), key);
        self.group_names.insert(&group.display_name, key);
        self.group_external_ids.insert_some(group.external_id.as_deref(), key);
        self.groups.insert(key, group);
    }

    fn unindex_group(&mut self, group: &Group) {
        self.group_names.remove(&group.display_name, group.key);
        self.group_external_ids.remove_some(group.external_id.as_deref(), group.key);
    }

    fn remove_group(&mut self, key: Key) {
        let Some(group) = self.groups.remove(&key) else { return };
        self.unindex_group(&group);
        self.group_ids.remove(&group.id);
        for user in self.members.remove(&key).unwrap_or_default() {
            if let Some(groups) = self.groups_of.get_mut(&user) {
                groups.remove(&key);
            }
        }
    }

    fn change_members(&mut self, group: Key, added: &[Key], removed: &[Key]) {
        let members = self.members.entry(group).or_default();
        for user in added {
            members.insert(*user);
            self.groups_of.entry(*user).or_default().insert(group);
        }
        for user in removed {
            members.remove(user);
            if let Some(groups) = self.groups_of.get_mut(user) {
                groups.remove(&group);
            }
        }
    }

    /// Gives no resource a key before this one any more.
    pub(crate) fn skip_keys_before(&mut self, key: Key) {
        self.next = self.next.max(key);
    }

    /// The key of the next resource.
    pub(crate) fn next_key(&self) -> Key {
        self.next
    }

    pub(crate) fn n_users(&self) -> usize {
        self.users.len()
    }

    pub(crate) fn n_groups(&self) -> usize {
        self.groups.len()
    }

    pub(crate) fn user(&self, id: &str) -> Option<&Arc<User>> {
        self.users.get(self.user_ids.get(id)?)
    }

    pub(crate) fn user_named(&self, user_name: &str) -> Option<&Arc<User>> {
        self.users.get(&self.user_names.first(user_name)?)
    }

    pub(crate) fn user_with_external_id(&self, external_id: &str) -> Option<&Arc<User>> {
        self.users.get(&self.user_external_ids.first(external_id)?)
    }

    pub(crate) fn group(&self, id: &str) -> Option<&Arc<Group>> {
        self.groups.get(self.group_ids.get(id)?)
    }

    pub(crate) fn group_named(&self, display_name: &str) -> Option<&Arc<Group>> {
        self.groups.get(&self.group_names.first(display_name)?)
    }

    pub(crate) fn group_with_external_id(&self, external_id: &str) -> Option<&Arc<Group>> {
        self.groups.get(&self.group_external_ids.first(external_id)?)
    }

    pub(crate) fn is_member(&self, group: Key, user: Key) -> bool {
        self.members.get(&group).is_some_and(|members| members.contains(&user))
    }

    /// Users after a key, in the order they were made.
    pub(crate) fn users_after(&self, after: Key) -> impl Iterator<Item = &Arc<User>> {
        self.users.range(beyond(after)).map(|(_, user)| user)
    }

    /// Groups after a key, in the order they were made.
    pub(crate) fn groups_after(&self, after: Key) -> impl Iterator<Item = &Arc<Group>> {
        self.groups.range(beyond(after)).map(|(_, group)| group)
    }

    pub(crate) fn n_members(&self, group: Key) -> usize {
        self.members.get(&group).map_or(0, BTreeSet::len)
    }

    /// Members of a group after a key.
    pub(crate) fn members_after(&self, group: Key, after: Key) -> impl Iterator<Item = &Arc<User>> {
        let members = self.members.get(&group).into_iter();
        members.flat_map(move |members| members.range(beyond(after))).filter_map(|key| self.users.get(key))
    }

    /// Groups of a user after a key.
    pub(crate) fn groups_of_after(&self, user: Key, after: Key) -> impl Iterator<Item = &Arc<Group>> {
        let groups = self.groups_of.get(&user).into_iter();
        groups.flat_map(move |groups| groups.range(beyond(after))).filter_map(|key| self.groups.get(key))
    }

    /// What of a user is another user's already.
    pub(crate) fn clash_of_user(&self, user: &User) -> Option<Taken> {
        let key = user.key;
        if self.user_names.is_anothers(user.user_name(), key) {
            return Some(Taken::UserName);
        }
        if user.email().is_some_and(|email| self.emails.is_anothers(email, key)) {
            return Some(Taken::Email);
        }
        let external_id = user.external_id();
        let is_taken = external_id.is_some_and(|id| self.user_external_ids.is_anothers(id, key));
        is_taken.then_some(Taken::ExternalId)
    }

    /// What of a group is another group's already.
    pub(crate) fn clash_of_group(&self, group: &Group) -> Option<Taken> {
        if self.group_names.is_anothers(&group.display_name, group.key) {
            return Some(Taken::DisplayName);
        }
        let external_id = group.external_id.as_deref();
        let is_taken = external_id.is_some_and(|id| self.group_external_ids.is_anothers(id, group.key));
        is_taken.then_some(Taken::ExternalId)
    }
}

fn beyond(after: Key) -> (Bound<Key>, Bound<Key>) {
    (Bound::Excluded(after), Bound::Unbounded)
}

#[cfg(test)]
mod tests;

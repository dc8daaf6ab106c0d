//! Whether a group that the app already holds is one of the directory's.
//!
//! By `externalId` equal to the group's id; else by `displayName`, case folded, if that group's `externalId` is empty and
//! it is no other group's on our record. Anything else is in the way: that group fails alone, and the reason names what
//! is. Groups that fit nothing are not ours and are never touched: Control Tower keeps some of its own.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::name::{display_name, external_id};
use crate::attribute::Attributes;
use crate::attribute::fold::fold;
use crate::id::{Email, GroupId, RemoteId};
use crate::mutant::{self, Mutant};

/// A group as the app shows it, less its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteGroup {
    /// The app's id of it.
    pub remote_id: RemoteId,
    /// Its `externalId`, if it has one that is not empty.
    pub external_id: Option<String>,
    /// Its `displayName` as the app spells it.
    pub display_name: String,
    /// The directory's group whose it is on our record, if it is any's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<GroupHolder>,
}

impl RemoteGroup {
    /// What the app shows of it.
    pub fn attributes(&self) -> Attributes {
        let name = (display_name(), Value::from(self.display_name.as_str()));
        let id = self.external_id.as_deref().map(|id| (external_id(), Value::from(id)));
        std::iter::once(name).chain(id).collect()
    }
}

/// A group of the directory that holds a group or a name at the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupHolder {
    /// The directory's id.
    pub group: GroupId,
    /// Its address, as last known.
    pub email: Option<Email>,
    /// Whether the directory still has it.
    pub is_there: bool,
    /// An admin said: hands off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pinned: bool,
}

impl GroupHolder {
    /// Whether an admin's word can give what it holds to another group.
    pub fn may_be_taken_from(&self) -> bool {
        (!self.is_there || mutant::lives(Mutant::HeldGroupTaken)) && !self.is_pinned
    }
}

/// What the app holds that could be a group's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundGroup {
    /// Nobody looked yet, or the app could not really be asked: a create asks first.
    NotLooked,
    /// The app was read, and there is nothing.
    Nothing,
    /// It is there.
    Own(RemoteGroup, GroupMatchedBy),
    /// Something is in the way.
    Conflict(GroupConflict),
}

/// What made a group ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupMatchedBy {
    /// Its `externalId` is the group's id.
    ExternalId,
    /// Its `displayName` is the group's, and it has no `externalId`.
    DisplayName,
    /// An admin chose to take it over.
    Choice,
}

/// What stands between a group and its place at the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "conflict", rename_all = "snake_case")]
pub enum GroupConflict {
    /// The group of that name carries an `externalId` that we do not know.
    ForeignExternalId {
        /// The app's id of the group in the way.
        remote_id: RemoteId,
        /// Its name.
        display_name: String,
        /// Its `externalId`.
        external_id: String,
    },
    /// The name is another group's of ours: two of one name, one renamed onto another's, one made anew.
    Held {
        /// The name.
        display_name: String,
        /// Whose it is.
        holder: GroupHolder,
    },
    /// Several groups could be it.
    Ambiguous {
        /// The name that they share.
        display_name: String,
        /// How many there are.
        n_groups: usize,
    },
    /// The app refused the group as a duplicate, and shows none that it duplicates.
    Invisible {
        /// The name that was refused.
        display_name: String,
    },
}

impl GroupConflict {
    /// Whether an admin's word can give the group in the way to this one: what another group of the directory lives on is
    /// never taken from it, and of several nobody knows which one is meant.
    pub fn may_be_taken_over(&self) -> bool {
        match self {
            Self::ForeignExternalId { .. } => true,
            Self::Held { holder, .. } => holder.may_be_taken_from(),
            Self::Ambiguous { .. } | Self::Invisible { .. } => false,
        }
    }
}

impl GroupConflict {
    /// The name that it is about.
    pub fn display_name(&self) -> &str {
        match self {
            Self::ForeignExternalId { display_name, .. }
            | Self::Held { display_name, .. }
            | Self::Ambiguous { display_name, .. }
            | Self::Invisible { display_name } => display_name,
        }
    }
}

impl fmt::Display for GroupMatchedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExternalId => "its externalId",
            Self::DisplayName => "its name",
            Self::Choice => "its name, taken over by an admin",
        })
    }
}

impl fmt::Display for GroupHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gone = if self.is_there { "" } else { ", which the directory no longer has" };
        match &self.email {
            Some(email) => write!(f, "{email} (id {}){gone}", self.group),
            None => write!(f, "the group with id {}{gone}", self.group),
        }
    }
}

impl fmt::Display for GroupConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForeignExternalId { remote_id, display_name, external_id } => write!(
                f,
                "the app's group {display_name:?} (id {remote_id}) belongs to somebody else: its externalId is {external_id}; \
                 rename one of them, or take it over (`usher choose`)"
            ),
            Self::Held { display_name, holder } if holder.is_there => write!(
                f,
                "the name {display_name:?} is that of {holder} at the app; give one of them another name"
            ),
            Self::Held { display_name, holder } if holder.is_pinned => write!(
                f,
                "the name {display_name:?} is at the app that of {holder}, and that is pinned: unpin it first (`usher unpin`)"
            ),
            Self::Held { display_name, holder } => write!(
                f,
                "the name {display_name:?} is at the app that of {holder}; take it over (`usher choose`), or delete or rename \
                 it there"
            ),
            Self::Ambiguous { display_name, n_groups } => write!(
                f,
                "{n_groups} groups at the app are called {display_name:?}, and none says whose it is: leave one of them"
            ),
            Self::Invisible { display_name } => write!(
                f,
                "the app refused the group as a duplicate and shows none that is called {display_name:?}: look for it there"
            ),
        }
    }
}

/// Whether one of these groups at the app is this one's own. `take_over`: an admin said so where the name is taken.
pub fn find_own_group(
    group: &GroupId,
    display_name: &str,
    remotes: &[RemoteGroup],
    take_over: bool,
) -> FoundGroup {
    let is_own_id = |remote: &&RemoteGroup| remote.external_id.as_deref() == Some(group.as_str());
    if let Some(own) = remotes.iter().find(is_own_id) {
        // One that was taken over says so before anybody has recorded it.
        let in_the_way = other_holder(own, group).filter(|it| !take_over || !it.may_be_taken_from());
        return match in_the_way {
            Some(holder) => held(display_name, holder),
            None => FoundGroup::Own(own.clone(), GroupMatchedBy::ExternalId),
        };
    }
    let name = fold(display_name);
    let named: Vec<_> = remotes.iter().filter(|remote| fold(&remote.display_name) == name).collect();
    match named.as_slice() {
        [] => FoundGroup::Nothing,
        [one] => own_by_name(group, display_name, one, take_over),
        several => FoundGroup::Conflict(GroupConflict::Ambiguous {
            display_name: display_name.to_owned(),
            n_groups: several.len(),
        }),
    }
}

fn own_by_name(group: &GroupId, display_name: &str, remote: &RemoteGroup, take_over: bool) -> FoundGroup {
    let holder = other_holder(remote, group);
    // What another group of the directory lives on is never taken from it.
    if let Some(holder) = holder.filter(|holder| !holder.may_be_taken_from() || !take_over) {
        return held(display_name, holder);
    }
    let take_over = take_over || mutant::lives(Mutant::ForeignGroupAdopted);
    match &remote.external_id {
        None if !take_over => FoundGroup::Own(remote.clone(), GroupMatchedBy::DisplayName),
        _ if take_over => FoundGroup::Own(remote.clone(), GroupMatchedBy::Choice),
        None | Some(_) => FoundGroup::Conflict(GroupConflict::ForeignExternalId {
            remote_id: remote.remote_id.clone(),
            display_name: remote.display_name.clone(),
            external_id: remote.external_id.clone().unwrap_or_default(),
        }),
    }
}

fn other_holder(remote: &RemoteGroup, group: &GroupId) -> Option<GroupHolder> {
    remote.holder.clone().filter(|holder| holder.group != *group)
}

fn held(display_name: &str, holder: GroupHolder) -> FoundGroup {
    FoundGroup::Conflict(GroupConflict::Held { display_name: display_name.to_owned(), holder })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(id: &str, external_id: Option<&str>, name: &str) -> RemoteGroup {
        RemoteGroup {
            remote_id: RemoteId::new(id),
            external_id: external_id.map(str::to_owned),
            display_name: name.to_owned(),
            holder: None,
        }
    }

    fn holder(group: &str, is_there: bool) -> GroupHolder {
        GroupHolder { group: GroupId::new(group), email: None, is_there, is_pinned: false }
    }

    fn find(remotes: &[RemoteGroup]) -> FoundGroup {
        find_own_group(&GroupId::new("g"), "Admins", remotes, false)
    }

    #[test]
    fn its_own_external_id_counts_more_than_its_name() {
        let theirs = [remote("1", None, "Admins"), remote("2", Some("g"), "Old name")];
        assert_eq!(find(&theirs), FoundGroup::Own(theirs[1].clone(), GroupMatchedBy::ExternalId));
    }

    #[test]
    fn a_group_of_its_name_without_an_external_id_is_its_own() {
        let theirs = [remote("1", None, "ADMINS"), remote("2", None, "Others")];
        assert_eq!(find(&theirs), FoundGroup::Own(theirs[0].clone(), GroupMatchedBy::DisplayName));
        assert_eq!(find(&theirs[1..]), FoundGroup::Nothing);
    }

    #[test]
    fn a_group_that_says_that_it_is_anothers_is_in_the_way_until_an_admin_takes_it_over() {
        let theirs = [remote("1", Some("x"), "Admins")];
        let FoundGroup::Conflict(conflict) = find(&theirs) else { panic!("{:?}", find(&theirs)) };
        assert!(matches!(conflict, GroupConflict::ForeignExternalId { .. }) && conflict.may_be_taken_over());
        let taken = find_own_group(&GroupId::new("g"), "Admins", &theirs, true);
        assert_eq!(taken, FoundGroup::Own(theirs[0].clone(), GroupMatchedBy::Choice));
    }

    #[test]
    fn the_name_of_another_group_of_ours_is_taken_and_no_choice_takes_it_while_the_directory_has_it() {
        let theirs = [RemoteGroup { holder: Some(holder("h", true)), ..remote("1", Some("h"), "Admins") }];
        assert!(matches!(find(&theirs), FoundGroup::Conflict(GroupConflict::Held { .. })));
        let taken = find_own_group(&GroupId::new("g"), "Admins", &theirs, true);
        let FoundGroup::Conflict(conflict @ GroupConflict::Held { .. }) = taken else { panic!("{taken:?}") };
        assert!(!conflict.may_be_taken_over());
        let of_old = [RemoteGroup { holder: Some(holder("h", false)), ..remote("1", Some("h"), "Admins") }];
        assert!(matches!(find(&of_old), FoundGroup::Conflict(GroupConflict::Held { .. })), "made anew");
        let taken = find_own_group(&GroupId::new("g"), "Admins", &of_old, true);
        assert_eq!(taken, FoundGroup::Own(of_old[0].clone(), GroupMatchedBy::Choice));
    }

    #[test]
    fn a_group_that_was_taken_over_is_its_own_also_while_the_old_record_has_it() {
        let taken = [RemoteGroup { holder: Some(holder("h", false)), ..remote("1", Some("g"), "Admins") }];
        let found = find_own_group(&GroupId::new("g"), "Admins", &taken, true);
        assert_eq!(found, FoundGroup::Own(taken[0].clone(), GroupMatchedBy::ExternalId));
        assert!(matches!(find(&taken), FoundGroup::Conflict(GroupConflict::Held { .. })), "nobody said so");
        let theirs = [RemoteGroup { holder: Some(holder("h", true)), ..taken[0].clone() }];
        let found = find_own_group(&GroupId::new("g"), "Admins", &theirs, true);
        assert!(matches!(found, FoundGroup::Conflict(GroupConflict::Held { .. })), "the directory has it");
    }

    #[test]
    fn a_group_that_is_pinned_is_not_taken_over_until_it_is_unpinned() {
        let pinned = GroupHolder { is_pinned: true, ..holder("h", false) };
        let theirs = [RemoteGroup { holder: Some(pinned), ..remote("1", Some("h"), "Admins") }];
        let taken = find_own_group(&GroupId::new("g"), "Admins", &theirs, true);
        let FoundGroup::Conflict(conflict) = taken else { panic!("{taken:?}") };
        assert!(!conflict.may_be_taken_over());
        assert!(
            conflict.to_string().ends_with("that is pinned: unpin it first (`usher unpin`)"),
            "{conflict}"
        );
    }

    #[test]
    fn of_two_of_one_name_none_is_taken_for_its_own() {
        let theirs = [remote("1", None, "Admins"), remote("2", None, "admins")];
        assert!(matches!(find(&theirs), FoundGroup::Conflict(GroupConflict::Ambiguous { n_groups: 2, .. })));
    }
}

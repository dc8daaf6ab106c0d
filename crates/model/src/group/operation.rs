//! What can be done to a group at an app: one SCIM write each.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::adoption::RemoteGroup;
use super::name;
use crate::attribute::Attributes;
use crate::attribute::changes::Changes;
use crate::id::{RemoteId, UserId};

/// One write to the app about one group. The executor has nothing left to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum GroupOperation {
    /// Create the group.
    Create {
        /// Its `displayName` and `externalId`.
        attributes: Attributes,
        /// Its first members, at most [`super::MEMBERS_AT_ONCE`].
        members: Vec<UserId>,
        /// Whether the app is asked first if it holds such a group already.
        ask_first: bool,
    },
    /// Take over a group that the app holds.
    Adopt {
        /// The group as the app showed it.
        group: RemoteGroup,
        /// What differs. May be empty: then nothing is sent.
        changes: Changes,
    },
    /// Change its name, or its `externalId`.
    Update {
        /// The app's id of the group.
        remote_id: RemoteId,
        /// What differs.
        changes: Changes,
    },
    /// Add members, at most [`super::MEMBERS_AT_ONCE`].
    AddMembers {
        /// Who is to be a member.
        members: Vec<UserId>,
    },
    /// Make those members again whom a run had taken out, at most [`super::MEMBERS_AT_ONCE`]; by their accounts, because
    /// not everybody who was a member is somebody's on our record.
    PutBack {
        /// Who is to be a member again.
        members: Vec<Leaver>,
    },
    /// Take members out, at most [`super::MEMBERS_AT_ONCE`].
    RemoveMembers {
        /// Who is to be none.
        members: Vec<Leaver>,
    },
    /// Delete the group.
    Delete {
        /// The app's id of the group.
        remote_id: RemoteId,
    },
}

/// Somebody who is to leave a group at the app, or to come back after they left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaver {
    /// The app's id of their account.
    pub account: RemoteId,
    /// Whose account it is, if it is on our record.
    pub user: Option<UserId>,
}

/// The kinds of operations on groups, as plans and summaries count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A group is made.
    GroupCreate,
    /// A group that the app holds becomes ours.
    GroupAdopt,
    /// Its name changes.
    GroupUpdate,
    /// Members are added.
    MembersAdd,
    /// Members are taken out.
    MembersRemove,
    /// A group is deleted.
    GroupDelete,
}

impl GroupKind {
    /// All of them, in the order in which summaries print them.
    pub const ALL: [Self; 6] = [
        Self::GroupCreate,
        Self::GroupAdopt,
        Self::GroupUpdate,
        Self::MembersAdd,
        Self::MembersRemove,
        Self::GroupDelete,
    ];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GroupCreate => "group_create",
            Self::GroupAdopt => "group_adopt",
            Self::GroupUpdate => "group_update",
            Self::MembersAdd => "members_add",
            Self::MembersRemove => "members_remove",
            Self::GroupDelete => "group_delete",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GroupCreate => "create group",
            Self::GroupAdopt => "adopt group",
            Self::GroupUpdate => "update group",
            Self::MembersAdd => "add members",
            Self::MembersRemove => "remove members",
            Self::GroupDelete => "delete group",
        })
    }
}

impl GroupOperation {
    /// Its kind.
    pub fn kind(&self) -> GroupKind {
        match self {
            Self::Create { .. } => GroupKind::GroupCreate,
            Self::Adopt { .. } => GroupKind::GroupAdopt,
            Self::Update { .. } => GroupKind::GroupUpdate,
            Self::AddMembers { .. } | Self::PutBack { .. } => GroupKind::MembersAdd,
            Self::RemoveMembers { .. } => GroupKind::MembersRemove,
            Self::Delete { .. } => GroupKind::GroupDelete,
        }
    }

    /// Whether it makes people members.
    pub fn adds_members(&self) -> bool {
        match self {
            Self::Create { .. } | Self::AddMembers { .. } | Self::PutBack { .. } => true,
            Self::Adopt { .. } | Self::Update { .. } | Self::RemoveMembers { .. } | Self::Delete { .. } => {
                false
            }
        }
    }

    /// Whether it says what the group is to be called.
    pub fn names(&self) -> bool {
        match self {
            Self::Create { .. } => true,
            Self::Adopt { changes, .. } | Self::Update { changes, .. } => changes.iter().any(name::is_name),
            Self::AddMembers { .. }
            | Self::PutBack { .. }
            | Self::RemoveMembers { .. }
            | Self::Delete { .. } => false,
        }
    }

    /// How many memberships it adds, or takes away.
    pub fn n_members(&self) -> usize {
        match self {
            Self::Create { members, .. } | Self::AddMembers { members } => members.len(),
            Self::PutBack { members } | Self::RemoveMembers { members } => members.len(),
            Self::Adopt { .. } | Self::Update { .. } | Self::Delete { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for kind in GroupKind::ALL {
            assert_eq!(GroupKind::from_name(kind.as_str()), Some(kind));
        }
    }
}

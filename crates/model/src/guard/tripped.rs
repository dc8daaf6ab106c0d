//! Why operations are held, with the figures that tripped a guard, and in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::class::{Class, Verb};
use super::shrink::Shrink;
use crate::id::{Email, GroupId};

/// Why operations are held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "guard", rename_all = "snake_case")]
pub enum Tripped {
    /// Too many operations of a class within the window.
    TooMany {
        /// Of which class.
        class: Class,
        /// How many the plan wants.
        wanted: u64,
        /// How many were done in the last 24 hours without being released.
        done: u64,
        /// How many are allowed.
        limit: u64,
        /// Among how many accounts.
        of: u64,
    },
    /// Too many members are to leave one group.
    TooManyMembers {
        /// Which group.
        group: GroupId,
        /// Its address, as it was when the guard tripped; holds of before it was kept have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<Email>,
        /// How many are to leave.
        wanted: u64,
        /// How many left in the last 24 hours.
        done: u64,
        /// How many are allowed.
        limit: u64,
        /// How many members it has.
        of: u64,
        /// A person discarded that before, and it was wanted ever since: then none of them leaves, however few they are.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_discarded: bool,
    },
    /// Too many members are to leave the app's groups, all groups together.
    TooManyMemberships {
        /// How many memberships are to end.
        wanted: u64,
        /// How many ended in the last 24 hours.
        done: u64,
        /// How many are allowed.
        limit: u64,
        /// Among how many memberships.
        of: u64,
        /// A person discarded that before, and it was wanted ever since: then none ends, however few they are.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_discarded: bool,
    },
    /// Too many of the app's groups are to be deleted.
    TooManyGroups {
        /// How many are to be deleted.
        wanted: u64,
        /// How many were deleted in the last 24 hours.
        done: u64,
        /// How many are allowed.
        limit: u64,
        /// Among how many groups of Usher's.
        of: u64,
        /// A person discarded that before, and it was wanted ever since: then none is deleted, however few they are.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_discarded: bool,
    },
    /// The directory lists far fewer people than last time. Removals are held.
    DirectoryShrank(Shrink),
    /// A group that narrows the scope, or gives access, had members and has none, or vanished.
    /// Removals because the app was turned off are held.
    GroupEmptied {
        /// Which group.
        group: GroupId,
        /// Its address, as it was when it was chosen.
        email: Email,
        /// How many members it had.
        had: u64,
    },
    /// A person discarded a hold, and the same operations are wanted again.
    Discarded,
}

impl Tripped {
    /// What a hold is known by: the guard without its figures, which change from run to run.
    pub fn key(&self) -> String {
        match self {
            Self::TooMany { class, .. } => class.as_str().to_owned(),
            Self::TooManyMembers { group, .. } => Self::key_of_group(group),
            Self::TooManyMemberships { .. } => Self::KEY_OF_MEMBERSHIPS.to_owned(),
            Self::TooManyGroups { .. } => Self::KEY_OF_DELETED_GROUPS.to_owned(),
            Self::DirectoryShrank(_) => "directory shrank".to_owned(),
            Self::GroupEmptied { group, .. } => format!("group {group} emptied"),
            Self::Discarded => "discarded".to_owned(),
        }
    }

    /// What the hold of members of all groups together is known by.
    pub const KEY_OF_MEMBERSHIPS: &str = "memberships ended";

    /// What the hold of groups that are to be deleted is known by.
    pub const KEY_OF_DELETED_GROUPS: &str = "groups deleted";

    /// What the hold of a group's members is known by.
    pub fn key_of_group(group: &GroupId) -> String {
        format!("members of {group}")
    }

    /// The group whose members are held, if it is about a group at the app.
    pub fn group(&self) -> Option<&GroupId> {
        match self {
            Self::TooManyMembers { group, .. } => Some(group),
            Self::TooMany { .. }
            | Self::TooManyMemberships { .. }
            | Self::TooManyGroups { .. }
            | Self::DirectoryShrank(_)
            | Self::GroupEmptied { .. }
            | Self::Discarded => None,
        }
    }

    /// Whether it holds what is to be done with groups at the app, and nothing else.
    pub fn is_of_groups(&self) -> bool {
        matches!(
            self,
            Self::TooManyMembers { .. } | Self::TooManyMemberships { .. } | Self::TooManyGroups { .. }
        )
    }
}

impl fmt::Display for Tripped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { class, wanted, done, limit, of } => {
                let accounts = if *wanted == 1 { "account" } else { "accounts" };
                let (would, past, present) = class.verbs();
                write!(
                    f,
                    "{wanted} {accounts} would {would}, {} {} in the last 24 hours; of {of} accounts at most {limit} {} without \
                     somebody's word",
                    number(*done),
                    past.of(*done),
                    present.of(*limit),
                )
            }
            Self::TooManyMembers { group, email, wanted, done, limit, of, is_discarded } => {
                let name = email.as_ref().map_or(group.as_str(), Email::as_str);
                let members = if *wanted == 1 { "member" } else { "members" };
                write!(f, "{wanted} {members} would leave the group {name}")?;
                let done = number(*done);
                let too_many = format_args!(
                    "{done} left it in the last 24 hours; of {of} at most {limit} leave without somebody's word"
                );
                figures(f, *is_discarded, too_many)
            }
            Self::TooManyMemberships { wanted, done, limit, of, is_discarded } => {
                let memberships =
                    if *wanted == 1 { "membership of a group" } else { "memberships of groups" };
                write!(f, "{wanted} {memberships} would end")?;
                let done = number(*done);
                let too_many = format_args!(
                    "{done} ended in the last 24 hours; of {of} at most {limit} end without somebody's word"
                );
                figures(f, *is_discarded, too_many)
            }
            Self::TooManyGroups { wanted, done, limit, of, is_discarded } => {
                let groups = if *wanted == 1 { "group" } else { "groups" };
                write!(f, "{wanted} {groups} would be deleted at the app")?;
                let (were, are) = (Verb("was", "were").of(*done), Verb("is", "are").of(*limit));
                let done = number(*done);
                let too_many = format_args!(
                    "{done} {were} in the last 24 hours; of {of} at most {limit} {are} without somebody's word"
                );
                figures(f, *is_discarded, too_many)
            }
            Self::DirectoryShrank(shrink) => shrink.fmt(f),
            Self::GroupEmptied { email, had, .. } => {
                let members = if *had == 1 { "member" } else { "members" };
                write!(
                    f,
                    "the group {email} had {had} {members} and has none now; nobody is removed for that without somebody's word"
                )
            }
            Self::Discarded => {
                f.write_str("the same operations were held before, and somebody discarded them")
            }
        }
    }
}

/// Goes on with the figures that are too many; what somebody discarded is held whatever they are.
fn figures(f: &mut fmt::Formatter<'_>, is_discarded: bool, too_many: fmt::Arguments<'_>) -> fmt::Result {
    if is_discarded {
        return f.write_str("; somebody discarded that before");
    }
    write!(f, ", {too_many}")
}

/// How many, where none has a word of its own.
fn number(n: u64) -> String {
    if n == 0 { "none".to_owned() } else { n.to_string() }
}

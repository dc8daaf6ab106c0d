//! What a plan may do without a person's word.
//!
//! A guard looks at what a plan wants *together with what was done in the last
//! 24 hours*, so that five thousand plans of one cannot pass what one plan of
//! five thousand could not. A tripped guard holds the operations concerned; the
//! rest goes on. What a person released does not count as done: somebody has
//! answered for it.
//!
//! # Invariants
//!
//! 1. Monotone: a plan that wants more is never held less.
//! 2. Half of the managed accounts is never taken away unasked, where there are at least three.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{Email, GroupId};
use crate::mutant::{self, Mutant};
use crate::operation::Operation;
use crate::reason::Reason;

mod shrink;

pub use shrink::{Shrink, ShrinkLimits, shrank};

/// The window over which operations are added up.
pub const WINDOW: Duration = Duration::from_hours(24);

/// What guards count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Suspensions and deletes.
    Removals,
    /// Accounts made anew because the app said that they are gone.
    Recreations,
    /// Changes of `userName`.
    Renames,
    /// Attributes emptied.
    Clearings,
}

impl Class {
    /// All of them. An operation that is of several classes is held under the first that trips.
    pub const ALL: [Self; 4] = [Self::Removals, Self::Recreations, Self::Renames, Self::Clearings];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removals => "removals",
            Self::Recreations => "recreations",
            Self::Renames => "renames",
            Self::Clearings => "clearings",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }
}

/// The classes that an operation is of.
pub fn classes(operation: &Operation, reason: &Reason) -> Vec<Class> {
    let mut classes = Vec::new();
    match operation {
        Operation::Suspend { .. } | Operation::Delete { .. } => classes.push(Class::Removals),
        Operation::Create { .. } if *reason == Reason::GoneAtApp => classes.push(Class::Recreations),
        Operation::Create { .. } | Operation::Adopt { .. } => {}
        Operation::Update { changes, .. } | Operation::Unsuspend { changes, .. } => {
            // The way aside and back is one rename, counted when it arrives.
            if changes.changes_user_name() && *reason != Reason::StepsAside {
                classes.push(Class::Renames);
            }
            if changes.cleared().next().is_some() {
                classes.push(Class::Clearings);
            }
        }
    }
    classes
}

/// How many operations there are of each class.
pub type Tally = BTreeMap<Class, u64>;

/// How many operations of a class may happen within the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// So many are always allowed.
    pub floor: u64,
    /// Else so many per cent of the managed accounts.
    pub percent: u8,
}

impl Threshold {
    /// The largest number that is allowed among so many.
    pub fn limit(self, of: u64) -> u64 {
        self.floor.max(of.saturating_mul(u64::from(self.percent)) / 100)
    }
}

/// An app's guards. Adjustable per app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Suspensions and deletes.
    pub removals: Threshold,
    /// Whether more than half of the accounts, of three or more, is too many whatever the threshold says.
    pub never_half: bool,
    /// Recreations, each a person whose rights at the app are lost.
    pub recreations: Threshold,
    /// Changes of `userName`.
    pub renames: Threshold,
    /// Updates that empty an attribute.
    pub clearings: Threshold,
    /// Members removed from one group.
    pub members: Threshold,
    /// Members removed, from all groups together.
    pub memberships: Threshold,
    /// Groups deleted.
    pub groups: Threshold,
    /// The directory's listing.
    pub shrink: ShrinkLimits,
}

impl Default for Limits {
    fn default() -> Self {
        let ten_percent = |floor| Threshold { floor, percent: 10 };
        Self {
            removals: ten_percent(10),
            never_half: true,
            // A bare tenth would hold the only rename of a company of nine.
            recreations: ten_percent(3),
            renames: ten_percent(3),
            clearings: ten_percent(3),
            members: ten_percent(10),
            memberships: ten_percent(100),
            groups: ten_percent(3),
            shrink: ShrinkLimits::default(),
        }
    }
}

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

/// The accounts that limits are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Managed {
    /// How many are on, with those that were removed within the window: so a limit does not sink while it is being used
    /// up.
    pub n: u64,
    /// Whether there are so few on record, off ones included, that half of them says nothing.
    pub are_few: bool,
}

impl Managed {
    /// From so many on record on, half of them is too many.
    pub const MANY: u64 = 3;

    /// Half of those that are on; one at least, so that the last one may go as the others did. None: there are too few.
    fn half(self) -> Option<u64> {
        (!self.are_few).then(|| (self.n / 2).max(1))
    }
}

/// The guards that trip on what a plan wants and what was done in the last 24 hours.
pub fn trip(wanted: &Tally, done: &Tally, managed: Managed, limits: &Limits) -> Vec<Tripped> {
    Class::ALL
        .into_iter()
        .filter_map(|class| {
            let (wanted, done) = (count(wanted, class), count(done, class));
            let limit = limit(class, managed, limits);
            (wanted > 0 && wanted.saturating_add(done) > limit).then_some(Tripped::TooMany {
                class,
                wanted,
                done,
                limit,
                of: managed.n,
            })
        })
        .collect()
}

/// What is to leave one group, and what left it.
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'a> {
    /// Which group.
    pub group: &'a GroupId,
    /// Its address.
    pub email: &'a Email,
    /// How many members are to leave.
    pub wanted: u64,
    /// How many left in the last 24 hours without being released.
    pub done: u64,
    /// How many members it has, with those who left.
    pub of: u64,
    /// A person discarded that before, and it was wanted ever since.
    pub is_discarded: bool,
}

/// Whether too many members are to leave one group.
pub fn trip_members(leaving: &Leaving<'_>, limits: &Limits) -> Option<Tripped> {
    let Leaving { group, email, wanted, done, of, is_discarded } = *leaving;
    let limit = limits.members.limit(of);
    let is_too_many = wanted.saturating_add(done) > limit;
    let is_skipped = mutant::lives(Mutant::GroupGuardsSkipped);
    (wanted > 0 && (is_too_many || is_discarded) && !is_skipped).then(|| Tripped::TooManyMembers {
        group: group.clone(),
        email: Some(email.clone()),
        wanted,
        done,
        limit,
        of,
        is_discarded,
    })
}

/// What is to leave all groups of an app together.
#[derive(Clone, Copy, Debug)]
pub struct Emptying {
    /// How many memberships are to end.
    pub wanted: u64,
    /// How many ended in the last 24 hours without being released.
    pub done: u64,
    /// How many memberships the app has, with those that ended.
    pub of: u64,
    /// A person discarded that before, and it was wanted ever since.
    pub is_discarded: bool,
}

/// Whether too many members are to leave, all groups together: a thousand groups of ten lose as much as one of ten
/// thousand.
pub fn trip_memberships(emptying: &Emptying, limits: &Limits) -> Option<Tripped> {
    let Emptying { wanted, done, of, is_discarded } = *emptying;
    let limit = limits.memberships.limit(of);
    let is_too_many = wanted.saturating_add(done) > limit;
    let is_skipped = mutant::lives(Mutant::GroupGuardsSkipped);
    (wanted > 0 && (is_too_many || is_discarded) && !is_skipped).then_some(Tripped::TooManyMemberships {
        wanted,
        done,
        limit,
        of,
        is_discarded,
    })
}

/// What is to become of an app's groups.
#[derive(Clone, Copy, Debug)]
pub struct Deleting {
    /// How many are to be deleted.
    pub wanted: u64,
    /// How many were deleted in the last 24 hours without being released.
    pub done: u64,
    /// How many groups of Usher's the app has, with those that were deleted.
    pub of: u64,
    /// A person discarded that before, and it was wanted ever since.
    pub is_discarded: bool,
}

/// Whether too many of an app's groups are to be deleted: each of them is somebody's rights, however few are in it.
pub fn trip_groups(deleting: &Deleting, limits: &Limits) -> Option<Tripped> {
    let Deleting { wanted, done, of, is_discarded } = *deleting;
    let half = (limits.never_half && of >= Managed::MANY).then_some((of / 2).max(1));
    let limit = half.unwrap_or(u64::MAX).min(limits.groups.limit(of));
    let is_too_many = wanted.saturating_add(done) > limit;
    let is_skipped = mutant::lives(Mutant::GroupGuardsSkipped);
    (wanted > 0 && (is_too_many || is_discarded) && !is_skipped).then_some(Tripped::TooManyGroups {
        wanted,
        done,
        limit,
        of,
        is_discarded,
    })
}

fn count(tally: &Tally, class: Class) -> u64 {
    tally.get(&class).copied().unwrap_or(0)
}

fn limit(class: Class, managed: Managed, limits: &Limits) -> u64 {
    let n = managed.n;
    let half = managed.half().filter(|_| limits.never_half);
    match class {
        Class::Removals => half.unwrap_or(u64::MAX).min(limits.removals.limit(n)),
        Class::Recreations => limits.recreations.limit(n),
        Class::Renames => limits.renames.limit(n),
        Class::Clearings => limits.clearings.limit(n),
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Removals => "suspensions and deletes",
            Self::Recreations => "accounts made anew",
            Self::Renames => "changes of userName",
            Self::Clearings => "emptied attributes",
        })
    }
}

impl fmt::Display for Tripped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { class, wanted, done, limit, of } => write!(
                f,
                "{wanted} {class} wanted and {done} done in the last 24 hours, of {of} accounts; at most {limit} happen unasked"
            ),
            Self::TooManyMembers { group, email, wanted, done, limit, of, is_discarded } => {
                let name = email.as_ref().map_or(group.as_str(), Email::as_str);
                let members = if *wanted == 1 { "member is" } else { "members are" };
                write!(f, "{wanted} {members} to leave the group {name}")?;
                if *is_discarded {
                    return f.write_str("; somebody discarded that before");
                }
                write!(f, " and {done} left it in the last 24 hours, of {of}; at most {limit} leave unasked")
            }
            Self::TooManyMemberships { wanted, done, limit, of, is_discarded } => {
                let memberships =
                    if *wanted == 1 { "membership of a group is" } else { "memberships of groups are" };
                write!(f, "{wanted} {memberships} to end")?;
                if *is_discarded {
                    return f.write_str("; somebody discarded that before");
                }
                write!(f, " and {done} ended in the last 24 hours, of {of}; at most {limit} end unasked")
            }
            Self::TooManyGroups { wanted, done, limit, of, is_discarded } => {
                let groups = if *wanted == 1 { "group is" } else { "groups are" };
                write!(f, "{wanted} {groups} to be deleted at the app")?;
                if *is_discarded {
                    return f.write_str("; somebody discarded that before");
                }
                write!(
                    f,
                    " and {done} were in the last 24 hours, of {of}; at most {limit} are deleted unasked"
                )
            }
            Self::DirectoryShrank(shrink) => shrink.fmt(f),
            Self::GroupEmptied { email, had, .. } => {
                write!(
                    f,
                    "the group {email} had {had} members and has none now; nobody is removed for that unasked"
                )
            }
            Self::Discarded => {
                f.write_str("the same operations were held before, and somebody discarded them")
            }
        }
    }
}

#[cfg(test)]
mod tests;

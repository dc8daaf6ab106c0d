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

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{Email, GroupId};
use crate::mutant::{self, Mutant};

mod class;
mod shrink;
mod tripped;

pub use class::{Class, Tally, classes};
pub use shrink::{Shrink, ShrinkLimits, shrank};
pub use tripped::Tripped;

/// The window over which operations are added up.
pub const WINDOW: Duration = Duration::from_hours(24);

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

#[cfg(test)]
mod tests;

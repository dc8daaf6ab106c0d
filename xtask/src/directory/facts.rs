//! How many of each kind a directory has, so that tests can say what must come of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Recipe;
use super::kind::{Kind, PERIOD};
use super::person::{SWAPPED_PAIR, address};

/// Printed as one line of JSON by `--print-facts`.
#[derive(Serialize)]
pub(super) struct Facts {
    users: u64,
    /// Neither suspended nor archived nor deleted.
    active: u64,
    /// Active, in the primary domain, and no guest: entitled to an app that is on for everyone.
    active_primary_not_guest: u64,
    suspended: u64,
    archived: u64,
    deleted: u64,
    /// Every kind, those with nobody as well; they add up to `users`.
    kinds: BTreeMap<Kind, u64>,
    groups: u64,
    memberships: u64,
    /// The addresses that `--swapped` exchanges, the lower index first.
    swapped_pair: Option<[String; 2]>,
}

impl Facts {
    pub(super) fn of(recipe: &Recipe) -> Self {
        let (low, high) = SWAPPED_PAIR;
        Self {
            users: 0,
            active: 0,
            active_primary_not_guest: 0,
            suspended: 0,
            archived: 0,
            deleted: 0,
            kinds: (0..PERIOD).map(|index| (Kind::of(index), 0)).collect(),
            groups: recipe.groups,
            memberships: 0,
            swapped_pair: (high < recipe.users).then(|| [address(recipe, low), address(recipe, high)]),
        }
    }

    pub(super) fn count_person(&mut self, kind: Kind) {
        let at_home = kind != Kind::SecondaryDomain && kind != Kind::Guest;
        self.users += 1;
        self.active += u64::from(kind.is_active());
        self.active_primary_not_guest += u64::from(kind.is_active() && at_home);
        self.suspended += u64::from(kind.is_suspended());
        self.archived += u64::from(kind.is_archived());
        self.deleted += u64::from(kind.is_deleted());
        *self.kinds.entry(kind).or_default() += 1;
    }

    pub(super) fn count_membership(&mut self) {
        self.memberships += 1;
    }
}

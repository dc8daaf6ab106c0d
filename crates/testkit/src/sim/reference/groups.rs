//! What ought to be of groups: which ones the app gets, and who is in them.

use std::collections::BTreeSet;

use super::Config;
use crate::sim::directory::groups::Grouping;
use crate::sim::told::{State, Told};

/// Which groups an app gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Selected {
    None,
    Scope,
    Chosen(BTreeSet<u8>),
    /// All, or those at one place.
    Fitting(Option<u8>),
}

/// What an app's configuration says of groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sim) struct GroupConfig {
    pub(in crate::sim) selected: Selected,
    pub(in crate::sim) suspended_leave: bool,
    pub(in crate::sim) foreign_go: bool,
    /// In days; none: a group that is not selected is left alone.
    pub(in crate::sim) deselected: Option<u16>,
}

impl GroupConfig {
    pub(in crate::sim) fn new() -> Self {
        Self { selected: Selected::None, suspended_leave: false, foreign_go: false, deselected: None }
    }

    pub(in crate::sim) fn is_on(&self) -> bool {
        self.selected != Selected::None
    }
}

/// Whether somebody is in a group of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Membership {
    /// Directly, or through groups in it.
    Member,
    No,
    /// Of whoever is deleted nobody can say so.
    Deleted,
}

/// Whether the app is to have a group.
pub(in crate::sim) fn is_selected(group: u8, config: &Config, grouping: &Grouping) -> bool {
    let Some((_, place)) = grouping.named.get(&group) else { return false };
    match &config.groups_at_app.selected {
        Selected::None => false,
        Selected::Scope => config.scope.contains_key(&group),
        Selected::Chosen(chosen) => chosen.contains(&group),
        Selected::Fitting(fitting) => fitting.is_none_or(|fitting| fitting == *place),
    }
}

/// Whether somebody is in a group, which is these groups.
pub(in crate::sim) fn membership(told: &Told, below: &BTreeSet<u8>) -> Membership {
    match told.state {
        State::Deleted(_) => Membership::Deleted,
        State::Active | State::Suspended(_) | State::Archived(_) => {
            if told.groups.is_disjoint(below) {
                Membership::No
            } else {
                Membership::Member
            }
        }
    }
}

/// How many may leave a group of so many within a day, unless somebody lets them go.
pub(in crate::sim) fn leavers(members: usize) -> usize {
    (members / 10).max(10)
}

/// How many of so many groups may be deleted within a day, unless somebody lets them go. Of few it may be fewer; how many
/// there were when that was planned is not to be known from outside.
pub(in crate::sim) fn deletions(groups: usize) -> usize {
    (groups / 10).max(3)
}

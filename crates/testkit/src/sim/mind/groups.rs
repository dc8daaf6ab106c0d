//! What Usher's own store ought to know of groups.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::time::Timestamp;

use super::Mind;
use crate::sim::reference::below;
use crate::sim::reference::groups::{Membership, is_selected, membership};

/// What Usher was told of groups and what it ought to remember of them, by their numbers.
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct GroupMind {
    /// What each is called, from which version on; none: it is not there.
    named: BTreeMap<u8, Vec<(u64, Option<String>)>>,
    /// Whether the app is to have it, from which version on.
    selected: BTreeMap<u8, Vec<(u64, bool)>>,
    /// Whether a person is in it, from which version on.
    memberships: BTreeMap<u8, BTreeMap<String, Vec<(u64, Membership)>>>,
    /// Until when one is pinned, and from which version on.
    pub(in crate::sim) pins: BTreeMap<u8, (u64, Option<Timestamp>)>,
    /// Those that may take over a group that is in their way.
    pub(in crate::sim) taken_over: BTreeSet<u8>,
    /// Since when the app is not to have one, at the earliest.
    pub(in crate::sim) left: BTreeMap<u8, Timestamp>,
    /// Whom an undo put back into which group, from which version on.
    pub(in crate::sim) kept: BTreeMap<(u8, String), u64>,
}

/// Adds what is so from a version on, if it is news.
fn note<T: PartialEq>(history: &mut Vec<(u64, T)>, version: u64, now: T) {
    if history.last().is_none_or(|(_, last)| *last != now) {
        history.push((version, now));
    }
}

/// What was so since a version, the earliest first.
fn since<T: Clone>(history: Option<&Vec<(u64, T)>>, version: u64) -> Vec<T> {
    let Some(history) = history else { return Vec::new() };
    let before = history.iter().rposition(|(at, _)| *at <= version).unwrap_or(0);
    history[before..].iter().map(|(_, was)| was.clone()).collect()
}

impl GroupMind {
    /// All groups of which Usher was ever told.
    pub(in crate::sim) fn all(&self) -> Vec<u8> {
        self.named.keys().copied().collect()
    }

    /// Whether the app is to have a group now.
    pub(in crate::sim) fn is_selected(&self, group: u8) -> bool {
        self.selected.get(&group).and_then(|history| history.last()).is_some_and(|(_, is)| *is)
    }

    /// What it is called now; none: it is not there.
    pub(in crate::sim) fn name(&self, group: u8) -> Option<&str> {
        self.named.get(&group).and_then(|history| history.last()).and_then(|(_, name)| name.as_deref())
    }

    /// Whether somebody is in it now.
    pub(in crate::sim) fn membership(&self, group: u8, user: &str) -> Option<Membership> {
        let history = self.memberships.get(&group)?.get(user)?;
        history.last().map(|(_, last)| *last)
    }

    /// Whether it was ever selected since a version, and whether it ever was not.
    pub(in crate::sim) fn was_selected(&self, group: u8, version: u64) -> (bool, bool) {
        let was = since(self.selected.get(&group), version);
        (was.contains(&true), was.contains(&false) || was.is_empty())
    }

    /// What it was called since a version.
    pub(in crate::sim) fn names(&self, group: u8, version: u64) -> Vec<String> {
        since(self.named.get(&group), version).into_iter().flatten().collect()
    }

    /// Whether somebody was ever so in it since a version.
    pub(in crate::sim) fn was(&self, group: u8, user: &str, version: u64, what: Membership) -> bool {
        since(self.memberships.get(&group).and_then(|of| of.get(user)), version).contains(&what)
    }

    /// Forgets what is dropped with the configuration.
    pub(in crate::sim) fn unconfigure(&mut self) {
        self.pins.clear();
        self.taken_over.clear();
        self.left.clear();
        self.kept.clear();
    }
}

impl Mind {
    /// Something changed: every group is looked at again.
    pub(super) fn groups_changed(&mut self) {
        let Self { version, told, config, grouping, groups, .. } = self;
        let known: BTreeSet<u8> = groups.all().into_iter().chain(grouping.named.keys().copied()).collect();
        for group in known {
            let name = grouping.named.get(&group).map(|(name, _)| name.clone());
            let is_there = name.is_some();
            note(groups.named.entry(group).or_default(), *version, name);
            let is_selected = is_selected(group, config, grouping);
            note(groups.selected.entry(group).or_default(), *version, is_selected);
            if !is_there {
                continue;
            }
            let below = below(group, &grouping.nesting);
            let of_group = groups.memberships.entry(group).or_default();
            for told in told.values() {
                let is = membership(told, &below);
                match of_group.get_mut(&told.id) {
                    Some(history) => note(history, *version, is),
                    None => drop(of_group.insert(told.id.clone(), vec![(*version, is)])),
                }
            }
        }
    }
}

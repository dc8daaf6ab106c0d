//! Groups: whom the provisioning scope takes in, and through which groups.
//!
//! Nothing here walks people. A [`Reach`] is made once a run from the chosen
//! groups and the arrows between groups; then each person's *direct* groups
//! say whether they are in. So memory grows with the groups that matter, not
//! with the directory.
//!
//! # Invariants
//!
//! 1. Cycles between groups are harmless: every walk visits a group once.
//! 2. A chosen group that vanished stays chosen, as an empty one: scope never
//!    widens by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::id::GroupId;

/// Which members of a chosen group are in scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Its own members alone.
    Direct,
    /// Its own members and those of the groups in it, however deep.
    #[default]
    Nested,
}

/// Groups that narrow access further. None chosen means everyone with access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The chosen groups, vanished ones included.
    pub groups: BTreeMap<GroupId, Depth>,
}

/// The arrows between groups: which group is a member of which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupGraph {
    children: BTreeMap<GroupId, BTreeSet<GroupId>>,
    /// Groups with a member of type CUSTOMER: everyone in the organisation.
    pub everyone: BTreeSet<GroupId>,
}

impl GroupGraph {
    /// Says that `child` is a member of `parent`.
    pub fn add(&mut self, parent: GroupId, child: GroupId) {
        self.children.entry(parent).or_default().insert(child);
    }

    /// The group itself and every group in it, however deep.
    pub fn below(&self, root: &GroupId) -> BTreeSet<GroupId> {
        let mut seen = BTreeSet::from([root.clone()]);
        let mut open = vec![root.clone()];
        while let Some(group) = open.pop() {
            for child in self.children.get(&group).into_iter().flatten() {
                if seen.insert(child.clone()) {
                    open.push(child.clone());
                }
            }
        }
        seen
    }

    /// These groups and every group that one of them is in, however deep.
    pub fn above(&self, groups: &BTreeSet<GroupId>) -> BTreeSet<GroupId> {
        let mut parents: BTreeMap<&GroupId, Vec<&GroupId>> = BTreeMap::new();
        for (parent, children) in &self.children {
            for child in children {
                parents.entry(child).or_default().push(parent);
            }
        }
        let mut seen = groups.clone();
        let mut open: Vec<&GroupId> = groups.iter().collect();
        while let Some(group) = open.pop() {
            for parent in parents.get(group).into_iter().flatten() {
                if seen.insert((*parent).clone()) {
                    open.push(parent);
                }
            }
        }
        seen
    }
}

/// Which groups' direct members have access through a group, and which are in scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    access: BTreeMap<GroupId, GroupId>,
    access_everyone: Option<GroupId>,
    scope: BTreeSet<GroupId>,
    scope_everyone: bool,
}

impl Reach {
    /// Follows the chosen groups down to every group whose direct members count.
    pub fn new(access: &Access, scope: &Scope, graph: &GroupGraph) -> Self {
        let mut reach = Self { scope_everyone: scope.groups.is_empty(), ..Self::default() };
        for chosen in &access.groups {
            for group in graph.below(chosen) {
                if graph.everyone.contains(&group) {
                    reach.access_everyone.get_or_insert_with(|| chosen.clone());
                }
                reach.access.entry(group).or_insert_with(|| chosen.clone());
            }
        }
        for (chosen, depth) in &scope.groups {
            let groups = match depth {
                Depth::Direct => BTreeSet::from([chosen.clone()]),
                Depth::Nested => graph.below(chosen),
            };
            reach.scope_everyone |= groups.iter().any(|group| graph.everyone.contains(group));
            reach.scope.extend(groups);
        }
        reach
    }

    /// Through which chosen group somebody with these direct groups has access, if through any.
    pub fn access_through(&self, direct: &BTreeSet<GroupId>) -> Option<&GroupId> {
        direct.iter().find_map(|group| self.access.get(group)).or(self.access_everyone.as_ref())
    }

    /// Whether somebody with these direct groups is in the provisioning scope.
    pub fn in_scope(&self, direct: &BTreeSet<GroupId>) -> bool {
        self.scope_everyone || direct.iter().any(|group| self.scope.contains(group))
    }

    /// Every group whose direct members must be known; nobody else's membership matters.
    pub fn groups(&self) -> BTreeSet<GroupId> {
        self.access.keys().chain(&self.scope).cloned().collect()
    }
}

#[cfg(test)]
mod tests;

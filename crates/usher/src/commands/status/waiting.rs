//! The people and groups at one app for whom nothing happens until somebody chooses, and the command that chooses.
//!
//! Not here: holds, which wait for a person as well and are told by themselves.

use serde::Serialize;
use usher_model::group::reason::{GroupFailings, GroupFailure};
use usher_model::id::{AppId, Email, GroupId, UserId};
use usher_store::account::{self, CONFLICTS_LOOKED_THROUGH, Deciding};
use usher_store::group;
use usher_store::{StoreError, Tx};

use crate::output::grouped;

/// How many people are named of each kind.
const NAMED: usize = 3;
/// How many failing groups are looked through for conflicts.
const GROUPS_LOOKED_THROUGH: usize = 1_000;

/// Who waits for a decision at one app.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Waiting {
    /// Entitled, and somebody else switched their account off.
    switched_off: u64,
    /// The account that has their name is somebody's of whom nobody here knows.
    conflicts: u64,
    /// Groups whose name is taken at the app by one that an admin may give to them. Counted among the first that fail.
    group_conflicts: u64,
    /// The first of those who were switched off.
    #[serde(skip)]
    off: Vec<String>,
    /// The first of those who are in conflict.
    #[serde(skip)]
    conflicting: Vec<String>,
    /// The first of those groups.
    #[serde(skip)]
    groups: Vec<String>,
    /// So many fail that not all of them were looked through for conflicts.
    #[serde(skip)]
    is_cut_short: bool,
}

impl Waiting {
    /// Reads them. `failing`: how many people fail at the app in all.
    pub(super) async fn read(tx: &mut Tx, app: &AppId, failing: u64) -> Result<Self, StoreError> {
        let account::Waiting { switched_off, conflicts } = account::waiting(tx, app, NAMED).await?;
        let groups = conflicting_groups(tx, app).await?;
        Ok(Self {
            switched_off: switched_off.n,
            conflicts: conflicts.n,
            group_conflicts: groups.len() as u64,
            groups: groups.into_iter().take(NAMED).collect(),
            off: names(switched_off),
            conflicting: names(conflicts),
            is_cut_short: failing > CONFLICTS_LOOKED_THROUGH as u64,
        })
    }

    /// One line for each kind, with what can be chosen; none where nobody waits.
    pub(super) fn text(&self, app: &str) -> Option<String> {
        let off = (self.switched_off > 0).then(|| {
            let (who, choose) = (accounts(self.switched_off, &self.off), choose(app, &self.off));
            let it = if self.switched_off == 1 { "it" } else { "one" };
            format!(
                "{who} switched off at the app by somebody else, and left so: `{choose} switch-on` switches {it} on \
                 again"
            )
        });
        let conflicting = (self.conflicts > 0).then(|| {
            let (who, choose) = (people(self.conflicts, &self.conflicting), choose(app, &self.conflicting));
            let at_least = if self.is_cut_short { "at least " } else { "" };
            format!(
                "{at_least}{who} in conflict with an account of somebody else: `{choose} take-over` takes that account over, \
                 `wait` leaves it alone"
            )
        });
        let groups = (self.group_conflicts > 0).then(|| {
            let (which, choose) = (groups(self.group_conflicts, &self.groups), choose(app, &self.groups));
            format!(
                "{which} called as somebody else's group at the app: `{choose} take-over` takes that group over, `wait` leaves \
                 it alone"
            )
        });
        let lines: Vec<_> = off.into_iter().chain(conflicting).chain(groups).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// The groups that wait for a choice, by address, and about which none was made.
async fn conflicting_groups(tx: &mut Tx, app: &AppId) -> Result<Vec<String>, StoreError> {
    let failing = group::failing_list(tx, app, GROUPS_LOOKED_THROUGH).await?;
    let conflicting = failing.into_iter().filter(|(.., failings)| is_to_be_chosen(failings));
    let conflicting: Vec<(GroupId, Option<Email>)> =
        conflicting.map(|(group, email, _)| (group, email)).collect();
    let ids: Vec<GroupId> = conflicting.iter().map(|(group, _)| group.clone()).collect();
    let records = group::of(tx, app, &ids).await?;
    let is_open = |id: &GroupId| records.get(id).is_some_and(|record| record.choice.is_none());
    let open = conflicting.into_iter().filter(|(id, _)| is_open(id));
    Ok(open.map(|(id, email)| email.map_or_else(|| id.to_string(), |email| email.to_string())).collect())
}

fn is_to_be_chosen(failings: &GroupFailings) -> bool {
    failings.values().any(|failing| match &failing.failure {
        GroupFailure::Conflict { conflict } => conflict.may_be_taken_over(),
        GroupFailure::Name { .. }
        | GroupFailure::Refused { .. }
        | GroupFailure::NoAnswer { .. }
        | GroupFailure::Members { .. }
        | GroupFailure::NotApproved
        | GroupFailure::Disobeyed { .. } => false,
    })
}

fn names(deciding: Deciding) -> Vec<String> {
    let name = |(user, email): (UserId, Option<Email>)| {
        email.map_or_else(|| user.to_string(), |email| email.to_string())
    };
    deciding.first.into_iter().map(name).collect()
}

/// `the account of ada@example.com was`, or `12 accounts (ada@example.com, …) were`.
fn accounts(n: u64, first: &[String]) -> String {
    match (n, first) {
        (1, [one]) => format!("the account of {one} was"),
        _ => format!("{} accounts ({}) were", grouped(n), listed(n, first)),
    }
}

/// `ada@example.com is`, or `12 people (ada@example.com, …) are`.
fn people(n: u64, first: &[String]) -> String {
    match (n, first) {
        (1, [one]) => format!("{one} is"),
        _ => format!("{} people ({}) are", grouped(n), listed(n, first)),
    }
}

/// `the group ops@example.com is`, or `12 groups (ops@example.com, …) are`.
fn groups(n: u64, first: &[String]) -> String {
    match (n, first) {
        (1, [one]) => format!("the group {one} is"),
        _ => format!("{} groups ({}) are", grouped(n), listed(n, first)),
    }
}

fn listed(n: u64, first: &[String]) -> String {
    let more = if n > first.len() as u64 { ", …" } else { "" };
    first.join(", ") + more
}

/// The command, for the one person or for any of them.
fn choose(app: &str, first: &[String]) -> String {
    let who = if let [one] = first { one } else { "EMAIL" };
    format!("usher choose {app} {who}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(switched_off: u64, conflicts: u64) -> Waiting {
        let named = |n: u64| (0..n.min(3)).map(|n| format!("p{n}@example.com")).collect();
        Waiting {
            switched_off,
            conflicts,
            off: named(switched_off),
            conflicting: named(conflicts),
            group_conflicts: 0,
            groups: Vec::new(),
            is_cut_short: false,
        }
    }

    #[test]
    fn whoever_waits_is_told_in_one_line_with_the_command_that_decides() {
        assert_eq!(waiting(0, 0).text("aws"), None);
        insta::assert_snapshot!(waiting(1, 0).text("aws").unwrap(), @"the account of p0@example.com was switched off at the app by somebody else, and left so: `usher choose aws p0@example.com switch-on` switches it on again");
        insta::assert_snapshot!(waiting(12, 1).text("aws").unwrap(), @r"
        12 accounts (p0@example.com, p1@example.com, p2@example.com, …) were switched off at the app by somebody else, and left so: `usher choose aws EMAIL switch-on` switches one on again
        p0@example.com is in conflict with an account of somebody else: `usher choose aws p0@example.com take-over` takes that account over, `wait` leaves it alone
        ");
        let group =
            Waiting { group_conflicts: 1, groups: vec!["ops@example.com".to_owned()], ..waiting(0, 0) };
        insta::assert_snapshot!(group.text("aws").unwrap(), @"the group ops@example.com is called as somebody else's group at the app: `usher choose aws ops@example.com take-over` takes that group over, `wait` leaves it alone");
        let many = Waiting { is_cut_short: true, ..waiting(0, 4_321) };
        insta::assert_snapshot!(many.text("aws").unwrap(), @"at least 4,321 people (p0@example.com, p1@example.com, p2@example.com, …) are in conflict with an account of somebody else: `usher choose aws EMAIL take-over` takes that account over, `wait` leaves it alone");
    }
}

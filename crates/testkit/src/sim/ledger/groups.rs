//! What is known from outside of the groups at the app: whose they are, who was put into them by whom, which writes came
//! to nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use usher_model::time::Timestamp;

use super::{Ledger, View};
use crate::sim::directory::groups::{group_id, group_of_id};
use crate::sim::op::part::Request;
use crate::sim::write::{Doing, GroupWrite, Sent};

/// The groups at the app, and what is on its way to them.
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct Groups {
    /// By their id there, whoever made them.
    pub(in crate::sim) at_app: BTreeMap<String, GroupEntry>,
    /// Creates that were not answered, by the directory's group, and when a look first found nothing.
    pub(in crate::sim) lost: BTreeMap<u8, Option<Timestamp>>,
    /// Who left which group without being let go, and when.
    pub(in crate::sim) removed_at: BTreeMap<u8, Vec<Timestamp>>,
    /// When groups were deleted that nobody had let go.
    pub(in crate::sim) deleted_at: Vec<Timestamp>,
    /// The groups that Usher itself deleted.
    pub(in crate::sim) deleted: BTreeSet<String>,
    /// What was carried out at which of the directory's groups, and how often.
    pub(in crate::sim) done: BTreeMap<(u8, GroupDone), u64>,
    /// Groups that others had a hand in: what Usher's log tells of them is what it saw.
    pub(in crate::sim) blurred: BTreeSet<u8>,
    /// What the log tells of any group is what Usher saw.
    pub(in crate::sim) is_log_blurred: bool,
    flying: BTreeMap<(u8, String), GroupWrite>,
}

/// What the log tells of a group and what can be counted from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sim) enum GroupDone {
    Create,
    /// Memberships.
    Added,
    Removed,
    Delete,
}

/// A group at the app.
#[expect(clippy::struct_excessive_bools, reason = "facts, none of which says anything of another")]
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct GroupEntry {
    /// The directory's group that Usher made or adopted it for.
    pub(in crate::sim) owner: Option<u8>,
    /// A write to its members came to nothing, or nobody knows: why it has to be read before it is written to.
    pub(in crate::sim) unread: Option<&'static str>,
    /// The run that wrote to its members and was told that it is done, as long as nobody has read whether it is.
    pub(in crate::sim) unverified: Option<u64>,
    /// Whether a list has shown it since then: what it is called, and whose it says that it is.
    pub(in crate::sim) is_shown: bool,
    /// Whether the app said last that it is not there: what was made just now it may not show yet.
    pub(in crate::sim) is_missed: bool,
    /// Accounts that Usher put into it.
    pub(in crate::sim) ours: BTreeSet<String>,
    /// Accounts that Usher ever took out of it, or was to.
    pub(in crate::sim) taken_out: BTreeSet<String>,
    /// Accounts that another hand put into it.
    pub(in crate::sim) by_hand: BTreeSet<String>,
    /// Accounts that another hand took out of it.
    pub(in crate::sim) out_by_hand: BTreeSet<String>,
    /// Whom a write that was refused threw out.
    pub(in crate::sim) thrown_out: BTreeSet<String>,
    /// When another hand last changed its name, or what it says of whose it is.
    pub(in crate::sim) edited_at: Option<Timestamp>,
    /// The directory's group that it said that it is when Usher saw it: who says so is adopted without a write.
    pub(in crate::sim) said: Option<u8>,
    /// What it was called when Usher saw it, or by a write of Usher's.
    pub(in crate::sim) names: BTreeSet<String>,
    /// The last of these: an app that is behind shows one that is past, and nobody who believes it can know better.
    pub(in crate::sim) called: Option<String>,
    /// Whether the app said yes to saying whose it is, and did not.
    pub(in crate::sim) is_unidentified: bool,
    /// Whether Usher has forgotten what it did to it.
    pub(in crate::sim) is_forgotten: bool,
}

impl Groups {
    /// Something was carried out at a group, so many times.
    pub(in crate::sim) fn did(&mut self, group: u8, done: GroupDone, n: usize) {
        *self.done.entry((group, done)).or_default() += n as u64;
    }

    /// An account is gone, and with it its memberships: nobody tells of those.
    pub(in crate::sim) fn lose_account(&mut self, account: &str) {
        let had = |entry: &&GroupEntry| entry.ours.contains(account) || entry.by_hand.contains(account);
        let owners = self.at_app.values().filter(had).filter_map(|entry| entry.owner);
        self.blurred.extend(owners);
    }

    /// The records are dropped: whose the groups are, nobody knows any more.
    pub(in crate::sim) fn forget(&mut self) {
        self.lost.clear();
        self.removed_at.clear();
        self.deleted_at.clear();
        for entry in self.at_app.values_mut() {
            (entry.owner, entry.said, entry.unread, entry.is_forgotten) = (None, None, None, true);
            entry.unverified = None;
            entry.by_hand.append(&mut entry.ours);
        }
    }

    /// An old backup is put back: what it does not know was never done.
    pub(in crate::sim) fn put_back(&mut self, backup: &Self) {
        self.is_log_blurred = true;
        self.lost.clear();
        self.removed_at.clear();
        self.deleted_at.clear();
        self.deleted.clear();
        for (id, entry) in &mut self.at_app {
            entry.is_forgotten = true;
            (entry.unread, entry.unverified) = (None, None);
            entry.owner = backup.at_app.get(id).and_then(|known| known.owner);
            let known = backup.at_app.get(id).map(|known| known.ours.clone()).unwrap_or_default();
            let ours = std::mem::replace(&mut entry.ours, known);
            entry.by_hand.extend(ours);
        }
    }
}

impl Ledger {
    /// A write to a group leaves.
    pub(in crate::sim) fn group_flies(&mut self, write: &GroupWrite) {
        self.groups.flying.insert((write.actor, write.key()), write.clone());
        let entry = write.id.as_ref().and_then(|id| self.groups.at_app.get_mut(id));
        if let Some(entry) = entry {
            entry.taken_out.extend(write.removed.iter().cloned());
        }
    }

    /// A write's answer came, or it never left.
    pub(in crate::sim) fn answered_sent(&mut self, sent: Option<&Sent>, status: Option<u16>) {
        match sent {
            Some(Sent::Account(write)) => self.answered(write),
            Some(Sent::Group(write)) => self.group_answered(write, status),
            None => {}
        }
    }

    /// Its answer came; `status`: what the app said, if it said anything.
    pub(in crate::sim) fn group_answered(&mut self, write: &GroupWrite, status: Option<u16>) {
        if self.groups.flying.remove(&(write.actor, write.key())).is_none() {
            return;
        }
        match status {
            // What says that nothing was done says so for sure.
            None | Some(401 | 403 | 429) => {}
            Some(200..300) => self.group_obeyed(write),
            Some(500..) => self.group_unsure(write),
            Some(_) if write.doing == Doing::Members => {
                self.group_unread(write, "a write to its members was refused");
            }
            Some(_) => {}
        }
    }

    /// The app said yes: what was done to members is to be read; whether an adoption was done nobody can know better.
    fn group_obeyed(&mut self, write: &GroupWrite) {
        let entry = write.id.as_ref().and_then(|id| self.groups.at_app.get_mut(id));
        if let Some(entry) = entry
            && write.doing == Doing::Members
        {
            entry.unverified = Some(write.n_run);
            return;
        }
        let entry = write.id.as_ref().and_then(|id| self.groups.at_app.get_mut(id));
        if let Some(entry) = entry.filter(|entry| write.is_claim && entry.owner != write.group) {
            (entry.owner, entry.is_unidentified) = (write.group, true);
        }
    }

    /// Its answer never came.
    pub(in crate::sim) fn group_lost(&mut self, write: &GroupWrite) {
        if self.groups.flying.remove(&(write.actor, write.key())).is_some() {
            self.group_unsure(write);
        }
    }

    /// What others have on its way may arrive or not.
    pub(super) fn groups_taken_over(&mut self) {
        for write in std::mem::take(&mut self.groups.flying).into_values() {
            self.group_unsure(&write);
        }
    }

    fn group_unsure(&mut self, write: &GroupWrite) {
        // Of a group that was to be made, and was found instead, nobody can say later which it was.
        if write.is_claim && write.doing == Doing::Change {
            self.groups.blurred.extend(write.group);
        }
        match (write.doing, write.group) {
            (Doing::Create, Some(group)) => drop(self.groups.lost.insert(group, None)),
            _ => self.group_unread(write, "a write to it was not answered"),
        }
    }

    fn group_unread(&mut self, write: &GroupWrite, why: &'static str) {
        let entry = write.id.as_ref().and_then(|id| self.groups.at_app.get_mut(id));
        if let Some(entry) = entry {
            (entry.unread, entry.is_shown) = (Some(why), false);
        }
    }

    /// The app showed what a group is called, and whose it says that it is.
    pub(in crate::sim) fn group_called(&mut self, group: &Value) {
        let entry = group["id"].as_str().and_then(|id| self.groups.at_app.get_mut(id));
        let Some(entry) = entry else { return };
        if let Some(called) = group["displayName"].as_str() {
            entry.names.insert(called.to_owned());
            entry.called = Some(called.to_owned());
        }
        entry.said = group["externalId"].as_str().and_then(group_of_id).or(entry.said);
    }

    /// A list showed a group: what it is called, and whose it says that it is.
    pub(in crate::sim) fn group_shown(&mut self, id: &str) {
        if let Some(entry) = self.groups.at_app.get_mut(id) {
            entry.is_shown = true;
        }
    }

    /// A read of a group, or of its members, was answered.
    pub(in crate::sim) fn group_read(&mut self, id: &str) {
        if let Some(entry) = self.groups.at_app.get_mut(id) {
            (entry.unread, entry.unverified) = (None, None);
        }
    }

    /// The app said whether a group is there.
    pub(in crate::sim) fn group_missed(&mut self, id: &str, is_missed: bool) {
        if let Some(entry) = self.groups.at_app.get_mut(id) {
            entry.is_missed = is_missed;
        }
    }

    /// The app was asked for the group with this external id.
    pub(in crate::sim) fn group_looked(
        &mut self,
        external_id: &str,
        is_there: bool,
        now: Timestamp,
        pause: Duration,
    ) {
        let found = self.groups.lost.iter_mut().find(|(group, _)| group_id(**group) == external_id);
        let Some((group, missed_at)) = found else { return };
        let is_second = missed_at.is_some_and(|at| now.since(at) >= pause);
        if is_there || is_second {
            let group = *group;
            self.groups.lost.remove(&group);
        } else {
            missed_at.get_or_insert(now);
        }
    }

    /// A run of all groups may have seen that one is not to be had, or is.
    pub(super) fn groups_planned(&mut self, view: &View) {
        let is_whole = !matches!(view.request, Request::Person { .. } | Request::Undo);
        if !is_whole || !view.config.groups_at_app.is_on() || view.planned.is_none() {
            return;
        }
        for group in self.mind.groups.all() {
            if self.mind.groups.was_selected(group, view.begun).1 {
                self.mind.groups.left.entry(group).or_insert(view.planned_at);
            }
        }
    }

    /// A run of all groups has come to its end: it has seen which are to be had.
    pub(super) fn groups_ended(&mut self, view: &View) {
        self.groups_planned(view);
        let is_whole = !matches!(view.request, Request::Person { .. } | Request::Undo);
        if !is_whole || !view.config.groups_at_app.is_on() {
            return;
        }
        for group in self.mind.groups.all() {
            if !self.mind.groups.was_selected(group, view.begun).1 {
                self.mind.groups.left.remove(&group);
            }
        }
    }
}

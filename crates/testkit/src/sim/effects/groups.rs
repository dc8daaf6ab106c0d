//! The rules about what was carried out at the app's groups.

use std::collections::BTreeSet;

use usher_emulator::identity_center::people::GroupInfo;
use usher_model::time::Timestamp;

use crate::sim::ledger::Ledger;
use crate::sim::ledger::groups::{GroupDone, GroupEntry};
use crate::sim::reference::groups::{deletions, leavers};
use crate::sim::write::{Doing, GroupWrite};

fn members(group: Option<&GroupInfo>) -> BTreeSet<String> {
    group.into_iter().flat_map(|group| group.members.iter().map(|member| member.id.clone())).collect()
}

impl Ledger {
    /// A write to a group was carried out.
    pub(in crate::sim) fn group_effect(
        &mut self,
        write: &GroupWrite,
        before: Option<&GroupInfo>,
        after: Option<&GroupInfo>,
        now: Timestamp,
    ) {
        let Some(id) = after.or(before).map(|group| group.id.clone()) else { return };
        self.trace.n_effects += 1;
        let (was_in, is_in) = (members(before), members(after));
        let out: BTreeSet<String> = was_in.difference(&is_in).cloned().collect();
        self.trace.note(&|| {
            let shown = after.map(|group| (&group.display_name, &group.external_id));
            format!("effect {:?} of group {id} at {now}: {shown:?} {is_in:?}", write.doing)
        });
        let Some(group) = write.group else { return };
        if write.doing == Doing::Delete {
            self.groups_go(write, now);
        }
        self.groups_lose(write, group, was_in.len(), out.len(), now);
        let is_forgotten = write.begun < self.mind.unconfigured;
        if is_forgotten {
            self.groups.blurred.insert(group);
        }
        match write.doing {
            Doing::Create => self.groups.did(group, GroupDone::Create, 1),
            Doing::Delete => self.groups.did(group, GroupDone::Delete, 1),
            Doing::Change | Doing::Members => {}
        }
        if write.doing != Doing::Delete {
            self.groups.did(group, GroupDone::Added, is_in.difference(&was_in).count());
            self.groups.did(group, GroupDone::Removed, out.len());
        }
        let version = self.mind.version;
        let users: Vec<_> =
            is_in.difference(&was_in).map(|account| (account.clone(), self.user_of(account))).collect();
        let left: Vec<_> = out.iter().filter_map(|account| self.user_of(account)).collect();
        if write.doing == Doing::Delete {
            self.groups.at_app.remove(&id);
            self.groups.deleted.insert(id);
            return;
        }
        let entry = self.groups.at_app.entry(id).or_default();
        if entry.owner.is_some_and(|owner| owner != group) {
            // Who was in it before it was taken over is foreign to whoever takes it.
            entry.by_hand.append(&mut entry.ours);
        }
        // What comes after the configuration was deleted is as if somebody else had done it.
        entry.owner = if is_forgotten { entry.owner } else { Some(group) };
        entry.is_forgotten |= is_forgotten;
        if let Some(called) = after.map(|group| &group.display_name) {
            entry.names.insert(called.clone());
            entry.called = Some(called.clone());
        }
        for (account, user) in users {
            entry.out_by_hand.remove(&account);
            if entry.thrown_out.remove(&account) && !write.is_undo {
                continue;
            }
            if write.is_undo && user.is_none() {
                // Whom nobody knows is as foreign as before.
                entry.by_hand.insert(account);
                continue;
            }
            entry.by_hand.remove(&account);
            entry.ours.insert(account);
            if let Some(user) = user.filter(|_| write.is_undo) {
                self.mind.groups.kept.insert((group, user), version);
            }
        }
        for account in out {
            entry.ours.remove(&account);
            entry.by_hand.remove(&account);
        }
        for user in left {
            self.mind.groups.kept.remove(&(group, user));
        }
    }

    /// Whose account this is.
    pub(in crate::sim) fn user_of(&self, account: &str) -> Option<String> {
        let shown = self.shown.get(account).cloned().unwrap_or_default();
        self.owner(account, &shown)
    }

    /// The guards: not many groups are deleted unasked.
    fn groups_go(&mut self, write: &GroupWrite, now: Timestamp) {
        if write.is_released {
            return;
        }
        let is_ours = |entry: &&GroupEntry| entry.owner.is_some() || entry.said.is_some();
        let there = self.groups.at_app.values().filter(is_ours).count();
        let deleted_at = &mut self.groups.deleted_at;
        deleted_at.retain(|at| now.since(*at) < super::DAY);
        let limit = deletions(there + deleted_at.len());
        deleted_at.push(now);
        let done = deleted_at.len();
        if done > limit && !self.is_stale {
            self.breaks(format!("the guard of groups: {done} deleted within a day; {limit} are allowed"));
        }
    }

    /// The guards: no mass removal unasked.
    fn groups_lose(&mut self, write: &GroupWrite, group: u8, had: usize, lost: usize, now: Timestamp) {
        if lost == 0 || write.is_released || write.is_undo {
            return;
        }
        if let Some((accepted, listed)) = self.shrunk_for(write.actor) {
            self.breaks(format!(
                "rule 2: taken out of a group although the directory shrank from {accepted} to {listed}"
            ));
        }
        let removed_at = self.groups.removed_at.entry(group).or_default();
        removed_at.retain(|at| now.since(*at) < super::DAY);
        let of = had + removed_at.len();
        removed_at.extend(std::iter::repeat_n(now, lost));
        let (done, limit) = (removed_at.len(), leavers(of));
        if done > limit && !self.is_stale {
            self.breaks(format!(
                "the guard of groups: {done} left within a day, of {of}; {limit} are allowed"
            ));
        }
    }
}

//! The rules about groups, checked at every write to one.

use usher_emulator::identity_center::people::GroupInfo;
use usher_model::time::Timestamp;

use super::DAY;
use crate::sim::directory::groups::{group_id, group_of_id};
use crate::sim::ledger::groups::GroupEntry;
use crate::sim::ledger::{Ledger, View};
use crate::sim::mind::groups::GroupMind;
use crate::sim::op::part::Request;
use crate::sim::reference::Standing;
use crate::sim::reference::groups::Membership;
use crate::sim::write::{Doing, GroupWrite};

/// How many memberships one request changes at most.
const MOST_CHANGES: usize = 100;

fn is_same(name: &str, other: &str) -> bool {
    name.eq_ignore_ascii_case(other)
}

/// A write, and what it is judged by.
struct Case<'a> {
    ledger: &'a Ledger,
    write: &'a GroupWrite,
    view: &'a View,
    group: u8,
    before: Option<&'a GroupInfo>,
    entry: Option<&'a GroupEntry>,
    /// What was so since then may be what it goes by.
    since: u64,
}

impl Ledger {
    /// A write to a group leaves: may it?
    pub(in crate::sim) fn sends_group(&mut self, write: &GroupWrite, before: Option<&GroupInfo>) {
        let Some(view) = self.views.get(&write.actor).cloned() else { return };
        let broken = self.closed(write.actor, &view).or_else(|| self.group_unjustified(write, &view, before));
        if let Some(broken) = broken {
            let name = before.map(|group| (&group.display_name, &group.external_id));
            let told = write.group.and_then(|group| self.mind.groups.name(group));
            let config = &view.config.groups_at_app;
            self.breaks(format!(
                "{:?} of a group by replica {}: {broken}\n  {write:?}\n  at the app {name:?}, told {told:?}\n  {config:?}",
                write.doing, write.actor
            ));
        }
    }

    fn group_unjustified(
        &self,
        write: &GroupWrite,
        view: &View,
        before: Option<&GroupInfo>,
    ) -> Option<String> {
        if !view.config.groups_at_app.is_on() {
            return Some("groups are not provisioned".to_owned());
        }
        // What is not there any more is changed by nothing.
        if before.is_none() && write.doing != Doing::Create {
            return None;
        }
        let Some(group) = write.group else {
            return Some("rule 1: it is none that Usher made or adopted".to_owned());
        };
        let entry = write.id.as_ref().and_then(|id| self.groups.at_app.get(id));
        let since = view.planned.unwrap_or(view.begun);
        let case = Case { ledger: self, write, view, group, before, entry, since };
        case.touched().or_else(|| case.unapproved()).or_else(|| match write.doing {
            Doing::Create => case.made().or_else(|| case.takes_name()),
            Doing::Change => case.changed().or_else(|| case.takes_name()),
            Doing::Members => case.joined().or_else(|| case.left()),
            Doing::Delete => case.deleted(),
        })
    }
}

impl Case<'_> {
    fn mind(&self) -> &GroupMind {
        &self.ledger.mind.groups
    }

    /// Whether it may be written to at all.
    fn touched(&self) -> Option<String> {
        let pinned = self.mind().pins.get(&self.group);
        let holds = |(since, until): &(u64, Option<Timestamp>)| {
            *since <= self.since && until.is_none_or(|until| until > self.write.sent_at)
        };
        if pinned.is_some_and(holds) {
            return Some("it is pinned".to_owned());
        }
        // Of what it is called a list says as much as a read.
        let is_seen = |entry: &&GroupEntry| entry.is_shown && self.write.doing == Doing::Change;
        if let Some(why) = self.entry.filter(|entry| !is_seen(entry)).and_then(|entry| entry.unread) {
            return Some(format!("it is written to before it is read: {why}"));
        }
        let unverified = self.entry.and_then(|entry| entry.unverified);
        if unverified.is_some_and(|n_run| n_run != self.write.n_run) && self.write.doing != Doing::Change {
            return Some("nobody has read whether an earlier run's write to its members was done".to_owned());
        }
        let is_wanted = self.write.is_undo || self.mind().was_selected(self.group, self.since).0;
        if self.write.doing != Doing::Delete && !is_wanted {
            return Some("the app is not to have it".to_owned());
        }
        let is_ours = self.is_ours() || self.says_so();
        let is_adoption = self.write.doing == Doing::Change && self.write.is_claim;
        if self.write.doing != Doing::Create && !is_ours && !is_adoption {
            return Some("rule 1: Usher neither made nor adopted it".to_owned());
        }
        if self.write.added.len() > MOST_CHANGES || self.write.removed.len() > MOST_CHANGES {
            return Some("more than a hundred memberships at once".to_owned());
        }
        None
    }

    fn is_ours(&self) -> bool {
        self.entry.is_some_and(|entry| entry.owner == Some(self.group))
    }

    /// Whether it says that it is this group's, or has said so.
    fn says_so(&self) -> bool {
        let has_said = self.entry.is_some_and(|entry| entry.said == Some(self.group));
        let says = |before: &GroupInfo| before.external_id.as_deref() == Some(&*group_id(self.group));
        has_said || self.before.is_some_and(says)
    }

    /// Whether another hand has changed it so lately that the app may show it as it was.
    fn is_just_edited(&self) -> bool {
        let edited_at = self.entry.and_then(|entry| entry.edited_at);
        edited_at.is_some_and(|at| self.write.sent_at.since(at) <= crate::sim::LOOK_AGAIN_AFTER)
    }

    /// Whether the group was ever called so, as far as the run may know.
    fn is_named(&self, name: &str) -> bool {
        self.mind().names(self.group, self.since).iter().any(|told| is_same(told, name))
    }

    /// Whether the name that it gives is that of another one that Usher keeps there, as Usher has seen.
    fn takes_name(&self) -> Option<String> {
        let name = self.write.name.as_deref()?;
        let other = self.ledger.groups.at_app.get(self.write.name_of.as_ref()?)?;
        let owner = other.owner.filter(|owner| *owner != self.group)?;
        let is_known =
            other.edited_at.is_none() && !other.is_forgotten && other.called.as_deref() == Some(name);
        (is_known && !self.ledger.is_stale && !self.mind().taken_over.contains(&self.group))
            .then(|| format!("it is called {name:?}, and {} is still", group_id(owner)))
    }

    fn made(&self) -> Option<String> {
        let name = self.write.name.as_deref().unwrap_or_default();
        if self.ledger.groups.lost.contains_key(&self.group) {
            return Some("rule 4: its create was not answered, and nobody looked".to_owned());
        }
        if !self.is_named(name) {
            return Some(format!("the directory does not call it {name:?}"));
        }
        // What another hand has made of it may not be known again.
        let is_known =
            |entry: &GroupEntry| !entry.is_forgotten && entry.edited_at.is_none() && !entry.is_missed;
        let has_one = |entry: &&GroupEntry| entry.owner == Some(self.group) && is_known(entry);
        // What the app shows too late nobody can know.
        if !self.ledger.is_stale && self.ledger.groups.at_app.values().any(|entry| has_one(&entry)) {
            return Some("rule 6: it is there already".to_owned());
        }
        self.joined()
    }

    /// Its name changes, or it is adopted.
    fn changed(&self) -> Option<String> {
        if let Some(name) = &self.write.name {
            // Two that swap go through a name that nobody else has, and whoever waits for a name keeps the one that it has.
            let was_called = self.entry.is_some_and(|entry| entry.names.contains(name));
            if !self.is_named(name) && *name != group_id(self.group) && !was_called {
                return Some(format!("the directory does not call it {name:?}"));
            }
        }
        if self.is_ours() { None } else { self.adopted() }
    }

    fn adopted(&self) -> Option<String> {
        let before = self.before?;
        if self.is_just_edited() {
            return None;
        }
        if self.says_so() {
            return None;
        }
        let may_take = self.mind().taken_over.contains(&self.group);
        let is_there = |group: u8| !self.mind().names(group, self.since).is_empty();
        let says = before.external_id.as_deref().filter(|id| !id.is_empty());
        if let Some(other) = says.and_then(group_of_id).filter(|other| is_there(*other)) {
            return Some(format!("rule 1: it says that it is {}, which the directory has", group_id(other)));
        }
        if says.is_some() && !may_take {
            return Some(
                "rule 1: it says that it is somebody else's, and nobody said that it is to be taken over"
                    .to_owned(),
            );
        }
        if !self.is_named(&before.display_name) {
            return Some("rule 1: it is adopted, and has another name".to_owned());
        }
        let owner = self.entry.and_then(|entry| entry.owner).filter(|owner| *owner != self.group);
        match owner {
            Some(owner) if is_there(owner) => Some(format!("rule 1: it is {}'s", group_id(owner))),
            Some(owner) if !may_take => Some(format!("rule 1: it is {}'s still", group_id(owner))),
            Some(_) | None => None,
        }
    }

    /// Whose account this is, as far as Usher may know.
    fn user(&self, account: &str) -> Option<String> {
        let shown = self.ledger.shown.get(account).cloned().unwrap_or_default();
        self.ledger.owner(account, &shown)
    }

    fn is_pinned(&self, user: &str) -> bool {
        self.ledger.is_pinned(user, self.since, self.write.sent_at)
    }

    /// Whether a plan that somebody approved does not say so.
    fn unapproved(&self) -> Option<String> {
        let approved = self.view.approved.as_ref()?;
        let group = group_id(self.group);
        let kinds: &[&str] = match self.write.doing {
            Doing::Create => &["create"],
            Doing::Change => &["adopt", "update"],
            Doing::Delete => &["delete"],
            Doing::Members => &["create", "add_members", "remove_members"],
        };
        let is_put_back =
            |account: &String| self.entry.is_some_and(|entry| entry.thrown_out.contains(account));
        let is_in = |account: &String| {
            self.user(account).is_some_and(|user| approved.adds(&group, &user)) || is_put_back(account)
        };
        let is_approved = approved.has_group(&group, kinds) || self.write.added.iter().all(is_put_back);
        let all_added = self.write.added.iter().all(is_in);
        let all_removed = self.write.removed.iter().all(|account| approved.removes(&group, account));
        (!is_approved || !all_added || !all_removed)
            .then(|| "that is in no plan that somebody approved".to_owned())
    }

    /// Whoever is added is a member of the directory's group and has an account; or is put back.
    fn joined(&self) -> Option<String> {
        self.write.added.iter().find_map(|account| {
            let entry = self.entry;
            // Whose account is gone at the app is no member of anything, whatever is asked.
            let is_there = self.ledger.shown.contains_key(account);
            if !is_there || entry.is_some_and(|entry| entry.thrown_out.contains(account)) {
                return None;
            }
            // An app that is behind may have shown the group without somebody who is in it: adding them changes nothing.
            let is_in = |before: &GroupInfo| before.members.iter().any(|member| member.id == *account);
            if self.before.is_some_and(is_in) {
                return None;
            }
            if self.write.is_undo {
                let was_in = entry.is_some_and(|entry| entry.taken_out.contains(account));
                let user = self.user(account).filter(|user| !self.ledger.mind.undone.contains(user));
                if let Some(user) = user.filter(|user| self.is_pinned(user)) {
                    return Some(format!("{user} is put back, and is pinned"));
                }
                return (!was_in).then(|| format!("{account} is put back, and no run took them out"));
            }
            let Some(user) = self.user(account) else {
                return Some(format!("{account} is added, whose account is nobody's that Usher knows"));
            };
            if self.is_pinned(&user) {
                return Some(format!("{user} is added, and is pinned"));
            }
            let is_member = self.mind().was(self.group, &user, self.since, Membership::Member);
            (!is_member).then(|| format!("{user} is added, and is no member of the directory's group"))
        })
    }

    /// Whoever is taken out is no member of the directory's group, or is off where such ones leave.
    fn left(&self) -> Option<String> {
        self.write.removed.iter().find_map(|account| self.is_wrongly_out(account))
    }

    fn is_wrongly_out(&self, account: &str) -> Option<String> {
        // Whoever is in it no more is not taken out.
        if !self.before?.members.iter().any(|member| member.id == account) {
            return None;
        }
        let config = &self.view.config.groups_at_app;
        let is_ours = self.entry.is_some_and(|entry| entry.ours.contains(account));
        let Some(user) = self.user(account) else {
            return (!config.foreign_go && !is_ours)
                .then(|| format!("{account} is taken out, whom Usher did not put in"));
        };
        // An account that Usher neither made nor adopted is that of anybody.
        let is_known = self.ledger.accounts.get(account).is_some_and(|entry| entry.owner.is_some());
        if config.foreign_go && !is_known {
            return None;
        }
        if self.is_pinned(&user) {
            return Some(format!("{user} is taken out, and is pinned"));
        }
        let is_out = self.mind().was(self.group, &user, self.since, Membership::No);
        let may_leave = config.suspended_leave && self.may_be_off(account, &user);
        if !is_out && !may_leave {
            return Some(format!("{user} is taken out, and is a member of the directory's group"));
        }
        if let Some(kept) = self.mind().kept.get(&(self.group, user.clone()))
            && !self.mind().was(self.group, &user, *kept, Membership::Member)
        {
            return Some(format!("{user} is taken out, whom an undo put back"));
        }
        let was_member = self.mind().was(self.group, &user, 0, Membership::Member);
        (!config.foreign_go && !is_ours && !was_member)
            .then(|| format!("{user} is taken out, whom Usher did not put in"))
    }

    /// Whether somebody's account is off, or is to be, or may be as far as Usher knows.
    fn may_be_off(&self, account: &str, user: &str) -> bool {
        let stood = self.ledger.mind.stood(user, self.since);
        let is_on = self.ledger.shown.get(account).is_some_and(|shown| shown["active"] == true);
        let entry = self.ledger.accounts.get(account);
        let was_off = entry.is_none_or(|entry| {
            entry.suspended_on.is_some() || entry.off_by_hand.is_some() || entry.is_unsure
        });
        !is_on || was_off || stood.iter().any(|stood| *stood != Standing::Entitled)
    }

    fn deleted(&self) -> Option<String> {
        let Some(days) = self.view.config.groups_at_app.deselected else {
            return Some("groups that are not selected are left alone".to_owned());
        };
        if !self.is_ours() && !self.says_so() {
            return Some("rule 1: Usher neither made nor adopted it".to_owned());
        }
        let says = self.before.and_then(|before| before.external_id.as_deref());
        let is_anothers = says.is_some_and(|says| !says.is_empty() && says != group_id(self.group));
        if is_anothers && !self.ledger.is_stale && !self.is_just_edited() {
            return Some(format!("rule 1: it is deleted, and says that it is {says:?}"));
        }
        if !self.mind().was_selected(self.group, self.since).1 {
            return Some("it is deleted, and the app is to have it".to_owned());
        }
        let left = self.mind().left.get(&self.group).copied().unwrap_or(self.view.planned_at);
        if left + DAY * u32::from(days) > self.write.sent_at {
            return Some(format!("it is deleted before its time: not selected since {left}"));
        }
        let members = self.before.into_iter().flat_map(|before| &before.members);
        let pinned = members.filter(|member| self.entry.is_some_and(|entry| entry.ours.contains(&member.id)));
        let mut pinned =
            pinned.filter_map(|member| self.user(&member.id)).filter(|user| self.is_pinned(user));
        pinned.next().map(|user| format!("it is deleted with {user} in it, who is pinned"))
    }
}

impl View {
    /// Whether it takes back what another did.
    pub(in crate::sim) fn is_undo(&self) -> bool {
        self.request == Request::Undo
    }
}

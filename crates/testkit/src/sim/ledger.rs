//! What is known from outside: what Usher was told and when, what it asked of the app and what came of it.
//!
//! The ledger watches every request and every change of an account at the instant it happens. [`super::rules`] and
//! [`super::effects`] say which of them break a rule; the first one that does is kept and ends the play.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use usher_model::time::Timestamp;

use self::approved::Approved;
use self::groups::Groups;
use super::mind::{Kind, Mind, Unknown};
use super::op::part::Request;
use super::reference::{Config, is_shrunk};
use super::told::{State, Told};
use super::write::Write;

mod approved;
pub(super) mod groups;

/// Everything that is known from outside.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) mind: Mind,
    pub(super) views: BTreeMap<u8, View>,
    /// The replica whose run began last: it alone holds the app.
    pub(super) holder: Option<u8>,
    /// The accounts at the app, by their id there, whoever made them.
    pub(super) accounts: BTreeMap<String, Entry>,
    /// The accounts as the app has them, by their id there.
    pub(super) shown: BTreeMap<String, Value>,
    pub(super) groups: Groups,
    /// What the plan says that was approved last.
    pub(super) approved: Approved,
    pub(super) n_runs: u64,
    /// Whose writes are on their way, by replica and person.
    pub(super) flying: BTreeMap<(u8, String), (Kind, Option<String>)>,
    /// Who was written to by runs that were cut short: that may not be on record yet.
    pub(super) unrecorded: BTreeSet<String>,
    /// Whose lost writes were looked at since a run came to its end: that may not be on record yet.
    pub(super) seen: BTreeSet<String>,
    /// Whether a run was cut short, and none has come to its end since: it may have been about to send something.
    pub(super) is_cut: bool,
    /// The version at which the first plan was made since a run came to its end: what was meant to be written then may
    /// be on record.
    pub(super) meant_since: Option<u64>,
    /// Whose accounts another hand deleted: a run that is cut short may have been about to do it.
    pub(super) gone_by_hand: BTreeSet<String>,
    /// Whose accounts were those that Usher deleted.
    pub(super) deleted: BTreeMap<String, String>,
    /// Writes of everybody's life at the app, and when they were let through unasked.
    pub(super) removed_at: Vec<Timestamp>,
    /// Whether the app showed something older than it may: then nobody can tell who did what.
    pub(super) is_stale: bool,
    pub(super) broken: Option<String>,
    pub(super) trace: Trace,
}

/// What other hands change at the app.
const EDITED: [&str; 2] = ["displayName", "externalId"];

/// An account at the app.
#[expect(clippy::struct_excessive_bools, reason = "facts, none of which says anything of another")]
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The directory's id of whose it is, once Usher made or adopted it.
    pub(super) owner: Option<String>,
    /// How long provisioning had been on when Usher suspended it; none: not suspended by Usher.
    pub(super) suspended_on: Option<Duration>,
    /// How long provisioning had been on when another hand switched it off: a suspension that was lost may look as if
    /// it had done that.
    pub(super) off_by_hand: Option<Duration>,
    /// The version from which on a suspension may have been meant that looks as if it had done that.
    pub(super) off_since: u64,
    /// Whether another hand switched it off while nobody knew yet whether Usher had switched it off, or on: then it looks as
    /// if Usher had, or had not.
    pub(super) is_off_in_doubt: bool,
    /// How long provisioning had been on when Usher suspended it, before it switched it on again last.
    pub(super) was_suspended_on: Option<Duration>,
    /// Whether the app did something to it and said no: as far as Usher knows, somebody else did that.
    pub(super) is_lied_about: bool,
    /// Whose it was, by its external id, before another hand gave it another one.
    pub(super) was_of: Option<String>,
    /// When another hand last said whose it is.
    pub(super) claimed_at: Option<Timestamp>,
    /// Whether another hand switched it on again.
    pub(super) is_on_by_hand: bool,
    /// Whether another hand deleted it.
    pub(super) is_gone: bool,
    /// As it was when Usher adopted it; none: Usher made it, or adopted it as it was.
    pub(super) adopted: Option<Value>,
    /// What Usher's last writes left there of what other hands change.
    pub(super) ours: BTreeMap<&'static str, Value>,
    /// Whether it was there before Usher's first write, or a write was not answered: what Usher knows of it is not
    /// known from outside.
    pub(super) is_unsure: bool,
}

/// What a replica's run goes by.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) request: Request,
    /// Which run it is, of all.
    pub(super) n_run: u64,
    /// How the app was configured when it took the app.
    pub(super) config: Config,
    /// What it may do, if it goes by a plan that somebody approved.
    pub(super) approved: Option<Approved>,
    pub(super) begun: u64,
    pub(super) is_begun: bool,
    /// The version at the beginning of its last plan.
    pub(super) planned: Option<u64>,
    pub(super) planned_at: Timestamp,
    /// Whether its plan is not yet known to be stored.
    pub(super) is_planning: bool,
    /// How often it had been polled when another took over, or when it was turned off or reconfigured.
    pub(super) closed: Option<u64>,
    pub(super) n_polls: u64,
    /// Whose accounts it wrote to.
    pub(super) touched: BTreeSet<String>,
    /// What it last read of an account: whether it is on.
    pub(super) seen_on: BTreeMap<String, bool>,
}

/// What happened, as it can be compared and counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// A number that depends on every request, answer and effect, in their order.
    pub(super) digest: u64,
    pub(super) n_requests: u64,
    pub(super) n_effects: u64,
    pub(super) faults: BTreeMap<&'static str, u64>,
    /// The last things that happened, for whoever has to find out why.
    pub(super) last: Vec<String>,
    pub(super) is_told: bool,
}

impl Entry {
    /// Made by somebody whom nobody knows yet.
    pub(super) fn new(adopted: Option<Value>) -> Self {
        Self {
            owner: None,
            suspended_on: None,
            off_by_hand: None,
            off_since: 0,
            is_off_in_doubt: false,
            was_suspended_on: None,
            is_lied_about: false,
            was_of: None,
            claimed_at: None,
            is_on_by_hand: false,
            is_gone: false,
            adopted,
            ours: BTreeMap::new(),
            is_unsure: false,
        }
    }

    /// What a write of Usher's left there; `is_known`: it was Usher's account before.
    pub(super) fn leaves(&mut self, before: Option<&Value>, after: Option<&Value>, is_known: bool) {
        let Some(after) = after else { return };
        self.is_unsure |= !is_known && before.is_some();
        for key in EDITED {
            if !is_known || before.is_none_or(|before| before[key] != after[key]) {
                self.ours.insert(key, after[key].clone());
            }
        }
    }

    /// What another hand changed of what Usher left there: what it was, and what it is.
    pub(super) fn edits<'a>(
        &'a self,
        account: &'a Value,
    ) -> impl Iterator<Item = (&'static str, &'a Value, &'a Value)> {
        let changed = self.ours.iter().filter(|(key, ours)| account[**key] != **ours);
        changed.map(|(key, ours)| (*key, ours, &account[*key]))
    }
}

impl Trace {
    pub(super) fn note(&mut self, what: &dyn Fn() -> String) {
        let text = what();
        for byte in text.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        if self.is_told {
            self.last.push(text);
        }
    }
}

impl Ledger {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            mind: Mind::new(now),
            views: BTreeMap::new(),
            holder: None,
            accounts: BTreeMap::new(),
            shown: BTreeMap::new(),
            groups: Groups::default(),
            approved: Approved::default(),
            n_runs: 0,
            flying: BTreeMap::new(),
            unrecorded: BTreeSet::new(),
            seen: BTreeSet::new(),
            is_cut: false,
            meant_since: None,
            gone_by_hand: BTreeSet::new(),
            deleted: BTreeMap::new(),
            removed_at: Vec::new(),
            is_stale: false,
            broken: None,
            trace: Trace::default(),
        }
    }

    /// The first rule that was broken stays.
    pub(super) fn breaks(&mut self, what: String) {
        self.trace.note(&|| format!("BROKEN {what}"));
        self.broken.get_or_insert(what);
    }

    /// A replica's run says how far it is.
    pub(super) fn step(&mut self, actor: u8, step: &str, now: Timestamp) {
        self.trace.note(&|| format!("replica {actor} {step} at {now}"));
        match step {
            "planning" => self.plans(actor, now),
            "writing" => self.planned(actor),
            _ => {}
        }
    }

    /// A run holds the app from now on, and no other does.
    pub(super) fn took_over(&mut self, actor: u8) {
        self.holder = Some(actor);
        // What others have on its way may arrive or not: whoever takes over has to look.
        for ((_, user), (kind, id)) in std::mem::take(&mut self.flying) {
            self.lose(user, Unknown { kind, id, name: None, missed_at: None });
        }
        self.groups_taken_over();
        let config = self.mind.config.clone();
        let others = self.views.iter_mut().filter(|(other, _)| **other != actor);
        let (mut n_others, mut unsure) = (0, BTreeSet::new());
        for (_, view) in others {
            view.closed.get_or_insert(view.n_polls);
            unsure.extend(view.touched.iter().cloned());
            n_others += 1;
        }
        self.unrecorded(unsure);
        if n_others > 0 {
            self.cut();
        }
        if let Some(view) = self.views.get_mut(&actor) {
            (view.begun, view.is_begun, view.config) = (self.mind.version, true, config);
        }
    }

    /// What a run was about to send is not known any more.
    fn cut(&mut self) {
        self.is_cut = true;
        for user in std::mem::take(&mut self.gone_by_hand) {
            *self.mind.lost_deletes.entry(user).or_default() += 1;
        }
    }

    /// A run ends in the middle of what it does.
    pub(super) fn crashed(&mut self, actor: u8) {
        self.trace.note(&|| format!("replica {actor} crashed"));
        if let Some(view) = self.views.remove(&actor) {
            self.groups_planned(&view);
            self.unrecorded(view.touched);
            self.cut();
        }
    }

    fn plans(&mut self, actor: u8, now: Timestamp) {
        let Some(view) = self.views.get_mut(&actor) else { return };
        view.planned = Some(self.mind.version);
        self.meant_since.get_or_insert(self.mind.version);
        (view.planned_at, view.is_planning) = (now, true);
        // What it reads from here on may be stored, or not; of groups it goes by what it read when it began.
        let begun = view.begun;
        let view = view.clone();
        self.mind.pass_since(begun, now);
        self.groups_planned(&view);
    }

    fn planned(&mut self, actor: u8) {
        let Some(view) = self.views.get_mut(&actor) else { return };
        view.is_planning = false;
        let is_same = view.planned == Some(self.mind.version) && view.begun == self.mind.version;
        let now = view.planned_at;
        let is_whole = !matches!(view.request, Request::Person { .. } | Request::Undo);
        if is_same && is_whole && self.holder == Some(actor) {
            self.mind.pass(None, now, true);
        }
    }

    /// The configuration changed, or provisioning was turned off: what runs may not write any more.
    pub(super) fn close_all(&mut self) {
        for view in self.views.values_mut() {
            view.closed.get_or_insert(view.n_polls);
        }
    }

    /// What a replica that plans just now may read is not certain.
    pub(super) fn told_anew(&mut self, now: Timestamp) {
        self.mind.changed();
        if self.views.values().any(|view| view.is_planning) {
            self.mind.pass(None, now, false);
        }
    }

    /// Whose account it is, by what Usher did with it, else by its external id, else by its name.
    pub(super) fn owner(&self, id: &str, account: &Value) -> Option<String> {
        let entry = self.accounts.get(id);
        if let Some(owner) = entry.and_then(|entry| entry.owner.clone()) {
            return Some(owner);
        }
        let text = |key: &str| account[key].as_str().filter(|text| !text.is_empty());
        let external = text("externalId");
        if let Some(known) = external.filter(|external| self.mind.told.contains_key(*external)) {
            return Some(known.to_owned());
        }
        if let Some(was_of) = entry.and_then(|entry| entry.was_of.clone()) {
            return Some(was_of);
        }
        if external.is_some() {
            return None;
        }
        let name = text("userName")?;
        let named = || self.mind.told.values().filter(|told| told.address.eq_ignore_ascii_case(name));
        let is_there = |told: &&Told| !matches!(told.state, State::Deleted(_));
        named().find(is_there).or_else(|| named().next()).map(|told| told.id.clone())
    }

    /// A write's answer came.
    pub(super) fn answered(&mut self, write: &Write) {
        if let Some(user) = &write.user {
            self.flying.remove(&(write.actor, user.clone()));
        }
    }

    /// The app said yes. An account that was off already is from now on one that Usher suspended, too.
    pub(super) fn obeyed(&mut self, write: &Write, now: Timestamp) {
        let on = self.mind.on(now);
        let entry = write.id.as_ref().and_then(|id| self.accounts.get_mut(id));
        if let Some(entry) = entry.filter(|_| write.kind == Kind::Suspend) {
            entry.suspended_on.get_or_insert(on);
        }
    }

    /// What was done to these may not be on record.
    fn unrecorded(&mut self, users: BTreeSet<String>) {
        let is_one = |entry: &&mut Entry| entry.owner.as_ref().is_some_and(|owner| users.contains(owner));
        self.accounts.values_mut().filter(is_one).for_each(|entry| entry.is_unsure = true);
        self.unrecorded.extend(users);
    }

    /// Usher does not know what became of a write, nor what it left there.
    fn lose(&mut self, user: String, unknown: Unknown) {
        let of_theirs = self.accounts.values_mut().filter(|entry| entry.owner.as_ref() == Some(&user));
        of_theirs.for_each(|entry| entry.is_unsure = true);
        self.mind.lose(user, unknown);
    }

    /// A write's answer never came. Those of whoever lost the app were lost when it did.
    pub(super) fn lost(&mut self, write: &Write) {
        self.answered(write);
        if let Some(user) = write.user.as_ref().filter(|_| self.holder == Some(write.actor)) {
            let (id, name) = (write.id.clone(), write.name.clone());
            let unknown = Unknown { kind: write.kind, id, name, missed_at: None };
            self.lose(user.clone(), unknown);
        }
    }

    /// A read was answered: it shows an account of somebody, or that there is none.
    pub(super) fn looked(&mut self, user: &str, is_there: bool, now: Timestamp, pause: Duration) {
        let Some(unknown) = self.mind.unknown.get_mut(user) else { return };
        let is_second = unknown.missed_at.is_some_and(|at| now.since(at) >= pause);
        if is_there || unknown.kind == Kind::Delete || is_second {
            self.mind.unknown.remove(user);
            self.seen.insert(user.to_owned());
        } else {
            unknown.missed_at.get_or_insert(now);
        }
    }

    /// A look showed an account of this name: one that was to be made with it is that one, or was not made.
    pub(super) fn named(&mut self, name: &str, now: Timestamp, pause: Duration) {
        let is_meant =
            |unknown: &Unknown| unknown.name.as_deref().is_some_and(|meant| meant.eq_ignore_ascii_case(name));
        let lost = self.mind.unknown.iter().filter(|(_, unknown)| is_meant(unknown));
        let users: Vec<String> = lost.map(|(user, _)| user.clone()).collect();
        for user in users {
            self.looked(&user, true, now, pause);
        }
    }

    /// A read of one account was answered: whoever's lost write was about it was looked at.
    pub(super) fn read(&mut self, id: &str, is_there: bool, now: Timestamp, pause: Duration) {
        let is_meant = |unknown: &Unknown| unknown.id.as_deref() == Some(id);
        let lost = self.mind.unknown.iter().filter(|(_, unknown)| is_meant(unknown));
        let users: Vec<String> = lost.map(|(user, _)| user.clone()).collect();
        for user in users {
            self.looked(&user, is_there, now, pause);
        }
    }

    /// A run ended by itself: what it saw of the directory may be the new measure.
    pub(super) fn ended(&mut self, actor: u8, was_stopped: bool) {
        let Some(view) = self.views.remove(&actor) else { return };
        if was_stopped {
            self.groups_planned(&view);
            self.unrecorded(view.touched);
            self.cut();
            return;
        }
        if matches!(view.request, Request::Person { .. } | Request::Undo) {
            return;
        }
        self.groups_ended(&view);
        self.unrecorded.clear();
        self.seen.clear();
        self.is_cut = false;
        self.meant_since = self.views.values().filter_map(|view| view.planned).min();
        let listed = self.mind.listed();
        // What it went by, and what it measured, may be two things.
        let is_sure = view.planned == Some(self.mind.version) && view.begun >= self.mind.configured;
        if is_sure && view.request != Request::Release {
            let (mut members, before) = (self.mind.scope_members(), &self.mind.accepted_members);
            // One that lost all its members keeps the old measure.
            for (g, n) in &mut members {
                *n = if *n == 0 { before.get(g).copied().unwrap_or(0) } else { *n };
            }
            self.mind.accepted_members = members;
        } else {
            self.mind.accepted_members.clear();
        }
        self.mind.accepted = match self.mind.accepted {
            _ if !is_sure || view.request == Request::Release => None,
            Some(accepted) if is_shrunk(accepted, listed) => Some(accepted),
            _ => Some(listed),
        };
    }
}

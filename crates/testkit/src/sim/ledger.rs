//! What is known from outside: what Usher was told and when, what it asked of the app and what came of it.
//!
//! The ledger watches every request and every change of an account at the instant it happens. [`super::rules`] says which
//! of them break a rule; the first one that does is kept and ends the play.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use usher_model::time::Timestamp;

use super::directory::Nesting;
use super::op::Request;
use super::reference::{Causes, Config, Standing, State, Told, is_member, passed, standing};

/// Everything that is known from outside.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) mind: Mind,
    pub(super) views: BTreeMap<u8, View>,
    /// The replica whose run began last: it alone holds the app.
    pub(super) holder: Option<u8>,
    /// The accounts at the app, by their id there, whoever made them.
    pub(super) accounts: BTreeMap<String, Entry>,
    /// Whose writes are on their way, by replica and person.
    pub(super) flying: BTreeMap<(u8, String), (Kind, Option<String>)>,
    /// Whose accounts were those that Usher deleted.
    pub(super) deleted: BTreeMap<String, String>,
    /// Writes of everybody's life at the app, and when they were let through unasked.
    pub(super) removed_at: Vec<Timestamp>,
    /// Whether the app showed something older than it may: then nobody can tell who did what.
    pub(super) is_stale: bool,
    pub(super) broken: Option<String>,
    pub(super) trace: Trace,
}

/// What Usher's own store ought to know: what a backup takes along, and putting it back brings back.
#[derive(Clone, Debug)]
pub(super) struct Mind {
    /// Counts every change of what Usher is told and how it is configured.
    pub(super) version: u64,
    /// The last version at which Usher was told of the directory.
    pub(super) told_of: u64,
    /// The last version at which the configuration changed.
    pub(super) configured: u64,
    pub(super) told: BTreeMap<String, Told>,
    pub(super) nesting: Nesting,
    pub(super) config: Config,
    /// Where each person stood, from which version on.
    pub(super) standings: BTreeMap<String, Vec<(u64, Standing)>>,
    pub(super) causes: BTreeMap<String, Causes>,
    /// Whose last write was not answered.
    pub(super) unknown: BTreeMap<String, Unknown>,
    /// Whoever may take over an account that carries somebody else's external id.
    pub(super) taken_over: BTreeSet<String>,
    /// For whom a person said that an account is to be switched on again.
    pub(super) switched_on: BTreeSet<String>,
    /// Until when somebody is pinned, and from which version on.
    pub(super) pins: BTreeMap<String, (u64, Option<Timestamp>)>,
    /// How many people the last accepted listing had; none: not to be known from outside.
    pub(super) accepted: Option<usize>,
    /// How many members each group of the scope had then.
    pub(super) accepted_members: BTreeMap<u8, usize>,
    /// How long provisioning was on in all, and since when it is.
    pub(super) was_on: Duration,
    pub(super) on_since: Option<Timestamp>,
    /// Effects at the app, by person and kind.
    pub(super) effects: BTreeMap<(String, Kind), u64>,
    /// How often another hand changed a person's account: so many effects of Usher's may look like theirs, or the other
    /// way round.
    pub(super) hands: BTreeMap<String, u64>,
    /// The version at which the configuration was last deleted.
    pub(super) unconfigured: u64,
    /// People of whom it cannot be said from outside how many effects Usher can know of, and why.
    pub(super) blurred: BTreeMap<String, &'static str>,
}

/// The kinds of effects, as the provisioning log counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Create,
    Adopt,
    Update,
    Suspend,
    Unsuspend,
    Delete,
}

/// A write whose answer never came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) kind: Kind,
    /// The account's id at the app, if it was known.
    pub(super) id: Option<String>,
    /// When a look first found nothing.
    pub(super) missed_at: Option<Timestamp>,
}

/// An account at the app.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The directory's id of whose it is, once Usher made or adopted it.
    pub(super) owner: Option<String>,
    /// How long provisioning had been on when Usher suspended it; none: not suspended by Usher.
    pub(super) suspended_on: Option<Duration>,
    /// How long provisioning had been on when another hand switched it off: a suspension that was lost may look as if
    /// it had done that.
    pub(super) off_by_hand: Option<Duration>,
    /// The version at which it did.
    pub(super) off_since: u64,
    /// Whose it was, by its external id, before another hand gave it another one.
    pub(super) was_of: Option<String>,
    /// Whether another hand switched it on again.
    pub(super) is_on_by_hand: bool,
    /// Whether another hand deleted it.
    pub(super) is_gone: bool,
    /// As it was when Usher adopted it; none: Usher made it, or adopted it as it was.
    pub(super) adopted: Option<Value>,
    /// Whether another hand changed it since.
    pub(super) is_touched: bool,
}

/// What a replica's run goes by.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) request: Request,
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
            was_of: None,
            is_on_by_hand: false,
            is_gone: false,
            adopted,
            is_touched: false,
        }
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

impl Mind {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            version: 0,
            told_of: 0,
            configured: 0,
            told: BTreeMap::new(),
            nesting: Nesting::new(),
            config: Config::new(),
            standings: BTreeMap::new(),
            causes: BTreeMap::new(),
            unknown: BTreeMap::new(),
            taken_over: BTreeSet::new(),
            switched_on: BTreeSet::new(),
            pins: BTreeMap::new(),
            accepted: None,
            accepted_members: BTreeMap::new(),
            was_on: Duration::ZERO,
            on_since: Some(now),
            effects: BTreeMap::new(),
            hands: BTreeMap::new(),
            unconfigured: 0,
            blurred: BTreeMap::new(),
        }
    }

    /// How long provisioning has been on.
    pub(super) fn on(&self, now: Timestamp) -> Duration {
        self.was_on + self.on_since.map_or(Duration::ZERO, |since| now.since(since))
    }

    pub(super) fn switch(&mut self, is_on: bool, now: Timestamp) {
        self.was_on = self.on(now);
        self.on_since = is_on.then_some(now);
        self.config.is_enabled = is_on;
    }

    /// Something changed: everybody is looked at again.
    pub(super) fn changed(&mut self) {
        self.version += 1;
        for told in self.told.values() {
            let stands = standing(told, &self.config, &self.nesting);
            let history = self.standings.entry(told.id.clone()).or_default();
            if history.last().is_none_or(|(_, last)| *last != stands) {
                history.push((self.version, stands));
            }
        }
    }

    pub(super) fn reconfigured(&mut self) {
        self.changed();
        self.configured = self.version;
    }

    /// Where a person has stood since a version, the earliest first.
    pub(super) fn stood(&self, user: &str, since: u64) -> Vec<Standing> {
        let Some(history) = self.standings.get(user) else { return Vec::new() };
        let before = history.iter().rposition(|(version, _)| *version <= since).unwrap_or(0);
        history[before..].iter().map(|(_, standing)| *standing).collect()
    }

    /// How many people the directory lists, as far as Usher was told.
    pub(super) fn listed(&self) -> usize {
        let is_listed = |told: &&Told| !matches!(told.state, State::Deleted(_));
        self.told.values().filter(is_listed).count()
    }

    /// How many people each group of the scope takes in.
    pub(super) fn scope_members(&self) -> BTreeMap<u8, usize> {
        let is_there = |told: &&Told| !matches!(told.state, State::Deleted(_));
        let n_members = |g: u8, nested: bool| {
            let is_in = |told: &&Told| is_member(told, g, nested, &self.nesting);
            self.told.values().filter(is_there).filter(is_in).count()
        };
        self.config.scope.iter().map(|(g, nested)| (*g, n_members(*g, *nested))).collect()
    }

    /// A pass over everybody, or over one, saw where they stand.
    fn pass(&mut self, user: Option<&str>, now: Timestamp, is_certain: bool) {
        for told in self.told.values().filter(|told| user.is_none_or(|user| user == told.id)) {
            let Some((_, stands)) = self.standings.get(&told.id).and_then(|history| history.last()) else {
                continue;
            };
            let causes = self.causes.entry(told.id.clone()).or_default();
            *causes = passed(*causes, *stands, now, is_certain);
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
            flying: BTreeMap::new(),
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
            self.mind.unknown.insert(user, Unknown { kind, id, missed_at: None });
        }
        for (other, view) in &mut self.views {
            if *other != actor {
                view.closed.get_or_insert(view.n_polls);
            }
        }
        if let Some(view) = self.views.get_mut(&actor) {
            (view.begun, view.is_begun) = (self.mind.version, true);
        }
    }

    fn plans(&mut self, actor: u8, now: Timestamp) {
        let Some(view) = self.views.get_mut(&actor) else { return };
        view.planned = Some(self.mind.version);
        (view.planned_at, view.is_planning) = (now, true);
        // What it reads from here on may be stored, or not.
        self.mind.pass(None, now, false);
    }

    fn planned(&mut self, actor: u8) {
        let Some(view) = self.views.get_mut(&actor) else { return };
        view.is_planning = false;
        let (now, is_same) = (view.planned_at, view.planned == Some(self.mind.version));
        let is_whole = !matches!(view.request, Request::Person { .. });
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
}

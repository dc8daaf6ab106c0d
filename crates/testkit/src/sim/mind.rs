//! What Usher's own store ought to know, and what happened of which it ought to tell.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use usher_model::time::Timestamp;

use self::groups::GroupMind;
use super::directory::groups::Grouping;
use super::reference::{Causes, Config, Standing, is_member, passed, standing};
use super::told::{State, Told};

pub(super) mod groups;

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
    pub(super) grouping: Grouping,
    pub(super) groups: GroupMind,
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
    /// Whose suspension a person last brought forward, and when.
    pub(super) brought_forward: BTreeMap<String, Timestamp>,
    /// Until when somebody is pinned, and from which version on.
    pub(super) pins: BTreeMap<String, (u64, Option<Timestamp>)>,
    /// Whom of them an undo pinned.
    pub(super) undone: BTreeSet<String>,
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
    /// How many deletes of a person's account were never answered, or may have been about to be sent when another hand
    /// deleted it: whoever looks later cannot tell who did it.
    pub(super) lost_deletes: BTreeMap<String, u64>,
    /// How often an account that was off was sent a suspension, since the app had shown it as it was before: should the
    /// answer be lost, whoever looks takes it for done.
    pub(super) off_already: BTreeMap<String, u64>,
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
    /// The name that an account was to be made with.
    pub(super) name: Option<String>,
    /// When a look first found nothing.
    pub(super) missed_at: Option<Timestamp>,
}

impl Mind {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            version: 0,
            told_of: 0,
            configured: 0,
            told: BTreeMap::new(),
            grouping: Grouping::default(),
            groups: GroupMind::default(),
            config: Config::new(),
            standings: BTreeMap::new(),
            causes: BTreeMap::new(),
            unknown: BTreeMap::new(),
            taken_over: BTreeSet::new(),
            switched_on: BTreeSet::new(),
            brought_forward: BTreeMap::new(),
            pins: BTreeMap::new(),
            undone: BTreeSet::new(),
            accepted: None,
            accepted_members: BTreeMap::new(),
            was_on: Duration::ZERO,
            on_since: Some(now),
            effects: BTreeMap::new(),
            hands: BTreeMap::new(),
            lost_deletes: BTreeMap::new(),
            off_already: BTreeMap::new(),
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
            let stands = standing(told, &self.config, &self.grouping.nesting);
            let history = self.standings.entry(told.id.clone()).or_default();
            if history.last().is_none_or(|(_, last)| *last != stands) {
                history.push((self.version, stands));
            }
        }
        self.groups_changed();
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

    /// A write's answer never came, or never will.
    pub(super) fn lose(&mut self, user: String, unknown: Unknown) {
        if unknown.kind == Kind::Delete {
            *self.lost_deletes.entry(user.clone()).or_default() += 1;
        }
        self.unknown.insert(user, unknown);
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
            let is_in = |told: &&Told| is_member(told, g, nested, &self.grouping.nesting);
            self.told.values().filter(is_there).filter(is_in).count()
        };
        self.config.scope.iter().map(|(g, nested)| (*g, n_members(*g, *nested))).collect()
    }

    /// A pass over everybody, or over one, saw where they stand.
    pub(super) fn pass(&mut self, user: Option<&str>, now: Timestamp, is_certain: bool) {
        for told in self.told.values().filter(|told| user.is_none_or(|user| user == told.id)) {
            let Some((_, stands)) = self.standings.get(&told.id).and_then(|history| history.last()) else {
                continue;
            };
            let causes = self.causes.entry(told.id.clone()).or_default();
            *causes = passed(*causes, *stands, now, is_certain);
        }
    }

    /// A pass over everybody may have seen any place where they have stood since a version.
    pub(super) fn pass_since(&mut self, version: u64, now: Timestamp) {
        let users: Vec<String> = self.told.keys().cloned().collect();
        for user in users {
            for stands in self.stood(&user, version) {
                let causes = self.causes.entry(user.clone()).or_default();
                *causes = passed(*causes, stands, now, false);
            }
        }
    }
}

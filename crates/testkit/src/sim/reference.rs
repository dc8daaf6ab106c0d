//! What ought to be: DESIGN §2 once more, as set algebra, by somebody who has not read the code.
//!
//! Nothing of `usher-model`'s decisions is used here: if both agree, they agree because both are right.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use usher_model::time::Timestamp;

use self::groups::GroupConfig;
use super::directory::groups::Nesting;
use super::directory::{DOMAIN, SECOND_DOMAIN};
use super::op::UNITS;
use super::op::part::Drifts;
use super::told::{State, Told};

pub(super) mod groups;

const DAY: Duration = Duration::from_hours(24);

/// The three triggers, in the order of the page: app off, suspended, deleted.
pub(super) const APP_OFF: usize = 0;
pub(super) const SUSPENDED: usize = 1;
pub(super) const DELETED: usize = 2;

/// An app's configuration.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches of an app, each of its own")]
pub(super) struct Config {
    pub(super) units: BTreeMap<u8, bool>,
    pub(super) groups: BTreeSet<u8>,
    /// Group and whether nested members count; empty: everyone.
    pub(super) scope: BTreeMap<u8, bool>,
    /// In days, by trigger.
    pub(super) delays: [Option<u16>; 3],
    pub(super) hard_delete: Option<u16>,
    pub(super) archived_suspends: bool,
    pub(super) drifts: Drifts,
    pub(super) adopts_leavers: bool,
    pub(super) maps_title: bool,
    pub(super) second_domain: bool,
    pub(super) groups_at_app: GroupConfig,
    pub(super) is_enabled: bool,
    pub(super) is_configured: bool,
}

impl Config {
    pub(super) fn new() -> Self {
        Self {
            units: BTreeMap::from([(0, true)]),
            groups: BTreeSet::new(),
            scope: BTreeMap::new(),
            delays: [Some(0); 3],
            hard_delete: None,
            archived_suspends: false,
            drifts: Drifts::Repair,
            adopts_leavers: false,
            maps_title: true,
            second_domain: false,
            groups_at_app: GroupConfig::new(),
            is_enabled: true,
            is_configured: true,
        }
    }
}

/// Where a person stands: entitled, archived and left alone, or which triggers hold, since when if the directory says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Entitled,
    Archived,
    Lost([Option<Since>; 3]),
}

/// When a trigger began, if the directory says it.
pub(super) type Since = Option<Timestamp>;

/// Says where a person stands.
pub(super) fn standing(told: &Told, config: &Config, nesting: &Nesting) -> Standing {
    let mut held = [None; 3];
    match told.state {
        State::Deleted(at) => {
            held[DELETED] = Some(Some(at));
            return Standing::Lost(held);
        }
        State::Archived(_) if !config.archived_suspends => return Standing::Archived,
        State::Archived(at) | State::Suspended(at) => held[SUSPENDED] = Some(Some(at)),
        State::Active => {}
    }
    if !has_app(told, config, nesting) {
        held[APP_OFF] = Some(None);
    }
    if held == [None; 3] { Standing::Entitled } else { Standing::Lost(held) }
}

/// Has access, is in scope, in a provisioned domain, and no guest.
fn has_app(told: &Told, config: &Config, nesting: &Nesting) -> bool {
    let domain = told.address.rsplit('@').next().unwrap_or_default();
    let is_provisioned = domain == DOMAIN || (config.second_domain && domain == SECOND_DOMAIN);
    let through = |g: &u8| is_member(told, *g, true, nesting);
    let has_access = unit_is_on(&told.unit, config) || config.groups.iter().any(through);
    let in_scope = config.scope.is_empty()
        || config.scope.iter().any(|(g, nested)| is_member(told, *g, *nested, nesting));
    is_provisioned && !told.is_guest && has_access && in_scope
}

/// Whether a person is in a group: itself, or through groups in it too.
pub(super) fn is_member(told: &Told, g: u8, nested: bool, nesting: &Nesting) -> bool {
    if nested {
        told.groups.iter().any(|direct| is_below(*direct, g, nesting))
    } else {
        told.groups.contains(&g)
    }
}

/// The nearest unit above that says something; nobody has access by default.
fn unit_is_on(unit: &str, config: &Config) -> bool {
    let is_above = |above: &str| above == "/" || unit == above || unit.starts_with(&format!("{above}/"));
    let says = config.units.iter().filter(|(at, _)| is_above(UNITS[usize::from(**at)]));
    says.max_by_key(|(at, _)| UNITS[usize::from(**at)].len()).is_some_and(|(_, on)| *on)
}

/// Whether a group is another one, or in it, however deep.
fn is_below(group: u8, above: u8, nesting: &Nesting) -> bool {
    below(above, nesting).contains(&group)
}

/// A group, and those in it, however deep.
pub(super) fn below(above: u8, nesting: &Nesting) -> BTreeSet<u8> {
    let (mut seen, mut open) = (BTreeSet::from([above]), vec![above]);
    while let Some(at) = open.pop() {
        open.extend(nesting.get(&at).into_iter().flatten().filter(|inner| seen.insert(**inner)));
    }
    seen
}

/// What the account should hold of the mapped attributes; none where something mandatory is missing.
pub(super) fn wanted(told: &Told, config: &Config) -> Option<BTreeMap<&'static str, Value>> {
    let family = told.family.as_deref()?;
    let mut wanted = BTreeMap::from([
        ("userName", json!(told.address)),
        ("externalId", json!(told.id)),
        ("givenName", json!(told.given)),
        ("familyName", json!(family)),
        ("displayName", json!(told.full)),
        ("email", json!(told.address)),
    ]);
    if config.maps_title {
        wanted.insert("title", told.title.as_deref().map_or(Value::Null, Value::from));
    }
    Some(wanted)
}

/// What an account at the app holds of the attributes that a mapping may name.
pub(super) fn held(account: &Value) -> BTreeMap<&'static str, Value> {
    let at = |pointer: &str| account.pointer(pointer).cloned().unwrap_or(Value::Null);
    BTreeMap::from([
        ("userName", at("/userName")),
        ("externalId", at("/externalId")),
        ("givenName", at("/name/givenName")),
        ("familyName", at("/name/familyName")),
        ("displayName", at("/displayName")),
        ("email", at("/emails/0/value")),
        ("title", at("/title")),
    ])
}

/// Since when a trigger has held, as far as it can be known from outside: which of Usher's passes were stored is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    /// Not before this.
    pub(super) lowest: Timestamp,
    /// Whether it is certainly on record.
    pub(super) is_certain: bool,
}

/// By trigger.
pub(super) type Causes = [Option<Cause>; 3];

/// The causes after a pass that saw this; `is_certain`: and that stored it.
pub(super) fn passed(causes: Causes, standing: Standing, now: Timestamp, is_certain: bool) -> Causes {
    let held = match standing {
        Standing::Entitled => [None; 3],
        Standing::Archived => return causes,
        Standing::Lost(held) => held,
    };
    std::array::from_fn(|trigger| match (held[trigger], causes[trigger]) {
        (Some(_), Some(cause)) if cause.is_certain => Some(cause),
        // What was not stored before may be stored now, with an earlier instant that the directory has by now.
        (Some(since), Some(cause)) => {
            Some(Cause { lowest: cause.lowest.min(since.unwrap_or(now)), is_certain })
        }
        (Some(since), None) => Some(Cause { lowest: since.unwrap_or(now), is_certain }),
        (None, Some(cause)) if !is_certain => Some(Cause { is_certain: false, ..cause }),
        (None, _) => None,
    })
}

/// Whether a suspension may be due by now.
pub(super) fn may_be_due(causes: &Causes, config: &Config, now: Timestamp) -> bool {
    (0..3).any(|trigger| match (causes[trigger], config.delays[trigger]) {
        (Some(cause), Some(days)) => cause.lowest + DAY * u32::from(days) <= now,
        (Some(_) | None, _) => false,
    })
}

/// Whether what a selected trigger takes may have been being lost by then.
pub(super) fn may_have_begun(causes: &Causes, config: &Config, by: Timestamp) -> bool {
    let mut triggers = causes.iter().zip(config.delays);
    triggers.any(|(cause, delay)| delay.is_some() && cause.is_some_and(|cause| cause.lowest <= by))
}

/// The limit of removals within a day, where so many accounts are on, and so many on record.
pub(super) fn removals(on: usize, on_record: usize) -> usize {
    let limit = (on / 10).max(10);
    if on_record >= 3 { limit.min((on / 2).max(1)) } else { limit }
}

/// Whether a listing shrank so far that nobody may be removed for it.
pub(super) fn is_shrunk(accepted: usize, listed: usize) -> bool {
    let lost = accepted.saturating_sub(listed);
    let percent = if accepted > 40 { 25 } else { 50 };
    lost > 0 && lost * 100 >= accepted * percent
}

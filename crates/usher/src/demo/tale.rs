//! What the demo tells at its end: what was done, where everybody is and in which groups, and why, in words for a newcomer.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::json;
use usher_engine::clock::Clock;
use usher_engine::environment::Environment;
use usher_model::cause::Trigger;
use usher_model::entitlement::AppOff;
use usher_model::id::AppId;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_store::event::{self, EventKind};
use usher_store::group::event::GroupEventKind;
use usher_store::group::{self as stored, GroupRecordState};
use usher_store::{Store, Tx, app, hold};

use super::company::COMPANY;
use super::next::Next;
use super::script::N_DAYS;
use super::setup::APP;
use super::verdict::{Verdict, Whereabouts, verdicts};
use crate::failure::Failure;
use crate::output::{Answer, grouped, table};

/// How many groups are read at once.
const PAGE: usize = 1_000;
/// How many people are named for each reason.
const NAMED: usize = 2;

/// What came of the thirty days.
#[derive(Debug)]
pub(crate) struct Tale {
    events: BTreeMap<EventKind, u64>,
    group_events: BTreeMap<GroupEventKind, u64>,
    groups: Vec<Group>,
    /// The groups at the app, by address, with how many are in them.
    groups_there: Vec<(String, u64)>,
    /// What waits until somebody has looked: how many operations, and why.
    held: Vec<(u64, String)>,
    n_people: u64,
    next: String,
    endpoint: String,
}

/// People for whom the same can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    whereabouts: Whereabouts,
    why: String,
    /// Their addresses, with the day on which something comes, if it does.
    people: Vec<String>,
}

impl Tale {
    /// Reads what came of them.
    pub(crate) async fn read(
        store: &Store,
        clock: &dyn Clock,
        environment: &Environment,
        began: Timestamp,
        next: &Next,
    ) -> Result<Self, Failure> {
        let verdicts = verdicts(store, clock, environment).await?;
        let mut tx = store.read("usher::demo_tale").await?;
        let app: Option<AppId> = app::by_name(&mut tx, APP).await?.map(|app| app.id);
        let (mut events, mut group_events) = (BTreeMap::new(), BTreeMap::new());
        let (mut groups_there, mut held) = (Vec::new(), Vec::new());
        if let Some(app) = &app {
            events = event::counts(&mut tx, app, began).await?;
            group_events = stored::event::counts(&mut tx, app, began).await?;
            groups_there = self::groups_there(&mut tx, app).await?;
            let open = hold::open(&mut tx, app).await?.into_iter();
            held = open.map(|hold| (hold.n_operations, hold.tripped.to_string())).collect();
        }
        let n_people = verdicts.len() as u64;
        let (next, endpoint) = (next.text(), next.endpoint.clone());
        let groups = group(&verdicts);
        Ok(Self { events, group_events, groups, groups_there, held, n_people, next, endpoint })
    }

    fn n(&self, whereabouts: Whereabouts) -> usize {
        let of = self.groups.iter().filter(|group| group.whereabouts == whereabouts);
        of.map(|group| group.people.len()).sum()
    }

    fn done(&self) -> String {
        let rows = EventKind::ALL.into_iter().filter_map(|kind| {
            let n = self.events.get(&kind).copied()?;
            Some([grouped(n), deed(kind).to_owned()])
        });
        let of_groups = GroupEventKind::ALL.into_iter().filter_map(|kind| {
            let n = self.group_events.get(&kind).copied()?;
            Some([grouped(n), deed_with_group(kind).to_owned()])
        });
        let rows = rows.chain(of_groups);
        table(&["TIMES", "WHAT WAS DONE AT AWS"], rows)
    }

    fn there(&self) -> String {
        let rows = self.groups_there.iter().map(|(email, n)| [grouped(*n), email.clone()]);
        table(&["MEMBERS", "GROUP AT AWS"], rows)
    }

    /// What is held; nothing where nothing is.
    fn waiting(&self) -> String {
        if self.held.is_empty() {
            return String::new();
        }
        let rows = self.held.iter().map(|(n, why)| [grouped(*n), why.clone()]);
        format!("\nHeld until somebody has looked:\n\n{}", table(&["HELD", "WHY"], rows))
    }

    fn people(&self) -> String {
        let rows = self.groups.iter().map(|group| {
            [
                grouped(group.people.len() as u64),
                account(group.whereabouts).to_owned(),
                named(&group.people),
                // Last, because it may be long: nothing is aligned after it.
                group.why.clone(),
            ]
        });
        table(&["PEOPLE", "ACCOUNT", "WHO", "WHY"], rows)
    }
}

/// Puts those together for whom the same can be said: whoever has their account first, then the others, many before few.
fn group(verdicts: &[Verdict]) -> Vec<Group> {
    let mut groups: BTreeMap<(Whereabouts, String), Vec<String>> = BTreeMap::new();
    for verdict in verdicts {
        let key = (verdict.whereabouts(), why(verdict));
        let email = &verdict.user.primary_email;
        let whose =
            verdict.comes_at().map_or_else(|| email.to_string(), |at| format!("{email} ({})", date(at)));
        groups.entry(key).or_default().push(whose);
    }
    let mut groups: Vec<Group> =
        groups.into_iter().map(|((whereabouts, why), people)| Group { whereabouts, why, people }).collect();
    groups.sort_by_key(|group| (group.whereabouts, std::cmp::Reverse(group.people.len())));
    groups
}

fn named(addresses: &[String]) -> String {
    let mut named = addresses.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if addresses.len() > NAMED {
        named += ", …";
    }
    named
}

fn account(whereabouts: Whereabouts) -> &'static str {
    match whereabouts {
        Whereabouts::On => "on",
        Whereabouts::Off => "switched off",
        Whereabouts::None => "none",
    }
}

fn deed(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Create => "an account was made",
        EventKind::Adopt => "an account that was there already was taken over",
        EventKind::Update => "an account was brought up to date",
        EventKind::Suspend => "an account was switched off",
        EventKind::Unsuspend => "an account was switched on again",
        EventKind::HardDelete => "an account that had been off for 21 days was deleted",
        EventKind::Failure => {
            "a try failed, each time for one person and nobody else; see below for whom, and why"
        }
    }
}

fn deed_with_group(kind: GroupEventKind) -> &'static str {
    match kind {
        GroupEventKind::Create => "a group was made, with its members",
        GroupEventKind::Adopt => "a group that was there already was taken over",
        GroupEventKind::Update => "a group got another name",
        GroupEventKind::MembersAdd => "a group got members",
        GroupEventKind::MembersRemove => "a group lost members",
        GroupEventKind::Delete => "a group was deleted",
        GroupEventKind::Failure => "a try failed, each time for one group and no other",
    }
}

/// The groups that the app has, and how many are in each, in the order of their addresses.
async fn groups_there(tx: &mut Tx, app: &AppId) -> Result<Vec<(String, u64)>, Failure> {
    let found = app::by_id(tx, app).await?.context("the demo has no app")?;
    let (mut there, mut after) = (Vec::new(), None);
    loop {
        let page = stored::walk(tx, &found.directory, app, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        let known = page.into_iter().filter_map(|walked| walked.record);
        for record in known.filter(|record| record.state == GroupRecordState::Known) {
            let email = record.email.as_ref().map_or_else(|| record.group.to_string(), ToString::to_string);
            there.push((email, stored::member::count(tx, app, &record.group).await?));
        }
    }
    there.sort();
    Ok(there)
}

/// Why somebody is where they are, for whoever has never heard of Usher.
pub(super) fn why(verdict: &Verdict) -> String {
    let triggers = verdict.account.as_ref().map(|account| account.causes.triggers()).unwrap_or_default();
    let reason = &verdict.reason;
    match reason {
        Reason::Converged => "AWS has them as the directory has them".to_owned(),
        Reason::NotEntitled { app_off: Some(off), .. } => off_because(off),
        Reason::NotEntitled { app_off: None, triggers } if triggers.contains(&Trigger::Deleted) => {
            "left the company, and the account is gone with them".to_owned()
        }
        Reason::NotEntitled { app_off: None, .. } => {
            "suspended in the directory before Usher came: nobody suspended gets an account".to_owned()
        }
        Reason::Archived { active: false } => {
            "archived in the directory: archived people are left as they are, and had no account".to_owned()
        }
        Reason::Archived { active: true } => {
            "archived in the directory: archived people are left as they are, so the account is still on"
                .to_owned()
        }
        Reason::Leaving { due, app_off } => {
            let lost = app_off.as_ref().map_or_else(|| trigger(due.trigger).to_owned(), off_because);
            format!("{lost}; to be switched off when their time is up")
        }
        Reason::Suspended { triggers } => format!("{}; their time was up", lost(triggers)),
        Reason::DeletedLater { .. } => {
            format!("{}; their time was up, and the account is to be deleted", lost(&triggers))
        }
        Reason::SwitchedOffAtApp => {
            "somebody switched the account off at AWS: it stays off until a person decides".to_owned()
        }
        Reason::RetryLater(failing) => {
            format!("cannot be done yet: {} (tried again by itself)", failing.failure)
        }
        Reason::Failed { failure } => format!("cannot be done yet: {failure}"),
        Reason::Due(due) => {
            format!("{}, and their time is up", trigger(due.trigger))
        }
        // These are seen by nobody at the end of the demo's thirty days, or say enough themselves.
        Reason::Joined
        | Reason::GoneAtApp
        | Reason::Adopted { .. }
        | Reason::AdoptedLeaver { .. }
        | Reason::Differs { .. }
        | Reason::Repaired { .. }
        | Reason::StepsAside
        | Reason::Returned
        | Reason::SwitchedOnByAdmin
        | Reason::Undone { .. }
        | Reason::SwitchedOnAtApp(_)
        | Reason::HardDelete { .. }
        | Reason::Unlisted
        | Reason::NotSelected { .. }
        | Reason::OffAlready
        | Reason::Drifted { .. }
        | Reason::Unknown
        | Reason::MissedOnce { .. }
        | Reason::Pinned(_)
        | Reason::Closed => reason.to_string(),
    }
}

fn off_because(off: &AppOff) -> String {
    match off {
        AppOff::NoAccess { unit } => format!("AWS is off for {unit}, and for all of their groups"),
        AppOff::OutOfScope => "in none of the groups that provisioning is narrowed to".to_owned(),
        AppOff::OtherDomain { domain } => {
            format!("their address is in {domain}, and only the company's primary domain is provisioned")
        }
        AppOff::Guest => "a guest of the organisation: guests get no account".to_owned(),
    }
}

fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::AppOff => "AWS was turned off for them",
        Trigger::Suspended => "suspended in the directory",
        Trigger::Deleted => "left the company",
    }
}

fn lost(triggers: &[Trigger]) -> String {
    triggers.iter().map(|one| trigger(*one)).collect::<Vec<_>>().join(", and ")
}

/// The day of an instant.
fn date(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

impl Answer for Tale {
    fn text(&self) -> String {
        format!(
            "\n{COMPANY}, {N_DAYS} days, {} people in the directory.\n\n{}\nThe groups that were chosen:\n\n{}\nWhere everybody \
             is now:\n\n{}{}\n{}",
            grouped(self.n_people),
            self.done(),
            self.there(),
            self.people(),
            self.waiting(),
            self.next
        )
    }
}

impl Serialize for Tale {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let events: BTreeMap<_, _> = EventKind::ALL
            .into_iter()
            .map(|kind| (kind.as_str(), self.events.get(&kind).copied().unwrap_or(0)))
            .collect();
        let reasons: Vec<_> = self
            .groups
            .iter()
            .map(|group| {
                let account = match group.whereabouts {
                    Whereabouts::On => "on",
                    Whereabouts::Off => "off",
                    Whereabouts::None => "none",
                };
                json!({"account": account, "why": group.why, "people": group.people.len()})
            })
            .collect();
        let groups: Vec<_> =
            self.groups_there.iter().map(|(email, n)| json!({"group": email, "members": n})).collect();
        json!({
            "app": APP,
            "endpoint": self.endpoint,
            "people": self.n_people,
            "days": N_DAYS,
            "events": events,
            "groups": groups,
            "accounts": {
                "on": self.n(Whereabouts::On),
                "off": self.n(Whereabouts::Off),
                "none": self.n(Whereabouts::None),
            },
            "held": self.held.iter().map(|(n, why)| json!({"operations": n, "why": why})).collect::<Vec<_>>(),
            "reasons": reasons,
        })
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests;

//! The rules, checked at every request and every effect.

use std::time::Duration;

use serde_json::Value;
use usher_model::time::Timestamp;

use super::ledger::{Entry, Kind, Ledger, Unknown, View};
use super::op::Request;
use super::reference::{Causes, DELETED, SUSPENDED, Standing, is_shrunk, may_be_due, removals};

const DAY: Duration = Duration::from_hours(24);

/// How often a run may be polled between the question whether it may still write and the writing.
const BETWEEN: u64 = 1;

/// A write on its way.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) actor: u8,
    pub(super) kind: Kind,
    /// Whose account; none: nobody's that is known.
    pub(super) user: Option<String>,
    /// The account's id at the app; none: it is to be made.
    pub(super) id: Option<String>,
    pub(super) sent_at: Timestamp,
    /// The version at which its run began.
    pub(super) begun: u64,
    pub(super) is_released: bool,
    /// Whether the app did what it says it refused.
    pub(super) is_lie: bool,
}

impl Ledger {
    /// A write leaves: may it?
    pub(super) fn sends(&mut self, write: &Write, before: Option<&Value>) {
        let Some(view) = self.views.get(&write.actor).cloned() else { return };
        let broken = self.closed(write, &view).or_else(|| self.unjustified(write, &view, before));
        if let Some(broken) = broken {
            let user = write.user.as_deref().unwrap_or("nobody");
            let about = self.about(user);
            self.breaks(format!("{:?} of {user} by replica {}: {broken}\n{about}", write.kind, write.actor));
        }
    }

    fn about(&self, user: &str) -> String {
        let mind = &self.mind;
        format!(
            "  told {:?}\n  stood {:?}\n  causes {:?}\n  config {:?}",
            mind.told.get(user),
            mind.standings.get(user),
            mind.causes.get(user),
            mind.config
        )
    }

    /// Rule 6 and 7: who lost the app writes nothing, and neither does whoever was turned off or reconfigured.
    fn closed(&self, write: &Write, view: &View) -> Option<String> {
        let config = &self.mind.config;
        let is_closed = self.holder != Some(write.actor)
            || !config.is_enabled
            || !config.is_configured
            || self.mind.configured > view.begun;
        let since = view.closed.map_or(0, |at| view.n_polls.saturating_sub(at));
        (is_closed && (view.closed.is_none() || since > BETWEEN)).then(|| {
            format!("rule 6 or 7: it does not hold the app, or that was turned off or reconfigured ({since} polls ago)")
        })
    }

    fn unjustified(&self, write: &Write, view: &View, before: Option<&Value>) -> Option<String> {
        let Some(user) = write.user.as_deref() else {
            return Some(format!(
                "rule 1: the account {:?} is nobody's that Usher knows",
                before.map(|it| &it["userName"])
            ));
        };
        let is_foreign =
            |account: &Value| account["externalId"].as_str().is_some_and(|id| !id.is_empty() && id != user);
        let entry = write.id.as_ref().and_then(|id| self.accounts.get(id));
        let is_ours =
            entry.is_some_and(|entry| entry.owner.is_some() || entry.was_of.as_deref() == Some(user));
        if !is_ours && before.is_some_and(is_foreign) && !self.mind.taken_over.contains(user) {
            return Some(
                "rule 1: the account is somebody else's, and nobody said that it is to be taken over"
                    .to_owned(),
            );
        }
        if let Some(unknown) = self.mind.unknown.get(user) {
            return Some(format!("rule 4: its last write was not answered, and nobody looked: {unknown:?}"));
        }
        let Some(planned) = view.planned else { return Some("nothing was planned".to_owned()) };
        let pinned = self.mind.pins.get(user);
        if pinned.is_some_and(|(since, until)| {
            *since <= planned && until.is_none_or(|until| until > write.sent_at)
        }) {
            return Some("they are pinned".to_owned());
        }
        let stood = self.mind.stood(user, planned);
        let is_entitled = stood.contains(&Standing::Entitled);
        let is_leaving = stood.iter().any(|stood| *stood != Standing::Entitled);
        match write.kind {
            Kind::Create | Kind::Unsuspend if !is_entitled => {
                Some("nobody is let in who is not entitled".to_owned())
            }
            Kind::Unsuspend if self.is_off_by_others(write, user) => {
                Some("somebody else switched it off, and nobody said that it is to be on".to_owned())
            }
            Kind::Suspend | Kind::Delete if !is_leaving => {
                Some("rule 3: nobody is let out who is entitled".to_owned())
            }
            Kind::Suspend | Kind::Delete if !self.is_due(user, write.sent_at) => {
                Some("rule 3: before its due date".to_owned())
            }
            Kind::Delete => self.undeletable(write, view, before),
            Kind::Create | Kind::Adopt | Kind::Update | Kind::Suspend | Kind::Unsuspend => None,
        }
    }

    /// Whether another hand alone has switched it off: whoever was entitled all the time was never suspended.
    fn is_off_by_others(&self, write: &Write, user: &str) -> bool {
        let entry = write.id.as_ref().and_then(|id| self.accounts.get(id));
        entry.is_some_and(|entry| {
            let stood = self.mind.stood(user, entry.off_since);
            let was_entitled = stood.iter().all(|stood| *stood == Standing::Entitled);
            entry.suspended_on.is_none() && entry.off_by_hand.is_some() && was_entitled
        }) && !self.mind.switched_on.contains(user)
    }

    fn is_due(&self, user: &str, now: Timestamp) -> bool {
        self.mind.causes.get(user).is_some_and(|causes| may_be_due(causes, &self.mind.config, now))
    }

    /// Rule 3: no delete of an account that is on, none before its own time, none unless switched on.
    fn undeletable(&self, write: &Write, view: &View, before: Option<&Value>) -> Option<String> {
        let id = write.id.as_deref().unwrap_or_default();
        let Some(days) = self.mind.config.hard_delete else {
            return Some("rule 3: deleting is not switched on".to_owned());
        };
        if before.is_some_and(|account| account["active"] != Value::Bool(false))
            && view.seen_on.get(id) != Some(&false)
        {
            return Some("rule 3: the account is on".to_owned());
        }
        let entry = self.accounts.get(id);
        let suspended_on = entry.and_then(|entry| entry.suspended_on.or(entry.off_by_hand));
        let Some(suspended_on) = suspended_on else {
            return Some("rule 3: Usher did not suspend it".to_owned());
        };
        let been = self.mind.on(write.sent_at).saturating_sub(suspended_on);
        (been < DAY * u32::from(days)).then(|| format!("rule 3: deleted after {been:?} of provisioning"))
    }

    /// A write was carried out.
    pub(super) fn effect(
        &mut self,
        write: &Write,
        id: &str,
        before: Option<&Value>,
        after: Option<&Value>,
        now: Timestamp,
    ) {
        self.trace.n_effects += 1;
        self.trace.note(&|| {
            format!(
                "effect {:?} {id} {:?} at {now}: {}",
                write.kind,
                write.user,
                after.map_or(String::new(), Value::to_string)
            )
        });
        let Some(user) = write.user.clone() else { return };
        let is_ours = self.accounts.get(id).is_some_and(|entry| entry.owner.is_some());
        let kind = if write.kind == Kind::Update && !is_ours { Kind::Adopt } else { write.kind };
        *self.mind.effects.entry((user.clone(), kind)).or_default() += 1;
        if let Some(view) = self.views.get_mut(&write.actor) {
            view.touched.insert(user.clone());
        }
        if write.begun < self.mind.unconfigured {
            self.mind.blurred.insert(user.clone(), "carried out after its record was dropped");
        }
        self.untouched(write, before, after);
        self.removes(write, kind, now);
        let on = self.mind.on(now);
        let entry = self.accounts.entry(id.to_owned()).or_insert_with(|| Entry::new(before.cloned()));
        if entry.owner.is_none() {
            entry.adopted = before.cloned();
        }
        entry.is_on_by_hand &= kind != Kind::Suspend;
        if !write.is_lie || entry.owner.is_some() {
            entry.owner = Some(user);
        }
        entry.is_touched &= matches!((before, after), (Some(before), Some(after)) if before["displayName"] == after["displayName"]);
        if write.is_lie && kind == Kind::Suspend {
            entry.off_by_hand.get_or_insert(on);
        }
        entry.suspended_on = match kind {
            Kind::Suspend if write.is_lie => entry.suspended_on,
            Kind::Suspend => entry.suspended_on.or(Some(on)),
            Kind::Unsuspend | Kind::Create => None,
            Kind::Adopt | Kind::Update | Kind::Delete => entry.suspended_on,
        };
        if kind == Kind::Delete
            && let Some(Entry { owner: Some(owner), .. }) = self.accounts.remove(id)
        {
            self.deleted.insert(id.to_owned(), owner);
        }
    }

    /// Attributes that are not mapped are never touched.
    fn untouched(&mut self, write: &Write, before: Option<&Value>, after: Option<&Value>) {
        let (Some(before), Some(after)) = (before, after) else { return };
        let mut theirs = vec!["nickName"];
        // A run that began with another mapping may be in flight.
        if !self.mind.config.maps_title && self.mind.configured < write.begun {
            theirs.push("title");
        }
        for key in theirs {
            if before[key] != after[key] {
                self.breaks(format!(
                    "{key} is not mapped, and {:?} changed it: {} to {}",
                    write.kind, before[key], after[key]
                ));
            }
        }
    }

    /// Rule 2 and the guards: no mass removal unasked.
    fn removes(&mut self, write: &Write, kind: Kind, now: Timestamp) {
        if !matches!(kind, Kind::Suspend | Kind::Delete) || write.is_released || write.is_lie {
            return;
        }
        let mind = &self.mind;
        let planned = self.views.get(&write.actor).and_then(|view| view.planned);
        if let Some(accepted) = mind.accepted.filter(|_| planned == Some(mind.version))
            && is_shrunk(accepted, mind.listed())
        {
            let listed = mind.listed();
            self.breaks(format!("rule 2: removed although the directory shrank from {accepted} to {listed}"));
        }
        let user = write.user.as_deref().unwrap_or_default();
        let entry = write.id.as_ref().and_then(|id| self.accounts.get(id));
        let is_theirs = entry.is_some_and(|entry| entry.owner.as_deref() == Some(user));
        if let Some(emptied) = self.emptied(planned, user, kind).filter(|_| is_theirs) {
            self.breaks(format!(
                "rule 2: {user} was removed although the scope's group {emptied} lost all its members"
            ));
        }
        self.removed_at.push(now);
        self.removed_at.retain(|at| now.since(*at) < DAY);
        // An account that Usher adopted as it was looks like anybody's.
        let is_ours = |entry: &&Entry| entry.owner.is_some() && !entry.is_gone;
        let on_record = self.accounts.values().filter(is_ours).count();
        let is_on = |entry: &&Entry| entry.suspended_on.is_none() || entry.is_on_by_hand;
        let on = self.accounts.values().filter(is_on).count();
        let done = self.removed_at.len();
        let limit = removals(on + done, on_record);
        // What the app showed too late may have been done without Usher's knowing.
        if done > limit && !self.is_stale {
            self.breaks(format!(
                "the guard of removals: {done} within a day, {on} are on; {limit} are allowed"
            ));
        }
    }

    /// A group of the scope that had members and has none, where that alone has somebody lose the account.
    fn emptied(&self, planned: Option<u64>, user: &str, kind: Kind) -> Option<u8> {
        let mind = &self.mind;
        if planned != Some(mind.version) || mind.accepted.is_none() || kind != Kind::Suspend {
            return None;
        }
        let is_app_off = |causes: &Causes| causes[SUSPENDED].is_none() && causes[DELETED].is_none();
        mind.causes.get(user).filter(|causes| is_app_off(causes))?;
        let had = |g: &u8| mind.accepted_members.get(g).is_some_and(|n| *n > 0);
        mind.scope_members().into_iter().find(|(g, n)| *n == 0 && had(g)).map(|(g, _)| g)
    }

    /// A write's answer came.
    pub(super) fn answered(&mut self, write: &Write) {
        if let Some(user) = &write.user {
            self.flying.remove(&(write.actor, user.clone()));
        }
    }

    /// A write's answer never came. Those of whoever lost the app were lost when it did.
    pub(super) fn lost(&mut self, write: &Write) {
        self.answered(write);
        if let Some(user) = write.user.as_ref().filter(|_| self.holder == Some(write.actor)) {
            let unknown = Unknown { kind: write.kind, id: write.id.clone(), missed_at: None };
            self.mind.unknown.insert(user.clone(), unknown);
        }
    }

    /// A read was answered: it shows an account of somebody, or that there is none.
    pub(super) fn looked(&mut self, user: &str, is_there: bool, now: Timestamp, pause: Duration) {
        let Some(unknown) = self.mind.unknown.get_mut(user) else { return };
        let is_second = unknown.missed_at.is_some_and(|at| now.since(at) >= pause);
        if is_there || unknown.kind == Kind::Delete || is_second {
            self.mind.unknown.remove(user);
        } else {
            unknown.missed_at.get_or_insert(now);
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
        if was_stopped || matches!(view.request, Request::Person { .. }) {
            return;
        }
        let listed = self.mind.listed();
        if view.planned == Some(self.mind.version) && view.request != Request::Release {
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
            _ if view.planned != Some(self.mind.version) || view.request == Request::Release => None,
            Some(accepted) if is_shrunk(accepted, listed) => Some(accepted),
            _ => Some(listed),
        };
    }
}

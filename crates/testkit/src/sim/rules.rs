//! The rules, checked at every request and every effect.

use std::time::Duration;

use serde_json::Value;
use usher_model::time::Timestamp;

use super::LOOK_AGAIN_AFTER;
use super::ledger::{Ledger, View};
use super::mind::Kind;
use super::reference::{Standing, may_be_due, may_have_begun};
use super::write::Write;

pub(super) mod groups;

pub(super) const DAY: Duration = Duration::from_hours(24);

/// How often a run may be polled between the question whether it may still write and the writing.
const BETWEEN: u64 = 1;

impl Ledger {
    /// A write leaves: may it?
    pub(super) fn sends(&mut self, write: &Write, before: Option<&Value>) {
        let Some(view) = self.views.get(&write.actor).cloned() else { return };
        let is_off = before.is_some_and(|account| account["active"] == Value::Bool(false));
        if let Some(user) = write.user.as_ref().filter(|_| write.kind == Kind::Suspend && is_off) {
            *self.mind.off_already.entry(user.clone()).or_default() += 1;
        }
        let broken = self.closed(write.actor, &view).or_else(|| self.unjustified(write, &view, before));
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
    fn closed(&self, actor: u8, view: &View) -> Option<String> {
        let config = &self.mind.config;
        let is_closed = self.holder != Some(actor)
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
            entry.is_some_and(|entry| [&entry.owner, &entry.was_of].contains(&&Some(user.to_owned())));
        // What the app shows may be some seconds old, and nobody who believes it can know better.
        let just_claimed = entry
            .and_then(|entry| entry.claimed_at)
            .is_some_and(|at| write.sent_at.since(at) <= LOOK_AGAIN_AFTER);
        if !is_ours && !just_claimed && before.is_some_and(is_foreign) && !self.mind.taken_over.contains(user)
        {
            return Some(
                "rule 1: the account is somebody else's, and nobody said that it is to be taken over"
                    .to_owned(),
            );
        }
        let says_so = before.is_some_and(|account| account["externalId"] == user);
        if matches!(write.kind, Kind::Suspend | Kind::Delete) && !is_ours && !says_so {
            return Some("rule 1: it was never made or adopted for them".to_owned());
        }
        if let Some(unknown) = self.mind.unknown.get(user) {
            return Some(format!("rule 4: its last write was not answered, and nobody looked: {unknown:?}"));
        }
        if view.is_undo() {
            return self.not_to_be_taken_back(write, view, user);
        }
        let Some(planned) = view.planned else { return Some("nothing was planned".to_owned()) };
        if self.is_pinned(user, planned, write.sent_at) {
            return Some("they are pinned".to_owned());
        }
        if let Some(approved) = &view.approved
            && !approved.has_person(user, write.kind)
        {
            return Some("that is in no plan that somebody approved".to_owned());
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
            Kind::Update
                if write.is_claim && !is_ours && !is_entitled && !self.mind.config.adopts_leavers =>
            {
                Some("nobody is adopted who is not entitled, unless leavers are".to_owned())
            }
            Kind::Create | Kind::Adopt | Kind::Update | Kind::Suspend | Kind::Unsuspend => None,
        }
    }

    /// Whether somebody was pinned at a version, and is still. What an undo pinned is over once the directory agrees.
    pub(super) fn is_pinned(&self, user: &str, version: u64, now: Timestamp) -> bool {
        let mind = &self.mind;
        mind.pins.get(user).is_some_and(|(since, until)| {
            let is_agreed_with =
                mind.undone.contains(user) && mind.stood(user, *since).contains(&Standing::Entitled);
            *since <= version && until.is_none_or(|until| until > now) && !is_agreed_with
        })
    }

    /// An undo switches on whom Usher switched off, and does nothing else.
    fn not_to_be_taken_back(&self, write: &Write, view: &View, user: &str) -> Option<String> {
        if write.kind != Kind::Unsuspend {
            return Some("an undo does it".to_owned());
        }
        if !self.mind.undone.contains(user) && self.is_pinned(user, view.begun, write.sent_at) {
            return Some("an undo lets somebody in who is pinned".to_owned());
        }
        let entry = write.id.as_ref().and_then(|id| self.accounts.get(id));
        let was_ours = entry.is_some_and(|entry| {
            entry.suspended_on.is_some() || entry.was_suspended_on.is_some() || entry.is_unsure
        });
        (!was_ours).then(|| "an undo lets somebody in whom Usher did not suspend".to_owned())
    }

    /// Whether another hand alone has switched it off: whoever was entitled all the time was never suspended.
    fn is_off_by_others(&self, write: &Write, user: &str) -> bool {
        let entry = write.id.as_ref().and_then(|id| self.accounts.get(id));
        entry.is_some_and(|entry| {
            let stood = self.mind.stood(user, entry.off_since);
            let was_entitled = stood.iter().all(|stood| *stood == Standing::Entitled);
            let is_theirs = entry.suspended_on.is_none() && !entry.is_off_in_doubt;
            is_theirs && entry.off_by_hand.is_some() && was_entitled
        }) && !self.mind.switched_on.contains(user)
    }

    fn is_due(&self, user: &str, now: Timestamp) -> bool {
        let said = self.mind.brought_forward.get(user);
        self.mind.causes.get(user).is_some_and(|causes| {
            let config = &self.mind.config;
            may_be_due(causes, config, now) || said.is_some_and(|said| may_have_begun(causes, config, *said))
        })
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
        let suspended_on = entry.and_then(|entry| {
            // Whoever looks may take a switch that Usher was about to make for one that it did not.
            let in_doubt = entry.was_suspended_on.filter(|_| entry.is_off_in_doubt);
            entry.suspended_on.or(in_doubt).or(entry.off_by_hand)
        });
        let Some(suspended_on) = suspended_on else {
            return Some("rule 3: Usher did not suspend it".to_owned());
        };
        let been = self.mind.on(write.sent_at).saturating_sub(suspended_on);
        (been < DAY * u32::from(days)).then(|| format!("rule 3: deleted after {been:?} of provisioning"))
    }
}

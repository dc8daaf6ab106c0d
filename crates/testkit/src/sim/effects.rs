//! The rules about what was carried out at the app.

use serde_json::Value;
use usher_model::time::Timestamp;

use super::ledger::{Entry, Ledger, View};
use super::mind::Kind;
use super::reference::{Causes, DELETED, SUSPENDED, is_shrunk, removals};
use super::rules::DAY;
use super::write::Write;

mod groups;

impl Ledger {
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
        if self.holder != Some(write.actor) {
            self.unrecorded.insert(user.clone());
        }
        let is_forgotten = write.begun < self.mind.unconfigured;
        if is_forgotten {
            self.mind.blurred.insert(user.clone(), "carried out after its record was dropped");
        }
        let is_undo = self.views.get(&write.actor).is_some_and(View::is_undo);
        if kind == Kind::Unsuspend && is_undo && !write.is_lie {
            // Whoever an undo lets in is pinned before that.
            self.mind.undone.insert(user.clone());
            self.mind.pins.insert(user.clone(), (self.mind.version, None));
        }
        self.untouched(write, before, after);
        self.removes(write, kind, now);
        let on = self.mind.on(now);
        // It came after whoever sent it had given up.
        let is_late = self.mind.unknown.contains_key(&user);
        let entry = self.accounts.entry(id.to_owned()).or_insert_with(|| Entry::new(before.cloned()));
        if entry.owner.is_none() {
            entry.adopted = before.cloned();
        }
        entry.is_on_by_hand &= kind != Kind::Suspend;
        // What comes after the configuration was deleted is as if somebody else had done it.
        if !is_forgotten && (!write.is_lie || entry.owner.is_some()) {
            entry.owner = Some(user);
        }
        entry.leaves(before, after, is_ours);
        entry.is_unsure |= is_late || self.holder != Some(write.actor);
        let is_unknown = write.is_lie || is_forgotten;
        if is_unknown && kind == Kind::Suspend {
            entry.off_by_hand.get_or_insert(on);
        }
        entry.is_lied_about |= write.is_lie;
        // An app that says no to what it does: as far as Usher knows, somebody else did it.
        entry.is_on_by_hand |= write.is_lie && kind == Kind::Unsuspend && entry.suspended_on.is_some();
        if kind == Kind::Unsuspend {
            entry.was_suspended_on = entry.suspended_on.or(entry.was_suspended_on);
        }
        entry.suspended_on = match kind {
            Kind::Suspend | Kind::Unsuspend if is_unknown => entry.suspended_on,
            Kind::Suspend => entry.suspended_on.or(Some(on)),
            Kind::Unsuspend | Kind::Create => None,
            Kind::Adopt | Kind::Update | Kind::Delete => entry.suspended_on,
        };
        if kind == Kind::Delete
            && let Some(Entry { owner: Some(owner), .. }) = self.accounts.remove(id)
        {
            self.deleted.insert(id.to_owned(), owner);
        }
        if kind == Kind::Delete {
            self.groups.lose_account(id);
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

    /// From how many people the directory shrank to how many, where that is too far and this replica has planned since.
    fn shrunk_for(&self, actor: u8) -> Option<(usize, usize)> {
        let planned = self.views.get(&actor).and_then(|view| view.planned);
        let accepted = self.mind.accepted.filter(|_| planned == Some(self.mind.version))?;
        let listed = self.mind.listed();
        is_shrunk(accepted, listed).then_some((accepted, listed))
    }

    /// Rule 2 and the guards: no mass removal unasked.
    fn removes(&mut self, write: &Write, kind: Kind, now: Timestamp) {
        if !matches!(kind, Kind::Suspend | Kind::Delete) || write.is_released || write.is_lie {
            return;
        }
        if let Some((accepted, listed)) = self.shrunk_for(write.actor) {
            self.breaks(format!("rule 2: removed although the directory shrank from {accepted} to {listed}"));
        }
        let user = write.user.as_deref().unwrap_or_default();
        let entry = write.id.as_ref().and_then(|id| self.accounts.get(id));
        let is_theirs = entry.is_some_and(|entry| entry.owner.as_deref() == Some(user));
        let planned = self.views.get(&write.actor).and_then(|view| view.planned);
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
        // Whoever another hand deleted counts until Usher has noticed.
        let is_on = |entry: &&Entry| entry.suspended_on.is_none() || entry.is_on_by_hand;
        // The account in hand is among those that are on, still.
        let on = self.accounts.values().filter(is_on).count();
        let done = self.removed_at.len();
        let limit = removals(on + done - 1, on_record);
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
}

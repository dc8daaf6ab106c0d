//! Compares what is at the app, once everything has come to rest, with what ought to be there.

use std::collections::BTreeSet;

use serde_json::Value;
use usher_engine::audit::compare::Drift;
use usher_store::tally;

use super::World;
use crate::sim::op::part::Drifts;
use crate::sim::reference::{self, Standing, wanted};
use crate::sim::told::Told;

impl World<'_> {
    /// Everybody's account is what it ought to be.
    pub(super) async fn compare(&mut self) {
        let users = self.app.users();
        let (told, config) = {
            let ledger = self.ledger();
            let told: Vec<Told> = ledger.mind.told.values().cloned().collect();
            (told, ledger.mind.config.clone())
        };
        for told in &told {
            let Some(standing) = self.stands(&told.id) else { continue };
            let own = |user: &&Value| user["externalId"] == told.id.as_str();
            let own: Vec<&Value> = users.iter().filter(own).collect();
            if own.len() > 1 {
                self.ledger().breaks(format!("rule 6: {} has {} accounts", told.id, own.len()));
            }
            let problem = match standing {
                Standing::Entitled => self.entitled(told, own.first().copied(), &users),
                Standing::Lost(held) => {
                    let is_selected =
                        (0..3).any(|trigger| held[trigger].is_some() && config.delays[trigger].is_some());
                    let is_on = own.first().is_some_and(|account| account["active"] == Value::Bool(true));
                    let is_known = own.first().is_some_and(|account| self.is_ours(account));
                    (is_selected && is_on && is_known).then(|| "lost it, and is on".to_owned())
                }
                Standing::Archived => None,
            };
            if let Some(problem) = problem {
                let why = self.explain(told).await;
                self.ledger()
                    .breaks(format!("{} ({standing:?}): {problem}\n  {told:?}\n  {own:?}\n  {why}", told.id));
                return;
            }
        }
    }

    /// The kept counts are what a count of the rows gives.
    pub(super) async fn compare_tallies(&self) {
        let mut tx = self.store.read("sim::tallies").await.expect("the store can be read");
        let miscounted = tally::miscounted(&mut tx).await.expect("what is counted can be read");
        if !miscounted.is_empty() {
            self.ledger().breaks(format!("the kept counts are wrong: {miscounted:?}"));
        }
    }

    fn is_ours(&self, account: &Value) -> bool {
        let id = account["id"].as_str().unwrap_or_default();
        self.ledger().accounts.get(id).is_some_and(|entry| entry.owner.is_some())
    }

    /// What is wrong with the account of somebody who is entitled to one.
    fn entitled(&self, told: &Told, own: Option<&Value>, users: &[Value]) -> Option<String> {
        let config = self.ledger().mind.config.clone();
        let wanted = wanted(told, &config)?;
        // Their name is somebody else's at the app, and stays theirs: they fail alone.
        let is_theirs = |account: &Value| self.was_ever_of(account, &told.id);
        let is_unknown = own.is_none() && !users.iter().any(is_theirs);
        let is_free = is_unknown && users.iter().any(|account| self.is_nobodys(account, &told.address));
        if !is_free && self.stays_taken(&told.address, &told.id, users, &mut BTreeSet::new()) {
            return None;
        }
        // Usher knows their account, which somebody made another's: that is reported. Which of two is theirs, if another
        // one says so, nobody can tell.
        if self.is_known_as_anothers(told, users) && (own.is_some() || config.drifts != Drifts::Repair) {
            return None;
        }
        let Some(own) = own else { return Some("has none".to_owned()) };
        if own["active"] != Value::Bool(true) {
            return Some("is off".to_owned());
        }
        let held = reference::held(own);
        let entry = self.ledger().accounts.get(own["id"].as_str().unwrap_or_default()).cloned();
        // What was there before Usher, and is not wanted, is somebody's own; of an account adopted as it was, all of it.
        let before = match &entry {
            Some(entry) if entry.owner.is_some() => entry.adopted.as_ref().map(reference::held),
            Some(_) | None => Some(held.clone()),
        };
        let is_own = |key: &str, value: &Value| {
            value.is_null() && before.as_ref().is_some_and(|before| before[key] == held[key])
        };
        // What somebody else changed stays as it is where drift is not repaired: the report says so.
        let is_by_hand = self.ledger().mind.hands.contains_key(&told.id);
        let is_edited = |key: &str| {
            entry.as_ref().is_some_and(|entry| {
                let is_unsure = entry.is_unsure || entry.owner.is_none();
                let may_be = is_unsure && is_by_hand && key == "displayName";
                may_be || entry.edits(own).any(|(edited, ..)| edited == key)
            })
        };
        // And so does what a run left there that an old backup knows nothing of.
        let is_forgotten = self.ledger().mind.blurred.contains_key(&told.id);
        let is_reported = |key: &str| config.drifts != Drifts::Repair && (is_forgotten || is_edited(key));
        let mut left = wanted.iter().filter(|(key, value)| held[*key] != **value && !is_own(key, value));
        let (key, value) = left.find(|(key, _)| !is_reported(key))?;
        Some(format!("{key} should be {value} and is {}", held[key]))
    }

    /// An audit of an app at rest names exactly those whose account somebody else changed and nobody wrote over.
    pub(super) fn compare_drifts(&self) {
        let Some(audited) = self.last.as_ref().and_then(|report| report.audit.clone()) else { return };
        let changed = audited.drifts.iter().filter(|(_, drift)| matches!(drift, Drift::Changed { .. }));
        let reported: BTreeSet<String> = changed.map(|(email, drift)| format!("{email}: {drift}")).collect();
        let users = self.app.users();
        let mut ledger = self.ledger();
        // Of an account that was adopted as it was, or whose last write was lost, nobody knows what Usher left there.
        let (mut judged, mut expected) = (BTreeSet::new(), BTreeSet::new());
        for account in &users {
            let Some(entry) = ledger.accounts.get(account["id"].as_str().unwrap_or_default()) else {
                continue;
            };
            let Some(told) = entry.owner.as_ref().and_then(|owner| ledger.mind.told.get(owner)) else {
                continue;
            };
            let has_it = |other: &&Told| other.address == told.address;
            let is_shared = ledger.mind.told.values().filter(has_it).count() > 1;
            if entry.is_unsure || is_shared || ledger.mind.blurred.contains_key(&told.id) {
                continue;
            }
            judged.insert(told.address.as_str());
            let line = |(key, was, is): (&str, &Value, &Value)| {
                let is = if is.is_null() { "is not there".to_owned() } else { format!("is {is}") };
                format!("{}: {key} was {was} and {is} now", told.address)
            };
            expected.extend(entry.edits(account).map(line));
        }
        let is_judged =
            |line: &&String| line.split_once(": ").is_some_and(|(address, _)| judged.contains(address));
        let differs = reported.symmetric_difference(&expected).find(is_judged).cloned();
        if let Some(line) = differs {
            ledger.breaks(format!(
                "an audit and what differs do not agree about {line}: {reported:?}, {expected:?}"
            ));
        }
    }

    /// Whether a name is at the app that of somebody else who keeps it: those who swap, in whatever circle, do not.
    fn stays_taken(
        &self,
        name: &str,
        by_other_than: &str,
        users: &[Value],
        seen: &mut BTreeSet<String>,
    ) -> bool {
        let has = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(name));
        let holds = |user: &&Value| {
            user["externalId"] != by_other_than
                && (has(&user["userName"]) || has(&user["emails"][0]["value"]))
        };
        users.iter().filter(holds).any(|account| {
            let Some(holder) = self.owner_of(account) else { return true };
            if !seen.insert(holder.id.clone()) {
                return false;
            }
            let gives_up = self.stands(&holder.id) == Some(Standing::Entitled)
                && !self.is_left_as_it_is(account)
                && account["active"] == Value::Bool(true)
                && holder.family.is_some()
                && !holder.address.eq_ignore_ascii_case(name);
            !gives_up || self.stays_taken(&holder.address, &holder.id, users, seen)
        })
    }

    /// Whether an account is other than Usher knows it, and Usher only says so.
    fn is_left_as_it_is(&self, account: &Value) -> bool {
        let ledger = self.ledger();
        let entry = ledger.accounts.get(account["id"].as_str().unwrap_or_default());
        ledger.mind.config.drifts != Drifts::Repair && entry.is_some_and(|entry| entry.is_lied_about)
    }

    /// Whether the account that Usher made or adopted for somebody says that it is another's.
    fn is_known_as_anothers(&self, told: &Told, users: &[Value]) -> bool {
        let ledger = self.ledger();
        users.iter().filter(|account| account["externalId"] != told.id.as_str()).any(|account| {
            let entry = ledger.accounts.get(account["id"].as_str().unwrap_or_default());
            entry.is_some_and(|entry| entry.owner.as_ref() == Some(&told.id))
        })
    }

    /// Whether an account is somebody's, whatever it says by now.
    fn was_ever_of(&self, account: &Value, user: &str) -> bool {
        let entry = self.ledger().accounts.get(account["id"].as_str().unwrap_or_default()).cloned();
        entry
            .is_some_and(|entry| [entry.owner, entry.was_of].into_iter().flatten().any(|whose| whose == user))
    }

    /// Whether an account has this name and is nobody's, so that it is there to be adopted.
    fn is_nobodys(&self, account: &Value, name: &str) -> bool {
        let is_named = account["userName"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(name));
        let says_nobody = account["externalId"].as_str().is_none_or(str::is_empty);
        let entry = self.ledger().accounts.get(account["id"].as_str().unwrap_or_default()).cloned();
        is_named && says_nobody && entry.is_some_and(|entry| entry.owner.is_none() && entry.was_of.is_none())
    }

    /// Whose account it is: of whoever Usher made or adopted it for, or of whoever it says that it is, who adopts it.
    fn owner_of(&self, account: &Value) -> Option<Told> {
        let ledger = self.ledger();
        let entry = ledger.accounts.get(account["id"].as_str().unwrap_or_default())?;
        let says = account["externalId"].as_str().filter(|id| !id.is_empty());
        // Whoever has an account on record adopts no other.
        let has_another = |id: &&str| {
            let mut others = ledger.accounts.values();
            others.any(|other| other.owner.as_deref() == Some(*id) && !other.is_gone)
        };
        let owner = entry.owner.as_deref().or(says.filter(|id| !has_another(id)))?;
        // Usher may not know that one which somebody else claims is its own.
        let is_claimed = says.is_some_and(|id| id != owner);
        ledger.mind.told.get(owner).filter(|_| !is_claimed).cloned()
    }

    async fn explain(&self, told: &Told) -> String {
        let Ok(email) = usher_model::id::Email::parse(&told.address) else { return String::new() };
        let clock: std::sync::Arc<dyn usher_engine::clock::Clock> = std::sync::Arc::new(self.clock.clone());
        let explained = usher_engine::explain::explain(
            &self.store,
            &clock,
            &self.environment(0),
            super::NAME,
            &email,
            false,
        )
        .await;
        format!("{explained:?}")
    }
}

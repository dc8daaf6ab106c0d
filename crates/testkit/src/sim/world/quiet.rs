//! The end of every play: nothing goes wrong any more, and the app has to become what it ought to be.
//!
//! Faults stop, whoever still runs ends, an admin sets right what was left turned off, the directory is listed once. Then
//! an audit, runs until nothing is done any more, and time enough for every timer. What is then at the app is compared with
//! the reference, account by account and attribute by attribute, and the provisioning log with the effects.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use usher_model::account::Choice;
use usher_store::event::{self, EventKind};

use super::World;
use crate::sim::ledger::Kind;
use crate::sim::op::{Listing, Op, REPLICAS, Request};
use crate::sim::reference::{self, Standing, Told, wanted};

/// Longer than the longest pause after a failure, and than the window of the guards.
const PAUSE: Duration = Duration::from_hours(25);
/// More runs than this, and nothing comes to rest.
const MAX_RUNS: usize = 24;
/// After so many runs in which nothing was done, nothing will be.
const QUIET_RUNS: usize = 3;
/// How often a person says the same.
const DECIDED: usize = 3;
/// Longer than the longest delay, twice: to be suspended, and to be deleted.
const ALL_TIMERS: Duration = Duration::from_hours(24 * 31);

impl World<'_> {
    /// Brings the world to rest and says what is not as it ought to be.
    pub(in crate::sim) async fn come_to_rest(&mut self) {
        self.app.end_faults();
        for r in 0..REPLICAS {
            self.end(r).await;
        }
        self.feed.clear();
        self.set_right().await;
        self.list(Listing::Whole).await;
        self.pass(self.now() + PAUSE).await;
        self.run(Request::Audit).await;
        self.run_until_idle().await;
        while self.ledger().broken.is_none() && self.decide_for_admins().await {
            self.run_until_idle().await;
        }
        for _ in 0..2 {
            self.pass(self.now() + ALL_TIMERS).await;
            self.run_until_idle().await;
        }
        self.audit_until_idle().await;
        if self.ledger().broken.is_some() {
            return;
        }
        self.compare().await;
        self.is_silent().await;
        self.compare_events().await;
    }

    /// An admin turns on what was turned off, renews the token, and lets everybody go who is pinned.
    async fn set_right(&mut self) {
        let pinned: Vec<String> = self.ledger().mind.pins.keys().cloned().collect();
        for id in pinned {
            self.unpin_user(&id).await;
        }
        for op in [Op::Configure, Op::RenewToken, Op::Enable] {
            self.configure(&op).await;
        }
    }

    /// Runs, and a person releases what is held, until nothing is done any more.
    async fn run_until_idle(&mut self) {
        let (mut n_failures, mut n_quiet) = (0, 0);
        for _ in 0..MAX_RUNS {
            self.run(Request::Release).await;
            if self.ledger().broken.is_some() {
                return;
            }
            let Some(report) = self.last.clone() else {
                return self.ledger().breaks("nothing can be run, and nothing is wrong".to_owned());
            };
            let is_quiet = report.operations.values().all(|n| *n == 0) && report.stopped.is_none();
            n_quiet = if is_quiet { n_quiet + 1 } else { 0 };
            // Whoever fails may succeed once the pause is over, for others have moved meanwhile; and a wish that was
            // discarded, released and failed is held and released again, for ever.
            if is_quiet && (report.held.is_empty() && report.n_failures == n_failures || n_quiet > QUIET_RUNS)
            {
                return;
            }
            n_failures = report.n_failures;
            self.pass(self.now() + PAUSE).await;
        }
        let last = format!("{:?}", self.last);
        self.ledger().breaks(format!("it does not come to rest: {last}"));
    }

    /// Each audit may find somebody whom nothing but a listing shows: a leaver whose account somebody else made.
    async fn audit_until_idle(&mut self) {
        for _ in 0..MAX_RUNS {
            self.run(Request::Audit).await;
            let is_quiet =
                self.last.as_ref().is_some_and(|report| report.operations.values().all(|n| *n == 0));
            if is_quiet || self.ledger().broken.is_some() {
                return;
            }
            self.pass(self.now() + ALL_TIMERS).await;
            self.run_until_idle().await;
        }
    }

    /// A person decides about everybody who was switched off at the app; whether there was anybody new.
    async fn decide_for_admins(&mut self) -> bool {
        let off: Vec<String> = {
            let ledger = self.ledger();
            let is_off = |account: &Value| account["active"] == Value::Bool(false);
            let off = self.app.users().into_iter().filter(is_off);
            off.filter_map(|account| ledger.owner(account["id"].as_str().unwrap_or_default(), &account))
                .collect()
        };
        let mut is_new = false;
        for id in off {
            if self.stands(&id) == Some(Standing::Entitled) && self.decides(&id) {
                self.choose_for(&id, Choice::SwitchOn).await;
                is_new = true;
            }
        }
        is_new
    }

    /// A person decides again if the first word came too early; not for ever.
    fn decides(&mut self, id: &str) -> bool {
        let n_times = self.decided.entry(id.to_owned()).or_default();
        *n_times += 1;
        *n_times <= DECIDED
    }

    fn stands(&self, id: &str) -> Option<Standing> {
        let ledger = self.ledger();
        ledger.mind.standings.get(id).and_then(|history| history.last()).map(|(_, standing)| *standing)
    }

    /// Everybody's account is what it ought to be.
    async fn compare(&mut self) {
        let users = self.app.users();
        let (told, config, taken) = {
            let ledger = self.ledger();
            let told: Vec<Told> = ledger.mind.told.values().cloned().collect();
            (told, ledger.mind.config.clone(), ledger.mind.taken_over.clone())
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
            let _ = &taken;
            if let Some(problem) = problem {
                let why = self.explain(told).await;
                self.ledger()
                    .breaks(format!("{} ({standing:?}): {problem}\n  {told:?}\n  {own:?}\n  {why}", told.id));
                return;
            }
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
        if self.stays_taken(&told.address, &told.id, users, &mut BTreeSet::new()) {
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
        let left = wanted.iter().find(|(key, value)| held[*key] != **value && !is_own(key, value));
        let (key, value) = left?;
        let is_drifted = entry.is_some_and(|entry| entry.is_touched);
        let is_reported = config.drifts != crate::sim::op::Drifts::Repair && is_drifted;
        (!is_reported).then(|| format!("{key} should be {value} and is {}", held[*key]))
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
                && account["active"] == Value::Bool(true)
                && holder.family.is_some()
                && !holder.address.eq_ignore_ascii_case(name);
            !gives_up || self.stays_taken(&holder.address, &holder.id, users, seen)
        })
    }

    fn owner_of(&self, account: &Value) -> Option<Told> {
        let ledger = self.ledger();
        let entry = ledger.accounts.get(account["id"].as_str().unwrap_or_default())?;
        let owner = entry.owner.as_deref()?;
        // Usher may not know that one which somebody else claims is its own.
        let is_claimed = account["externalId"].as_str().is_some_and(|id| !id.is_empty() && id != owner);
        ledger.mind.told.get(owner).filter(|_| !is_claimed).cloned()
    }

    async fn explain(&self, told: &Told) -> String {
        let Ok(email) = usher_model::id::Email::parse(&told.address) else { return String::new() };
        let clock: std::sync::Arc<dyn usher_engine::clock::Clock> = std::sync::Arc::new(self.clock.clone());
        let explained =
            usher_engine::explain::explain(&self.store, &clock, &self.environment(0), super::NAME, &email)
                .await;
        format!("{explained:?}")
    }

    /// Rule 5: a converged app gets no write.
    async fn is_silent(&mut self) {
        for request in [Request::Full, Request::Insist, Request::Audit] {
            self.run(request).await;
            // Whoever fails, at the end, fails alone, and is tried again.
            let is_silent =
                self.last.as_ref().is_some_and(|report| report.requests.writes <= report.n_failures);
            if !is_silent {
                let last = format!("{:?}", self.last);
                self.ledger().breaks(format!("rule 5: a run right after a run writes: {last}"));
            }
        }
    }

    /// One event for each effect, none twice.
    async fn compare_events(&mut self) {
        let mut tx = self.store.read("sim::events").await.expect("the store can be read");
        let (mut before, mut told): (_, BTreeMap<(String, Kind), u64>) = (None, BTreeMap::new());
        loop {
            let page =
                event::page(&mut tx, &self.id, before.as_ref(), 500).await.expect("the log can be read");
            for event in &page {
                if let Some(kind) = kind(event.kind) {
                    *told.entry((event.user.as_str().to_owned(), kind)).or_default() += 1;
                }
            }
            let Some(last) = page.last().cloned() else { break };
            before = Some(last);
        }
        drop(tx);
        let mut ledger = self.ledger();
        if ledger.is_stale {
            return;
        }
        let mind = &ledger.mind;
        let keys: Vec<_> = told.keys().chain(mind.effects.keys()).cloned().collect();
        let count =
            |of: &BTreeMap<(String, Kind), u64>, key: &(String, Kind)| of.get(key).copied().unwrap_or(0);
        let is_wrong = |key: &(String, Kind)| {
            let (user, kind) = key;
            let (said, done) = (count(&told, key), count(&mind.effects, key));
            let hands = mind.hands.get(user).copied().unwrap_or(0);
            let of = |of: &BTreeMap<_, _>, kind| count(of, &(user.clone(), kind));
            let fits = match kind {
                // An account may be adopted as it is, without a write, and its first write is an update then.
                Kind::Adopt | Kind::Update => {
                    let written = of(&mind.effects, Kind::Adopt) + of(&mind.effects, Kind::Update);
                    let (adopted, updated) = (of(&told, Kind::Adopt), of(&told, Kind::Update));
                    updated <= written + hands && written <= updated + adopted + hands
                }
                Kind::Create | Kind::Suspend | Kind::Unsuspend | Kind::Delete => said.abs_diff(done) <= hands,
            };
            !fits && !mind.blurred.contains_key(user)
        };
        if let Some(key) = keys.into_iter().find(|key| is_wrong(key)) {
            let (said, done) = (count(&told, &key), count(&mind.effects, &key));
            ledger.breaks(format!("rule 6: {key:?} happened {done} times, and the log tells of {said}"));
        }
    }
}

fn kind(kind: EventKind) -> Option<Kind> {
    match kind {
        EventKind::Create => Some(Kind::Create),
        EventKind::Adopt => Some(Kind::Adopt),
        EventKind::Update => Some(Kind::Update),
        EventKind::Suspend => Some(Kind::Suspend),
        EventKind::Unsuspend => Some(Kind::Unsuspend),
        EventKind::HardDelete => Some(Kind::Delete),
        EventKind::Failure => None,
    }
}

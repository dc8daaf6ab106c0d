//! The end of every play: nothing goes wrong any more, and the app has to become what it ought to be.
//!
//! Faults stop, whoever still runs ends, an admin sets right what was left turned off, the directory is listed once. Then
//! an audit, runs until nothing is done any more, and time enough for every timer. What is then at the app is compared with
//! the reference, account by account and attribute by attribute, and the provisioning log with the effects.

use std::time::Duration;

use serde_json::Value;
use usher_engine::report::RunReport;
use usher_model::account::Choice;
use usher_model::id::UserId;
use usher_store::account;

use super::World;
use crate::sim::op::part::{Listing, Request};
use crate::sim::op::{Op, REPLICAS};
use crate::sim::reference::Standing;

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
        self.compare_deleted_groups().await;
        self.set_right().await;
        self.list(Listing::Whole).await;
        self.is_told_all();
        self.pass(self.now() + PAUSE).await;
        self.run(Request::Audit).await;
        self.run_and_decide().await;
        for _ in 0..2 {
            self.pass(self.now() + ALL_TIMERS).await;
            self.run_and_decide().await;
        }
        self.audit_until_idle().await;
        if self.ledger().broken.is_some() {
            return;
        }
        self.compare().await;
        self.compare_groups().await;
        self.is_silent().await;
        self.compare_events().await;
        self.compare_group_events().await;
        self.compare_tallies().await;
    }

    /// An admin turns on what was turned off, renews the token, and lets everybody go who is pinned.
    async fn set_right(&mut self) {
        let pinned: Vec<String> = self.ledger().mind.pins.keys().cloned().collect();
        for id in pinned {
            self.unpin_user(&id).await;
        }
        let pinned: Vec<u8> = self.ledger().mind.groups.pins.keys().copied().collect();
        for number in pinned {
            self.unpin_group(number).await;
        }
        self.let_everybody_go().await;
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
            let is_quiet = is_quiet(&report) && report.stopped.is_none();
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
            let is_quiet = self.last.as_ref().is_some_and(is_quiet);
            if is_quiet || self.ledger().broken.is_some() {
                return;
            }
            self.pass(self.now() + ALL_TIMERS).await;
            self.run_and_decide().await;
        }
    }

    /// Runs until nothing is done any more, whatever a person has to decide meanwhile.
    async fn run_and_decide(&mut self) {
        self.run_until_idle().await;
        while self.ledger().broken.is_none() && self.decide_for_admins().await {
            self.run_until_idle().await;
        }
    }

    /// A person decides about everybody whom Usher knows to be switched off at the app; whether there was anybody new.
    async fn decide_for_admins(&mut self) -> bool {
        let off: Vec<String> = {
            let ledger = self.ledger();
            let is_off = |account: &Value| account["active"] == Value::Bool(false);
            let off = self.app.users().into_iter().filter(is_off);
            off.filter_map(|account| ledger.owner(account["id"].as_str().unwrap_or_default(), &account))
                .collect()
        };
        let known = self.on_record(&off).await;
        let mut is_new = false;
        for id in known {
            if self.stands(&id) == Some(Standing::Entitled) && self.decides(&id) {
                self.choose_for(&id, Choice::SwitchOn).await;
                is_new = true;
            }
        }
        is_new
    }

    /// Those of these people whose account is on record: nobody is asked about the others, and an answer would be refused.
    async fn on_record(&self, ids: &[String]) -> Vec<String> {
        let users: Vec<_> = ids.iter().map(UserId::new).collect();
        let mut tx = self.store.read("sim::on_record").await.expect("the store can be read");
        let records = account::of(&mut tx, &self.id, &users).await.expect("accounts can be read");
        let known = records.into_iter().filter(|(_, record)| record.remote_id.is_some());
        known.map(|(user, _)| user.as_str().to_owned()).collect()
    }

    /// A person decides again if the first word came too early; not for ever.
    fn decides(&mut self, id: &str) -> bool {
        let n_times = self.decided.entry(id.to_owned()).or_default();
        *n_times += 1;
        *n_times <= DECIDED
    }

    pub(super) fn stands(&self, id: &str) -> Option<Standing> {
        let ledger = self.ledger();
        ledger.mind.standings.get(id).and_then(|history| history.last()).map(|(_, standing)| *standing)
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
            if request == Request::Audit {
                self.compare_drifts();
            }
        }
    }
}

/// Whether a run did nothing.
fn is_quiet(report: &RunReport) -> bool {
    report.operations.values().chain(report.group_operations.values()).all(|n| *n == 0)
}

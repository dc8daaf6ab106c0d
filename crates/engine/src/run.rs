//! One run of one app, from its beginning to its end.
//!
//! The five steps in their order, and what they come to. Whoever reads this
//! file has read what a run does.

use std::collections::BTreeSet;
use std::sync::Arc;

use usher_model::id::{RunId, UserId};
use usher_model::mutant::{self, Mutant};
use usher_store::plan::PlanState;
use usher_store::{Store, StoreError, Tx, hold, plan as plans};

use self::findings::Findings;
use crate::approval::{self, Differences};
use crate::audit;
use crate::begin::{begin, client};
use crate::calls::Closed;
use crate::clock::{Clock, new_run_id};
use crate::environment::Environment;
use crate::execute;
use crate::groups::{self, GroupFindings, GroupRequest};
use crate::guard::{self, Guarding};
use crate::listing;
use crate::observe;
use crate::plan::{self, Pass};
use crate::preview;
use crate::progress::Progress;
use crate::record::Recorder;
use crate::releasing::Releasing;
use crate::report::{RunError, RunReport, RunRequest};
use crate::stop::Stop;
use crate::work::Work;

pub(crate) mod findings;
pub(crate) mod finish;

/// How often a run comes back to people whose writes were lost in it.
pub(crate) const ROUNDS: usize = 3;

/// Who releases every hold at once.
const EVERY_HOLD: &str = "usher sync --release";

/// Runs one app now.
pub async fn run(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
    progress: &(dyn Progress + '_),
) -> Result<RunReport, RunError> {
    let started_at = clock.now();
    let (lease, setting, users) = begin(store, clock, environment, name, request).await?;
    let client = client(store, clock, environment, &setting, &lease).await?;
    let mut work = Work::new(store, clock, environment.cycle, client, &lease, &setting);
    work.is_approved = request.approved.is_some();
    let mut steps = Steps {
        work: &work,
        request,
        users,
        progress,
        recorder: Recorder::new(progress),
        findings: Findings::default(),
    };
    let stop = match Box::pin(steps.all()).await {
        Err(error) if error.is_fenced() => Ok(Some(Stop::Closed(Closed::Fenced))),
        stop => stop,
    };
    let Steps { recorder, findings, .. } = steps;
    finish::finish(&work, started_at, recorder, findings, stop?).await.map_err(RunError::Store)
}

struct Steps<'a> {
    work: &'a Work<'a>,
    request: &'a RunRequest,
    users: Option<BTreeSet<UserId>>,
    progress: &'a (dyn Progress + 'a),
    recorder: Recorder<'a>,
    findings: Findings,
}

impl Steps<'_> {
    /// Observe, plan, guard, execute; then once more for those whose writes were lost on the way.
    async fn all(&mut self) -> Result<Option<Stop>, StoreError> {
        self.progress.step("looking");
        if self.work.setting.app.quarantine.is_some()
            && let Some(stop) = observe::knock(self.work).await
        {
            return Ok(Some(stop));
        }
        observe::wait_for_lost(self.work).await?;
        let lost = observe::look_at_lost(self.work, &mut self.recorder).await?;
        if lost.stop.is_some() {
            return Ok(lost.stop);
        }
        if let Some(stop) = self.read_app().await? {
            return Ok(Some(stop));
        }
        if let Some(stop) = self.compare_preview().await? {
            return Ok(Some(stop));
        }
        self.begin_plan().await?;
        self.findings.is_whole = self.users.is_none();
        let users = self.users.clone();
        if let Some(stop) = self.round(users.as_ref(), 0).await? {
            return Ok(Some(stop));
        }
        // What is decided after a look at a lost answer, nobody has approved.
        let rounds = if self.request.approved.is_some() { 0 } else { ROUNDS };
        for _ in 0..rounds {
            match self.after_lost().await? {
                After::Settled => break,
                After::Again => {}
                After::Stop(stop) => return Ok(Some(stop)),
            }
        }
        if let Some(stop) = self.groups().await? {
            return Ok(Some(stop));
        }
        if let Some(audited) = self.findings.audited.as_mut().filter(|audited| audited.is_believed) {
            audit::count_unknown(self.work, audited).await?;
        }
        Ok(self.work.health.verdict())
    }

    /// An audit reads the whole app and compares; any other run lists it the first time, so that nobody is asked for
    /// one by one.
    async fn read_app(&mut self) -> Result<Option<Stop>, StoreError> {
        if !self.request.audit || self.users.is_some() {
            return self.list_once().await;
        }
        self.progress.step("reading the whole app");
        match audit::audit(self.work).await? {
            Ok(audited) => self.findings.audited = Some(audited),
            Err(stop) => return Ok(Some(stop)),
        }
        Ok(None)
    }

    async fn list_once(&self) -> Result<Option<Stop>, StoreError> {
        if self.work.setting.app.listed_at.is_some() || self.users.is_some() {
            return Ok(None);
        }
        self.progress.step("listing the app");
        // Not the listing that a refused duplicate asks for: that one shows what came after this one.
        match listing::list(self.work).await {
            Ok(_) => Ok(None),
            // Without a listing, creates ask first; and suspensions wait for nobody.
            Err(error) => Ok(Stop::of(&error)),
        }
    }

    async fn begin_plan(&mut self) -> Result<(), StoreError> {
        let mut tx = self.work.store.begin("engine::begin_plan").await?;
        plans::start(&mut tx, self.work.app(), self.work.run()).await?;
        // A run for one person lets nobody else's operations through.
        if self.users.is_none() {
            self.findings.releasing = self.releasing(&mut tx).await?;
        }
        tx.commit().await
    }

    /// The open holds that this run releases.
    async fn releasing(&self, tx: &mut Tx) -> Result<Releasing, StoreError> {
        let (asked, by) = match (&self.request.releasing, self.request.release) {
            (Some(Releasing { holds, by }), _) => (Some(holds), by.clone()),
            (None, true) => (None, EVERY_HOLD.to_owned()),
            (None, false) => return Ok(Releasing::default()),
        };
        let open = hold::open(tx, self.work.app()).await?.into_iter().map(|hold| hold.id);
        let holds = open.filter(|open| asked.is_none_or(|asked| asked.contains(open))).collect();
        Ok(Releasing { holds, by })
    }

    /// Plans for these people, or for everybody, and carries the plan out.
    async fn round(
        &mut self,
        users: Option<&BTreeSet<UserId>>,
        first_seq: i64,
    ) -> Result<Option<Stop>, StoreError> {
        let Work { store, setting, clock, lease, .. } = self.work;
        self.progress.step("planning");
        let pass = Pass {
            users,
            run: &lease.run,
            lease: Some(lease),
            insist: self.request.insist,
            listed_at: listing::listed_at(store, &lease.app).await?,
            first_seq,
            now: clock.now(),
        };
        let planned = plan::pass(store, setting, &pass).await?;
        let guarding = Guarding {
            run: &lease.run,
            lease: Some(lease),
            releasing: &self.findings.releasing,
            is_whole: users.is_none(),
            next_seq: planned.next_seq,
            now: clock.now(),
        };
        let guarded = guard::guard(store, setting, clock.as_ref(), &guarding).await?;
        self.findings.take(&mut self.recorder, planned, guarded);
        self.progress.total(self.n_planned().await?);
        if let Some(stop) = self.compare(&lease.run, false).await? {
            return Ok(Some(stop));
        }
        self.progress.step("writing");
        execute::execute(self.work, &mut self.recorder).await
    }

    /// Under an approved plan: compares a plan that leaves nothing behind, no hold above all, before the run's own is made.
    async fn compare_preview(&mut self) -> Result<Option<Stop>, StoreError> {
        if self.request.approved.is_none() {
            return Ok(None);
        }
        self.progress.step("planning");
        let Work { store, clock, setting, .. } = self.work;
        let run = new_run_id(clock.as_ref());
        preview::plan(store, clock.as_ref(), setting, &run, None, false).await?;
        self.compare(&run, !mutant::lives(Mutant::ApprovedGroupsUnread)).await
    }

    /// Under an approved plan: compares it with this one.
    async fn compare(&mut self, run: &RunId, with_groups: bool) -> Result<Option<Stop>, StoreError> {
        let Some(approved) = &self.request.approved else { return Ok(None) };
        self.progress.step("comparing");
        let Differences { first, n_groups, is_all } =
            approval::differences(self.work, run, approved, with_groups).await?;
        if first.is_empty() {
            return Ok(None);
        }
        let n_people = (first.len() as u64).saturating_sub(n_groups);
        self.findings.differences = first;
        Ok(Some(Stop::PlanChanged { n_people, n_groups, is_all }))
    }

    /// Then the groups: an account exists before it is a member.
    async fn groups(&mut self) -> Result<Option<Stop>, StoreError> {
        let user = self.users.as_ref().and_then(|users| users.first());
        let request = GroupRequest {
            user,
            insist: self.request.insist,
            audit: self.request.audit,
            releasing: &self.findings.releasing,
            guarded: &self.findings.guarded,
            approved: self.request.approved.as_ref(),
        };
        let mut findings = GroupFindings::default();
        let stop = Box::pin(groups::run(self.work, &request, &mut self.recorder, &mut findings)).await;
        self.findings.groups = findings;
        stop
    }

    async fn n_planned(&self) -> Result<u64, StoreError> {
        let mut tx = self.work.store.read("engine::n_planned").await?;
        let counts = plans::counts(&mut tx, self.work.app(), self.work.run()).await?;
        Ok(counts.iter().filter(|((_, state), _)| *state == PlanState::Planned).map(|(_, n)| n).sum())
    }

    /// Looks at what was lost in this run, and plans again for those whose outcome is known now.
    async fn after_lost(&mut self) -> Result<After, StoreError> {
        if !self.has_lost().await? {
            return Ok(After::Settled);
        }
        self.progress.step("looking at lost writes");
        observe::wait_for_lost(self.work).await?;
        let lost = observe::look_at_lost(self.work, &mut self.recorder).await?;
        if let Some(stop) = lost.stop {
            return Ok(After::Stop(stop));
        }
        if lost.settled.is_empty() && lost.again_at.is_none() {
            // The app cannot be asked now: the next run does.
            return Ok(After::Settled);
        }
        let next_seq = self.findings.planned.next_seq;
        // Those whose rows had to wait for them are decided about together with them.
        let mut users = lost.settled;
        users.extend(self.work.take_dropped());
        if !users.is_empty()
            && let Some(stop) = self.round(Some(&users), next_seq).await?
        {
            return Ok(After::Stop(stop));
        }
        if let Some(at) = lost.again_at {
            self.work.clock.sleep_until(at).await;
        }
        Ok(After::Again)
    }

    async fn has_lost(&self) -> Result<bool, StoreError> {
        let mut tx = self.work.store.read("engine::has_lost").await?;
        Ok(!usher_store::account::intended(&mut tx, self.work.app(), None, 1).await?.is_empty())
    }
}

/// What a look at lost writes asks for.
enum After {
    Settled,
    Again,
    Stop(Stop),
}

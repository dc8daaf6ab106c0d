//! One run of one app, from its beginning to its end.
//!
//! The five steps in their order, and what they come to. Whoever reads this
//! file has read what a run does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;
use usher_model::app::Status;
use usher_model::id::{Email, RunId, UserId};
use usher_model::operation::Kind;
use usher_store::app::{App, Lease};
use usher_store::plan::PlanState;
use usher_store::run as runs;
use usher_store::{Store, StoreError, Tx, app, directory, hold, plan as plans};

use crate::calls::{AppClient, Closed, Requests};
use crate::clock::{Clock, new_run_id};
use crate::endpoint::{Endpoint, EndpointError};
use crate::environment::Environment;
use crate::execute;
use crate::gate::RunGate;
use crate::guard::{self, Guarded, Guarding, Held};
use crate::observe;
use crate::plan::{self, Pass, Planned};
use crate::record::Recorder;
use crate::setting::{Setting, SettingError};
use crate::work::{Health, Stop, Work};

mod finish;

/// How often a run comes back to people whose writes were lost in it.
const ROUNDS: usize = 3;

/// What is asked of a run.
#[derive(Clone, Debug, Default)]
pub struct RunRequest {
    /// This person alone.
    pub user: Option<Email>,
    /// Release every hold that is open.
    pub release: bool,
    /// Do not wait out the pauses after failures: somebody is asking.
    pub insist: bool,
}

/// Told how far a run is.
pub trait Progress: Send + Sync {
    /// A step begins.
    fn step(&self, step: &str);
    /// So many operations are to be done.
    fn total(&self, n_operations: u64);
    /// So many more are done.
    fn done(&self, n_operations: u64);
}

/// Nobody is told.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _step: &str) {}
    fn total(&self, _n_operations: u64) {}
    fn done(&self, _n_operations: u64) {}
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The app's name.
    pub app: String,
    /// The run.
    pub run: RunId,
    /// Operations done, by kind.
    pub operations: BTreeMap<Kind, u64>,
    /// People for whom something failed.
    pub n_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(Email, String)>,
    /// People for whom nothing was done, by why.
    pub skipped: BTreeMap<String, u64>,
    /// What waits for a person.
    pub held: Vec<Held>,
    /// Requests to the app.
    pub requests: Requests,
    /// How long it took.
    pub seconds: f64,
    /// Why it ended before its time, if it did.
    pub stopped: Option<String>,
    /// What else an admin should know.
    pub warnings: Vec<String>,
}

/// What a run would do.
#[derive(Clone, Debug)]
pub struct PreviewReport {
    /// The app's name and id.
    pub app: App,
    /// The plan, whose rows are stored.
    pub run: RunId,
    /// Operations planned, by kind.
    pub operations: BTreeMap<Kind, u64>,
    /// People for whom nothing can be done.
    pub n_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(Email, String)>,
    /// People for whom nothing would be done, by why.
    pub skipped: BTreeMap<String, u64>,
    /// What would wait for a person.
    pub held: Vec<Held>,
    /// How long it took.
    pub seconds: f64,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No such app.
    #[error("there is no app named {0}: `usher app list` shows them")]
    NoSuchApp(String),
    /// The app is off.
    #[error(
        "the app {0} is not turned on: `usher app enable {0}` turns it on, `usher plan {0}` shows what would happen"
    )]
    NotActive(String),
    /// The app refused the token, and has no new one.
    #[error("the app {0} refused its access token: give it a new one with `usher app authorize {0}`")]
    NeedsReauthorization(String),
    /// The app has no endpoint or token.
    #[error(
        "the app {0} is not authorized: give its endpoint and access token with `usher app authorize {0}`"
    )]
    NotAuthorized(String),
    /// Nobody has this address.
    #[error("nobody in the directory has the address {0}")]
    NoSuchUser(Email),
    /// The endpoint is none any more.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The app cannot be planned for.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

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
    let (health, listed) = (Health::default(), OnceCell::new());
    let cycle = environment.cycle;
    let work = Work {
        store,
        clock,
        client,
        lease: &lease,
        setting: &setting,
        cycle,
        health,
        listed,
        dropped: Mutex::default(),
    };
    let mut steps = Steps {
        work: &work,
        request,
        users,
        progress,
        recorder: Recorder::new(progress),
        report: Report::default(),
    };
    let stop = match steps.all().await {
        Err(error) if error.is_fenced() => Ok(Some(Stop::Closed(Closed::Fenced))),
        stop => stop,
    };
    let Steps { recorder, report, .. } = steps;
    finish::finish(&work, started_at, recorder, report, stop?).await.map_err(RunError::Store)
}

/// What the steps of a run come to, besides what was recorded.
#[derive(Debug, Default)]
struct Report {
    planned: Planned,
    guarded: Guarded,
    releasing: Vec<usher_model::id::HoldId>,
    is_whole: bool,
    is_planned: bool,
}

struct Steps<'a> {
    work: &'a Work<'a>,
    request: &'a RunRequest,
    users: Option<BTreeSet<UserId>>,
    progress: &'a (dyn Progress + 'a),
    recorder: Recorder<'a>,
    report: Report,
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
        if let Some(stop) = self.list_once().await? {
            return Ok(Some(stop));
        }
        self.begin_plan().await?;
        self.report.is_whole = self.users.is_none();
        let users = self.users.clone();
        if let Some(stop) = self.round(users.as_ref(), 0).await? {
            return Ok(Some(stop));
        }
        for _ in 0..ROUNDS {
            match self.after_lost().await? {
                After::Settled => break,
                After::Again => {}
                After::Stop(stop) => return Ok(Some(stop)),
            }
        }
        Ok(self.work.health.verdict())
    }

    /// The first time, the app is listed, so that nobody is asked for one by one.
    async fn list_once(&self) -> Result<Option<Stop>, StoreError> {
        if self.work.setting.app.listed_at.is_some() || self.users.is_some() {
            return Ok(None);
        }
        self.progress.step("listing the app");
        // Not the listing that a refused duplicate asks for: that one shows what came after this one.
        match observe::list(self.work).await {
            Ok(_) => Ok(None),
            Err(error) => Ok(Some(Stop::of(&error).unwrap_or_else(|| Stop::Broad(error.to_string())))),
        }
    }

    async fn begin_plan(&mut self) -> Result<(), StoreError> {
        let mut tx = self.work.store.begin("engine::begin_plan").await?;
        plans::start(&mut tx, self.work.app(), self.work.run()).await?;
        // A run for one person lets nobody else's operations through.
        if self.request.release && self.users.is_none() {
            let open = hold::open(&mut tx, self.work.app()).await?;
            self.report.releasing = open.into_iter().map(|hold| hold.id).collect();
        }
        tx.commit().await
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
            listed_at: finish::listed_at(store, &lease.app).await?,
            first_seq,
            now: clock.now(),
        };
        let planned = plan::pass(store, setting, &pass).await?;
        let guarding = Guarding {
            run: &lease.run,
            lease: Some(lease),
            releasing: &self.report.releasing,
            is_whole: users.is_none(),
            next_seq: planned.next_seq,
            now: clock.now(),
        };
        let guarded = guard::guard(store, setting, clock.as_ref(), &guarding).await?;
        finish::take(&mut self.report, &mut self.recorder, planned, guarded);
        self.progress.total(self.n_planned().await?);
        self.progress.step("writing");
        execute::execute(self.work, &mut self.recorder).await
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
        let next_seq = self.report.planned.next_seq;
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

/// Finds the app and the person, takes the app's epoch, and reads its setting.
async fn begin(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
) -> Result<Begun, RunError> {
    let mut tx = store.begin("engine::begin").await?;
    match begin_in(&mut tx, clock, environment, name, request).await {
        Ok(begun) => tx.commit().await.map(|()| begun).map_err(RunError::Store),
        Err(error) => {
            // What is in the way is worth more to the reader than that undoing failed as well.
            tx.rollback().await.ok();
            Err(error)
        }
    }
}

/// What a run begins with: its hold on the app, its setting, and the person it is for, if it is for one.
type Begun = (Lease, Setting, Option<BTreeSet<UserId>>);

async fn begin_in(
    tx: &mut Tx,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
) -> Result<Begun, RunError> {
    let found = app::by_name(tx, name).await?.ok_or_else(|| RunError::NoSuchApp(name.to_owned()))?;
    match found.status() {
        Status::NotConfigured => return Err(SettingError::NotConfigured(found.name).into()),
        Status::Inactive => return Err(RunError::NotActive(found.name)),
        Status::NeedsReauthorization => return Err(RunError::NeedsReauthorization(found.name)),
        Status::Active | Status::Held | Status::Quarantined => {}
    }
    let users = match &request.user {
        None => None,
        Some(email) => {
            let user = directory::user_by_email(tx, &found.directory, email).await?;
            Some(BTreeSet::from([user.ok_or_else(|| RunError::NoSuchUser(email.clone()))?.id]))
        }
    };
    let setting = Setting::load(tx, found, environment.look_again_after).await?;
    let lease = app::begin_run(tx, &setting.app.id, new_run_id(clock.as_ref())).await?;
    let kind = if users.is_some() { runs::RunKind::OnDemand } else { runs::RunKind::Full };
    runs::insert(tx, &lease.app, &lease.run, kind, clock.now()).await?;
    Ok((lease, setting, users))
}

async fn client(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    setting: &Setting,
    lease: &Lease,
) -> Result<AppClient, RunError> {
    let app = &setting.app;
    let mut tx = store.read("engine::client").await?;
    let token = app::token(&mut tx, store.keyring(), &app.id).await?;
    drop(tx);
    let (Some(endpoint), Some(token)) = (&app.endpoint, token) else {
        return Err(RunError::NotAuthorized(app.name.clone()));
    };
    let endpoint = Endpoint::parse(endpoint, setting.template, environment.reachable)?;
    let transport = environment.transports.open(endpoint, token);
    let gate = Arc::new(RunGate::new(store.clone(), lease.clone()));
    Ok(AppClient::new(transport, Arc::clone(clock), gate, setting.template, environment.request_timeout))
}

/// Says what a run would do now, and does nothing.
///
/// An app that was never listed is listed first, where it can be: only then is it known who would be
/// adopted rather than created.
pub async fn preview(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    name: &str,
    request: &RunRequest,
) -> Result<PreviewReport, RunError> {
    let started_at = clock.now();
    let (setting, users) = finish::read_only(store, clock, environment, name, request).await?;
    let run = new_run_id(clock.as_ref());
    let mut tx = store.begin("engine::preview").await?;
    plans::start(&mut tx, &setting.app.id, &run).await?;
    tx.commit().await?;
    let now = clock.now();
    let listed_at = finish::listed_at(store, &setting.app.id).await?;
    let pass = Pass {
        users: users.as_ref(),
        run: &run,
        lease: None,
        insist: request.insist,
        listed_at,
        first_seq: 0,
        now,
    };
    let planned = plan::pass(store, &setting, &pass).await?;
    let guarding = Guarding {
        run: &run,
        lease: None,
        releasing: &[],
        is_whole: users.is_none(),
        next_seq: planned.next_seq,
        now,
    };
    let guarded = guard::guard(store, &setting, clock.as_ref(), &guarding).await?;
    finish::preview(store, setting, run, started_at, clock.as_ref(), planned, guarded).await
}

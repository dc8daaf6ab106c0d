//! Takes back what a run did: whom it suspended is switched on again, and whom it took out of a group is put back, where that
//! is still as the run left it.
//!
//! An undo is a run of its own. It takes the app, looks at lost writes, and has rows that are carried out and recorded like
//! any other run's; but it reads no directory and decides about nobody else, so no hold is opened or closed by it and the
//! run that everybody waits for is not put off. What was deleted is told, and never made again.
//!
//! Each kind of doing that can be taken back has a file of its own (`suspensions`, [`memberships`]), and a line in `Undoing::round`.
//!
//! # Invariants
//!
//! 1. Whoever is switched on is pinned in the transaction that plans it, before anything is sent: nobody is on who would be
//!    taken away again by the next run.
//! 2. What anybody did since stands: a later run, somebody at the app, an admin with a pin. It is told, person by person.
//! 3. An undo that broke off is finished by undoing the run again.
//!
//! Not here: what is still as it was left (`usher_model::undo`), and when such a pin ends (`usher_model::lifecycle`).

use std::collections::BTreeSet;
use std::sync::Arc;

use usher_model::id::{RunId, UserId};
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_model::undo::LeftAlone;
use usher_store::{Store, StoreError, account, plan as plans};

use crate::begin::client;
use crate::calls::Closed;
use crate::clock::Clock;
use crate::environment::Environment;
use crate::observe;
use crate::progress::Progress;
use crate::record::Recorder;
use crate::report::{RunError, RunReport, Undone, UndoneMembers, Whom};
use crate::run::ROUNDS;
use crate::run::findings::Findings;
use crate::run::finish;
use crate::setting::SettingError;
use crate::stop::Stop;
use crate::work::Work;

mod begin;
mod deletes;
mod judged;
pub mod left_out;
pub mod memberships;
mod suspensions;

/// How many people are named of each section of a report.
const MAX_TOLD: usize = 1_000;

/// What is to be undone.
#[derive(Clone, Debug)]
pub struct UndoRequest {
    /// The run, of whichever app.
    pub run: RunId,
    /// Who says so.
    pub by: String,
    /// Nobody else runs anything on this store: then a run without an end is not under way, but was interrupted.
    pub is_alone: bool,
}

/// Why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// No such run.
    #[error(
        "there is no run {0}: `usher sync` says how its run is called, `usher status` which one was the last, and \
         `usher explain` which one suspended somebody"
    )]
    NoSuchRun(RunId),
    /// It is still under way, as far as anybody knows.
    #[error(
        "the run {run} of {app} has not ended: wait until it has, or, if it was interrupted, until another run of {app} has \
         begun"
    )]
    UnderWay {
        /// The app.
        app: String,
        /// The run.
        run: RunId,
    },
    /// It did nothing that could be taken back.
    #[error(
        "the run {run} of {app} suspended nobody, deleted nobody and took nobody out of a group: there is nothing to take back"
    )]
    NothingToTakeBack {
        /// The app.
        app: String,
        /// The run.
        run: RunId,
    },
    /// No run of the app can begin.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl From<StoreError> for UndoError {
    fn from(error: StoreError) -> Self {
        Self::Run(error.into())
    }
}

impl From<SettingError> for UndoError {
    fn from(error: SettingError) -> Self {
        Self::Run(error.into())
    }
}

/// What an undo would do.
#[derive(Clone, Debug)]
pub struct UndoPreview {
    /// The app's name.
    pub app: String,
    /// People whose accounts would be switched on, if a read shows them off.
    pub n_taken_back: u64,
    /// The first of them, and why they were suspended.
    pub taken_back: Vec<(Whom, Reason)>,
    /// Memberships that would be made again.
    pub n_put_back: u64,
    /// Everybody else.
    pub undone: Undone,
}

/// Takes back what a run did.
pub async fn undo(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    request: &UndoRequest,
    progress: &(dyn Progress + '_),
) -> Result<RunReport, UndoError> {
    let started_at = clock.now();
    let (lease, setting) = begin::begin(store, clock, environment, request).await?;
    let client = client(store, clock, environment, &setting, &lease).await?;
    let work = Work::new(store, clock, environment.cycle, client, &lease, &setting);
    let mut undoing = Undoing {
        work: &work,
        request,
        progress,
        recorder: Recorder::new(progress),
        undone: Undone::of(&request.run),
        again: BTreeSet::new(),
        next_seq: 0,
    };
    let stop = match undoing.all().await {
        Err(error) if error.is_fenced() => Ok(Some(Stop::Closed(Closed::Fenced))),
        stop => stop,
    };
    let Undoing { recorder, mut undone, .. } = undoing;
    let mut tx = store.read("engine::undo").await?;
    (undone.n_lost, undone.lost) = deletes::told(&mut tx, &lease.app, &request.run).await?;
    (undone.members.n_lost, undone.members.lost) = memberships::lost(&mut tx, &request.run).await?;
    drop(tx);
    let findings = Findings::of_undo(undone);
    Ok(finish::finish(&work, started_at, recorder, findings, stop?).await?)
}

/// Says what an undo would do, by what is on record. Nothing is sent, and nothing is stored.
pub async fn preview(
    store: &Store,
    clock: &dyn Clock,
    request: &UndoRequest,
) -> Result<UndoPreview, UndoError> {
    let mut tx = store.read("engine::undo_preview").await?;
    let app = begin::find(&mut tx, request).await?;
    let mut undone = Undone::of(&request.run);
    let (mut n_taken_back, mut taken_back) = (0, Vec::new());
    let mut after = -1;
    while let Some(page) = judged::page(&mut tx, (&app.id, None), &request.run, after, clock.now()).await? {
        after = page.last;
        for (whom, why) in page.left_alone {
            undone.leave(whom, why);
        }
        n_taken_back += page.to_take_back.len() as u64;
        let room = MAX_TOLD - taken_back.len();
        let told = page.to_take_back.into_iter().map(|found| (found.whom(), found.event.reason));
        taken_back.extend(told.take(room));
    }
    (undone.n_lost, undone.lost) = deletes::told(&mut tx, &app.id, &request.run).await?;
    let (n_put_back, members) = memberships::preview(&mut tx, &app, &request.run, clock.now()).await?;
    undone.members = members;
    (undone.members.n_lost, undone.members.lost) = memberships::lost(&mut tx, &request.run).await?;
    Ok(UndoPreview { app: app.name, n_taken_back, taken_back, n_put_back, undone })
}

/// An undo under way.
struct Undoing<'a> {
    work: &'a Work<'a>,
    request: &'a UndoRequest,
    progress: &'a (dyn Progress + 'a),
    recorder: Recorder<'a>,
    undone: Undone,
    /// Whose row was dropped, or whose account is unknown: they are judged once more.
    again: BTreeSet<UserId>,
    /// The place of the plan's next row.
    next_seq: i64,
}

impl Undoing<'_> {
    /// Looks at lost writes, takes back, and comes back to those whose writes were lost on the way.
    async fn all(&mut self) -> Result<Option<Stop>, StoreError> {
        self.progress.step("looking");
        if self.work.setting.app.quarantine.is_some()
            && let Some(stop) = observe::knock(self.work).await
        {
            return Ok(Some(stop));
        }
        if let Looked::Stopped(stop) = self.look().await? {
            return Ok(Some(stop));
        }
        self.begin_plan().await?;
        if let Some(stop) = self.round(None).await? {
            return Ok(Some(stop));
        }
        for _ in 0..ROUNDS {
            let mut users = std::mem::take(&mut self.again);
            let again_at = if self.has_lost().await? {
                match self.look().await? {
                    Looked::Stopped(stop) => return Ok(Some(stop)),
                    Looked::Settled(settled, again_at) => {
                        users.extend(settled);
                        again_at
                    }
                }
            } else {
                None
            };
            if users.is_empty() && again_at.is_none() {
                break;
            }
            if !users.is_empty()
                && let Some(stop) = self.round(Some(&users)).await?
            {
                return Ok(Some(stop));
            }
            if let Some(at) = again_at {
                self.work.clock.sleep_until(at).await;
            }
        }
        if !self.again.is_empty() || self.has_lost().await? {
            self.tell_rest_of_suspensions().await?;
        }
        // An account that is on again may be a member.
        if let Some(stop) = self.take_back_members().await? {
            return Ok(Some(stop));
        }
        Ok(self.work.health.verdict())
    }

    /// One pass over what the run did, for these people or for all of them.
    async fn round(&mut self, users: Option<&BTreeSet<UserId>>) -> Result<Option<Stop>, StoreError> {
        self.take_back_suspensions(users).await
    }

    async fn look(&mut self) -> Result<Looked, StoreError> {
        observe::wait_for_lost(self.work).await?;
        let lost = observe::look_at_lost(self.work, &mut self.recorder).await?;
        Ok(lost.stop.map_or(Looked::Settled(lost.settled, lost.again_at), Looked::Stopped))
    }

    async fn begin_plan(&self) -> Result<(), StoreError> {
        let mut tx = self.work.store.begin("engine::begin_plan").await?;
        plans::start(&mut tx, self.work.app(), self.work.run()).await?;
        tx.commit().await
    }

    async fn has_lost(&self) -> Result<bool, StoreError> {
        let mut tx = self.work.store.read("engine::has_lost").await?;
        Ok(!account::intended(&mut tx, self.work.app(), None, 1).await?.is_empty())
    }

    fn leave(&mut self, whom: Whom, why: LeftAlone) {
        self.undone.leave(whom, why);
        self.progress.done(1);
    }
}

/// What looking at lost writes came to.
enum Looked {
    /// Whose outcome is known now, and when those who were not found are looked for once more.
    Settled(BTreeSet<UserId>, Option<Timestamp>),
    Stopped(Stop),
}

impl Undone {
    fn of(run: &RunId) -> Self {
        Self {
            run: run.clone(),
            n_left_alone: 0,
            left_alone: Vec::new(),
            n_lost: 0,
            lost: Vec::new(),
            members: UndoneMembers::default(),
        }
    }

    fn leave(&mut self, whom: Whom, why: LeftAlone) {
        self.n_left_alone += 1;
        if self.left_alone.len() < MAX_TOLD {
            self.left_alone.push((whom, why));
        }
    }
}

//! Thirty days of provisioning, made by the engine itself on a clock that runs through them.
//!
//! Day 0: import, set-up, first run. Then whatever comes first: the next scene of the script, the app's own next run
//! (once a day, and whenever something is due), the night's audit. Nothing is written into the store from here that
//! the engine or an import would not write.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use serde_json::Value;
use usher_engine::clock::{Clock, new_id};
use usher_engine::endpoint::Reachable;
use usher_engine::environment::{Environment, NoWorkspaces};
use usher_engine::import::{Import, import};
use usher_engine::progress::Silent;
use usher_engine::report::{Memberships, RunReport, RunRequest};
use usher_engine::run::run;
use usher_model::access::Switch;
use usher_model::directory::OrgUnitPath;
use usher_model::group::operation::GroupKind;
use usher_model::id::{AppId, RunId};
use usher_model::operation::Kind;
use usher_model::time::Timestamp;
use usher_store::group::event::GroupEventKind;
use usher_store::{Store, access, app, event, group};

use super::center::Center;
use super::clock::DemoClock;
use super::company::PRIMARY_DOMAIN;
use super::hand::{ByHand, Hand};
use super::in_process::InProcess;
use super::organisation::{Organisation, SEED};
use super::script::edit::Place;
use super::script::{SCRIPT, Scene, day, next_audit, start};
use super::setup::{APP, set_up};
use crate::failure::Failure;
use crate::output::number_of;

/// How often the app is run when nothing is due: often enough for thirty days, seldom enough for a newcomer's patience.
const CYCLE: Duration = Duration::from_hours(24);
/// No request takes any time here, and none is lost; these are the usual figures.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// More runs than this and something goes round in circles.
const MAX_RUNS: u32 = 1_000;

/// Of how many events the diary looks for names.
const TOLD: usize = 20;

/// Told what happens while it happens.
pub(crate) trait Diary: Send + Sync {
    /// On this day, this; and what Usher did for it, if it did anything.
    fn entry(&self, day: u32, said: &str, done: &str);
}

/// What a history needs. The clock stands at the start of it, and the app goes by it too.
pub(crate) struct Stage<'a> {
    pub(crate) store: &'a Store,
    pub(crate) clock: Arc<DemoClock>,
    pub(crate) center: &'a Center,
    pub(crate) diary: &'a dyn Diary,
}

/// When the history of a demo begins that ends at `end`.
pub(crate) fn begins(end: Timestamp) -> Timestamp {
    start(end)
}

/// Imports the organisation as it is at the clock's instant.
pub(crate) async fn import_organisation(store: &Store, clock: &dyn Clock) -> Result<(), Failure> {
    let document = Organisation::new(SEED).document(clock.now());
    import_document(store, clock, &document).await
}

/// Plays the thirty days that end at `end`. Afterwards the clock stands there.
pub(crate) async fn play(stage: &Stage<'_>, end: Timestamp) -> Result<(), Failure> {
    let environment = environment(stage.center);
    let clock: Arc<dyn Clock> = stage.clock.clone();
    let (other_door, its_token) = stage.center.second_door()?;
    let hand = Hand::new(&environment, &other_door)?;
    let organisation = Organisation::new(SEED);
    let began = clock.now();
    for account in before_usher(&organisation) {
        hand.make(&account).await?;
    }
    import_organisation(stage.store, clock.as_ref()).await?;
    let app = set_up(stage.store, &clock, &environment, &stage.center.door).await?;
    let mut player =
        Player { stage, environment, clock, hand, organisation, app, began, n_runs: 0, n_held: 0 };
    let done = told(&player.run(&RunRequest::default()).await?);
    stage.diary.entry(0, "Usher is set up, and runs for the first time", &done);
    player.days(end).await?;
    stage.clock.forward(end);
    player.run(&RunRequest::default()).await?;
    // Whoever goes on from here, at the usual pace, need not wait for the demo's own cycle.
    let mut tx = stage.store.begin("usher::demo_end").await?;
    app::set_next_run(&mut tx, &player.app, Some(end)).await?;
    tx.commit().await?;
    stage.center.close(&its_token)
}

/// How runs of the history reach the app.
pub(crate) fn environment(center: &Center) -> Environment {
    Environment {
        request_timeout: REQUEST_TIMEOUT,
        look_again_after: LOOK_AGAIN_AFTER,
        cycle: CYCLE,
        limits: None,
        reachable: Reachable::default(),
        transports: Arc::new(InProcess(center.emulator.clone())),
        workspaces: Arc::new(NoWorkspaces),
    }
}

/// What somebody had made at AWS before there was Usher: three of the company's people, one whom another tool had
/// made, and two accounts that are nobody's in the directory.
fn before_usher(organisation: &Organisation) -> Vec<ByHand> {
    let of = |who: &str, given, family, external_id| ByHand {
        address: organisation.address(who),
        given,
        family,
        external_id,
    };
    let nobodys = |local: &str, given, family| ByHand {
        address: format!("{local}@{PRIMARY_DOMAIN}"),
        given,
        family,
        external_id: None,
    };
    vec![
        of("freya.haugen", "Freya", "Haugen", None),
        of("omar.haddad", "Omar", "Haddad", None),
        of("lucia.ferrer", "Lucia", "Ferrer", None),
        of("stefan.keller", "Stefan", "Keller", Some("old-tool-4711")),
        nobodys("break-glass", "Break", "Glass"),
        nobodys("deploy-robot", "Deploy", "Robot"),
    ]
}

/// What comes next.
enum Next {
    Scene(&'static Scene),
    Run,
    Audit,
}

struct Player<'a> {
    stage: &'a Stage<'a>,
    environment: Environment,
    clock: Arc<dyn Clock>,
    hand: Hand,
    organisation: Organisation,
    app: AppId,
    began: Timestamp,
    n_runs: u32,
    /// How much was held when that was last told.
    n_held: u64,
}

impl Player<'_> {
    async fn days(&mut self, end: Timestamp) -> Result<(), Failure> {
        let mut scenes = SCRIPT.iter().peekable();
        let mut audit_at = next_audit(self.began, self.clock.now());
        loop {
            let scene = scenes.peek().map(|scene| (scene.instant(self.began), Next::Scene(scene)));
            let run = self.next_run_at().await?.map(|at| (at, Next::Run));
            let nexts = [scene, run, Some((audit_at, Next::Audit))];
            let (at, next) = nexts
                .into_iter()
                .flatten()
                .min_by_key(|(at, _)| *at)
                .context("the demo has nothing to do")?;
            if at >= end {
                return Ok(());
            }
            self.stage.clock.forward(at);
            match next {
                Next::Scene(scene) => {
                    scenes.next();
                    self.act(scene).await?;
                }
                Next::Run => {
                    let report = self.run(&RunRequest::default()).await?;
                    self.tell_due(&report).await?;
                }
                Next::Audit => {
                    audit_at = next_audit(self.began, self.clock.now());
                    self.audit().await?;
                }
            }
        }
    }

    /// What a run did that nobody's edit was the cause of.
    async fn tell_due(&mut self, report: &RunReport) -> Result<(), Failure> {
        let day = day(self.began, self.clock.now());
        let done = told(report);
        if !done.is_empty() {
            let whose = self.done_by(&report.run).await?;
            self.stage.diary.entry(day, &format!("Due by now: {whose}"), &done);
        }
        let held: u64 = report.held.iter().map(|held| held.n_operations).sum();
        if held > self.n_held {
            let said = "More is due at once than happens unasked: it waits until somebody has looked";
            self.stage.diary.entry(day, said, &format!("{held} held"));
        }
        self.n_held = held;
        Ok(())
    }

    /// Makes a scene's edit, and runs for it.
    async fn act(&mut self, scene: &Scene) -> Result<(), Failure> {
        let now = self.clock.now();
        match scene.edit.place(&self.organisation, now) {
            Place::Directory(document) => {
                import_document(self.stage.store, self.clock.as_ref(), &document).await?;
            }
            Place::Access { unit, is_off } => self.switch(unit, is_off).await?,
            Place::App { external_id, path, value } => self.hand.set(&external_id, path, &value).await?,
        }
        let done = self.run(&RunRequest::default()).await?;
        self.stage.diary.entry(scene.day, scene.said, &told(&done));
        Ok(())
    }

    /// For whom, and with which groups, this run, the last one, did something.
    async fn done_by(&self, run: &RunId) -> Result<String, Failure> {
        let mut tx = self.stage.store.read("usher::demo_done_by").await?;
        let events = event::page(&mut tx, &self.app, None, TOLD).await?;
        let done = events.into_iter().filter(|event| event.run == *run && event.kind.operation().is_some());
        let mut whose: Vec<_> = done.filter_map(|event| event.email).map(|email| email.to_string()).collect();
        for kind in GroupEventKind::ALL {
            let events = group::event::of_run(&mut tx, run, kind, -1, TOLD).await?;
            whose.extend(events.into_iter().filter_map(|event| event.email).map(|email| email.to_string()));
        }
        Ok(whose.join(", "))
    }

    async fn switch(&self, unit: &str, is_off: bool) -> Result<(), Failure> {
        let mut tx = self.stage.store.begin("usher::demo_access").await?;
        let switch = is_off.then_some(Switch::Off);
        access::set_unit(&mut tx, &self.app, &OrgUnitPath::parse(unit)?, switch).await?;
        app::set_next_run(&mut tx, &self.app, Some(self.clock.now())).await?;
        Ok(tx.commit().await?)
    }

    async fn next_run_at(&self) -> Result<Option<Timestamp>, Failure> {
        let mut tx = self.stage.store.read("usher::demo_next_run").await?;
        Ok(app::by_id(&mut tx, &self.app).await?.and_then(|app| app.next_run_at))
    }

    /// One run, which has to reach its end: nothing fails broadly here.
    async fn run(&mut self, request: &RunRequest) -> Result<RunReport, Failure> {
        self.n_runs += 1;
        if self.n_runs > MAX_RUNS {
            return Err(anyhow!("the demo ran the app {MAX_RUNS} times and found no end").into());
        }
        let report = run(self.stage.store, &self.clock, &self.environment, APP, request, &Silent).await?;
        match &report.stopped {
            Some(why) => Err(anyhow!("a run of the demo ended before its time: {why}").into()),
            None => Ok(report),
        }
    }

    /// The night's audit: the whole app is read and compared, and what another hand did is found.
    async fn audit(&mut self) -> Result<(), Failure> {
        let done = told(&self.run(&RunRequest { audit: true, ..RunRequest::default() }).await?);
        if !done.is_empty() {
            let day = day(self.began, self.clock.now());
            self.stage.diary.entry(day, "The nightly audit finds what somebody else changed at AWS", &done);
        }
        Ok(())
    }
}

/// What a run did, in a few words; nothing where it did nothing. What it held back is told where it is due.
fn told(report: &RunReport) -> String {
    let RunReport { operations, group_operations, members, .. } = report;
    let mut words: Vec<String> = done(operations);
    words.extend(done_with_groups(group_operations, *members));
    words.join(", ")
}

fn done(operations: &BTreeMap<Kind, u64>) -> Vec<String> {
    let word = |kind: Kind| match kind {
        Kind::Create => "created",
        Kind::Adopt => "taken over",
        Kind::Update => "updated",
        Kind::Suspend => "suspended",
        Kind::Unsuspend => "switched on again",
        Kind::Delete => "deleted",
    };
    let some = operations.iter().filter(|(_, n)| **n > 0);
    some.map(|(kind, n)| format!("{n} {}", word(*kind))).collect()
}

fn done_with_groups(operations: &BTreeMap<GroupKind, u64>, members: Memberships) -> Vec<String> {
    let n = |kind| operations.get(&kind).copied().unwrap_or(0);
    let some = [
        (n(GroupKind::GroupCreate), "group made", "groups made"),
        (n(GroupKind::GroupAdopt), "group taken over", "groups taken over"),
        (n(GroupKind::GroupUpdate), "group renamed", "groups renamed"),
        (n(GroupKind::GroupDelete), "group deleted", "groups deleted"),
        (members.added, "put into a group", "put into groups"),
        (members.removed, "taken out of a group", "taken out of groups"),
    ];
    let some = some.into_iter().filter(|(n, ..)| *n > 0);
    some.map(|(n, one, many)| number_of(n, one, many)).collect()
}

async fn import_document(store: &Store, clock: &dyn Clock, document: &Value) -> Result<(), Failure> {
    let mut file = tempfile::Builder::new().prefix("usher-demo-").suffix(".json").tempfile()?;
    serde_json::to_writer(&mut file, document)?;
    let files = [file.path().to_owned()];
    let mut new_id = || new_id(clock);
    import(store, &files, Import::default(), clock.now(), &mut new_id, &|_| {}).await?;
    Ok(())
}

#[cfg(test)]
mod tests;

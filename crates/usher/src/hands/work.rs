//! What a job does, and what it came to.

use std::path::PathBuf;

use usher_engine::clock::new_id;
use usher_engine::guard;
use usher_engine::import::{self, KindReport};
use usher_engine::preview::{preview, preview_of};
use usher_engine::progress::Progress as _;
use usher_engine::releasing::Releasing;
use usher_engine::report::{PreviewReport, RunReport, RunRequest};
use usher_engine::run::run;
use usher_engine::setting::Setting;
use usher_engine::turns::Turns;
use usher_engine::undo::{self, UndoRequest};
use usher_engine::watch::Watch;
use usher_model::id::{AppId, Email, RunId};
use usher_store::app::App;
use usher_store::{Store, app};
use usher_web::hands::{
    Edit, Finished, Held as HeldOperations, Imported, ImportedKind, Job, LeftAlone, Planned, Ran, Step,
    UndoPlan, UploadId,
};

use super::jobs::Told;
use super::uploads::{Held, Uploads};
use super::{edit, google};
use crate::commands::explain;
use crate::commands::freshen::freshen;
use crate::commands::steps::Steps;
use crate::context::Context;
use crate::failure::Failure;

/// What jobs are carried out with.
pub(super) struct At<'a> {
    pub(super) context: &'a Context,
    pub(super) store: &'a Store,
    pub(super) turns: &'a Turns,
    pub(super) uploads: &'a Uploads,
    pub(super) told: &'a Told,
}

impl At<'_> {
    /// Carries a job out.
    pub(super) async fn carry_out(&self, job: Job) -> Result<Finished, Failure> {
        match job {
            Job::Preview { app, edit } => self.plan(&app, edit).await.map(Finished::Planned),
            Job::Audit { app } => self.run(&app, RunRequest { audit: true, ..RunRequest::default() }).await,
            Job::OnDemand { app, user } => self.on_demand(&app, user).await,
            Job::Release { app, holds, by } => {
                let releasing = Some(Releasing { holds, by });
                self.run(&app, RunRequest { releasing, ..RunRequest::default() }).await
            }
            Job::PreviewUndo { run } => self.undo_plan(run).await,
            Job::Undo { run, by } => self.undo(run, by).await,
            Job::Import { files, replace, preview } => self.import(&files, replace, preview).await,
            Job::AddGoogle(new) => google::add(self.context, self.store, self.told, new).await,
            Job::AuthorizeGoogle(new) => google::authorize(self.context, self.store, self.told, new).await,
            Job::CheckGoogle(id) => google::check(self.context, self.store, self.told, &id).await,
        }
    }

    async fn app(&self, id: &AppId) -> Result<App, Failure> {
        let mut tx = self.store.read("usher::console_job").await?;
        app::by_id(&mut tx, id).await?.ok_or_else(|| Failure::new("the app is not there any more"))
    }

    async fn plan(&self, id: &AppId, edit: Option<Edit>) -> Result<Planned, Failure> {
        let found = self.app(id).await?;
        // One that was never listed is listed first, which takes it away from a run.
        let _turn = if found.listed_at.is_none() { Some(self.turns.take(id).await) } else { None };
        self.told.step("reading the directory");
        freshen(self.context, self.store, &found, None, true).await?;
        let Some(edit) = edit else {
            self.told.step("planning");
            let environment = self.context.environment()?;
            let request = RunRequest::default();
            let report =
                preview(self.store, &self.context.clock, &environment, &found.name, &request).await?;
            return Ok(planned(report, found.config_version, None));
        };
        let mut tx = self.store.begin("usher::console_preview").await?;
        let read = async {
            let now = app::by_id(&mut tx, id)
                .await?
                .ok_or_else(|| Failure::new("the app is not there any more"))?;
            let version = now.config_version;
            edit::make(self.context, &mut tx, &now, &edit).await?;
            let edited = app::by_id(&mut tx, id)
                .await?
                .ok_or_else(|| Failure::new("the app is not there any more"))?;
            let look_again_after = self.context.config.runs.look_again_after();
            Ok::<_, Failure>((version, Setting::load(&mut tx, edited, look_again_after).await?))
        };
        let read = read.await;
        tx.rollback().await?;
        let (version, setting) = read?;
        self.told.step("planning");
        let report = preview_of(self.store, &self.context.clock, setting).await?;
        Ok(planned(report, version, Some(edit)))
    }

    async fn run(&self, id: &AppId, request: RunRequest) -> Result<Finished, Failure> {
        let found = self.app(id).await?;
        let _turn = self.turns.take(id).await;
        self.told.step("reading the directory");
        freshen(self.context, self.store, &found, None, true).await?;
        let environment = self.context.environment()?;
        let ended =
            run(self.store, &self.context.clock, &environment, &found.name, &request, self.told).await?;
        Ok(Finished::Ran(ran(ended)))
    }

    /// Whoever asks for one person sees each step, and does not wait out pauses after failures.
    async fn on_demand(&self, id: &AppId, user: Email) -> Result<Finished, Failure> {
        let found = self.app(id).await?;
        let _turn = self.turns.take(id).await;
        self.told.step("reading the directory");
        freshen(self.context, self.store, &found, Some(&user), false).await?;
        let explained = explain::explained(self.context, self.store, &found.name, &user, true).await?;
        let watch = Watch::default();
        let environment = watch.over(&self.context.environment()?);
        let request = RunRequest { user: Some(user), insist: true, ..RunRequest::default() };
        let ended =
            run(self.store, &self.context.clock, &environment, &found.name, &request, self.told).await?;
        let steps = Steps::new(explained, &watch).told();
        let steps = steps.into_iter().map(|(name, text)| Step { name: name.to_owned(), text });
        Ok(Finished::Ran(Ran { steps: steps.collect(), ..ran(ended) }))
    }

    fn undoing(&self, run: RunId, by: String) -> UndoRequest {
        // Whoever may write to a data directory is alone in it.
        UndoRequest { run, by, is_alone: self.store.apps_changed().is_some() }
    }

    async fn undo_plan(&self, run: RunId) -> Result<Finished, Failure> {
        let request = self.undoing(run, String::new());
        let plan = undo::preview(self.store, self.context.clock.as_ref(), &request).await?;
        let taken_back = plan.taken_back.iter().map(|(whom, why)| (whom.to_string(), why.to_string()));
        Ok(Finished::UndoPlan(UndoPlan {
            run: request.run,
            n_taken_back: plan.n_taken_back,
            taken_back: taken_back.collect(),
            n_put_back: plan.n_put_back,
            left_alone: left_alone(&plan.undone),
            n_lost: plan.undone.n_lost,
        }))
    }

    async fn undo(&self, run: RunId, by: String) -> Result<Finished, Failure> {
        let mut tx = self.store.read("usher::console_undo").await?;
        let found = usher_store::run::by_id(&mut tx, &run).await?;
        drop(tx);
        let app = found.ok_or_else(|| Failure::new("the run is not there any more"))?.app;
        let _turn = self.turns.take(&app).await;
        let environment = self.context.environment()?;
        let request = self.undoing(run, by);
        let report = undo::undo(self.store, &self.context.clock, &environment, &request, self.told).await?;
        let left_alone = report.undone.as_ref().map(left_alone).unwrap_or_default();
        Ok(Finished::Ran(Ran { left_alone, ..ran(report) }))
    }

    async fn import(&self, ids: &[UploadId], replace: bool, preview: bool) -> Result<Finished, Failure> {
        let held: Vec<Held> = ids.iter().map(|id| self.uploads.hold(id)).collect::<Result<_, _>>()?;
        let files: Vec<PathBuf> = held.iter().map(|file| file.path().to_owned()).collect();
        let options = import::Import { replace, preview };
        let mut new_id = || new_id(self.context.clock.as_ref());
        let note = |at: import::Progress| self.told.read(at.read_bytes, at.total_bytes, at.n_entries);
        let ended = import::import(self.store, &files, options, self.context.now(), &mut new_id, &note).await;
        let report = ended.map_err(|error| named(&Failure::from(error).sentence(), &held))?;
        if !preview {
            for id in ids {
                self.uploads.forget(id);
            }
        }
        let kinds = [
            ("users", report.users),
            ("groups", report.groups),
            ("members", report.members),
            ("organizational units", report.org_units),
            ("domains", report.domains),
            ("custom schemas", report.schemas),
        ];
        Ok(Finished::Imported(Imported {
            is_preview: preview,
            kinds: kinds.into_iter().map(|(name, report)| kind(name, report)).collect(),
            n_warnings: report.n_warnings,
            warnings: report.warnings.iter().map(|warning| renamed(warning, &held)).collect(),
        }))
    }
}

/// What is wrong with an upload, by the name that its sender knows it by.
fn named(sentence: &str, held: &[Held]) -> Failure {
    Failure::new(renamed(sentence, held))
}

fn renamed(sentence: &str, held: &[Held]) -> String {
    held.iter().fold(sentence.to_owned(), |sentence, file| {
        sentence.replace(&file.path().display().to_string(), &file.name)
    })
}

fn kind(name: &'static str, report: KindReport) -> ImportedKind {
    let KindReport { added, updated, deleted, restored, unchanged } = report;
    ImportedKind { name, added, updated, deleted, restored, unchanged }
}

fn held(held: Vec<guard::Held>) -> Vec<HeldOperations> {
    held.into_iter()
        .map(|held| HeldOperations { tripped: held.tripped, n_operations: held.n_operations })
        .collect()
}

fn failures(failures: Vec<(Email, String)>) -> Vec<(String, String)> {
    failures.into_iter().map(|(who, why)| (who.to_string(), why)).collect()
}

fn planned(report: PreviewReport, version: i64, edit: Option<Edit>) -> Planned {
    Planned {
        app: report.app.id,
        run: report.run,
        version,
        edit,
        operations: report.operations,
        groups: report.group_operations,
        members_added: report.members.added,
        members_removed: report.members.removed,
        n_failures: report.n_failures,
        failures: failures(report.failures),
        skipped: report.skipped,
        n_leaving: report.n_leaving,
        leaving: report.leaving.into_iter().map(|(who, why)| (who.to_string(), why.to_string())).collect(),
        held: held(report.held),
    }
}

fn ran(report: RunReport) -> Ran {
    Ran {
        run: report.run,
        operations: report.operations,
        groups: report.group_operations,
        members_added: report.members.added,
        members_removed: report.members.removed,
        n_failures: report.n_failures,
        failures: failures(report.failures),
        skipped: report.skipped,
        held: held(report.held),
        n_reads: report.requests.reads,
        n_writes: report.requests.writes,
        stopped: report.stopped,
        warnings: report.warnings,
        steps: Vec::new(),
        left_alone: Vec::new(),
    }
}

fn left_alone(undone: &usher_engine::report::Undone) -> Vec<LeftAlone> {
    let people = undone.left_alone.iter().map(|(whom, why)| (whom.to_string(), why.to_string()));
    let members = undone
        .members
        .left_out
        .iter()
        .map(|(who, group, why)| (format!("{who} in {group}"), why.to_string()));
    people.chain(members).map(|(who, why)| LeftAlone { who, why }).collect()
}

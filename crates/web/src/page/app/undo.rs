//! *Undo* of a run: first what would be taken back, then the undo itself.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use usher_model::id::RunId;
use usher_store::run;

use super::overview::Nothing;
use super::plan::Under;
use super::runs::begin;
use super::{Bar, Tab, frame, note_asked, read};
use crate::awaited::Awaited;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html};
use crate::hands::{Finished, Job, JobId, UndoPlan};
use crate::posted::Posted;
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "app/undo.html")]
pub(crate) struct UndoPage {
    frame: Frame,
    bar: Bar,
    here: String,
    under_way: Option<Under>,
    failed: Option<String>,
    plan: Option<UndoPlan>,
}

impl UndoPage {
    /// What a plan comes to.
    fn counts(plan: &UndoPlan) -> [(&'static str, String); 4] {
        [
            ("Accounts switched on", grouped(plan.n_taken_back)),
            ("Members put back", grouped(plan.n_put_back)),
            ("Left alone", grouped(plan.left_alone.len() as u64)),
            ("Deleted for good", grouped(plan.n_lost)),
        ]
    }
}

/// Finds out what would be taken back.
pub(crate) async fn preview(
    State(console): State<Console>,
    Path((id, run)): Path<(String, String)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let run = of(&console, &id, &run).await?;
    let JobId(job) = console.hands().begin(Job::PreviewUndo { run }).await?;
    Ok(Redirect::to(&format!("/apps/{id}/undo/{job}")).into_response())
}

/// The run, if it is the app's.
async fn of(console: &Console, id: &str, run: &str) -> Result<RunId, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let found = run::by_id(&mut tx, &RunId::new(run)).await?.filter(|found| found.app == app.id);
    Ok(found.ok_or(Failure::NotFound)?.run.id)
}

/// Shows that.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, job)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (_, app) = read(console.store(), &id).await?;
    let bar = Bar::new(&app, Tab::Runs);
    let here = bar.at(&format!("undo/{job}"));
    let mut page =
        UndoPage { frame: frame(&signed, "Undo"), bar, here, under_way: None, failed: None, plan: None };
    let lost = "Nobody knows of this any more: begin once more from the runs.";
    let plan = |finished| if let Finished::UndoPlan(plan) = finished { Some(plan) } else { None };
    match Awaited::read(&console, job, lost, plan)? {
        Awaited::UnderWay(advance) => page.under_way = Some(Under::new(&advance)),
        Awaited::Failed(why) => page.failed = Some(why),
        Awaited::Finished(plan) => page.plan = Some(plan),
    }
    Ok(html(&page))
}

/// Takes the run back.
pub(crate) async fn undo(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, run)): Path<(String, String)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let run = of(&console, &id, &run).await?;
    let (_, app) = read(console.store(), &id).await?;
    note_asked(&console, &signed, "run_undo", &app.name, Some(json!({"run": run}))).await?;
    begin(&console, &id, Job::Undo { run, by: signed.email.to_string() }).await
}

#[cfg(test)]
impl UndoPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::hands::{Advance, LeftAlone};
        use crate::sample::Sample;

        let plan = |kind: Sample| {
            let who = |n| kind.name(n, "ada@example.com");
            UndoPlan {
                run: RunId::new("019c"),
                n_taken_back: kind.count(),
                taken_back: (0..kind.rows(200)).map(|n| (who(n), "suspended".to_owned())).collect(),
                n_put_back: kind.count(),
                left_alone: (0..kind.rows(200))
                    .map(|n| LeftAlone { who: who(n), why: "pinned".into() })
                    .collect(),
                n_lost: kind.count(),
            }
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Apps, "Undo"),
            bar: Bar::sample(kind, Tab::Runs),
            here: "/apps/019a/undo/019b".into(),
            under_way: None,
            failed: kind.wrong("The run has not ended."),
            plan: (kind != Sample::Wrong).then(|| plan(kind)),
        };
        let advance = Some(Under::new(&Advance::default()));
        let mut samples = Sample::all(page);
        samples.push((Sample::Other, Self { under_way: advance, plan: None, ..page(Sample::Other) }));
        samples
    }
}

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
use crate::frame::{Frame, Place, html};
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
    pub(crate) fn samples() -> Vec<Self> {
        use crate::hands::{Advance, LeftAlone};

        let page = |plan: Option<UndoPlan>, under_way: Option<Under>, failed: Option<&str>| Self {
            frame: Frame::sample(Place::Apps, "Undo"),
            bar: Bar::sample(Tab::Runs),
            here: "/apps/019a/undo/019b".into(),
            under_way,
            failed: failed.map(str::to_owned),
            plan,
        };
        let plan = |n: u64, who: &str| UndoPlan {
            run: RunId::new("019c"),
            n_taken_back: n,
            taken_back: (0..n.min(1_000)).map(|_| (who.to_owned(), "suspended".to_owned())).collect(),
            n_put_back: n,
            left_alone: (0..n.min(3))
                .map(|_| LeftAlone { who: who.to_owned(), why: "pinned".into() })
                .collect(),
            n_lost: 0,
        };
        vec![
            page(None, Some(Under::new(&Advance::default())), None),
            page(None, None, Some("The run has not ended.")),
            page(Some(plan(0, "")), None, None),
            page(Some(plan(1, super::super::tests::RTL)), None, None),
            page(Some(plan(5_000, super::super::tests::LONG)), None, None),
        ]
    }
}

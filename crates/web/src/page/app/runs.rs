//! *Runs*: the last ones, with what came of each; one that is under way with how far it is.

use std::collections::BTreeMap;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::Value;
use usher_model::group::operation::GroupKind;
use usher_model::id::RunId;
use usher_model::operation::Kind;
use usher_model::time::Timestamp;
use usher_store::plan::PlanState;
use usher_store::run::{self, RunKind, RunRow};
use usher_store::{Tx, plan as plans};

use super::overview::Nothing;
use super::plan::{group_words, kind_words};
use super::{Bar, Tab, frame, note_asked, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, instant, sentence};
use crate::hands::{Job, JobId};
use crate::posted::Posted;
use crate::session::Signed;

/// How many are shown.
const SHOWN: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "app/runs.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the page says or does not say, each by itself")]
pub(crate) struct RunsPage {
    frame: Frame,
    bar: Bar,
    is_on: bool,
    is_under_way: bool,
    /// None is under way, and one is to begin at any moment.
    is_awaited: bool,
    runs: Vec<Line>,
    is_later_page: bool,
    older: Option<String>,
}

/// After which run.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// When it began, in microseconds.
    at: Option<i64>,
    #[serde(default)]
    id: String,
}

struct Line {
    id: String,
    began: String,
    kind: &'static str,
    state: &'static str,
    tone: &'static str,
    stopped: Option<String>,
    did: String,
    failures: String,
    held: String,
    requests: String,
    seconds: String,
    progress: Option<(u64, u64)>,
    may_be_undone: bool,
}

/// Shows them.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let bar = Bar::new(&app, Tab::Runs);
    let before = asked.at.map(|at| (Timestamp::from_micros(at), RunId::new(asked.id)));
    // One more than is shown says whether there are older ones.
    let mut rows = match &before {
        None => run::list(&mut tx, &app.id, SHOWN + 1).await?,
        Some((at, id)) => run::older(&mut tx, &app.id, (*at, id), SHOWN + 1).await?,
    };
    let has_older = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let older = rows.last().filter(|_| has_older).map(|last| {
        let place = [("at", last.started_at.as_micros().to_string()), ("id", last.id.to_string())];
        format!("{}?{}", bar.at("runs"), serde_urlencoded::to_string(place).unwrap_or_default())
    });
    let mut runs = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        // A run without an end is under way only if it is the last one to begin.
        let is_latest = n == 0 && before.is_none();
        let progress = match row.ended_at {
            None if is_latest => progress(&mut tx, &app.id, row).await?,
            _ => None,
        };
        runs.push(line(row, is_latest, progress));
    }
    let is_under_way = before.is_none() && rows.first().is_some_and(|row| row.ended_at.is_none());
    Ok(html(&RunsPage {
        frame: frame(&signed, "Runs"),
        bar,
        is_on: app.is_enabled,
        is_under_way,
        is_awaited: before.is_none() && !is_under_way && app.is_due(console.now()),
        runs,
        is_later_page: before.is_some(),
        older,
    }))
}

/// How many operations of its plan are done, of how many; none: it has no plan yet.
async fn progress(
    tx: &mut Tx,
    app: &usher_model::id::AppId,
    run: &RunRow,
) -> Result<Option<(u64, u64)>, Failure> {
    let counts = plans::counts(tx, app, &run.id).await?;
    let of = |is: fn(&PlanState) -> bool| -> u64 {
        counts.iter().filter(|((_, state), _)| is(state)).map(|(_, n)| n).sum()
    };
    let open = of(|state| matches!(state, PlanState::Planned | PlanState::Intended));
    let over = of(|state| {
        matches!(state, PlanState::Done | PlanState::Failed | PlanState::Unknown | PlanState::Dropped)
    });
    Ok((open + over > 0).then_some((over, open + over)))
}

fn line(row: &RunRow, is_latest: bool, progress: Option<(u64, u64)>) -> Line {
    let outcome = row.outcome.as_ref();
    let number =
        |key: &str| outcome.and_then(|outcome| outcome[key].as_u64()).map(grouped).unwrap_or_default();
    let stopped = outcome.and_then(|outcome| outcome["stopped"].as_str());
    let (state, tone) = match (row.ended_at, stopped) {
        (None, _) if is_latest => ("Under way", "calm"),
        (None, _) => ("Interrupted", "warn"),
        (Some(_), Some(_)) => ("Stopped", "bad"),
        (Some(_), None) => ("Done", "good"),
    };
    let request = |which: &str| outcome.and_then(|outcome| outcome["requests"][which].as_u64());
    let requests = request("reads").zip(request("writes"));
    let operations = outcome.map(|outcome| &outcome["operations"]);
    let took = |kind: &str| operations.is_some_and(|all| all[kind].as_u64().is_some_and(|n| n > 0));
    Line {
        id: row.id.to_string(),
        began: instant(row.started_at),
        kind: kind(row.kind),
        state,
        tone,
        stopped: stopped.map(sentence),
        did: operations.map(did).unwrap_or_default(),
        failures: number("failures"),
        held: number("held"),
        requests: requests
            .map(|(reads, writes)| format!("{} / {}", grouped(reads), grouped(writes)))
            .unwrap_or_default(),
        seconds: outcome.and_then(|outcome| outcome["seconds"].as_f64()).map(seconds).unwrap_or_default(),
        progress,
        may_be_undone: took("suspend") || took("members_remove"),
    }
}

/// Seconds to a tenth, with thousands set apart.
fn seconds(n: f64) -> String {
    let text = format!("{n:.1}");
    let whole = text.split_once('.').and_then(|(whole, tenth)| Some((whole.parse().ok()?, tenth)));
    whole.map(|(whole, tenth)| format!("{}.{tenth}", grouped(whole))).unwrap_or(text)
}

fn kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Full => "Full",
        RunKind::Incremental => "Incremental",
        RunKind::OnDemand => "On demand",
        RunKind::Audit => "Audit",
        RunKind::Undo => "Undo",
    }
}

/// Operations with their numbers, in words.
fn did(operations: &Value) -> String {
    let counts: BTreeMap<&str, u64> = operations
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(kind, n)| Some((kind.as_str(), n.as_u64().filter(|n| *n > 0)?)))
        .collect();
    let of = |name: &str, words: &str| {
        counts.get(name).map(|n| format!("{} {}", grouped(*n), words.to_lowercase()))
    };
    let accounts = Kind::ALL.into_iter().filter_map(|kind| of(kind.as_str(), kind_words(kind).0));
    let groups = GroupKind::ALL.into_iter().filter_map(|kind| of(kind.as_str(), &group_words(kind)));
    accounts.chain(groups).collect::<Vec<_>>().join(", ")
}

/// Reads the whole app and compares.
pub(crate) async fn audit(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let (_, app) = read(console.store(), &id).await?;
    note_asked(&console, &signed, "app_audit", &app.name, None).await?;
    begin(&console, &id, Job::Audit { app: app.id }).await
}

/// Begins a job and leads to its page.
pub(super) async fn begin(console: &Console, id: &str, job: Job) -> Result<Response, Failure> {
    let JobId(job) = console.hands().begin(job).await?;
    Ok(Redirect::to(&format!("/apps/{id}/jobs/{job}")).into_response())
}

#[cfg(test)]
impl RunsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use serde_json::json;

        use crate::sample::{LONG, Sample};

        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let row = |outcome: Option<Value>| RunRow {
            id: RunId::new("019a"),
            kind: RunKind::Full,
            started_at: at,
            ended_at: outcome.as_ref().map(|_| at),
            outcome,
        };
        let ended = |kind: Sample| {
            let n = kind.count();
            let long = (kind == Sample::Long).then(|| LONG.to_owned());
            let stopped = kind.wrong("the app refused its access token (401)").or(long);
            let operations = json!({"create": n, "suspend": n, "members_add": n});
            let requests = json!({"reads": n, "writes": n});
            let seconds = if kind.has_more() { 3_600.25 } else { 3.25 };
            let held = if kind == Sample::Held { 11 } else { 0 };
            row(Some(json!({"operations": operations, "failures": n, "held": held, "requests": requests,
                            "seconds": seconds, "stopped": stopped})))
        };
        let page = |kind: Sample, runs: Vec<Line>| Self {
            frame: Frame::sample(kind, Place::Apps, "Runs"),
            bar: Bar::sample(kind, Tab::Runs),
            is_on: true,
            is_under_way: false,
            is_awaited: false,
            runs,
            is_later_page: kind.has_more(),
            older: kind.has_more().then(|| "/apps/019a/runs?at=1&id=r".to_owned()),
        };
        let other = |runs| page(Sample::Other, runs);
        let done = || line(&ended(Sample::Other), false, None);
        let mut samples = Sample::all(|kind| {
            page(kind, (0..kind.rows(SHOWN)).map(|_| line(&ended(kind), false, None)).collect())
        });
        samples.extend(
            [
                Self { is_awaited: true, ..other(Vec::new()) },
                Self { is_awaited: true, ..other(vec![done()]) },
                Self { is_under_way: true, ..other(vec![line(&row(None), true, Some((3, 10)))]) },
                other(vec![line(&row(None), false, None), done()]),
            ]
            .map(|page| (Sample::Other, page)),
        );
        samples
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seconds_are_told_to_a_tenth() {
        assert_eq!([0.0, 3.26, 3_600.06].map(seconds), ["0.0", "3.3", "3,600.1"]);
    }

    #[test]
    fn what_a_run_did_is_told_in_the_order_of_summaries_and_nothing_is_left_out_but_zeros() {
        let operations = json!({"members_add": 3, "suspend": 1_000, "create": 12, "update": 0});
        assert_eq!(did(&operations), "12 create, 1,000 suspend, 3 add members");
        assert_eq!(did(&json!({})), "");
    }
}

//! *Drift*: what the last audit found that somebody else changed at the app, who was switched off there, and the policy.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::Value;
use usher_model::lifecycle::DriftPolicy;
use usher_store::account;
use usher_store::run::{self, RunRow};

use super::change::{Committed, STALE, commit};
use super::done::{Done, Told};
use super::plan::begin;
use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, instant, number_of, sentence};
use crate::hands::Edit;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// How many are named.
const SHOWN: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "app/drift.html")]
pub(crate) struct DriftPage {
    frame: Frame,
    bar: Bar,
    is_on: bool,
    version: i64,
    audit: Option<Audit>,
    policies: Vec<PolicyChoice>,
    /// Id and address.
    off: Vec<(String, String)>,
    more: Option<String>,
    wrong: Option<String>,
}

struct Audit {
    began: String,
    said: Option<String>,
    counts: Vec<(&'static str, String, bool)>,
}

struct PolicyChoice {
    value: &'static str,
    words: &'static str,
    is_chosen: bool,
}

const POLICIES: [(DriftPolicy, &str, &str); 3] = [
    (DriftPolicy::Repair, "repair", "It is written over: the account says what the directory says"),
    (DriftPolicy::Report, "report", "It is reported, and left alone"),
    (DriftPolicy::Ignore, "ignore", "It is left alone"),
];

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    let mut page = page(&console, &signed, &id, None).await?;
    page.bar.done = told.sentence();
    Ok(html(&page))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    wrong: Option<String>,
) -> Result<DriftPage, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let last = run::last_audit(&mut tx, &app.id).await?;
    let waiting = account::waiting(&mut tx, &app.id, SHOWN).await?.switched_off;
    let policy = app.settings.as_ref().map(|settings| settings.drift).unwrap_or_default();
    let n_shown = waiting.first.len() as u64;
    let who = |(user, email): (usher_model::id::UserId, Option<usher_model::id::Email>)| {
        let shown = email.map_or_else(|| user.to_string(), |email| email.to_string());
        (user.to_string(), shown)
    };
    Ok(DriftPage {
        frame: frame(signed, "Drift"),
        bar: Bar::new(&app, Tab::Drift),
        is_on: app.is_enabled,
        version: app.config_version,
        audit: last.as_ref().map(audit),
        policies: policies(policy),
        more: (waiting.n > n_shown)
            .then(|| format!("The first {n_shown} of {}.", number_of(waiting.n, "person", "people"))),
        off: waiting.first.into_iter().map(who).collect(),
        wrong,
    })
}

fn policies(chosen: DriftPolicy) -> Vec<PolicyChoice> {
    let choice = |(policy, value, words)| PolicyChoice { value, words, is_chosen: policy == chosen };
    POLICIES.map(choice).into()
}

fn audit(run: &RunRow) -> Audit {
    let outcome = run.outcome.as_ref();
    let found = outcome.map_or(&Value::Null, |outcome| &outcome["audit"]);
    let stopped = outcome.and_then(|outcome| outcome["stopped"].as_str());
    let said = match (stopped, found["believed"].as_bool()) {
        (Some(why), _) => Some(format!("It ended before its time: {}", sentence(why))),
        (None, Some(false)) => {
            Some("The app’s listing could not be believed, so nothing was concluded from it.".into())
        }
        (None, _) => None,
    };
    let counts = [
        ("Accounts listed", "listed", false),
        ("Compared", "compared", false),
        ("Changed", "changed", true),
        ("Switched off", "switched_off", true),
        ("Switched on", "switched_on", true),
        ("Deleted", "deleted", true),
        ("Nobody’s here", "unknown", false),
    ];
    let counts = counts.into_iter().filter_map(|(words, key, is_bad)| {
        let n = found[key].as_u64()?;
        Some((words, grouped(n), is_bad && n > 0))
    });
    Audit { began: instant(run.started_at), said, counts: counts.collect() }
}

/// Sets the policy, or shows what that would cause.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let chosen = POLICIES.into_iter().find(|(_, value, _)| *value == fields.get("policy"));
    let Some((policy, ..)) = chosen else {
        return Err(Failure::Unreadable("choose one of the policies".to_owned()));
    };
    let edit = Edit::Drift(policy);
    if fields.get("do") == "preview" {
        return begin(&console, &id, Some(edit)).await;
    }
    let (_, app) = read(console.store(), &id).await?;
    let wrong = match commit(&console, &signed, &app.id, Some(fields.version()?), &edit).await? {
        Committed::Done => return Ok(Done::Saved.at(&format!("/apps/{id}/drift"))),
        Committed::Stale => STALE.to_owned(),
        Committed::Refused(why) => why,
    };
    Ok(html(&page(&console, &signed, &id, Some(wrong)).await?))
}

#[cfg(test)]
impl DriftPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let audit = |kind: Sample| Audit {
            began: "2026-11-30 02:50 UTC".into(),
            said: kind.wrong("The app’s listing could not be believed, so nothing was concluded from it."),
            counts: vec![
                ("Compared", grouped(kind.count()), false),
                ("Changed", grouped(kind.count()), kind.count() > 0),
            ],
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Apps, "Drift"),
            bar: Bar::sample(kind, Tab::Drift),
            is_on: kind != Sample::Empty,
            version: 7,
            audit: (kind != Sample::Empty).then(|| audit(kind)),
            policies: policies(DriftPolicy::Report),
            off: (0..kind.rows(SHOWN)).map(|n| (n.to_string(), kind.name(n, "ada@example.com"))).collect(),
            more: kind
                .has_more()
                .then(|| format!("The first {SHOWN} of {}.", number_of(kind.count(), "person", "people"))),
            wrong: kind.wrong(STALE),
        };
        let auditor = Frame::sample(Sample::Other, Place::Apps, "Drift").of_auditor();
        let mut samples = Sample::all(page);
        samples.push((Sample::Other, Self { frame: auditor, ..page(Sample::Other) }));
        samples
    }
}

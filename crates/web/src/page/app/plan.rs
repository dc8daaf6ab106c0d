//! The preview: the stored plan itself, with counts, and person by person with reasons. Of an edit, with *Update*; of an app that
//! is off, with *Turn on*.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use usher_model::group::operation::GroupKind;
use usher_model::operation::{Kind, Operation};
use usher_store::Tx;
use usher_store::app::App;
use usher_store::plan::{self as plans, PlanRow, PlanState};

use super::change::{Committed, STALE, commit};
use super::confirm::ConfirmPage;
use super::done::Done;
use super::overview::Nothing;
use super::{Bar, Tab, frame, read};
use crate::awaited::Awaited;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, sentence};
use crate::hands::{Advance, Edit, Finished, Job, JobId, JobState, Planned};
use crate::posted::Posted;
use crate::session::Signed;

/// How many rows a page has.
const ROWS: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "app/plan.html")]
pub(crate) struct PlanPage {
    frame: Frame,
    bar: Bar,
    here: String,
    under_way: Option<Under>,
    failed: Option<String>,
    plan: Option<Shown>,
}

/// How far something is that is under way.
pub(crate) struct Under {
    pub(crate) step: String,
    pub(crate) of: Option<String>,
    pub(crate) bar: Option<(u64, u64)>,
}

struct Shown {
    headline: String,
    counts: Vec<(String, String)>,
    held: Vec<String>,
    deed: Option<Deed>,
    rows: Vec<Row>,
    is_later_page: bool,
    is_replaced: bool,
    more: Option<String>,
    n_leaving: String,
    leaving: Vec<(String, String)>,
    n_failures: String,
    failures: Vec<(String, String)>,
    skipped: Vec<(String, String)>,
    wrong: Option<String>,
}

/// What can be done with the plan.
struct Deed {
    words: &'static str,
    href: String,
    back: String,
    /// In a dialog.
    asks_again: bool,
}

/// One operation.
pub(crate) struct Row {
    pub(crate) user: String,
    pub(crate) who: String,
    pub(crate) what: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) why: String,
    pub(crate) state: Option<&'static str>,
    pub(crate) written: Vec<(String, String)>,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// After this place in the plan.
    after: Option<i64>,
}

impl Under {
    pub(crate) fn new(advance: &Advance) -> Self {
        let Advance { step, n_done, n_total } = advance;
        let of = n_total.map(|total| format!("{} of {}", grouped(*n_done), grouped(total)));
        Self { step: sentence(step), of, bar: n_total.map(|total| (*n_done, total)) }
    }
}

impl Row {
    pub(crate) fn new(row: &PlanRow) -> Self {
        let (what, tone) = kind_words(row.operation.kind());
        let state = match row.state {
            PlanState::Held => Some("Held"),
            PlanState::Blocked => Some("Blocked"),
            PlanState::Done => Some("Done"),
            PlanState::Failed => Some("Failed"),
            PlanState::Unknown => Some("No answer"),
            PlanState::Dropped => Some("Dropped"),
            PlanState::Planned | PlanState::Intended => None,
        };
        let (who, why) = (row.email.to_string(), row.reason.to_string());
        let user = row.user.to_string();
        Self { user, who, what, tone, why, state, written: written(&row.operation) }
    }
}

/// What is written: attributes with their new values; an empty one is cleared.
pub(crate) fn written(operation: &Operation) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match operation {
        Operation::Create { attributes, .. } => {
            attributes.iter().map(|(path, value)| (path.to_string(), text(value))).collect()
        }
        Operation::Adopt { changes, .. }
        | Operation::Update { changes, .. }
        | Operation::Unsuspend { changes, .. } => {
            let cleared = || "(cleared)".to_owned();
            let value = |to: &Option<serde_json::Value>| to.as_ref().map_or_else(cleared, text);
            changes.iter().map(|change| (change.path.to_string(), value(&change.to))).collect()
        }
        Operation::Suspend { .. } => vec![("active".to_owned(), "false".to_owned())],
        Operation::Delete { .. } => Vec::new(),
    }
}

/// An operation in a word, and its colour.
pub(crate) fn kind_words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Create => ("Create", "good"),
        Kind::Adopt => ("Adopt", "good"),
        Kind::Update => ("Update", "calm"),
        Kind::Suspend => ("Suspend", "warn"),
        Kind::Unsuspend => ("Unsuspend", "good"),
        Kind::Delete => ("Delete", "bad"),
    }
}

/// An operation on groups in a word or two.
pub(crate) fn group_words(kind: GroupKind) -> String {
    sentence(&kind.to_string()).trim_end_matches('.').to_owned()
}

/// Begins a preview, of an edit if there is one, and leads to its page.
pub(super) async fn begin(console: &Console, id: &str, edit: Option<Edit>) -> Result<Response, Failure> {
    let (_, app) = read(console.store(), id).await?;
    let JobId(job) = console.hands().begin(Job::Preview { app: app.id, edit }).await?;
    Ok(Redirect::to(&format!("/apps/{id}/plans/{job}")).into_response())
}

/// Begins a preview of what a run would do now, as it also comes before *Turn on*.
pub(crate) async fn preview(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    begin(&console, &id, None).await
}

/// Shows how far it is, or the plan.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, job)): Path<(String, String)>,
    Query(Asked { after }): Query<Asked>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, &job, after, None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    job: &str,
    after: Option<i64>,
    wrong: Option<String>,
) -> Result<PlanPage, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let bar = Bar::new(&app, Tab::Other);
    let here = bar.at(&format!("plans/{job}"));
    let mut page =
        PlanPage { frame: frame(signed, "Preview"), bar, here, under_way: None, failed: None, plan: None };
    let lost = "Nobody knows of this preview any more: make it once more.";
    let planned = |finished| match finished {
        Finished::Planned(planned) if planned.app == app.id => Some(planned),
        Finished::Planned(_)
        | Finished::Ran(_)
        | Finished::UndoPlan(_)
        | Finished::Imported(_)
        | Finished::Checked(_) => None,
    };
    match Awaited::read(console, job.to_owned(), lost, planned)? {
        Awaited::UnderWay(advance) => page.under_way = Some(Under::new(&advance)),
        Awaited::Failed(why) => page.failed = Some(why),
        Awaited::Finished(planned) => {
            let shown = shown(&mut tx, &app, &page, &planned, after).await?;
            page.plan = Some(Shown { wrong, ..shown });
        }
    }
    Ok(page)
}

async fn shown(
    tx: &mut Tx,
    app: &App,
    page: &PlanPage,
    planned: &Planned,
    after: Option<i64>,
) -> Result<Shown, Failure> {
    let mut rows = plans::rows(tx, &app.id, &planned.run, after.unwrap_or(-1), ROWS + 1).await?;
    let n_operations: u64 = planned.operations.values().sum();
    let more = (rows.len() > ROWS).then(|| {
        rows.truncate(ROWS);
        format!("{}?after={}", page.here, rows.last().map_or(-1, |row| row.seq))
    });
    let accounts = planned.operations.iter().map(|(kind, n)| (kind_words(*kind).0.to_owned(), grouped(*n)));
    let groups = planned.groups.iter().map(|(kind, n)| (group_words(*kind), grouped(*n)));
    let members = [("Members added", planned.members_added), ("Members removed", planned.members_removed)];
    let members =
        members.into_iter().filter(|(_, n)| *n > 0).map(|(words, n)| (words.to_owned(), grouped(n)));
    let mut counts: Vec<_> = accounts.chain(groups).chain(members).collect();
    let n_held: u64 = planned.held.iter().map(|held| held.n_operations).sum();
    if counts.is_empty() {
        counts.push(("Operations".to_owned(), "0".to_owned()));
    }
    let rest =
        [("Lose it later", planned.n_leaving), ("Held", n_held), ("Cannot be done", planned.n_failures)];
    counts.extend(rest.into_iter().filter(|(_, n)| *n > 0).map(|(words, n)| (words.to_owned(), grouped(n))));
    let bar = &page.bar;
    let deed = match &planned.edit {
        Some(edit) => Some(Deed {
            words: "Update",
            href: format!("{}/update", page.here),
            back: bar.at(edited_at(edit)),
            asks_again: false,
        }),
        None if !app.is_enabled => Some(Deed {
            words: "Turn on",
            href: format!("{}/turn-on", page.here),
            back: bar.at(""),
            asks_again: true,
        }),
        None => None,
    };
    Ok(Shown {
        headline: match &planned.edit {
            Some(_) => "What the edit would cause with the next run".to_owned(),
            None => "What a run would do now".to_owned(),
        },
        counts,
        held: planned.held.iter().map(|held| sentence(&held.tripped.to_string())).collect(),
        deed,
        is_replaced: rows.is_empty() && after.is_none() && n_operations + n_held > 0,
        rows: rows.iter().map(Row::new).collect(),
        is_later_page: after.is_some(),
        more,
        n_leaving: grouped(planned.n_leaving),
        leaving: planned.leaving.clone(),
        n_failures: grouped(planned.n_failures),
        failures: planned.failures.clone(),
        skipped: planned.skipped.iter().map(|(why, n)| (why.clone(), grouped(*n))).collect(),
        wrong: None,
    })
}

/// The page that an edit comes from.
fn edited_at(edit: &Edit) -> &'static str {
    match edit {
        Edit::Scope(_) => "auto-provisioning/scope",
        Edit::Mapping(_) => "auto-provisioning/mapping",
        Edit::Deprovisioning { .. } => "auto-provisioning/deprovisioning",
        Edit::Access(_) => "access",
        Edit::Groups(_) => "groups",
        Edit::Drift(_) => "drift",
        Edit::Domains(_) => "auto-provisioning/domains",
        Edit::TurnOn
        | Edit::TurnOff
        | Edit::Unconfigure
        | Edit::Remove
        | Edit::Pin { .. }
        | Edit::Choose { .. }
        | Edit::SuspendNow { .. } => "auto-provisioning",
    }
}

/// The plan that a job came to.
fn planned(console: &Console, job: &str) -> Result<Planned, Failure> {
    let Some(JobState::Finished(finished)) = console.hands().job(&JobId(job.to_owned())) else {
        return Err(Failure::Stale);
    };
    match *finished {
        Finished::Planned(planned) => Ok(planned),
        Finished::Ran(_) | Finished::UndoPlan(_) | Finished::Imported(_) | Finished::Checked(_) => {
            Err(Failure::NotFound)
        }
    }
}

/// Makes the edit whose preview this is, if the app is still what it was then.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, job)): Path<(String, String)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let planned = planned(&console, &job)?;
    let (Some(edit), true) = (planned.edit, planned.app.as_str() == id) else {
        return Err(Failure::NotFound);
    };
    let wrong = match commit(&console, &signed, &planned.app, Some(planned.version), &edit).await? {
        Committed::Done => return Ok(Done::Saved.at(&format!("/apps/{id}/auto-provisioning"))),
        Committed::Stale => STALE.to_owned(),
        Committed::Refused(why) => why,
    };
    Ok(html(&page(&console, &signed, &id, &job, None, Some(wrong)).await?))
}

/// Asks before it turns on.
pub(crate) async fn ask_turn_on(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, job)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let planned = planned(&console, &job)?;
    let (_, app) = read(console.store(), &id).await?;
    let bar = Bar::new(&app, Tab::Other);
    let n: u64 = planned.operations.values().sum();
    let text = vec![
        format!(
            "The first run begins at once. By the preview it writes to {}.",
            crate::frame::number_of(n, "account", "accounts")
        ),
        "Guards hold whatever goes beyond what they let through unasked.".to_owned(),
    ];
    Ok(html(&ConfirmPage {
        frame: frame(&signed, "Turn on auto-provisioning?"),
        action: bar.at(&format!("plans/{job}/turn-on")),
        cancel: bar.at(&format!("plans/{job}")),
        button: "Turn on",
        is_bad: false,
        text,
        consequences: Vec::new(),
        hidden: Vec::new(),
        bar,
        wrong: None,
    }))
}

/// Turns it on, if it is still what the preview was made of.
pub(crate) async fn turn_on_now(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, job)): Path<(String, String)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let planned = planned(&console, &job)?;
    if planned.app.as_str() != id {
        return Err(Failure::NotFound);
    }
    let wrong = match commit(&console, &signed, &planned.app, Some(planned.version), &Edit::TurnOn).await? {
        Committed::Done => return Ok(Done::TurnedOn.at(&format!("/apps/{id}"))),
        Committed::Stale => STALE.to_owned(),
        Committed::Refused(why) => why,
    };
    Ok(html(&page(&console, &signed, &id, &job, None, Some(wrong)).await?))
}

#[cfg(test)]
mod samples;

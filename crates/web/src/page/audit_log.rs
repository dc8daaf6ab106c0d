//! *Audit log*: what admins did, the newest first.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use usher_model::time::Timestamp;
use usher_store::admin::action::{self, Action, Face};

use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant, unturned};
use crate::session::Signed;

/// How many lines a page has.
const PAGE: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "audit_log.html")]
pub(crate) struct AuditLogPage {
    frame: Frame,
    lines: Vec<Line>,
    /// Where older ones are.
    older: Option<String>,
    /// Whether these are not the newest.
    is_later_page: bool,
}

struct Line {
    at: String,
    who: String,
    what: String,
    subject: String,
    from: String,
    before: Option<String>,
    after: Option<String>,
}

/// After which line.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// Its instant, in microseconds.
    at: Option<i64>,
    #[serde(default)]
    id: String,
}

/// Shows a page of it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Query(Asked { at, id }): Query<Asked>,
) -> Result<Response, Failure> {
    let before = at.map(|at| (Timestamp::from_micros(at), id.as_str()));
    let mut tx = console.store().read("web::audit_log").await?;
    // One more than is shown says whether there are older ones.
    let mut actions = action::list(&mut tx, before, PAGE + 1).await?;
    let has_older = actions.len() > PAGE;
    actions.truncate(PAGE);
    let older = actions.last().filter(|_| has_older).map(|last| {
        let query =
            serde_urlencoded::to_string([("at", last.at.as_micros().to_string()), ("id", last.id.clone())]);
        format!("/audit-log?{}", query.unwrap_or_default())
    });
    let frame = Frame::new(&signed, Place::AuditLog, "Audit log");
    let lines = actions.into_iter().map(Line::new).collect();
    Ok(html(&AuditLogPage { frame, lines, older, is_later_page: before.is_some() }))
}

impl Line {
    fn new(action: Action) -> Self {
        let from = match (action.face, action.address) {
            (Face::Console, Some(address)) => format!("console, from {address}"),
            (Face::Console, None) => "console".to_owned(),
            (Face::CommandLine, _) => "command line".to_owned(),
        };
        Self {
            at: instant(action.at),
            who: action.who,
            what: action.kind.replace('_', " "),
            subject: unturned(&action.subject),
            from,
            before: action.before.map(|before| unturned(&before.to_string())),
            after: action.after.map(|after| unturned(&after.to_string())),
        }
    }
}

#[cfg(test)]
impl AuditLogPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let line = |kind: Sample, n: usize| {
            let said = |role: &str| serde_json::json!({"role": role, "name": kind.name(n, "Bo")}).to_string();
            Line {
                at: "2026-11-30 02:50 UTC".into(),
                who: kind.address("ada@example.com"),
                what: if kind == Sample::Held { "hold release" } else { "admin role" }.into(),
                subject: kind.name(n, "bob@example.com"),
                from: "console, from 10.0.0.1".into(),
                before: (n == 0).then(|| said("auditor")),
                after: Some(said("operator")),
            }
        };
        Sample::all_but(&[Sample::Wrong], |kind| Self {
            frame: Frame::sample(kind, Place::AuditLog, "Audit log"),
            lines: (0..kind.rows(PAGE)).map(|n| line(kind, n)).collect(),
            older: kind.has_more().then(|| "/audit-log?at=1&id=x".to_owned()),
            is_later_page: kind.has_more(),
        })
    }
}

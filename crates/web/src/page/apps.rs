//! *Web and mobile apps*: every app with its template and its status.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use usher_model::app::Status;
use usher_model::template::Template as Catalogue;
use usher_store::app;

use super::app::done::Told;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant, number_of};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "apps.html")]
pub(crate) struct AppsPage {
    frame: Frame,
    apps: Vec<AppLine>,
    /// What was just done.
    done: Option<&'static str>,
}

/// One app.
struct AppLine {
    id: String,
    name: String,
    template: String,
    status: &'static str,
    tone: &'static str,
    next_run: Option<String>,
    health: Option<String>,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    let mut tx = console.store().read("web::apps").await?;
    let apps = app::list(&mut tx).await?.into_iter().map(|app| AppLine {
        id: app.id.to_string(),
        status: words(app.status()),
        tone: tone(app.status(), false),
        next_run: app.next_run_at.map(instant),
        template: Catalogue::by_key(&app.template).map_or(app.template, |template| template.name.to_owned()),
        health: health(app.n_open_holds),
        name: app.name,
    });
    let apps = apps.collect();
    let (frame, done) = (Frame::new(&signed, Place::Apps, "Web and mobile apps"), told.sentence());
    Ok(html(&AppsPage { frame, apps, done }))
}

fn health(n_holds: u64) -> Option<String> {
    (n_holds > 0).then(|| number_of(n_holds, "hold", "holds"))
}

/// A status in a word or two.
pub(super) fn words(status: Status) -> &'static str {
    match status {
        Status::NotConfigured => "Not configured",
        Status::Inactive => "Off",
        Status::Active => "Active",
        Status::NeedsReauthorization => "Needs reauthorization",
        Status::Held => "Held",
        Status::Quarantined => "Failing",
    }
}

/// How a status is coloured; `has_failures`: somebody at the app is failing.
pub(super) fn tone(status: Status, has_failures: bool) -> &'static str {
    match status {
        Status::Active if has_failures => "warn",
        Status::Active => "good",
        Status::NotConfigured | Status::Inactive => "calm",
        Status::Held => "warn",
        Status::NeedsReauthorization | Status::Quarantined => "bad",
    }
}

#[cfg(test)]
impl AppsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let line = |kind: Sample, n: usize, status: Status| AppLine {
            id: "019a".into(),
            health: health(if kind == Sample::Thousands { 1_234 } else { u64::from(status == Status::Held) }),
            name: kind.name(n, "aws"),
            template: "Amazon Web Services".into(),
            status: words(status),
            tone: tone(status, false),
            next_run: (status == Status::Active).then(|| "2026-11-30 10:00 UTC".to_owned()),
        };
        let page = |kind, apps| {
            let frame = Frame::sample(kind, Place::Apps, "Web and mobile apps");
            Self { frame, apps, done: None }
        };
        let mut samples = Sample::all(|kind| {
            let status = match kind {
                Sample::Wrong => Status::NeedsReauthorization,
                Sample::Held | Sample::Thousands => Status::Held,
                Sample::Empty | Sample::One | Sample::Long | Sample::RightToLeft | Sample::Other => {
                    Status::Active
                }
            };
            page(kind, (0..kind.rows(100)).map(|n| line(kind, n, status)).collect())
        });
        let each = Status::ALL.map(|status| line(Sample::Other, 0, status)).into();
        samples.push((Sample::Other, page(Sample::Other, each)));
        let removed = Some("The app is removed.");
        samples.push((Sample::Other, Self { done: removed, ..page(Sample::Other, Vec::new()) }));
        samples
    }
}

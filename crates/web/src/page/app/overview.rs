//! The app's page: its cards, in the order of Google's: SSO, user access, auto-provisioning with its usage information.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use usher_model::app::{NotReady, Status};
use usher_store::access::{self, AccessList};
use usher_store::app::{self, App};
use usher_store::event::{self, EventKind};
use usher_store::{account, run};

use super::chart::chart;
use super::done::Told;
use super::{Bar, Tab, find, frame, note_asked, read, template};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, instant, number_of, sentence};
use crate::posted::Posted;
use crate::session::Signed;

/// How long events are counted.
const COUNTED: Duration = Duration::from_hours(30 * 24);

/// The page.
#[derive(Template)]
#[template(path = "app/overview.html")]
pub(crate) struct OverviewPage {
    frame: Frame,
    bar: Bar,
    alarm: Option<Alarm>,
    /// ACS URL and entity id.
    sso: Option<(String, String)>,
    /// For whom it is on; empty: for nobody.
    access: String,
    is_configured: bool,
    is_on: bool,
    /// Why the slider is disabled.
    slider_note: Option<String>,
    usage: Vec<Usage>,
    /// An SVG of ours.
    chart: Option<String>,
    figures: Vec<Figure>,
    last_run: Option<String>,
    next_run: Option<String>,
}

/// What needs a person.
struct Alarm {
    tone: &'static str,
    what: String,
    why: String,
    link: Option<(String, &'static str)>,
}

struct Usage {
    name: &'static str,
    kind: &'static str,
    /// None: provisioning was never on.
    n: Option<String>,
}

struct Figure {
    name: &'static str,
    n: String,
    href: Option<String>,
    is_bad: bool,
}

/// A form that holds nothing but its token.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let now = console.now();
    let access = access::access_list(&mut tx, &app.id).await?;
    let sso = app::sign_on(&mut tx, &app.id).await?.map(|sign_on| (sign_on.acs_url, sign_on.entity_id));
    let was_ever_on = app.is_enabled || app.on.micros > 0;
    let since = now.before(COUNTED);
    let counts = event::counts(&mut tx, &app.id, since).await?;
    let by_day = event::by_day(&mut tx, &app.id, since).await?;
    let accounts = account::counts(&mut tx, &app.id, now).await?;
    let last_run = run::last(&mut tx, &app.id).await?;
    drop(tx);
    let bar = Bar { done: told.sentence(), ..Bar::new(&app, Tab::Overview) };
    let named = EventKind::ALL.into_iter().filter_map(|kind| Some((kind, kind.google_name()?)));
    let usage = named.map(|(kind, name)| Usage {
        name,
        kind: kind.as_str(),
        n: was_ever_on.then(|| grouped(counts.get(&kind).copied().unwrap_or(0))),
    });
    let figure = |name, n: u64, page: Option<&str>, is_bad: bool| Figure {
        name,
        n: grouped(n),
        href: page.map(|page| bar.at(page)),
        is_bad: is_bad && n > 0,
    };
    let figures = vec![
        figure("Active", accounts.active, None, false),
        figure("Suspended", accounts.suspended, None, false),
        figure("Leaving", accounts.leaving, Some("due"), false),
        figure("Failing", accounts.failing, Some("failures"), true),
        figure("Held", app.n_open_holds, Some("holds"), true),
    ];
    Ok(html(&OverviewPage {
        frame: frame(&signed, &*app.name),
        alarm: alarm(&app, &bar),
        sso,
        access: access_words(&access),
        is_configured: bar.is_configured,
        is_on: app.is_enabled,
        slider_note: slider_note(&app, &access)?,
        usage: usage.collect(),
        chart: was_ever_on.then(|| chart(&by_day, since)),
        figures,
        last_run: last_run.map(|run| instant(run.started_at)),
        next_run: app.next_run_at.map(instant),
        bar,
    }))
}

/// Makes a run due now: the schedule begins it.
pub(crate) async fn run_now(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let mut tx = console.store().begin("web::run_now").await?;
    let app = find(&mut tx, &id).await?;
    app::wake(&mut tx, &app.id, console.now()).await?;
    tx.commit().await?;
    note_asked(&console, &signed, "app_run", &app.name, None).await?;
    Ok(Redirect::to(&format!("/apps/{id}/runs")).into_response())
}

/// For whom an app is on, in words; empty: for nobody.
fn access_words(access: &AccessList) -> String {
    let is_on = |switch: &usher_model::access::Switch| *switch == usher_model::access::Switch::On;
    let units = access.units.iter().filter(|(_, switch)| is_on(switch)).count() as u64;
    let groups = access.groups.len() as u64;
    let units = (units > 0).then(|| number_of(units, "organizational unit", "organizational units"));
    let groups = (groups > 0).then(|| number_of(groups, "group", "groups"));
    units.into_iter().chain(groups).collect::<Vec<_>>().join(" and ")
}

/// Why the slider is disabled: the seed's note, or whatever else is in the way.
fn slider_note(app: &App, access: &AccessList) -> Result<Option<String>, Failure> {
    if app.is_enabled {
        return Ok(None);
    }
    let template = template(app)?;
    let mapping = template.mapping(&app.mapping).map_err(Failure::internal)?;
    let in_the_way = app.readiness(template, &mapping, access).in_the_way();
    let said = |first: &NotReady| crate::hands::in_the_way(first, template.name);
    Ok(in_the_way.first().map(said))
}

fn alarm(app: &App, bar: &Bar) -> Option<Alarm> {
    let alarm = |tone, what: &str, why: String, page: &str, words| Alarm {
        tone,
        what: what.to_owned(),
        why,
        link: Some((bar.at(page), words)),
    };
    match app.status() {
        Status::NeedsReauthorization => Some(alarm(
            "bad",
            "Automatic provisioning has stopped.",
            format!("{} revoked the authorization: nothing is sent until you reauthorize.", bar.template),
            "auto-provisioning/reauthorize",
            "Reauthorize",
        )),
        Status::Quarantined => app.quarantine.as_ref().map(|quarantine| Alarm {
            tone: "bad",
            what: "The app fails as a whole.".to_owned(),
            why: format!("{} Tried again at {}.", sentence(&quarantine.why), instant(quarantine.until)),
            link: None,
        }),
        Status::Held => Some(alarm(
            "warn",
            "Operations are held until you decide.",
            "A guard stopped more than it may let through unasked; everything else goes on.".to_owned(),
            "holds",
            "Look at the holds",
        )),
        Status::Active | Status::Inactive | Status::NotConfigured => None,
    }
}

#[cfg(test)]
impl OverviewPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use std::collections::BTreeMap;

        use usher_model::time::Timestamp;

        use crate::sample::Sample;

        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let alarm = |kind: Sample| {
            let link = ("/apps/019a/auto-provisioning/reauthorize".to_owned(), "Reauthorize");
            let alarm = |tone, what: &str, link| Alarm {
                tone,
                what: what.to_owned(),
                why: "Nothing is sent until you decide.".into(),
                link,
            };
            let held = || alarm("warn", "Operations are held until you decide.", None);
            let stopped = kind.wrong("Automatic provisioning has stopped.");
            stopped.map(|what| alarm("bad", &what, Some(link))).or_else(|| (kind == Sample::Held).then(held))
        };
        let figure = |name, n: u64, page: Option<&str>| Figure {
            name,
            n: grouped(n),
            href: page.map(|page| format!("/apps/019a/{page}")),
            is_bad: page.is_some() && n > 0,
        };
        let page = |kind: Sample| {
            let (is_on, n) = (kind != Sample::Empty, kind.count());
            let new = Bar {
                is_configured: false,
                status: "Not configured",
                tone: "calm",
                ..Bar::sample(kind, Tab::Overview)
            };
            let bar = if is_on { Bar::sample(kind, Tab::Overview) } else { new };
            let named = EventKind::ALL.into_iter().filter_map(|event| Some((event, event.google_name()?)));
            let units = number_of(n, "organizational unit", "organizational units");
            Self {
                frame: Frame::sample(kind, Place::Apps, &bar.name),
                alarm: alarm(kind),
                sso: is_on.then(|| (kind.url("https://region.signin.aws.example"), "urn:example".into())),
                access: if is_on { units } else { String::new() },
                is_configured: bar.is_configured,
                is_on,
                slider_note: None,
                usage: named
                    .map(|(event, name)| Usage { name, kind: event.as_str(), n: is_on.then(|| grouped(n)) })
                    .collect(),
                chart: is_on.then(|| chart(&BTreeMap::from([((3, EventKind::Create), n)]), at)),
                figures: vec![figure("Active", n, None), figure("Failing", n, Some("failures"))],
                last_run: is_on.then(|| instant(at)),
                next_run: is_on.then(|| instant(at)),
                bar,
            }
        };
        let off = Self {
            is_on: false,
            slider_note: Some("Amazon Web Services isn’t turned on for any users.".into()),
            access: String::new(),
            chart: None,
            ..page(Sample::Other)
        };
        let mut samples = Sample::all(page);
        samples.push((Sample::Other, off));
        samples
    }
}

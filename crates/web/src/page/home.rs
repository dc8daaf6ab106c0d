//! Home: how every app is, what waits for a person, what is due this week, and how fresh each directory is.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use usher_model::time::Timestamp;
use usher_store::account::DueAccount;
use usher_store::app::App;
use usher_store::directory::{self, DirectoryKind};
use usher_store::{StoreError, Tx, account, app, hold};

use super::app::due::is_loss;
use super::app::settings::token_warning;
use super::directory::{freshness, page_of_user};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, instant, number_of};
use crate::session::Signed;

/// How many due dates are shown of each app.
const DUE_SHOWN: usize = 3;
/// How many timers are looked through for them: some are of other things.
const DUE_READ: usize = 1_000;
/// How far ahead is looked.
const WEEK: Duration = Duration::from_hours(7 * 24);

/// The page.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    frame: Frame,
    apps: Vec<AppCard>,
    directories: Vec<DirectoryLine>,
}

/// One directory.
struct DirectoryLine {
    id: String,
    name: String,
    /// How fresh the mirror is; none: the directory is kept here.
    freshness: Option<String>,
    is_failing: bool,
}

/// One app.
struct AppCard {
    id: String,
    name: String,
    status: String,
    /// How the status is coloured: `good`, `warn`, `bad` or `calm`.
    tone: &'static str,
    active: String,
    suspended: String,
    leaving: String,
    failing: String,
    is_failing: bool,
    holds: Vec<String>,
    /// How many people lose something this week.
    due_this_week: Option<String>,
    /// Who is next, this week or later.
    due: Vec<Due>,
    next_run: Option<String>,
    /// That its token ends, once that is near.
    token_warning: Option<String>,
}

/// Who loses something, and when.
struct Due {
    href: String,
    who: String,
    at: String,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, Failure> {
    let mut tx = console.store().read("web::home").await?;
    let mut apps = Vec::new();
    for app in app::list(&mut tx).await? {
        let counts = account::counts(&mut tx, &app.id, console.now()).await?;
        let holds = hold::open(&mut tx, &app.id).await?;
        let timers = account::due_list(&mut tx, &app.id, DUE_READ).await?;
        let due_this_week = this_week(&timers, console.now());
        let status = app.status();
        apps.push(AppCard {
            tone: super::apps::tone(status, counts.failing > 0),
            status: super::apps::words(status).to_owned(),
            active: grouped(counts.active),
            suspended: grouped(counts.suspended),
            leaving: grouped(counts.leaving),
            failing: grouped(counts.failing),
            is_failing: counts.failing > 0,
            holds: holds.into_iter().map(|hold| hold.tripped.to_string()).collect(),
            due: losses(&timers).take(DUE_SHOWN).map(|timer| due(&app, timer)).collect(),
            due_this_week,
            next_run: app.next_run_at.map(instant),
            token_warning: token_warning(&app, console.now()),
            id: app.id.to_string(),
            name: app.name,
        });
    }
    let directories = directories(&mut tx).await?;
    Ok(html(&HomePage { frame: Frame::new(&signed, Place::Home, "Home"), apps, directories }))
}

async fn directories(tx: &mut Tx) -> Result<Vec<DirectoryLine>, StoreError> {
    let mut lines = Vec::new();
    for found in directory::list(tx).await? {
        let is_mirror = found.kind != DirectoryKind::Embedded;
        let freshness = if is_mirror { Some(freshness(tx, &found).await?) } else { None };
        let mirrored = directory::mirrored(tx, &found.id).await?;
        lines.push(DirectoryLine {
            is_failing: mirrored.is_some_and(|mirrored| mirrored.failing.is_some()),
            freshness,
            id: found.id.to_string(),
            name: found.name,
        });
    }
    Ok(lines)
}

/// Those timers at whose end somebody loses something.
fn losses(timers: &[DueAccount]) -> impl Iterator<Item = &DueAccount> {
    timers.iter().filter(|(.., reason)| reason.as_ref().is_some_and(is_loss))
}

/// How many people lose something within a week, in words; none: nobody does.
fn this_week(timers: &[DueAccount], now: Timestamp) -> Option<String> {
    let n = losses(timers).filter(|(_, _, at, _)| *at <= now + WEEK).count() as u64;
    let is_more = timers.len() == DUE_READ && timers.last().is_some_and(|(_, _, at, _)| *at <= now + WEEK);
    match (n, is_more) {
        (0, _) => None,
        (n, false) => Some(number_of(n, "person", "people")),
        (n, true) => Some(format!("{} people or more", grouped(n))),
    }
}

fn due(app: &App, (user, email, at, _): &DueAccount) -> Due {
    let who = email.as_ref().map_or_else(|| user.to_string(), ToString::to_string);
    let href = page_of_user(app.directory.as_str(), user.as_str());
    Due { href, who, at: instant(*at) }
}

#[cfg(test)]
impl HomePage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let card = |kind: Sample, n: usize| AppCard {
            id: "019a".to_owned(),
            name: kind.name(n, &format!("aws-{n}")),
            status: if kind == Sample::Held { "Held" } else { "Active" }.to_owned(),
            tone: if kind == Sample::Held { "warn" } else { "good" },
            active: grouped(kind.count()),
            suspended: grouped(kind.count()),
            leaving: grouped(kind.count()),
            failing: grouped(kind.count()),
            is_failing: kind.count() > 0,
            holds: vec!["11 suspensions and deletes wanted".to_owned(); usize::from(kind == Sample::Held)],
            due_this_week: (kind.count() > 0).then(|| number_of(kind.count(), "person", "people")),
            due: vec![Due {
                href: "/directories/019d/users/7".into(),
                who: kind.address("ada@example.com"),
                at: "2026-12-01 09:00 UTC".into(),
            }],
            next_run: Some("2026-11-30 10:00 UTC".into()),
            token_warning: kind.wrong("The access token expires on 2026-12-30."),
        };
        let line = |kind: Sample, n: usize| DirectoryLine {
            id: "019d".to_owned(),
            name: kind.name(n, "embedded"),
            is_failing: kind == Sample::Wrong,
            freshness: kind
                .wrong("never listed; it cannot be read since 2026-11-30 09:00 UTC: 403")
                .or_else(|| (n > 0).then(|| "listed 2026-11-30 09:00 UTC".to_owned())),
        };
        Sample::all(|kind| Self {
            frame: Frame::sample(kind, Place::Home, "Home"),
            apps: (0..kind.rows(60)).map(|n| card(kind, n)).collect(),
            directories: (0..kind.rows(3)).map(|n| line(kind, n)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use usher_model::cause::{Due as Loss, Trigger};
    use usher_model::id::UserId;
    use usher_model::reason::Reason;

    use super::*;

    fn at(hours: u64) -> Timestamp {
        Timestamp::from_micros(0) + Duration::from_hours(hours)
    }

    fn leaving(hours: u64) -> DueAccount {
        let due = Loss { trigger: Trigger::Suspended, since: at(0), at: at(hours) };
        (UserId::new("1"), None, at(hours), Some(Reason::Leaving { due, app_off: None }))
    }

    fn retried(hours: u64) -> DueAccount {
        (UserId::new("2"), None, at(hours), Some(Reason::Converged))
    }

    #[test]
    fn who_loses_something_this_week_is_counted_and_nobody_else_is() {
        let timers = [leaving(1), retried(2), leaving(168), leaving(169)];
        assert_eq!(this_week(&timers, at(0)).as_deref(), Some("2 people"));
        assert_eq!(this_week(&timers[1..2], at(0)), None);
    }

    #[test]
    fn where_not_every_timer_is_looked_through_it_is_said_that_there_may_be_more() {
        let timers = vec![leaving(1); DUE_READ];
        assert_eq!(this_week(&timers, at(0)).as_deref(), Some("1,000 people or more"));
        let timers = vec![retried(1); DUE_READ];
        assert_eq!(this_week(&timers, at(0)), None);
    }
}

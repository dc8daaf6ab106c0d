//! Home: how every app is, and what waits for a person.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use usher_store::{account, app, hold};

use super::app::due::is_loss;
use super::app::settings::token_warning;

use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant};
use crate::session::Signed;

/// How many due dates are shown of each app.
const DUE_SHOWN: usize = 3;
/// How many timers are looked through for them: some are of other things.
const DUE_READ: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    frame: Frame,
    apps: Vec<AppCard>,
}

/// One app.
struct AppCard {
    id: String,
    name: String,
    status: String,
    /// How the status is coloured: `good`, `warn`, `bad` or `calm`.
    tone: &'static str,
    active: u64,
    suspended: u64,
    leaving: u64,
    failing: u64,
    holds: Vec<String>,
    due: Vec<Due>,
    next_run: Option<String>,
    /// That its token ends, once that is near.
    token_warning: Option<String>,
}

/// Who loses something, and when.
struct Due {
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
        let counts = account::counts(&mut tx, &app.id).await?;
        let holds = hold::open(&mut tx, &app.id).await?;
        let mut due = account::due_list(&mut tx, &app.id, DUE_READ).await?;
        due.retain(|(.., reason)| reason.as_ref().is_some_and(is_loss));
        due.truncate(DUE_SHOWN);
        let status = app.status();
        apps.push(AppCard {
            tone: super::apps::tone(status, counts.failing > 0),
            status: super::apps::words(status).to_owned(),
            active: counts.active,
            suspended: counts.suspended,
            leaving: counts.leaving,
            failing: counts.failing,
            holds: holds.into_iter().map(|hold| hold.tripped.to_string()).collect(),
            due: due
                .into_iter()
                .map(|(user, email, at, _)| Due {
                    who: email.map_or_else(|| user.to_string(), |email| email.to_string()),
                    at: instant(at),
                })
                .collect(),
            next_run: app.next_run_at.map(instant),
            token_warning: token_warning(&app, console.now()),
            id: app.id.to_string(),
            name: app.name,
        });
    }
    Ok(html(&HomePage { frame: Frame::new(&signed, Place::Home, "Home"), apps }))
}

#[cfg(test)]
impl HomePage {
    pub(crate) fn samples() -> Vec<Self> {
        let card = |name: &str, n: u64| AppCard {
            id: "019a".to_owned(),
            token_warning: (n == 12).then(|| "The access token expires on 2026-12-30.".to_owned()),
            name: name.to_owned(),
            status: "Active".to_owned(),
            tone: "good",
            active: n,
            suspended: n / 10,
            leaving: n / 20,
            failing: n / 50,
            holds: (0..n.min(2)).map(|_| "11 suspensions and deletes wanted".to_owned()).collect(),
            due: vec![Due { who: "ada@example.com".into(), at: "2026-12-01 09:00 UTC".into() }],
            next_run: Some("2026-11-30 10:00 UTC".into()),
        };
        let page = |apps| Self { frame: Frame::sample(Place::Home, "Home"), apps };
        let long = "a-name-that-is-longer-than-anybody-would-think-it-could-be-in-a-console";
        vec![
            page(Vec::new()),
            page(vec![card("aws", 1)]),
            page((0..60).map(|_| card(long, 1_000_000)).collect()),
            page(vec![card("تطبيق", 12)]),
        ]
    }
}

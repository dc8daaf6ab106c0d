//! *Failures*: whose account fails and why, with *Retry*; where an account is somebody else's, *Take over* and *Wait*.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use usher_model::account::Choice;
use usher_model::adoption::Conflict;
use usher_model::id::UserId;
use usher_model::reason::Failure as Why;
use usher_store::account::FailingAccount;
use usher_store::{account, app, group};

use super::change::{Committed, commit};
use super::overview::Nothing;
use super::{Bar, Tab, by, find, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant, number_of, sentence};
use crate::hands::Edit;
use crate::notebook::{Deed, note};
use crate::posted::Posted;
use crate::session::Signed;

/// How many are shown.
const SHOWN: usize = 500;

/// The page.
#[derive(Template)]
#[template(path = "app/failures.html")]
pub(crate) struct FailuresPage {
    frame: Frame,
    bar: Bar,
    people: Vec<Line>,
    more: Option<String>,
    groups: Vec<(String, String)>,
    done: Option<String>,
}

struct Line {
    id: String,
    email: Option<String>,
    who: String,
    why: String,
    tries: u32,
    next: String,
    /// An admin may choose.
    is_conflict: bool,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    user: String,
    choice: String,
}

/// Shows them.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    done: Option<String>,
) -> Result<FailuresPage, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let failing = account::failing_list(&mut tx, &app.id, SHOWN).await?;
    let n = account::counts(&mut tx, &app.id, console.now()).await?.failing;
    let groups =
        group::failing_list(&mut tx, &app.id, SHOWN).await?.into_iter().map(|(group, email, failings)| {
            let who = email.map_or_else(|| group.to_string(), |email| email.to_string());
            let why: Vec<String> =
                failings.values().map(|failing| sentence(&failing.failure.to_string())).collect();
            (who, why.join(" "))
        });
    Ok(FailuresPage {
        frame: frame(signed, "Failures"),
        bar: Bar::new(&app, Tab::Failures),
        more: (n > failing.len() as u64)
            .then(|| format!("The first {} of {}.", failing.len(), number_of(n, "person", "people"))),
        people: failing.into_iter().map(line).collect(),
        groups: groups.collect(),
        done,
    })
}

fn line((user, email, failing): FailingAccount) -> Line {
    let email = email.map(|email| email.to_string());
    let foreign = |conflict: &Conflict| matches!(conflict, Conflict::ForeignExternalId { .. });
    Line {
        who: email.clone().unwrap_or_else(|| user.to_string()),
        email,
        id: user.to_string(),
        is_conflict: matches!(&failing.failure, Why::Conflict { conflict } if foreign(conflict)),
        why: sentence(&failing.failure.to_string()),
        tries: failing.n_attempts,
        next: instant(failing.retry_at),
    }
}

/// Everybody who fails is tried with the next run, which is due now.
pub(crate) async fn retry(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let mut tx = console.store().begin("web::retry").await?;
    let app = find(&mut tx, &id).await?;
    let n = account::retry(&mut tx, &app.id, None).await?;
    app::wake(&mut tx, &app.id, console.now()).await?;
    let deed =
        Deed { kind: "app_retry", subject: &app.name, before: None, after: Some(json!({"people": n})) };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    let done =
        format!("{} will be tried with the next run, which begins now.", number_of(n, "person", "people"));
    Ok(html(&page(&console, &signed, &id, Some(done)).await?))
}

/// Takes a word on an account that is somebody else's, or that somebody else switched off.
pub(crate) async fn choose(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Chosen { user, choice }): Posted<Chosen>,
) -> Result<Response, Failure> {
    let choice = match choice.as_str() {
        "take_over" => Choice::TakeOver,
        "wait" => Choice::Wait,
        "switch_on" => Choice::SwitchOn,
        other => return Err(Failure::Unreadable(format!("there is no choice {other:?}"))),
    };
    let (_, app) = read(console.store(), &id).await?;
    let edit = Edit::Choose { user: UserId::new(user), choice: Some(choice) };
    match commit(&console, &signed, &app.id, None, &edit).await? {
        Committed::Done => {
            let page = if choice == Choice::SwitchOn { "drift" } else { "failures" };
            Ok(Redirect::to(&format!("/apps/{id}/{page}")).into_response())
        }
        Committed::Stale => Err(Failure::Stale),
        Committed::Refused(why) => Err(Failure::Unreadable(why)),
    }
}

#[cfg(test)]
impl FailuresPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let line = |kind: Sample, n: usize| Line {
            id: n.to_string(),
            email: n.is_multiple_of(2).then(|| kind.address("ada@example.com")),
            who: kind.name(n, "ada@example.com"),
            why: "The app answered 409: Conflict.".into(),
            tries: 3,
            next: "2026-11-30 02:50 UTC".into(),
            is_conflict: n.is_multiple_of(3),
        };
        let group =
            |kind: Sample, n: usize| (kind.address(&format!("g{n}@example.com")), "No name.".to_owned());
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Apps, "Failures"),
            bar: Bar::sample(kind, Tab::Failures),
            people: (0..kind.rows(SHOWN)).map(|n| line(kind, n)).collect(),
            more: kind
                .has_more()
                .then(|| format!("The first 500 of {}.", number_of(kind.count(), "person", "people"))),
            groups: (0..kind.rows(100)).map(|n| group(kind, n)).collect(),
            done: None,
        };
        let done = Some("1 person will be tried with the next run, which begins now.".to_owned());
        let mut samples = Sample::all_but(&[Sample::Wrong], page);
        samples.push((Sample::Other, Self { done, ..page(Sample::Other) }));
        samples
    }
}

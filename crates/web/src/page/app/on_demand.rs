//! *Provision on demand*: one person now, with each step shown.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use usher_model::id::Email;
use usher_store::directory::{self, Place as Address, Roll};

use super::runs::begin;
use super::{Bar, Tab, frame, note_asked, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, sentence};
use crate::hands::Job;
use crate::posted::Posted;
use crate::session::Signed;

/// How many people are suggested.
const SUGGESTED: usize = 8;

/// The page.
#[derive(Template)]
#[template(path = "app/on_demand.html")]
pub(crate) struct OnDemandPage {
    frame: Frame,
    bar: Bar,
    is_on: bool,
    email: String,
    wrong: Option<String>,
}

/// Whom the beginning of an address may mean, alone: asked for while it is typed.
#[derive(Template)]
#[template(path = "app/people.html")]
pub(crate) struct PeoplePart {
    people: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    email: String,
}

/// Asks for whom.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(Asked { email }): Query<Asked>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, email, None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    email: String,
    wrong: Option<String>,
) -> Result<OnDemandPage, Failure> {
    let (_, app) = read(console.store(), id).await?;
    Ok(OnDemandPage {
        frame: frame(signed, "Provision on demand"),
        bar: Bar::new(&app, Tab::OnDemand),
        is_on: app.is_enabled,
        email,
        wrong,
    })
}

/// Whom the beginning of an address may mean.
pub(crate) async fn people(
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(Asked { email }): Query<Asked>,
) -> Result<Response, Failure> {
    let typed = email.trim().to_lowercase();
    let mut people = Vec::new();
    if !typed.is_empty() {
        let (mut tx, app) = read(console.store(), &id).await?;
        let first = Address { address: &typed, id: "" };
        let found =
            directory::people_by_address(&mut tx, &app.directory, Roll::Living, first, SUGGESTED).await?;
        let addresses = found.into_iter().map(|person| person.user.primary_email.to_string());
        people = addresses.filter(|address| address.starts_with(&typed)).collect();
    }
    Ok(html(&PeoplePart { people }))
}

/// Begins it.
pub(crate) async fn provision(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Asked { email }): Posted<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let user = match Email::parse(email.trim()) {
        Ok(address) if directory::user_by_email(&mut tx, &app.directory, &address).await?.is_some() => {
            Ok(address)
        }
        Ok(address) => Err(format!("Nobody in the directory has the address {address}.")),
        Err(error) => Err(sentence(&error.to_string())),
    };
    drop(tx);
    let user = match user {
        Ok(user) => user,
        Err(wrong) => return Ok(html(&page(&console, &signed, &id, email, Some(wrong)).await?)),
    };
    note_asked(&console, &signed, "app_on_demand", &app.name, Some(json!({"user": user}))).await?;
    begin(&console, &id, Job::OnDemand { app: app.id, user }).await
}

#[cfg(test)]
impl OnDemandPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        Sample::all_but(&[Sample::Thousands], |kind| Self {
            frame: Frame::sample(kind, Place::Apps, "Provision on demand"),
            bar: Bar::sample(kind, Tab::OnDemand),
            is_on: kind != Sample::Empty,
            email: if kind == Sample::Empty { String::new() } else { kind.address("ada@example.com") },
            wrong: kind.wrong("Nobody in the directory has the address ada@example.com."),
        })
    }
}

#[cfg(test)]
impl PeoplePart {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        Sample::all_but(&[Sample::Thousands, Sample::Wrong, Sample::Held], |kind| Self {
            people: (0..kind.rows(SUGGESTED)).map(|_| kind.address("ada@example.com")).collect(),
        })
    }
}

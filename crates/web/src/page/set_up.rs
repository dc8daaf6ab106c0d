//! The first super admin: whoever follows the link that the server printed on its terminal.
//!
//! There is no password that anybody could know beforehand. The link works once and for a day, and only while nobody may
//! sign in yet.

use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use usher_model::admin::Role;
use usher_model::id::{AdminId, Email};
use usher_store::admin::{self, link};
use usher_store::{Store, StoreError, Tx};

use crate::clock::{Clock, new_id};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::html;
use crate::notebook::{By, Deed, note};
use crate::page::openid::Elsewhere;
use crate::posted::Sent;
use crate::session::{self, From};
use crate::{password, secret};

/// How long a link to set up the console works.
const WORKS_FOR: Duration = Duration::from_hours(24);

/// The page.
#[derive(Template)]
#[template(path = "set_up.html")]
pub(crate) struct SetUpPage {
    /// What the link holds.
    link: String,
    email: String,
    /// What is wrong with what was sent.
    wrong: Option<String>,
    elsewhere: Option<Elsewhere>,
}

/// The link does not work.
#[derive(Template)]
#[template(path = "no_link.html")]
pub(crate) struct NoLinkPage {
    /// Whether the console is set up already.
    is_set_up: bool,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    link: String,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(deserialize_with = "secret::typed")]
    link: SecretString,
    email: String,
    #[serde(deserialize_with = "secret::typed")]
    password: SecretString,
    #[serde(deserialize_with = "secret::typed")]
    again: SecretString,
}

/// Makes a link to set up the console with, where nobody may sign in yet; one that was made before works no more. None:
/// somebody may. `address` is where browsers find the console.
pub async fn link_for_set_up(
    store: &Store,
    clock: &dyn Clock,
    address: &str,
) -> Result<Option<SecretString>, StoreError> {
    let mut tx = store.begin("web::link_for_set_up").await?;
    if admin::any(&mut tx).await? {
        tx.rollback().await?;
        return Ok(None);
    }
    let secret = secret::generate(clock);
    link::make(&mut tx, &secret::digest(&secret), None, clock.now() + WORKS_FOR).await?;
    tx.commit().await?;
    Ok(Some(format!("{address}/set-up?link={}", secret.expose_secret()).into()))
}

/// Asks for an address and a password.
pub(crate) async fn show(
    State(console): State<Console>,
    Query(Asked { link }): Query<Asked>,
) -> Result<Response, Failure> {
    let link = SecretString::from(link);
    let mut tx = console.store().read("web::set_up").await?;
    let is_set_up = admin::any(&mut tx).await?;
    let works =
        link::find(&mut tx, &secret::digest(&link), console.now()).await?.is_some_and(|of| of.is_none());
    drop(tx);
    if is_set_up || !works {
        return Ok(html(&NoLinkPage { is_set_up }));
    }
    Ok(html(&SetUpPage::new(&console, &link, String::new(), None)))
}

/// Makes whoever sent this the first super admin, and signs them in.
pub(crate) async fn set_up(
    State(console): State<Console>,
    from: From,
    Sent(chosen): Sent<Chosen>,
) -> Result<Response, Failure> {
    let Chosen { link, email, password, again } = chosen;
    let again_with = |wrong: String| html(&SetUpPage::new(&console, &link, email.clone(), Some(wrong)));
    let address = match address(&email) {
        Ok(address) => address,
        Err(wrong) => return Ok(again_with(wrong)),
    };
    if let Some(wrong) = password::refused(&password, &again, address.as_str()) {
        return Ok(again_with(wrong));
    }
    let hash = password::hash(password, console.clock()).await?;
    let now = console.now();
    let mut tx = console.store().begin("web::set_up").await?;
    let Some(id) = first_admin(&mut tx, &console, &from, &address, &secret::digest(&link)).await? else {
        let is_set_up = admin::any(&mut tx).await?;
        tx.rollback().await?;
        return Ok(html(&NoLinkPage { is_set_up }));
    };
    admin::set_password(&mut tx, &id, &hash).await?;
    admin::signed_in(&mut tx, &id, now).await?;
    let cookie = session::begin(&mut tx, &console, &id, &from).await?;
    tx.commit().await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// Makes somebody the first super admin, by the digest of the link, which is used up in the same transaction: of two who
/// follow it at once, one finds it gone. None: it does not work, or the console is set up.
pub(crate) async fn first_admin(
    tx: &mut Tx,
    console: &Console,
    from: &From,
    email: &Email,
    link: &str,
) -> Result<Option<AdminId>, StoreError> {
    let now = console.now();
    if admin::any(tx).await? || !link::use_up(tx, link, now).await? {
        return Ok(None);
    }
    let id = AdminId::new(new_id(console.clock()));
    admin::insert(tx, &id, email, Role::SuperAdmin, now).await?;
    let by = By { who: email.as_str(), address: &from.address };
    note(tx, console, by, Deed { kind: "set_up", subject: email.as_str(), before: None, after: None })
        .await?;
    Ok(Some(id))
}

impl SetUpPage {
    fn new(console: &Console, link: &SecretString, email: String, wrong: Option<String>) -> Self {
        let link = link.expose_secret().to_owned();
        let elsewhere = Elsewhere::of(console, ("link", &link));
        Self { link, email, wrong, elsewhere }
    }
}

/// The address of an admin: one of an organisation, as at Google, where an administrator's does not end in @gmail.com.
pub(crate) fn address(text: &str) -> Result<Email, String> {
    let email = Email::parse(text.trim()).map_err(|error| format!("{error}."))?;
    if ["gmail.com", "googlemail.com"].contains(&email.domain()) {
        return Err("Use the address of your organisation: an admin's does not end in @gmail.com.".to_owned());
    }
    Ok(email)
}

#[cfg(test)]
impl SetUpPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |kind: Sample| Self {
            link: "l".into(),
            email: if kind == Sample::Empty { String::new() } else { kind.address("ada@example.com") },
            wrong: kind.wrong("The password is too short: it needs at least 12 characters."),
            elsewhere: None,
        };
        let elsewhere = Some(Elsewhere::sample());
        let mut samples = Sample::all_but(&[Sample::Thousands, Sample::Held], page);
        samples.push((Sample::Other, Self { elsewhere, ..page(Sample::Empty) }));
        samples
    }
}

#[cfg(test)]
impl NoLinkPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        vec![(Sample::Wrong, Self { is_set_up: false }), (Sample::Other, Self { is_set_up: true })]
    }
}

//! An invitation, or a new password: whoever has the link chooses a password and is signed in.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use usher_model::id::AdminId;
use usher_store::admin::{self, Admin, link, session as sessions};

use crate::console::Console;
use crate::failure::Failure;
use crate::frame::html;
use crate::notebook::{By, Deed, note};
use crate::page::openid::Elsewhere;
use crate::posted::Sent;
use crate::session::{self, From};
use crate::{password, secret};

/// The page.
#[derive(Template)]
#[template(path = "join.html")]
pub(crate) struct JoinPage {
    link: String,
    email: String,
    role: String,
    /// Whether they have been in before.
    is_new_password: bool,
    wrong: Option<String>,
    /// For those who come for the first time.
    elsewhere: Option<Elsewhere>,
}

/// The link does not work.
#[derive(Template)]
#[template(path = "no_invitation.html")]
pub(crate) struct NoInvitationPage;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    link: String,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(deserialize_with = "secret::typed")]
    link: SecretString,
    #[serde(deserialize_with = "secret::typed")]
    password: SecretString,
    #[serde(deserialize_with = "secret::typed")]
    again: SecretString,
}

/// Asks for a password.
pub(crate) async fn show(
    State(console): State<Console>,
    Query(Asked { link }): Query<Asked>,
) -> Result<Response, Failure> {
    let link = SecretString::from(link);
    Ok(match invited(&console, &link).await? {
        Some(admin) => html(&JoinPage::new(&console, &admin, &link, None)),
        None => html(&NoInvitationPage),
    })
}

/// Gives whoever sent this their password, and signs them in here and out everywhere else.
pub(crate) async fn join(
    State(console): State<Console>,
    from: From,
    Sent(chosen): Sent<Chosen>,
) -> Result<Response, Failure> {
    let Chosen { link, password, again } = chosen;
    let Some(admin) = invited(&console, &link).await? else { return Ok(html(&NoInvitationPage)) };
    if let Some(wrong) = password::refused(&password, &again, admin.email.as_str()) {
        return Ok(html(&JoinPage::new(&console, &admin, &link, Some(wrong))));
    }
    let hash = password::hash(password, console.clock()).await?;
    let now = console.now();
    let mut tx = console.store().begin("web::join").await?;
    if !link::use_up(&mut tx, &secret::digest(&link), now).await? {
        tx.rollback().await?;
        return Ok(html(&NoInvitationPage));
    }
    admin::set_password(&mut tx, &admin.id, &hash).await?;
    admin::signed_in(&mut tx, &admin.id, now).await?;
    sessions::end_all(&mut tx, &admin.id, None).await?;
    let by = By { who: admin.email.as_str(), address: &from.address };
    let kind = if admin.has_joined() { "password_reset" } else { "join" };
    note(&mut tx, &console, by, Deed { kind, subject: admin.email.as_str(), before: None, after: None })
        .await?;
    let cookie = session::begin(&mut tx, &console, &admin.id, &from).await?;
    tx.commit().await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// For whom a link is that works now.
async fn invited(console: &Console, link: &SecretString) -> Result<Option<Admin>, Failure> {
    let mut tx = console.store().read("web::invited").await?;
    let of: Option<AdminId> = link::find(&mut tx, &secret::digest(link), console.now()).await?.flatten();
    let Some(of) = of else { return Ok(None) };
    Ok(admin::by_id(&mut tx, &of).await?)
}

impl JoinPage {
    fn new(console: &Console, admin: &Admin, link: &SecretString, wrong: Option<String>) -> Self {
        let elsewhere = if admin.has_joined() { None } else { Elsewhere::of(console, ("next", "/")) };
        Self {
            link: link.expose_secret().to_owned(),
            email: admin.email.to_string(),
            role: admin.role.to_string(),
            is_new_password: admin.has_joined(),
            wrong,
            elsewhere,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |kind: Sample| Self {
            link: "l".into(),
            email: kind.address("bob@example.com"),
            role: "operator".into(),
            is_new_password: false,
            wrong: kind.wrong("The two passwords differ: type the same one twice."),
            elsewhere: None,
        };
        let elsewhere = Some(Elsewhere::sample());
        let mut samples = Sample::all_but(&[Sample::Empty, Sample::Thousands, Sample::Held], page);
        samples.push((Sample::Other, Self { elsewhere, ..page(Sample::Other) }));
        samples.push((Sample::Other, Self { is_new_password: true, ..page(Sample::Other) }));
        samples
    }
}

impl NoInvitationPage {
    #[cfg(test)]
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        vec![(crate::sample::Sample::Wrong, Self)]
    }
}

//! The access token: the first step of *Configure autoprovisioning*, and *App authorization → Reauthorize*.
//!
//! A token is never sent back to a browser. Between this step and the next it is kept sealed, for this admin alone and for an
//! hour.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use usher_store::app;

use super::done::Done;
use super::{Bar, Tab, find, frame, note_asked, read, template};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, sentence};
use crate::hands::{Authorization, NotAuthorized};
use crate::posted::Posted;
use crate::secret;
use crate::session::Signed;

/// The steps of the set-up, in the order of Google's page.
pub(crate) const STEPS: &[(u8, &str)] = &[
    (1, "Access token"),
    (2, "Endpoint URL"),
    (3, "Attribute mapping"),
    (4, "Provisioning scope"),
    (5, "Deprovisioning"),
];

/// How long a token is kept that was not checked yet.
pub(super) const DRAFT_FOR: Duration = Duration::from_hours(1);

/// The page.
#[derive(Template)]
#[template(path = "app/token.html")]
pub(crate) struct TokenPage {
    frame: Frame,
    bar: Bar,
    is_set_up: bool,
    step: u8,
    endpoint: String,
    generated_in: &'static str,
    wrong: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(deserialize_with = "secret::typed")]
    access_token: SecretString,
}

/// Asks for the token of a new configuration.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, true).await?))
}

/// Asks for another token of a configuration.
pub(crate) async fn show_again(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, false).await?))
}

async fn page(console: &Console, signed: &Signed, id: &str, is_set_up: bool) -> Result<TokenPage, Failure> {
    let (_, app) = read(console.store(), id).await?;
    let template = template(&app)?;
    let title = if is_set_up { "Configure autoprovisioning" } else { "App authorization" };
    Ok(TokenPage {
        frame: frame(signed, title),
        bar: Bar::new(&app, Tab::Other),
        is_set_up,
        step: 1,
        endpoint: app.endpoint.unwrap_or_default(),
        generated_in: template.tokens.generated_in,
        wrong: None,
    })
}

/// Keeps the token for the next step.
pub(crate) async fn take(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Given { access_token }): Posted<Given>,
) -> Result<Response, Failure> {
    let token = match cleaned(&access_token) {
        Ok(token) => token,
        Err(wrong) => {
            let page = page(&console, &signed, &id, true).await?;
            return Ok(html(&TokenPage { wrong: Some(wrong), ..page }));
        }
    };
    let now = console.now();
    let mut tx = console.store().begin("web::token").await?;
    let app = find(&mut tx, &id).await?;
    app::drop_drafts(&mut tx, &app.id, now.before(DRAFT_FOR)).await?;
    app::keep_draft(&mut tx, console.store().keyring(), &app.id, &signed.admin, &token, now).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/apps/{id}/set-up/endpoint")).into_response())
}

/// Gives the app another token, once the app has accepted it.
pub(crate) async fn reauthorize(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Given { access_token }): Posted<Given>,
) -> Result<Response, Failure> {
    let again = async |wrong: String| {
        let page = page(&console, &signed, &id, false).await?;
        Ok(html(&TokenPage { wrong: Some(wrong), ..page }))
    };
    let token = match cleaned(&access_token) {
        Ok(token) => token,
        Err(wrong) => return again(wrong).await,
    };
    let (tx, app) = read(console.store(), &id).await?;
    drop(tx);
    let Some(endpoint) = app.endpoint.as_deref() else {
        return Ok(Redirect::to(&format!("/apps/{id}/set-up/token")).into_response());
    };
    let asked = Authorization { app: &app, endpoint, token, is_new_tenant: false };
    match console.hands().authorize(asked).await {
        Ok(()) => {
            note_asked(&console, &signed, "app_reauthorize", &app.name, Some(json!({"endpoint": endpoint})))
                .await?;
            Ok(Done::Reauthorized.at(&format!("/apps/{id}/auto-provisioning")))
        }
        Err(NotAuthorized::Store(error)) => Err(error.into()),
        Err(why) => again(sentence(&why.to_string())).await,
    }
}

/// A token without the white space around it.
fn cleaned(token: &SecretString) -> Result<SecretString, String> {
    let token = token.expose_secret().trim();
    if token.is_empty() {
        return Err("There is no token: paste the one that the app showed you.".to_owned());
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("A token has no white space inside: copy it whole, and nothing else with it.".to_owned());
    }
    Ok(SecretString::from(token))
}

#[cfg(test)]
impl TokenPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |kind: Sample, is_set_up: bool| {
            let title = if is_set_up { "Configure autoprovisioning" } else { "App authorization" };
            Self {
                frame: Frame::sample(kind, Place::Apps, title),
                bar: Bar { is_configured: !is_set_up, ..Bar::sample(kind, Tab::Other) },
                is_set_up,
                step: 1,
                endpoint: kind.url("https://scim.example.com/019a/scim/v2"),
                generated_in: "IAM Identity Center (Settings)",
                wrong: kind.wrong("There is no token: paste the one that the app showed you."),
            }
        };
        let refused = Some("The app refused the access token (401).".to_owned());
        let mut samples = Sample::all_but(&[Sample::Thousands], |kind| {
            page(kind, [Sample::Empty, Sample::Wrong].contains(&kind))
        });
        samples.push((Sample::Other, Self { wrong: refused, ..page(Sample::Other, false) }));
        samples
    }
}

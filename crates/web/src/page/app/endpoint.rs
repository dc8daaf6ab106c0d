//! The endpoint URL, the second step of *Configure autoprovisioning*: checked at the app, with the token of the step before.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use usher_store::app;

use super::token::DRAFT_FOR;
use super::{Bar, Tab, frame, note_asked, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, sentence};
use crate::hands::{Authorization, NotAuthorized};
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "app/endpoint.html")]
pub(crate) struct EndpointPage {
    frame: Frame,
    bar: Bar,
    is_set_up: bool,
    step: u8,
    endpoint: String,
    wrong: Option<String>,
    is_token_wrong: bool,
    /// That accounts are known at another endpoint.
    other_tenant: Option<String>,
}

/// Asks for it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id).await?))
}

async fn page(console: &Console, signed: &Signed, id: &str) -> Result<EndpointPage, Failure> {
    let (_, app) = read(console.store(), id).await?;
    Ok(EndpointPage {
        frame: frame(signed, "Configure autoprovisioning"),
        bar: Bar::new(&app, Tab::Other),
        is_set_up: true,
        step: 2,
        endpoint: app.endpoint.unwrap_or_default(),
        wrong: None,
        is_token_wrong: false,
        other_tenant: None,
    })
}

/// Checks endpoint and token at the app.
pub(crate) async fn check(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let after = console.now().before(DRAFT_FOR);
    let token = app::draft(&mut tx, console.store().keyring(), &app.id, &signed.admin, after).await?;
    drop(tx);
    let endpoint = fields.get("endpoint").trim().to_owned();
    let page = EndpointPage { endpoint: endpoint.clone(), ..page(&console, &signed, &id).await? };
    let Some(token) = token else {
        let wrong = Some("The access token is not here any more.".to_owned());
        return Ok(html(&EndpointPage { wrong, is_token_wrong: true, ..page }));
    };
    let is_new_tenant = fields.has("new_tenant");
    let asked = Authorization { app: &app, endpoint: &endpoint, token, is_new_tenant };
    match console.hands().authorize(asked).await {
        Ok(()) => {}
        Err(NotAuthorized::Token(why)) => {
            return Ok(html(&EndpointPage { wrong: Some(sentence(&why)), is_token_wrong: true, ..page }));
        }
        Err(NotAuthorized::Endpoint(why)) => {
            return Ok(html(&EndpointPage { wrong: Some(sentence(&why)), ..page }));
        }
        Err(other @ NotAuthorized::OtherTenant { .. }) => {
            return Ok(html(&EndpointPage { other_tenant: Some(sentence(&other.to_string())), ..page }));
        }
        Err(NotAuthorized::Store(error)) => return Err(error.into()),
    }
    let mut tx = console.store().begin("web::endpoint").await?;
    app::drop_drafts(&mut tx, &app.id, after).await?;
    tx.commit().await?;
    let after = json!({"endpoint": endpoint, "new_tenant": is_new_tenant});
    note_asked(&console, &signed, "app_authorize", &app.name, Some(after)).await?;
    Ok(Redirect::to(&format!("/apps/{id}/set-up/mapping")).into_response())
}

#[cfg(test)]
impl EndpointPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |kind: Sample| {
            let is_new = kind == Sample::Empty;
            let others = || {
                let accounts = crate::frame::number_of(kind.count(), "account is", "accounts are");
                format!(
                    "{accounts} on record at https://scim.example.com, and another endpoint means another tenant."
                )
            };
            Self {
                frame: Frame::sample(kind, Place::Apps, "Configure autoprovisioning"),
                bar: Bar { is_configured: !is_new, ..Bar::sample(kind, Tab::Other) },
                is_set_up: true,
                step: 2,
                endpoint: if is_new {
                    String::new()
                } else {
                    kind.url("https://scim.example.com/019a/scim/v2")
                },
                wrong: kind.wrong("The app refused the access token (401)."),
                is_token_wrong: kind == Sample::Wrong,
                other_tenant: kind.has_more().then(others),
            }
        };
        let silent = Some("https://scim.example.com does not answer.".to_owned());
        let mut samples = Sample::all(page);
        samples.push((Sample::Other, Self { wrong: silent, ..page(Sample::Other) }));
        samples
    }
}

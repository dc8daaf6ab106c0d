//! *SSO*: what the app's SAML service provider says of itself, and the directory's metadata to download.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use usher_store::app::{self, SignOn};
use usher_store::directory::{self, DirectoryKind};

use super::{Bar, Tab, by, find, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::identity_provider;
use crate::notebook::{Deed, note};
use crate::posted::Posted;
use crate::session::Signed;

/// The longest entity id (SAML 2.0 core §8.3.6).
const MAX_ENTITY_ID_CHARS: usize = 1_024;

/// The page.
#[derive(Template)]
#[template(path = "app/sso.html")]
pub(crate) struct SsoPage {
    frame: Frame,
    bar: Bar,
    is_embedded: bool,
    entity_id: String,
    certificate_until: Option<String>,
    acs_url: String,
    sp_entity_id: String,
    wrong: Option<String>,
    saved: bool,
}

#[derive(Deserialize)]
pub(crate) struct Details {
    acs_url: String,
    entity_id: String,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id).await?))
}

async fn page(console: &Console, signed: &Signed, id: &str) -> Result<SsoPage, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let directory = directory::by_id(&mut tx, &app.directory).await?;
    let provider = directory::identity_provider(&mut tx, &app.directory).await?;
    let sign_on = app::sign_on(&mut tx, &app.id).await?;
    let (acs_url, sp_entity_id) = sign_on.map(|it| (it.acs_url, it.entity_id)).unwrap_or_default();
    Ok(SsoPage {
        frame: frame(signed, "SSO"),
        bar: Bar::new(&app, Tab::Other),
        is_embedded: directory.is_some_and(|directory| directory.kind == DirectoryKind::Embedded),
        entity_id: identity_provider::entity_id(console.address(), &app.directory),
        certificate_until: provider.map(|provider| provider.expires_at.date()),
        acs_url,
        sp_entity_id,
        wrong: None,
        saved: false,
    })
}

/// Takes what the service provider says of itself.
pub(crate) async fn save(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Details { acs_url, entity_id }): Posted<Details>,
) -> Result<Response, Failure> {
    let (acs_url, entity_id) = (acs_url.trim().to_owned(), entity_id.trim().to_owned());
    if let Some(wrong) = wrong(&acs_url, &entity_id) {
        let page = page(&console, &signed, &id).await?;
        return Ok(html(&SsoPage { acs_url, sp_entity_id: entity_id, wrong: Some(wrong), ..page }));
    }
    let mut tx = console.store().begin("web::sso").await?;
    let app = find(&mut tx, &id).await?;
    let shown = |sign_on: &SignOn| json!({"acs_url": sign_on.acs_url, "entity_id": sign_on.entity_id});
    let before = app::sign_on(&mut tx, &app.id).await?.as_ref().map(shown);
    let after = SignOn { acs_url, entity_id, set_at: console.now() };
    app::set_sign_on(&mut tx, &app.id, &after).await?;
    let deed = Deed { kind: "app_sso", subject: &app.name, before, after: Some(shown(&after)) };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    Ok(html(&SsoPage { saved: true, ..page(&console, &signed, &id).await? }))
}

fn wrong(acs_url: &str, entity_id: &str) -> Option<String> {
    let is_url =
        url::Url::parse(acs_url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    if !is_url {
        return Some("The ACS URL is not a web address: copy it from the service provider metadata, https:// included.".into());
    }
    let is_id = !entity_id.is_empty()
        && entity_id.chars().count() <= MAX_ENTITY_ID_CHARS
        && !entity_id.chars().any(|c| c.is_whitespace() || c.is_control());
    (!is_id).then(|| "The entity ID is empty, too long, or has white space in it: copy it from the service provider metadata.".into())
}

/// Sends the directory's metadata.
pub(crate) async fn metadata(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let directory = directory::by_id(&mut tx, &app.directory).await?;
    drop(tx);
    if directory.is_none_or(|directory| directory.kind != DirectoryKind::Embedded) {
        return Err(Failure::NotFound);
    }
    let provider = identity_provider::of(&console, &app.directory).await?;
    let file = identity_provider::metadata(console.address(), &app.directory, &provider);
    let headers = [
        (CONTENT_TYPE, "application/samlmetadata+xml"),
        (CONTENT_DISPOSITION, "attachment; filename=\"UsherIDPMetadata.xml\""),
    ];
    Ok((headers, file).into_response())
}

#[cfg(test)]
impl SsoPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |kind: Sample| {
            let url = if kind == Sample::Empty { String::new() } else { kind.url("https://acs.example.com") };
            Self {
                frame: Frame::sample(kind, Place::Apps, "SSO"),
                bar: Bar::sample(kind, Tab::Other),
                is_embedded: true,
                entity_id: "http://127.0.0.1:8080/saml/019a".into(),
                certificate_until: (kind != Sample::Empty).then(|| "2031-11-30".to_owned()),
                acs_url: url.clone(),
                sp_entity_id: url,
                wrong: kind.wrong("The ACS URL is not a web address."),
                saved: false,
            }
        };
        let mirror = Self { is_embedded: false, certificate_until: None, ..page(Sample::Other) };
        let seen = |kind| Self { frame: Frame::sample(kind, Place::Apps, "SSO").of_auditor(), ..page(kind) };
        let mut samples = Sample::all_but(&[Sample::Thousands], page);
        samples.extend([
            (Sample::Other, mirror),
            (Sample::Other, Self { saved: true, ..page(Sample::Other) }),
            (Sample::Other, seen(Sample::Empty)),
            (Sample::Other, seen(Sample::Long)),
        ]);
        samples
    }
}

//! *Add a Google Workspace*, and *Sign-in at Google*: the service account that reads a directory, whose key is sent once and never
//! shown again.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::SecretString;
use serde_json::json;
use usher_model::id::DirectoryId;
use usher_store::directory;

use super::sent_file::{SentFile, bytes, text};
use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant};
use crate::hands::{Job, NewGoogle};
use crate::page::app::note_asked;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// The largest key file: Google's have about 2 KiB.
const MAX_KEY_BYTES: usize = 64 * 1024;

/// The page.
#[derive(Template)]
#[template(path = "directory/google.html")]
pub(crate) struct GooglePage {
    frame: Frame,
    /// The directory, where it is there.
    known: Option<Known>,
    action: String,
    filled: Filled,
    wrong: Option<String>,
}

struct Known {
    id: String,
    name: String,
    customer: Option<String>,
    set_at: String,
    freshness: String,
    check: String,
}

/// What is in the form, but for the key.
#[derive(Clone, Debug, Default)]
struct Filled {
    name: String,
    admin: String,
    customer: String,
    api_root: String,
}

/// Shows it for a new directory.
pub(crate) async fn show_new(Extension(signed): Extension<Signed>) -> Response {
    html(&new_page(&signed, Filled { name: "google".to_owned(), ..Filled::default() }, None))
}

fn new_page(signed: &Signed, filled: Filled, wrong: Option<String>) -> GooglePage {
    GooglePage {
        frame: frame(signed, Tab::Google, "Add a Google Workspace"),
        known: None,
        action: "/directories/add-google".to_owned(),
        filled,
        wrong,
    }
}

/// Shows it for one that is there.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, Filled::default(), None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    filled: Filled,
    wrong: Option<String>,
) -> Result<GooglePage, Failure> {
    let (mut tx, found, bar): (_, _, Bar) = read(console.store(), signed, id, Tab::Google).await?;
    let google = directory::google(&mut tx, &found.id).await?.ok_or(Failure::NotFound)?;
    let known = Known {
        freshness: super::freshness(&mut tx, &found).await?,
        customer: directory::google_customer_id(&mut tx, &found.id).await?,
        set_at: instant(google.credential_set_at),
        check: bar.at("google/check"),
        id: bar.id.clone(),
        name: found.name,
    };
    Ok(GooglePage {
        frame: frame(signed, Tab::Google, "Sign-in at Google"),
        known: Some(known),
        action: bar.at("google"),
        filled,
        wrong,
    })
}

/// Reads the form; or says what is missing, with what was filled in.
async fn sent(request: Request, signed: &Signed) -> Result<(Filled, Option<SecretString>), Failure> {
    let mut form = SentFile::begin(request, signed).await?;
    let (mut filled, mut key) = (Filled::default(), None);
    while let Some(field) = form.next().await? {
        match field.name().unwrap_or_default().to_owned().as_str() {
            "name" => text(field).await?.trim().clone_into(&mut filled.name),
            "admin" => text(field).await?.trim().clone_into(&mut filled.admin),
            "customer" => text(field).await?.trim().clone_into(&mut filled.customer),
            "api_root" => text(field).await?.trim().clone_into(&mut filled.api_root),
            "key" => {
                let read = bytes(field, MAX_KEY_BYTES).await?;
                let read = String::from_utf8(read).ok().filter(|read| !read.trim().is_empty());
                key = read.map(SecretString::from);
            }
            _ => {}
        }
    }
    Ok((filled, key))
}

const NO_KEY: &str =
    "Choose the key file of the service account: Google gives it out as JSON when a key is made.";

impl Filled {
    fn wanted(&self, key: SecretString) -> NewGoogle {
        let optional = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        NewGoogle {
            name: self.name.clone(),
            admin: self.admin.clone(),
            key,
            customer: optional(&self.customer),
            api_root: optional(&self.api_root),
        }
    }
}

/// Adds one, if it lets its reader in.
pub(crate) async fn add(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    request: Request,
) -> Result<Response, Failure> {
    let (filled, key) = sent(request, &signed).await?;
    let Some(key) = key else { return Ok(html(&new_page(&signed, filled, Some(NO_KEY.to_owned())))) };
    if filled.name.is_empty() || filled.name.chars().any(char::is_control) || filled.name.chars().count() > 64
    {
        let wrong = "The name of a directory has 1 to 64 letters.".to_owned();
        return Ok(html(&new_page(&signed, filled, Some(wrong))));
    }
    let after = json!({"admin": filled.admin, "customer": filled.customer});
    note_asked(&console, &signed, "directory_add", &filled.name, Some(after)).await?;
    begin(&console, Job::AddGoogle(filled.wanted(key))).await
}

/// Gives one another key, if that lets its reader in.
pub(crate) async fn authorize(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let (filled, key) = sent(request, &signed).await?;
    let Some(key) = key else {
        return Ok(html(&page(&console, &signed, &id, filled, Some(NO_KEY.to_owned())).await?));
    };
    let (tx, found, _) = read(console.store(), &signed, &id, Tab::Google).await?;
    drop(tx);
    let filled = Filled { name: found.name, ..filled };
    let after = json!({"admin": filled.admin});
    note_asked(&console, &signed, "directory_authorize", &filled.name, Some(after)).await?;
    begin(&console, Job::AuthorizeGoogle(filled.wanted(key))).await
}

/// Asks how one stands.
pub(crate) async fn check(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted(_): Posted<Fields>,
) -> Result<Response, Failure> {
    begin(&console, Job::CheckGoogle(DirectoryId::new(id))).await
}

async fn begin(console: &Console, job: Job) -> Result<Response, Failure> {
    let job = console.hands().begin(job).await?;
    Ok(Redirect::to(&format!("/directories/checks/{}", job.0)).into_response())
}

#[cfg(test)]
impl GooglePage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let known = |kind: Sample| Known {
            id: "019d".into(),
            name: kind.name(0, "google"),
            customer: (kind != Sample::Wrong).then(|| "C01".to_owned()),
            set_at: "2026-11-30 02:50 UTC".into(),
            freshness: "listed 2026-11-30 09:00 UTC".into(),
            check: "/directories/019d/google/check".into(),
        };
        let filled = |kind: Sample| Filled {
            name: kind.name(0, "google"),
            admin: kind.address("admin@example.com"),
            customer: "C01".into(),
            api_root: kind.url("http://127.0.0.1:8082"),
        };
        let page = |kind: Sample| {
            let is_new = kind == Sample::Empty;
            let title = if is_new { "Add a Google Workspace" } else { "Sign-in at Google" };
            Self {
                frame: Frame::sample(kind, Place::Directories, title),
                known: (!is_new).then(|| known(kind)),
                action: "/directories/add-google".into(),
                filled: if is_new { Filled::default() } else { filled(kind) },
                wrong: kind.wrong(NO_KEY),
            }
        };
        let again = |kind: Sample| (kind, Self { known: None, wrong: Some(NO_KEY.to_owned()), ..page(kind) });
        let mut samples = Sample::all_but(&[Sample::Thousands, Sample::Held], page);
        samples.extend([Sample::Wrong, Sample::Long, Sample::RightToLeft].map(again));
        samples
    }
}

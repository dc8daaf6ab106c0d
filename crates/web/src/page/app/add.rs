//! *Add app*: the catalogue.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use usher_model::template as catalogue;
use usher_store::{app, directory};

use super::by;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, TURNED, html, is_turning, sentence};
use crate::hands::{NewApp, Refused};
use crate::notebook::{Deed, note};
use crate::posted::Posted;
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "app/add.html")]
pub(crate) struct AddPage {
    frame: Frame,
    catalogue: Vec<Entry>,
    directories: Vec<String>,
    wrong: Option<String>,
}

struct Entry {
    key: &'static str,
    name: &'static str,
    about: &'static str,
    suggested: String,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    name: String,
    template: String,
    #[serde(default)]
    directory: Option<String>,
}

/// Shows the catalogue.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, None).await?))
}

async fn page(console: &Console, signed: &Signed, wrong: Option<String>) -> Result<AddPage, Failure> {
    let mut tx = console.store().read("web::add_app").await?;
    let taken: Vec<String> = app::list(&mut tx).await?.into_iter().map(|app| app.name).collect();
    let directories = directory::list(&mut tx).await?.into_iter().map(|directory| directory.name);
    Ok(AddPage {
        frame: Frame::new(signed, Place::Apps, "Add app"),
        catalogue: catalogue::Template::all().iter().map(|template| entry(template, &taken)).collect(),
        directories: directories.collect(),
        wrong,
    })
}

fn entry(template: &catalogue::Template, taken: &[String]) -> Entry {
    let about = match template.key {
        "aws" => "IAM Identity Center: people, groups and memberships, within its published limits.",
        _ => "Whatever speaks SCIM 2.0 (RFC 7644).",
    };
    let mut names =
        (1..).map(|n| if n == 1 { template.key.to_owned() } else { format!("{}-{n}", template.key) });
    let suggested = names.find(|name| !taken.contains(name)).unwrap_or_default();
    Entry { key: template.key, name: template.name, about, suggested }
}

/// Makes an app.
pub(crate) async fn add(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Posted(Asked { name, template, directory }): Posted<Asked>,
) -> Result<Response, Failure> {
    if catalogue::Template::by_key(&template).is_none() {
        return Err(Failure::Unreadable(format!("there is no template {template:?}")));
    }
    if name.chars().any(is_turning) {
        return Ok(html(&page(&console, &signed, Some(TURNED.to_owned())).await?));
    }
    let mut tx = console.store().begin("web::add_app").await?;
    let new = NewApp { name: name.trim(), template: &template, directory: directory.as_deref() };
    let id = match console.hands().add(&mut tx, new).await {
        Ok(id) => id,
        Err(refused) => {
            tx.rollback().await?;
            return match refused {
                Refused::Because(why) => Ok(html(&page(&console, &signed, Some(sentence(&why))).await?)),
                Refused::Store(error) => Err(error.into()),
            };
        }
    };
    let after = Some(json!({"template": template}));
    let deed = Deed { kind: "app_add", subject: name.trim(), before: None, after };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/apps/{id}")).into_response())
}

#[cfg(test)]
impl AddPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        Sample::all_but(&[Sample::Thousands, Sample::Held], |kind| {
            let taken = vec!["aws".to_owned(); usize::from(kind != Sample::Empty)];
            Self {
                frame: Frame::sample(kind, Place::Apps, "Add app"),
                catalogue: catalogue::Template::all()
                    .iter()
                    .map(|template| entry(template, &taken))
                    .collect(),
                directories: (0..kind.rows(1)).map(|n| kind.name(n, "embedded")).collect(),
                wrong: kind.wrong("There is an app named aws already: choose another name."),
            }
        })
    }
}

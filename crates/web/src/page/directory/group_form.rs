//! *Create group* and *Edit*: address, name, description.

use std::collections::BTreeSet;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use usher_model::id::GroupId;
use usher_store::directory;

use super::resource::Resource;
use super::{Bar, Edited, Tab, edit, editable, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::DirectoryEdit;
use crate::posted::Posted;
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "directory/group_form.html")]
pub(crate) struct GroupFormPage {
    frame: Frame,
    bar: Bar,
    action: String,
    cancel: String,
    button: &'static str,
    filled: Filled,
    wrong: Option<String>,
}

/// What is in the form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    description: String,
}

impl Filled {
    fn resource(&self) -> Resource {
        let mut resource = Resource::new();
        resource.insert("name".to_owned(), json!(self.name.trim()));
        resource.insert("email".to_owned(), json!(self.email.trim()));
        resource.insert("description".to_owned(), json!(self.description.trim()));
        resource
    }
}

async fn page(
    console: &Console,
    signed: &Signed,
    (id, group): (&str, Option<&str>),
    filled: Option<Filled>,
    wrong: Option<String>,
) -> Result<GroupFormPage, Failure> {
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Groups).await?;
    editable(&bar)?;
    let bar = bar.below();
    let known = match group {
        Some(group) => {
            let ids = BTreeSet::from([GroupId::new(group)]);
            let known = directory::groups(&mut tx, &found.id, &ids).await?.into_values().next();
            Some(known.ok_or(Failure::NotFound)?)
        }
        None => None,
    };
    let title =
        known.as_ref().map_or_else(|| "Create group".to_owned(), |of| format!("Edit {}", of.group.name));
    let is_new = known.is_none();
    let filled = filled.unwrap_or_else(|| {
        known.map_or_else(Filled::default, |of| {
            let text = of.resource.get("description").and_then(serde_json::Value::as_str);
            let description = text.unwrap_or_default().to_owned();
            Filled { description, name: of.group.name, email: of.group.email.to_string() }
        })
    });
    Ok(GroupFormPage {
        frame: frame(signed, Tab::Groups, title),
        action: group.map_or_else(|| bar.at("new-group"), |group| format!("{}/edit", bar.group(group))),
        cancel: group.map_or_else(|| bar.at("groups"), |group| bar.group(group)),
        button: if is_new { "Create group" } else { "Update group" },
        bar,
        filled,
        wrong,
    })
}

/// Shows it for a new group.
pub(crate) async fn show_new(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, (&id, None), None, None).await?))
}

/// Shows it for one that is there.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, group)): Path<(String, String)>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, (&id, Some(&group)), None, None).await?))
}

/// Makes a group.
pub(crate) async fn create(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(filled): Posted<Filled>,
) -> Result<Response, Failure> {
    save(&console, &signed, (&id, None), filled).await
}

/// Changes one.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, group)): Path<(String, String)>,
    Posted(filled): Posted<Filled>,
) -> Result<Response, Failure> {
    save(&console, &signed, (&id, Some(&group)), filled).await
}

async fn save(
    console: &Console,
    signed: &Signed,
    (id, group): (&str, Option<&str>),
    filled: Filled,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), signed, id, Tab::Groups).await?;
    drop(tx);
    editable(&bar)?;
    let resource = filled.resource();
    let made = match group {
        Some(group) => DirectoryEdit::UpdateGroup { group: GroupId::new(group), resource },
        None => DirectoryEdit::CreateGroup(resource),
    };
    match edit(console, signed, &made).await? {
        Edited::Done(made) => {
            let of = made.or(group.map(str::to_owned));
            Ok(Redirect::to(&of.map_or_else(|| bar.at("groups"), |of| bar.group(&of))).into_response())
        }
        Edited::Refused(why) => Ok(html(&page(console, signed, (id, group), Some(filled), Some(why)).await?)),
    }
}

#[cfg(test)]
impl GroupFormPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        Sample::all_but(&[Sample::Thousands, Sample::Held], |kind| {
            let is_new = kind == Sample::Empty;
            let title =
                if is_new { "Create group".to_owned() } else { format!("Edit {}", kind.name(0, "Cloud")) };
            let filled = Filled {
                name: kind.name(0, "Cloud"),
                email: kind.address("cloud@example.com"),
                description: kind.name(1, "Whoever builds it."),
            };
            Self {
                frame: Frame::sample(kind, Place::Groups, &title),
                bar: Bar::sample(kind, Tab::Groups).below(),
                action: "/directories/019d/new-group".into(),
                cancel: "/directories/019d/groups".into(),
                button: if is_new { "Create group" } else { "Update group" },
                filled: if is_new { Filled::default() } else { filled },
                wrong: kind.wrong("The address is taken."),
            }
        })
    }
}

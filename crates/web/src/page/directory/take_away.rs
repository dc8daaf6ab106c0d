//! The dialogs that ask before a group, a unit, a domain or custom attributes go.

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use usher_model::directory::OrgUnitPath;
use usher_model::id::GroupId;
use usher_store::directory;

use super::confirm::{ConfirmPage, uses};
use super::{Bar, Edited, Tab, edit, editable, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{html, number_of};
use crate::hands::DirectoryEdit;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// How far members are counted for a question.
const COUNTED: usize = 10_000;

/// A question without people in it: what it is about, and where it leads.
struct Plain<'a> {
    tab: Tab,
    title: String,
    button: &'static str,
    text: Vec<String>,
    action: &'a str,
    cancel: &'a str,
    hidden: Vec<(&'static str, String)>,
    wrong: Option<String>,
}

fn plain(signed: &Signed, bar: Bar, of: Plain<'_>) -> Response {
    let Plain { tab, title, button, text, action, cancel, hidden, wrong } = of;
    html(&ConfirmPage {
        frame: frame(signed, tab, title),
        action: bar.at(action),
        cancel: bar.at(cancel),
        button,
        is_bad: true,
        text,
        units: Vec::new(),
        look: None,
        consequences: Vec::new(),
        hidden,
        wrong,
        bar: bar.below(),
    })
}

async fn group_page(
    console: &Console,
    signed: &Signed,
    id: &str,
    group: &str,
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Groups).await?;
    editable(&bar)?;
    let group_id = GroupId::new(group);
    let of = directory::group_by_id(&mut tx, &found.id, &group_id).await?.ok_or(Failure::NotFound)?;
    let counts = directory::count_members_up_to(&mut tx, &found.id, [&group_id], COUNTED).await?;
    let n = counts.values().sum::<u64>();
    let over = if n == COUNTED as u64 { " or more" } else { "" };
    let mut text = vec![format!(
        "{} is deleted, and its {}{over} are members of it no more. A deleted group cannot be restored.",
        of.email,
        number_of(n, "member", "members")
    )];
    text.extend(uses(&mut tx, &found, &group_id).await?);
    let (action, cancel) =
        (format!("groups/{}/delete", super::segment(group)), format!("groups/{}", super::segment(group)));
    let title = format!("Delete {}?", of.name);
    let of = Plain {
        tab: Tab::Groups,
        title,
        button: "Delete",
        text,
        action: &action,
        cancel: &cancel,
        hidden: Vec::new(),
        wrong,
    };
    Ok(plain(signed, bar, of))
}

/// Asks about a group.
pub(crate) async fn ask_group(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, group)): Path<(String, String)>,
) -> Result<Response, Failure> {
    group_page(&console, &signed, &id, &group, None).await
}

/// Deletes it.
pub(crate) async fn delete_group(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, group)): Path<(String, String)>,
    Posted(_): Posted<Fields>,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), &signed, &id, Tab::Groups).await?;
    drop(tx);
    editable(&bar)?;
    match edit(&console, &signed, &DirectoryEdit::DeleteGroup(GroupId::new(group.as_str()))).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.at("groups")).into_response()),
        Edited::Refused(why) => group_page(&console, &signed, &id, &group, Some(why)).await,
    }
}

/// What of the organisation's structure is asked about: a unit's path, the name of a domain or of a schema.
#[derive(Deserialize)]
pub(crate) struct Named {
    of: String,
}

/// What of the organisation's structure is taken away.
#[derive(Clone, Copy, Debug)]
enum Part {
    Unit,
    Domain,
    Schema,
}

async fn part_page(
    console: &Console,
    signed: &Signed,
    (id, part, of): (&str, Part, &str),
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let tab = match part {
        Part::Unit => Tab::Units,
        Part::Domain => Tab::Domains,
        Part::Schema => Tab::Schemas,
    };
    let (_, _, bar) = read(console.store(), signed, id, tab).await?;
    editable(&bar)?;
    let (button, meaning, action, cancel) = match part {
        Part::Unit => (
            "Delete",
            "Only a unit that is empty can be deleted: without people, and without units below it.",
            "unit/delete",
            "units",
        ),
        Part::Domain => (
            "Remove",
            "Only a secondary domain in which nobody has a primary address can be removed.",
            "domain/remove",
            "domains",
        ),
        Part::Schema => (
            "Delete",
            "What people hold under it stays in their resources, and no form shows it any more.",
            "schema/delete",
            "schemas",
        ),
    };
    let of = Plain {
        tab,
        title: format!("{button} {of}?"),
        button,
        text: vec![meaning.to_owned()],
        action,
        cancel,
        hidden: vec![("of", of.to_owned())],
        wrong,
    };
    Ok(plain(signed, bar, of))
}

async fn take_away(
    console: &Console,
    signed: &Signed,
    (id, part, of): (&str, Part, &str),
) -> Result<Response, Failure> {
    let made = match part {
        Part::Unit => DirectoryEdit::DeleteUnit(
            OrgUnitPath::parse(of).map_err(|error| Failure::Unreadable(error.to_string()))?,
        ),
        Part::Domain => DirectoryEdit::RemoveDomain(of.to_owned()),
        Part::Schema => DirectoryEdit::DeleteSchema(of.to_owned()),
    };
    let (tx, _, bar) = read(console.store(), signed, id, Tab::Units).await?;
    drop(tx);
    editable(&bar)?;
    let back = match part {
        Part::Unit => "units",
        Part::Domain => "domains",
        Part::Schema => "schemas",
    };
    match edit(console, signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.at(back)).into_response()),
        Edited::Refused(why) => part_page(console, signed, (id, part, of), Some(why)).await,
    }
}

/// Asks about a unit.
pub(crate) async fn ask_unit(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(Named { of }): Query<Named>,
) -> Result<Response, Failure> {
    part_page(&console, &signed, (&id, Part::Unit, &of), None).await
}

/// Deletes it.
pub(crate) async fn delete_unit(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Named { of }): Posted<Named>,
) -> Result<Response, Failure> {
    take_away(&console, &signed, (&id, Part::Unit, &of)).await
}

/// Asks about a domain.
pub(crate) async fn ask_domain(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(Named { of }): Query<Named>,
) -> Result<Response, Failure> {
    part_page(&console, &signed, (&id, Part::Domain, &of), None).await
}

/// Removes it.
pub(crate) async fn remove_domain(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Named { of }): Posted<Named>,
) -> Result<Response, Failure> {
    take_away(&console, &signed, (&id, Part::Domain, &of)).await
}

/// Asks about custom attributes.
pub(crate) async fn ask_schema(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(Named { of }): Query<Named>,
) -> Result<Response, Failure> {
    part_page(&console, &signed, (&id, Part::Schema, &of), None).await
}

/// Deletes them.
pub(crate) async fn delete_schema(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Named { of }): Posted<Named>,
) -> Result<Response, Failure> {
    take_away(&console, &signed, (&id, Part::Schema, &of)).await
}

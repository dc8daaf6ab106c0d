//! *Create unit* and *Edit*: a unit's name, its place, and what it is for. Everybody in it goes along; where that changes
//! something at an app, it is said first.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use usher_model::directory::OrgUnitPath;
use usher_store::directory;

use super::confirm::ConfirmPage;
use super::{Bar, Choice, Edited, Tab, edit, editable, frame, read, unit_choices, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::DirectoryEdit;
use crate::posted::Posted;
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "directory/unit_form.html")]
pub(crate) struct UnitFormPage {
    frame: Frame,
    bar: Bar,
    action: String,
    button: &'static str,
    delete: Option<String>,
    parents: Vec<Choice>,
    filled: Filled,
    wrong: Option<String>,
}

/// What is in the form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filled {
    /// The unit; of a new one nothing.
    #[serde(default)]
    of: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    parent: String,
    #[serde(default)]
    description: String,
    /// The button; of the form itself nothing.
    #[serde(default, rename = "do")]
    button: String,
}

/// Which unit: one to be edited, or one below which there is to be another.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    of: String,
}

fn path(text: &str) -> Result<OrgUnitPath, Failure> {
    let text = if text.is_empty() { "/" } else { text };
    OrgUnitPath::parse(text).map_err(|error| Failure::Unreadable(error.to_string()))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    filled: Filled,
    wrong: Option<String>,
) -> Result<UnitFormPage, Failure> {
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Units).await?;
    editable(&bar)?;
    let is_new = filled.of.is_empty();
    let mut parents = unit_choices(&mut tx, &found.id, &path(&filled.parent)?).await?;
    if !is_new {
        // A unit is not put below itself.
        let own = path(&filled.of)?.folded();
        let below = format!("{}/", own.as_str());
        parents.retain(|choice| {
            let folded = choice.value.to_lowercase();
            folded != own.as_str() && !folded.starts_with(&below)
        });
    }
    Ok(UnitFormPage {
        frame: frame(
            signed,
            Tab::Units,
            if is_new { "Create unit".to_owned() } else { format!("Edit {}", filled.of) },
        ),
        action: bar.at(if is_new { "new-unit" } else { "unit" }),
        button: if is_new { "Create unit" } else { "Update unit" },
        delete: (!is_new).then(|| with_query(&bar.at("unit/delete"), &[("of", &filled.of)])),
        bar: bar.below(),
        parents,
        filled,
        wrong,
    })
}

/// Shows it for a new unit.
pub(crate) async fn show_new(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(Asked { of }): Query<Asked>,
) -> Result<Response, Failure> {
    let filled = Filled { parent: of, ..Filled::default() };
    Ok(html(&page(&console, &signed, &id, filled, None).await?))
}

/// Shows it for one that is there.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(Asked { of }): Query<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, found, _) = read(console.store(), &signed, &id, Tab::Units).await?;
    let wanted = path(&of)?;
    let all = directory::org_unit_records(&mut tx, &found.id).await?;
    drop(tx);
    let record =
        all.into_iter().find(|record| record.path.folded() == wanted.folded()).ok_or(Failure::NotFound)?;
    let text = record.resource.get("description").and_then(serde_json::Value::as_str);
    let filled = Filled {
        name: record.path.as_str().rsplit('/').next().unwrap_or_default().to_owned(),
        parent: record.path.parent().unwrap_or_else(OrgUnitPath::root).to_string(),
        description: text.unwrap_or_default().to_owned(),
        of: record.path.to_string(),
        button: String::new(),
    };
    Ok(html(&page(&console, &signed, &id, filled, None).await?))
}

/// Makes a unit.
pub(crate) async fn create(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(filled): Posted<Filled>,
) -> Result<Response, Failure> {
    let made = DirectoryEdit::CreateUnit {
        parent: path(&filled.parent)?,
        name: filled.name.trim().to_owned(),
        description: filled.description.trim().to_owned(),
    };
    save(&console, &signed, &id, Filled { of: String::new(), ..filled }, made).await
}

/// Renames one, moves it, or describes it in another way.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(filled): Posted<Filled>,
) -> Result<Response, Failure> {
    let made = DirectoryEdit::UpdateUnit {
        unit: path(&filled.of)?,
        parent: path(&filled.parent)?,
        name: filled.name.trim().to_owned(),
        description: filled.description.trim().to_owned(),
    };
    if filled.button != "do"
        && let Some(question) = question(&console, &signed, &id, &filled).await?
    {
        return Ok(html(&question));
    }
    save(&console, &signed, &id, filled, made).await
}

/// The question that comes before a move; none: at no app anything changes by it. A new name alone changes nothing there.
async fn question(
    console: &Console,
    signed: &Signed,
    id: &str,
    filled: &Filled,
) -> Result<Option<ConfirmPage>, Failure> {
    let (unit, parent) = (path(&filled.of)?, path(&filled.parent)?);
    if unit.parent().is_none_or(|above| above.folded() == parent.folded()) {
        return Ok(None);
    }
    let to = format!("{}/{}", parent.as_str().trim_end_matches('/'), filled.name.trim());
    // What is wrong with a name is said where the unit is edited.
    let Ok(to) = OrgUnitPath::parse(&to) else { return Ok(None) };
    let (tx, found, bar) = read(console.store(), signed, id, Tab::Units).await?;
    drop(tx);
    editable(&bar)?;
    let consequences = console.hands().consequences_of_move(&found.id, &unit, &to).await?;
    if consequences.is_empty() {
        return Ok(None);
    }
    let fields = [
        ("of", &filled.of),
        ("name", &filled.name),
        ("parent", &filled.parent),
        ("description", &filled.description),
    ];
    Ok(Some(ConfirmPage {
        frame: frame(signed, Tab::Units, format!("Move {unit} to {to}?")),
        action: bar.at("unit"),
        cancel: with_query(&bar.at("unit"), &[("of", &filled.of)]),
        button: "Move",
        is_bad: consequences.iter().any(|consequence| consequence.is_loss),
        text: vec!["Everybody in the unit goes along, and so does what apps say of it. The rest it inherits from where it is then.".to_owned()],
        units: Vec::new(),
        look: None,
        consequences,
        hidden: fields.into_iter().map(|(name, value)| (name, value.clone())).collect(),
        bar: bar.below(),
        wrong: None,
    }))
}

async fn save(
    console: &Console,
    signed: &Signed,
    id: &str,
    filled: Filled,
    made: DirectoryEdit,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), signed, id, Tab::Units).await?;
    drop(tx);
    editable(&bar)?;
    match edit(console, signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.at("units")).into_response()),
        Edited::Refused(why) => Ok(html(&page(console, signed, id, filled, Some(why)).await?)),
    }
}

#[cfg(test)]
impl UnitFormPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let parent = |kind: Sample, n: usize| {
            let path = if n == 0 { "/".to_owned() } else { format!("/{}", kind.name(n, &n.to_string())) };
            Choice::new(path.clone(), path, "/1")
        };
        Sample::all_but(&[Sample::Held], |kind| {
            let is_new = kind == Sample::Empty;
            let of = format!("/{}", kind.name(0, "Sales"));
            let title = if is_new { "Create unit".to_owned() } else { format!("Edit {of}") };
            let filled = Filled {
                of,
                name: kind.name(0, "Sales"),
                parent: "/".into(),
                description: kind.name(1, "Whoever sells it."),
                button: String::new(),
            };
            Self {
                frame: Frame::sample(kind, Place::Units, &title),
                bar: Bar::sample(kind, Tab::Units).below(),
                action: "/directories/019d/new-unit".into(),
                button: if is_new { "Create unit" } else { "Update unit" },
                delete: (!is_new).then(|| "/directories/019d/unit/delete?of=x".to_owned()),
                parents: (0..=kind.rows(1_000)).map(|n| parent(kind, n)).collect(),
                filled: if is_new { Filled::default() } else { filled },
                wrong: kind.wrong("The name is taken."),
            }
        })
    }
}

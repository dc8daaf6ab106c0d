//! *Add custom attributes* and *Edit*: a schema's name and its fields. A field that is left out goes with the next update.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use usher_store::directory;

use super::schemas::{SchemaField, TYPES, display_name};
use super::{Bar, Choice, Edited, Tab, edit, editable, frame, read, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::DirectoryEdit;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// How many empty fields a form has for more.
const EMPTY: usize = 4;
/// The most fields of a schema, as at Google.
const MAX_FIELDS: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "directory/schema_form.html")]
pub(crate) struct SchemaFormPage {
    frame: Frame,
    bar: Bar,
    action: String,
    button: &'static str,
    delete: Option<String>,
    filled: Filled,
    rows: Vec<Row>,
    wrong: Option<String>,
}

/// What is in the form.
#[derive(Clone, Debug, Default)]
struct Filled {
    name: String,
    display_name: String,
    fields: Vec<SchemaField>,
}

struct Row {
    n: usize,
    name: String,
    types: Vec<Choice>,
    is_several: bool,
}

/// Which schema.
#[derive(Deserialize)]
pub(crate) struct Asked {
    of: String,
}

impl Filled {
    fn sent(fields: &Fields) -> Self {
        let row = |n: usize| {
            let name = fields.get(&format!("name-{n}")).trim().to_owned();
            let kind = fields.get(&format!("type-{n}")).to_owned();
            let field = SchemaField { name, kind, is_several: fields.has(&format!("several-{n}")) };
            Some(field).filter(|field| !field.name.is_empty())
        };
        Self {
            name: fields.get("name").trim().to_owned(),
            display_name: fields.get("display_name").trim().to_owned(),
            fields: (0..MAX_FIELDS + EMPTY).filter_map(row).collect(),
        }
    }

    /// As the Directory API takes them. Of a field that was there, what the form does not speak of stays.
    fn specs(&self, before: &[Json]) -> Vec<Json> {
        let spec = |field: &SchemaField| {
            let same =
                before.iter().find(|spec| spec.get("fieldName").and_then(Json::as_str) == Some(&field.name));
            let mut spec = same.cloned().unwrap_or_else(|| json!({}));
            if let Some(spec) = spec.as_object_mut() {
                spec.insert("fieldName".to_owned(), field.name.as_str().into());
                spec.insert("fieldType".to_owned(), field.kind.as_str().into());
                spec.insert("multiValued".to_owned(), field.is_several.into());
            }
            spec
        };
        self.fields.iter().map(spec).collect()
    }

    fn rows(&self) -> Vec<Row> {
        let empty =
            std::iter::repeat_n(SchemaField { kind: "STRING".into(), ..SchemaField::default() }, EMPTY);
        let all = self.fields.iter().cloned().chain(empty).enumerate();
        all.map(|(n, field)| Row {
            n,
            types: TYPES.iter().map(|(value, words)| Choice::new(*value, *words, &field.kind)).collect(),
            name: field.name,
            is_several: field.is_several,
        })
        .collect()
    }
}

fn page(
    signed: &Signed,
    bar: Bar,
    of: Option<&str>,
    filled: Filled,
    wrong: Option<String>,
) -> SchemaFormPage {
    let title =
        of.map_or_else(|| "Add custom attributes".to_owned(), |_| format!("Edit {}", filled.display_name));
    SchemaFormPage {
        frame: frame(signed, Tab::Schemas, title),
        action: of.map_or_else(|| bar.at("new-schema"), |of| with_query(&bar.at("schema"), &[("of", of)])),
        button: if of.is_some() { "Update attributes" } else { "Add attributes" },
        delete: of.map(|of| with_query(&bar.at("schema/delete"), &[("of", of)])),
        rows: filled.rows(),
        bar: bar.below(),
        filled,
        wrong,
    }
}

/// Shows it for new ones.
pub(crate) async fn show_new(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (_, _, bar) = read(console.store(), &signed, &id, Tab::Schemas).await?;
    editable(&bar)?;
    Ok(html(&page(&signed, bar, None, Filled::default(), None)))
}

/// Shows it for those that are there.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(Asked { of }): Query<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), &signed, &id, Tab::Schemas).await?;
    editable(&bar)?;
    let all = directory::schema_records(&mut tx, &found.id).await?;
    let record = all.into_iter().find(|record| record.name == of).ok_or(Failure::NotFound)?;
    let (display_name, fields) = (display_name(&record), SchemaField::all(&record));
    let filled = Filled { name: record.name, display_name, fields };
    Ok(html(&page(&signed, bar, Some(&of), filled, None)))
}

/// Makes some.
pub(crate) async fn create(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), &signed, &id, Tab::Schemas).await?;
    drop(tx);
    editable(&bar)?;
    let filled = Filled::sent(&fields);
    let made = DirectoryEdit::CreateSchema {
        name: filled.name.clone(),
        display_name: filled.display_name.clone(),
        fields: filled.specs(&[]),
    };
    match edit(&console, &signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.at("schemas")).into_response()),
        Edited::Refused(why) => Ok(html(&page(&signed, bar, None, filled, Some(why)))),
    }
}

/// Changes some.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(Asked { of }): Query<Asked>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), &signed, &id, Tab::Schemas).await?;
    editable(&bar)?;
    let all = directory::schema_records(&mut tx, &found.id).await?;
    drop(tx);
    let record = all.into_iter().find(|record| record.name == of).ok_or(Failure::NotFound)?;
    let before = record.resource.get("fields").and_then(Json::as_array).cloned().unwrap_or_default();
    let filled = Filled { name: of.clone(), ..Filled::sent(&fields) };
    let made = DirectoryEdit::UpdateSchema {
        name: of.clone(),
        display_name: filled.display_name.clone(),
        fields: filled.specs(&before),
    };
    match edit(&console, &signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.at("schemas")).into_response()),
        Edited::Refused(why) => Ok(html(&page(&signed, bar, Some(&of), filled, Some(why)))),
    }
}

#[cfg(test)]
impl SchemaFormPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::{LONG, Sample};

        let page = |kind: Sample, n: usize| {
            let name = if kind == Sample::Long { LONG } else { "Employment" };
            let field = |n: usize| SchemaField {
                name: if kind == Sample::Long { LONG.into() } else { format!("field_{n}") },
                kind: "BOOL".into(),
                is_several: n == 1,
            };
            let filled = Filled {
                name: name.into(),
                display_name: kind.name(1, "Employment"),
                fields: (0..n).map(field).collect(),
            };
            let is_new = kind == Sample::Empty;
            let filled = if is_new { Filled::default() } else { filled };
            let title = if is_new {
                "Add custom attributes".to_owned()
            } else {
                format!("Edit {}", filled.display_name)
            };
            Self {
                frame: Frame::sample(kind, Place::Directories, &title),
                bar: Bar::sample(kind, Tab::Schemas).below(),
                action: "/directories/019d/new-schema".into(),
                button: if is_new { "Add attributes" } else { "Update attributes" },
                delete: (!is_new).then(|| "/directories/019d/schema/delete?of=x".to_owned()),
                rows: filled.rows(),
                filled,
                wrong: kind.wrong("Custom attributes need a name."),
            }
        };
        let mut samples =
            Sample::all_but(&[Sample::Thousands, Sample::Held], |kind| page(kind, kind.rows(MAX_FIELDS)));
        samples.push((Sample::Other, page(Sample::Other, MAX_FIELDS)));
        samples
    }
}

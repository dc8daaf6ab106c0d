//! *Custom attributes*: the schemas of a directory with their fields.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value as Json;
use usher_store::directory::{self, SchemaRecord};

use super::{Bar, Tab, frame, read, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::session::Signed;

/// The types of fields, as Google's API and its console call them.
pub(crate) const TYPES: [(&str, &str); 7] = [
    ("STRING", "Text"),
    ("INT64", "Whole number"),
    ("DOUBLE", "Decimal number"),
    ("BOOL", "Yes or no"),
    ("EMAIL", "Email"),
    ("PHONE", "Phone"),
    ("DATE", "Date"),
];

/// The page.
#[derive(Template)]
#[template(path = "directory/schemas.html")]
pub(crate) struct SchemasPage {
    frame: Frame,
    bar: Bar,
    schemas: Vec<Schema>,
}

struct Schema {
    id: String,
    name: String,
    display_name: String,
    fields: Vec<SchemaField>,
    edit: String,
}

/// One field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SchemaField {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) is_several: bool,
}

impl SchemaField {
    /// The fields of a schema.
    pub(crate) fn all(record: &SchemaRecord) -> Vec<Self> {
        let text =
            |spec: &Json, name: &str| spec.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let fields = record.resource.get("fields").and_then(Json::as_array).into_iter().flatten();
        let field = |spec: &Json| Self {
            name: text(spec, "fieldName"),
            kind: text(spec, "fieldType"),
            is_several: spec.get("multiValued").and_then(Json::as_bool).unwrap_or(false),
        };
        fields.map(field).collect()
    }

    pub(crate) fn words(&self) -> &str {
        TYPES.iter().find(|(kind, _)| *kind == self.kind).map_or(self.kind.as_str(), |(_, words)| words)
    }
}

/// What people call a schema.
pub(crate) fn display_name(record: &SchemaRecord) -> String {
    let name = record.resource.get("displayName").and_then(Json::as_str);
    name.unwrap_or(&record.name).to_owned()
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), &signed, &id, Tab::Schemas).await?;
    let records = directory::schema_records(&mut tx, &found.id).await?;
    let schemas = records.into_iter().enumerate().map(|(n, record)| Schema {
        id: format!("schema-{n}"),
        fields: SchemaField::all(&record),
        display_name: display_name(&record),
        edit: with_query(&bar.at("schema"), &[("of", &record.name)]),
        name: record.name,
    });
    let schemas = schemas.collect();
    Ok(html(&SchemasPage { frame: frame(&signed, Tab::Schemas, "Custom attributes"), bar, schemas }))
}

#[cfg(test)]
impl SchemasPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::{LONG, Sample};

        let field = |kind: Sample, n: usize| SchemaField {
            name: if kind == Sample::Long { LONG.into() } else { format!("field_{n}") },
            kind: "STRING".into(),
            is_several: n == 1,
        };
        let schema = |kind: Sample, n: usize| Schema {
            id: format!("schema-{n}"),
            name: if kind == Sample::Long { LONG.into() } else { format!("Employment_{n}") },
            display_name: kind.name(n, &format!("Employment {n}")),
            fields: (0..kind.rows(10)).map(|n| field(kind, n)).collect(),
            edit: "/directories/019d/schema?of=x".into(),
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Directories, "Custom attributes"),
            bar: Bar::sample(kind, Tab::Schemas),
            schemas: (0..kind.rows(100)).map(|n| schema(kind, n)).collect(),
        };
        let mut samples = Sample::all_but(&[Sample::Wrong, Sample::Held], page);
        samples.push((
            Sample::Other,
            Self { bar: Bar::mirror(Sample::Other, Tab::Schemas), ..page(Sample::Other) },
        ));
        samples
    }
}

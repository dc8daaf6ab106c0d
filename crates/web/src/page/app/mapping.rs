//! Attribute mapping: the third step of *Configure autoprovisioning*, and *Edit → Update* later, with what it makes of a real
//! person beside it.

use std::collections::BTreeSet;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use usher_model::id::Email;
use usher_model::mapping::Mapping;
use usher_model::mapping::source::Source;
use usher_model::template as catalogue;
use usher_store::Tx;
use usher_store::app::App;
use usher_store::directory::{self, Place as Address, Roll};

use super::change::{Committed, STALE, commit};
use super::done::Done;
use super::plan::begin;
use super::{Bar, Tab, frame, read, template};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, sentence};
use crate::hands::Edit;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// What fields of the Directory API's user are offered; any other may be typed.
const SOURCES: &[&str] = &[
    "user.primaryEmail",
    "user.id",
    "user.name.givenName",
    "user.name.familyName",
    "user.name.fullName",
    "user.name.displayName",
    "user.organizations[0].title",
    "user.organizations[0].department",
    "user.organizations[0].costCenter",
    "user.organizations[0].name",
    "user.phones[0].value",
    "user.addresses[0].formatted",
    "user.locations[0].buildingId",
    "user.relations[0].value",
    "user.externalIds[0].value",
    "user.languages[0].languageCode",
    "user.orgUnitPath",
];

/// The page.
#[derive(Template)]
#[template(path = "app/mapping.html")]
pub(crate) struct MappingPage {
    frame: Frame,
    bar: Bar,
    is_set_up: bool,
    step: u8,
    version: i64,
    sections: Vec<Section>,
    sources: &'static [&'static str],
    person: String,
    mapped: Result<Vec<(String, String)>, String>,
    wrong: Option<String>,
}

/// What the mapping makes of somebody, alone: asked for while it is typed.
#[derive(Template)]
#[template(path = "app/mapped.html")]
pub(crate) struct MappedPart {
    bar: Bar,
    mapped: Result<Vec<(String, String)>, String>,
}

struct Section {
    name: &'static str,
    is_folded: bool,
    fields: Vec<Field>,
}

struct Field {
    id: String,
    path: String,
    label: &'static str,
    source: String,
    is_mandatory: bool,
    is_missing: bool,
}

/// Asks, in the set-up.
pub(crate) async fn show_step(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    stored(&console, &signed, &id, true, None).await
}

/// Shows what is set, to be edited.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    stored(&console, &signed, &id, false, None).await
}

async fn stored(
    console: &Console,
    signed: &Signed,
    id: &str,
    is_set_up: bool,
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let mapping = template(&app)?.mapping(&app.mapping).map_err(Failure::internal)?;
    let lines: Vec<(String, String)> =
        mapping.iter().map(|it| (it.attribute.to_string(), it.source.to_string())).collect();
    let typed = Typed { lines, person: String::new() };
    Ok(html(&page(&mut tx, signed, &app, is_set_up, typed, wrong).await?))
}

/// What is in the form: attributes and their sources as texts.
struct Typed {
    lines: Vec<(String, String)>,
    person: String,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let lines =
            fields.beginning("map:").map(|(path, source)| (path.to_owned(), source.trim().to_owned()));
        Self { lines: lines.collect(), person: fields.get("person").trim().to_owned() }
    }

    /// As assignments; what is empty is left out.
    fn assignments(&self) -> Vec<String> {
        let some = self.lines.iter().filter(|(_, source)| !source.is_empty());
        some.map(|(path, source)| format!("{path} = {source}")).collect()
    }

    fn source(&self, path: &str) -> &str {
        self.lines.iter().find(|(known, _)| known == path).map_or("", |(_, source)| source)
    }
}

async fn page(
    tx: &mut Tx,
    signed: &Signed,
    app: &App,
    is_set_up: bool,
    typed: Typed,
    wrong: Option<String>,
) -> Result<MappingPage, Failure> {
    let template = template(app)?;
    let (person, mapped) = look(tx, app, template, &typed).await?;
    let title = if is_set_up { "Configure autoprovisioning" } else { "Attribute mapping" };
    Ok(MappingPage {
        frame: frame(signed, title),
        bar: Bar::new(app, Tab::Other),
        is_set_up,
        step: 3,
        version: app.config_version,
        sections: sections(template, &typed),
        sources: SOURCES,
        person,
        mapped,
        wrong,
    })
}

/// Mandatory attributes first, then those that are mapped, then the others.
fn sections(template: &catalogue::Template, typed: &Typed) -> Vec<Section> {
    let (mut mandatory, mut mapped, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (n, attribute) in template.attributes.iter().enumerate() {
        let path = attribute.path.to_string();
        let source = typed.source(&path).to_owned();
        let is_missing = attribute.mandatory && source.is_empty();
        let to = match (attribute.mandatory, source.is_empty()) {
            (true, _) => &mut mandatory,
            (false, false) => &mut mapped,
            (false, true) => &mut others,
        };
        let (id, label) = (format!("attribute-{n}"), attribute.label);
        to.push(Field { id, path, label, source, is_mandatory: attribute.mandatory, is_missing });
    }
    let section = |name, is_folded, fields| Section { name, is_folded, fields };
    let all = [
        section("Mandatory attributes", false, mandatory),
        section("Mapped attributes", false, mapped),
        section("More attributes", true, others),
    ];
    all.into_iter().filter(|section| !section.fields.is_empty()).collect()
}

/// Whom it was evaluated for, and what came of it.
type Look = (String, Result<Vec<(String, String)>, String>);

/// Evaluates what is typed for one person: the one that is named, else the first of the directory.
async fn look(
    tx: &mut Tx,
    app: &App,
    template: &catalogue::Template,
    typed: &Typed,
) -> Result<Look, Failure> {
    let person = match typed.person.as_str() {
        "" => {
            let first = Address::default();
            let found = directory::people_by_address(tx, &app.directory, Roll::Living, first, 1).await?;
            match found.into_iter().next() {
                Some(person) => person.user,
                None => return Ok((String::new(), Ok(Vec::new()))),
            }
        }
        text => {
            let email = match Email::parse(text) {
                Ok(email) => email,
                Err(error) => return Ok((text.to_owned(), Err(sentence(&error.to_string())))),
            };
            match directory::user_by_email(tx, &app.directory, &email).await? {
                Some(user) => user,
                None => {
                    return Ok((
                        text.to_owned(),
                        Err(format!("Nobody in the directory has the address {email}.")),
                    ));
                }
            }
        }
    };
    let email = person.primary_email.to_string();
    let found = directory::people(tx, &app.directory, &BTreeSet::from([person.id])).await?;
    let Some(resource) = found.into_values().next().map(|found| found.resource) else {
        return Ok((email, Ok(Vec::new())));
    };
    let made = Mapping::try_from(typed.assignments())
        .map_err(|error| sentence(&error.to_string()))
        .and_then(|mapping| mapping.compile(template).map_err(|error| sentence(&error.to_string())))
        .and_then(|mapping| {
            mapping.evaluate(&resource, &email).map_err(|error| sentence(&error.to_string()))
        });
    let shown = made.map(|mapped| {
        let text =
            |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        mapped.attributes.iter().map(|(path, value)| (path.to_string(), text(value))).collect()
    });
    Ok((email, shown))
}

/// Shows what the mapping as it is typed makes of somebody.
pub(crate) async fn look_at(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let (_, mapped) = look(&mut tx, &app, template(&app)?, &Typed::read(&fields)).await?;
    Ok(html(&MappedPart { bar: Bar::new(&app, Tab::Other), mapped }))
}

/// Takes the mapping of the set-up.
pub(crate) async fn continue_with(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    take(&console, &signed, &id, true, &fields).await
}

/// Takes an edit, or shows what it would cause.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    take(&console, &signed, &id, false, &fields).await
}

async fn take(
    console: &Console,
    signed: &Signed,
    id: &str,
    is_set_up: bool,
    fields: &Fields,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let template = template(&app)?;
    let mut typed = Typed::read(fields);
    if fields.get("do") == "reset" {
        let default = template.default_mapping();
        typed.lines = default.iter().map(|it| (it.attribute.to_string(), it.source.to_string())).collect();
    }
    let checked =
        Mapping::try_from(typed.assignments()).map_err(|error| error.to_string()).and_then(|mapping| {
            mapping.compile(template).map_err(|error| error.to_string())?;
            Ok(mapping)
        });
    let (mapping, wrong) = match (checked, fields.get("do")) {
        (Err(why), _) => (None, Some(sentence(&why))),
        (Ok(_), "look" | "reset") => (None, None),
        (Ok(mapping), _) => match mapping.unmapped(template).first() {
            Some(path) => {
                (None, Some(format!("The mandatory attribute {path} is not mapped: map it to continue.")))
            }
            None => (Some(mapping), None),
        },
    };
    let Some(mapping) = mapping else {
        return Ok(html(&page(&mut tx, signed, &app, is_set_up, typed, wrong).await?));
    };
    let edit = Edit::Mapping(lines(&mapping, template));
    if fields.get("do") == "preview" {
        drop(tx);
        return begin(console, id, Some(edit)).await;
    }
    drop(tx);
    match commit(console, signed, &app.id, Some(fields.version()?), &edit).await? {
        Committed::Done => {
            if is_set_up {
                return Ok(Redirect::to(&format!("/apps/{id}/set-up/scope")).into_response());
            }
            Ok(Done::Saved.at(&format!("/apps/{id}/auto-provisioning")))
        }
        Committed::Stale => stored(console, signed, id, is_set_up, Some(STALE.to_owned())).await,
        Committed::Refused(why) => {
            let (mut tx, app) = read(console.store(), id).await?;
            Ok(html(&page(&mut tx, signed, &app, is_set_up, typed, Some(why)).await?))
        }
    }
}

/// The assignments as they are stored: none where they are the template's own, in whatever order.
fn lines(mapping: &Mapping, template: &catalogue::Template) -> Vec<String> {
    let default = template.default_mapping();
    let same =
        |source: &Source, of: Option<&Source>| of.is_some_and(|of| of.to_string() == source.to_string());
    let is_default = mapping.iter().count() == default.iter().count()
        && mapping.iter().all(|it| same(&it.source, default.get(&it.attribute)));
    if is_default { Vec::new() } else { mapping.iter().map(ToString::to_string).collect() }
}

#[cfg(test)]
impl MappingPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::{LONG, Sample};

        let template = catalogue::Template::by_key("aws").expect("invariant: it is in the catalogue");
        let page = |kind: Sample| {
            let default = template.default_mapping();
            let source = |source: String| {
                let long = (kind == Sample::Long).then(|| format!("'{LONG}'"));
                if kind == Sample::Empty { String::new() } else { long.unwrap_or(source) }
            };
            let lines = default.iter().map(|it| (it.attribute.to_string(), source(it.source.to_string())));
            let typed = Typed { lines: lines.collect(), person: String::new() };
            Self {
                frame: Frame::sample(kind, Place::Apps, "Attribute mapping"),
                bar: Bar::sample(kind, Tab::Other),
                is_set_up: [Sample::Empty, Sample::Wrong].contains(&kind),
                step: 3,
                version: 7,
                sections: sections(template, &typed),
                sources: SOURCES,
                person: if kind == Sample::Empty { String::new() } else { kind.address("ada@example.com") },
                mapped: mapped(kind),
                wrong: kind
                    .wrong("The mandatory attribute Username (userName) is not mapped: map it to continue."),
            }
        };
        let mut samples = Sample::all_but(&[Sample::Thousands], page);
        samples.push((Sample::Other, Self { wrong: Some(STALE.to_owned()), ..page(Sample::Other) }));
        samples
    }
}

/// What comes of a sample's person.
#[cfg(test)]
fn mapped(kind: crate::sample::Sample) -> Result<Vec<(String, String)>, String> {
    use crate::sample::Sample;

    if let Some(wrong) = kind.wrong("The mandatory attribute Username (userName) is not mapped.") {
        return Err(wrong);
    }
    let values = [
        ("userName", kind.address("ada@example.com")),
        ("displayName", kind.name(0, "Ada Byron")),
        ("title", kind.name(1, "Countess")),
    ];
    let shown = values.into_iter().filter(|_| kind != Sample::Empty);
    Ok(shown.map(|(path, value)| (path.to_owned(), value)).collect())
}

#[cfg(test)]
impl MappedPart {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        Sample::all_but(&[Sample::Thousands, Sample::Held], |kind| Self {
            bar: Bar::sample(kind, Tab::Other),
            mapped: mapped(kind),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_mapping_is_stored_as_none_in_whatever_order_it_was_typed() {
        let template = catalogue::Template::by_key("aws").unwrap();
        let mut all: Vec<String> = template.default_mapping().into();
        all.reverse();
        assert_eq!(lines(&Mapping::try_from(all.clone()).unwrap(), template), Vec::<String>::new());
        all.push("title = user.organizations[0].title".into());
        assert_eq!(lines(&Mapping::try_from(all.clone()).unwrap(), template), all);
    }
}

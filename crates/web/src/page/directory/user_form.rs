//! *Add new user* and *Edit*: who somebody is, in the fields that apps are filled from, custom attributes included.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value as Json, json};
use usher_model::directory::OrgUnitPath;
use usher_model::id::UserId;
use usher_store::directory::{self, Person, SchemaRecord};

use super::resource::{LISTED, Resource, custom, full_name};
use super::user::find;
use super::{Bar, Choice, Edited, Tab, edit, editable, frame, read, unit_choices};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::DirectoryEdit;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "directory/user_form.html")]
pub(crate) struct UserFormPage {
    frame: Frame,
    bar: Bar,
    action: String,
    cancel: String,
    button: &'static str,
    /// The fingerprint of the user that the form is of.
    version: String,
    given: String,
    family: String,
    email: String,
    units: Vec<Choice>,
    fields: Vec<Field>,
    custom: Vec<CustomSchema>,
    is_new: bool,
    wrong: Option<String>,
}

/// A field that is an entry of a list.
struct Field {
    name: &'static str,
    words: &'static str,
    value: String,
}

/// The fields of one schema.
struct CustomSchema {
    id: String,
    words: String,
    fields: Vec<CustomField>,
}

struct CustomField {
    /// The id of its field.
    id: String,
    /// The name of its field: `custom:Schema:field`.
    name: String,
    words: String,
    value: String,
    is_several: bool,
    kind: String,
}

/// What is in a form: of somebody who is there, or as it was sent.
struct Filled {
    given: String,
    family: String,
    email: String,
    unit: OrgUnitPath,
    resource: Resource,
    version: String,
}

impl Filled {
    fn new() -> Self {
        Self {
            given: String::new(),
            family: String::new(),
            email: String::new(),
            unit: OrgUnitPath::root(),
            resource: Resource::new(),
            version: String::new(),
        }
    }

    fn of(person: &Person) -> Self {
        let part = |part: &str| {
            let name = person.resource.get("name").and_then(|name| name.get(part));
            name.and_then(Json::as_str).unwrap_or_default().to_owned()
        };
        Self {
            given: part("givenName"),
            family: part("familyName"),
            email: person.user.primary_email.to_string(),
            unit: person.user.org_unit.clone(),
            resource: person.resource.clone(),
            version: person.fingerprint().to_owned(),
        }
    }

    /// What a form says, on top of what was there.
    fn sent(fields: &Fields, before: Resource, schemas: &[SchemaRecord]) -> Result<Self, Failure> {
        let unit =
            OrgUnitPath::parse(fields.get("unit")).map_err(|error| Failure::Unreadable(error.to_string()))?;
        let mut resource = before;
        for listed in LISTED.into_iter().filter(|listed| fields.has(listed.field)) {
            listed.write(&mut resource, fields.get(listed.field).trim());
        }
        if let Some(said) = custom_sent(fields, schemas) {
            resource.insert("customSchemas".to_owned(), said);
        }
        Ok(Self {
            given: fields.get("given").trim().to_owned(),
            family: fields.get("family").trim().to_owned(),
            email: fields.get("email").trim().to_owned(),
            unit,
            resource,
            version: fields.get("version").to_owned(),
        })
    }

    /// As the Directory API takes it. `before`: what was there, lists of which are cleared where nothing is left of them.
    fn body(&self, before: &Resource) -> Resource {
        let mut body = Resource::new();
        body.insert("primaryEmail".to_owned(), self.email.as_str().into());
        body.insert("name".to_owned(), json!({"givenName": self.given, "familyName": self.family}));
        body.insert("orgUnitPath".to_owned(), self.unit.as_str().into());
        for listed in LISTED {
            let (said, was) = (self.resource.get(listed.list()), before.get(listed.list()));
            if said != was {
                body.insert(listed.list().to_owned(), said.cloned().unwrap_or(Json::Null));
            }
        }
        if let Some(said) =
            self.resource.get("customSchemas").filter(|said| Some(*said) != before.get("customSchemas"))
        {
            body.insert("customSchemas".to_owned(), said.clone());
        }
        body
    }
}

/// What a form says of custom attributes: a value, or that there is none.
fn custom_sent(fields: &Fields, schemas: &[SchemaRecord]) -> Option<Json> {
    let mut all = Resource::new();
    for schema in schemas {
        let mut said = Resource::new();
        for spec in specs(schema) {
            let (name, kind, is_several) = spec;
            let key = format!("custom:{}:{name}", schema.name);
            if !fields.has(&key) {
                continue;
            }
            let text = fields.get(&key).trim();
            let value = match (text.is_empty(), is_several) {
                (true, _) => Json::Null,
                (false, false) => typed(&kind, text),
                (false, true) => {
                    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                    lines.map(|line| json!({"value": typed(&kind, line)})).collect()
                }
            };
            said.insert(name, value);
        }
        if !said.is_empty() {
            all.insert(schema.name.clone(), Json::Object(said));
        }
    }
    (!all.is_empty()).then_some(Json::Object(all))
}

/// A text as a value of a type; what is none of that type stays a text, which is refused.
fn typed(kind: &str, text: &str) -> Json {
    match kind {
        "BOOL" => match text.to_lowercase().as_str() {
            "true" | "yes" => true.into(),
            "false" | "no" => false.into(),
            _ => text.into(),
        },
        "DOUBLE" => text.parse::<f64>().map_or_else(|_| text.into(), Json::from),
        _ => text.into(),
    }
}

/// Name, type, and whether there may be several, of each field.
fn specs(schema: &SchemaRecord) -> Vec<(String, String, bool)> {
    let fields = schema.resource.get("fields").and_then(Json::as_array).into_iter().flatten();
    let text = |spec: &Json, name: &str| spec.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    fields
        .map(|spec| {
            let is_several = spec.get("multiValued").and_then(Json::as_bool).unwrap_or(false);
            (text(spec, "fieldName"), text(spec, "fieldType"), is_several)
        })
        .filter(|(name, _, _)| !name.is_empty())
        .collect()
}

fn custom_fields(resource: &Resource, schemas: &[SchemaRecord]) -> Vec<CustomSchema> {
    let value = |schema: &str, field: &str| {
        let found =
            resource.get("customSchemas").and_then(|all| all.get(schema)).and_then(|of| of.get(field));
        found.map(custom).unwrap_or_default()
    };
    let of = |(n, schema): (usize, &SchemaRecord)| CustomSchema {
        id: format!("schema-{n}"),
        words: schema.resource.get("displayName").and_then(Json::as_str).unwrap_or(&schema.name).to_owned(),
        fields: specs(schema)
            .into_iter()
            .enumerate()
            .map(|(m, (name, kind, is_several))| CustomField {
                id: format!("custom-{n}-{m}"),
                value: value(&schema.name, &name),
                words: name.clone(),
                name: format!("custom:{}:{name}", schema.name),
                is_several,
                kind,
            })
            .collect(),
    };
    schemas.iter().enumerate().map(of).collect()
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    user: Option<&str>,
    filled: Option<Filled>,
    wrong: Option<String>,
) -> Result<UserFormPage, Failure> {
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Users).await?;
    editable(&bar)?;
    let bar = bar.below();
    let known = match user {
        Some(user) => Some(find(&mut tx, &found, user).await?),
        None => None,
    };
    let filled = filled.unwrap_or_else(|| known.as_ref().map_or_else(Filled::new, Filled::of));
    let schemas = directory::schema_records(&mut tx, &found.id).await?;
    let units = unit_choices(&mut tx, &found.id, &filled.unit).await?;
    let title = known
        .as_ref()
        .map_or_else(|| "Add new user".to_owned(), |person| format!("Edit {}", full_name(person)));
    let fields = LISTED.iter().map(|listed| Field {
        name: listed.field,
        words: listed.words,
        value: listed.read(&filled.resource),
    });
    Ok(UserFormPage {
        frame: frame(signed, Tab::Users, title),
        action: user.map_or_else(|| bar.at("new-user"), |user| format!("{}/edit", bar.user(user))),
        cancel: user.map_or_else(|| bar.at("users"), |user| bar.user(user)),
        button: if known.is_some() { "Update user" } else { "Add new user" },
        fields: fields.collect(),
        custom: custom_fields(&filled.resource, &schemas),
        given: filled.given,
        family: filled.family,
        email: filled.email,
        version: filled.version,
        is_new: known.is_none(),
        units,
        bar,
        wrong,
    })
}

/// Shows it for a new user.
pub(crate) async fn show_new(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, None, None, None).await?))
}

/// Shows it for somebody.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, user)): Path<(String, String)>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, Some(&user), None, None).await?))
}

/// Makes a user.
pub(crate) async fn create(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), &signed, &id, Tab::Users).await?;
    editable(&bar)?;
    let schemas = directory::schema_records(&mut tx, &found.id).await?;
    drop(tx);
    let filled = Filled::sent(&fields, Resource::new(), &schemas)?;
    let body = filled.body(&Resource::new());
    match edit(&console, &signed, &DirectoryEdit::CreateUser(body)).await? {
        Edited::Done(made) => {
            let to = made.map_or_else(|| bar.at("users"), |user| bar.user(&user));
            Ok(Redirect::to(&to).into_response())
        }
        Edited::Refused(why) => Ok(html(&page(&console, &signed, &id, None, Some(filled), Some(why)).await?)),
    }
}

/// Changes one.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, user)): Path<(String, String)>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), &signed, &id, Tab::Users).await?;
    editable(&bar)?;
    let schemas = directory::schema_records(&mut tx, &found.id).await?;
    let before = find(&mut tx, &found, &user).await?.resource;
    drop(tx);
    let filled = Filled::sent(&fields, before.clone(), &schemas)?;
    let made = DirectoryEdit::UpdateUser {
        user: UserId::new(user.as_str()),
        resource: filled.body(&before),
        version: filled.version.clone(),
    };
    match edit(&console, &signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.user(&user)).into_response()),
        Edited::Refused(why) => {
            // The second of two is shown what is set now; whoever mistyped keeps what they typed.
            let kept = (why != super::STALE).then_some(filled);
            Ok(html(&page(&console, &signed, &id, Some(&user), kept, Some(why)).await?))
        }
    }
}

#[cfg(test)]
impl UserFormPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let schema = |kind: Sample, n: usize| CustomSchema {
            id: format!("schema-{n}"),
            words: kind.name(n, "Employment"),
            fields: (0..3)
                .map(|m| CustomField {
                    id: format!("custom-{n}-{m}"),
                    name: format!("custom:{n}:{m}"),
                    words: "level".into(),
                    value: kind.name(m, "7"),
                    is_several: m == 1,
                    kind: if m == 2 { "BOOL".into() } else { "STRING".into() },
                })
                .collect(),
        };
        let unit = |kind: Sample, n: usize| {
            let path = format!("/{}", kind.name(n, &n.to_string()));
            Choice::new(path.clone(), path, "/1")
        };
        let page = |kind: Sample| {
            let is_new = kind == Sample::Empty;
            let text = |n: usize, usual: &str| if is_new { String::new() } else { kind.name(n, usual) };
            let title = if is_new {
                "Add new user".to_owned()
            } else {
                format!("Edit {}", kind.name(0, "Ada Byron"))
            };
            Self {
                frame: Frame::sample(kind, Place::Users, &title),
                bar: Bar::sample(kind, Tab::Users).below(),
                action: "/directories/019d/new-user".into(),
                cancel: "/directories/019d/users".into(),
                button: if is_new { "Add new user" } else { "Update user" },
                version: String::new(),
                given: text(0, "Ada"),
                family: text(1, "Byron"),
                email: if is_new { String::new() } else { kind.address("ada@example.com") },
                units: (0..kind.rows(1_000)).map(|n| unit(kind, n)).collect(),
                fields: LISTED
                    .iter()
                    .enumerate()
                    .map(|(n, listed)| Field { name: listed.field, words: listed.words, value: text(n, "7") })
                    .collect(),
                custom: (0..kind.rows(3)).map(|n| schema(kind, n)).collect(),
                is_new,
                wrong: kind.wrong("The given name is longer than 60 letters."),
            }
        };
        Sample::all_but(&[Sample::Held], page)
    }
}

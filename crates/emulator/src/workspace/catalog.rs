//! Every method of the Directory and the Reports API, read from Google's own discovery documents: paths, parameters,
//! scopes and the forms of bodies. What the emulator says of a method is said there.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::discovery::{self, Api};

mod body;
mod parameter;

pub(crate) use parameter::Parameter;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::read);

/// One method.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Its name: the API, then the document's resources and method, as `directory.users.list`.
    pub(crate) id: String,
    pub(crate) api: Api,
    pub(crate) http: String,
    parts: Vec<Part>,
    /// Any of these will do.
    pub(crate) scopes: Vec<String>,
    pub(crate) parameters: BTreeMap<String, Parameter>,
    /// The name of the schema of its body.
    request: Option<String>,
    /// The name of the schema of its answer.
    response: Option<String>,
}

/// A part of a path.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A parameter.
    One(String),
    /// A parameter that takes what is left.
    Rest(String),
}

/// The documents, as they are used.
#[derive(Debug)]
pub(crate) struct Catalog {
    endpoints: Vec<Endpoint>,
    directory: Document,
    reports: Document,
}

#[derive(Debug)]
struct Document {
    schemas: Value,
    /// What every method takes.
    standard: BTreeMap<String, Parameter>,
}

/// Where a request leads.
#[derive(Debug)]
pub(crate) enum Found {
    /// To a method, with what its path says.
    Method(&'static Endpoint, BTreeMap<String, String>),
    /// To a path that takes other methods of HTTP.
    Elsewise,
    /// Nowhere.
    Nowhere,
}

/// The catalogue.
pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}

impl Catalog {
    fn read() -> Self {
        let mut endpoints = Vec::new();
        let mut read = |api: Api| {
            let document = discovery::document(api);
            collect(api, api.name(), &document, &mut endpoints);
            let standard = parameters(document.get("parameters"));
            Document { schemas: document.get("schemas").cloned().unwrap_or_default(), standard }
        };
        let (directory, reports) = (read(Api::Directory), read(Api::Reports));
        Self { endpoints, directory, reports }
    }

    fn document(&self, api: Api) -> &Document {
        match api {
            Api::Directory => &self.directory,
            Api::Reports => &self.reports,
        }
    }

    /// Which method a request is for; the path without its first slash.
    pub(crate) fn find(&'static self, http: &str, path: &str) -> Found {
        let mut is_path = false;
        for endpoint in &self.endpoints {
            let Some(values) = endpoint.values(path) else { continue };
            if endpoint.http == http {
                return Found::Method(endpoint, values);
            }
            is_path = true;
        }
        if is_path { Found::Elsewise } else { Found::Nowhere }
    }

    /// Whether there is a method of this name.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.id == id)
    }

    /// The method of this name.
    pub(crate) fn named(&'static self, id: &str) -> Option<&'static Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.id == id)
    }

    /// The names of all methods.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.endpoints.iter().map(|endpoint| endpoint.id.as_str())
    }

    /// A schema and those that it may refer to.
    pub(crate) fn schema(&self, api: Api, name: &str) -> (&Value, &Value) {
        let schemas = &self.document(api).schemas;
        (schemas.get(name).unwrap_or(&Value::Null), schemas)
    }

    /// The parameter of a method, or one that all methods have.
    pub(crate) fn parameter<'a>(&'a self, endpoint: &'a Endpoint, name: &str) -> Option<&'a Parameter> {
        let own = endpoint.parameters.get(name).filter(|parameter| parameter.is_query);
        own.or_else(|| self.document(endpoint.api).standard.get(name))
    }

    /// Whether an attribute of a user is Google's to write.
    pub(crate) fn is_read_only(&self, schema: &str, attribute: &str) -> bool {
        let (schema, _) = self.schema(Api::Directory, schema);
        let property = schema.get("properties").and_then(|properties| properties.get(attribute));
        property.and_then(|property| property.get("readOnly")).and_then(Value::as_bool).unwrap_or(false)
    }
}

impl Endpoint {
    /// What a path says, if it is this method's.
    fn values(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut values = BTreeMap::new();
        let mut left = Some(path);
        for part in &self.parts {
            let (given, rest) =
                left?.split_once('/').map_or((left?, None), |(given, rest)| (given, Some(rest)));
            match part {
                Part::Text(text) if text == given => left = rest,
                Part::Text(_) => return None,
                Part::One(_) if given.is_empty() => return None,
                Part::One(name) => {
                    values.insert(name.clone(), decoded(given));
                    left = rest;
                }
                Part::Rest(name) => {
                    values.insert(name.clone(), decoded(left?));
                    left = None;
                }
            }
        }
        left.is_none().then_some(values)
    }

    /// The last part of its name.
    pub(crate) fn verb(&self) -> &str {
        self.id.rsplit('.').next().unwrap_or_default()
    }

    /// The schema of its answer, and those that it may refer to.
    pub(crate) fn response(&self) -> Option<(&'static Value, &'static Value)> {
        self.response.as_deref().map(|name| catalog().schema(self.api, name))
    }

    /// Checks a body; the unknown is refused or dropped.
    pub(crate) fn body(
        &self,
        value: Value,
        refuses_unknown: bool,
    ) -> Result<Map<String, Value>, super::refusal::Refusal> {
        let Some(name) = &self.request else { return Ok(Map::new()) };
        let (schema, schemas) = catalog().schema(self.api, name);
        body::check(value, schema, schemas, refuses_unknown)
    }
}

fn collect(api: Api, prefix: &str, resource: &Value, into: &mut Vec<Endpoint>) {
    let of = |name: &str| resource.get(name).and_then(Value::as_object).into_iter().flatten();
    for (name, method) in of("methods") {
        into.extend(endpoint(api, format!("{prefix}.{name}"), method));
    }
    for (name, below) in of("resources") {
        collect(api, &format!("{prefix}.{name}"), below, into);
    }
}

/// A method as its document writes it; none where its path is of a form that nothing emulated has.
fn endpoint(api: Api, id: String, method: &Value) -> Option<Endpoint> {
    let text = |name: &str| method.get(name).and_then(Value::as_str).map(str::to_owned);
    let reference =
        |name: &str| method.pointer(&format!("/{name}/$ref")).and_then(Value::as_str).map(str::to_owned);
    let path = text("path")?;
    let parts: Vec<Part> = path.split('/').map(part).collect::<Option<_>>()?;
    let early = parts.len().saturating_sub(1);
    if parts.iter().take(early).any(|part| matches!(part, Part::Rest(_))) || path.ends_with("v1/{+name}") {
        return None;
    }
    let scopes = method.get("scopes").and_then(Value::as_array).into_iter().flatten();
    Some(Endpoint {
        id,
        api,
        http: text("httpMethod")?,
        parts,
        scopes: scopes.filter_map(Value::as_str).map(str::to_owned).collect(),
        parameters: parameters(method.get("parameters")),
        request: reference("request"),
        response: reference("response"),
    })
}

fn part(text: &str) -> Option<Part> {
    let Some(name) = text.strip_prefix('{') else { return Some(Part::Text(text.to_owned())) };
    let name = name.strip_suffix('}')?;
    Some(
        name.strip_prefix('+').map_or_else(|| Part::One(name.to_owned()), |name| Part::Rest(name.to_owned())),
    )
}

fn parameters(of: Option<&Value>) -> BTreeMap<String, Parameter> {
    let all = of.and_then(Value::as_object).into_iter().flatten();
    all.map(|(name, parameter)| (name.clone(), Parameter::read(parameter))).collect()
}

/// A part of a path without its percent signs.
pub(crate) fn decoded(part: &str) -> String {
    // What a query calls a space is a plus sign in a path; what separates there is text here.
    let part = part.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(part.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;

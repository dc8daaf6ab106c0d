//! Schemas of custom fields.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::list;
use crate::clock::Clock;
use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::directory::{Change, Schema, text};
use crate::workspace::feed::Event;
use crate::workspace::refusal::Refusal;
use crate::workspace::wire;

const TYPES: [&str; 7] = ["STRING", "INT64", "BOOL", "DOUBLE", "EMAIL", "PHONE", "DATE"];
/// The most schemas, and the most fields of one.
const MAX_SCHEMAS: usize = 100;
const MAX_FIELDS: usize = 100;

/// Does what a method does.
pub(super) async fn run(call: &mut Call<'_>, method: &str) -> Handled {
    call.check_customer(call.key("customerId")).await?;
    let schemas = call.directory().schemas().await?;
    let named = |call: &Call<'_>| {
        let key = call.key("schemaKey");
        let found = schemas.iter().find(|schema| schema.id == key || schema.name == key);
        found.cloned().ok_or_else(|| Refusal::not_found("schema"))
    };
    match method {
        "list" => {
            let views = schemas.iter().map(|schema| view(schema)).collect();
            Ok(list::body("admin#directory#schemas", "schemas", views, None))
        }
        "get" => Ok(Reply::Body(view(&*named(call)?))),
        "insert" => insert(call, &schemas),
        "update" | "patch" => {
            let before = named(call)?;
            update(call, &before, method == "update")
        }
        "delete" => {
            let schema = named(call)?;
            call.done.events.push(event("DELETE_USER_SCHEMA", &schema.name));
            call.done.changes.push(Change::SchemaGone(schema.id.clone()));
            Ok(Reply::Nothing)
        }
        _ => super::missing(call),
    }
}

fn view(schema: &Schema) -> Value {
    let mut view = schema.fields.clone();
    view.insert("kind".to_owned(), json!("admin#directory#schema"));
    view.insert("schemaId".to_owned(), json!(schema.id));
    view.insert("schemaName".to_owned(), json!(schema.name));
    let etag = wire::etag(&json!(view));
    view.insert("etag".to_owned(), json!(etag));
    Value::Object(view)
}

fn event(name: &'static str, schema: &str) -> Event {
    Event { kind: "USER_SETTINGS", name, parameters: vec![("SCHEMA_NAME", schema.to_owned())] }
}

fn insert(call: &mut Call<'_>, schemas: &[Arc<Schema>]) -> Handled {
    let name = text(&call.body, "schemaName").to_owned();
    if name.is_empty() {
        return Err(Refusal::required("schemaName"));
    }
    if schemas.iter().any(|schema| schema.name == name) {
        return Err(Refusal::duplicate());
    }
    if schemas.len() >= MAX_SCHEMAS {
        return Err(Refusal::new(412, "limitExceeded", "Schema limit reached."));
    }
    let specs = call.body.get("fields").and_then(Value::as_array).filter(|specs| !specs.is_empty());
    let specs = specs.ok_or_else(|| Refusal::required("fields"))?;
    let schema = new(call.clock(), &name, text(&call.body, "displayName"), specs)?;
    let view = view(&schema);
    call.done.events.push(event("CREATE_USER_SCHEMA", &schema.name));
    call.done.changes.push(Change::Schema(schema));
    Ok(Reply::Body(view))
}

/// A schema of these fields.
pub(crate) fn new(
    clock: &dyn Clock,
    name: &str,
    display_name: &str,
    specs: &[Value],
) -> Result<Schema, Refusal> {
    let mut fields = Map::new();
    let display_name = if display_name.is_empty() { name } else { display_name };
    fields.insert("displayName".to_owned(), json!(display_name));
    fields.insert("fields".to_owned(), Value::Array(checked(clock, specs, &[])?));
    Ok(Schema { id: wire::opaque(clock), name: name.to_owned(), fields })
}

/// The fields with what is given to them.
fn checked(clock: &dyn Clock, specs: &[Value], known: &[Value]) -> Result<Vec<Value>, Refusal> {
    if specs.len() > MAX_FIELDS {
        return Err(Refusal::new(412, "limitExceeded", "Schema field limit reached."));
    }
    let mut kept: Vec<Value> = Vec::new();
    for spec in specs {
        let Value::Object(spec) = spec else { return Err(Refusal::invalid("fields")) };
        let mut spec = spec.clone();
        let name = text(&spec, "fieldName").to_owned();
        if name.is_empty() || !TYPES.contains(&text(&spec, "fieldType")) {
            return Err(Refusal::invalid("fields"));
        }
        let is_it = |other: &&Value| other.get("fieldName").and_then(Value::as_str) == Some(name.as_str());
        if kept.iter().any(|other| is_it(&other)) {
            return Err(Refusal::invalid("fields"));
        }
        let id = known.iter().find(is_it).and_then(|other| other.get("fieldId")).cloned();
        spec.insert("fieldId".to_owned(), id.unwrap_or_else(|| json!(wire::opaque(clock))));
        spec.insert("kind".to_owned(), json!("admin#directory#schema#fieldspec"));
        spec.entry("displayName").or_insert_with(|| json!(name));
        spec.entry("indexed").or_insert_with(|| json!(true));
        spec.entry("multiValued").or_insert_with(|| json!(false));
        spec.entry("readAccessType").or_insert_with(|| json!("ALL_DOMAIN_USERS"));
        spec.remove("etag");
        let etag = wire::etag(&json!(spec));
        spec.insert("etag".to_owned(), json!(etag));
        kept.push(Value::Object(spec));
    }
    Ok(kept)
}

fn update(call: &mut Call<'_>, before: &Schema, is_whole: bool) -> Handled {
    let mut schema = before.clone();
    let display_name = text(&call.body, "displayName");
    if !display_name.is_empty() {
        schema.fields.insert("displayName".to_owned(), json!(display_name));
    }
    let known = before.fields.get("fields").and_then(Value::as_array).cloned().unwrap_or_default();
    match call.body.get("fields").and_then(Value::as_array) {
        Some(specs) => {
            let fields = checked(call.clock(), specs, &known)?;
            schema.fields.insert("fields".to_owned(), Value::Array(fields));
        }
        None if is_whole => return Err(Refusal::required("fields")),
        None => {}
    }
    let view = view(&schema);
    if schema != *before {
        call.done.events.push(event("EDIT_USER_SCHEMA", &schema.name));
        call.done.changes.push(Change::Schema(schema));
    }
    Ok(Reply::Body(view))
}

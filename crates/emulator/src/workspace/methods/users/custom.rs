//! Custom fields of a user, held to their schemas.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::workspace::directory::{Schema, User, flag, text};
use crate::workspace::refusal::Refusal;

/// Sets and clears custom fields: `null` clears a field, or a whole schema.
pub(super) fn apply(user: &mut User, value: Value, schemas: &[Arc<Schema>]) -> Result<(), Refusal> {
    let Value::Object(body) = value else {
        user.fields.remove("customSchemas");
        return Ok(());
    };
    let mut all = user.fields.get("customSchemas").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in body {
        let schema = schemas.iter().find(|schema| schema.name == name);
        let schema = schema.ok_or_else(|| Refusal::invalid("custom_schema"))?;
        let Value::Object(given) = value else {
            all.remove(&name);
            continue;
        };
        let mut fields = all.get(&name).and_then(Value::as_object).cloned().unwrap_or_default();
        for (field, value) in given {
            if value.is_null() {
                fields.remove(&field);
                continue;
            }
            let spec = spec(schema, &field).ok_or_else(|| Refusal::invalid("custom_schema"))?;
            fields.insert(field, checked(spec, value)?);
        }
        if fields.is_empty() {
            all.remove(&name);
        } else {
            all.insert(name, Value::Object(fields));
        }
    }
    if all.is_empty() {
        user.fields.remove("customSchemas");
    } else {
        user.fields.insert("customSchemas".to_owned(), Value::Object(all));
    }
    Ok(())
}

fn spec<'a>(schema: &'a Schema, field: &str) -> Option<&'a Map<String, Value>> {
    let fields = schema.fields.get("fields").and_then(Value::as_array)?;
    fields.iter().filter_map(Value::as_object).find(|spec| text(spec, "fieldName") == field)
}

/// The value as it is kept: numbers of 64 bits are texts, several values are objects.
fn checked(spec: &Map<String, Value>, value: Value) -> Result<Value, Refusal> {
    let kind = text(spec, "fieldType");
    if !flag(spec, "multiValued") {
        return single(kind, value);
    }
    let Value::Array(items) = value else { return Err(Refusal::invalid("custom_schema")) };
    let mut kept = Vec::new();
    for item in items {
        let Value::Object(mut item) = item else { return Err(Refusal::invalid("custom_schema")) };
        let value = item.remove("value").ok_or_else(|| Refusal::invalid("custom_schema"))?;
        item.insert("value".to_owned(), single(kind, value)?);
        item.entry("type").or_insert_with(|| Value::from("work"));
        kept.push(Value::Object(item));
    }
    Ok(Value::Array(kept))
}

fn single(kind: &str, value: Value) -> Result<Value, Refusal> {
    let is_right = match kind {
        "BOOL" => value.is_boolean(),
        "INT64" => value.is_i64() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        "DOUBLE" => value.is_number(),
        _ => value.is_string(),
    };
    if !is_right {
        return Err(Refusal::invalid("custom_schema"));
    }
    Ok(if kind == "INT64" && value.is_i64() { Value::from(value.to_string()) } else { value })
}

//! A request's body, held against its schema.

use serde_json::{Map, Value};

use crate::workspace::refusal::Refusal;

/// How deep a body may go.
const MAX_DEPTH: usize = 32;

struct Check<'a> {
    schemas: &'a Value,
    refuses_unknown: bool,
}

/// Checks a body that has to be an object.
pub(super) fn check(
    value: Value,
    schema: &Value,
    schemas: &Value,
    refuses_unknown: bool,
) -> Result<Map<String, Value>, Refusal> {
    let check = Check { schemas, refuses_unknown };
    if let Value::Object(body) = check.value(value, schema, "", 0)? {
        Ok(body)
    } else {
        Err(Refusal::bad_request("Invalid JSON payload received. The body is not an object."))
    }
}

impl Check<'_> {
    fn value(&self, value: Value, schema: &Value, at: &str, depth: usize) -> Result<Value, Refusal> {
        if depth > MAX_DEPTH {
            return Err(Refusal::bad_request("Invalid JSON payload received. It is nested too deep."));
        }
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let schema = self.schemas.get(name).unwrap_or(&Value::Null);
            return self.value(value, schema, at, depth + 1);
        }
        if value.is_null() {
            return Ok(value);
        }
        let format = schema.get("format").and_then(Value::as_str);
        let is_right = match schema.get("type").and_then(Value::as_str) {
            Some("object") => return self.object(value, schema, at, depth),
            Some("array") => return self.array(value, schema, at, depth),
            Some("string") => value.is_string() || (format == Some("int64") && value.is_i64()),
            Some("boolean") => value.is_boolean() || matches!(value.as_str(), Some("true" | "false")),
            Some("integer") => value.is_i64(),
            Some("number") => value.is_number(),
            _ => true,
        };
        if !is_right {
            return Err(wrong(at, &value));
        }
        let is_flag = schema.get("type").and_then(Value::as_str) == Some("boolean");
        Ok(if is_flag && value.is_string() { Value::Bool(value == "true") } else { value })
    }

    fn object(&self, value: Value, schema: &Value, at: &str, depth: usize) -> Result<Value, Refusal> {
        let Value::Object(object) = value else { return Err(wrong(at, &value)) };
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties");
        let mut checked = Map::new();
        for (name, value) in object {
            let below = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            let schema = properties.and_then(|properties| properties.get(&name)).or(additional);
            match schema {
                Some(schema) => {
                    checked.insert(name, self.value(value, schema, &below, depth + 1)?);
                }
                None if properties.is_none() => {
                    checked.insert(name, value);
                }
                None if self.refuses_unknown => {
                    return Err(Refusal::bad_request(format!(
                        "Invalid JSON payload received. Unknown name \"{name}\"{}: Cannot find field.",
                        if at.is_empty() { String::new() } else { format!(" at '{at}'") }
                    )));
                }
                None => {}
            }
        }
        Ok(Value::Object(checked))
    }

    fn array(&self, value: Value, schema: &Value, at: &str, depth: usize) -> Result<Value, Refusal> {
        let Value::Array(items) = value else { return Err(wrong(at, &value)) };
        let schema = schema.get("items").unwrap_or(&Value::Null);
        let checked: Result<Vec<_>, _> =
            items.into_iter().map(|item| self.value(item, schema, at, depth + 1)).collect();
        Ok(Value::Array(checked?))
    }
}

fn wrong(at: &str, value: &Value) -> Refusal {
    let mut text = value.to_string();
    text.truncate(text.char_indices().nth(80).map_or(text.len(), |(end, _)| end));
    Refusal::bad_request(format!("Invalid value at '{at}', {text}"))
}

//! Google's discovery documents, as a judge of requests and answers.

use std::collections::BTreeSet;

use serde_json::Value;

const DIRECTORY: &str = include_str!("../../src/workspace/discovery/admin.directory_v1.json");
const REPORTS: &str = include_str!("../../src/workspace/discovery/admin.reports_v1.json");

/// A document.
pub(crate) struct Document {
    pub(crate) root: Value,
    pub(crate) prefix: &'static str,
}

/// Both documents.
pub(crate) fn documents() -> [Document; 2] {
    let read = |text, prefix| Document { root: serde_json::from_str(text).unwrap(), prefix };
    [read(DIRECTORY, "directory"), read(REPORTS, "reports")]
}

/// The method that a request is for, by name, and its document.
pub(crate) fn method(http: &str, path: &str) -> Option<(String, Value, Document)> {
    for document in documents() {
        let mut all = Vec::new();
        methods(document.prefix, &document.root, &mut all);
        for (name, method) in all {
            let template = method["path"].as_str().unwrap();
            if method["httpMethod"] == http && is_of(path.trim_start_matches('/'), template) {
                return Some((name, method, document));
            }
        }
    }
    None
}

fn methods(prefix: &str, resource: &Value, into: &mut Vec<(String, Value)>) {
    for (name, method) in resource["methods"].as_object().into_iter().flatten() {
        into.push((format!("{prefix}.{name}"), method.clone()));
    }
    for (name, below) in resource["resources"].as_object().into_iter().flatten() {
        methods(&format!("{prefix}.{name}"), below, into);
    }
}

fn is_of(path: &str, template: &str) -> bool {
    let mut parts = path.split('/');
    for expected in template.split('/') {
        if expected.starts_with("{+") {
            return template.ends_with(expected) && template.contains("orgunits") && parts.next().is_some();
        }
        let Some(given) = parts.next() else { return false };
        let is_parameter = expected.starts_with('{') && expected.ends_with('}');
        if !(is_parameter && !given.is_empty() || given == expected) {
            return false;
        }
    }
    parts.next().is_none()
}

/// What is wrong with a query, by the document.
pub(crate) fn flaws_of_query(method: &Value, document: &Document, query: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    let given: BTreeSet<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    for (name, value) in &given {
        let parameter = [&method["parameters"][name], &document.root["parameters"][name]];
        let Some(parameter) = parameter.into_iter().find(|parameter| !parameter.is_null()) else {
            flaws.push(format!("no parameter {name}"));
            continue;
        };
        if let Some(values) = parameter["enum"].as_array()
            && !values.iter().any(|known| known == value)
        {
            flaws.push(format!("{name} is never {value}"));
        }
        if parameter["type"] == "integer" && value.parse::<i32>().is_err() {
            flaws.push(format!("{name} is no number"));
        }
    }
    for (name, parameter) in method["parameters"].as_object().into_iter().flatten() {
        let is_needed = parameter["required"] == true && parameter["location"] == "query";
        if is_needed && !given.iter().any(|(known, _)| known == name) {
            flaws.push(format!("{name} is missing"));
        }
    }
    flaws
}

/// What is wrong with a body of a request, by the document.
pub(crate) fn flaws_of_request(method: &Value, document: &Document, body: &Value) -> Vec<String> {
    let mut flaws = Vec::new();
    document.check(&method["request"], body, "request", &mut flaws);
    let name = method["request"]["$ref"].as_str().unwrap_or_default();
    let properties = document.root["schemas"][name]["properties"].as_object();
    for (property, schema) in properties.into_iter().flatten() {
        let required = schema["annotations"]["required"].as_array();
        let is_required = required.is_some_and(|all| all.contains(&method["id"]));
        if is_required && body.get(property).is_none() && !body.is_null() {
            flaws.push(format!("request.{property} is missing"));
        }
    }
    flaws
}

/// What is wrong with a body of an answer, by the document.
pub(crate) fn flaws_of_answer(method: &Value, document: &Document, body: &Value) -> Vec<String> {
    let mut flaws = Vec::new();
    match (method["response"].is_null(), body.is_null()) {
        (true, true) => {}
        (true, false) => flaws.push("there is a body".to_owned()),
        (false, true) => flaws.push("there is no body".to_owned()),
        (false, false) => document.check(&method["response"], body, "answer", &mut flaws),
    }
    flaws
}

impl Document {
    fn check(&self, schema: &Value, value: &Value, at: &str, flaws: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            let referred = &self.root["schemas"][name];
            assert!(!referred.is_null(), "{at}: no schema {name}");
            return self.check(referred, value, at, flaws);
        }
        if value.is_null() && at.starts_with("request") {
            return;
        }
        let format = schema["format"].as_str().unwrap_or_default();
        match schema["type"].as_str().unwrap_or("any") {
            "any" => {}
            "string" => {
                let Some(text) = value.as_str() else {
                    return flaws.push(format!("{at} is no text: {value}"));
                };
                let is_right = match format {
                    "int64" => text.parse::<i64>().is_ok(),
                    "date-time" => usher_model::time::Timestamp::parse(text).is_ok(),
                    _ => true,
                };
                if !is_right {
                    flaws.push(format!("{at} is no {format}: {text}"));
                }
                let known = schema["enum"].as_array();
                if known.is_some_and(|known| !known.iter().any(|one| one == text)) {
                    flaws.push(format!("{at} is never {text}"));
                }
            }
            "boolean" if value.is_boolean() => {}
            "integer" if value.is_i64() => {}
            "number" if value.is_number() => {}
            "array" => {
                let Some(items) = value.as_array() else {
                    return flaws.push(format!("{at} is no list: {value}"));
                };
                for (n, item) in items.iter().enumerate() {
                    self.check(&schema["items"], item, &format!("{at}[{n}]"), flaws);
                }
            }
            "object" => self.check_object(schema, value, at, flaws),
            kind => flaws.push(format!("{at} is no {kind}: {value}")),
        }
    }

    fn check_object(&self, schema: &Value, value: &Value, at: &str, flaws: &mut Vec<String>) {
        let Some(object) = value.as_object() else {
            return flaws.push(format!("{at} is no object: {value}"));
        };
        for (name, value) in object {
            let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
            match known {
                Some(known) => self.check(known, value, &format!("{at}.{name}"), flaws),
                None if schema["properties"].is_null() => {}
                None => flaws.push(format!("{at}.{name} is in no schema")),
            }
        }
    }
}

//! Makes the value that an app takes from the value that a source gave.
//!
//! Texts are cleaned where the app asks for it ([`super::cleaning`]) and trimmed, and what is empty then is absent. A
//! number or a truth value becomes a text only where nothing is lost, a text becomes a number or a truth value only where
//! it spells one.

use serde_json::{Map, Number, Value};

use super::cleaning::{self, Tally};
use super::error::Misfit;
use crate::template::attribute::{Characters, TemplateAttribute, ValueKind};

/// Most entries that are sent of a list.
const MAX_ENTRIES: usize = 100;
/// Most characters of a text where the app names no limit.
const MAX_TEXT_CHARS: usize = 16_384;
/// The first whole number above which `f64` skips some: 2^53.
const LOSSY_FROM: f64 = 9_007_199_254_740_992.0;

/// The sub-attributes of a list entry that RFC 7643 §2.4 and §4.1.2 know; the directory's others are left out.
const ENTRY_FIELDS: [&str; 11] = [
    "value",
    "display",
    "type",
    "$ref",
    "formatted",
    "streetAddress",
    "locality",
    "region",
    "postalCode",
    "country",
    "primary",
];

/// The value for `attribute`, or nothing where there is none. What is taken out of texts is added to `tally`.
pub(crate) fn convert(
    attribute: &TemplateAttribute,
    value: &Value,
    tally: &mut Tally,
) -> Result<Option<Value>, Misfit> {
    if attribute.multi_valued { list(attribute, value, tally) } else { single(attribute, value, tally) }
}

fn single(attribute: &TemplateAttribute, value: &Value, tally: &mut Tally) -> Result<Option<Value>, Misfit> {
    match value {
        Value::Array(items) => match items.iter().filter(|item| !item.is_null()).collect::<Vec<_>>()[..] {
            [] => Ok(None),
            // Multi-valued fields of custom schemas wrap each value: `[{"type": "work", "value": "x"}]`.
            [Value::Object(entry)] => entry
                .get("value")
                .map_or_else(|| Err(wrong_type(attribute, value)), |value| scalar(attribute, value, tally)),
            [only] => scalar(attribute, only, tally),
            [_, _, ..] => Err(Misfit::SeveralValues { count: items.len() }),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            scalar(attribute, value, tally)
        }
    }
}

fn scalar(attribute: &TemplateAttribute, value: &Value, tally: &mut Tally) -> Result<Option<Value>, Misfit> {
    let trimmed = value.as_str().map(str::trim);
    if value.is_null() || trimmed == Some("") {
        return Ok(None);
    }
    let fits = match attribute.kind {
        ValueKind::Text | ValueKind::Reference => match as_text(value) {
            Some(text) => Some(Value::from(printed(attribute, text, tally)?)),
            None => None,
        },
        ValueKind::Boolean => as_boolean(value).map(Value::from),
        ValueKind::Integer => as_integer(value).map(Value::from),
        ValueKind::Decimal => as_decimal(value).map(Value::Number),
        ValueKind::DateTime => {
            trimmed.filter(|text| text.parse::<jiff::Timestamp>().is_ok()).map(Value::from)
        }
    };
    let fits = fits.ok_or_else(|| wrong_type(attribute, value))?;
    match fits.as_str() {
        // All of it was taken out.
        Some("") => return Ok(None),
        Some(text) => check_text(attribute, text)?,
        None => {}
    }
    Ok(Some(fits))
}

/// The text with none but characters that the app takes.
fn printed(attribute: &TemplateAttribute, text: String, tally: &mut Tally) -> Result<String, Misfit> {
    match attribute.characters {
        Characters::Any => Ok(text),
        Characters::Cleaned => {
            Ok(cleaning::cleaned(&text, tally).map_or(text, |cleaned| cleaned.trim().to_owned()))
        }
        Characters::Refused => match cleaning::first_unfit(&text) {
            // White space has a sentence of its own, where there may be none.
            Some(character) if attribute.white_space || !character.is_whitespace() => {
                Err(Misfit::Unprinted { character })
            }
            Some(_) | None => Ok(text),
        },
    }
}

fn check_text(attribute: &TemplateAttribute, text: &str) -> Result<(), Misfit> {
    let actual = text.chars().count();
    let limit = attribute.max_chars.unwrap_or(MAX_TEXT_CHARS);
    if actual > limit {
        return Err(Misfit::TooLong { limit, actual });
    }
    if actual < attribute.min_chars {
        return Err(Misfit::TooShort { limit: attribute.min_chars, actual });
    }
    if !attribute.white_space && text.contains(char::is_whitespace) {
        return Err(Misfit::WhiteSpace);
    }
    if attribute.reserved.iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return Err(Misfit::Reserved { name: text.to_owned() });
    }
    Ok(())
}

/// A list of entries from a list of texts or of objects, or from one of them.
fn list(attribute: &TemplateAttribute, value: &Value, tally: &mut Tally) -> Result<Option<Value>, Misfit> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            std::slice::from_ref(value)
        }
    };
    let of_objects = items.iter().any(Value::is_object);
    let mut entries = Vec::new();
    for item in items {
        let entry = match item {
            Value::Object(fields) => entry(attribute, fields, tally)?,
            Value::Array(_) => return Err(wrong_type(attribute, item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                scalar(attribute, item, tally)?.map(|value| Map::from_iter([("value".to_owned(), value)]))
            }
        };
        entries.extend(entry);
    }
    if entries.len() > MAX_ENTRIES {
        return Err(Misfit::TooManyEntries { limit: MAX_ENTRIES, count: entries.len() });
    }
    settle_primary(&mut entries, of_objects);
    Ok((!entries.is_empty()).then(|| Value::Array(entries.into_iter().map(Value::Object).collect())))
}

/// One entry from an object of the directory. Google calls the value of a mail `address`.
fn entry(
    attribute: &TemplateAttribute,
    fields: &Map<String, Value>,
    tally: &mut Tally,
) -> Result<Option<Map<String, Value>>, Misfit> {
    let mut entry = Map::new();
    for name in ENTRY_FIELDS {
        let given = fields.get(name).or_else(|| fields.get("address").filter(|_| name == "value"));
        let value = match (name, given) {
            (_, None) => None,
            ("primary", Some(given)) => as_boolean(given).filter(|primary| *primary).map(Value::from),
            (_, Some(given)) => scalar(attribute, given, tally)?,
        };
        entry.extend(value.map(|value| (name.to_owned(), value)));
    }
    let says_something = entry.keys().any(|name| name != "type" && name != "primary");
    Ok(says_something.then_some(entry))
}

/// At most one entry is primary (RFC 7643 §2.4): the first that says so, or of plain texts the first.
fn settle_primary(entries: &mut [Map<String, Value>], of_objects: bool) {
    if !of_objects && let Some(first) = entries.first_mut() {
        first.insert("primary".to_owned(), Value::Bool(true));
    }
    for entry in entries.iter_mut().filter(|entry| entry.contains_key("primary")).skip(1) {
        entry.remove("primary");
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => is_exact(number).then(|| number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn as_boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => {
            let text = text.trim();
            [true, false].into_iter().find(|value| text.eq_ignore_ascii_case(&value.to_string()))
        }
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number such as `3.0` as a whole one.
fn whole(number: &Number) -> Option<i64> {
    let number = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < LOSSY_FROM)?;
    format!("{number:.0}").parse().ok()
}

fn as_decimal(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.trim().parse().ok().and_then(Number::from_f64),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a number's text says all of it.
fn is_exact(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|number| number.abs() < LOSSY_FROM)
}

fn wrong_type(attribute: &TemplateAttribute, value: &Value) -> Misfit {
    let found = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        // The text itself is not repeated: it may be long, and it may be somebody's private number.
        Value::String(_) => "another text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object with several fields".to_owned(),
    };
    Misfit::Type { expected: attribute.kind.described(), found }
}

#[cfg(test)]
mod tests;

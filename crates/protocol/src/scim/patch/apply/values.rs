//! Changes to attributes of many values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Change, PatchOptions, invalid_value, is_assigned, merge, no_target, set_sub_attribute};
use crate::json;
use crate::scim::characteristics;
use crate::scim::error::ScimError;
use crate::scim::filter::{CompareOperator, CompareValue, Filter};

/// The path is the attribute itself: `members`.
pub(super) fn change_all(
    name: &str,
    before: Option<Value>,
    change: Change,
    options: PatchOptions,
) -> Result<Value, ScimError> {
    let mut values = as_values(before);
    match change {
        Change::Add(added) => {
            for value in checked(name, as_values(Some(added)), options)? {
                add(name, &mut values, value, options)?;
            }
        }
        Change::Replace(new) => {
            values.clear();
            for value in checked(name, as_values(Some(new)), options)? {
                add(name, &mut values, value, options)?;
            }
        }
        Change::Remove(None) => values.clear(),
        // Not in the RFC, but how AWS and Entra take members away.
        Change::Remove(Some(taken)) => {
            let taken = as_values(Some(taken));
            values.retain(|value| !taken.iter().any(|taken| is_meant(name, taken, value)));
        }
    }
    Ok(values.into())
}

/// The path chooses values: `emails[type eq "work"]`, perhaps with a sub-attribute.
pub(super) fn change_chosen(
    name: &str,
    filter: &Filter,
    sub_attribute: Option<&str>,
    before: Option<Value>,
    change: Change,
    options: PatchOptions,
) -> Result<Option<Value>, ScimError> {
    // A complex attribute of one value counts as its only value.
    let single = matches!(before, Some(Value::Object(_)));
    let mut values = as_values(before);
    let chosen: Vec<usize> =
        (0..values.len()).filter(|place| filter.matches_value(name, &values[*place])).collect();
    if chosen.is_empty() {
        return match change {
            // Nothing to take away: it is away (RFC 7644 §3.5.2.2 asks no more).
            Change::Remove(_) => Ok(keep(values, single)),
            Change::Add(value) if options.add_creates_chosen_value && !single => {
                let value = value_that_meets(name, filter, sub_attribute, value, options)?;
                add(name, &mut values, value, options)?;
                Ok(Some(values.into()))
            }
            Change::Add(_) | Change::Replace(_) => {
                Err(no_target(format!("no value of {name:?} meets [{filter}]")))
            }
        };
    }
    if let (Change::Remove(_), None) = (&change, sub_attribute) {
        values.retain(|value| !filter.matches_value(name, value));
        return Ok(keep(values, single));
    }
    for place in &chosen {
        change_value(name, &mut values[*place], sub_attribute, &change, options)?;
    }
    keep_one_primary(&mut values, &chosen);
    values.retain(is_assigned);
    Ok(keep(values, single))
}

/// The path is `emails.value`, without a filter: the sub-attribute of every value.
pub(super) fn change_sub_attribute_of_all(
    name: &str,
    sub: &str,
    mut values: Vec<Value>,
    change: &Change,
    options: PatchOptions,
) -> Result<Value, ScimError> {
    for value in &mut values {
        change_value(name, value, Some(sub), change, options)?;
    }
    let all: Vec<usize> = (0..values.len()).collect();
    keep_one_primary(&mut values, &all);
    values.retain(is_assigned);
    Ok(values.into())
}

fn change_value(
    name: &str,
    value: &mut Value,
    sub_attribute: Option<&str>,
    change: &Change,
    options: PatchOptions,
) -> Result<(), ScimError> {
    match (sub_attribute, value.as_object_mut(), change) {
        (Some(sub), Some(object), change) => set_sub_attribute(name, object, sub, change, options),
        (Some(sub), None, _) => Err(no_target(format!("a value of {name:?} has no {sub:?}"))),
        (None, Some(object), Change::Add(Value::Object(new))) => {
            *object = merge(name, std::mem::take(object), new.clone(), options)?;
            Ok(())
        }
        (None, _, Change::Add(new) | Change::Replace(new)) => {
            *value = check(name, new.clone(), options)?.unwrap_or_default();
            Ok(())
        }
        (None, _, Change::Remove(_)) => Ok(()),
    }
}

/// Adds a value, or completes the one that it repeats.
fn add(name: &str, values: &mut Vec<Value>, value: Value, options: PatchOptions) -> Result<(), ScimError> {
    let repeated = values.iter().position(|present| is_same(name, present, &value));
    let place = repeated.unwrap_or(values.len());
    match (values.get_mut(place), value) {
        (None, value) => values.push(value),
        (Some(Value::Object(present)), Value::Object(new)) => {
            *present = merge(name, std::mem::take(present), new, options)?;
        }
        // The same string once more.
        (Some(_), _) => {}
    }
    keep_one_primary(values, &[place]);
    Ok(())
}

/// RFC 7644 §3.5.2: setting one value's `primary` unsets that of all others.
/// Of several that were set together the last one keeps it.
fn keep_one_primary(values: &mut [Value], changed: &[usize]) {
    let Some(winner) = changed.iter().rev().copied().find(|place| is_primary(&values[*place])) else {
        return;
    };
    for (place, value) in values.iter_mut().enumerate() {
        if place != winner
            && is_primary(value)
            && let Some(object) = value.as_object_mut()
            && let Some(key) = json::spelling(object, "primary")
        {
            object.insert(key, false.into());
        }
    }
}

fn is_primary(value: &Value) -> bool {
    value.as_object().and_then(|value| json::flag(value, "primary")) == Some(true)
}

/// Whether two values are one: members by `value`, others by `value` and `type`. Those without a `value`, as
/// addresses are, by all that they say, but for which of them is primary: that may have changed since.
fn is_same(name: &str, left: &Value, right: &Value) -> bool {
    let (Some(left_object), Some(right_object)) = (left.as_object(), right.as_object()) else {
        return equal(name, left, right);
    };
    let same = |sub: &str| match (json::find(left_object, sub), json::find(right_object, sub)) {
        (Some(left), Some(right)) => equal(name, left, right),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if json::find(left_object, "value").is_none() {
        return without_primary(left_object) == without_primary(right_object);
    }
    same("value") && (name.eq_ignore_ascii_case("members") || same("type"))
}

fn without_primary(value: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    let others = value.iter().filter(|(sub, _)| !sub.eq_ignore_ascii_case("primary"));
    others.map(|(sub, value)| (sub.as_str(), value)).collect()
}

/// Whether a value is one that is to be taken away: what `taken` says of it is true.
fn is_meant(name: &str, taken: &Value, value: &Value) -> bool {
    match (taken, value) {
        (Value::Object(taken), Value::Object(value)) => {
            let identity = ["value", "type"].iter().filter(|sub| json::find(taken, sub).is_some());
            let named: Vec<_> = identity.collect();
            !named.is_empty()
                && named.iter().all(|sub| match (json::find(taken, sub), json::find(value, sub)) {
                    (Some(taken), Some(value)) => equal(name, taken, value),
                    // `type` is optional; a member without one is still the member.
                    (Some(_), None) => **sub == "type",
                    (None, _) => false,
                })
        }
        (taken @ Value::String(_), Value::Object(value)) => {
            json::find(value, "value").is_some_and(|value| equal(name, taken, value))
        }
        _ => equal(name, taken, value),
    }
}

fn equal(name: &str, left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            let exact = characteristics::case_exact(Some(name), "value");
            left == right || !exact && left.to_lowercase() == right.to_lowercase()
        }
        _ => left == right,
    }
}

/// The value that `add` at `emails[type eq "work"].value` speaks of, where
/// there is none: what the filter says of it, and what the operation sets.
fn value_that_meets(
    name: &str,
    filter: &Filter,
    sub_attribute: Option<&str>,
    value: Value,
    options: PatchOptions,
) -> Result<Value, ScimError> {
    let mut said = Map::new();
    let is_said = say(filter, &mut said).is_some();
    let mut created = merge(name, Map::new(), said, options)?;
    // A filter may say two things at once, of which no value can meet both.
    if !is_said || !filter.matches_value(name, &created.clone().into()) {
        return Err(no_target(format!("no value of {name:?} meets [{filter}], and none can be made")));
    }
    match (sub_attribute, value) {
        (Some(sub), value) => set_sub_attribute(name, &mut created, sub, &Change::Add(value), options)?,
        (None, Value::Object(new)) => created = merge(name, created, new, options)?,
        (None, _) => return Err(invalid_value(format!("a value of {name:?} has to be an object"))),
    }
    Ok(created.into())
}

/// Writes down what a filter of `eq` and `and` says; `None` for any other.
fn say(filter: &Filter, object: &mut Map<String, Value>) -> Option<()> {
    match filter {
        Filter::Compare { attribute, operator: CompareOperator::Equal, value } => {
            let value = match value {
                CompareValue::Null => return None,
                CompareValue::Bool(flag) => Value::from(*flag),
                CompareValue::Number(number) => Value::Number(number.clone()),
                CompareValue::String(text) => text.as_str().into(),
            };
            object.insert(attribute.name().to_owned(), value);
            Some(())
        }
        Filter::And(filters) => filters.iter().try_for_each(|filter| say(filter, object)),
        Filter::Compare { .. }
        | Filter::Present(_)
        | Filter::Values { .. }
        | Filter::Or(_)
        | Filter::Not(_) => None,
    }
}

fn checked(name: &str, values: Vec<Value>, options: PatchOptions) -> Result<Vec<Value>, ScimError> {
    values.into_iter().filter_map(|value| check(name, value, options).transpose()).collect()
}

/// The value as it is kept, without what is empty in it; nothing where nothing is left.
fn check(name: &str, value: Value, options: PatchOptions) -> Result<Option<Value>, ScimError> {
    match value {
        Value::Object(object) => {
            let object = merge(name, Map::new(), object, options)?;
            Ok((!object.is_empty()).then(|| object.into()))
        }
        Value::String(_) => Ok(Some(value)),
        // The lists that RFC 7643 knows hold objects or strings; an app's own may hold anything.
        Value::Bool(_) | Value::Number(_) if !characteristics::multi_valued(name) => Ok(Some(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            Err(invalid_value(format!("a value of {name:?} is neither an object nor a string")))
        }
    }
}

fn as_values(value: Option<Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(value) => vec![value],
    }
}

fn keep(mut values: Vec<Value>, single: bool) -> Option<Value> {
    if single { values.pop() } else { Some(values.into()) }
}

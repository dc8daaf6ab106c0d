//! Whether a resource meets a filter.
//!
//! RFC 7644 §3.4.2.2: an attribute of many values matches if one of its values
//! does; an attribute without a value is `null`. Where a complex value is
//! compared as a whole, its `value` is meant. Strings compare by the case rules
//! of [`characteristics`]; `gt`, `ge`, `lt` and `le` compare instants as
//! instants, and say no to what has no order (booleans, mixed types).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::json;
use crate::scim::attribute::AttributePath;
use crate::scim::characteristics;
use crate::scim::filter::{CompareOperator, CompareValue, Filter};

impl Filter {
    /// Whether the resource meets the filter.
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        self.evaluate(None, resource)
    }

    /// Whether one value of the attribute `parent` meets the filter. A value
    /// that is not an object is its own `value`.
    pub fn matches_value(&self, parent: &str, value: &Value) -> bool {
        match value {
            Value::Object(object) => self.evaluate(Some(parent), object),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                let wrapped = Map::from_iter([("value".to_owned(), value.clone())]);
                self.evaluate(Some(parent), &wrapped)
            }
        }
    }

    fn evaluate(&self, parent: Option<&str>, object: &Map<String, Value>) -> bool {
        match self {
            Self::Compare { attribute, operator, value } => {
                let rule = Comparison::of(parent, attribute, *operator, value);
                let values = values_of(attribute, object);
                if values.is_empty() {
                    return rule.holds(&Value::Null);
                }
                values.into_iter().any(|found| rule.holds(found))
            }
            Self::Present(attribute) => values_of(attribute, object).into_iter().any(has_value),
            Self::Values { attribute, filter } => {
                let parent = attribute.sub_attribute().unwrap_or(attribute.name());
                values_of(attribute, object).into_iter().any(|value| filter.matches_value(parent, value))
            }
            Self::And(filters) => filters.iter().all(|filter| filter.evaluate(parent, object)),
            Self::Or(filters) => filters.iter().any(|filter| filter.evaluate(parent, object)),
            Self::Not(filter) => !filter.evaluate(parent, object),
        }
    }
}

/// All values that the path leads to: those of an array one by one, and the
/// named sub-attribute of each.
fn values_of<'a>(path: &AttributePath, object: &'a Map<String, Value>) -> Vec<&'a Value> {
    let found: &[Value] = match path.find(object) {
        Some(Value::Array(values)) => values,
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    match path.sub_attribute() {
        None => found.iter().collect(),
        Some(sub) => found
            .iter()
            .filter_map(|value| match value {
                Value::Object(object) => json::find(object, sub),
                Value::String(_) if sub.eq_ignore_ascii_case("value") => Some(value),
                Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
            })
            .collect(),
    }
}

/// `pr`: not null, not empty, or a complex value with a part that is not empty.
fn has_value(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(has_value),
        Value::Object(object) => object.values().any(has_value),
    }
}

struct Comparison<'a> {
    operator: CompareOperator,
    value: &'a CompareValue,
    case_exact: bool,
    date_time: bool,
}

impl<'a> Comparison<'a> {
    fn of(
        parent: Option<&str>,
        attribute: &AttributePath,
        operator: CompareOperator,
        value: &'a CompareValue,
    ) -> Self {
        let (parent, name) = match (parent, attribute.sub_attribute()) {
            (Some(parent), _) => (Some(parent), attribute.name()),
            (None, Some(sub)) => (Some(attribute.name()), sub),
            // `members eq "id"` compares `members.value`.
            (None, None) if characteristics::multi_valued(attribute.name()) => {
                (Some(attribute.name()), "value")
            }
            (None, None) => (None, attribute.name()),
        };
        Self {
            operator,
            value,
            case_exact: characteristics::case_exact(parent, name),
            date_time: characteristics::date_time(parent, name),
        }
    }

    fn holds(&self, found: &Value) -> bool {
        let found = match found {
            Value::Object(object) => json::find(object, "value").unwrap_or(&Value::Null),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => found,
        };
        match self.operator {
            CompareOperator::Equal => self.compare(found) == Some(Ordering::Equal),
            CompareOperator::NotEqual => self.compare(found) != Some(Ordering::Equal),
            CompareOperator::Contains => self.texts(found, |found, value| found.contains(value)),
            CompareOperator::StartsWith => self.texts(found, |found, value| found.starts_with(value)),
            CompareOperator::EndsWith => self.texts(found, |found, value| found.ends_with(value)),
            CompareOperator::GreaterThan => self.order(found).is_some_and(Ordering::is_gt),
            CompareOperator::GreaterOrEqual => self.order(found).is_some_and(Ordering::is_ge),
            CompareOperator::LessThan => self.order(found).is_some_and(Ordering::is_lt),
            CompareOperator::LessOrEqual => self.order(found).is_some_and(Ordering::is_le),
        }
    }

    fn texts(&self, found: &Value, test: fn(&str, &str) -> bool) -> bool {
        match (found, self.value) {
            (Value::String(found), CompareValue::String(value)) => test(&self.fold(found), &self.fold(value)),
            _ => false,
        }
    }

    /// Like `compare`, for values that have an order.
    fn order(&self, found: &Value) -> Option<Ordering> {
        match found {
            Value::String(_) | Value::Number(_) => self.compare(found),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn compare(&self, found: &Value) -> Option<Ordering> {
        match (found, self.value) {
            (Value::String(found), CompareValue::String(value)) => Some(self.compare_texts(found, value)),
            (Value::Number(found), CompareValue::Number(value)) => compare_numbers(found, value),
            (Value::Bool(found), CompareValue::Bool(value)) => Some(found.cmp(value)),
            // `active` as a string is what some servers store.
            (Value::String(_), CompareValue::Bool(value)) => Some(json::as_flag(found)?.cmp(value)),
            (Value::Null, CompareValue::Null) => Some(Ordering::Equal),
            _ => None,
        }
    }

    fn compare_texts(&self, found: &str, value: &str) -> Ordering {
        if self.date_time
            && let (Ok(found), Ok(value)) = (found.parse::<Timestamp>(), value.parse::<Timestamp>())
        {
            return found.cmp(&value);
        }
        self.fold(found).cmp(&self.fold(value))
    }

    fn fold(&self, text: &str) -> String {
        if self.case_exact { text.to_owned() } else { text.to_lowercase() }
    }
}

fn compare_numbers(found: &serde_json::Number, value: &serde_json::Number) -> Option<Ordering> {
    match (found.as_i128(), value.as_i128()) {
        (Some(found), Some(value)) => Some(found.cmp(&value)),
        _ => found.as_f64()?.partial_cmp(&value.as_f64()?),
    }
}

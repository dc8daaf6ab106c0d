//! What holds of every resource that a PATCH made, and of operations that are done twice.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use usher_protocol::scim::attribute::AttributePath;
use usher_protocol::scim::filter::Filter;
use usher_protocol::scim::patch::apply::PatchOptions;
use usher_protocol::scim::patch::{PatchOp, PatchOperation, PatchRequest};
use usher_protocol::scim::path::PatchPath;

pub(super) fn of_result(before: &Map<String, Value>, after: &Map<String, Value>, options: PatchOptions) {
    for name in ["id", "meta"] {
        assert_eq!(before.get(name), after.get(name), "{name} is the server's");
    }
    let mut names = BTreeSet::new();
    for (name, value) in after {
        assert!(names.insert(name.to_lowercase()), "{name:?} is there in two spellings");
        assert!(is_assigned(value), "{name:?} is there without a value");
        if let Value::Array(values) = value {
            assert!(values.iter().all(is_assigned), "a value of {name:?} is empty: {value}");
            let n_primary = values.iter().filter(|value| is_primary(value)).count();
            assert!(n_primary <= 1, "{n_primary} values of {name:?} are primary: {value}");
        }
        if let (Value::Object(object), true) = (value, name.starts_with("urn:")) {
            assert!(object.values().all(is_assigned), "an attribute of {name} is empty: {value}");
        }
        add_again(name, value, after, options);
    }
}

/// Adding what is there already changes nothing (RFC 7644 §3.5.2.1).
fn add_again(name: &str, value: &Value, resource: &Map<String, Value>, options: PatchOptions) {
    // The URN of an extension with a dot at its end reads as a sub-attribute.
    let path = AttributePath::parse(name).filter(|path| path.sub_attribute().is_none());
    let Some(path) = path.filter(|_| !repeats_itself(value)) else { return };
    let operations = vec![PatchOperation::add(PatchPath::Attribute(path), value.clone())];
    let (mut again, mut expected) = (resource.clone(), resource.clone());
    let added = PatchRequest { operations }.apply(&mut again, options);
    assert!(added.is_ok(), "what is there can be added: {name} {value}: {added:?}");
    if name.starts_with("urn:") {
        // A client may have taken the extension's URN from the list, where it is put again.
        for resource in [&mut again, &mut expected] {
            resource.remove("schemas");
        }
    }
    assert_eq!(again, expected, "what is there is added to no effect: {name} {value}");
}

/// Whether two values of a list cannot be told apart by `value` and `type`, as RFC 7643 §2.4 asks.
fn repeats_itself(value: &Value) -> bool {
    let Value::Array(values) = value else { return false };
    let fold = |value: Option<&Value>| value.map(|value| value.to_string().to_lowercase());
    let mut seen = BTreeSet::new();
    values.iter().any(|value| match value {
        Value::Object(object) => {
            let value = field(object, "value");
            value.is_some() && !seen.insert((fold(value), None))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            !seen.insert((fold(Some(value)), Some(())))
        }
    })
}

/// What holds of an operation at chosen values that succeeded.
pub(super) fn of_operation(
    operation: &PatchOperation,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) {
    let Some(PatchPath::Values { attribute, filter, sub_attribute }) = &operation.path else { return };
    assert_eq!(
        attribute.sub_attribute(),
        None,
        "a sub-attribute has no values to choose among: {operation:?}"
    );
    let [was, is] = [before, after].map(|resource| attribute.find(resource));
    let was_one = was.is_some_and(Value::is_object);
    assert!(!(was_one && is.is_some_and(Value::is_array)), "one value becomes no list: {operation:?}");
    if sub_attribute.as_ref().is_some_and(|sub| !mentions(filter, sub))
        && matches!(operation.op, PatchOp::Add | PatchOp::Replace)
        && operation.value.as_ref().is_some_and(is_assigned)
    {
        let chosen = Filter::Values { attribute: attribute.clone(), filter: Box::new(filter.clone()) };
        assert!(chosen.matches(after), "a value that was chosen is one that meets the filter: {operation:?}");
    }
}

/// Whether an operation that succeeded finds, done again, what it left behind.
pub(super) fn is_settled_at_once(operation: &PatchOperation) -> bool {
    match (operation.op, &operation.path) {
        (PatchOp::Remove, _) => true,
        (PatchOp::Add | PatchOp::Replace, Some(PatchPath::Attribute(_))) => true,
        // Unless it changes what its own filter asks for.
        (PatchOp::Add | PatchOp::Replace, Some(PatchPath::Values { filter, sub_attribute, .. })) => {
            sub_attribute.as_ref().is_some_and(|sub| !mentions(filter, sub))
        }
        (PatchOp::Add | PatchOp::Replace, None) => names_each_once(operation.value.as_ref()),
    }
}

/// Whether all names are those of whole attributes, and different.
fn names_each_once(value: Option<&Value>) -> bool {
    let mut seen = BTreeSet::new();
    value.and_then(Value::as_object).is_some_and(|attributes| {
        attributes.keys().all(|name| {
            let path = AttributePath::parse(name);
            path.is_some_and(|path| path.sub_attribute().is_none() && seen.insert(path.name().to_lowercase()))
        })
    })
}

fn mentions(filter: &Filter, sub: &str) -> bool {
    match filter {
        Filter::Compare { attribute, .. } | Filter::Present(attribute) | Filter::Values { attribute, .. } => {
            attribute.name().eq_ignore_ascii_case(sub)
        }
        Filter::And(filters) | Filter::Or(filters) => filters.iter().any(|filter| mentions(filter, sub)),
        Filter::Not(filter) => mentions(filter, sub),
    }
}

/// RFC 7643 §2.5: null and the empty array are no value; neither is an object without any.
fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn is_primary(value: &Value) -> bool {
    value.as_object().and_then(|object| field(object, "primary")) == Some(&Value::Bool(true))
}

/// A field by its name, in that spelling if possible, else in any.
fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

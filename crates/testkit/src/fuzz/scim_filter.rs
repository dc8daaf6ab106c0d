//! SCIM filters: what is read prints to a text that reads as the same, matching obeys the laws of RFC 7644 §3.4.2.2,
//! and somebody else's parser reads what we print as we meant it.

mod oracle;

use serde_json::{Map, Value};
use usher_protocol::scim::filter::{CompareOperator, CompareValue, Filter};

use super::sample;

/// Checks one filter.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let read = Filter::parse(text);
    oracle::same_texts_are_filters(text, &read);
    let Ok(filter) = read else { return };
    assert_eq!(Filter::parse(&filter.to_string()).as_ref(), Ok(&filter), "printed and read again");
    oracle::reads_what_we_print(&filter);
    for resource in [sample::scim_user(), sample::scim_group(), Map::new()] {
        let matches = filter.matches(&resource);
        assert_eq!(matches, filter.matches(&resource), "the same filter says the same");
        assert_ne!(Filter::Not(Box::new(filter.clone())).matches(&resource), matches, "not is the opposite");
        laws(&filter, &resource);
    }
}

/// The laws of every comparison in the filter.
fn laws(filter: &Filter, resource: &Map<String, Value>) {
    match filter {
        Filter::Compare { attribute, operator: _, value } => {
            let holds = |operator| {
                let (attribute, value) = (attribute.clone(), value.clone());
                Filter::Compare { attribute, operator, value }.matches(resource)
            };
            laws_of_comparison(&holds, value, filter);
            if holds(CompareOperator::Equal) && has_text(value) {
                let present = Filter::Present(attribute.clone());
                assert!(present.matches(resource), "what equals a text is present: {filter}");
            }
        }
        Filter::Present(attribute) => {
            let is_null = Filter::equals(attribute.clone(), CompareValue::Null);
            let both = filter.matches(resource) && attribute.sub_attribute().is_none();
            let one = attribute.find(resource).is_none_or(|found| !found.is_array() && !found.is_object());
            assert!(!(both && one && is_null.matches(resource)), "what is present is not null: {filter}");
        }
        Filter::Values { attribute: _, filter } | Filter::Not(filter) => laws(filter, resource),
        Filter::And(filters) => {
            let all = filters.iter().all(|filter| filter.matches(resource));
            assert_eq!(filter.matches(resource), all, "and is all of them");
            for filter in filters {
                laws(filter, resource);
            }
        }
        Filter::Or(filters) => {
            let any = filters.iter().any(|filter| filter.matches(resource));
            assert_eq!(filter.matches(resource), any, "or is any of them");
            for filter in filters {
                laws(filter, resource);
            }
        }
    }
}

fn laws_of_comparison(holds: &dyn Fn(CompareOperator) -> bool, value: &CompareValue, filter: &Filter) {
    use CompareOperator::{
        Contains, EndsWith, Equal, GreaterOrEqual, GreaterThan, LessOrEqual, LessThan, StartsWith,
    };
    match value {
        CompareValue::String(_) | CompareValue::Number(_) => {
            assert_eq!(holds(GreaterOrEqual), holds(GreaterThan) || holds(Equal), "ge is gt or eq: {filter}");
            assert_eq!(holds(LessOrEqual), holds(LessThan) || holds(Equal), "le is lt or eq: {filter}");
        }
        // RFC 7644 table 3: booleans have no order; here that is said by a no.
        CompareValue::Null | CompareValue::Bool(_) => {
            let ordered = [GreaterThan, GreaterOrEqual, LessThan, LessOrEqual];
            assert!(!ordered.into_iter().any(holds), "what has no order is neither more nor less: {filter}");
        }
    }
    for part in [StartsWith, EndsWith] {
        assert!(!holds(part) || holds(Contains), "what starts or ends with a text contains it: {filter}");
    }
}

fn has_text(value: &CompareValue) -> bool {
    matches!(value, CompareValue::String(text) if !text.is_empty())
}

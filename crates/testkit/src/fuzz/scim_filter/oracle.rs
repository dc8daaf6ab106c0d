//! Our reading of the grammar against that of somebody else (`scim_v2`), as far as both claim the same.

use scim_v2::filter::Filter as TheirFilter;
use usher_protocol::scim::attribute::AttributePath;
use usher_protocol::scim::filter::parse::FilterError;
use usher_protocol::scim::filter::{CompareValue, Filter};

/// Theirs has no limit of nesting, so nothing long is handed to it.
const MAX_BYTES: usize = 500;

/// What they take for a filter is one for us. Their white space is any, and ours, as the RFC's, is the space; they take
/// any word with a colon for a name, where we ask for a URN in front of it, and space before a bracket.
pub(super) fn same_texts_are_filters(text: &str, ours: &Result<Filter, FilterError>) {
    let is_common = |c: char| c == ' ' || c != ':' && !c.is_whitespace() && !c.is_control();
    if text.len() > MAX_BYTES || text.contains(" [") || !text.chars().all(is_common) {
        return;
    }
    match ours {
        // Limits are ours alone.
        Ok(_) | Err(FilterError::TooDeep | FilterError::TooLong) => {}
        Err(error @ FilterError::Expected { .. }) => {
            if let Ok(theirs) = text.parse::<TheirFilter>() {
                panic!("they read {text:?} as {theirs}, and we say: {error}");
            }
        }
    }
}

/// What we print they read, and as we meant it.
pub(super) fn reads_what_we_print(filter: &Filter) {
    let printed = filter.to_string();
    if printed.len() > MAX_BYTES || !is_common(filter) {
        return;
    }
    let theirs: TheirFilter = match printed.parse() {
        Ok(theirs) => theirs,
        Err(error) => panic!("we print {printed:?}, and they say: {error}"),
    };
    let back = Filter::parse(&theirs.to_string()).map(flat);
    assert_eq!(back, Ok(flat(filter.clone())), "they read {printed:?} as {theirs}");
}

/// Whether the filter has nothing that one of the grammars lacks.
fn is_common(filter: &Filter) -> bool {
    match filter {
        Filter::Compare { attribute, operator: _, value } => {
            let is_common_value = match value {
                CompareValue::Null | CompareValue::Bool(_) | CompareValue::String(_) => true,
                // They keep numbers in other forms.
                CompareValue::Number(number) => {
                    number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
                }
            };
            is_common_value && is_common_name(attribute)
        }
        Filter::Present(attribute) => is_common_name(attribute),
        Filter::Values { attribute, filter } => is_common_name(attribute) && is_common(filter),
        Filter::And(filters) | Filter::Or(filters) => filters.iter().all(is_common),
        Filter::Not(filter) => is_common(filter),
    }
}

fn is_common_name(attribute: &AttributePath) -> bool {
    let parts = [Some(attribute.name()), attribute.sub_attribute()];
    attribute.schema().is_none() && parts.into_iter().flatten().all(is_plain)
}

/// A name that is neither a keyword nor has a `$` in it.
fn is_plain(name: &str) -> bool {
    !name.contains('$')
        && !["true", "false", "null", "not", "and", "or"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// `a and (b and c)` is `a and b and c`: the other parser keeps no such parentheses.
fn flat(filter: Filter) -> Filter {
    match filter {
        Filter::And(filters) => {
            let inner = |filter| if let Filter::And(inner) = filter { inner } else { vec![filter] };
            Filter::And(filters.into_iter().map(flat).flat_map(inner).collect())
        }
        Filter::Or(filters) => {
            let inner = |filter| if let Filter::Or(inner) = filter { inner } else { vec![filter] };
            Filter::Or(filters.into_iter().map(flat).flat_map(inner).collect())
        }
        Filter::Not(filter) => Filter::Not(Box::new(flat(*filter))),
        Filter::Values { attribute, filter } => Filter::Values { attribute, filter: Box::new(flat(*filter)) },
        Filter::Compare { .. } | Filter::Present(_) => filter,
    }
}

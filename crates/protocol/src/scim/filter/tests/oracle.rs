//! Our reading of the grammar against that of somebody else.

use proptest::prelude::*;
use scim_v2::filter::Filter as TheirFilter;

use super::value_filter_of;
use crate::scim::filter::{CompareOperator, CompareValue, Filter};

/// Conditions that both grammars know: `$ref` and numbers in other forms are ours alone.
fn condition() -> impl Strategy<Value = Filter> {
    let attribute = prop_oneof![
        "[a-z]{4,6}(\\.[a-z]{4,6})?",
        "[a-z]{4,6}".prop_map(|name| format!("urn:ietf:params:scim:schemas:core:2.0:User:{name}")),
    ];
    let attribute = attribute.prop_filter_map("no keyword", |name| {
        (!["true", "false", "null"].contains(&name.as_str()))
            .then(|| crate::scim::attribute::AttributePath::parse(&name))
            .flatten()
    });
    let value = prop_oneof![
        Just(CompareValue::Null),
        any::<bool>().prop_map(CompareValue::Bool),
        any::<i32>().prop_map(|number| CompareValue::Number(number.into())),
        "[a-zA-Z \"\\\\]{0,8}".prop_map(CompareValue::String),
    ];
    let operator = proptest::sample::select(CompareOperator::ALL.to_vec());
    prop_oneof![
        (attribute.clone(), operator, value).prop_map(|(attribute, operator, value)| Filter::Compare {
            attribute,
            operator,
            value
        }),
        attribute.prop_map(Filter::Present),
    ]
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

proptest! {
    #[test]
    fn somebody_else_reads_what_we_print_as_we_meant_it(filter in value_filter_of(condition().boxed())) {
        let theirs: TheirFilter = filter.to_string().parse().unwrap();
        prop_assert_eq!(flat(Filter::parse(&theirs.to_string()).unwrap()), flat(filter));
    }

    #[test]
    fn we_and_somebody_else_refuse_the_same_texts(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "title pr", "title eq \"x\"", "name.familyName", "emails[type pr", "]", "(", ")", "not (", "and", "or",
            "pr", "eq", "\"x\\\"y\"", "7", "title eq true", "title ne null",
        ]), 1..8)
    ) {
        let text = words.join(" ").replace("( ", "(").replace(" )", ")").replace(" ]", "]");
        let theirs: Result<TheirFilter, _> = text.parse();
        prop_assert_eq!(Filter::parse(&text).is_ok(), theirs.is_ok(), "{}", text);
    }
}

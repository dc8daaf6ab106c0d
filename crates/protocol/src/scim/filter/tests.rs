use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::scim::filter::parse::{FilterError, MAX_FILTER_BYTES, MAX_FILTER_DEPTH};
use crate::scim::path::PatchPath;

mod oracle;

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// The user of RFC 7643 §8.2, shortened.
fn bjensen() -> Map<String, Value> {
    object(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "externalId": "bJensen701984",
        "userName": "bjensen@example.com",
        "name": {"familyName": "Jensen", "givenName": "Barbara", "formatted": "Ms. O'Malley"},
        "title": "Tour Guide",
        "userType": "Employee",
        "active": true,
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"}
        ],
        "loginCount": 7,
        "nothing": [],
        "meta": {"resourceType": "User", "lastModified": "2011-05-13T04:42:34Z"},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "701984", "manager": {"value": "26118915-6090-4610-87e4-49d8ca9f808d"}
        }
    }))
}

#[track_caller]
fn check(filter: &str, expected: bool) {
    let parsed = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    assert_eq!(parsed.matches(&bjensen()), expected, "{filter}");
    assert_eq!(Filter::parse(&parsed.to_string()).unwrap(), parsed, "{filter}");
}

#[test]
fn the_examples_of_rfc_7644_figure_2() {
    check(r#"userName eq "bjensen""#, false);
    check(r#"userName sw "bjensen""#, true);
    check(r#"name.familyName co "O'Malley""#, false);
    check(r#"name.formatted co "O'Malley""#, true);
    check(r#"userName sw "J""#, false);
    check(r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "b""#, true);
    check("title pr", true);
    check(r#"meta.lastModified gt "2011-05-13T04:42:33Z""#, true);
    check(r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, true);
    check(r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, false);
    check(r#"meta.lastModified le "2011-05-13T06:42:34+02:00""#, true);
    check(r#"title pr and userType eq "Employee""#, true);
    check(r#"title pr or userType eq "Intern""#, true);
    check(r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, true);
    check(r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#, true);
    check(
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        false,
    );
    check(r#"userType eq "Employee" and (emails.type eq "work")"#, true);
    check(r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, true);
    check(
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        true,
    );
}

#[test]
fn names_and_operators_are_read_in_any_case() {
    check(r#"USERNAME EQ "bjensen@example.com""#, true);
    check(r#"Title PR AND NOT (userType Eq "Intern")"#, true);
}

#[test]
fn strings_fold_unless_their_case_counts() {
    check(r#"userName eq "BJENSEN@EXAMPLE.COM""#, true);
    check(r#"externalId eq "bjensen701984""#, false);
    check(r#"externalId eq "bJensen701984""#, true);
    check(r#"id eq "2819C223-7f76-453a-919d-413861904646""#, false);
    check(r#"emails.value eq "BABS@jensen.org""#, true);
    check(r#"meta.resourceType eq "user""#, false);
}

#[test]
fn one_value_has_to_meet_the_whole_value_filter() {
    check(r#"emails[type eq "home" and value co "@example.com"]"#, false);
    check(r#"emails.type eq "home" and emails.value co "@example.com""#, true);
}

#[test]
fn a_value_filter_behind_a_sub_attribute_is_about_its_values() {
    check(r#"emails.value[type eq "work"]"#, false);
    check(r#"emails.value[value ew "@jensen.org"]"#, true);
}

#[test]
fn and_binds_tighter_than_or() {
    check(r#"title pr or title pr and userType eq "Intern""#, true);
    check(r#"(title pr or title pr) and userType eq "Intern""#, false);
}

#[test]
fn what_is_absent_is_null() {
    check("nickName eq null", true);
    check("nickName pr", false);
    check("nothing pr", false);
    check(r#"nickName ne "x""#, true);
    check(r#"nickName eq "x""#, false);
    check("title eq null", false);
}

#[test]
fn extensions_are_reached_by_their_urn() {
    check(r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984""#, true);
    check(r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value sw "26118915""#, true);
    check(r#"employeeNumber eq "701984""#, false);
}

#[test]
fn booleans_and_numbers_compare_as_such() {
    check("active eq true", true);
    check("active eq False", false);
    check("active gt false", false);
    check("loginCount ge 7.0", true);
    check("loginCount lt -3", false);
    check(r#"loginCount eq "7""#, false);
}

#[test]
fn quotes_and_backslashes_are_escaped() {
    let value = "a\"b\\c\u{7}\u{e9}";
    let filter = Filter::eq("userName", value);
    assert_eq!(filter.to_string(), r#"userName eq "a\"b\\c\u0007é""#);
    assert!(filter.matches(&object(json!({"userName": value}))));
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
}

#[test]
fn awss_pair_filter_is_built_and_read() {
    let filter = Filter::eq("id", "G").and(Filter::eq("members", "U"));
    assert_eq!(filter.to_string(), r#"id eq "G" and members eq "U""#);
    assert!(filter.matches(&object(json!({"id": "G", "members": [{"value": "U"}]}))));
    assert!(!filter.matches(&object(json!({"id": "G", "members": [{"value": "u"}]}))));
}

#[test]
fn what_is_no_filter_says_where_it_stops() {
    let expected = |text: &str, expected: &'static str, at: usize| {
        assert_eq!(Filter::parse(text), Err(FilterError::Expected { expected, at }), "{text}");
    };
    let value = "value (a string needs double quotes)";
    expected("", "attribute name", 0);
    expected("userName", "operator", 8);
    expected("userName eq", value, 11);
    expected("userName eq bjensen", value, 12);
    expected(r#"userName eq "bjensen"#, value, 12);
    expected(r#"userName eq "a" xor title pr"#, "\"and\", \"or\" or end", 16);
    expected("(title pr", "closing bracket", 9);
    expected("emails[addresses[type pr]]", "operator", 16);
    expected("1st pr", "attribute name", 0);
    expected("userName eq [1]", value, 12);
}

#[test]
fn length_and_nesting_are_bounded() {
    let deep = |n: usize| format!("{}title pr{}", "(".repeat(n), ")".repeat(n));
    assert!(Filter::parse(&deep(MAX_FILTER_DEPTH)).is_ok());
    assert_eq!(Filter::parse(&deep(MAX_FILTER_DEPTH + 1)), Err(FilterError::TooDeep));
    assert_eq!(Filter::parse(&"not (".repeat(3000)), Err(FilterError::TooDeep));
    assert_eq!(Filter::parse(&" ".repeat(MAX_FILTER_BYTES + 1)), Err(FilterError::TooLong));
}

#[test]
fn what_would_print_to_more_than_is_read_is_too_long() {
    let tight = |n: usize| [r#"a eq"x""#].repeat(n).join("and(b pr or c pr)and ");
    let read = Filter::parse(&tight(500)).unwrap();
    assert!(Filter::parse(&read.to_string()) == Ok(read), "printed and read again");
    assert!(tight(560).len() < MAX_FILTER_BYTES - 100);
    assert!(Filter::parse(&tight(560)) == Err(FilterError::TooLong));
    assert!(PatchPath::parse(&format!("emails[{}]", tight(560))) == Err(FilterError::TooLong));
}

fn attribute() -> impl Strategy<Value = AttributePath> {
    "(urn:[a-z:.0-9]{1,12}:)?[a-zA-Z$][a-zA-Z0-9_$-]{0,6}(\\.[a-zA-Z$][a-zA-Z0-9]{0,4})?"
        .prop_filter_map("an attribute path", |text| AttributePath::parse(&text))
}

fn value() -> impl Strategy<Value = CompareValue> {
    prop_oneof![
        Just(CompareValue::Null),
        any::<bool>().prop_map(CompareValue::Bool),
        any::<i64>().prop_map(|number| CompareValue::Number(number.into())),
        any::<f64>().prop_filter_map("a finite number", Number::from_f64).prop_map(CompareValue::Number),
        any::<String>().prop_map(CompareValue::String),
    ]
}

fn condition() -> impl Strategy<Value = Filter> {
    prop_oneof![
        (attribute(), proptest::sample::select(CompareOperator::ALL.to_vec()), value())
            .prop_map(|(attribute, operator, value)| Filter::Compare { attribute, operator, value }),
        attribute().prop_map(Filter::Present),
    ]
}

fn logical(inner: impl Strategy<Value = Filter> + Clone + 'static) -> impl Strategy<Value = Filter> {
    prop_oneof![
        proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
        proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
        inner.prop_map(|filter| Filter::Not(Box::new(filter))),
    ]
}

/// Filters that may stand in brackets: without further brackets.
fn value_filter() -> impl Strategy<Value = Filter> {
    value_filter_of(condition().boxed())
}

fn value_filter_of(condition: BoxedStrategy<Filter>) -> impl Strategy<Value = Filter> {
    condition.prop_recursive(3, 12, 3, logical)
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        condition(),
        (attribute(), value_filter())
            .prop_map(|(attribute, filter)| Filter::Values { attribute, filter: Box::new(filter) }),
    ];
    leaf.prop_recursive(4, 24, 3, logical)
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same(filter in filter()) {
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn a_printed_value_path_reads_as_the_same(filter in value_filter(), sub in proptest::option::of("[a-z]{1,4}")) {
        let attribute = AttributePath::parse("emails").unwrap();
        let path = PatchPath::Values { attribute, filter, sub_attribute: sub };
        prop_assert_eq!(PatchPath::parse(&path.to_string()), Ok(path));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}", words in r#"([(\[\])"\\. ]|not|and|or|pr|eq|a|"x"|urn:x:){0,30}"#) {
        for text in [text, words] {
            if let Ok(filter) = Filter::parse(&text) {
                prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()));
                filter.matches(&bjensen());
            }
        }
    }
}

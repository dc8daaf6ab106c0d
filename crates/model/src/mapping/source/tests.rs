use serde_json::json;

use super::*;

#[test]
fn the_kind_of_a_source_shows_in_its_spelling() {
    let kind = |text: &str| match Source::parse(text).unwrap() {
        Source::Directory(_) => "directory",
        Source::Constant(_) => "constant",
        Source::Expression(_) => "expression",
    };
    let table = [
        ("user.primaryEmail", "directory"),
        ("user.organizations[0].title", "directory"),
        (r#"user.customSchemas["Cost-Centers"].code"#, "directory"),
        ("\"Contractor\"", "constant"),
        ("'Contractor'", "constant"),
        ("true", "constant"),
        ("-3.5", "constant"),
        ("user.id + 'x'", "expression"),
        ("[user.id]", "expression"),
        ("user.?organizations[0].title", "expression"),
        ("'a' + 'b'", "expression"),
    ];
    for (text, expected) in table {
        assert_eq!(kind(text), expected, "{text}");
    }
}

#[test]
fn a_path_prints_as_it_reads() {
    for text in ["user.name.givenName", "user.emails[12].address", r#"user.customSchemas["a-b"].c["1"]"#] {
        assert_eq!(Source::parse(text).unwrap().to_string(), text);
    }
    assert_eq!(Source::parse(r#"user["name"].givenName"#).unwrap().to_string(), "user.name.givenName");
}

#[test]
fn whatever_is_missing_along_a_path_is_absent() {
    let user = json!({
        "name": {"givenName": "Ada"},
        "organizations": [{"title": "Lead"}],
        "customSchemas": {"Employment": {"costCenter": 7, "a b": true}},
    });
    let lookup = |text: &str| match Source::parse(text).unwrap() {
        Source::Directory(path) => path.lookup(user.as_object().unwrap()).cloned(),
        Source::Constant(_) | Source::Expression(_) => panic!("{text} is not a path"),
    };
    assert_eq!(lookup("user.name.givenName"), Some(json!("Ada")));
    assert_eq!(lookup("user.organizations[0].title"), Some(json!("Lead")));
    assert_eq!(lookup("user.customSchemas.Employment.costCenter"), Some(json!(7)));
    assert_eq!(lookup(r#"user.customSchemas.Employment["a b"]"#), Some(json!(true)));
    for missing in [
        "user.phones",
        "user.organizations[1].title",
        "user.organizations.title",
        "user.name.givenName.first",
        "user.name[0]",
        "user.customSchemas.Other.costCenter",
    ] {
        assert_eq!(lookup(missing), None, "{missing}");
    }
}

#[test]
fn a_source_has_a_limit() {
    let long = format!("'{}'", "x".repeat(MAX_SOURCE_CHARS));
    let error = SourceError::TooLong { limit: MAX_SOURCE_CHARS, actual: MAX_SOURCE_CHARS + 2 };
    assert_eq!(Source::parse(&long), Err(error));
}

#[test]
fn a_password_is_no_source() {
    assert!(matches!(Source::parse("user.password"), Err(SourceError::UnknownField { .. })));
    assert!(matches!(Source::parse("user[\"password\"]"), Err(SourceError::UnknownField { .. })));
}

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str) -> PatchPath {
    let path = PatchPath::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(path.to_string(), text);
    path
}

#[test]
fn the_examples_of_rfc_7644_figure_8() {
    check("members");
    check("name.familyName");
    check(r#"addresses[type eq "work"]"#);
    check(r#"members[value eq "2819c223-7f76-453a-919d-413861904646"]"#);
    let path = check(r#"members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName"#);
    assert!(matches!(path, PatchPath::Values { sub_attribute: Some(sub), .. } if sub == "displayName"));
}

#[test]
fn urns_and_references_are_names() {
    let path = check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value");
    assert_eq!(path.attribute().name(), "manager");
    assert_eq!(path.attribute().sub_attribute(), Some("value"));
    assert_eq!(
        path.attribute().extension(),
        Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")
    );
    check("manager.$ref");
    let whole = check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User");
    assert_eq!(whole.attribute().as_schema().as_deref(), Some(crate::scim::ENTERPRISE_USER_SCHEMA));
}

#[test]
fn what_is_no_path_is_refused() {
    for text in [
        "",
        ".",
        "a.",
        "a.b.c",
        "a[",
        "a[]",
        "a[b]",
        "a[b pr",
        "a[b pr]c",
        "a[b pr].",
        "a[b pr].c.d",
        "a b",
        "x:y",
    ] {
        assert!(PatchPath::parse(text).is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_read_prints_back(text in r#"(\PC|[.:\[\] "]|eq|pr|urn:a:){0,20}"#) {
        if let Ok(path) = PatchPath::parse(&text) {
            prop_assert_eq!(PatchPath::parse(&path.to_string()), Ok(path));
        }
    }
}

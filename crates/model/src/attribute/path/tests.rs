use super::*;

fn path(text: &str) -> AttributePath {
    AttributePath::parse(text).unwrap()
}

/// urn, attribute, type of the entry, sub-attribute
type Pieces = (Option<&'static str>, &'static str, Option<&'static str>, Option<&'static str>);

#[test]
fn a_path_is_taken_apart() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let table: [(&str, Pieces); 8] = [
        ("userName", (None, "userName", None, None)),
        ("name.givenName", (None, "name", None, Some("givenName"))),
        ("phoneNumbers", (None, "phoneNumbers", None, None)),
        (r#"emails[type eq "work"].value"#, (None, "emails", Some("work"), Some("value"))),
        (
            r#"addresses[type eq "home office"].postalCode"#,
            (None, "addresses", Some("home office"), Some("postalCode")),
        ),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            (Some(ENTERPRISE), "department", None, None),
        ),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",
            (Some(ENTERPRISE), "manager", None, Some("$ref")),
        ),
        (
            r#"urn:example:x:User:badges[type eq "a:b"].value"#,
            (Some("urn:example:x:User"), "badges", Some("a:b"), Some("value")),
        ),
    ];
    for (text, pieces) in table {
        let path = path(text);
        assert_eq!((path.urn(), path.attribute(), path.entry_type(), path.sub()), pieces, "{text}");
        assert_eq!(path.as_str(), text, "printing gives the text back");
    }
}

#[test]
fn spellings_of_one_path_are_equal() {
    let table = [
        ("userName", "USERNAME"),
        ("userName", " userName "),
        ("userName", "urn:ietf:params:scim:schemas:core:2.0:User:userName"),
        (r#"emails[type eq "work"].value"#, r#"Emails[ Type  EQ   "Work" ].Value"#),
        (r#"emails[type eq "Ämter"].value"#, r#"emails[type eq "ämter"].value"#),
    ];
    for (one, two) in table {
        assert_eq!(path(one), path(two));
        assert_eq!(path(one).cmp(&path(two)), Ordering::Equal);
        assert!(path(one).overlaps(&path(two)));
        assert_eq!(
            path(one).same_entry(&path(two)),
            path(one).entry_type().is_some(),
            "equal paths, one entry"
        );
    }
    assert_ne!(path("name.givenName"), path("name.familyName"));
    assert_eq!(path("USERNAME").as_str(), "USERNAME", "the spelling is kept");
}

#[test]
fn a_wrong_path_is_refused_with_what_is_wrong_in_it() {
    let table = [
        ("", "an attribute path is empty; name an attribute such as `userName`"),
        (
            "user name",
            "`user name` in the attribute path `user name` is not an attribute name: a letter, then letters, digits, `-`, `_` or `$`",
        ),
        (
            "name.first.second",
            "`first.second` in the attribute path `name.first.second` is not an attribute name: a letter, then letters, digits, `-`, `_` or `$`",
        ),
        (
            "foo:bar",
            "`foo` in the attribute path `foo:bar` is not a schema URN such as `urn:ietf:params:scim:schemas:core:2.0:User`",
        ),
        (
            r#"emails[type ne "work"].value"#,
            r#"the filter in the attribute path `emails[type ne "work"].value` is not understood; write it as in `emails[type eq "work"].value`"#,
        ),
        (
            r#"emails[type eq "work""#,
            r#"the filter in the attribute path `emails[type eq "work"` is not understood; write it as in `emails[type eq "work"].value`"#,
        ),
        (
            r#"emails[type eq "work"]"#,
            r#"the attribute path `emails[type eq "work"]` names a list entry as a whole; name one of its parts, as in `.value`"#,
        ),
    ];
    for (text, sentence) in table {
        assert_eq!(AttributePath::parse(text).unwrap_err().to_string(), sentence);
    }
    let long = "a".repeat(MAX_CHARS + 1);
    assert_eq!(AttributePath::parse(&long), Err(PathError::TooLong { actual: MAX_CHARS + 1 }));
}

#[test]
fn what_cannot_stand_in_a_patch_is_no_path() {
    for text in ["urn:x,y:attr", "urn:x(1):attr", "urn:a?b#c:attr", "emails[type eq \"a\tb\"].value"] {
        assert!(AttributePath::parse(text).is_err(), "{text}");
    }
}

#[test]
fn overlapping_paths_are_those_that_write_each_other() {
    let (work, home) = (r#"emails[type eq "work"].value"#, r#"emails[type eq "home"].value"#);
    assert!(path("emails").overlaps(&path(work)));
    assert!(path("name").overlaps(&path("NAME.givenName")));
    assert!(!path(work).overlaps(&path(home)));
    assert!(!path("title").overlaps(&path("urn:example:User:title")));
    assert!(path(work).same_entry(&path(r#"emails[type eq "WORK"].primary"#)));
    assert!(!path(work).same_entry(&path(home)));
}

#[test]
fn a_path_is_a_string_in_json() {
    let work = path(r#"emails[type eq "work"].value"#);
    let json = serde_json::to_string(&work).unwrap();
    assert_eq!(json, r#""emails[type eq \"work\"].value""#);
    assert_eq!(serde_json::from_str::<AttributePath>(&json).unwrap(), work);
    assert!(serde_json::from_str::<AttributePath>(r#""a b""#).is_err());
}

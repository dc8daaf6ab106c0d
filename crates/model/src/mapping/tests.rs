use super::*;

fn template(key: &str) -> &'static Template {
    Template::by_key(key).unwrap()
}

#[test]
fn assignments_are_read_and_printed_as_they_are_typed() {
    let table = [
        ("title=user.organizations[0].title", "title = user.organizations[0].title"),
        (
            r#"emails[type eq "work"].value = user.primaryEmail"#,
            r#"emails[type eq "work"].value = user.primaryEmail"#,
        ),
        (r#"emails[type eq "a=b"].value = user.id"#, r#"emails[type eq "a=b"].value = user.id"#),
        ("userType = 'Contractor'", r#"userType = "Contractor""#),
        ("  title =  user.id == '1' ? 'A' : 'B' ", "title = user.id == '1' ? 'A' : 'B'"),
    ];
    for (typed, printed) in table {
        let assignment = Assignment::parse(typed).unwrap();
        assert_eq!(assignment.to_string(), printed);
        assert_eq!(Assignment::parse(printed).unwrap(), assignment);
    }
}

#[test]
fn a_wrong_assignment_is_refused_with_what_and_where() {
    let table = [
        ("title", "`title` is not an assignment; write it as in `title = user.organizations[0].title`"),
        ("title = ", "nothing is assigned to title; give it a source, or `-` to leave it unmapped"),
        ("= user.id", "an attribute path is empty; name an attribute such as `userName`"),
        (
            "title = user.organisations[0].title",
            "the source of title is wrong: users of the directory have no `organisations`; did you mean `organizations`?",
        ),
        (
            "title = Contractor",
            "the source of title is wrong: `Contractor` is not known; an expression knows `user`, and a constant text is written in quotes, `\"Contractor\"`",
        ),
        (
            "title = user.id.lowerASCII()",
            "the source of title is wrong: there is no function `lowerASCII`; did you mean `lowerAscii`, `upperAscii`, `lower`?",
        ),
    ];
    for (typed, sentence) in table {
        assert_eq!(Assignment::parse(typed).unwrap_err().to_string(), sentence);
    }
    let error = Assignment::parse("title = user.id + + 'x'").unwrap_err().to_string();
    assert!(error.starts_with("the source of title is wrong: at character 11: "), "{error}");
}

#[test]
fn an_edit_sets_replaces_or_leaves_unmapped() {
    let mut mapping = Mapping::parse(&["userName = user.primaryEmail", "title = 'A'"]).unwrap();
    mapping.edit("USERNAME = user.id").unwrap();
    mapping.edit("nickName = 'N'").unwrap();
    mapping.edit("title = -").unwrap();
    mapping.edit("locale = -").unwrap();
    let lines: Vec<String> = mapping.into();
    assert_eq!(lines, ["USERNAME = user.id", "nickName = \"N\""]);
}

#[test]
fn a_mapping_is_a_list_of_assignments_in_json() {
    let mapping = template("aws").default_mapping();
    let json = serde_json::to_string(&mapping).unwrap();
    assert!(json.starts_with(r#"["userName = user.primaryEmail","externalId = user.id""#), "{json}");
    assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping);
    assert!(serde_json::from_str::<Mapping>(r#"["userName"]"#).is_err());
}

#[test]
fn mandatory_attributes_without_a_source_are_listed() {
    let mut mapping = template("aws").default_mapping();
    mapping.edit("displayName = -").unwrap();
    mapping.edit("userName = -").unwrap();
    let unmapped = |key: &str| {
        mapping.unmapped(template(key)).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(unmapped("aws"), "Username (userName), Formatted name (displayName)");
    assert_eq!(unmapped("scim"), "Username (userName)");
}

#[test]
fn a_mapping_that_does_not_fit_its_app_is_refused() {
    let table = [
        ("aws", "titel = user.id", "Amazon Web Services has no attribute titel; did you mean `title`?"),
        ("aws", "active = true", "Amazon Web Services has no attribute active"),
        (
            "aws",
            "name.givenname2 = user.id",
            "Amazon Web Services has no attribute name.givenname2; did you mean `name.givenName`?",
        ),
        (
            "scim",
            "emails = user.emails",
            "emails[type eq \"work\"].value and emails cannot both be mapped, because one is part of the other; leave one of them out",
        ),
        (
            "aws",
            "emails[type eq \"work\"].primary = 'perhaps'",
            "the constant of emails[type eq \"work\"].primary does not fit: it has to be true or false and is another text",
        ),
    ];
    for (key, line, sentence) in table {
        let mut mapping = template(key).default_mapping();
        mapping.edit(line).unwrap();
        assert_eq!(mapping.compile(template(key)).unwrap_err().to_string(), sentence);
    }
}

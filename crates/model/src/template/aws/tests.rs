use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::attribute::path::AttributePath;
use crate::mapping::compiled::{CompiledMapping, Mapped};
use crate::mapping::error::InvalidMapping;
use crate::template::Template;
use crate::template::attribute::Characters;

const PERSON: &str = "ada@example.com";

fn aws() -> &'static Template {
    Template::by_key("aws").unwrap()
}

fn compiled(lines: &[&str]) -> Result<CompiledMapping, InvalidMapping> {
    let mut mapping = aws().default_mapping();
    for line in lines {
        mapping.edit(line).unwrap();
    }
    mapping.compile(aws())
}

/// Ada, with some of her fields otherwise.
fn ada(other: &Value) -> Map<String, Value> {
    let user = json!({
        "id": "100",
        "primaryEmail": PERSON,
        "name": {"givenName": "Ada", "familyName": "Byron", "fullName": "Ada Byron"},
    });
    let mut user = user.as_object().unwrap().clone();
    user.extend(other.as_object().unwrap().clone());
    user
}

fn named(full_name: &str) -> Map<String, Value> {
    ada(&json!({"name": {"givenName": "Ada", "familyName": "Byron", "fullName": full_name}}))
}

fn mapped(lines: &[&str], user: &Map<String, Value>) -> Mapped {
    compiled(lines).unwrap().evaluate(user, PERSON).unwrap()
}

/// What is wrong with a person, without what to do about it.
fn refused(lines: &[&str], user: &Map<String, Value>) -> String {
    let sentence = compiled(lines).unwrap().evaluate(user, PERSON).unwrap_err().to_string();
    sentence.split("; correct ").next().unwrap().to_owned()
}

fn said(mapped: &Mapped) -> Vec<String> {
    mapped.cleaned.iter().map(ToString::to_string).collect()
}

fn text<'m>(mapped: &'m Mapped, path: &str) -> &'m str {
    mapped.attributes.get(&AttributePath::parse(path).unwrap()).unwrap().as_str().unwrap()
}

#[test]
fn attributes_are_called_what_googles_mapping_page_calls_them() {
    const ENTERPRISE: &str = crate::template::ENTERPRISE_USER;
    let (department, employee, cost) = (
        format!("{ENTERPRISE}:department"),
        format!("{ENTERPRISE}:employeeNumber"),
        format!("{ENTERPRISE}:costCenter"),
    );
    for (path, label) in [
        ("userName", "Basic Information > Username"),
        ("name.givenName", "Basic Information > First name"),
        ("name.familyName", "Basic Information > Last name"),
        ("displayName", "Additional Details > Formatted name"),
        ("profileUrl", "Additional Details > Website URL"),
        ("emails[type eq \"work\"].value", "Email > Value"),
        ("emails[type eq \"work\"].primary", "Email > Is primary"),
        ("phoneNumbers[type eq \"work\"].value", "Phone > Value"),
        ("phoneNumbers[type eq \"work\"].primary", "Phone > Is primary"),
        ("addresses[type eq \"work\"].formatted", "Address > Value"),
        ("addresses[type eq \"work\"].locality", "Address > Locality"),
        ("addresses[type eq \"work\"].region", "Address > Region"),
        ("addresses[type eq \"work\"].country", "Address > Country"),
        ("addresses[type eq \"work\"].primary", "Address > Is primary"),
        ("title", "Employee Details > Title"),
        ("userType", "Employee Details > Type"),
        (department.as_str(), "Employee Details > Department"),
        (employee.as_str(), "Employee Details > Employee ID"),
        (cost.as_str(), "Employee Details > Cost center"),
    ] {
        let attribute = aws().attribute(&AttributePath::parse(path).unwrap());
        assert_eq!(attribute.map(|attribute| attribute.label), Some(label), "{path}");
    }
}

#[test]
fn characters_that_aws_refuses_are_taken_out_of_names_and_said() {
    let mapped = mapped(&[], &named("\u{200B}A\u{7}d\u{8}a\u{2003}Byron 👩\u{200D}🚀"));
    assert_eq!(text(&mapped, "displayName"), "Ada Byron 👩🚀");
    assert_eq!(
        said(&mapped),
        [
            "2 control characters, 1 joiner of emoji and 1 invisible character were taken out of displayName, and 1 special space became a plain one"
        ]
    );
}

#[test]
fn what_names_somebody_is_never_changed_but_refused() {
    for (line, path) in [
        ("userName = user.notes.value", "userName"),
        ("externalId = user.notes.value", "externalId"),
        ("emails[type eq \"work\"].value = user.notes.value", "emails[type eq \"work\"].value"),
    ] {
        for (odd, shown) in [('\u{200B}', "U+200B"), ('\u{7}', "U+0007"), ('\u{AD}', "U+00AD")] {
            let user = ada(&json!({"notes": {"value": format!("a{odd}da@example.com")}}));
            assert_eq!(
                refused(&[line], &user),
                format!(
                    "{path} of {PERSON} does not fit: it has the character {shown} in it, which nobody sees and the \
                     app does not take; it is not taken out, because what is left could be another person's"
                )
            );
        }
    }
}

#[test]
fn a_name_in_another_form_is_somebody_elses_and_stays_as_it_is() {
    let decomposed = "bjo\u{308}rn@example.com";
    let mapped = mapped(&[], &ada(&json!({"primaryEmail": decomposed})));
    assert_eq!(text(&mapped, "userName"), decomposed);
}

#[test]
fn white_space_in_a_user_name_or_an_external_id_is_that_persons_failure() {
    for space in [' ', '\t', '\u{A0}', '\u{2003}', '\u{3000}'] {
        let user = ada(&json!({"notes": {"value": format!("ada{space}byron")}}));
        for path in ["userName", "externalId"] {
            assert_eq!(
                refused(&[&format!("{path} = user.notes.value")], &user),
                format!("{path} of {PERSON} does not fit: it has white space in it and the app allows none"),
            );
        }
    }
}

#[test]
fn a_name_with_nothing_in_it_that_prints_says_so() {
    assert_eq!(
        refused(&[], &named("\u{200B}\u{200C}")),
        format!(
            "displayName of {PERSON} does not fit: it has nothing in it but characters that nobody sees and the app \
             does not take"
        )
    );
    let mapped = mapped(&["title = user.notes.value"], &ada(&json!({"notes": {"value": "\u{200B}"}})));
    assert_eq!(mapped.attributes.get(&AttributePath::parse("title").unwrap()), None, "absent, never empty");
    assert_eq!(said(&mapped), ["1 invisible character was taken out of title"]);
}

#[test]
fn lengths_are_counted_after_cleaning_and_at_their_limits() {
    let padded = |n: usize| format!("{}{}", "ä".repeat(n), "\u{200B}".repeat(50));
    assert_eq!(text(&mapped(&[], &named(&padded(1024))), "displayName").chars().count(), 1024);
    assert_eq!(
        refused(&[], &named(&padded(1025))),
        format!(
            "displayName of {PERSON} does not fit: it has 1025 characters and the app takes at most 1024"
        )
    );
    for (path, limit) in [("userName", 128), ("externalId", 256)] {
        let line = format!("{path} = user.notes.value");
        let of = |n: usize| ada(&json!({"notes": {"value": "x".repeat(n)}}));
        assert_eq!(text(&mapped(&[&line], &of(limit)), path).len(), limit);
        assert!(refused(&[&line], &of(limit + 1)).ends_with(&format!("at most {limit}")));
    }
}

#[test]
fn reserved_names_are_that_persons_failure_in_whatever_case() {
    for name in ["Administrator", "administrator", "AWSAdministrators", "awsADMINISTRATORS"] {
        let user = ada(&json!({"notes": {"value": name}}));
        for path in ["userName", "displayName"] {
            assert_eq!(
                refused(&[&format!("{path} = user.notes.value")], &user),
                format!("{path} of {PERSON} does not fit: the app keeps the name `{name}` for itself")
            );
        }
        assert_eq!(text(&mapped(&["title = user.notes.value"], &user), "title"), name);
    }
    assert_eq!(text(&mapped(&[], &named("Administrators")), "displayName"), "Administrators");
}

#[test]
fn a_list_has_one_value() {
    let user = ada(&json!({"phones": [{"value": "1"}, {"value": "2"}]}));
    let line = "phoneNumbers[type eq \"work\"].value = user.phones";
    assert!(refused(&[line], &user).contains("there are 2 values and the app takes one"));
    let lists: Vec<_> = aws().attributes.iter().filter(|attribute| attribute.multi_valued).collect();
    assert!(lists.is_empty(), "no list is written with several");
    let types = aws().attributes.iter().filter_map(|attribute| attribute.path.entry_type());
    assert!(types.into_iter().all(|entry_type| entry_type == "work"), "one entry at most");
}

#[test]
fn a_mail_is_primary_or_it_is_not_sent() {
    let refusal = compiled(&["emails[type eq \"work\"].primary = -"]).unwrap_err();
    insta::assert_snapshot!(refusal, @r#"emails[type eq "work"].value is mapped and emails[type eq "work"].primary is not, and the app takes such an entry only if it is marked primary; map it with `emails[type eq "work"].primary = true`"#);
    let no_mail = ["emails[type eq \"work\"].value = -", "emails[type eq \"work\"].primary = -"];
    assert!(!mapped(&no_mail, &ada(&json!({}))).attributes.to_resource().contains_key("emails"));
    let by_field = "emails[type eq \"work\"].primary = user.isMailboxSetup";
    for user in [ada(&json!({})), ada(&json!({"isMailboxSetup": false}))] {
        assert_eq!(
            refused(&[by_field], &user),
            format!(
                "emails[type eq \"work\"].primary of {PERSON} does not fit: it has to be true, because the app takes \
                 such an entry only if it is marked primary"
            )
        );
    }
    let phone = ["phoneNumbers[type eq \"work\"].value = user.notes.value"];
    let with_phone = ada(&json!({"notes": {"value": "+44 1"}}));
    assert_eq!(text(&mapped(&phone, &with_phone), "phoneNumbers[type eq \"work\"].value"), "+44 1");
}

#[test]
fn every_text_has_a_limit_and_a_rule_for_its_characters() {
    for attribute in &aws().attributes {
        assert!(attribute.max_chars.is_some_and(|limit| limit <= 1024), "{}", attribute.path);
        assert_ne!(attribute.characters, Characters::Any, "{}", attribute.path);
    }
}

/// The class of free text in AWS's API model, as far as assigned characters go.
fn is_of_awss_class(character: char) -> bool {
    let is_white = matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{A0}' | '\u{3000}');
    is_white
        || !(character.is_control()
            || character.is_whitespace()
            || "\u{200B}\u{200D}\u{FEFF}".contains(character))
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

proptest! {
    #[test]
    fn whatever_the_directory_holds_aws_gets_what_it_takes(
        name in any::<String>(), title in "[ a\u{7}\u{200B}\u{200D}\u{2003}\u{2028}ä]{0,6}", id in any::<String>(),
    ) {
        let mapping = compiled(&["title = user.notes.value"]).unwrap();
        let user = ada(&json!({
            "id": id,
            "name": {"givenName": name, "familyName": "Byron", "fullName": title},
            "notes": {"value": title},
        }));
        if let Ok(mapped) = mapping.evaluate(&user, PERSON) {
            let resource = Value::Object(mapped.attributes.to_resource());
            for text in texts(&resource) {
                prop_assert!(!text.is_empty() && text.chars().count() <= 1024, "{text:?}");
                prop_assert!(text.chars().all(is_of_awss_class), "{text:?}");
            }
            for name in [mapped.attributes.user_name(), mapped.attributes.external_id()].into_iter().flatten() {
                prop_assert!(!name.contains(char::is_whitespace), "{name:?}");
            }
        }
    }
}

use serde_json::json;

use super::*;
use crate::attribute::path::AttributePath;
use crate::template::Template;

fn convert(attribute: &TemplateAttribute, value: &Value) -> Result<Option<Value>, Misfit> {
    super::convert(attribute, value, &mut Tally::default())
}

fn attribute(path: &str) -> TemplateAttribute {
    let path = AttributePath::parse(path).unwrap();
    Template::by_key("scim").unwrap().attribute(&path).unwrap().clone()
}

fn of_kind(kind: ValueKind) -> TemplateAttribute {
    TemplateAttribute { kind, ..attribute("title") }
}

#[test]
fn a_value_becomes_what_the_attribute_takes_where_nothing_is_lost() {
    let table = [
        (ValueKind::Text, json!("  Lead "), json!("Lead")),
        (ValueKind::Text, json!(7), json!("7")),
        (ValueKind::Text, json!(2.5), json!("2.5")),
        (ValueKind::Text, json!(true), json!("true")),
        (ValueKind::Text, json!(["only"]), json!("only")),
        (ValueKind::Text, json!([{"type": "work", "value": "x"}]), json!("x")),
        (ValueKind::Boolean, json!("TRUE"), json!(true)),
        (ValueKind::Boolean, json!(false), json!(false)),
        (ValueKind::Integer, json!("42"), json!(42)),
        (ValueKind::Integer, json!(3.0), json!(3)),
        (ValueKind::Decimal, json!("2.5"), json!(2.5)),
        (ValueKind::DateTime, json!("2026-01-31T09:00:00Z"), json!("2026-01-31T09:00:00Z")),
    ];
    for (kind, value, expected) in table {
        assert_eq!(convert(&of_kind(kind), &value), Ok(Some(expected)), "{kind:?} from {value}");
    }
}

#[test]
fn what_is_empty_is_absent() {
    for value in [json!(null), json!(""), json!(" \t"), json!([]), json!([null])] {
        assert_eq!(convert(&of_kind(ValueKind::Text), &value), Ok(None), "{value}");
        assert_eq!(convert(&attribute("roles"), &value), Ok(None), "{value}");
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    let table = [
        (ValueKind::Text, json!({"a": 1}), "it has to be a text and is an object with several fields"),
        (ValueKind::Text, json!(1e300), "it has to be a text and is 1e+300"),
        (ValueKind::Boolean, json!(1), "it has to be true or false and is 1"),
        (ValueKind::Integer, json!(2.5), "it has to be a whole number and is 2.5"),
        (ValueKind::Decimal, json!("much"), "it has to be a number and is another text"),
        (
            ValueKind::DateTime,
            json!("yesterday"),
            "it has to be a date and time such as 2026-01-31T09:00:00Z and is another text",
        ),
        (
            ValueKind::Text,
            json!(["a", "b"]),
            "there are 2 values and the app takes one; choose one, as in `user.emails[0].address`",
        ),
    ];
    for (kind, value, sentence) in table {
        assert_eq!(convert(&of_kind(kind), &value).unwrap_err().to_string(), sentence, "{value}");
    }
}

#[test]
fn limits_count_characters_and_name_both_sides() {
    let limited =
        TemplateAttribute { max_chars: Some(3), min_chars: 2, white_space: false, ..attribute("title") };
    assert_eq!(convert(&limited, &json!("äöü")), Ok(Some(json!("äöü"))), "characters, not bytes");
    assert_eq!(convert(&limited, &json!("äöüß")), Err(Misfit::TooLong { limit: 3, actual: 4 }));
    assert_eq!(convert(&limited, &json!("x")), Err(Misfit::TooShort { limit: 2, actual: 1 }));
    assert_eq!(convert(&limited, &json!("a b")), Err(Misfit::WhiteSpace));
    assert_eq!(convert(&limited, &json!(" ab ")), Ok(Some(json!("ab"))), "white space around does not count");
}

#[test]
fn a_list_takes_texts_or_objects_and_has_one_primary_entry_at_most() {
    let table = [
        ("roles", json!(["a", " ", "b"]), json!([{"value": "a", "primary": true}, {"value": "b"}])),
        ("roles", json!("a"), json!([{"value": "a", "primary": true}])),
        (
            "emails",
            json!([{"address": "a@b.c", "type": "home", "customType": "x"}, {"address": "d@e.f", "primary": true}]),
            json!([{"value": "a@b.c", "type": "home"}, {"value": "d@e.f", "primary": true}]),
        ),
        (
            "phoneNumbers",
            json!([{"value": "1", "primary": true}, {"value": "2", "primary": true}, {"type": "fax"}]),
            json!([{"value": "1", "primary": true}, {"value": "2"}]),
        ),
        (
            "addresses",
            json!([{"type": "work", "locality": "London", "poBox": "7", "primary": false}]),
            json!([{"type": "work", "locality": "London"}]),
        ),
    ];
    for (path, value, expected) in table {
        assert_eq!(convert(&attribute(path), &value), Ok(Some(expected)), "{path} from {value}");
    }
    let many = vec![json!("x"); MAX_ENTRIES + 1];
    let error = Misfit::TooManyEntries { limit: MAX_ENTRIES, count: MAX_ENTRIES + 1 };
    assert_eq!(convert(&attribute("roles"), &Value::Array(many)), Err(error));
}

#[test]
fn an_app_that_takes_every_character_gets_every_character() {
    let odd = json!("A\u{200B}d\u{7}a\u{2003}");
    assert_eq!(convert(&attribute("title"), &odd), Ok(Some(json!("A\u{200B}d\u{7}a"))));
}

#[test]
fn what_was_taken_out_of_every_entry_of_a_list_is_counted_together() {
    let cleaned = TemplateAttribute { characters: Characters::Cleaned, ..attribute("roles") };
    let mut tally = Tally::default();
    let value = super::convert(&cleaned, &json!(["a\u{7}", "\u{200B}", {"value": "b\u{8}"}]), &mut tally);
    assert_eq!(value, Ok(Some(json!([{"value": "a"}, {"value": "b"}]))));
    assert_eq!(tally, Tally { controls: 2, invisibles: 1, ..Tally::default() });
}

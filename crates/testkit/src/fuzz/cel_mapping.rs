//! Mappings: what is typed is read, printed, compiled for each template, and evaluated for a user.
//!
//! An input is edits of the default mapping, a line each; from a line on that begins with `{`, it is the user.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use usher_model::attribute::Attributes;
use usher_model::attribute::changes::changes;
use usher_model::mapping::compiled::{CompiledMapping, Mapped};
use usher_model::mapping::expression::{Expression, UserContext};
use usher_model::mapping::source::Source;
use usher_model::mapping::{Assignment, Mapping};
use usher_model::template::Template;

use super::sample;

const PERSON: &str = "ada.king@example.com";
/// More lines than this say nothing that fewer do not.
const MAX_LINES: usize = 40;
/// How many times larger than the user the value of an expression may be. The model's own limit is 1000, in another
/// measure: escapes and brackets of JSON come on top.
const MAX_GROWTH: usize = 8_000;

/// Checks one mapping, and what it makes of one user.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (edits, user) = match text.find("\n{") {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    };
    let user = serde_json::from_str(user).unwrap_or_else(|_| sample::directory_user());
    let Value::Object(user) = user else { return };
    for template in Template::all() {
        let mut mapping = template.default_mapping();
        for line in edits.lines().take(MAX_LINES) {
            if let Ok(assignment) = Assignment::parse(line) {
                check_assignment(&assignment, &user);
            }
            if let Err(error) = mapping.edit(line) {
                assert!(!error.to_string().is_empty(), "an error is a sentence");
            }
        }
        check_mapping(&mapping, template, &user);
    }
}

fn check_assignment(assignment: &Assignment, user: &Map<String, Value>) {
    let printed = assignment.to_string();
    assert_eq!(Assignment::parse(&printed).as_ref(), Ok(assignment), "printed and read again: {printed:?}");
    let Source::Expression(text) = &assignment.source else { return };
    let expression = match Expression::compile(text) {
        Ok(expression) => expression,
        Err(error) => panic!("{text:?} was a source and is no expression: {error}"),
    };
    let once = expression.evaluate(&UserContext::new(user));
    let twice = expression.evaluate(&UserContext::new(user));
    assert_eq!(once, twice, "the same user makes the same: {text:?}");
    if let Ok(value) = once {
        let (from, to) = (size(&user.clone().into()) + text.len(), size(&value));
        assert!(to <= from * MAX_GROWTH, "{text:?} makes {to} bytes of {from}");
    }
}

fn check_mapping(mapping: &Mapping, template: &'static Template, user: &Map<String, Value>) {
    let lines = Vec::<String>::from(mapping.clone());
    assert_eq!(Mapping::try_from(lines).as_ref(), Ok(mapping), "stored and read again");
    let Ok(compiled) = mapping.compile(template) else { return };
    let mapped = compiled.evaluate(user, PERSON);
    assert_eq!(mapped, compiled.evaluate(user, PERSON), "the same user makes the same attributes");
    let json = Value::from(user.clone()).to_string();
    match compiled.read(&json) {
        Ok(read) => assert_eq!(compiled.evaluate(&read, PERSON), mapped, "what is read of a user is enough"),
        Err(error) => panic!("a user is not read: {error}"),
    }
    if let Ok(mapped) = mapped {
        check_mapped(&compiled, &mapped, template);
    }
}

fn check_mapped(compiled: &CompiledMapping, mapped: &Mapped, template: &Template) {
    let attributes = &mapped.attributes;
    for (path, value) in attributes {
        let attribute = template.attribute(path);
        assert!(
            attribute.is_some() && compiled.attributes().any(|known| known == path),
            "{path} is not mapped"
        );
        let limit = attribute.and_then(|attribute| attribute.max_chars);
        if let (Some(limit), Some(text)) = (limit, value.as_str()) {
            assert!(text.chars().count() <= limit, "{path} is longer than the app takes: {text:?}");
        }
    }
    let resource = attributes.to_resource();
    let projected = Attributes::project(attributes.paths(), &resource);
    assert_eq!(&projected, attributes, "to SCIM and back");
    let changes = changes(attributes, &Attributes::new(), &projected);
    assert!(changes.is_empty(), "an app that says all that is wanted gets no write: {changes:?}");
}

fn size(value: &Value) -> usize {
    let mut text = String::new();
    write!(text, "{value}").map_or(usize::MAX, |()| text.len())
}

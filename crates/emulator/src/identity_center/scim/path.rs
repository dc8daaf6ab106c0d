//! Paths of a PATCH: `attribute`, `attribute.part`, `attribute[part eq "value"]`, `attribute[…].part`.

use serde_json::Value;

use crate::identity_center::scim::attribute::{Attribute, Kind, USER, find};
use crate::identity_center::scim::check::boolean;
use crate::identity_center::scim::filter::end_of_text;
use crate::identity_center::store::user::ENTERPRISE;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Where a PATCH of a user changes something.
#[derive(Clone, Debug)]
pub(crate) struct UserPath {
    pub(crate) attribute: &'static Attribute,
    /// What an element of the list must be like.
    pub(crate) filter: Option<Condition>,
    /// Parts below the attribute, outermost first.
    pub(crate) parts: Vec<&'static str>,
}

/// `part eq value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) part: &'static str,
    pub(crate) value: Value,
}

impl UserPath {
    /// Reads a path. None: it is none, or leads to nothing that Identity Center knows.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_prefix =
            |prefix: &str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        if is_prefix(ENTERPRISE) {
            let attribute = find(USER, ENTERPRISE)?;
            let rest = text.get(ENTERPRISE.len()..)?;
            let rest = if rest.is_empty() { "" } else { rest.strip_prefix([':', '.'])? };
            return Some(Self { attribute, filter: None, parts: parts(rest, attribute.kind)? });
        }
        let text = if is_prefix(CORE) { text.get(CORE.len()..)?.strip_prefix([':', '.'])? } else { text };
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let attribute = find(USER, name)?;
        let (filter, rest) = match rest.strip_prefix('[') {
            Some(rest) => {
                let Kind::List(_) = attribute.kind else { return None };
                let (condition, rest) = condition(rest, attribute.kind)?;
                (Some(condition), rest)
            }
            None => (None, rest),
        };
        let rest = if rest.is_empty() { "" } else { rest.strip_prefix('.')? };
        Some(Self { attribute, filter, parts: parts(rest, attribute.kind)? })
    }
}

/// The canonical names of the parts of `a.b`.
fn parts(text: &str, kind: Kind) -> Option<Vec<&'static str>> {
    let mut names = Vec::new();
    let mut kind = kind;
    for name in text.split('.').filter(|_| !text.is_empty()) {
        let (Kind::Complex(inner) | Kind::List(inner)) = kind else { return None };
        let part = find(inner, name)?;
        names.push(part.name);
        kind = part.kind;
    }
    Some(names)
}

/// `part eq value]`, and what follows it.
fn condition(text: &str, kind: Kind) -> Option<(Condition, &str)> {
    let (Kind::List(inner) | Kind::Complex(inner)) = kind else { return None };
    let (name, rest) = text.trim_start().split_once(char::is_whitespace)?;
    let (operator, rest) = rest.trim_start().split_once(char::is_whitespace)?;
    let part = find(inner, name).filter(|_| operator.eq_ignore_ascii_case("eq"))?;
    let rest = rest.trim_start();
    let end = if rest.starts_with('"') { end_of_text(rest)? } else { rest.find(']')? };
    let value: Value = serde_json::from_str(rest.get(..end)?.trim()).ok()?;
    let value = match part.kind {
        Kind::Bool => Value::Bool(boolean(&value).ok()?),
        Kind::Text { .. } if value.is_string() => value,
        Kind::Text { .. } | Kind::Complex(_) | Kind::List(_) | Kind::Ignored | Kind::Unsupported => {
            return None;
        }
    };
    let rest = rest.get(end..)?.trim_start().strip_prefix(']')?;
    Some((Condition { part: part.name, value }, rest))
}

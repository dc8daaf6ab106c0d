//! Where a PATCH operation points.

use serde_json::Value;

use crate::scim::answer::Refused;
use crate::scim::resources::Kind;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[derive(Debug, PartialEq)]
pub(super) struct Path {
    /// The URN of the extension that holds the attribute; none for the core.
    pub(super) extension: Option<String>,
    pub(super) attribute: String,
    /// `[name eq value]`.
    pub(super) selection: Option<(String, Value)>,
    pub(super) sub: Option<String>,
}

impl Path {
    /// An extension as a whole, or an attribute of it.
    pub(super) fn extension(urn: &str) -> Self {
        let (extension, attribute) = split_urn(urn);
        Self { extension, attribute: attribute.to_owned(), selection: None, sub: None }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Refused> {
        let invalid = || Refused::new(400, "invalidPath", format!("this path is not known here: {text}"));
        let (before, selection, after) = match text.split_once('[') {
            None => (text, None, ""),
            Some((before, rest)) => {
                let (inside, after) = rest.rsplit_once(']').ok_or_else(invalid)?;
                (before, Some(selection(inside).ok_or_else(invalid)?), after)
            }
        };
        let (extension, attribute) = split_urn(before);
        let (attribute, sub) = match attribute.split_once('.').filter(|_| !attribute.starts_with("urn:")) {
            None => (attribute, after.strip_prefix('.')),
            Some((attribute, sub)) => (attribute, Some(sub)),
        };
        if attribute.is_empty() || (!after.is_empty() && !after.starts_with('.')) {
            return Err(invalid());
        }
        Ok(Self { extension, attribute: attribute.to_owned(), selection, sub: sub.map(str::to_owned) })
    }
}

/// `name eq value`.
fn selection(text: &str) -> Option<(String, Value)> {
    let mut words = text.splitn(3, ' ');
    let (name, operator, value) = (words.next()?, words.next()?, words.next()?);
    operator.eq_ignore_ascii_case("eq").then_some(())?;
    Some((name.to_owned(), serde_json::from_str(value).ok()?))
}

/// The extension's URN, and the attribute in it. The extension itself is an attribute of the core.
fn split_urn(text: &str) -> (Option<String>, &str) {
    for core in [Kind::User.schema(), Kind::Group.schema()] {
        if let Some(attribute) = text.strip_prefix(core).and_then(|rest| rest.strip_prefix(':')) {
            return (None, attribute);
        }
    }
    if !text.starts_with("urn:") || text == ENTERPRISE {
        return (None, text);
    }
    text.rsplit_once(':').map_or((None, text), |(urn, attribute)| (Some(urn.to_owned()), attribute))
}

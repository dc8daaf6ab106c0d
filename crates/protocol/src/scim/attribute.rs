//! Names of attributes: `userName`, `name.familyName`,
//! `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
//!
//! Grammar (RFC 7644 §3.4.2.2): `attrPath = [URI ":"] ATTRNAME *1subAttr`.
//! `$ref`, which RFC 7643 §2.4 uses as a sub-attribute, is accepted as well.

use std::fmt;

use serde_json::{Map, Value};

use crate::json;
use crate::scim::{GROUP_SCHEMA, USER_SCHEMA};

/// The name of an attribute, perhaps of one of its sub-attributes.
///
/// Names compare without regard to case (RFC 7643 §2.1) wherever a resource is
/// searched; two paths are *equal* only in the same spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributePath {
    schema: Option<String>,
    name: String,
    sub_attribute: Option<String>,
}

impl AttributePath {
    /// Reads a path. `None` where the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (schema, rest) = match text.rfind(':') {
            Some(colon) => (Some(text[..colon].to_owned()), &text[colon + 1..]),
            None => (None, text),
        };
        if schema.as_deref().is_some_and(|urn| !is_schema(urn)) {
            return None;
        }
        let (name, sub_attribute) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub.to_owned())),
            None => (rest, None),
        };
        if !is_name(name) || sub_attribute.as_deref().is_some_and(|sub| !is_name(sub)) {
            return None;
        }
        Some(Self { schema, name: name.to_owned(), sub_attribute })
    }

    /// The schema URN in front of the name, if there is one.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The attribute's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The sub-attribute's name, if there is one.
    pub fn sub_attribute(&self) -> Option<&str> {
        self.sub_attribute.as_deref()
    }

    /// The schema of an extension: the URN, unless it is that of a core schema,
    /// whose attributes stand at the top of the resource.
    pub fn extension(&self) -> Option<&str> {
        self.schema().filter(|urn| !is_core_schema(urn))
    }

    /// The whole text as a schema URN: `…:2.0:User` reads as an attribute
    /// `User` of `…:2.0`, and only the resource tells which one was meant.
    pub fn as_schema(&self) -> Option<String> {
        if self.sub_attribute.is_some() {
            return None;
        }
        self.schema.as_ref().map(|urn| format!("{urn}:{}", self.name))
    }

    /// The attribute in this resource, whatever its case; sub-attributes of
    /// many values are not resolved here.
    pub fn find<'a>(&self, resource: &'a Map<String, Value>) -> Option<&'a Value> {
        if let Some(whole) = self.as_schema().and_then(|urn| json::find(resource, &urn)) {
            return Some(whole);
        }
        let container = match self.extension() {
            Some(urn) => json::object(resource, urn)?,
            None => resource,
        };
        json::find(container, &self.name)
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(formatter, "{schema}:")?;
        }
        formatter.write_str(&self.name)?;
        match &self.sub_attribute {
            Some(sub) => write!(formatter, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Whether attributes of this schema stand at the top of a resource.
pub fn is_core_schema(urn: &str) -> bool {
    urn.eq_ignore_ascii_case(USER_SCHEMA) || urn.eq_ignore_ascii_case(GROUP_SCHEMA)
}

/// Whether the text is an attribute name: a letter (or `$`), then letters, digits, `-`, `_` and `$`.
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'$')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$'))
}

/// A URN of a schema: `urn:` and what RFC 8141 allows, as far as schemas use it.
fn is_schema(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.eq_ignore_ascii_case("urn")
        && !rest.is_empty()
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/%+@!$'*=".contains(&byte))
}

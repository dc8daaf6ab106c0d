//! The name of one attribute, at the granularity at which accounts are compared and patched.
//!
//! The grammar is the part of RFC 7644 §3.5.2's `path` that a mapping needs:
//!
//! ```text
//! [urn ":"] attribute [ "[type eq " DQUOTE type DQUOTE "]" ] [ "." sub-attribute ]
//! ```
//!
//! for example `userName`, `name.givenName`, `phoneNumbers` (the list as a whole), `emails[type eq "work"].value`,
//! `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`. Other filters are not understood. Whatever is
//! a path here can stand in a PATCH request.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Attributes of this schema are written without their URN (RFC 7643 §3.3, §8.7.1).
const CORE_USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Longest path that is read, in characters; the longest one in use is below 100.
const MAX_CHARS: usize = 512;

/// The path of one attribute. Cheap to clone; equal and ordered without regard to case (RFC 7643 §2.1), spelled as
/// it was parsed.
#[derive(Clone)]
pub struct AttributePath(Arc<Parts>);

struct Parts {
    text: String,
    /// What equality and order look at.
    folded: String,
    urn: Option<String>,
    attribute: String,
    entry_type: Option<String>,
    sub: Option<String>,
}

/// Why a text is not an attribute path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// Nothing was given.
    #[error("an attribute path is empty; name an attribute such as `userName`")]
    Empty,
    /// Longer than anything an app defines.
    #[error("an attribute path has {actual} characters; at most {MAX_CHARS} are read")]
    TooLong {
        /// The length that was given, in characters.
        actual: usize,
    },
    /// A part is not a SCIM attribute name.
    #[error(
        "`{name}` in the attribute path `{path}` is not an attribute name: a letter, then letters, digits, `-`, `_` or `$`"
    )]
    Name {
        /// The whole path.
        path: String,
        /// The part that is wrong.
        name: String,
    },
    /// The part before the last colon is not a schema URN.
    #[error("`{urn}` in the attribute path `{path}` is not a schema URN such as `{CORE_USER}`")]
    Urn {
        /// The whole path.
        path: String,
        /// The part that is wrong.
        urn: String,
    },
    /// A filter other than `[type eq "…"]`.
    #[error(
        "the filter in the attribute path `{path}` is not understood; write it as in `emails[type eq \"work\"].value`"
    )]
    Filter {
        /// The whole path.
        path: String,
    },
    /// A list entry as a whole; only its sub-attributes are mapped.
    #[error(
        "the attribute path `{path}` names a list entry as a whole; name one of its parts, as in `.value`"
    )]
    WholeEntry {
        /// The whole path.
        path: String,
    },
}

impl AttributePath {
    /// Reads a path. White space around it and inside the filter does not count; the core schema's URN is dropped.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        let actual = text.chars().count();
        if actual > MAX_CHARS {
            return Err(PathError::TooLong { actual });
        }
        let (head, filter) = match text.split_once('[') {
            Some((head, rest)) => (head, Some(rest)),
            None => (text, None),
        };
        let (urn, head) = split_urn(text, head)?;
        let (attribute, entry_type, sub) = match filter {
            Some(filter) => {
                let (entry_type, sub) = split_filter(text, filter)?;
                (head, Some(entry_type), Some(sub))
            }
            None => match head.split_once('.') {
                Some((attribute, sub)) => (attribute, None, Some(sub)),
                None => (head, None, None),
            },
        };
        for name in std::iter::once(attribute).chain(sub) {
            if !is_attribute_name(name) {
                return Err(PathError::Name { path: text.to_owned(), name: name.to_owned() });
            }
        }
        Ok(Self::from_parts(urn, attribute, entry_type, sub))
    }

    fn from_parts(urn: Option<&str>, attribute: &str, entry_type: Option<&str>, sub: Option<&str>) -> Self {
        let mut text = String::new();
        if let Some(urn) = urn {
            text.push_str(urn);
            text.push(':');
        }
        text.push_str(attribute);
        if let Some(entry_type) = entry_type {
            text.push_str("[type eq \"");
            text.push_str(entry_type);
            text.push_str("\"]");
        }
        if let Some(sub) = sub {
            text.push('.');
            text.push_str(sub);
        }
        Self(Arc::new(Parts {
            folded: text.to_lowercase(),
            text,
            urn: urn.map(str::to_owned),
            attribute: attribute.to_owned(),
            entry_type: entry_type.map(str::to_owned),
            sub: sub.map(str::to_owned),
        }))
    }

    /// The path as text, in the spelling it was parsed with.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The extension schema the attribute belongs to; nothing for the core schema.
    pub fn urn(&self) -> Option<&str> {
        self.0.urn.as_deref()
    }

    /// The attribute itself: `emails` of `emails[type eq "work"].value`.
    pub fn attribute(&self) -> &str {
        &self.0.attribute
    }

    /// The type of the list entry: `work` of `emails[type eq "work"].value`.
    pub fn entry_type(&self) -> Option<&str> {
        self.0.entry_type.as_deref()
    }

    /// The sub-attribute: `givenName` of `name.givenName`, `value` of `emails[type eq "work"].value`.
    pub fn sub(&self) -> Option<&str> {
        self.0.sub.as_deref()
    }

    /// Whether this is the path that `text` spells, without regard to case.
    pub fn is(&self, text: &str) -> bool {
        self.0.text.eq_ignore_ascii_case(text)
    }

    /// Whether both are about the same attribute as seen from the top of a resource: `emails` and
    /// `emails[type eq "work"].value`.
    pub fn same_attribute(&self, other: &Self) -> bool {
        let same_urn = match (self.urn(), other.urn()) {
            (Some(one), Some(two)) => one.eq_ignore_ascii_case(two),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_urn && self.attribute().eq_ignore_ascii_case(other.attribute())
    }

    /// Whether both name the same list entry: `emails[type eq "work"].value` and `emails[type eq "work"].primary`.
    pub fn same_entry(&self, other: &Self) -> bool {
        let same_type = match (self.entry_type(), other.entry_type()) {
            (Some(one), Some(two)) => same_type(one, two),
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        same_type && self.same_attribute(other)
    }

    /// Whether writing one would write the other too: `emails` contains `emails[type eq "work"].value`.
    pub fn overlaps(&self, other: &Self) -> bool {
        self == other || (self.same_attribute(other) && (self.sub().is_none() || other.sub().is_none()))
    }
}

/// Whether both are the type of one entry. Types are anybody's words, so their case is Unicode's.
pub(super) fn same_type(one: &str, two: &str) -> bool {
    one.eq_ignore_ascii_case(two) || one.to_lowercase() == two.to_lowercase()
}

/// Splits the schema URN off, and drops it where it is the core schema's.
fn split_urn<'a>(path: &str, head: &'a str) -> Result<(Option<&'a str>, &'a str), PathError> {
    let Some((urn, rest)) = head.rsplit_once(':') else {
        return Ok((None, head));
    };
    let is_urn = urn.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("urn:"))
        && urn.len() > 4
        && urn.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/%+@!$'*=".contains(c));
    if !is_urn {
        return Err(PathError::Urn { path: path.to_owned(), urn: urn.to_owned() });
    }
    Ok(((!urn.eq_ignore_ascii_case(CORE_USER)).then_some(urn), rest))
}

/// Reads what follows the opening bracket: `type eq "work"].value`.
fn split_filter<'a>(path: &str, filter: &'a str) -> Result<(&'a str, &'a str), PathError> {
    let wrong = || PathError::Filter { path: path.to_owned() };
    let (filter, after) = filter.split_once(']').ok_or_else(wrong)?;
    let (name, rest) = filter.trim().split_once(char::is_whitespace).ok_or_else(wrong)?;
    let (operator, value) = rest.trim_start().split_once(char::is_whitespace).ok_or_else(wrong)?;
    if !name.eq_ignore_ascii_case("type") || !operator.eq_ignore_ascii_case("eq") {
        return Err(wrong());
    }
    let entry_type =
        value.trim().strip_prefix('"').and_then(|value| value.strip_suffix('"')).ok_or_else(wrong)?;
    if entry_type.is_empty() || entry_type.contains(|c: char| c.is_control() || "\"\\".contains(c)) {
        return Err(wrong());
    }
    let sub = after.strip_prefix('.').ok_or_else(|| PathError::WholeEntry { path: path.to_owned() })?;
    Ok((entry_type, sub))
}

/// RFC 7643 §2.1's `ATTRNAME`, and names such as `$ref` that begin with the dollar sign.
fn is_attribute_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "$-_".contains(c))
}

impl PartialEq for AttributePath {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.folded == other.0.folded
    }
}

impl Eq for AttributePath {}

impl PartialOrd for AttributePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AttributePath {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.folded.cmp(&other.0.folded) }
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttributePath({})", self.as_str())
    }
}

impl FromStr for AttributePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

impl Serialize for AttributePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AttributePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Known)
    }
}

/// Reads paths as JSON spells them. A million accounts name the same dozen, so each thread keeps those that it has read.
struct Known;

/// How many paths a thread keeps: more than all templates have together.
const KEPT: usize = 256;

thread_local! {
    static READ: RefCell<BTreeMap<Box<str>, AttributePath>> = const { RefCell::new(BTreeMap::new()) };
}

impl Visitor<'_> for Known {
    type Value = AttributePath;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute path")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<AttributePath, E> {
        READ.with_borrow_mut(|read| {
            if let Some(path) = read.get(text) {
                return Ok(path.clone());
            }
            let path = AttributePath::parse(text).map_err(de::Error::custom)?;
            if read.len() < KEPT {
                read.insert(text.into(), path.clone());
            }
            Ok(path)
        })
    }
}

#[cfg(test)]
mod tests;

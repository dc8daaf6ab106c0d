//! Paths of PATCH operations (RFC 7644 §3.5.2, figure 7):
//! `PATH = attrPath / valuePath [subAttr]`.

use std::fmt;

use crate::scim::attribute::{AttributePath, is_name};
use crate::scim::filter::Filter;
use crate::scim::filter::parse::{FilterError, Parser, prints_too_long};

/// What a PATCH operation works on.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchPath {
    /// An attribute or a sub-attribute: `active`, `name.familyName`.
    Attribute(AttributePath),
    /// Chosen values of an attribute: `emails[type eq "work"]`.
    Values {
        /// The attribute of many values.
        attribute: AttributePath,
        /// Which of its values.
        filter: Filter,
        /// A sub-attribute of those values: `….value`.
        sub_attribute: Option<String>,
    },
}

impl PatchPath {
    /// Reads a path. The whole text must be one.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text.trim_matches(' '))?;
        let attribute = parser.attribute()?;
        if parser.rest().is_empty() {
            return Ok(Self::Attribute(attribute));
        }
        let filter = parser.value_filter()?;
        let sub_attribute = match parser.rest().strip_prefix('.') {
            Some(sub) if is_name(sub) => Some(sub.to_owned()),
            Some(_) | None => {
                parser.end()?;
                None
            }
        };
        let path = Self::Values { attribute, filter, sub_attribute };
        if prints_too_long(&path) { Err(FilterError::TooLong) } else { Ok(path) }
    }

    /// The attribute that the path begins with.
    pub fn attribute(&self) -> &AttributePath {
        match self {
            Self::Attribute(attribute) | Self::Values { attribute, .. } => attribute,
        }
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(attribute) => write!(formatter, "{attribute}"),
            Self::Values { attribute, filter, sub_attribute } => {
                write!(formatter, "{attribute}[{filter}]")?;
                match sub_attribute {
                    Some(sub) => write!(formatter, ".{sub}"),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;

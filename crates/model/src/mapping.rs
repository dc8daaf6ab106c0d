//! Where the attributes of an account come from.
//!
//! A [`Mapping`] is an ordered list of assignments, one for each attribute it fills:
//!
//! ```text
//! title = user.organizations[0].title                    an attribute of the directory
//! userType = "Contractor"                                a constant
//! displayName = user.name.familyName.upperAscii()        an expression
//! ```
//!
//! The text is the form in which mappings are typed, exported and stored. Against a template it compiles to a
//! [`compiled::CompiledMapping`], which makes one user's attributes.
//!
//! # Invariants
//!
//! 1. No attribute is assigned twice.
//! 2. Every source in a mapping was parsed, so a mapping that was read back compiles unless its template changed.

pub mod cleaning;
pub mod compiled;
pub(crate) mod convert;
pub mod error;
pub mod expression;
mod fields;
mod near;
pub mod source;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::compiled::CompiledMapping;
use self::error::{AssignmentError, InvalidMapping};
use self::source::Source;
use crate::attribute::path::AttributePath;
use crate::template::Template;
use crate::template::attribute::{NamedAttribute, TemplateAttribute};

/// What stands for the source of an attribute that is not to be mapped, as on Google's page.
const UNMAPPED: &str = "-";

/// One attribute and its source. Prints as it is typed: `title = user.organizations[0].title`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// What is filled.
    pub attribute: AttributePath,
    /// What it is filled from.
    pub source: Source,
}

/// The sources of all attributes that an app gets. Serializes as a list of assignments in their text form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Mapping(Vec<Assignment>);

impl Template {
    /// The mapping an app begins with, and returns to with `--reset`.
    pub fn default_mapping(&self) -> Mapping {
        Mapping::parse(self.default_mapping)
            .expect("invariant: a test parses every template's default mapping")
    }

    /// The mapping of an app with these assignments of its own; with none it is the default one.
    pub fn mapping(&self, assignments: &[String]) -> Result<Mapping, AssignmentError> {
        if assignments.is_empty() {
            return Ok(self.default_mapping());
        }
        Mapping::parse(&assignments.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Mapping {
    /// Reads assignments in their order; a later one for the same attribute replaces an earlier one.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a &'a str>) -> Result<Self, AssignmentError> {
        let mut mapping = Self::default();
        for line in lines {
            mapping.edit(line)?;
        }
        Ok(mapping)
    }

    /// Makes one edit as it is typed: `title = user.…` sets the attribute's source, `title = -` leaves it unmapped.
    pub fn edit(&mut self, line: &str) -> Result<(), AssignmentError> {
        let (attribute, source) = split(line)?;
        if source == UNMAPPED {
            self.unset(&attribute);
        } else {
            self.set(Assignment { source: read_source(&attribute, source)?, attribute });
        }
        Ok(())
    }

    /// Sets the source of one attribute, in its place if it has one.
    pub fn set(&mut self, assignment: Assignment) {
        match self.0.iter_mut().find(|known| known.attribute == assignment.attribute) {
            Some(known) => *known = assignment,
            None => self.0.push(assignment),
        }
    }

    /// Leaves an attribute unmapped. Its value stays as it is at the app.
    pub fn unset(&mut self, attribute: &AttributePath) {
        self.0.retain(|known| known.attribute != *attribute);
    }

    /// The source of one attribute.
    pub fn get(&self, attribute: &AttributePath) -> Option<&Source> {
        self.0.iter().find(|known| known.attribute == *attribute).map(|known| &known.source)
    }

    /// All assignments, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Assignment> {
        self.0.iter()
    }

    /// The mandatory attributes that nothing is mapped to; activation is refused while there are any.
    pub fn unmapped(&self, template: &Template) -> Vec<NamedAttribute> {
        let unmapped = template.mandatory().filter(|attribute| self.get(&attribute.path).is_none());
        unmapped.map(TemplateAttribute::named).collect()
    }

    /// Checks the mapping against what the app accepts, and prepares it for evaluation. Mandatory attributes may be
    /// unmapped still: activation refuses that, and until then evaluation says so for each person.
    pub fn compile(&self, template: &Template) -> Result<CompiledMapping, InvalidMapping> {
        for (position, assignment) in self.0.iter().enumerate() {
            let path = &assignment.attribute;
            if template.attribute(path).is_none() {
                return Err(InvalidMapping::unknown(path, template));
            }
            let earlier = self.0[..position].iter().map(|earlier| &earlier.attribute);
            if let Some(other) = earlier.into_iter().find(|other| other.overlaps(path)) {
                return Err(InvalidMapping::Overlap { one: other.clone(), two: path.clone() });
            }
            if let Some(primary) = template.primary_of(path).filter(|primary| self.get(primary).is_none()) {
                return Err(InvalidMapping::NotPrimary { attribute: path.clone(), primary });
            }
        }
        CompiledMapping::new(self, template)
    }
}

impl Assignment {
    /// Reads `attribute = source`, as `usher app map --set` takes it.
    pub fn parse(line: &str) -> Result<Self, AssignmentError> {
        let (attribute, source) = split(line)?;
        Ok(Self { source: read_source(&attribute, source)?, attribute })
    }
}

fn read_source(attribute: &AttributePath, source: &str) -> Result<Source, AssignmentError> {
    Source::parse(source).map_err(|error| AssignmentError::Source { attribute: attribute.clone(), error })
}

/// Splits an assignment at its equals sign; one inside a filter such as `[type eq "a=b"]` does not count.
fn split(line: &str) -> Result<(AttributePath, &str), AssignmentError> {
    let no_equals = || AssignmentError::NoEquals { line: line.trim().to_owned() };
    let equals = line.find('=').ok_or_else(no_equals)?;
    let filter_end = line[..equals].find('[').and_then(|_| line.find(']')).unwrap_or(0);
    let equals = filter_end + line[filter_end..].find('=').ok_or_else(no_equals)?;
    let attribute = AttributePath::parse(&line[..equals])?;
    let source = line[equals + 1..].trim();
    if source.is_empty() {
        return Err(AssignmentError::NoSource { attribute });
    }
    Ok((attribute, source))
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.attribute, self.source)
    }
}

impl<'a> IntoIterator for &'a Mapping {
    type Item = &'a Assignment;
    type IntoIter = std::slice::Iter<'a, Assignment>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<String>> for Mapping {
    type Error = AssignmentError;

    fn try_from(lines: Vec<String>) -> Result<Self, AssignmentError> {
        let mut mapping = Self::default();
        for line in lines {
            mapping.set(Assignment::parse(&line)?);
        }
        Ok(mapping)
    }
}

impl From<Mapping> for Vec<String> {
    fn from(mapping: Mapping) -> Self {
        mapping.iter().map(ToString::to_string).collect()
    }
}

#[cfg(test)]
mod tests;

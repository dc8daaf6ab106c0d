//! A mapping, ready to be evaluated for each person of a directory.
//!
//! Plain paths are looked up in the user's JSON as it is. What an expression needs is made once per user, and only if
//! there is an expression. A compiled mapping is shared between threads.

use std::cell::OnceCell;

use serde_json::{Map, Value};

use super::Mapping;
use super::convert::convert;
use super::error::{InvalidMapping, MappingError};
use super::expression::{Expression, UserContext};
use super::source::{DirectoryPath, Source};
use crate::attribute::Attributes;
use crate::attribute::path::AttributePath;
use crate::template::{Template, TemplateAttribute};

/// A mapping that fits an app, with its expressions compiled.
#[derive(Debug)]
pub struct CompiledMapping {
    steps: Vec<Step>,
    unmapped: Vec<AttributePath>,
}

/// One attribute and how it is made.
#[derive(Debug)]
struct Step {
    attribute: TemplateAttribute,
    source: Compiled,
    /// Whether it is the `primary` of a list entry, which alone makes no entry.
    is_primary: bool,
    /// How the source is spelled, for messages.
    origin: String,
}

#[derive(Debug)]
enum Compiled {
    Directory(DirectoryPath),
    /// Converted already.
    Constant(Value),
    Expression(Box<Expression>),
}

impl CompiledMapping {
    /// Prepares a mapping whose attributes are all of this template.
    pub(super) fn new(mapping: &Mapping, template: &Template) -> Result<Self, InvalidMapping> {
        let mut steps = Vec::new();
        for assignment in mapping {
            let path = &assignment.attribute;
            let attribute =
                template.attribute(path).ok_or_else(|| InvalidMapping::unknown(path, template))?;
            if let Some(source) = compile(attribute, &assignment.source)? {
                let is_primary =
                    path.entry_type().is_some() && path.sub().is_some_and(|sub| sub == "primary");
                let origin = assignment.source.to_string();
                steps.push(Step { attribute: attribute.clone(), source, is_primary, origin });
            }
        }
        Ok(Self { steps, unmapped: mapping.unmapped(template) })
    }

    /// The attributes that the mapping fills, in its order.
    pub fn attributes(&self) -> impl Iterator<Item = &AttributePath> {
        self.steps.iter().map(|step| &step.attribute.path)
    }

    /// What the app is to hold about one user.
    ///
    /// `user` is the Directory API's resource, `person` how messages call them, their e-mail address. The first thing
    /// that does not fit is the error; it concerns this person alone.
    pub fn evaluate(&self, user: &Map<String, Value>, person: &str) -> Result<Attributes, MappingError> {
        if let Some(attribute) = self.unmapped.first() {
            return Err(MappingError::Unmapped { attribute: attribute.clone(), person: person.to_owned() });
        }
        let context = OnceCell::new();
        let mut attributes = Attributes::new();
        for step in &self.steps {
            match step.evaluate(user, person, &context)? {
                Some(value) => attributes.insert(step.attribute.path.clone(), value),
                None if step.attribute.mandatory => {
                    let (attribute, origin) = (step.attribute.path.clone(), step.origin.clone());
                    return Err(MappingError::Missing { attribute, person: person.to_owned(), origin });
                }
                None => {}
            }
        }
        self.drop_lone_primaries(&mut attributes);
        Ok(attributes)
    }

    /// Takes `primary` out of list entries that hold nothing else.
    fn drop_lone_primaries(&self, attributes: &mut Attributes) {
        for step in self.steps.iter().filter(|step| step.is_primary) {
            let path = &step.attribute.path;
            if !attributes.paths().any(|other| other != path && other.same_entry(path)) {
                attributes.remove(path);
            }
        }
    }
}

/// Compiles one source; a constant that is empty makes no step.
fn compile(attribute: &TemplateAttribute, source: &Source) -> Result<Option<Compiled>, InvalidMapping> {
    let path = || attribute.path.clone();
    Ok(match source {
        Source::Directory(path) => Some(Compiled::Directory(path.clone())),
        Source::Constant(value) => convert(attribute, value)
            .map_err(|reason| InvalidMapping::Constant { attribute: path(), reason })?
            .map(Compiled::Constant),
        Source::Expression(text) => {
            let expression = Expression::compile(text)
                .map_err(|error| InvalidMapping::Source { attribute: path(), error })?;
            Some(Compiled::Expression(Box::new(expression)))
        }
    })
}

impl Step {
    fn evaluate(
        &self,
        user: &Map<String, Value>,
        person: &str,
        context: &OnceCell<UserContext>,
    ) -> Result<Option<Value>, MappingError> {
        let value = match &self.source {
            Compiled::Constant(value) => return Ok(Some(value.clone())),
            Compiled::Directory(path) => path.lookup(user).map(|value| convert(&self.attribute, value)),
            Compiled::Expression(expression) => {
                let context = context.get_or_init(|| UserContext::new(user));
                let value = expression.evaluate(context).map_err(|message| MappingError::Expression {
                    attribute: self.attribute.path.clone(),
                    person: person.to_owned(),
                    message,
                })?;
                Some(convert(&self.attribute, &value))
            }
        };
        value.transpose().map(Option::flatten).map_err(|reason| MappingError::Misfit {
            attribute: self.attribute.path.clone(),
            person: person.to_owned(),
            origin: self.origin.clone(),
            reason,
        })
    }
}

#[cfg(test)]
mod tests;

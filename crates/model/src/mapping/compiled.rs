//! A mapping, ready to be evaluated for each person of a directory.
//!
//! Plain paths are looked up in the user's JSON as it is. What an expression needs is made once per user, and only if
//! there is an expression. A compiled mapping is shared between threads.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Mapping;
use super::cleaning::{Cleaned, Tally};
use super::convert::convert;
use super::error::{InvalidMapping, MappingError, Misfit};
use super::expression::{Expression, UserContext};
use super::fields::Fields;
use super::source::{DirectoryPath, Source};
use crate::attribute::Attributes;
use crate::attribute::path::AttributePath;
use crate::template::Template;
use crate::template::attribute::{NamedAttribute, TemplateAttribute};

/// A mapping that fits an app, with its expressions compiled.
#[derive(Debug)]
pub struct CompiledMapping {
    steps: Vec<Step>,
    unmapped: Vec<NamedAttribute>,
    /// What it looks at of a user.
    fields: Fields,
}

/// What a mapping makes of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// What the app is to hold.
    pub attributes: Attributes,
    /// What had to be taken out of it first, in the mapping's order.
    pub cleaned: Vec<Cleaned>,
}

/// One attribute and how it is made.
#[derive(Debug)]
struct Step {
    attribute: TemplateAttribute,
    source: Compiled,
    /// Whether it is the `primary` of a list entry, which alone makes no entry.
    is_primary: bool,
    /// Whether it is one without which the app takes no such entry.
    is_required_primary: bool,
    /// How the source is spelled, for messages.
    origin: String,
}

#[derive(Debug)]
enum Compiled {
    Directory(DirectoryPath),
    /// Converted already, and what was taken out of it.
    Constant(Value, Tally),
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
                let is_required_primary = template.primary_of(path).is_some_and(|primary| primary == *path);
                let origin = assignment.source.to_string();
                let attribute = attribute.clone();
                steps.push(Step { attribute, source, is_primary, is_required_primary, origin });
            }
        }
        let fields = fields(&steps);
        Ok(Self { steps, unmapped: mapping.unmapped(template), fields })
    }

    /// The attributes that the mapping fills, in its order.
    pub fn attributes(&self) -> impl Iterator<Item = &AttributePath> {
        self.steps.iter().map(|step| &step.attribute.path)
    }

    /// The fields of the Directory API's user, at its top, that the mapping looks at; none: it may look at any.
    pub fn user_fields(&self) -> Option<&BTreeSet<String>> {
        match &self.fields {
            Fields::All => None,
            Fields::Only(names) => Some(names),
        }
    }

    /// Reads the Directory API's user, as JSON text, as far as [`CompiledMapping::evaluate`] looks at it.
    pub fn read(&self, user: &str) -> Result<Map<String, Value>, serde_json::Error> {
        self.fields.read(user)
    }

    /// What the app is to hold about one user.
    ///
    /// `user` is the Directory API's resource, `person` how messages call them, their e-mail address. The first thing
    /// that does not fit is the error; it concerns this person alone.
    pub fn evaluate(&self, user: &Map<String, Value>, person: &str) -> Result<Mapped, MappingError> {
        if let Some(attribute) = self.unmapped.first() {
            return Err(MappingError::Unmapped { attribute: attribute.clone(), person: person.to_owned() });
        }
        let context = OnceCell::new();
        let mut mapped = Mapped::default();
        for step in &self.steps {
            let mut tally = Tally::default();
            match step.evaluate(user, person, &context, &mut tally)? {
                Some(value) => mapped.attributes.insert(step.attribute.path.clone(), value),
                None if !step.attribute.mandatory => {}
                None if tally.is_empty() => return Err(step.missing(person)),
                None => return Err(step.misfit(person, Misfit::NothingLeft)),
            }
            if !tally.is_empty() {
                mapped.cleaned.push(Cleaned { attribute: step.attribute.path.clone(), tally });
            }
        }
        self.drop_lone_primaries(&mut mapped.attributes);
        self.require_primaries(&mapped.attributes, person)?;
        Ok(mapped)
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

    /// Refuses entries that are not primary, where the app takes no other.
    fn require_primaries(&self, attributes: &Attributes, person: &str) -> Result<(), MappingError> {
        for step in self.steps.iter().filter(|step| step.is_required_primary) {
            let path = &step.attribute.path;
            let is_primary = attributes.get(path) == Some(&Value::Bool(true));
            if !is_primary && attributes.paths().any(|other| other.same_entry(path)) {
                return Err(step.misfit(person, Misfit::NotPrimary));
            }
        }
        Ok(())
    }
}

/// What these steps look at of a user.
fn fields(steps: &[Step]) -> Fields {
    let mut names = BTreeSet::new();
    for step in steps {
        match &step.source {
            Compiled::Directory(path) => {
                names.insert(path.field().to_owned());
            }
            Compiled::Constant(_, _) => {}
            Compiled::Expression(expression) => match expression.fields() {
                Fields::All => return Fields::All,
                Fields::Only(read) => names.extend(read),
            },
        }
    }
    Fields::Only(names)
}

/// Compiles one source; a constant that is empty makes no step.
fn compile(attribute: &TemplateAttribute, source: &Source) -> Result<Option<Compiled>, InvalidMapping> {
    let path = || attribute.path.clone();
    Ok(match source {
        Source::Directory(path) => Some(Compiled::Directory(path.clone())),
        Source::Constant(value) => {
            let mut tally = Tally::default();
            convert(attribute, value, &mut tally)
                .map_err(|reason| InvalidMapping::Constant { attribute: path(), reason })?
                .map(|value| Compiled::Constant(value, tally))
        }
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
        tally: &mut Tally,
    ) -> Result<Option<Value>, MappingError> {
        let value = match &self.source {
            Compiled::Constant(value, constant) => {
                *tally = *constant;
                return Ok(Some(value.clone()));
            }
            Compiled::Directory(path) => {
                path.lookup(user).map(|value| convert(&self.attribute, value, tally))
            }
            Compiled::Expression(expression) => {
                let context = context.get_or_init(|| UserContext::new(user));
                let value = expression.evaluate(context).map_err(|message| MappingError::Expression {
                    attribute: self.attribute.path.clone(),
                    person: person.to_owned(),
                    message,
                })?;
                Some(convert(&self.attribute, &value, tally))
            }
        };
        value.transpose().map(Option::flatten).map_err(|reason| self.misfit(person, reason))
    }

    fn missing(&self, person: &str) -> MappingError {
        let (attribute, origin) = (self.attribute.named(), self.origin.clone());
        MappingError::Missing { attribute, person: person.to_owned(), origin }
    }

    fn misfit(&self, person: &str, reason: Misfit) -> MappingError {
        let (attribute, origin) = (self.attribute.path.clone(), self.origin.clone());
        MappingError::Misfit { attribute, person: person.to_owned(), origin, reason }
    }
}

#[cfg(test)]
mod tests;

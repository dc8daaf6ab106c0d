//! What can be wrong with a mapping: its text, its fit to an app, and its result for one person.

use thiserror::Error;

use super::near;
use crate::attribute::path::{AttributePath, PathError};
use crate::template::Template;
use crate::template::attribute::NamedAttribute;

/// Why a text is not an assignment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AssignmentError {
    /// No equals sign.
    #[error("`{line}` is not an assignment; write it as in `title = user.organizations[0].title`")]
    NoEquals {
        /// What was given.
        line: String,
    },
    /// Nothing on the right.
    #[error("nothing is assigned to {attribute}; give it a source, or `-` to leave it unmapped")]
    NoSource {
        /// What was to be filled.
        attribute: AttributePath,
    },
    /// The left side is not an attribute path.
    #[error(transparent)]
    Attribute(#[from] PathError),
    /// The right side is not a source.
    #[error("the source of {attribute} is wrong: {error}")]
    Source {
        /// What was to be filled.
        attribute: AttributePath,
        /// What is wrong with the source.
        #[source]
        error: SourceError,
    },
}

/// Why a text is not a source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SourceError {
    /// Longer than sources are.
    #[error("it has {actual} characters, at most {limit} are read")]
    TooLong {
        /// Characters that are read.
        limit: usize,
        /// Characters there are.
        actual: usize,
    },
    /// A path into fields that no user has.
    #[error("users of the directory have no `{field}`{}", near::did_you_mean(near))]
    UnknownField {
        /// The field.
        field: String,
        /// Fields that may have been meant.
        near: Vec<String>,
    },
    /// Not an expression either.
    #[error("at character {column}: {message}")]
    Syntax {
        /// Where, counted from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// Something is missing at its end.
    #[error("the expression ends too early, at character {column}: write what is missing there")]
    EndsEarly {
        /// Where, counted from 1.
        column: usize,
    },
    /// A name that an expression does not know.
    #[error(
        "`{name}` is not known; an expression knows `user`{}, and a constant text is written in quotes, `\"{name}\"`",
        near::did_you_mean(near)
    )]
    UnknownName {
        /// The name.
        name: String,
        /// Names that may have been meant.
        near: Vec<String>,
    },
    /// A function that there is not.
    #[error("there is no function `{name}`{}", near::did_you_mean(near))]
    UnknownFunction {
        /// Its name.
        name: String,
        /// Functions that may have been meant.
        near: Vec<String>,
    },
    /// Loops inside loops inside loops.
    #[error("loops such as `map` and `filter` are nested {actual} deep, at most {limit} are allowed")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
        /// How deep they are.
        actual: usize,
    },
    /// Parts inside parts inside parts.
    #[error("its parts are nested more than {limit} deep; make it of fewer parts, or simpler ones")]
    TooNested {
        /// How deep they may be.
        limit: usize,
    },
    /// An expression whose result could grow without measure.
    #[error(
        "the expression could make too much of a small value; use fewer loops, repetitions and `replace`"
    )]
    TooCostly,
    /// A loop over a map, whose order is not defined.
    #[error("a loop over a map has no order; loop over a list")]
    Unordered,
}

/// Why a mapping does not fit an app.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidMapping {
    /// The app has no such attribute.
    #[error("{template} has no attribute {attribute}{}", near::did_you_mean(near))]
    Unknown {
        /// What was to be filled.
        attribute: AttributePath,
        /// The app's kind.
        template: &'static str,
        /// Attributes that may have been meant.
        near: Vec<String>,
    },
    /// Two attributes that write each other.
    #[error("{one} and {two} cannot both be mapped, because one is part of the other; leave one of them out")]
    Overlap {
        /// The first.
        one: AttributePath,
        /// The second.
        two: AttributePath,
    },
    /// A constant that the attribute cannot have.
    #[error("the constant of {attribute} does not fit: {reason}")]
    Constant {
        /// What was to be filled.
        attribute: AttributePath,
        /// Why not.
        reason: Misfit,
    },
    /// An entry that the app takes only if it is primary.
    #[error(
        "{attribute} is mapped and {primary} is not, and the app takes such an entry only if it is marked primary; map it with `{primary} = true`"
    )]
    NotPrimary {
        /// What is mapped.
        attribute: AttributePath,
        /// What has to be, too.
        primary: AttributePath,
    },
    /// An expression that was accepted once and is not any more.
    #[error("the source of {attribute} is wrong: {error}")]
    Source {
        /// What was to be filled.
        attribute: AttributePath,
        /// What is wrong with the source.
        #[source]
        error: SourceError,
    },
}

impl InvalidMapping {
    /// The error for an attribute that the template does not list, with those that may have been meant.
    pub(super) fn unknown(attribute: &AttributePath, template: &Template) -> Self {
        let known = template.attributes.iter().map(|known| known.path.as_str());
        let near = near::names(attribute.as_str(), known);
        Self::Unknown { attribute: attribute.clone(), template: template.name, near }
    }
}

/// Why a value cannot be an attribute's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Misfit {
    /// Of another type.
    #[error("it has to be {expected} and is {found}")]
    Type {
        /// What the attribute takes.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// A longer text than the app takes.
    #[error("it has {actual} characters and the app takes at most {limit}")]
    TooLong {
        /// The app's limit.
        limit: usize,
        /// The length.
        actual: usize,
    },
    /// A shorter text than the app takes.
    #[error("it has {actual} characters and the app takes no fewer than {limit}")]
    TooShort {
        /// The app's limit.
        limit: usize,
        /// The length.
        actual: usize,
    },
    /// White space where the app allows none.
    #[error("it has white space in it and the app allows none")]
    WhiteSpace,
    /// A character that the app does not take, in a text that is never changed.
    #[error(
        "it has the character U+{:04X} in it, which nobody sees and the app does not take; it is not taken out, because what is left could be another person's",
        u32::from(*character)
    )]
    Unprinted {
        /// The character.
        character: char,
    },
    /// Nothing but characters that the app does not take.
    #[error("it has nothing in it but characters that nobody sees and the app does not take")]
    NothingLeft,
    /// A name that the app keeps for itself.
    #[error("the app keeps the name `{name}` for itself")]
    Reserved {
        /// The name, as it was given.
        name: String,
    },
    /// An entry that is not primary where the app takes no other.
    #[error("it has to be true, because the app takes such an entry only if it is marked primary")]
    NotPrimary,
    /// More than one value.
    #[error("there are {count} values and the app takes one; choose one, as in `user.emails[0].address`")]
    SeveralValues {
        /// How many.
        count: usize,
    },
    /// A longer list than is ever sent.
    #[error("there are {count} entries and at most {limit} are sent")]
    TooManyEntries {
        /// How many are sent.
        limit: usize,
        /// How many there are.
        count: usize,
    },
}

/// Why the mapping makes nothing valid of one person. The others are not concerned.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MappingError {
    /// A mandatory attribute came out empty.
    #[error(
        "{attribute} of {person} is empty and the app requires it; fill in {origin} in the directory or map {} to something else",
        attribute.path
    )]
    Missing {
        /// What is empty.
        attribute: NamedAttribute,
        /// Whose.
        person: String,
        /// Where it would have come from.
        origin: String,
    },
    /// A mandatory attribute has no source.
    #[error(
        "{attribute} of {person} cannot be filled in, because nothing is mapped to it and the app requires it; map {}",
        attribute.path
    )]
    Unmapped {
        /// What is empty.
        attribute: NamedAttribute,
        /// Whose.
        person: String,
    },
    /// The value does not fit.
    #[error(
        "{attribute} of {person} does not fit: {reason}; correct {origin} in the directory or change the mapping"
    )]
    Misfit {
        /// What does not fit.
        attribute: AttributePath,
        /// Whose.
        person: String,
        /// Where it comes from.
        origin: String,
        /// Why not.
        reason: Misfit,
    },
    /// The expression failed.
    #[error(
        "the expression for {attribute} failed for {person}: {message}; change it, as with `has(…)` where something may be missing"
    )]
    Expression {
        /// What was to be filled.
        attribute: AttributePath,
        /// Whose.
        person: String,
        /// What the evaluation says.
        message: String,
    },
}

//! Filters (RFC 7644 §3.4.2.2): the tree, how it is built and how it is printed.
//!
//! Parsing is in [`parse`], applying to a resource in [`matching`]. A filter
//! that came from [`Filter::parse`] or from the constructors prints to a text
//! that parses to the same tree; the property test holds us to it.

use std::fmt;

use serde_json::Number;

use crate::scim::attribute::AttributePath;

pub mod matching;
pub mod parse;

/// A filter expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `attribute operator value`.
    Compare {
        /// What is compared.
        attribute: AttributePath,
        /// How.
        operator: CompareOperator,
        /// With what.
        value: CompareValue,
    },
    /// `attribute pr`: it has a value that is not empty.
    Present(AttributePath),
    /// `attribute[filter]`: one value of the attribute meets the whole filter.
    Values {
        /// The attribute of many values.
        attribute: AttributePath,
        /// The condition on one of them; names in it are sub-attributes.
        filter: Box<Filter>,
    },
    /// All of them; two or more.
    And(Vec<Filter>),
    /// At least one of them; two or more.
    Or(Vec<Filter>),
    /// `not (filter)`.
    Not(Box<Filter>),
}

/// The operators of RFC 7644 table 3, `pr` aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOperator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    GreaterThan,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    LessThan,
    /// `le`
    LessOrEqual,
}

impl CompareOperator {
    /// All operators.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::GreaterThan,
        Self::GreaterOrEqual,
        Self::LessThan,
        Self::LessOrEqual,
    ];

    /// The operator as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::GreaterThan => "gt",
            Self::GreaterOrEqual => "ge",
            Self::LessThan => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

/// What an attribute is compared with: a JSON value that is no array and no object.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareValue {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
}

impl From<&str> for CompareValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<bool> for CompareValue {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl Filter {
    /// `attribute eq value`.
    ///
    /// Panics where `attribute` is not an attribute path: it is written in the
    /// code, never taken from outside ([`Filter::equals`] takes a parsed one).
    pub fn eq(attribute: &str, value: impl Into<CompareValue>) -> Self {
        let path = AttributePath::parse(attribute).expect("invariant: a literal attribute path is valid");
        Self::equals(path, value)
    }

    /// `attribute eq value`.
    pub fn equals(attribute: AttributePath, value: impl Into<CompareValue>) -> Self {
        Self::Compare { attribute, operator: CompareOperator::Equal, value: value.into() }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::And(vec![self, other])
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Or(vec![self, other])
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare { attribute, operator, value } => {
                write!(formatter, "{attribute} {} {value}", operator.as_str())
            }
            Self::Present(attribute) => write!(formatter, "{attribute} pr"),
            Self::Values { attribute, filter } => write!(formatter, "{attribute}[{filter}]"),
            Self::And(filters) => join(formatter, filters, " and "),
            Self::Or(filters) => join(formatter, filters, " or "),
            Self::Not(filter) => write!(formatter, "not ({filter})"),
        }
    }
}

/// Joins with an operator. An operand that is itself a conjunction or a
/// disjunction gets parentheses, save a conjunction inside a disjunction,
/// which binds tighter anyway.
fn join(formatter: &mut fmt::Formatter<'_>, filters: &[Filter], operator: &str) -> fmt::Result {
    for (position, filter) in filters.iter().enumerate() {
        if position > 0 {
            formatter.write_str(operator)?;
        }
        let parentheses = match filter {
            Filter::Or(_) => true,
            Filter::And(_) => operator == " and ",
            Filter::Compare { .. } | Filter::Present(_) | Filter::Values { .. } | Filter::Not(_) => false,
        };
        if parentheses {
            write!(formatter, "({filter})")?;
        } else {
            write!(formatter, "{filter}")?;
        }
    }
    Ok(())
}

impl fmt::Display for CompareValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Bool(flag) => write!(formatter, "{flag}"),
            Self::Number(number) => write!(formatter, "{number}"),
            // JSON's escapes: `\"`, `\\` and control characters.
            Self::String(text) => write!(formatter, "{}", serde_json::Value::from(text.as_str())),
        }
    }
}

#[cfg(test)]
mod tests;

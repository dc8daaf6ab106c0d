//! Reads the filter grammar of RFC 7644 §3.4.2.2, figure 1.
//!
//! A recursive descent over the text, one function per rule. `and` binds
//! tighter than `or`; operators and `not` are read in any case; more white
//! space than the grammar asks for is allowed. Length and nesting are bounded,
//! so that no filter from outside can exhaust the stack. The limit of length
//! holds for the text as we would print it, too, so that what was read once can
//! be printed and read again.

use std::fmt::{self, Write as _};

use serde_json::Number;

use crate::scim::attribute::AttributePath;
use crate::scim::filter::{CompareOperator, CompareValue, Filter};

/// The longest filter that is read, in bytes.
pub const MAX_FILTER_BYTES: usize = 16 * 1024;

/// How deep parentheses and brackets may nest.
pub const MAX_FILTER_DEPTH: usize = 32;

/// Why a text is not a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The text is longer than [`MAX_FILTER_BYTES`].
    #[error("the filter is longer than {MAX_FILTER_BYTES} bytes")]
    TooLong,
    /// Parentheses or brackets nest deeper than [`MAX_FILTER_DEPTH`].
    #[error("the filter nests deeper than {MAX_FILTER_DEPTH} levels")]
    TooDeep,
    /// Something else stands where the grammar wants this.
    #[error("the filter has no {expected} at byte {at}")]
    Expected {
        /// What the grammar wants.
        expected: &'static str,
        /// Where, counted in bytes from 0.
        at: usize,
    },
}

impl Filter {
    /// Reads a filter. The whole text must be one.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text)?;
        let filter = parser.filter()?;
        parser.end()?;
        if prints_too_long(&filter) {
            return Err(FilterError::TooLong);
        }
        Ok(filter)
    }
}

/// Whether what was read prints to a longer text than is read: `eq"x"and` gets its spaces, `1e9` its digits.
pub(in crate::scim) fn prints_too_long(read: &impl fmt::Display) -> bool {
    write!(Room { bytes: MAX_FILTER_BYTES }, "{read}").is_err()
}

/// Takes so many bytes of text, and no more.
struct Room {
    bytes: usize,
}

impl fmt::Write for Room {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes = self.bytes.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// A position in the text that is being read. [`crate::scim::path`] uses it for value paths.
pub(in crate::scim) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    in_brackets: bool,
}

impl<'a> Parser<'a> {
    pub(in crate::scim) fn new(text: &'a str) -> Result<Self, FilterError> {
        if text.len() > MAX_FILTER_BYTES {
            return Err(FilterError::TooLong);
        }
        Ok(Self { text, at: 0, depth: 0, in_brackets: false })
    }

    /// `FILTER`: conjunctions joined by `or`.
    pub(in crate::scim) fn filter(&mut self) -> Result<Filter, FilterError> {
        let mut alternatives = vec![self.conjunction()?];
        while self.word("or") {
            alternatives.push(self.conjunction()?);
        }
        Ok(one_or(alternatives, Filter::Or))
    }

    fn conjunction(&mut self) -> Result<Filter, FilterError> {
        let mut conditions = vec![self.condition()?];
        while self.word("and") {
            conditions.push(self.condition()?);
        }
        Ok(one_or(conditions, Filter::And))
    }

    /// One `attrExp`, `valuePath`, or filter in parentheses.
    fn condition(&mut self) -> Result<Filter, FilterError> {
        self.spaces();
        if self.rest().starts_with('(') {
            return self.nested('(', ')');
        }
        if self.negation() {
            return Ok(Filter::Not(Box::new(self.nested('(', ')')?)));
        }
        let attribute = self.attribute()?;
        if self.rest().starts_with('[') && !self.in_brackets {
            let filter = Box::new(self.value_filter()?);
            return Ok(Filter::Values { attribute, filter });
        }
        if self.word("pr") {
            return Ok(Filter::Present(attribute));
        }
        let operator = self.operator()?;
        let value = self.value()?;
        Ok(Filter::Compare { attribute, operator, value })
    }

    /// `"[" valFilter "]"`. A value filter holds no further value filter.
    pub(in crate::scim) fn value_filter(&mut self) -> Result<Filter, FilterError> {
        self.in_brackets = true;
        let filter = self.nested('[', ']')?;
        self.in_brackets = false;
        Ok(filter)
    }

    fn nested(&mut self, open: char, close: char) -> Result<Filter, FilterError> {
        self.depth += 1;
        if self.depth > MAX_FILTER_DEPTH {
            return Err(FilterError::TooDeep);
        }
        self.symbol(open, "opening bracket")?;
        let filter = self.filter()?;
        self.spaces();
        self.symbol(close, "closing bracket")?;
        self.depth -= 1;
        Ok(filter)
    }

    pub(in crate::scim) fn attribute(&mut self) -> Result<AttributePath, FilterError> {
        let start = self.at;
        let length = self.rest().find([' ', '[', ']', '(', ')', '"']).unwrap_or(self.rest().len());
        let path = AttributePath::parse(&self.rest()[..length])
            .ok_or(FilterError::Expected { expected: "attribute name", at: start })?;
        self.at += length;
        Ok(path)
    }

    fn operator(&mut self) -> Result<CompareOperator, FilterError> {
        CompareOperator::ALL
            .into_iter()
            .find(|operator| self.word(operator.as_str()))
            .ok_or(FilterError::Expected { expected: "operator", at: self.at })
    }

    /// `compValue`: a JSON literal.
    fn value(&mut self) -> Result<CompareValue, FilterError> {
        self.spaces();
        let start = self.at;
        let error = FilterError::Expected { expected: "value (a string needs double quotes)", at: start };
        if self.rest().starts_with('"') {
            let length = string_length(self.rest()).ok_or(error.clone())?;
            let text = serde_json::from_str(&self.rest()[..length]).map_err(|_| error)?;
            self.at += length;
            return Ok(CompareValue::String(text));
        }
        let length = self.rest().find([' ', ')', ']']).unwrap_or(self.rest().len());
        let word = &self.rest()[..length];
        let value = literal(word).ok_or(error)?;
        self.at += length;
        Ok(value)
    }

    /// `not` before a parenthesis. Elsewhere `not` is an attribute's name.
    fn negation(&mut self) -> bool {
        let Some(word) = self.rest().get(..3) else { return false };
        let after = self.rest()[3..].trim_start_matches(' ');
        if !word.eq_ignore_ascii_case("not") || !after.starts_with('(') {
            return false;
        }
        self.at = self.text.len() - after.len();
        true
    }

    /// Takes a keyword, in any case, that stands alone after white space.
    fn word(&mut self, keyword: &str) -> bool {
        let rest = self.rest().trim_start_matches(' ');
        let Some(word) = rest.get(..keyword.len()) else { return false };
        let alone = !rest[keyword.len()..].starts_with(|next: char| next.is_ascii_alphanumeric());
        if !word.eq_ignore_ascii_case(keyword) || !alone {
            return false;
        }
        self.at = self.text.len() - rest.len() + keyword.len();
        true
    }

    pub(in crate::scim) fn symbol(
        &mut self,
        symbol: char,
        expected: &'static str,
    ) -> Result<(), FilterError> {
        if !self.rest().starts_with(symbol) {
            return Err(FilterError::Expected { expected, at: self.at });
        }
        self.at += symbol.len_utf8();
        Ok(())
    }

    pub(in crate::scim) fn end(&mut self) -> Result<(), FilterError> {
        self.spaces();
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(FilterError::Expected { expected: "\"and\", \"or\" or end", at: self.at })
    }

    pub(in crate::scim) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(' ').len();
    }
}

fn one_or(mut filters: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.len() {
        1 => filters.remove(0),
        _ => many(filters),
    }
}

/// The length of the JSON string that the text begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (position, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(position + 1),
            _ => {}
        }
    }
    None
}

/// `true`, `false`, `null` or a number. The keywords are read in any case, as
/// some clients write `True`.
fn literal(word: &str) -> Option<CompareValue> {
    if word.eq_ignore_ascii_case("true") {
        return Some(CompareValue::Bool(true));
    }
    if word.eq_ignore_ascii_case("false") {
        return Some(CompareValue::Bool(false));
    }
    if word.eq_ignore_ascii_case("null") {
        return Some(CompareValue::Null);
    }
    number(word).map(CompareValue::Number)
}

/// A JSON number. Fractions are read by the standard library, whose reading is
/// exact, so that a printed number parses to itself.
fn number(word: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(word).ok()?;
    if number.is_f64() {
        return Number::from_f64(word.parse().ok()?);
    }
    Some(number)
}

//! The three kinds of source: an attribute of the directory, a constant, an expression.
//!
//! The kinds are told apart by their spelling: a plain path from `user` is read without evaluating anything, a quoted
//! text, a number, `true` or `false` is itself, and everything else is an expression.

use std::fmt;

use serde_json::{Map, Value};

use super::error::SourceError;
use super::expression::Expression;
use super::near;

/// Longest source that is read, in characters.
pub const MAX_SOURCE_CHARS: usize = 2000;

/// The fields of a Directory API user (`User` in Google's discovery document) that a mapping may read. A password is
/// never among them. A field that is newer than this list can be reached in an expression, `user.?field`.
const USER_FIELDS: [&str; 48] = [
    "addresses",
    "agreedToTerms",
    "aliases",
    "archivalTime",
    "archived",
    "changePasswordAtNextLogin",
    "creationTime",
    "customSchemas",
    "customerId",
    "deletionTime",
    "emails",
    "etag",
    "externalIds",
    "gender",
    "guestAccountInfo",
    "id",
    "ims",
    "includeInGlobalAddressList",
    "ipWhitelisted",
    "isAdmin",
    "isDelegatedAdmin",
    "isEnforcedIn2Sv",
    "isEnrolledIn2Sv",
    "isGuestUser",
    "isMailboxSetup",
    "keywords",
    "kind",
    "languages",
    "lastLoginTime",
    "locations",
    "name",
    "nonEditableAliases",
    "notes",
    "orgUnitPath",
    "organizations",
    "phones",
    "posixAccounts",
    "primaryEmail",
    "recoveryEmail",
    "recoveryPhone",
    "relations",
    "sshPublicKeys",
    "suspended",
    "suspensionReason",
    "suspensionTime",
    "thumbnailPhotoEtag",
    "thumbnailPhotoUrl",
    "websites",
];

/// Where the value of an attribute comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// An attribute of the directory's user.
    Directory(DirectoryPath),
    /// The same value for everybody: a text, a number, true or false.
    Constant(Value),
    /// A CEL expression, as text that was checked.
    Expression(String),
}

impl Source {
    /// Reads a source as it is typed.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let text = text.trim();
        let actual = text.chars().count();
        if actual > MAX_SOURCE_CHARS {
            return Err(SourceError::TooLong { limit: MAX_SOURCE_CHARS, actual });
        }
        if let Some(constant) = constant(text) {
            return Ok(Self::Constant(constant));
        }
        if let Some(path) = DirectoryPath::parse(text) {
            return path.known().map(Self::Directory);
        }
        Expression::compile(text)?;
        Ok(Self::Expression(text.to_owned()))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => path.fmt(f),
            Self::Constant(value) => value.fmt(f),
            Self::Expression(text) => f.write_str(text),
        }
    }
}

/// A text in double quotes as in JSON, or in single ones without escapes; a number; true or false.
fn constant(text: &str) -> Option<Value> {
    let single = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    if let Some(inside) = single.filter(|inside| !inside.contains(['\'', '\\'])) {
        return Some(Value::from(inside));
    }
    let value = serde_json::from_str::<Value>(text).ok()?;
    (value.is_string() || value.is_number() || value.is_boolean()).then_some(value)
}

/// A path into the Directory API's JSON of a user: `user.organizations[0].title`,
/// `user.customSchemas["Cost-Centers"].code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryPath {
    first: String,
    rest: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
}

impl DirectoryPath {
    /// Reads a plain path; nothing where the text is more than that.
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix("user")?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = next_step(rest)?;
            steps.push(step);
            rest = after;
        }
        let mut steps = steps.into_iter();
        match steps.next() {
            Some(Step::Field(first)) => Some(Self { first, rest: steps.collect() }),
            Some(Step::Index(_)) | None => None,
        }
    }

    /// The path, if its first field is one that users have.
    fn known(self) -> Result<Self, SourceError> {
        if USER_FIELDS.contains(&self.first.as_str()) {
            return Ok(self);
        }
        let near = near::names(&self.first, USER_FIELDS.into_iter());
        Err(SourceError::UnknownField { field: self.first, near })
    }

    /// The field at the top of a user that it begins with.
    pub fn field(&self) -> &str {
        &self.first
    }

    /// The value in this user; nothing where anything along the path is missing or of another shape.
    pub fn lookup<'u>(&self, user: &'u Map<String, Value>) -> Option<&'u Value> {
        self.rest.iter().try_fold(user.get(&self.first)?, |value, step| match step {
            Step::Field(name) => value.as_object()?.get(name),
            Step::Index(index) => value.as_array()?.get(*index),
        })
    }
}

/// Reads `.field`, `["field"]` or `[0]`.
fn next_step(text: &str) -> Option<(Step, &str)> {
    if let Some(after) = text.strip_prefix('.') {
        let end = after.find(|c: char| !is_word(c)).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        return is_name.then(|| (Step::Field(name.to_owned()), after));
    }
    let (inside, after) = text.strip_prefix('[')?.split_once(']')?;
    if let Some(name) = inside.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        let is_plain = !name.is_empty() && !name.contains(['"', '\\']);
        return is_plain.then(|| (Step::Field(name.to_owned()), after));
    }
    let is_index = !inside.is_empty() && inside.chars().all(|c| c.is_ascii_digit());
    is_index.then(|| inside.parse().ok()).flatten().map(|index| (Step::Index(index), after))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl fmt::Display for DirectoryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user.{}", self.first)?;
        self.rest.iter().try_for_each(|step| match step {
            Step::Field(name)
                if name.chars().all(is_word) && !name.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                write!(f, ".{name}")
            }
            Step::Field(name) => write!(f, "[\"{name}\"]"),
            Step::Index(index) => write!(f, "[{index}]"),
        })
    }
}

#[cfg(test)]
mod tests;

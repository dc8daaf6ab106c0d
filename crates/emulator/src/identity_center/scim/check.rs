//! Whether a user is one that Identity Center takes, and how it is kept.
//!
//! Everything that is wrong with lengths is said at once, as AWS does; anything else is said in one general sentence.

use serde_json::{Map, Value};

use crate::identity_center::scim::attribute::{Attribute, Kind, USER, find};
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::text::Text;
use crate::identity_center::settings::{Settings, Tolerance};

/// Names that neither a user nor a group may have.
const RESERVED: [&str; 2] = ["Administrator", "AWSAdministrators"];

/// The attributes to keep of a user as it was sent.
pub(crate) fn user(sent: &Map<String, Value>, settings: &Settings) -> Result<Map<String, Value>, Refusal> {
    let mut check = Check { settings, violations: Vec::new() };
    let mut attributes = check.object(sent, USER, "")?;
    check.end()?;
    let name = attributes.get("name");
    let is_whole =
        ["givenName", "familyName"].iter().all(|part| name.is_some_and(|name| name.get(part).is_some()))
            && ["userName", "displayName"].iter().all(|required| attributes.contains_key(*required));
    let user_name = attributes.get("userName").and_then(Value::as_str).unwrap_or_default();
    if !is_whole || is_reserved(user_name, settings) || !has_primary_email(&attributes) {
        return Err(Refusal::unparsable());
    }
    attributes.entry("active").or_insert(Value::Bool(settings.active_default));
    Ok(attributes)
}

/// Whether a name is one that AWS keeps for itself.
pub(crate) fn is_reserved(name: &str, settings: &Settings) -> bool {
    settings.reserves_names && RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// An e-mail address has a value and is the primary one; none at all is fine.
fn has_primary_email(attributes: &Map<String, Value>) -> bool {
    let Some(email) = attributes.get("emails").and_then(|emails| emails.get(0)) else { return true };
    email.get("value").is_some() && email.get("primary") == Some(&Value::Bool(true))
}

/// Checks a single text, as groups have them.
pub(crate) fn text(value: &Value, kind: Kind, name: &str, settings: &Settings) -> Result<String, Refusal> {
    let Kind::Text { class, max_chars } = kind else { return Err(Refusal::unparsable()) };
    let mut check = Check { settings, violations: Vec::new() };
    let text = value.as_str().ok_or_else(Refusal::unparsable)?;
    check.text(text, class, max_chars, name)?;
    check.end()?;
    Ok(text.to_owned())
}

struct Check<'a> {
    settings: &'a Settings,
    violations: Vec<String>,
}

impl Check<'_> {
    fn object(
        &mut self,
        sent: &Map<String, Value>,
        attributes: &'static [Attribute],
        at: &str,
    ) -> Result<Map<String, Value>, Refusal> {
        let mut kept = Map::new();
        for (name, value) in sent {
            let Some(attribute) = find(attributes, name) else {
                tolerated(self.settings.unknown_attributes)?;
                continue;
            };
            if let Some(value) = self.attribute(attribute, value, at)? {
                kept.insert(attribute.name.to_owned(), value);
            }
        }
        Ok(kept)
    }

    fn attribute(
        &mut self,
        attribute: &Attribute,
        value: &Value,
        at: &str,
    ) -> Result<Option<Value>, Refusal> {
        if let Kind::Ignored = attribute.kind {
            return Ok(None);
        }
        if let Kind::Unsupported = attribute.kind {
            return tolerated(self.settings.unsupported_attributes).map(|()| None);
        }
        if value.is_null() {
            return tolerated(self.settings.nulls).map(|()| None);
        }
        let at = if at.is_empty() { attribute.name.to_owned() } else { format!("{at}.{}", attribute.name) };
        match attribute.kind {
            Kind::Text { class, max_chars } => {
                let text = value.as_str().ok_or_else(Refusal::unparsable)?;
                self.text(text, class, max_chars, &at)?;
                Ok(Some(value.clone()))
            }
            Kind::Bool => boolean(value).map(|value| Some(Value::Bool(value))),
            Kind::Complex(parts) => self.complex(value, parts, &at),
            Kind::List(parts) => {
                let list = value.as_array().ok_or_else(Refusal::unparsable)?;
                if list.len() > 1 {
                    let detail = format!("List attribute {} exceeds allowed limit of 1", attribute.name);
                    return Err(Refusal::bad_request(detail));
                }
                let Some(one) = list.first() else { return Ok(None) };
                Ok(self.complex(one, parts, &at)?.map(|one| Value::Array(vec![one])))
            }
            Kind::Ignored | Kind::Unsupported => Ok(None),
        }
    }

    fn complex(
        &mut self,
        value: &Value,
        parts: &'static [Attribute],
        at: &str,
    ) -> Result<Option<Value>, Refusal> {
        // A manager given as a text is read as its id, so that an empty one is refused in AWS's words.
        let kept = match value {
            Value::Object(object) => self.object(object, parts, at)?,
            Value::String(text) if text.is_empty() => {
                self.text("", Text::Free, usize::MAX, &format!("{at}.value"))?;
                Map::new()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(Refusal::unparsable());
            }
        };
        Ok((!kept.is_empty()).then_some(Value::Object(kept)))
    }

    /// Empty and long texts are violations; characters of another class are refused in general.
    fn text(&mut self, text: &str, class: Text, max_chars: usize, at: &str) -> Result<(), Refusal> {
        if text.is_empty() {
            self.violate(at, &format!("Member must satisfy regular expression pattern: {}", class.pattern()));
            self.violate(at, "Member must have length greater than or equal to 1");
        } else if !class.holds(text) {
            return Err(Refusal::unparsable());
        } else if text.len() > max_chars && text.chars().count() > max_chars {
            self.violate(at, &format!("Member must have length less than or equal to {max_chars}"));
        }
        Ok(())
    }

    fn violate(&mut self, at: &str, constraint: &str) {
        self.violations.push(format!("Value at '{at}' failed to satisfy constraint: {constraint}"));
    }

    fn end(&self) -> Result<(), Refusal> {
        let n = self.violations.len();
        if n == 0 {
            return Ok(());
        }
        let errors = if n == 1 { "error" } else { "errors" };
        Err(Refusal::bad_request(format!("{n} validation {errors} detected: {}", self.violations.join("; "))))
    }
}

/// A truth value, or a text that says one.
pub(crate) fn boolean(value: &Value) -> Result<bool, Refusal> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            Err(Refusal::unparsable())
        }
    }
}

fn tolerated(tolerance: Tolerance) -> Result<(), Refusal> {
    match tolerance {
        Tolerance::Accept => Ok(()),
        Tolerance::Refuse => Err(Refusal::unparsable()),
    }
}

//! One attribute of an app: where it is, what people call it, and what its values may be.
//!
//! Labels are Google's words for the field (`Category > Field`) wherever its mapping page has any, so that whoever
//! comes from there finds what they know.
//!
//! Not here: how a value is made to fit ([`crate::mapping`]).

use std::fmt;

use super::ENTERPRISE_USER;
use crate::attribute::path::AttributePath;

/// One attribute of an app.
#[derive(Clone, Debug)]
pub struct TemplateAttribute {
    /// Its path, in the app's spelling.
    pub path: AttributePath,
    /// Its name in the console, in Google's words where Google has any.
    pub label: &'static str,
    /// Whether an account cannot be made without it.
    pub mandatory: bool,
    /// What its value is; of a list, the value of each entry.
    pub kind: ValueKind,
    /// Whether it is a list of entries, written as a whole.
    pub multi_valued: bool,
    /// Fewest characters of a text (Unicode scalar values). Empty texts are absent anyway.
    pub min_chars: usize,
    /// Most characters of a text; none where the app names no limit.
    pub max_chars: Option<usize>,
    /// Whether a text may have white space inside.
    pub white_space: bool,
    /// What becomes of characters that the app does not take.
    pub characters: Characters,
    /// Names that the app keeps for itself, in whatever case.
    pub reserved: &'static [&'static str],
}

/// An attribute as people are told of it: `Last name (name.familyName)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAttribute {
    /// Its path.
    pub path: AttributePath,
    /// What the mapping form calls it.
    pub label: &'static str,
}

impl fmt::Display for NamedAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.label, self.path)
    }
}

impl TemplateAttribute {
    /// The attribute by its name; the category it is under is left out.
    pub fn named(&self) -> NamedAttribute {
        let label = self.label.rsplit(" > ").next().unwrap_or(self.label);
        NamedAttribute { path: self.path.clone(), label }
    }
}

/// What becomes of characters that do not print: control and format characters, line and paragraph separators, special
/// spaces, private ones ([`crate::mapping::cleaning`] has the list).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Characters {
    /// The app takes every character.
    Any,
    /// They are taken out, or made plain spaces, which is said. The text is brought into Unicode's form NFC.
    Cleaned,
    /// The text is refused, because it names somebody: what is left of it could name somebody else.
    Refused,
}

/// The data types of RFC 7643 §2.3 that are mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Any text (`string`).
    Text,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// An instant, as RFC 3339 writes it (`dateTime`).
    DateTime,
    /// A URI (`reference`).
    Reference,
}

impl ValueKind {
    /// What a value of this kind is called in a sentence.
    pub fn described(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Decimal => "a number",
            Self::DateTime => "a date and time such as 2026-01-31T09:00:00Z",
            Self::Reference => "a URI without white space",
        }
    }
}

/// An optional, single-valued text, from which the lists below deviate.
pub(super) fn text(path: &str, label: &'static str) -> TemplateAttribute {
    TemplateAttribute {
        path: AttributePath::parse(path).expect("invariant: a test makes every template"),
        label,
        mandatory: false,
        kind: ValueKind::Text,
        multi_valued: false,
        min_chars: 0,
        max_chars: None,
        white_space: true,
        characters: Characters::Any,
        reserved: &[],
    }
}

/// An optional truth value.
pub(super) fn boolean(path: &str, label: &'static str) -> TemplateAttribute {
    TemplateAttribute { kind: ValueKind::Boolean, ..text(path, label) }
}

/// An optional URI.
pub(super) fn reference(path: &str, label: &'static str) -> TemplateAttribute {
    TemplateAttribute { kind: ValueKind::Reference, white_space: false, ..text(path, label) }
}

/// The same attribute, mandatory.
pub(super) fn mandatory(attribute: TemplateAttribute) -> TemplateAttribute {
    TemplateAttribute { mandatory: true, ..attribute }
}

/// The parts of the entry of one type in a list of values: `phoneNumbers[type eq "work"].value` and `.primary`.
pub(super) fn entry(
    list: &str,
    entry_type: &str,
    value: &'static str,
    primary: &'static str,
) -> [TemplateAttribute; 2] {
    [
        text(&format!("{list}[type eq \"{entry_type}\"].value"), value),
        boolean(&format!("{list}[type eq \"{entry_type}\"].primary"), primary),
    ]
}

/// The parts of the work address (RFC 7643 §4.1.2).
pub(super) fn work_address() -> [TemplateAttribute; 7] {
    [
        text("addresses[type eq \"work\"].formatted", "Address > Value"),
        text("addresses[type eq \"work\"].streetAddress", "Address > Street address"),
        text("addresses[type eq \"work\"].locality", "Address > Locality"),
        text("addresses[type eq \"work\"].region", "Address > Region"),
        text("addresses[type eq \"work\"].postalCode", "Address > Postal code"),
        text("addresses[type eq \"work\"].country", "Address > Country"),
        boolean("addresses[type eq \"work\"].primary", "Address > Is primary"),
    ]
}

/// The core attributes with one text each that no app treats specially (RFC 7643 §4.1.1).
pub(super) fn plain_attributes() -> Vec<TemplateAttribute> {
    vec![
        text("name.formatted", "Additional Details > Full name"),
        text("name.middleName", "Basic Information > Middle name"),
        text("name.honorificPrefix", "Basic Information > Name prefix"),
        text("name.honorificSuffix", "Basic Information > Name suffix"),
        text("nickName", "Additional Details > Nickname"),
        reference("profileUrl", "Additional Details > Website URL"),
        text("title", "Employee Details > Title"),
        text("userType", "Employee Details > Type"),
        text("preferredLanguage", "Additional Details > Preferred language"),
        text("locale", "Additional Details > Locale"),
        text("timezone", "Additional Details > Time zone"),
    ]
}

/// The attributes of the enterprise extension. The manager's `value` is the *app's* id of the manager's account.
pub(super) fn enterprise_attributes() -> Vec<TemplateAttribute> {
    [
        ("employeeNumber", "Employee Details > Employee ID"),
        ("costCenter", "Employee Details > Cost center"),
        ("organization", "Employee Details > Organization"),
        ("division", "Employee Details > Division"),
        ("department", "Employee Details > Department"),
        ("manager.value", "Employee Details > Manager's account"),
    ]
    .into_iter()
    .map(|(name, label)| text(&format!("{ENTERPRISE_USER}:{name}"), label))
    .collect()
}

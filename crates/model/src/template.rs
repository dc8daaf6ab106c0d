//! What an app is made from: its attributes, their default mapping, its limits and its ways.
//!
//! The catalogue is code, not data: [`Template::all`] lists it, an app remembers the key. A template says what an app
//! *accepts*; what is sent for each person is the app's mapping, which begins as the template's default.
//!
//! Not here: how a quirk is acted on (`usher-engine`), what an app answers (`usher-protocol`).

pub mod aws;
pub mod scim;

use std::sync::LazyLock;

use crate::attribute::path::AttributePath;
use crate::mapping::Mapping;

/// The schema that carries what an employer knows (RFC 7643 §4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// One kind of app.
#[derive(Clone, Debug)]
pub struct Template {
    /// The name that commands and the store use: `aws`, `scim`.
    pub key: &'static str,
    /// The name that people read.
    pub name: &'static str,
    /// What may be mapped, in the order in which a mapping is shown.
    pub attributes: Vec<TemplateAttribute>,
    /// The mapping an app begins with, as assignments.
    default_mapping: &'static [&'static str],
    /// How the app deviates from what a SCIM client would first try.
    pub quirks: Quirks,
    /// How fast it may be called.
    pub limits: Limits,
    /// Whether suspended accounts may be deleted at all, should an admin ask for it.
    pub hard_delete: bool,
}

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

/// How an app deviates from what a SCIM client would first try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirks {
    /// How an account is changed.
    pub update: Update,
    /// How listings are paged.
    pub paging: Paging,
    /// How many resources a page is asked for.
    pub page_size: u16,
    /// By which attributes one account may be looked up with a filter.
    pub lookups: &'static [Lookup],
    /// What a changed list entry is written as.
    pub list_patch: ListPatch,
    /// Whether a PATCH operation must name its path, instead of carrying several attributes in its value.
    pub one_path_per_operation: bool,
}

/// How an account is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// With a PATCH of what differs.
    Patch,
    /// With a read, a merge and a PUT of the whole.
    Put,
}

/// How listings are paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// As the app's `ServiceProviderConfig` says, else by index.
    Detect,
    /// By `startIndex` and `count` (RFC 7644 §3.4.2.4).
    Index,
    /// By `cursor` (RFC 9865).
    Cursor,
}

/// An attribute by which an account may be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// `externalId eq "…"`.
    ExternalId,
    /// `userName eq "…"`.
    UserName,
}

/// What a changed list entry is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListPatch {
    /// As one entry, `emails[type eq "work"].value`; the other entries stay.
    Entry,
    /// As the list with our entries alone, `emails`.
    WholeList,
}

/// How fast an app may be called. Never exceeded, and learnt downwards from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Writes a second, for each kind of write; none where the app publishes no limit.
    pub writes_per_second: Option<u32>,
    /// Reads a second, for each kind of read; none where the app publishes no limit.
    pub reads_per_second: Option<u32>,
    /// Requests under way at once.
    pub concurrency: u16,
}

static ALL: LazyLock<[Template; 2]> = LazyLock::new(|| [aws::template(), scim::template()]);

impl Template {
    /// The catalogue.
    pub fn all() -> &'static [Self] {
        &*ALL
    }

    /// The template with this key.
    pub fn by_key(key: &str) -> Option<&'static Self> {
        Self::all().iter().find(|template| template.key == key)
    }

    /// The attribute with this path.
    pub fn attribute(&self, path: &AttributePath) -> Option<&TemplateAttribute> {
        self.attributes.iter().find(|attribute| attribute.path == *path)
    }

    /// The attributes that an account cannot be made without.
    pub fn mandatory(&self) -> impl Iterator<Item = &TemplateAttribute> {
        self.attributes.iter().filter(|attribute| attribute.mandatory)
    }

    /// The mapping an app begins with, and returns to with `--reset`.
    pub fn default_mapping(&self) -> Mapping {
        Mapping::parse(self.default_mapping)
            .expect("invariant: a test parses every template's default mapping")
    }
}

/// Google's default mapping is not published; these are the attributes that every app has a use for. Addresses are
/// one work mail, marked primary, because AWS refuses a mail that is not.
const DEFAULT_MAPPING: &[&str] = &[
    "userName = user.primaryEmail",
    "externalId = user.id",
    "name.givenName = user.name.givenName",
    "name.familyName = user.name.familyName",
    "displayName = user.name.fullName",
    "emails[type eq \"work\"].value = user.primaryEmail",
    "emails[type eq \"work\"].primary = true",
];

/// An optional, single-valued text, from which the lists below deviate.
fn text(path: &str, label: &'static str) -> TemplateAttribute {
    TemplateAttribute {
        path: AttributePath::parse(path).expect("invariant: a test makes every template"),
        label,
        mandatory: false,
        kind: ValueKind::Text,
        multi_valued: false,
        min_chars: 0,
        max_chars: None,
        white_space: true,
    }
}

/// An optional truth value.
fn boolean(path: &str, label: &'static str) -> TemplateAttribute {
    TemplateAttribute { kind: ValueKind::Boolean, ..text(path, label) }
}

/// An optional URI.
fn reference(path: &str, label: &'static str) -> TemplateAttribute {
    TemplateAttribute { kind: ValueKind::Reference, white_space: false, ..text(path, label) }
}

/// The same attribute, mandatory.
fn mandatory(attribute: TemplateAttribute) -> TemplateAttribute {
    TemplateAttribute { mandatory: true, ..attribute }
}

/// The parts of the entry of one type in a list of values: `phoneNumbers[type eq "work"].value` and `.primary`.
fn entry(list: &str, entry_type: &str, value: &'static str, primary: &'static str) -> [TemplateAttribute; 2] {
    [
        text(&format!("{list}[type eq \"{entry_type}\"].value"), value),
        boolean(&format!("{list}[type eq \"{entry_type}\"].primary"), primary),
    ]
}

/// The parts of the work address (RFC 7643 §4.1.2).
fn work_address() -> [TemplateAttribute; 7] {
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
fn plain_attributes() -> Vec<TemplateAttribute> {
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
fn enterprise_attributes() -> Vec<TemplateAttribute> {
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

#[cfg(test)]
mod tests;

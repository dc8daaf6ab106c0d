//! What is kept of each resource. Attributes that the emulator does not reason about stay as the API's JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use usher_model::time::Timestamp;

use super::{Place, flag, text, wire};
use crate::clock::Clock;

/// What is said of the whole organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// `C` and eight letters or digits.
    pub id: String,
    /// Where mail about the account goes.
    pub alternate_email: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// The language, as `en`.
    pub language: String,
    /// A telephone number.
    pub phone_number: Option<String>,
    /// The postal address, as the API writes it.
    pub postal_address: Map<String, Value>,
}

impl Customer {
    /// A new organisation.
    pub fn founded(clock: &dyn Clock) -> Self {
        Self {
            id: wire::customer_id(clock),
            alternate_email: None,
            created_at: clock.now(),
            language: "en".to_owned(),
            phone_number: None,
            postal_address: Map::new(),
        }
    }
}

/// A user, deleted or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// 21 digits, never used again.
    pub id: String,
    /// The id of the organizational unit.
    pub org_unit: String,
    /// When the user was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Everything else as the API writes it; neither a kind, an etag, an id nor the path of the organizational unit.
    pub fields: Map<String, Value>,
}

impl User {
    /// The primary address.
    pub fn email(&self) -> &str {
        text(&self.fields, "primaryEmail")
    }

    /// The other addresses.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        strings(&self.fields, "aliases")
    }

    /// What the API calls the status of a member.
    pub fn status(&self) -> &'static str {
        if flag(&self.fields, "archived") {
            "ARCHIVED"
        } else if flag(&self.fields, "suspended") {
            "SUSPENDED"
        } else {
            "ACTIVE"
        }
    }

    /// Where lists have the user.
    pub fn place(&self) -> Place {
        Place { key: self.email().to_lowercase(), id: self.id.clone() }
    }
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// 15 letters and digits.
    pub id: String,
    /// Everything else as the API writes it; neither a kind, an etag, an id nor a number of members.
    pub fields: Map<String, Value>,
}

impl Group {
    /// The address.
    pub fn email(&self) -> &str {
        text(&self.fields, "email")
    }

    /// The other addresses.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        strings(&self.fields, "aliases")
    }

    /// Where lists have the group.
    pub fn place(&self) -> Place {
        Place { key: self.email().to_lowercase(), id: self.id.clone() }
    }
}

/// What somebody who is a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberKind {
    /// A user of the organisation.
    User,
    /// A group of the organisation.
    Group,
    /// Somebody of elsewhere.
    External,
    /// All users of the organisation.
    Customer,
}

impl MemberKind {
    /// The API's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Group => "GROUP",
            Self::External => "EXTERNAL",
            Self::Customer => "CUSTOMER",
        }
    }
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The id of the user, group or customer; of somebody of elsewhere, one made from the address.
    pub id: String,
    /// What it is.
    pub kind: MemberKind,
    /// The address of somebody of elsewhere.
    pub address: Option<String>,
    /// `OWNER`, `MANAGER` or `MEMBER`.
    pub role: String,
    /// How mail is delivered, as `ALL_MAIL`.
    pub delivery: String,
}

/// An organizational unit. The root has no parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgUnit {
    /// `id:` and 15 letters and digits.
    pub id: String,
    /// The last part of its path.
    pub name: String,
    /// The id of the unit above.
    pub parent: Option<String>,
    /// What it is for.
    pub description: String,
}

impl OrgUnit {
    /// The root of a new organisation.
    pub fn root(clock: &dyn Clock) -> Self {
        Self { id: wire::org_unit_id(clock), name: String::new(), parent: None, description: String::new() }
    }
}

/// A domain, and the names that stand for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// In small letters.
    pub name: String,
    /// Whether it is the first one of the organisation.
    pub is_primary: bool,
    /// Whether the organisation has shown that it is theirs.
    pub is_verified: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// Names that stand for it, and when they were added.
    pub aliases: Vec<(String, Timestamp)>,
}

/// A schema of custom fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Who it is.
    pub id: String,
    /// Its name, by which users' fields are kept.
    pub name: String,
    /// Everything else as the API writes it: `displayName`, `fields`.
    pub fields: Map<String, Value>,
}

/// The texts of a list.
fn strings<'a>(fields: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    fields.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

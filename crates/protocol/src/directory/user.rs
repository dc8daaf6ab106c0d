//! Users (`User` in the discovery document), kept as their JSON objects.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::directory::list::Listed;
use crate::directory::merge::{self, MergeError};
use crate::directory::{fields, time};
use crate::json;

/// The path of the root organizational unit.
pub const ROOT_ORG_UNIT_PATH: &str = "/";

/// A user. It never holds a password or the hash of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct User(Map<String, Value>);

impl User {
    /// A user with these attributes. Passwords are dropped; keys that the
    /// discovery document does not know are kept, as Google may add some.
    pub fn new(mut attributes: Map<String, Value>) -> Self {
        for secret in ["password", "hashFunction"] {
            attributes.remove(secret);
        }
        Self(attributes)
    }

    /// Lays a change over the user, as `users.update` does: absent keys stay,
    /// `null` clears, arrays are replaced whole, and `name` and `customSchemas`
    /// are merged key by key. An unknown key refuses the whole change.
    ///
    /// What Google derives follows: without a `fullName` of its own a new name
    /// drops the old full one, and a user who is no longer suspended or
    /// archived has no time of it.
    pub fn merge(&mut self, change: Map<String, Value>) -> Result<(), MergeError> {
        let derived = Derived::of(&change);
        let name = self.names();
        merge::merge(&mut self.0, change, fields::USER)?;
        if !derived.full_name
            && name != self.names()
            && let Some(name) = self.0.get_mut("name").and_then(Value::as_object_mut)
        {
            name.remove("fullName");
        }
        if !self.suspended() && !derived.suspension_time {
            self.0.remove("suspensionTime");
            self.0.remove("suspensionReason");
        }
        if !self.archived() && !derived.archival_time {
            self.0.remove("archivalTime");
        }
        Ok(())
    }

    fn names(&self) -> (Option<String>, Option<String>) {
        (self.given_name().map(str::to_owned), self.family_name().map(str::to_owned))
    }

    /// All attributes.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.0
    }

    /// An attribute, by Google's name of it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// `id`: never changes, and is never used again.
    pub fn id(&self) -> Option<&str> {
        json::text(&self.0, "id")
    }

    /// `etag`.
    pub fn etag(&self) -> Option<&str> {
        json::text(&self.0, "etag")
    }

    /// `customerId`.
    pub fn customer_id(&self) -> Option<&str> {
        json::text(&self.0, "customerId")
    }

    /// `primaryEmail`: may be changed, and given to somebody else later.
    pub fn primary_email(&self) -> Option<&str> {
        json::text(&self.0, "primaryEmail")
    }

    /// `name.givenName`.
    pub fn given_name(&self) -> Option<&str> {
        json::text(json::object(&self.0, "name")?, "givenName")
    }

    /// `name.familyName`.
    pub fn family_name(&self) -> Option<&str> {
        json::text(json::object(&self.0, "name")?, "familyName")
    }

    /// `name.displayName`.
    pub fn display_name(&self) -> Option<&str> {
        json::text(json::object(&self.0, "name")?, "displayName")
    }

    /// `name.fullName`, or given and family name, as Google would join them.
    pub fn full_name(&self) -> Option<String> {
        let name = json::object(&self.0, "name")?;
        if let Some(full) = json::text(name, "fullName") {
            return Some(full.to_owned());
        }
        let parts: Vec<_> = [self.given_name(), self.family_name()].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// `suspended`.
    pub fn suspended(&self) -> bool {
        self.flag("suspended")
    }

    /// `suspensionReason`.
    pub fn suspension_reason(&self) -> Option<&str> {
        json::text(&self.0, "suspensionReason")
    }

    /// `suspensionTime`: when the suspension began, by the directory's clock.
    pub fn suspension_time(&self) -> Option<Timestamp> {
        self.time("suspensionTime")
    }

    /// `archived`. An archived user may be suspended as well.
    pub fn archived(&self) -> bool {
        self.flag("archived")
    }

    /// `archivalTime`.
    pub fn archival_time(&self) -> Option<Timestamp> {
        self.time("archivalTime")
    }

    /// `deletionTime`: only users of the list of deleted users have it.
    pub fn deletion_time(&self) -> Option<Timestamp> {
        self.time("deletionTime")
    }

    /// `creationTime`.
    pub fn creation_time(&self) -> Option<Timestamp> {
        self.time("creationTime")
    }

    /// `lastLoginTime`; Google's "never" (the epoch) is `None`.
    pub fn last_login_time(&self) -> Option<Timestamp> {
        self.time("lastLoginTime").filter(|time| *time != Timestamp::UNIX_EPOCH)
    }

    /// `orgUnitPath`; the root where it is absent.
    pub fn org_unit_path(&self) -> &str {
        json::text(&self.0, "orgUnitPath").unwrap_or(ROOT_ORG_UNIT_PATH)
    }

    /// `isGuestUser`.
    pub fn is_guest(&self) -> bool {
        self.flag("isGuestUser")
    }

    /// `isAdmin`: a super administrator.
    pub fn is_admin(&self) -> bool {
        self.flag("isAdmin")
    }

    /// `isDelegatedAdmin`.
    pub fn is_delegated_admin(&self) -> bool {
        self.flag("isDelegatedAdmin")
    }

    /// `aliases`.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        json::texts(&self.0, "aliases")
    }

    /// `nonEditableAliases`: in domains outside of the account.
    pub fn non_editable_aliases(&self) -> impl Iterator<Item = &str> {
        json::texts(&self.0, "nonEditableAliases")
    }

    /// The values of a repeated attribute: `emails`, `phones`, `addresses`,
    /// `organizations`, `externalIds`, `relations`, `locations`, `languages`,
    /// `ims`, `websites`, `keywords`, `posixAccounts`, `sshPublicKeys`.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &Map<String, Value>> {
        json::objects(&self.0, name)
    }

    /// A field of a custom schema.
    pub fn custom_field(&self, schema: &str, field: &str) -> Option<&Value> {
        self.0.get("customSchemas")?.get(schema)?.get(field)
    }

    fn flag(&self, name: &str) -> bool {
        json::flag(&self.0, name).unwrap_or(false)
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        time::read(self.0.get(name)?)
    }
}

/// Derived attributes that a change sets by itself.
struct Derived {
    full_name: bool,
    suspension_time: bool,
    archival_time: bool,
}

impl Derived {
    fn of(change: &Map<String, Value>) -> Self {
        Self {
            full_name: json::object(change, "name").is_some_and(|name| name.contains_key("fullName")),
            suspension_time: change.contains_key("suspensionTime"),
            archival_time: change.contains_key("archivalTime"),
        }
    }
}

impl<'de> Deserialize<'de> for User {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::new)
    }
}

impl Listed for User {
    const KEY: &'static str = "users";
    const KIND: &'static str = "admin#directory#users";
}

#[cfg(test)]
mod tests;

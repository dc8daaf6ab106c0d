//! People, groups and OUs as the Directory API writes them, in the few words a test needs.
//!
//! Keys and forms are those of Google's discovery document `admin.directory_v1`. What a test does not say is left
//! out, save what every such resource has: `kind`, an id made of the address, a name. Equal words make equal JSON.
//!
//! Not here: directories of many thousands, which `cargo xtask directory` writes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use usher_model::time::Timestamp;

/// A user of a directory.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    json: Value,
}

/// A whole directory, in the form that `usher import` reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory {
    domains: Vec<Value>,
    organization_units: Vec<Value>,
    users: Vec<User>,
    groups: Vec<Value>,
    members: BTreeMap<String, Vec<Value>>,
}

impl User {
    /// An active user in the root OU, named after the address: `ada.king@…` is Ada King.
    pub fn new(address: &str) -> Self {
        let local = address.split('@').next().unwrap_or_default();
        let (given, family) = local.split_once('.').unwrap_or((local, "Example"));
        let json = json!({
            "kind": "admin#directory#user",
            "id": id_of(address),
            "primaryEmail": address,
            "suspended": false,
            "archived": false,
            "orgUnitPath": "/",
            "emails": [{ "address": address, "primary": true }],
        });
        Self { json }.named(&capitalized(given), &capitalized(family))
    }

    /// With this immutable id.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.with("id", id)
    }

    /// With this name; the full name is both.
    #[must_use]
    pub fn named(self, given: &str, family: &str) -> Self {
        let full = format!("{given} {family}");
        self.with("name", json!({ "givenName": given, "familyName": family, "fullName": full }))
    }

    /// With another primary address; the id stays.
    #[must_use]
    pub fn renamed(self, address: &str) -> Self {
        self.with("primaryEmail", address).with("emails", json!([{ "address": address, "primary": true }]))
    }

    /// In this OU, for example `/Engineering/Compilers`.
    #[must_use]
    pub fn in_ou(self, path: &str) -> Self {
        self.with("orgUnitPath", path)
    }

    /// Suspended, without an instant, as most readers see it.
    #[must_use]
    pub fn suspended(self) -> Self {
        self.with("suspended", true)
    }

    /// Suspended since the given instant.
    #[must_use]
    pub fn suspended_at(self, at: Timestamp) -> Self {
        self.suspended().with("suspensionTime", at.to_string())
    }

    /// Archived.
    #[must_use]
    pub fn archived(self) -> Self {
        self.with("archived", true)
    }

    /// Deleted at the given instant, and restorable.
    #[must_use]
    pub fn deleted_at(self, at: Timestamp) -> Self {
        self.with("deletionTime", at.to_string())
    }

    /// A guest, who has their mail elsewhere.
    #[must_use]
    pub fn guest(self, mail: &str) -> Self {
        self.with("isGuestUser", true).with("guestAccountInfo", json!({ "primaryGuestEmail": mail }))
    }

    /// With this attribute, under the Directory API's name for it; null clears it.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: impl Into<Value>) -> Self {
        self.json[attribute] = value.into();
        self
    }

    /// The id.
    pub fn immutable_id(&self) -> &str {
        self.json["id"].as_str().expect("a test's user has a text for an id")
    }

    /// The primary address.
    pub fn address(&self) -> &str {
        self.json["primaryEmail"].as_str().expect("a test's user has a text for an address")
    }

    /// The user resource.
    pub fn json(&self) -> Value {
        self.json.clone()
    }
}

impl Directory {
    /// Nobody, with this primary domain.
    pub fn new(primary_domain: &str) -> Self {
        Self::default().domain_with(primary_domain, true)
    }

    /// With a second domain.
    #[must_use]
    pub fn domain(self, name: &str) -> Self {
        self.domain_with(name, false)
    }

    /// With this OU; the ones above it are to be named as well.
    #[must_use]
    pub fn ou(mut self, path: &str) -> Self {
        let (parent, name) = path.rsplit_once('/').expect("the path of an OU begins with a slash");
        self.organization_units.push(json!({
            "kind": "admin#directory#orgUnit",
            "name": name,
            "orgUnitId": format!("id:{}", id_of(path)),
            "orgUnitPath": path,
            "parentOrgUnitPath": if parent.is_empty() { "/" } else { parent },
        }));
        self
    }

    /// With this user.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// With active users of these addresses.
    #[must_use]
    pub fn people<'a>(mut self, addresses: impl IntoIterator<Item = &'a str>) -> Self {
        self.users.extend(addresses.into_iter().map(User::new));
        self
    }

    /// With a group, and its members by address. A member that is a group has to be there already.
    #[must_use]
    pub fn group(mut self, address: &str, members: &[&str]) -> Self {
        let member = |member: &&str| {
            let is_group = self.groups.iter().any(|group| group["email"] == *member);
            let kind = if is_group { "GROUP" } else { "USER" };
            let user = self.users.iter().find(|user| user.address() == *member);
            let id = user.map_or_else(|| id_of(member), |user| user.immutable_id().to_owned());
            json!({ "kind": "admin#directory#member", "id": id, "email": member, "role": "MEMBER", "type": kind })
        };
        let members = members.iter().map(member).collect();
        self.members.insert(address.to_owned(), members);
        let name = capitalized(address.split('@').next().unwrap_or_default());
        self.groups.push(json!({
            "kind": "admin#directory#group",
            "id": id_of(address),
            "email": address,
            "name": name,
        }));
        self
    }

    /// What `usher import` reads.
    pub fn json(&self) -> Value {
        json!({
            "domains": self.domains,
            "organizationUnits": self.organization_units,
            "users": self.users.iter().map(User::json).collect::<Vec<_>>(),
            "groups": self.groups,
            "members": self.members,
        })
    }

    fn domain_with(mut self, name: &str, is_primary: bool) -> Self {
        let domain = json!({ "kind": "admin#directory#domain", "domainName": name, "isPrimary": is_primary });
        self.domains.push(domain);
        self
    }
}

/// A number of 21 digits, as Google's ids of users are: FNV-1a of the address.
pub fn id_of(address: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    format!("1{:020}", address.bytes().fold(0xCBF2_9CE4_8422_2325, step))
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! The users and groups that the app holds, in the order they were made, and where to find them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::keys;

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    User,
    Group,
}

/// An attribute by which resources are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attribute {
    Id,
    UserName,
    ExternalId,
    DisplayName,
}

/// When a resource was made, in numbers from 1.
pub(super) type Number = u64;

#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) kind: Kind,
    pub(super) value: Map<String, Value>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Resources {
    stored: BTreeMap<Number, Stored>,
    found_by: BTreeMap<(Kind, Attribute, String), BTreeSet<Number>>,
    last: Number,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The path of all of them, below the base.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }
}

impl Attribute {
    const ALL: [Self; 4] = [Self::Id, Self::UserName, Self::ExternalId, Self::DisplayName];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::DisplayName => "displayName",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.name().eq_ignore_ascii_case(name))
    }

    /// A value as it is compared: `id` and `externalId` are case-exact (RFC 7643 §3.1), the others are not.
    fn compared(self, value: &str) -> String {
        match self {
            Self::Id | Self::ExternalId => value.to_owned(),
            Self::UserName | Self::DisplayName => value.to_lowercase(),
        }
    }
}

impl Resources {
    /// The number that the next new resource gets.
    pub(super) fn next(&self) -> Number {
        self.last + 1
    }

    pub(super) fn add(&mut self, kind: Kind, value: Map<String, Value>) -> Number {
        self.last += 1;
        self.put(self.last, Stored { kind, value });
        self.last
    }

    /// Puts a resource in the place of the one with this number.
    pub(super) fn put(&mut self, number: Number, resource: Stored) {
        self.take(number);
        for key in places(&resource) {
            self.found_by.entry(key).or_default().insert(number);
        }
        self.stored.insert(number, resource);
    }

    pub(super) fn take(&mut self, number: Number) -> Option<Stored> {
        let resource = self.stored.remove(&number)?;
        for key in places(&resource) {
            if let Some(numbers) = self.found_by.get_mut(&key) {
                numbers.remove(&number);
            }
        }
        Some(resource)
    }

    pub(super) fn get(&self, number: Number) -> Option<&Stored> {
        self.stored.get(&number)
    }

    /// All that have this value, the oldest first.
    pub(super) fn find(&self, kind: Kind, attribute: Attribute, value: &str) -> Vec<Number> {
        let key = (kind, attribute, attribute.compared(value));
        self.found_by.get(&key).map(|numbers| numbers.iter().copied().collect()).unwrap_or_default()
    }

    /// The one with this id.
    pub(super) fn by_id(&self, kind: Kind, id: &str) -> Option<Number> {
        self.find(kind, Attribute::Id, id).first().copied()
    }

    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = (Number, &Stored)> {
        self.stored
            .iter()
            .filter(move |(_, stored)| stored.kind == kind)
            .map(|(&number, stored)| (number, stored))
    }

    /// Takes a user's memberships away, as an app does when it deletes the user.
    pub(super) fn leave_groups(&mut self, id: &str) {
        for group in self.stored.values_mut().filter(|stored| stored.kind == Kind::Group) {
            if let Some(members) = keys::get_mut(&mut group.value, "members").and_then(Value::as_array_mut) {
                members.retain(|member| member["value"] != id);
            }
        }
    }
}

/// Where a resource is found.
fn places(resource: &Stored) -> Vec<(Kind, Attribute, String)> {
    let place = |attribute: Attribute| {
        let value = keys::text(&resource.value, attribute.name())?;
        Some((resource.kind, attribute, attribute.compared(value)))
    };
    Attribute::ALL.into_iter().filter_map(place).collect()
}

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
    /// Who is in a group.
    Member,
    /// Which group a user is in. It is kept with the group.
    Group,
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
    const ALL: [Self; 6] =
        [Self::Id, Self::UserName, Self::ExternalId, Self::DisplayName, Self::Member, Self::Group];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::DisplayName => "displayName",
            Self::Member => "members.value",
            Self::Group => "groups.value",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.name().eq_ignore_ascii_case(name))
    }

    /// The values that a resource has itself.
    fn values(self, resource: &Stored) -> Vec<&str> {
        match (self, resource.kind) {
            (Self::UserName, Kind::Group) | (Self::Member, Kind::User) | (Self::Group, _) => Vec::new(),
            (Self::Member, Kind::Group) => members(resource).collect(),
            (Self::Id | Self::UserName | Self::ExternalId | Self::DisplayName, _) => {
                keys::text(&resource.value, self.name()).into_iter().collect()
            }
        }
    }

    /// A value as it is compared: ids and `externalId` are case-exact (RFC 7643 §3.1), names are not.
    fn compared(self, value: &str) -> String {
        match self {
            Self::Id | Self::ExternalId | Self::Member | Self::Group => value.to_owned(),
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
        if (kind, attribute) == (Kind::User, Attribute::Group) {
            return self.users_in(value).into_iter().collect();
        }
        let key = (kind, attribute, attribute.compared(value));
        self.found_by.get(&key).map(|numbers| numbers.iter().copied().collect()).unwrap_or_default()
    }

    fn users_in(&self, group: &str) -> BTreeSet<Number> {
        let group = self.by_id(Kind::Group, group).and_then(|number| self.get(number));
        group.into_iter().flat_map(members).filter_map(|id| self.by_id(Kind::User, id)).collect()
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

    /// Takes all members of a group away.
    pub(super) fn empty(&mut self, number: Number) {
        if let Some(mut group) = self.take(number) {
            keys::remove(&mut group.value, "members");
            self.put(number, group);
        }
    }

    /// Takes a user's memberships away, as an app does when it deletes the user.
    pub(super) fn leave_groups(&mut self, id: &str) {
        for number in self.find(Kind::Group, Attribute::Member, id) {
            let Some(mut group) = self.take(number) else { continue };
            if let Some(members) = keys::slot(&mut group.value, "members").as_array_mut() {
                members.retain(|member| member["value"] != id);
            }
            self.put(number, group);
        }
    }
}

/// Where a resource is found.
fn places(resource: &Stored) -> Vec<(Kind, Attribute, String)> {
    let places = |attribute: Attribute| {
        let values = attribute.values(resource).into_iter();
        values.map(move |value| (resource.kind, attribute, attribute.compared(value)))
    };
    Attribute::ALL.into_iter().flat_map(places).collect()
}

/// The ids of a group's members, in the order they are stored.
fn members(group: &Stored) -> impl Iterator<Item = &str> {
    let members = keys::get(&group.value, "members").and_then(Value::as_array);
    members.into_iter().flatten().filter_map(|member| member["value"].as_str())
}

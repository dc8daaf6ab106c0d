//! The directory as it truly is, and what it says of itself: events of single changes, and whole listings.
//!
//! Usher's mirror is told by imports, as an admin or a feed would make them. What it was told may be late, doubled, lost,
//! short; what is true stays here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use usher_model::time::Timestamp;

use self::groups::{Group, Grouping};
use super::op::{GROUPS, PEOPLE, UNITS};
use super::told::{State, Told};

pub(super) mod groups;

/// The instant of a state that the directory does not say.
const NEVER: Timestamp = Timestamp::from_micros(0);

/// The domain that is provisioned, and one that is not unless an admin adds it.
pub(super) const DOMAIN: &str = "example.com";
pub(super) const SECOND_DOMAIN: &str = "second.example";
/// The last address of each person is in the second domain.
pub(super) const ADDRESSES: u8 = 4;

/// Somebody whom the directory has or had.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "as the Directory API has them, each of its own")]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) address: (u8, u8),
    given: u8,
    title: u8,
    unit: u8,
    is_suspended: bool,
    is_archived: bool,
    deleted_at: Option<Timestamp>,
    is_guest: bool,
    is_spoiled: bool,
}

/// Everybody, and every group.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    /// Everybody who ever was, in the order of their beginning.
    people: Vec<Person>,
    /// Who of them is person `p` now.
    slots: BTreeMap<u8, usize>,
    /// Every group that ever was, by its number.
    groups: Vec<Group>,
    /// Which of them is at each place now.
    places: Vec<u8>,
}

/// What an event says.
#[derive(Clone, Debug)]
pub(super) enum Said {
    User(Value),
    /// All groups with their members; and which they are, and which is in which.
    Groups(Value, Grouping),
}

/// A whole listing.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) json: Value,
    pub(super) grouping: Grouping,
}

pub(super) fn address((of, n): (u8, u8)) -> String {
    let domain = if n == ADDRESSES - 1 { SECOND_DOMAIN } else { DOMAIN };
    format!("p{of}.{n}@{domain}")
}

impl Directory {
    /// Twenty people, active, some of them in groups and units.
    pub(super) fn new() -> Self {
        let (groups, places) = groups::first();
        let mut directory = Self { people: Vec::new(), slots: BTreeMap::new(), groups, places };
        for p in 0..PEOPLE - 4 {
            directory.join(p);
            directory.change(p, |person| person.unit = p % 3);
            directory.enter(p, p % GROUPS);
        }
        directory.nest(1, 0, true);
        directory
    }

    pub(super) fn person(&self, p: u8) -> Option<&Person> {
        self.slots.get(&p).map(|at| &self.people[*at])
    }

    /// The ids of everybody who ever was.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.people.iter().map(|person| person.id.as_str())
    }

    fn is_free(&self, address: (u8, u8)) -> bool {
        !self.people.iter().any(|person| person.address == address && person.deleted_at.is_none())
    }

    /// Makes a person; whether there is a new one.
    pub(super) fn join(&mut self, p: u8) -> bool {
        if self.person(p).is_some_and(|person| person.deleted_at.is_none()) || !self.is_free((p, 0)) {
            return false;
        }
        let person = Person {
            id: format!("{}{p:03}", 100 + self.people.len()),
            address: (p, 0),
            given: 0,
            title: 1,
            unit: 0,
            is_suspended: false,
            is_archived: false,
            deleted_at: None,
            is_guest: false,
            is_spoiled: false,
        };
        self.slots.insert(p, self.people.len());
        self.people.push(person);
        true
    }

    /// Changes somebody who is there; whether there is anybody.
    pub(super) fn change(&mut self, p: u8, change: impl FnOnce(&mut Person)) -> bool {
        let Some(at) = self.slots.get(&p) else { return false };
        let person = &mut self.people[*at];
        if person.deleted_at.is_some() {
            return false;
        }
        change(person);
        true
    }

    pub(super) fn rename(&mut self, p: u8, address: (u8, u8)) -> bool {
        self.is_free(address) && self.change(p, |person| person.address = address)
    }

    pub(super) fn swap(&mut self, p: u8, q: u8) -> bool {
        let there = |p| self.person(p).filter(|person| person.deleted_at.is_none());
        let (Some(one), Some(other)) = (there(p), there(q)) else { return false };
        let (first, second) = (one.address, other.address);
        self.change(p, |person| person.address = second);
        self.change(q, |person| person.address = first);
        p != q
    }

    pub(super) fn delete(&mut self, p: u8, now: Timestamp) -> bool {
        let Some(id) = self.person(p).map(|person| person.id.clone()) else { return false };
        for group in &mut self.groups {
            group.people.remove(&id);
        }
        self.change(p, |person| person.deleted_at = Some(now))
    }

    pub(super) fn restore(&mut self, p: u8) -> bool {
        let Some(at) = self.slots.get(&p).copied() else { return false };
        if self.people[at].deleted_at.is_none() || !self.is_free(self.people[at].address) {
            return false;
        }
        self.people[at].deleted_at = None;
        true
    }

    /// Deletes somebody and makes somebody else of the same address.
    pub(super) fn recreate(&mut self, p: u8, now: Timestamp) -> bool {
        let Some(before) = self.person(p).cloned() else { return false };
        if !self.delete(p, now) {
            return false;
        }
        let id = format!("{}{p:03}", 100 + self.people.len());
        self.slots.insert(p, self.people.len());
        self.people.push(Person { id, ..before });
        true
    }

    /// Everybody as they truly are, as Usher should have been told after a whole listing. Of the instants of their states
    /// that of a deletion alone is known.
    pub(super) fn truth(&self) -> impl Iterator<Item = Told> {
        self.people.iter().map(|person| {
            let state = match person.deleted_at {
                Some(at) => State::Deleted(at),
                None if person.is_archived => State::Archived(NEVER),
                None if person.is_suspended => State::Suspended(NEVER),
                None => State::Active,
            };
            let is_in = |g: &u8| {
                let group = &self.groups[usize::from(*g)];
                group.is_there && person.deleted_at.is_none() && group.people.contains(&person.id)
            };
            let json = person.json();
            let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            Told {
                id: person.id.clone(),
                address: address(person.address),
                given: text("/name/givenName").unwrap_or_default(),
                family: text("/name/familyName"),
                full: text("/name/fullName").unwrap_or_default(),
                title: text("/organizations/0/title"),
                unit: UNITS[usize::from(person.unit)].to_owned(),
                state,
                is_guest: person.is_guest,
                groups: self.numbers().filter(is_in).collect(),
            }
        })
    }

    /// Person `p`, as an event says them.
    pub(super) fn say(&self, p: u8) -> Option<Said> {
        self.person(p).map(|person| Said::User(person.json()))
    }

    /// Whoever has this id, as an event says them.
    pub(super) fn say_of(&self, id: &str) -> Option<Said> {
        self.people.iter().find(|person| person.id == id).map(|person| Said::User(person.json()))
    }

    /// The whole directory, less those whom `is_missing` names.
    pub(super) fn document(&self, is_missing: impl Fn(usize) -> bool) -> Document {
        let there = self.people.iter().filter(|person| person.deleted_at.is_none());
        let shown = there.enumerate().filter(|(at, _)| !is_missing(*at)).map(|(_, person)| person);
        let shown: Vec<_> = shown.collect();
        let users: Vec<_> = shown.iter().map(|person| person.json()).collect();
        let (groups, mut members) = self.groups_json();
        let ids: BTreeSet<_> = shown.iter().map(|person| person.id.as_str()).collect();
        for list in members.as_object_mut().expect("invariant: an object").values_mut() {
            let is_known = |member: &Value| {
                member["type"] == "GROUP" || ids.contains(member["id"].as_str().unwrap_or_default())
            };
            list.as_array_mut().expect("invariant: a list").retain(is_known);
        }
        let domain = |name, is_primary| json!({"domainName": name, "isPrimary": is_primary});
        let unit = |path: &&str| {
            let (above, name) = path.rsplit_once('/').expect("invariant: a path begins with a slash");
            let above = if above.is_empty() { "/" } else { above };
            json!({"name": name, "orgUnitPath": path, "orgUnitId": format!("id:{path}"), "parentOrgUnitPath": above})
        };
        let json = json!({
            "domains": [domain(DOMAIN, true), domain(SECOND_DOMAIN, false)],
            "organizationUnits": UNITS[1..].iter().map(unit).collect::<Vec<_>>(),
            "users": users,
            "groups": groups,
            "members": members,
        });
        Document { json, grouping: self.grouping() }
    }
}

impl Person {
    pub(super) fn suspend(&mut self) {
        self.is_suspended = true;
    }

    pub(super) fn archive(&mut self) {
        self.is_archived = true;
    }

    pub(super) fn activate(&mut self) {
        (self.is_suspended, self.is_archived) = (false, false);
    }

    pub(super) fn set_given(&mut self, n: u8) {
        self.given = n;
    }

    pub(super) fn set_title(&mut self, n: u8) {
        self.title = n;
    }

    pub(super) fn set_guest(&mut self, is: bool) {
        self.is_guest = is;
    }

    pub(super) fn set_unit(&mut self, unit: u8) {
        self.unit = unit;
    }

    pub(super) fn spoil(&mut self, is: bool) {
        self.is_spoiled = is;
    }

    fn json(&self) -> Value {
        let address = address(self.address);
        let given = format!("Given{}", self.given);
        let family = (!self.is_spoiled).then(|| format!("Family{}", self.address.0));
        let full = format!("{given} {}", family.as_deref().unwrap_or("Nobody"));
        let title =
            (self.title > 0).then(|| json!([{"title": format!("Title {}", self.title), "primary": true}]));
        let mut json = json!({
            "id": self.id,
            "primaryEmail": address,
            "name": {"givenName": given, "familyName": family, "fullName": full},
            "suspended": self.is_suspended,
            "archived": self.is_archived,
            "orgUnitPath": UNITS[usize::from(self.unit)],
            "isGuestUser": self.is_guest,
            "organizations": title,
        });
        if let Some(at) = self.deleted_at {
            json["deletionTime"] = at.to_string().into();
        }
        json
    }
}

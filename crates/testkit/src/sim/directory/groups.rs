//! The groups of the directory: what they are called, who is in them, which are within which.
//!
//! Each group has a place, which ops name, and a number of its own: one that is deleted and made anew under the same
//! address is another one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{DOMAIN, Directory, Said, address};
use crate::sim::op::GROUPS;

/// More groups than this there never are.
pub(in crate::sim) const MOST_GROUPS: u8 = 200;

/// By group, the groups that are its members.
pub(in crate::sim) type Nesting = BTreeMap<u8, BTreeSet<u8>>;

/// The name of a group of the directory: the `n`th one of the group at place `of`.
pub(in crate::sim) type Name = (u8, u8);

/// One group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    place: u8,
    name: Name,
    pub(super) is_there: bool,
    pub(super) people: BTreeSet<String>,
    groups: BTreeSet<u8>,
}

/// What a listing of the groups says of them, beside who is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sim) struct Grouping {
    pub(in crate::sim) nesting: Nesting,
    /// What each group that is there is called, and its place.
    pub(in crate::sim) named: BTreeMap<u8, (String, u8)>,
}

/// The directory's id of a group.
pub(in crate::sim) fn group_id(number: u8) -> String {
    format!("0g{number}")
}

/// The group whose id this is.
pub(in crate::sim) fn group_of_id(id: &str) -> Option<u8> {
    id.strip_prefix("0g")?.parse().ok()
}

/// The address of the group at a place.
pub(in crate::sim) fn group_address(place: u8) -> String {
    format!("g{place}@{DOMAIN}")
}

pub(in crate::sim) fn group_name((of, n): Name) -> String {
    if n == 0 { format!("Group {of}") } else { format!("Group {of} the {n}th") }
}

impl Group {
    pub(super) fn new(place: u8) -> Self {
        Self { place, name: (place, 0), is_there: true, people: BTreeSet::new(), groups: BTreeSet::new() }
    }
}

impl Directory {
    /// The group at a place now.
    pub(in crate::sim) fn group_at(&self, place: u8) -> u8 {
        self.places[usize::from(place)]
    }

    /// All that ever were at a place.
    pub(in crate::sim) fn groups_at(&self, place: u8) -> Vec<u8> {
        self.numbers().filter(|number| self.groups[usize::from(*number)].place == place).collect()
    }

    /// All groups that ever were.
    pub(in crate::sim) fn numbers(&self) -> std::ops::Range<u8> {
        0..u8::try_from(self.groups.len()).expect("invariant: there are few")
    }

    fn there(&mut self, place: u8) -> Option<&mut Group> {
        let at = usize::from(self.group_at(place));
        Some(&mut self.groups[at]).filter(|group| group.is_there)
    }

    pub(in crate::sim) fn enter(&mut self, p: u8, g: u8) -> bool {
        let there = self.person(p).filter(|person| person.deleted_at.is_none());
        let Some(id) = there.map(|person| person.id.clone()) else { return false };
        let at = usize::from(self.group_at(g));
        self.groups[at].people.insert(id)
    }

    pub(in crate::sim) fn leave(&mut self, p: u8, g: u8) -> bool {
        let Some(id) = self.person(p).map(|person| person.id.clone()) else { return false };
        let at = usize::from(self.group_at(g));
        self.groups[at].people.remove(&id)
    }

    pub(in crate::sim) fn nest(&mut self, g: u8, into: u8, is: bool) -> bool {
        let (inner, at) = (self.group_at(g), usize::from(self.group_at(into)));
        let groups = &mut self.groups[at].groups;
        g != into && if is { groups.insert(inner) } else { groups.remove(&inner) }
    }

    pub(in crate::sim) fn empty(&mut self, g: u8) -> bool {
        let at = usize::from(self.group_at(g));
        let group = &mut self.groups[at];
        group.groups.clear();
        !std::mem::take(&mut group.people).is_empty()
    }

    pub(in crate::sim) fn vanish(&mut self, g: u8, is: bool) -> bool {
        let at = usize::from(self.group_at(g));
        let group = &mut self.groups[at];
        std::mem::replace(&mut group.is_there, !is) == is
    }

    /// Gives a group a name, whoever else has it.
    pub(in crate::sim) fn name_group(&mut self, g: u8, name: Name) -> bool {
        self.there(g).is_some_and(|group| std::mem::replace(&mut group.name, name) != name)
    }

    /// Two groups swap their names.
    pub(in crate::sim) fn swap_names(&mut self, g: u8, h: u8) -> bool {
        let name = |directory: &mut Self, place| directory.there(place).map(|group| group.name);
        let (Some(one), Some(other)) = (name(self, g), name(self, h)) else { return false };
        self.name_group(g, other) && self.name_group(h, one)
    }

    /// Deletes a group and makes another one of the same address, name and members.
    pub(in crate::sim) fn recreate_group(&mut self, g: u8) -> bool {
        let number = u8::try_from(self.groups.len()).expect("invariant: there are few");
        if number >= MOST_GROUPS {
            return false;
        }
        let Some(before) = self.there(g) else { return false };
        let anew = before.clone();
        before.is_there = false;
        self.groups.push(anew);
        self.places[usize::from(g)] = number;
        true
    }

    pub(in crate::sim) fn say_groups(&self) -> Said {
        let mut json = Map::new();
        let (groups, members) = self.groups_json();
        json.insert("groups".to_owned(), groups);
        json.insert("members".to_owned(), members);
        Said::Groups(Value::Object(json), self.grouping())
    }

    pub(super) fn grouping(&self) -> Grouping {
        let there = |number: &u8| self.groups[usize::from(*number)].is_there;
        let inner = |number: u8| self.groups[usize::from(number)].groups.iter().copied().filter(there);
        let named = |number: u8| {
            let group = &self.groups[usize::from(number)];
            (group_name(group.name), group.place)
        };
        Grouping {
            nesting: self.numbers().filter(there).map(|number| (number, inner(number).collect())).collect(),
            named: self.numbers().filter(there).map(|number| (number, named(number))).collect(),
        }
    }

    pub(super) fn groups_json(&self) -> (Value, Value) {
        let (mut groups, mut members) = (Vec::new(), Map::new());
        for number in self.numbers() {
            let group = &self.groups[usize::from(number)];
            if !group.is_there {
                continue;
            }
            let email = group_address(group.place);
            groups.push(json!({"id": group_id(number), "email": email, "name": group_name(group.name)}));
            let inner = group.groups.iter().filter(|inner| self.groups[usize::from(**inner)].is_there);
            let inner = inner.map(|inner| {
                let email = group_address(self.groups[usize::from(*inner)].place);
                json!({"id": group_id(*inner), "email": email, "role": "MEMBER", "type": "GROUP"})
            });
            let there = self.people.iter().filter(|person| person.deleted_at.is_none());
            let people = there.filter(|person| group.people.contains(&person.id));
            let people = people.map(|person| {
                json!({"id": person.id, "email": address(person.address), "role": "MEMBER", "type": "USER"})
            });
            members.insert(email, people.chain(inner).collect());
        }
        (Value::Array(groups), Value::Object(members))
    }
}

/// The groups as they are at the beginning: one at each place.
pub(super) fn first() -> (Vec<Group>, Vec<u8>) {
    ((0..GROUPS).map(Group::new).collect(), (0..GROUPS).collect())
}

//! The organisation: two hundred and fifty people of a company that does not exist, as the Directory API shows them.
//!
//! # Invariants
//!
//! 1. Same seed, same start, same bytes. No clock is read; instants are counted back from the start.
//! 2. With those who join while the demo goes on there are 250 people. Nobody is ever forgotten: whoever is
//!    deleted is deleted, and one of them.
//! 3. Ids are never shared, and addresses only where the script hands one on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use usher_model::time::Timestamp;

use super::cast::{CAST, Part};
use super::company::{COMPANY, PRIMARY_DOMAIN, SECONDARY_DOMAIN, UNITS};
use super::group::{GROUPS, Group, Members, customer, external};
use super::person::Person;
use super::staff::staff;

/// How many people there are in the end.
#[cfg(test)]
pub(super) const N_PEOPLE: usize = 250;
/// What everybody who has no part of their own is drawn from.
pub(super) const SEED: u64 = 250;

/// Everybody, those who join later too.
pub(super) struct Organisation {
    people: Vec<Person>,
    /// Where people of the cast and the staff are, by what they are called.
    places: BTreeMap<String, usize>,
}

impl Organisation {
    pub(super) fn new(seed: u64) -> Self {
        let numbers = 0_u32..;
        let mut people: Vec<Person> = numbers.zip(CAST).map(|(n, role)| Person::cast(n, role)).collect();
        let mut taken: BTreeSet<String> = people.iter().map(|person| person.address.clone()).collect();
        let first = u32::try_from(people.len()).expect("invariant: a cast is small");
        people.extend(staff(seed, first, &mut taken));
        let places = people.iter().enumerate().map(|(at, person)| (person.who.clone(), at)).collect();
        Self { people, places }
    }

    /// Everybody, those who join later too.
    #[cfg(test)]
    pub(super) fn people(&self) -> &[Person] {
        &self.people
    }

    /// Somebody whom the script knows.
    pub(super) fn person(&self, who: &str) -> &Person {
        let at = self.places.get(who);
        &self.people
            [*at.unwrap_or_else(|| panic!("invariant: a test looks for everybody in the script: {who}"))]
    }

    /// The ordinary people of a unit.
    pub(super) fn staff_of(&self, unit: &str) -> impl Iterator<Item = &Person> {
        self.people.iter().skip(CAST.len()).filter(move |person| person.unit == unit)
    }

    /// The directory as it is at the start, in the form that `usher import` reads.
    pub(super) fn document(&self, start: Timestamp) -> Value {
        let present = self.people.iter().filter(|person| person.part != Part::Joins);
        let members = GROUPS.iter().map(|group| (group.address(), Value::Array(self.members(group))));
        json!({
            "domains": domains(),
            "organizationUnits": UNITS.iter().map(|unit| org_unit(unit.path)).collect::<Vec<_>>(),
            "users": present.map(|person| person.entry(start)).collect::<Vec<_>>(),
            "groups": GROUPS.iter().enumerate().map(|(n, group)| group.entry(n)).collect::<Vec<_>>(),
            "members": members.collect::<Map<_, _>>(),
        })
    }

    fn members(&self, group: &Group) -> Vec<Value> {
        let of_staff = || self.people.iter().skip(CAST.len());
        let by_address = |address: &String| json!(address);
        match &group.members {
            Members::Named(named) => named.iter().map(|name| json!(self.address(name))).collect(),
            Members::Staff(n) => of_staff().take(*n).map(|person| by_address(&person.address)).collect(),
            Members::Unit(path, groups) => {
                let people = self.staff_of(path).map(|person| by_address(&person.address));
                people.chain(groups.iter().map(|name| json!(self.address(name)))).collect()
            }
            Members::Customer => vec![customer()],
            Members::External(named, outside) => {
                named.iter().map(|name| json!(self.address(name))).chain([external(outside)]).collect()
            }
        }
    }

    /// The address of a person of the cast, or of a group.
    pub(super) fn address(&self, name: &str) -> String {
        let person = self.places.get(name).map(|at| self.people[*at].address.clone());
        person.unwrap_or_else(|| format!("{name}@{PRIMARY_DOMAIN}"))
    }
}

fn domains() -> Value {
    json!([
        {"domainName": PRIMARY_DOMAIN, "isPrimary": true, "verified": true},
        {"domainName": SECONDARY_DOMAIN, "isPrimary": false, "verified": true},
    ])
}

fn org_unit(path: &str) -> Value {
    let (parent, name) = path.rsplit_once('/').expect("invariant: a path begins with a slash");
    let parent = if parent.is_empty() { "/" } else { parent };
    json!({
        "name": name,
        "orgUnitPath": path,
        "parentOrgUnitPath": parent,
        "description": format!("{name} at {COMPANY}"),
    })
}

#[cfg(test)]
mod tests;

//! Everybody who has no part of their own: drawn from the seed, unit by unit.

use std::collections::BTreeSet;

use super::cast::Part;
use super::chance::Chance;
use super::company::{PRIMARY_DOMAIN, UNITS};
use super::name::{FAMILY, GIVEN};
use super::person::Person;

/// The ordinary people of every unit, numbered from `first` on. `taken` are the addresses that others have.
pub(super) fn staff(seed: u64, first: u32, taken: &mut BTreeSet<String>) -> Vec<Person> {
    let mut chance = Chance::seeded(seed);
    let jobs = UNITS.iter().flat_map(|unit| std::iter::repeat_n(unit, unit.n_staff));
    let hire = |(number, unit): (u32, &super::company::Unit)| {
        let title = *chance.pick(unit.titles);
        let days_employed = 60 + u32::try_from(chance.below(3_000)).expect("invariant: below 3,000");
        loop {
            let (given, given_letters) = *chance.pick(GIVEN);
            let (family, family_letters) = *chance.pick(FAMILY);
            let who = format!("{given_letters}.{family_letters}");
            let address = format!("{who}@{PRIMARY_DOMAIN}");
            if !taken.insert(address.clone()) {
                continue;
            }
            break Person {
                number,
                who,
                given: given.to_owned(),
                family: Some(family.to_owned()),
                address,
                unit: unit.path,
                title,
                part: Part::Ordinary,
                days_employed,
            };
        }
    };
    (first..).zip(jobs).map(hire).collect()
}

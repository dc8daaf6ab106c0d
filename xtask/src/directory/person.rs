//! One person: who they are, as a function of the recipe and their index.

use super::Recipe;
use super::chance::{Chance, Subject};
use super::company::{PRIMARY_DOMAIN, Post, SECONDARY_DOMAIN};
use super::kind::Kind;
use super::name::PersonName;

/// The two ordinary people whose addresses `--swapped` exchanges.
pub(super) const SWAPPED_PAIR: (u64, u64) = (5, 9);

/// How many people report to one manager.
const REPORTS_PER_MANAGER: u64 = 8;

pub(super) struct Person {
    pub(super) index: u64,
    pub(super) kind: Kind,
    pub(super) name: PersonName,
    pub(super) post: Post,
    /// How many days ago they were hired.
    pub(super) days_employed: i64,
    /// Four digits.
    pub(super) extension: u64,
}

impl Person {
    pub(super) fn of(recipe: &Recipe, index: u64) -> Self {
        let kind = Kind::of(index);
        let name = PersonName::draw(&mut name_chance(recipe, index), kind);
        let mut chance = Chance::of(recipe.seed, Subject::Post, index);
        Self {
            index,
            kind,
            name,
            post: Post::draw(&mut chance),
            days_employed: 60 + i64::try_from(chance.below(4_000)).expect("invariant: below 4,000"),
            extension: 1_000 + chance.below(9_000),
        }
    }
}

/// The primary address of the person at `index`. Addresses end in the index, so no two are alike.
pub(super) fn address(recipe: &Recipe, index: u64) -> String {
    let holder = match (recipe.swapped, index) {
        (true, i) if i == SWAPPED_PAIR.0 => SWAPPED_PAIR.1,
        (true, i) if i == SWAPPED_PAIR.1 => SWAPPED_PAIR.0,
        _ => index,
    };
    format!("{}@{}", local_part(recipe, holder), domain(holder))
}

/// The address without its domain.
pub(super) fn local_part(recipe: &Recipe, index: u64) -> String {
    let kind = Kind::of(index);
    let name = PersonName::draw(&mut name_chance(recipe, index), kind);
    let guest = if kind == Kind::Guest { "guest." } else { "" };
    format!("{guest}{}{index}", name.address)
}

fn domain(index: u64) -> &'static str {
    if Kind::of(index) == Kind::SecondaryDomain { SECONDARY_DOMAIN } else { PRIMARY_DOMAIN }
}

/// A namesake draws their name as the person before them does.
fn name_chance(recipe: &Recipe, index: u64) -> Chance {
    let named_as = if Kind::of(index) == Kind::Namesake { index - 1 } else { index };
    Chance::of(recipe.seed, Subject::Name, named_as)
}

/// Who the person at `index` reports to: a tree under person 0, in which nobody reports to someone deleted.
pub(super) fn manager(index: u64) -> Option<u64> {
    let mut above = index.checked_sub(1)? / REPORTS_PER_MANAGER;
    while Kind::of(above).is_deleted() {
        above = above.checked_sub(1)? / REPORTS_PER_MANAGER;
    }
    Some(above)
}

/// A number of 21 digits, as Google's ids are: another one for each index, scattered over the range.
pub(super) fn id(index: u64) -> String {
    const DIGITS_20: u128 = 100_000_000_000_000_000_000;
    // Odd and no multiple of five: multiplying by it is one-to-one modulo a power of ten.
    const SCATTER: u128 = 61_803_398_874_989_484_823;
    let scattered = (u128::from(index) + 1) * SCATTER % DIGITS_20;
    format!("1{scattered:020}")
}

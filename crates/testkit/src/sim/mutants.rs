//! Mistakes made on purpose, and which decisions were taken: there where the crate is built with the feature `mutants`.

use std::collections::BTreeMap;

use usher_model::mutant::Mutant;

/// The names of all mistakes.
pub fn names() -> Vec<String> {
    Mutant::ALL.iter().map(Mutant::to_string).collect()
}

/// Lets the mistake of this name live, and no other.
#[cfg(feature = "mutants")]
pub fn let_live(name: &str) {
    let mutant = Mutant::from_name(name).expect("a mistake is named as the list names it");
    usher_model::mutant::let_live(Some(mutant));
}

/// Lets none of them live.
#[cfg(feature = "mutants")]
pub fn let_none_live() {
    usher_model::mutant::let_live(None);
}

/// None of them is here.
#[cfg(not(feature = "mutants"))]
pub fn let_none_live() {}

/// Refuses: nothing of the mistakes is here.
#[cfg(not(feature = "mutants"))]
pub fn let_live(name: &str) {
    panic!("{name} lives only where usher-testkit is built with the feature `mutants`");
}

/// How often each arm of the decision was taken since this was asked last.
#[cfg(feature = "mutants")]
pub fn arms_taken() -> BTreeMap<String, u64> {
    usher_model::arms::taken()
}

/// None: nobody counts.
#[cfg(not(feature = "mutants"))]
pub fn arms_taken() -> BTreeMap<String, u64> {
    BTreeMap::new()
}

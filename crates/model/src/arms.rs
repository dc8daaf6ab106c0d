//! Which decisions were taken, for `cargo xtask simulate`: an arm that no play takes is one that no rule is held to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;

thread_local! {
    static TAKEN: RefCell<BTreeMap<String, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// How often each arm was taken on this thread since this was asked last.
pub fn taken() -> BTreeMap<String, u64> {
    TAKEN.with(|taken| std::mem::take(&mut *taken.borrow_mut()))
}

/// Counts a decision under its arm.
pub(crate) fn take(arm: String) {
    TAKEN.with(|taken| *taken.borrow_mut().entry(arm).or_default() += 1);
}

/// The name of an enum's variant, without what is in it.
pub(crate) fn variant(of: &impl Debug) -> String {
    let text = format!("{of:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

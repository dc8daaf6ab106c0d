//! Which decisions were taken, for `cargo xtask simulate`: an arm that no play takes is one that no rule is held to.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{Case, Decision, Next};
use crate::account::AccountState;
use crate::entitlement::Standing;

thread_local! {
    static TAKEN: RefCell<BTreeMap<String, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// How often each arm was taken on this thread since this was asked last.
pub fn taken() -> BTreeMap<String, u64> {
    TAKEN.with(|taken| std::mem::take(&mut *taken.borrow_mut()))
}

/// Counts a decision under its arm: where the person stands, how the account is, what is done, and why.
pub(super) fn take(case: &Case<'_>, decision: &Decision) {
    let standing = match case.standing {
        Standing::Entitled => "entitled",
        Standing::Lost(_) => "lost",
        Standing::Archived => "archived",
        Standing::Unlisted => "unlisted",
    };
    let account = match &case.account.state {
        AccountState::None { .. } => "none",
        AccountState::Active(_) => "active",
        AccountState::Suspended { .. } => "suspended",
        AccountState::Unknown { .. } => "unknown",
        AccountState::Gone => "gone",
    };
    let next = match &decision.next {
        Next::Rest => "rest".to_owned(),
        Next::Look => "look".to_owned(),
        Next::Do(operation) => operation.kind().to_string(),
        Next::Fail(_) => "fail".to_owned(),
        Next::Forget => "forget".to_owned(),
    };
    let reason = format!("{:?}", decision.reason);
    let reason = reason.split([' ', '(', '{']).next().unwrap_or_default();
    let arm = format!("{standing}, {account}: {next}, {reason}");
    TAKEN.with(|taken| *taken.borrow_mut().entry(arm).or_default() += 1);
}

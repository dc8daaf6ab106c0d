//! The name of the arm that a decision took: where the person stands, how the account is, what is done, and why.

use super::{Case, Decision, Next};
use crate::account::AccountState;
use crate::arms;
use crate::entitlement::Standing;

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
    arms::take(format!("{standing}, {account}: {next}, {}", arms::variant(&decision.reason)));
}

//! Whether a choice could have any effect, by what is on record of the person.
//!
//! A choice that can have none is refused, because whoever makes it believes that something will happen. Where what is
//! on record leaves a doubt, such as a write without an answer, the choice is taken.

use usher_engine::explain::Explanation;
use usher_model::account::Choice;
use usher_model::adoption::Conflict;
use usher_model::entitlement::Standing;
use usher_model::reason::{Failure, Reason};
use usher_store::account::RecordState;

use crate::commands::explain::standing;

/// Why this choice can have no effect, and what can be chosen; none if it may have one.
pub(super) fn refused(choice: Choice, of: &Explanation) -> Option<String> {
    let state = match (&of.standing, choice) {
        _ if is_unknown(of) => return None,
        (Standing::Lost(_) | Standing::Archived, _) => Some(standing(&of.standing)),
        (Standing::Entitled | Standing::Unlisted, Choice::SwitchOn) => not_switched_off(of),
        (Standing::Entitled | Standing::Unlisted, Choice::TakeOver) => not_to_be_taken_over(of),
        (Standing::Entitled | Standing::Unlisted, Choice::Wait) => not_in_conflict(of),
    }?;
    Some(format!("{} at {}: {state}; {}", of.user.primary_email, of.app.name, instead(of)))
}

/// A write was begun and nobody knows what became of it: the account may be in any state.
fn is_unknown(of: &Explanation) -> bool {
    of.account.as_ref().is_some_and(|record| record.intent.is_some())
}

fn state(of: &Explanation) -> RecordState {
    of.account.as_ref().map_or(RecordState::None, |record| record.state)
}

/// Why there is nothing that an admin could switch on.
fn not_switched_off(of: &Explanation) -> Option<String> {
    let audit = format!("`usher audit {}` finds out what somebody else did there", of.app.name);
    match state(of) {
        RecordState::Suspended if of.account.as_ref().is_some_and(|record| record.suspended_by_us) => {
            Some("Usher itself suspended the account, and switches it on again without being told".to_owned())
        }
        RecordState::Suspended => None,
        RecordState::Active => Some(format!("the account is on, as far as is known ({audit})")),
        RecordState::None => Some("no account is known that somebody could have switched off".to_owned()),
        RecordState::Gone => {
            Some("the account is gone at the app, and is made anew without being told".to_owned())
        }
    }
}

/// What is in the way of somebody's account.
enum InTheWay<'a> {
    /// This.
    Known(&'a Conflict),
    /// Something was when a choice was made about it; what, is not on record any more.
    ChosenAbout,
    /// Nothing.
    Nothing,
}

/// What is on record as being in the way. A choice starts a failure anew, so the log is asked as well.
fn in_the_way(of: &Explanation) -> InTheWay<'_> {
    let record = of.account.as_ref();
    let failing = record.and_then(|record| record.failing.as_ref()).map(|failing| &failing.failure);
    let decided = in_reason(&of.reason);
    let logged = of.events.first().and_then(|event| in_reason(&event.reason));
    let known = [failing.and_then(in_failure), decided, logged].into_iter().flatten().next();
    match (known, record.and_then(|record| record.choice)) {
        (Some(conflict), _) => InTheWay::Known(conflict),
        (None, Some(Choice::TakeOver | Choice::Wait)) => InTheWay::ChosenAbout,
        (None, Some(Choice::SwitchOn) | None) => InTheWay::Nothing,
    }
}

fn in_failure(failure: &Failure) -> Option<&Conflict> {
    if let Failure::Conflict { conflict } = failure { Some(conflict) } else { None }
}

fn in_reason(reason: &Reason) -> Option<&Conflict> {
    if let Reason::Failed { failure } = reason {
        return in_failure(failure);
    }
    if let Reason::RetryLater(failing) = reason { in_failure(&failing.failure) } else { None }
}

fn not_in_conflict(of: &Explanation) -> Option<String> {
    match in_the_way(of) {
        InTheWay::Known(_) | InTheWay::ChosenAbout => None,
        InTheWay::Nothing => {
            Some("no account of somebody else is known to be in the way of theirs".to_owned())
        }
    }
}

fn not_to_be_taken_over(of: &Explanation) -> Option<String> {
    match in_the_way(of) {
        InTheWay::ChosenAbout | InTheWay::Known(Conflict::ForeignExternalId { .. }) => None,
        // Two people would share one account, or nobody knows which one it is.
        InTheWay::Known(
            conflict @ (Conflict::Held { .. } | Conflict::Ambiguous { .. } | Conflict::Invisible { .. }),
        ) => Some(conflict.to_string()),
        InTheWay::Nothing => not_in_conflict(of),
    }
}

/// What can be chosen, as it ends the sentence.
fn instead(of: &Explanation) -> String {
    let is_entitled = matches!(of.standing, Standing::Entitled | Standing::Unlisted);
    let is_off = not_switched_off(of).is_none();
    let can = [
        ("switch-on", is_entitled && is_off),
        ("take-over", is_entitled && not_to_be_taken_over(of).is_none()),
        ("wait", is_entitled && not_in_conflict(of).is_none()),
    ];
    let can: Vec<_> =
        can.into_iter().filter(|(_, can)| *can).map(|(choice, _)| format!("`{choice}`")).collect();
    match can.as_slice() {
        [] => "there is nothing to choose for them now".to_owned(),
        can => format!("what can be chosen is {}", can.join(" or ")),
    }
}

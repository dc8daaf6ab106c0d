//! Whether a choice about a group could have any effect, by what is on record of it.
//!
//! A group whose name is taken at the app may take over the group that has it. Nothing else of a group is anybody's to
//! choose: it has no switch.

use usher_engine::groups::explain::{Decision, GroupExplanation};
use usher_model::account::Choice;
use usher_model::group::adoption::GroupConflict;
use usher_model::group::reason::{GroupFailure, GroupReason};
use usher_store::group::GroupRecordState;

use crate::commands::explain::group::ExplainedGroup;

/// Why this choice can have no effect, and what can be chosen; none if it may have one.
pub(super) fn refused(choice: Choice, of: &ExplainedGroup) -> Option<String> {
    let why = match choice {
        _ if is_unknown(&of.explanation) => return None,
        Choice::SwitchOn => Some("a group has nothing to switch on".to_owned()),
        Choice::TakeOver => not_to_be_taken_over(&of.explanation),
        Choice::Wait => not_in_conflict(&of.explanation),
    }?;
    let app = &of.explanation.app.name;
    Some(format!("{} at {app}: {why}; {}", of.address(), instead(&of.explanation)))
}

/// A write was begun and nobody knows what became of it: the group may be in any state.
fn is_unknown(of: &GroupExplanation) -> bool {
    of.record.as_ref().is_some_and(|record| record.intent.is_some() || record.is_unread)
}

fn not_in_conflict(of: &GroupExplanation) -> Option<String> {
    if of.selected.is_none() {
        return Some("the app is not to have the group".to_owned());
    }
    match of.record.as_ref().map_or(GroupRecordState::None, |record| record.state) {
        GroupRecordState::Known => return Some("the app has the group already".to_owned()),
        GroupRecordState::None | GroupRecordState::Gone => {}
    }
    let is_chosen = of.record.as_ref().is_some_and(|record| record.choice.is_some());
    if is_chosen || in_the_way(of).is_some() {
        return None;
    }
    Some("no group at the app is known to be in its way".to_owned())
}

fn not_to_be_taken_over(of: &GroupExplanation) -> Option<String> {
    not_in_conflict(of)
        .or_else(|| in_the_way(of).filter(|known| !known.may_be_taken_over()).map(ToString::to_string))
}

/// What is on record as being in the way. A choice starts a failure anew, so the log is asked as well.
fn in_the_way(of: &GroupExplanation) -> Option<&GroupConflict> {
    let decided = match &of.decision {
        Decision::Decided { reason, .. } => in_reason(reason),
        Decision::Off | Decision::NotSelected | Decision::WaitsForName => None,
    };
    let failing = of.record.iter().flat_map(|record| record.failing.values());
    let failing = failing.filter_map(|failing| in_failure(&failing.failure));
    let logged = of.events.first().and_then(|event| in_reason(&event.reason));
    decided.into_iter().chain(failing).chain(logged).next()
}

fn in_reason(reason: &GroupReason) -> Option<&GroupConflict> {
    if let GroupReason::Failed { failure } = reason {
        return in_failure(failure);
    }
    if let GroupReason::RetryLater { failing, .. } = reason { in_failure(&failing.failure) } else { None }
}

fn in_failure(failure: &GroupFailure) -> Option<&GroupConflict> {
    if let GroupFailure::Conflict { conflict } = failure { Some(conflict) } else { None }
}

/// What can be chosen, as it ends the sentence.
fn instead(of: &GroupExplanation) -> &'static str {
    match (not_to_be_taken_over(of), not_in_conflict(of)) {
        (None, _) => "what can be chosen is `take-over` or `wait`",
        (Some(_), None) => "what can be chosen is `wait`",
        (Some(_), Some(_)) => "there is nothing to choose for it now",
    }
}

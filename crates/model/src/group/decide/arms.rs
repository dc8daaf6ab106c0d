//! The name of the arm that a decision about a group took: where it stands, how it is at the app, what is done, and why.

use super::{GroupCase, GroupDecision, GroupStanding, GroupState, GroupStep};
use crate::arms;

pub(super) fn take(case: &GroupCase<'_>, decision: &GroupDecision) {
    let standing = match case.standing {
        GroupStanding::Selected => "selected",
        GroupStanding::Deselected => "deselected",
        GroupStanding::Gone => "gone",
        GroupStanding::Unlisted => "unlisted",
    };
    let group = match &case.group.state {
        GroupState::None { .. } => "none",
        GroupState::Unknown { .. } => "unknown",
        GroupState::Known(_) => "known",
        GroupState::Gone => "gone",
    };
    let step = |step: &GroupStep| match step {
        GroupStep::Look => "look".to_owned(),
        GroupStep::Forget => "forget".to_owned(),
        GroupStep::Create { .. }
        | GroupStep::Adopt { .. }
        | GroupStep::Update(_)
        | GroupStep::RemoveMembers
        | GroupStep::AddMembers
        | GroupStep::Delete => step.kind().map(|kind| kind.to_string()).unwrap_or_default(),
    };
    let mut steps: Vec<_> = decision.steps.iter().map(|(it, _)| step(it)).collect();
    if steps.is_empty() {
        steps.push(if decision.failure.is_some() { "fail" } else { "rest" }.to_owned());
    }
    let reason = arms::variant(&decision.reason);
    arms::take(format!("group {standing}, {group}: {}, {reason}", steps.join(" and ")));
}

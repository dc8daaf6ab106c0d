//! Decides what one group at one app should have done to it next.
//!
//! [`decide`] is pure: all that it knows is in its argument. Its match reads like a table, one cell a line.
//!
//! | the directory's group | at the app | what happens |
//! | --- | --- | --- |
//! | any | unknown | **look** |
//! | selected | none | **create**, or **adopt** |
//! | selected | known, another name | **update** |
//! | selected | known, other members | **remove** and **add members** |
//! | selected | known, the same | silence |
//! | selected | gone | **create** again |
//! | not selected, or gone | known | left alone, or **delete** once its delay is over and nobody in it is pinned |
//! | missing in the listing | known | silence: absent is not deleted |
//! | pinned | any | silence |

use std::collections::BTreeSet;
use std::time::Duration;

use super::adoption::{FoundGroup, RemoteGroup};
use super::name;
use super::operation::GroupKind;
use super::reason::{GroupFailing, GroupFailings, GroupFailure, GroupReason};
use crate::account::Known;
use crate::attribute::Attributes;
use crate::attribute::changes::{Changes, changes};
use crate::attribute::drift::{as_if_sent, drifted};
use crate::attribute::path::AttributePath;
use crate::cause::Delay;
use crate::lifecycle::DriftPolicy;
use crate::mutant::{self, Mutant};
use crate::pin::Pin;
use crate::time::Timestamp;

#[cfg(feature = "mutants")]
mod arms;

/// Where a group stands in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupStanding {
    /// The app is to have it.
    Selected,
    /// The directory has it, and the app is not to have it.
    Deselected,
    /// The directory no longer has it.
    Gone,
    /// The directory's last listing did not show it.
    Unlisted,
}

/// What is known of a group at an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppGroup {
    /// What we last learned of it.
    pub state: GroupState,
    /// Since when the app is not to have it.
    pub left_at: Option<Timestamp>,
    /// What fails, and is waited out.
    pub failing: GroupFailings,
    /// An admin said: hands off.
    pub pin: Option<Pin>,
}

/// What we last learned of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupState {
    /// We keep none. What the app holds that could be it is in `found`.
    None {
        /// What a listing or a look-up found.
        found: FoundGroup,
    },
    /// A write was begun or failed, and nobody knows what came of it.
    Unknown {
        /// When a look last found nothing.
        missed_at: Option<Timestamp>,
    },
    /// There.
    Known(Known),
    /// The app answered that there is no such group.
    Gone,
}

/// How many members differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberCounts {
    /// How many are to be added.
    pub add: u64,
    /// How many are to be taken out.
    pub remove: u64,
}

/// What an app's configuration says of the lives of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupPolicy {
    /// After how long outside the selection a group is deleted; none: never.
    pub deselected: Option<Delay>,
    /// What happens to changes that somebody else made at the app.
    pub drift: DriftPolicy,
    /// How long an app may take to show what was written.
    pub look_again_after: Duration,
}

/// All that a decision may depend on.
#[derive(Clone, Debug)]
pub struct GroupCase<'a> {
    /// Where the group stands.
    pub standing: GroupStanding,
    /// Its name and `externalId` as they should be, or what is wrong with them.
    pub want: Result<&'a Attributes, &'a str>,
    /// What is known of it.
    pub group: &'a AppGroup,
    /// How many members differ.
    pub members: MemberCounts,
    /// Whether somebody is in it whose memberships nobody touches.
    pub has_pinned_member: bool,
    /// What the app's configuration says.
    pub policy: &'a GroupPolicy,
    /// A failure's pause is not waited out.
    pub insist: bool,
    /// The instant of the decision.
    pub now: Timestamp,
}

/// What to do, why, and what to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDecision {
    /// What to do, in this order; nothing: rest.
    pub steps: Vec<(GroupStep, GroupReason)>,
    /// Why, of the first of them or of resting.
    pub reason: GroupReason,
    /// What is in the way, of which wish. It counts as a failure of this group alone.
    pub failure: Option<(GroupKind, GroupFailure)>,
    /// Everything that is wished of it, also what waits for a failure's pause: what failed and is wished no more is over.
    pub wishes: BTreeSet<GroupKind>,
    /// Since when the app is not to have it, to be remembered.
    pub left_at: Option<Timestamp>,
    /// When to decide again although nothing changed.
    pub wake_at: Option<Timestamp>,
}

/// What to do with a group. Who is added and taken out is read where the plan is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupStep {
    /// Read it: nobody knows what it is like.
    Look,
    /// Create it, with its first members.
    Create {
        /// Its name and `externalId`.
        attributes: Attributes,
        /// Whether the app is asked first.
        ask_first: bool,
    },
    /// Take it over.
    Adopt {
        /// As the app showed it.
        group: RemoteGroup,
        /// What differs.
        changes: Changes,
    },
    /// Change its name or its `externalId`.
    Update(Changes),
    /// Take out whoever is to be no member.
    RemoveMembers,
    /// Add whoever is to be one.
    AddMembers,
    /// Delete it.
    Delete,
    /// Close the record.
    Forget,
}

impl GroupStep {
    /// The kind of operation that it becomes; none: nothing is written at the app.
    pub fn kind(&self) -> Option<GroupKind> {
        match self {
            Self::Look | Self::Forget => None,
            Self::Create { .. } => Some(GroupKind::GroupCreate),
            Self::Adopt { .. } => Some(GroupKind::GroupAdopt),
            Self::Update(_) => Some(GroupKind::GroupUpdate),
            Self::RemoveMembers => Some(GroupKind::MembersRemove),
            Self::AddMembers => Some(GroupKind::MembersAdd),
            Self::Delete => Some(GroupKind::GroupDelete),
        }
    }
}

/// Decides what one group should have done to it next.
pub fn decide(case: &GroupCase<'_>) -> GroupDecision {
    let decided = pinned(case).unwrap_or_else(|| table(case));
    let left_at = match case.standing {
        GroupStanding::Selected => None,
        GroupStanding::Deselected | GroupStanding::Gone => Some(case.group.left_at.unwrap_or(case.now)),
        GroupStanding::Unlisted => case.group.left_at,
    };
    let steps = decided.steps.iter().filter_map(|(step, _)| step.kind());
    let wishes = steps.chain(decided.failure.as_ref().map(|(kind, _)| *kind)).collect();
    let decision = wait_out_failures(case, GroupDecision { wishes, left_at, ..decided });
    #[cfg(feature = "mutants")]
    arms::take(case, &decision);
    decision
}

fn table(case: &GroupCase<'_>) -> GroupDecision {
    use GroupStanding::{Deselected, Gone, Selected, Unlisted};
    match (case.standing, &case.group.state) {
        (_, GroupState::Unknown { missed_at }) => look(case, *missed_at),

        (Selected, GroupState::None { found }) => join(case, found),
        (Selected, GroupState::Known(known)) => keep(case, known),
        (Selected, GroupState::Gone) => create(case, true, GroupReason::GoneAtApp),

        (Deselected | Gone, GroupState::Known(_)) => leave(case),
        (Unlisted, _) => rest(GroupReason::Unlisted),
        (Deselected | Gone, GroupState::None { .. } | GroupState::Gone) => {
            do_one(GroupStep::Forget, GroupReason::Closed)
        }
    }
}

fn rest(reason: GroupReason) -> GroupDecision {
    GroupDecision {
        steps: Vec::new(),
        reason,
        failure: None,
        wishes: BTreeSet::new(),
        left_at: None,
        wake_at: None,
    }
}

fn rest_until(at: Timestamp, reason: GroupReason) -> GroupDecision {
    GroupDecision { wake_at: Some(at), ..rest(reason) }
}

fn do_one(step: GroupStep, reason: GroupReason) -> GroupDecision {
    GroupDecision { steps: vec![(step, reason.clone())], ..rest(reason) }
}

fn fail(kind: GroupKind, failure: GroupFailure) -> GroupDecision {
    let reason = GroupReason::Failed { failure: failure.clone() };
    GroupDecision { failure: Some((kind, failure)), ..rest(reason) }
}

fn pinned(case: &GroupCase<'_>) -> Option<GroupDecision> {
    let holds = |pin: &&Pin| pin.holds(case.now) && !mutant::lives(Mutant::GroupPinsIgnored);
    let pin = case.group.pin.as_ref().filter(holds)?;
    Some(GroupDecision { wake_at: pin.until, ..rest(GroupReason::Pinned(pin.clone())) })
}

fn look(case: &GroupCase<'_>, missed_at: Option<Timestamp>) -> GroupDecision {
    match missed_at.map(|missed_at| missed_at + case.policy.look_again_after) {
        Some(again_at) if case.now < again_at => rest_until(again_at, GroupReason::MissedOnce { again_at }),
        _ => do_one(GroupStep::Look, GroupReason::Unknown),
    }
}

fn create(case: &GroupCase<'_>, ask_first: bool, reason: GroupReason) -> GroupDecision {
    match case.want {
        Err(message) => fail(GroupKind::GroupCreate, GroupFailure::Name { message: message.to_owned() }),
        Ok(attributes) => {
            let created = do_one(GroupStep::Create { attributes: attributes.clone(), ask_first }, reason);
            with_members(case, created)
        }
    }
}

/// Selected, and we keep none.
fn join(case: &GroupCase<'_>, found: &FoundGroup) -> GroupDecision {
    match found {
        FoundGroup::NotLooked => create(case, true, GroupReason::Selected),
        FoundGroup::Nothing => create(case, false, GroupReason::Selected),
        FoundGroup::Conflict(conflict) => {
            fail(GroupKind::GroupCreate, GroupFailure::Conflict { conflict: conflict.clone() })
        }
        FoundGroup::Own(group, by) => match case.want {
            Err(message) => fail(GroupKind::GroupAdopt, GroupFailure::Name { message: message.to_owned() }),
            Ok(want) => {
                let changes = changes(want, &Attributes::new(), &group.attributes());
                let step = GroupStep::Adopt { group: group.clone(), changes };
                with_members(case, do_one(step, GroupReason::Adopted { by: *by }))
            }
        },
    }
}

/// Selected, and there.
fn keep(case: &GroupCase<'_>, known: &Known) -> GroupDecision {
    let mut decision = match case.want {
        // Members come and go whatever the group is called.
        Err(message) => fail(GroupKind::GroupUpdate, GroupFailure::Name { message: message.to_owned() }),
        Ok(want) => update(case, known, want),
    };
    decision = with_members(case, decision);
    if let Some((_, reason)) = decision.steps.first() {
        decision.reason = reason.clone();
    }
    decision
}

fn with_members(case: &GroupCase<'_>, mut decision: GroupDecision) -> GroupDecision {
    let MemberCounts { add, remove } = case.members;
    if remove > 0 {
        decision.steps.push((GroupStep::RemoveMembers, GroupReason::Left { n: remove }));
    }
    if add > 0 {
        decision.steps.push((GroupStep::AddMembers, GroupReason::Joined { n: add }));
    }
    decision
}

/// What differs of its name, as an update; or what drifted, as a report; or nothing.
fn update(case: &GroupCase<'_>, known: &Known, want: &Attributes) -> GroupDecision {
    let seen = known.drifted.as_ref();
    let theirs = seen.map_or_else(Vec::new, |seen| drifted(&known.sent, &known.returned, seen));
    let ours = changes(want, &known.sent, &known.returned);
    match case.policy.drift {
        DriftPolicy::Repair if !theirs.is_empty() => {
            let seen = seen.cloned().unwrap_or_default();
            let all = changes(want, &as_if_sent(&known.sent, &theirs, &seen), &seen);
            if all.is_empty() {
                return rest(GroupReason::Converged);
            }
            let paths = paths(&all);
            let reason = if ours.is_empty() {
                GroupReason::Repaired { paths }
            } else {
                GroupReason::Differs { paths }
            };
            do_one(GroupStep::Update(all), reason)
        }
        DriftPolicy::Repair | DriftPolicy::Report | DriftPolicy::Ignore if !ours.is_empty() => {
            let reason = GroupReason::Differs { paths: paths(&ours) };
            do_one(GroupStep::Update(ours), reason)
        }
        DriftPolicy::Report if !theirs.is_empty() => rest(GroupReason::Drifted { paths: theirs }),
        DriftPolicy::Repair | DriftPolicy::Report | DriftPolicy::Ignore => rest(GroupReason::Converged),
    }
}

fn paths(changes: &Changes) -> Vec<AttributePath> {
    changes.iter().map(|change| change.path.clone()).collect()
}

/// Not selected, or gone from the directory, and there.
fn leave(case: &GroupCase<'_>) -> GroupDecision {
    let is_there = case.standing == GroupStanding::Deselected;
    let Some(delay) = case.policy.deselected else { return rest(GroupReason::LeftAlone { is_there }) };
    let since = case.group.left_at.unwrap_or(case.now);
    let at = since + delay.span();
    if at > case.now && !mutant::lives(Mutant::DeselectedAtOnce) {
        return rest_until(at, GroupReason::DeletedLater { since, at });
    }
    // Whoever deletes a group takes everybody out of it.
    if case.has_pinned_member {
        return rest(GroupReason::KeptForPinned { since });
    }
    do_one(GroupStep::Delete, GroupReason::Deselected { since })
}

/// What failed before is not tried again before its pause is over. Another wish does not wait for it, but whatever needs
/// the group needs it to be there.
fn wait_out_failures(case: &GroupCase<'_>, mut decision: GroupDecision) -> GroupDecision {
    if case.insist {
        return decision;
    }
    let same = |kind: GroupKind| if kind == GroupKind::GroupAdopt { GroupKind::GroupCreate } else { kind };
    let failing = |kind: Option<GroupKind>| -> Option<(GroupKind, GroupFailing)> {
        let kind = kind?;
        let waits = case
            .group
            .failing
            .iter()
            .find(|(failed, failing)| same(**failed) == same(kind) && failing.waits(case.now));
        waits.map(|(kind, failing)| (*kind, failing.clone()))
    };
    let mut waiting: Option<(GroupKind, GroupFailing)> = None;
    if let Some((kind, _)) = &decision.failure
        && let Some(waits) = failing(Some(*kind))
    {
        decision.failure = None;
        waiting = Some(waits);
    }
    let is_there = matches!(case.group.state, GroupState::Known(_));
    let mut kept = Vec::new();
    for (step, reason) in std::mem::take(&mut decision.steps) {
        match failing(step.kind()) {
            None if is_there || waiting.is_none() => kept.push((step, reason)),
            None => {}
            Some(waits) => {
                kept.extend(beside_name(step, &reason, &waits.1.failure));
                waiting.get_or_insert(waits);
            }
        }
    }
    decision.steps = kept;
    if let Some((kind, failing)) = waiting {
        let at = failing.retry_at;
        decision.wake_at = Some(decision.wake_at.map_or(at, |wake_at| wake_at.min(at)));
        decision.reason = match decision.steps.first() {
            Some((_, reason)) => reason.clone(),
            None => GroupReason::RetryLater { kind, failing },
        };
    }
    decision
}

/// What is done of an update all the same while its name waits: whose a group is waits for no name.
fn beside_name(
    step: GroupStep,
    reason: &GroupReason,
    failure: &GroupFailure,
) -> Option<(GroupStep, GroupReason)> {
    let GroupStep::Update(changes) = step else { return None };
    let rest: Changes = changes.iter().filter(|change| !name::is_name(change)).cloned().collect();
    if rest.is_empty() || !failure.is_of_name() {
        return None;
    }
    let paths = paths(&rest);
    let is_repair = matches!(reason, GroupReason::Repaired { .. });
    let reason = if is_repair { GroupReason::Repaired { paths } } else { GroupReason::Differs { paths } };
    Some((GroupStep::Update(rest), reason))
}

#[cfg(test)]
mod tests;

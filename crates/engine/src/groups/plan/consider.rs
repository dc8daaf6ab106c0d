//! Brings together what is to be known of one group, and has it decided about.

use std::collections::BTreeMap;

use usher_model::attribute::Attributes;
use usher_model::attribute::fold::fold;
use usher_model::directory::Group;
use usher_model::group::adoption::{FoundGroup, GroupHolder, GroupMatchedBy};
use usher_model::group::decide::{
    GroupCase, GroupDecision, GroupPolicy, GroupStanding, GroupStep, MemberCounts, decide,
};
use usher_model::group::name;
use usher_model::group::operation::GroupKind;
use usher_model::group::reason::{GroupFailing, GroupFailure};
use usher_model::mutant::{self, Mutant};
use usher_store::group::member::{self, Wanted};
use usher_store::group::{self, GroupRecord, GroupRecordState};
use usher_store::{StoreError, Tx, directory};

use super::candidate::Candidate;
use super::names::{NameConflict, keeping_name, name_conflict, stepping_aside, without_name};
use crate::groups::learn;
use crate::groups::pass::GroupPass;
use crate::groups::roster::{LAST, Roster};
use crate::setting::Setting;

/// How many choices of an admin are looked through: they are made one by one.
const MOST_TAKERS: usize = 1_000;

/// What was decided about one group.
pub(in crate::groups) struct Considered {
    pub(in crate::groups) candidate: Candidate,
    /// What is on record of it, or as good as nothing.
    pub(in crate::groups) before: GroupRecord,
    /// How many members differ.
    pub(in crate::groups) members: MemberCounts,
    /// None: it waits for a name that another group is about to give up.
    pub(in crate::groups) decision: Option<GroupDecision>,
    /// A group that is known cannot have the name that it is to have: that fails, and the rest of it goes on.
    pub(in crate::groups) name_failure: Option<GroupFailure>,
    /// It is to be decided about once more when another group has given up a name.
    pub(in crate::groups) is_waiting: bool,
    /// What failed before for its name is waited out.
    pub(in crate::groups) waits_out_name: bool,
    /// What the decision does not say about its name.
    pub(in crate::groups) name: OfName,
    /// How many members who were refused wait for their next try.
    pub(in crate::groups) refused: MemberCounts,
}

/// What a decision about a group does not say about its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::groups) struct OfName {
    /// The one that it is to have is another group's: what failed for that fails still.
    pub(in crate::groups) is_anothers: bool,
    /// Foreseen: what it is to be once it has stepped aside.
    pub(in crate::groups) then: Option<Attributes>,
}

/// Decides about one group. Without a lease nothing is written.
pub(in crate::groups) async fn consider(
    tx: &mut Tx,
    (setting, roster): (&Setting, &Roster),
    pass: &GroupPass<'_>,
    mut candidate: Candidate,
    wanted: &Wanted<'_>,
    taken: &mut BTreeMap<String, GroupHolder>,
) -> Result<Considered, StoreError> {
    let is_known = candidate.state() == GroupRecordState::Known;
    let (mut name_failure, mut is_waiting, mut has_to_wait, mut waits_out_name) = (None, false, false, false);
    let conflict = match pass.user {
        None => name_conflict(tx, (setting, roster, pass.now), &candidate, taken).await?,
        // Nor what they are called.
        Some(_) => None,
    };
    let mut name = OfName { is_anothers: conflict.is_some(), then: None };
    if pass.user.is_none() {
        forget_other_names(&mut candidate);
    }
    match conflict {
        // One that says whose it is becomes ours under the name that it has; the rest is decided once it is.
        Some(_) if is_adoptable(&candidate) => {
            is_waiting = true;
            candidate.want = without_name(&candidate);
        }
        Some(NameConflict::Taken(conflict)) if is_known => {
            candidate.want = keeping_name(&candidate);
            name_failure = refuse_name(pass, &mut candidate, GroupFailure::Conflict { conflict });
            waits_out_name = name_failure.is_none();
        }
        Some(NameConflict::Taken(conflict)) => candidate.found = FoundGroup::Conflict(conflict),
        Some(NameConflict::Circle) => {
            is_waiting = true;
            name.then = candidate.want.clone().ok().filter(|_| pass.foresees);
            candidate.want = stepping_aside(&candidate);
        }
        Some(NameConflict::FreedSoon) if pass.foresees => {}
        Some(NameConflict::FreedSoon) => {
            (is_waiting, has_to_wait) = (true, !is_known);
            candidate.want = keeping_name(&candidate);
        }
        None => {}
    }
    // Whom the directory has in the group as well is ours from now on, whoever put them there.
    let is_there = is_known || matches!(candidate.found, FoundGroup::Own(..));
    let is_ours = is_there && candidate.standing == GroupStanding::Selected;
    if let Some(lease) = pass.lease.filter(|_| is_ours && !has_to_wait) {
        member::claim(tx, lease, wanted).await?;
        if pass.user.is_none() {
            member::forget_missing(tx, lease, wanted).await?;
        }
    }
    if let Some(lease) = pass.lease.filter(|_| !is_there && !has_to_wait && candidate.record.is_some()) {
        // Who was read in a group that is not there any more, or is not ours to take, is in none that is made now.
        member::clear(tx, lease, &candidate.id).await?;
        if let Some(record) = candidate.record.as_mut().filter(|record| record.read_at.is_some()) {
            record.read_at = None;
            candidate.is_changed = true;
        }
    }
    let members = count(tx, &candidate, wanted).await?;
    let refused = count_refused(tx, &candidate, wanted, members).await?;
    let record = candidate.record.clone();
    let before =
        record.unwrap_or_else(|| GroupRecord::new(candidate.id.clone(), Some(candidate.email.clone())));
    let policy = policy(setting);
    let case = GroupCase {
        standing: candidate.standing,
        want: candidate.want.as_ref().map_err(String::as_str),
        group: &before.to_group(candidate.found.clone()),
        members,
        has_pinned_member: has_pinned_member(tx, (setting, roster), &candidate, &policy).await?,
        policy: &policy,
        insist: pass.insist,
        now: pass.now,
    };
    let mut decision = (!has_to_wait).then(|| decide(&case));
    if decision.as_ref().is_some_and(deletes) && is_taken_over(tx, (setting, roster), &candidate).await? {
        (decision, is_waiting) = (None, true);
    }
    Ok(Considered {
        candidate,
        before,
        members,
        decision,
        name_failure,
        is_waiting,
        waits_out_name,
        name,
        refused,
    })
}

fn deletes(decision: &GroupDecision) -> bool {
    decision.steps.iter().any(|(step, _)| *step == GroupStep::Delete)
}

/// Whether another group is about to take this one's place at the app, because an admin said so: then it is that one's to
/// keep. What the directory still has is never taken.
async fn is_taken_over(
    tx: &mut Tx,
    (setting, roster): (&Setting, &Roster),
    candidate: &Candidate,
) -> Result<bool, StoreError> {
    let called = candidate.record.as_ref().and_then(|record| record.display_name.clone());
    let called = called.filter(|_| !mutant::lives(Mutant::TakenGroupDeleted));
    let Some(called) = called.filter(|_| candidate.standing == GroupStanding::Gone) else { return Ok(false) };
    let takers = group::takers(tx, &setting.app.id, MOST_TAKERS).await?;
    let takers = directory::groups(tx, &setting.app.directory, &takers).await?;
    let has_name = |group: &Group| {
        let wanted = name::attributes(group, setting.template).ok();
        let wanted = wanted.as_ref().and_then(|wanted| wanted.get(&name::display_name())?.as_str());
        wanted.map(fold).as_ref() == Some(&called)
    };
    Ok(takers.into_values().any(|taker| roster.takes(setting, &taker.group) && has_name(&taker.group)))
}

/// Whether the app has a group that says that it is this one's, whatever it is called.
fn is_adoptable(candidate: &Candidate) -> bool {
    let says_so = matches!(candidate.found, FoundGroup::Own(_, GroupMatchedBy::ExternalId));
    says_so && !mutant::lives(Mutant::GroupAdoptionBlocked)
}

/// Whether somebody is in a group whose memberships nobody touches, where the group might be deleted.
async fn has_pinned_member(
    tx: &mut Tx,
    (setting, roster): (&Setting, &Roster),
    candidate: &Candidate,
    policy: &GroupPolicy,
) -> Result<bool, StoreError> {
    let may_go = match candidate.standing {
        GroupStanding::Deselected | GroupStanding::Gone => policy.deselected.is_some(),
        GroupStanding::Selected | GroupStanding::Unlisted => false,
    };
    Ok(may_go && roster.has_protected(tx, setting, &candidate.id).await?)
}

/// What an app's settings say of the lives of groups.
fn policy(setting: &Setting) -> GroupPolicy {
    GroupPolicy {
        deselected: setting.settings.groups.deselected,
        drift: setting.policy.drift,
        look_again_after: setting.policy.look_again_after,
    }
}

/// How many members differ, of a group that the app is to have and of which it is known who is in it.
async fn count(tx: &mut Tx, candidate: &Candidate, wanted: &Wanted<'_>) -> Result<MemberCounts, StoreError> {
    let is_unsure = |record: &GroupRecord| record.intent.is_some() || record.is_unread;
    let is_selected = candidate.standing == GroupStanding::Selected;
    if !is_selected || candidate.record.as_ref().is_some_and(is_unsure) {
        return Ok(MemberCounts::default());
    }
    let add = member::n_to_add(tx, wanted).await?;
    Ok(MemberCounts { add, remove: member::n_to_remove(tx, wanted).await? })
}

/// How many members wait for their next try, where some were refused.
async fn count_refused(
    tx: &mut Tx,
    candidate: &Candidate,
    wanted: &Wanted<'_>,
    members: MemberCounts,
) -> Result<MemberCounts, StoreError> {
    let is_of_members = |failing: &GroupFailing| matches!(failing.failure, GroupFailure::Members { .. });
    if !candidate.record.as_ref().is_some_and(|record| record.failing.values().any(is_of_members)) {
        return Ok(MemberCounts::default());
    }
    let all = count(tx, candidate, &Wanted { tried_at: LAST, ..*wanted }).await?;
    Ok(MemberCounts {
        add: all.add.saturating_sub(members.add),
        remove: all.remove.saturating_sub(members.remove),
    })
}

/// What failed for a name that the group is not to have any more is over: whoever corrects it does not wait out a pause.
fn forget_other_names(candidate: &mut Candidate) {
    let Some(wanted) = candidate.name().map(|name| fold(&name)) else { return };
    let Some(record) = &mut candidate.record else { return };
    let before = record.failing.len();
    record.failing.retain(|_, failing| match &failing.failure {
        GroupFailure::Conflict { conflict } => fold(conflict.display_name()) == wanted,
        // There is a name, and the app takes such ones.
        GroupFailure::Name { .. } => false,
        GroupFailure::Refused { .. }
        | GroupFailure::NoAnswer { .. }
        | GroupFailure::Members { .. }
        | GroupFailure::NotApproved
        | GroupFailure::Disobeyed { .. } => true,
    });
    candidate.is_changed |= record.failing.len() < before;
}

/// Remembers that a group cannot have the name that it is to have. None: that is on record already, and is waited out.
fn refuse_name(
    pass: &GroupPass<'_>,
    candidate: &mut Candidate,
    failure: GroupFailure,
) -> Option<GroupFailure> {
    let kind = GroupKind::GroupUpdate;
    let record = candidate.record.take()?;
    let waits = record.failing.get(&kind).is_some_and(|failing| pass.now < failing.retry_at);
    if waits && !pass.insist {
        candidate.record = Some(record);
        return None;
    }
    candidate.is_changed = true;
    candidate.record = Some(learn::failed(record, kind, failure.clone(), pass.now));
    Some(failure)
}

//! Writes down what was decided: rows of the plan, and in a run also what is to be remembered of the group.

use std::collections::BTreeSet;

use usher_model::attribute::changes::changes as changes_between;
use usher_model::group::MEMBERS_AT_ONCE;
use usher_model::group::decide::{GroupDecision, GroupStep, MemberCounts};
use usher_model::group::name::display_name;
use usher_model::group::operation::{GroupKind, GroupOperation};
use usher_model::group::reason::GroupReason;
use usher_model::id::{AppId, RemoteId, RunId, UserId};
use usher_store::group::member::{self, Wanted};
use usher_store::group::plan::{self as rows, GroupRow};
use usher_store::group::{self, GroupRecord};
use usher_store::plan::PlanState;
use usher_store::{StoreError, Tx};

use super::candidate::Candidate;
use super::consider::OfName;
use super::{PlannedGroups, told, worth_telling};
use crate::groups::learn;
use crate::groups::pass::GroupPass;

/// Stores what was decided: rows of the plan, and in a run also what is to be remembered of the group.
pub(super) async fn store(
    tx: &mut Tx,
    pass: &GroupPass<'_>,
    candidate: &Candidate,
    before: GroupRecord,
    wanted: &Wanted<'_>,
    (decision, name, refused): (GroupDecision, &OfName, MemberCounts),
    planned: &mut PlannedGroups,
) -> Result<(), StoreError> {
    let mut after = GroupRecord {
        email: Some(candidate.email.clone()),
        left_at: decision.left_at,
        reason: Some(decision.reason.clone()),
        wake_at: decision.wake_at,
        ..before.clone()
    };
    after.failing.retain(|kind, _| is_wished(*kind, &decision.wishes, name, refused));
    let mut is_forgotten = false;
    let mut rows = Rows { run: pass.run, app: wanted.app, candidate, planned: &mut *planned };
    let mut first_members = Vec::new();
    for (step, reason) in decision.steps {
        match step {
            GroupStep::Look => {
                rows.planned.unknown.insert(candidate.id.clone());
            }
            GroupStep::Forget => is_forgotten = true,
            GroupStep::Create { attributes, ask_first } => {
                first_members = member::to_add(tx, wanted, None, MEMBERS_AT_ONCE).await?;
                let members = first_members.clone();
                rows.add(tx, GroupOperation::Create { attributes, members, ask_first }, reason).await?;
            }
            GroupStep::Adopt { group, changes } => {
                rows.add(tx, GroupOperation::Adopt { group, changes }, reason).await?;
            }
            GroupStep::Update(changes) => {
                let remote_id = known_id(&before);
                rows.add(tx, GroupOperation::Update { remote_id, changes }, reason).await?;
                if let (Some(then), Ok(aside)) = (&name.then, &candidate.want) {
                    let (changes, remote_id) = (changes_between(then, aside, aside), known_id(&before));
                    let reason = GroupReason::Differs { paths: vec![display_name()] };
                    rows.add(tx, GroupOperation::Update { remote_id, changes }, reason).await?;
                }
            }
            GroupStep::Delete => {
                let remote_id = known_id(&before);
                rows.add(tx, GroupOperation::Delete { remote_id }, reason).await?;
            }
            GroupStep::RemoveMembers => rows.remove_members(tx, wanted, &reason).await?,
            GroupStep::AddMembers => rows.add_members(tx, wanted, first_members.last(), &reason).await?,
        }
    }
    if let Some(why) = worth_telling(&decision.reason) {
        *planned.skipped.entry(why.to_owned()).or_default() += 1;
    }
    if let Some((kind, failure)) = decision.failure {
        after = learn::failed(after, kind, failure.clone(), pass.now);
        told(tx, pass, candidate, failure, planned).await?;
    }
    let Some(lease) = pass.lease else { return Ok(()) };
    if is_forgotten {
        return group::forget(tx, lease, std::slice::from_ref(&candidate.id)).await;
    }
    let is_new = candidate.record.is_none();
    if after != before || is_new || candidate.is_changed {
        group::record(tx, lease, &[after]).await?;
    }
    Ok(())
}

/// Stores what was decided for one person: rows of the plan, about their membership alone.
pub(super) async fn store_members(
    tx: &mut Tx,
    pass: &GroupPass<'_>,
    candidate: &Candidate,
    wanted: &Wanted<'_>,
    decision: GroupDecision,
    planned: &mut PlannedGroups,
) -> Result<(), StoreError> {
    if let Some(why) = worth_telling(&decision.reason) {
        *planned.skipped.entry(why.to_owned()).or_default() += 1;
    }
    let mut rows = Rows { run: pass.run, app: wanted.app, candidate, planned };
    for (step, reason) in decision.steps {
        match step {
            GroupStep::RemoveMembers => rows.remove_members(tx, wanted, &reason).await?,
            GroupStep::AddMembers => rows.add_members(tx, wanted, None, &reason).await?,
            GroupStep::Look
            | GroupStep::Forget
            | GroupStep::Create { .. }
            | GroupStep::Adopt { .. }
            | GroupStep::Update(_)
            | GroupStep::Delete => {}
        }
    }
    Ok(())
}

/// Whether what failed is still wished; whether a group is made or found is the same wish.
fn is_wished(kind: GroupKind, wishes: &BTreeSet<GroupKind>, name: &OfName, refused: MemberCounts) -> bool {
    let is_made = |kind: &GroupKind| matches!(kind, GroupKind::GroupCreate | GroupKind::GroupAdopt);
    // The name of a known group may have failed before the decision, which is then about the rest of it.
    let is_named = kind == GroupKind::GroupUpdate && name.is_anothers;
    // So is what is refused to some, while they wait.
    let waits = kind == GroupKind::MembersAdd && refused.add > 0
        || kind == GroupKind::MembersRemove && refused.remove > 0;
    is_named || waits || wishes.contains(&kind) || is_made(&kind) && wishes.iter().any(is_made)
}

fn known_id(record: &GroupRecord) -> RemoteId {
    record.remote_id.clone().expect("invariant: a group that is known has a remote id")
}

/// The rows of one group.
struct Rows<'a> {
    run: &'a RunId,
    app: &'a AppId,
    candidate: &'a Candidate,
    planned: &'a mut PlannedGroups,
}

impl Rows<'_> {
    async fn add(
        &mut self,
        tx: &mut Tx,
        operation: GroupOperation,
        reason: GroupReason,
    ) -> Result<(), StoreError> {
        let row = GroupRow {
            seq: self.planned.next_seq,
            group: self.candidate.id.clone(),
            email: self.candidate.email.clone(),
            operation,
            reason,
            state: PlanState::Planned,
            hold: None,
            is_released: false,
            failure: None,
        };
        self.planned.next_seq += 1;
        rows::append(tx, self.app, self.run, &[row]).await
    }

    async fn add_members(
        &mut self,
        tx: &mut Tx,
        wanted: &Wanted<'_>,
        after: Option<&UserId>,
        reason: &GroupReason,
    ) -> Result<(), StoreError> {
        let mut after = after.cloned();
        loop {
            let members = member::to_add(tx, wanted, after.as_ref(), MEMBERS_AT_ONCE).await?;
            let Some(last) = members.last() else { return Ok(()) };
            after = Some(last.clone());
            self.add(tx, GroupOperation::AddMembers { members }, reason.clone()).await?;
        }
    }

    async fn remove_members(
        &mut self,
        tx: &mut Tx,
        wanted: &Wanted<'_>,
        reason: &GroupReason,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let members = member::to_remove(tx, wanted, after.as_ref(), MEMBERS_AT_ONCE).await?;
            let Some(last) = members.last() else { return Ok(()) };
            after = Some(last.account.clone());
            self.add(tx, GroupOperation::RemoveMembers { members }, reason.clone()).await?;
        }
    }
}

//! Remembers whom an app refused, each with a growing pause of their own, and forgets those whom it takes.

use usher_model::group::operation::GroupKind;
use usher_model::group::reason::GroupFailure;
use usher_model::id::RemoteId;
use usher_store::group::refusal::{self, Refusal};
use usher_store::{StoreError, Tx};

use crate::groups::done::Done;
use crate::learn::pause_after;
use crate::work::Work;

/// Stores it; of the group's own failure, when the first of them is tried again.
pub(super) async fn record(tx: &mut Tx, work: &Work<'_>, done: &mut Done) -> Result<(), StoreError> {
    let group = done.record.group.clone();
    for (kind, is_added) in [(GroupKind::MembersAdd, true), (GroupKind::MembersRemove, false)] {
        let of_kind = done.rows.iter().filter(|row| row.row.operation.kind() == kind);
        let settled: Vec<RemoteId> =
            of_kind.flat_map(|row| row.members.iter().map(|member| member.account.clone())).collect();
        refusal::clear(tx, work.lease, &group, &settled, is_added).await?;
        let refused = done.refused.iter().filter(|(_, added)| *added == is_added);
        let mut members: Vec<RemoteId> = refused.map(|(member, _)| member.clone()).collect();
        members.sort();
        members.dedup();
        let before = refusal::attempts(tx, work.lease, &group, &members, is_added).await?;
        let now = work.clock.now();
        let again = members.into_iter().map(|member| {
            let n_attempts = before.get(&member).copied().unwrap_or(0).saturating_add(1);
            Refusal { member, is_added, n_attempts, retry_at: now + pause_after(n_attempts) }
        });
        let refusals: Vec<Refusal> = again.collect();
        refusal::record(tx, work.lease, &group, &refusals).await?;
        let first = refusals.iter().map(|refusal| refusal.retry_at).min();
        if let (Some(first), Some(failing)) = (first, done.record.failing.get_mut(&kind))
            && matches!(failing.failure, GroupFailure::Members { .. })
        {
            failing.retry_at = first;
        }
    }
    Ok(())
}

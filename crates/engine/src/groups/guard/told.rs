//! Whom a plan wants to leave, beside those whom a hold told of. Whoever releases a hold lets go nobody else.

use usher_model::group::operation::GroupOperation;
use usher_model::id::{AppId, GroupId, HoldId, RunId};
use usher_store::group::plan::{self as rows, GroupRow};
use usher_store::hold::{self, Leaving};
use usher_store::plan::PlanState;
use usher_store::{StoreError, Tx};

/// Who is to leave a group, or that it is to be deleted, where nobody has released that.
pub(super) async fn leaving(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    group: &GroupId,
) -> Result<Vec<Leaving>, StoreError> {
    let of_group = rows::of_group(tx, app, run, group).await?;
    let is_open = |row: &GroupRow| row.state == PlanState::Planned && !row.is_released;
    let mut leaving = Vec::new();
    for row in of_group.into_iter().filter(is_open) {
        match row.operation {
            GroupOperation::RemoveMembers { members } => {
                leaving.extend(members.into_iter().map(|member| (group.clone(), Some(member.account))));
            }
            GroupOperation::Delete { .. } => leaving.push((group.clone(), None)),
            GroupOperation::Create { .. }
            | GroupOperation::Adopt { .. }
            | GroupOperation::Update { .. }
            | GroupOperation::AddMembers { .. }
            | GroupOperation::PutBack { .. } => {}
        }
    }
    Ok(leaving)
}

/// Whether a hold told of all that is wanted of a group.
pub(super) async fn is_told(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    (hold, group): (&HoldId, &GroupId),
) -> Result<bool, StoreError> {
    let leaving = leaving(tx, app, run, group).await?;
    Ok(hold::n_told(tx, hold, &leaving).await? == leaving.len() as u64)
}

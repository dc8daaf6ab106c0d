//! What a plan takes out of groups, and what guards stop of it.

use usher_model::id::{AppId, Email, GroupId, HoldId, RunId};

use crate::StoreError;
use crate::columns::limit;
use crate::plan::key;
use crate::sql::{Column, Tx};

/// What is to be done, takes members out, and was let through by nobody. A macro, because a statement is one literal and
/// three share this.
macro_rules! removing {
    () => {
        "app = $1 AND run = $2 AND state = 'planned' AND is_released = 0 AND kind IN ('members_remove', 'group_delete')"
    };
}

// Whoever deletes a group takes out everybody who is in it.
const REMOVALS: &str = concat!(
    "-- store::group::plan::removals
SELECT group_id, MAX(email) AS email, MAX(CASE kind WHEN 'group_delete' THEN 1 ELSE 0 END) AS is_delete,
       CASE MAX(CASE kind WHEN 'group_delete' THEN 1 ELSE 0 END)
           WHEN 1 THEN (
               SELECT COUNT(*) FROM group_member
               WHERE group_member.app = $1 AND group_member.group_id = group_operation.group_id
                 AND group_member.standing <> 'missing')
           ELSE CAST(SUM(n_members) AS BIGINT)
       END AS n
FROM group_operation WHERE ",
    removing!(),
    " AND group_id > $3 GROUP BY group_id ORDER BY group_id LIMIT $4"
);

const COLUMNS: &[Column] =
    &[Column::Text("group_id"), Column::Text("email"), Column::Int("is_delete"), Column::Int("n")];

/// Members who are to be taken out of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    pub group: GroupId,
    pub email: Email,
    /// Whether the group is deleted, and everybody leaves it with that.
    pub is_delete: bool,
    /// How many members leave.
    pub n_members: u64,
}

/// One page, in group order, of the groups out of which members are to be taken, and how many of each; nobody released
/// that.
pub async fn removals(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    after: Option<&GroupId>,
    at_most: usize,
) -> Result<Vec<Removal>, StoreError> {
    let [app, run] = key(app, run);
    let values = [app, run, after.map_or("", GroupId::as_str).into(), limit(at_most)];
    let rows = tx.page(REMOVALS, COLUMNS, &values).await?;
    rows.iter()
        .map(|row| {
            Ok(Removal {
                group: GroupId::new(row.text("group_id")?),
                email: row.email("email")?,
                is_delete: row.truth("is_delete")?,
                n_members: row.count("n")?,
            })
        })
        .collect()
}

const N_DELETES: &str = concat!(
    "-- store::group::plan::n_deletes\nSELECT COUNT(*) AS n FROM group_operation WHERE ",
    removing!(),
    " AND kind = 'group_delete'"
);

/// How many groups are to be deleted without anybody having released that.
pub async fn n_deletes(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<u64, StoreError> {
    tx.row(N_DELETES, &key(app, run)).await?.count("n")
}

const HOLD: &str = concat!(
    "-- store::group::plan::hold\nUPDATE group_operation SET state = 'held', hold = $4 WHERE ",
    removing!(),
    " AND group_id = $3"
);

/// Holds what is to take members out of a group and was not released. Returns how many operations are held by this.
pub async fn hold(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    group: &GroupId,
    hold: &HoldId,
) -> Result<u64, StoreError> {
    let [app, run] = key(app, run);
    tx.execute(HOLD, &[app, run, group.as_str().into(), hold.as_str().into()]).await
}

const RELEASE: &str = concat!(
    "-- store::group::plan::release\nUPDATE group_operation SET is_released = 1 WHERE ",
    removing!(),
    " AND group_id = $3"
);

/// Lets through what is to take members out of a group. Returns how many operations are released by this.
pub async fn release(tx: &mut Tx, app: &AppId, run: &RunId, group: &GroupId) -> Result<u64, StoreError> {
    let [app, run] = key(app, run);
    tx.execute(RELEASE, &[app, run, group.as_str().into()]).await
}

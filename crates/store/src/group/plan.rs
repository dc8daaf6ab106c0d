//! The part of an app's plan that is about groups, as rows.
//!
//! A plan's operations on groups are numbered and kept apart from those on accounts: they come after them, and go group
//! by group ([`jobs`]), because within a group one waits for the other. What a guard stops is a group's removals as a
//! whole ([`removals`], [`hold`]).
//!
//! # Invariants
//!
//! 1. Rows are numbered (`seq`) by who makes the plan.
//! 2. Only a planned operation is executed; a row is held, blocked or finished from there.
//!
//! Not here: what is planned (`usher_model::group::decide`).

mod guarded;
mod row;

use std::collections::BTreeMap;

use usher_model::group::operation::{GroupKind, GroupOperation};
use usher_model::group::reason::{GroupFailure, GroupReason};
use usher_model::id::{AppId, Email, GroupId, HoldId, RunId};

use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns::limit;
use crate::plan::{PlanState, key, set};
use crate::sql::{Column, ROWS_PER_STATEMENT, Tx};

pub use guarded::{Removal, hold, n_deletes, release, removals};

/// One operation on a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    /// Its place in the plan.
    pub seq: i64,
    pub group: GroupId,
    pub email: Email,
    pub operation: GroupOperation,
    pub reason: GroupReason,
    pub state: PlanState,
    /// The hold that it is part of.
    pub hold: Option<HoldId>,
    /// A person let it through: guards do not count it.
    pub is_released: bool,
    /// What is in the way, where it is blocked.
    pub failure: Option<GroupFailure>,
}

const LOCK: &str = "\
-- store::group::plan::lock
SELECT run FROM app WHERE id = $1 FOR UPDATE";

const START: &str = "\
-- store::group::plan::start
DELETE FROM group_operation
WHERE app = $1 AND run <> $2 AND run <> COALESCE((SELECT run FROM app WHERE id = $1), '')
  AND run NOT IN (SELECT intent_run FROM group_account WHERE app = $1 AND intent_run IS NOT NULL)";

/// Begins the plan of this run, or of a preview. Every other plan of the app is dropped but that of the run that holds
/// the app, which may be under way, and those of which something was begun: what it was is written nowhere else.
pub async fn start(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<(), StoreError> {
    // Nobody begins a run, or a write, before what is not needed any more is dropped.
    tx.opt_row(LOCK, &[app.as_str().into()]).await?;
    tx.execute(START, &key(app, run)).await.map(drop)
}

const APPEND: &str = "\
-- store::group::plan::append
INSERT INTO group_operation (app, run, seq, group_id, email, kind, n_members, state, hold, is_released, failure, reason,
                             operation)
SELECT $1, $2, CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2, value ->> 3, CAST(value ->> 4 AS BIGINT),
       value ->> 5, value ->> 6, CAST(value ->> 7 AS BIGINT), value ->> 8, value ->> 9, value ->> 10
FROM json_rows($3)";

/// Adds operations to a plan.
pub async fn append(tx: &mut Tx, app: &AppId, run: &RunId, rows: &[GroupRow]) -> Result<(), StoreError> {
    tx.execute_rows(APPEND, &key(app, run), rows.iter().map(row::values).collect()).await.map(drop)
}

const FINISH: &str = "\
-- store::group::plan::finish
UPDATE group_operation SET state = $4
WHERE app = $1 AND run = $2 AND seq IN (SELECT CAST(value ->> 0 AS BIGINT) FROM json_rows($3))";

/// Says how far these operations of the run's plan are, or says [`StoreError::Fenced`].
pub async fn finish(tx: &mut Tx, lease: &Lease, states: &[(i64, PlanState)]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let states: BTreeMap<i64, PlanState> = states.iter().copied().collect();
    for state in PlanState::ALL {
        let seqs = states.iter().filter(|(_, given)| **given == state).map(|(seq, _)| *seq).collect();
        set(tx, FINISH, &lease.app, &lease.run, seqs, &state.as_str().into()).await?;
    }
    Ok(())
}

const ROWS: &str = concat!(
    "-- store::group::plan::rows\n",
    row::select!(),
    " WHERE app = $1 AND run = $2 AND seq > $3 ORDER BY seq LIMIT $4"
);

/// One page of a plan, whatever became of its operations.
pub async fn rows(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    after: i64,
    at_most: usize,
) -> Result<Vec<GroupRow>, StoreError> {
    let [app, run] = key(app, run);
    let values = [app, run, after.into(), limit(at_most)];
    tx.page(ROWS, row::COLUMNS, &values).await?.iter().map(row::operation).collect()
}

const NEXT_GROUPS: &str = "\
-- store::group::plan::next_groups
SELECT DISTINCT group_id FROM group_operation
WHERE app = $1 AND run = $2 AND group_id > $3 AND state = 'planned' ORDER BY group_id LIMIT $4";

const PLANNED_OF_GROUP: &str = concat!(
    "-- store::group::plan::planned_of_group\n",
    row::select!(),
    " WHERE app = $1 AND run = $2 AND group_id = $3 AND seq > $4 AND state = 'planned' ORDER BY seq LIMIT $5"
);

/// What is to be done to the next so many groups, in group order; to each of them in plan order.
pub async fn jobs(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    after: Option<&GroupId>,
    n_groups: usize,
) -> Result<Vec<(GroupId, Vec<GroupRow>)>, StoreError> {
    let after = after.map_or("", GroupId::as_str).into();
    let values = [app.as_str().into(), run.as_str().into(), after, limit(n_groups)];
    let mut jobs = Vec::new();
    for row in &tx.page(NEXT_GROUPS, &[Column::Text("group_id")], &values).await? {
        let group = GroupId::new(row.text("group_id")?);
        let rows = read_group(tx, PLANNED_OF_GROUP, app, run, &group).await?;
        jobs.push((group, rows));
    }
    Ok(jobs)
}

const OF_GROUP: &str = concat!(
    "-- store::group::plan::of_group\n",
    row::select!(),
    " WHERE app = $1 AND run = $2 AND group_id = $3 AND seq > $4 ORDER BY seq LIMIT $5"
);

/// What a plan does to one group, in plan order, whatever became of it.
pub async fn of_group(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    group: &GroupId,
) -> Result<Vec<GroupRow>, StoreError> {
    read_group(tx, OF_GROUP, app, run, group).await
}

async fn read_group(
    tx: &mut Tx,
    sql: &'static str,
    app: &AppId,
    run: &RunId,
    group: &GroupId,
) -> Result<Vec<GroupRow>, StoreError> {
    let mut rows: Vec<GroupRow> = Vec::new();
    loop {
        let [app, run] = key(app, run);
        let after = rows.last().map_or(-1, |last| last.seq);
        let values = [app, run, group.as_str().into(), after.into(), limit(ROWS_PER_STATEMENT)];
        let page = tx.page(sql, row::COLUMNS, &values).await?;
        for row in &page {
            rows.push(row::operation(row)?);
        }
        if page.len() < ROWS_PER_STATEMENT {
            return Ok(rows);
        }
    }
}

const NEXT_SEQ: &str = "\
-- store::group::plan::next_seq
SELECT COALESCE(MAX(seq) + 1, 0) AS seq FROM group_operation WHERE app = $1 AND run = $2";

/// The place after the plan's last operation on a group. Events that are no operation's may have taken it already.
pub async fn next_seq(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<i64, StoreError> {
    tx.row(NEXT_SEQ, &key(app, run)).await?.int("seq")
}

const COUNTS: &str = "\
-- store::group::plan::counts
SELECT kind, state, COUNT(*) AS n, CAST(SUM(n_members) AS BIGINT) AS members
FROM group_operation WHERE app = $1 AND run = $2 GROUP BY kind, state";

/// How many operations there are of each kind, by how far they are, and how many memberships those add or take away.
pub async fn counts(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
) -> Result<BTreeMap<(GroupKind, PlanState), (u64, u64)>, StoreError> {
    let rows = tx.rows(COUNTS, &key(app, run)).await?;
    rows.iter()
        .map(|row| {
            let kind = row.named("kind", GroupKind::from_name)?;
            let state = row.named("state", PlanState::from_name)?;
            Ok(((kind, state), (row.count("n")?, row.count("members")?)))
        })
        .collect()
}

const N_GROUPS: &str = "\
-- store::group::plan::n_groups
SELECT COUNT(DISTINCT group_id) AS n FROM group_operation WHERE app = $1 AND run = $2 AND state = $3";

/// How many groups have an operation that is so far.
pub async fn n_groups(tx: &mut Tx, app: &AppId, run: &RunId, state: PlanState) -> Result<u64, StoreError> {
    let [app, run] = key(app, run);
    tx.row(N_GROUPS, &[app, run, state.as_str().into()]).await?.count("n")
}

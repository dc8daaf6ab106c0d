//! A plan, page by page and counted.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::id::{AppId, RunId};
use usher_model::operation::Kind;
use usher_model::reason::Failure;

use super::{Lane, PlanRow, PlanState, key, row};
use crate::StoreError;
use crate::columns::limit;
use crate::sql::{ROWS_PER_STATEMENT, Tx, Value};

const PAGE: &str = concat!(
    "-- store::plan::page\n",
    row::select!(),
    " WHERE app = $1 AND run = $2 AND lane = $3 AND turn = $4 AND seq > $5 AND state = 'planned'
      ORDER BY seq LIMIT $6"
);

/// One page of what is to be done in a lane at a turn, in plan order.
pub async fn page(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    lane: Lane,
    turn: u32,
    after: i64,
    at_most: usize,
) -> Result<Vec<PlanRow>, StoreError> {
    let [app, run] = key(app, run);
    let values = [app, run, lane.number().into(), turn.into(), after.into(), limit(at_most)];
    tx.page(PAGE, row::COLUMNS, &values).await?.iter().map(row::operation).collect()
}

const MAX_TURN: &str = "\
-- store::plan::max_turn
SELECT COALESCE(MAX(turn), 0) AS turn FROM plan_operation WHERE app = $1 AND run = $2 AND state = 'planned'";

/// The last turn at which anything is to be done.
pub async fn max_turn(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<u32, StoreError> {
    row::turn(&tx.row(MAX_TURN, &key(app, run)).await?)
}

const ROWS: &str = concat!(
    "-- store::plan::rows\n",
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
) -> Result<Vec<PlanRow>, StoreError> {
    let [app, run] = key(app, run);
    let values = [app, run, after.into(), limit(at_most)];
    tx.page(ROWS, row::COLUMNS, &values).await?.iter().map(row::operation).collect()
}

const BLOCKED: &str = concat!(
    "-- store::plan::blocked\n",
    row::select!(),
    " WHERE app = $1 AND run = $2 AND seq > $3 AND state = 'blocked' ORDER BY seq LIMIT $4"
);

/// One page of the operations that cannot be done, each with what is in the way.
pub async fn blocked(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    after: i64,
    at_most: usize,
) -> Result<Vec<(PlanRow, Failure)>, StoreError> {
    let [app, run] = key(app, run);
    let values = [app, run, after.into(), limit(at_most)];
    let rows = tx.page(BLOCKED, row::COLUMNS, &values).await?;
    rows.iter().map(|row| Ok((row::operation(row)?, row.json("failure")?))).collect()
}

const BY_SEQ: &str = concat!(
    "-- store::plan::by_seq\n",
    row::select!(),
    " WHERE app = $1 AND run = $2 AND seq IN (SELECT CAST(value ->> 0 AS BIGINT) FROM json_rows($3)) ORDER BY seq"
);

/// These operations of a plan, in plan order; those that are not there are left out.
pub async fn by_seq(tx: &mut Tx, app: &AppId, run: &RunId, seqs: &[i64]) -> Result<Vec<PlanRow>, StoreError> {
    let seqs: BTreeSet<i64> = seqs.iter().copied().collect();
    let keys: Vec<[Value; 1]> = seqs.into_iter().map(|seq| [seq.into()]).collect();
    let mut found = Vec::new();
    for keys in keys.chunks(ROWS_PER_STATEMENT) {
        let [app, run] = key(app, run);
        let values = [app, run, Value::rows(keys.iter().cloned())];
        for row in &tx.page(BY_SEQ, row::COLUMNS, &values).await? {
            found.push(row::operation(row)?);
        }
    }
    Ok(found)
}

const NEXT_SEQ: &str = "\
-- store::plan::next_seq
SELECT COALESCE(MAX(seq) + 1, 0) AS seq FROM plan_operation WHERE app = $1 AND run = $2";

/// The place after the plan's last operation. Events that are no operation's may have taken it already.
pub async fn next_seq(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<i64, StoreError> {
    tx.row(NEXT_SEQ, &key(app, run)).await?.int("seq")
}

const COUNTS: &str = "\
-- store::plan::counts
SELECT kind, state, COUNT(*) AS n FROM plan_operation WHERE app = $1 AND run = $2 GROUP BY kind, state";

/// How many operations there are of each kind, by how far they are.
pub async fn counts(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
) -> Result<BTreeMap<(Kind, PlanState), u64>, StoreError> {
    let rows = tx.rows(COUNTS, &key(app, run)).await?;
    rows.iter()
        .map(|row| {
            let kind = row.named("kind", Kind::from_name)?;
            let state = row.named("state", PlanState::from_name)?;
            Ok(((kind, state), row.count("n")?))
        })
        .collect()
}

//! Operations that wait for a name.

use std::collections::BTreeMap;

use usher_model::adoption::Holder;
use usher_model::id::{AppId, RunId, UserId};
use usher_model::operation::Operation;
use usher_model::reason::{Failure, Reason};

use super::{key, set, update};
use crate::StoreError;
use crate::columns::{json, limit};
use crate::sql::{Column, Tx};

/// An operation that takes a name which another user's account has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contention {
    pub seq: i64,
    pub user: UserId,
    /// Who has the name now.
    pub holder: Holder,
    /// The name, folded.
    pub user_name: String,
    /// Whether an operation of this plan that is to be done gives the holder's name up.
    pub is_freed: bool,
}

// Ordered by an expression, because for the order of the bare column SQLite takes the accounts by their key, and so
// compares every operation with every account of the app.
const CONTENDED: &str = "\
-- store::plan::contended
SELECT taker.seq, taker.user_id, taker.takes, account.user_id AS holder, account.email AS holder_email,
       EXISTS (
           SELECT 1 FROM plan_operation AS freer
           WHERE freer.app = taker.app AND freer.run = taker.run AND freer.frees = taker.takes
             AND freer.user_id = account.user_id AND freer.state = 'planned'
       ) AS is_freed
FROM plan_operation AS taker
JOIN account ON account.app = taker.app AND account.user_name = taker.takes
            AND account.user_id <> taker.user_id AND account.state <> 'gone'
WHERE taker.app = $1 AND taker.run = $2 AND taker.takes IS NOT NULL AND taker.state = 'planned'
ORDER BY taker.seq, account.user_id || '' LIMIT $3";

const CONTENDED_COLUMNS: &[Column] = &[
    Column::Int("seq"),
    Column::Text("user_id"),
    Column::Text("takes"),
    Column::Text("holder"),
    Column::Text("holder_email"),
    Column::Int("is_freed"),
];

/// What is to be done and takes a name that another user's account on record has, in plan order. To be asked once
/// nothing is held any more: what is held frees nothing.
pub async fn contended(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    at_most: usize,
) -> Result<Vec<Contention>, StoreError> {
    let [app, run] = key(app, run);
    let rows = tx.page(CONTENDED, CONTENDED_COLUMNS, &[app, run, limit(at_most)]).await?;
    rows.iter()
        .map(|row| {
            let user = UserId::new(row.text("holder")?);
            Ok(Contention {
                seq: row.int("seq")?,
                user: UserId::new(row.text("user_id")?),
                holder: Holder { user, email: row.opt_email("holder_email")? },
                user_name: row.text("takes")?.to_owned(),
                is_freed: row.truth("is_freed")?,
            })
        })
        .collect()
}

const SET_TURNS: &str = "\
-- store::plan::set_turns
UPDATE plan_operation SET turn = $4
WHERE app = $1 AND run = $2 AND seq IN (SELECT CAST(value ->> 0 AS BIGINT) FROM json_rows($3))";

/// Says when these operations, given by `seq`, are done.
pub async fn set_turns(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    turns: &[(i64, u32)],
) -> Result<(), StoreError> {
    let last: BTreeMap<i64, u32> = turns.iter().copied().collect();
    let mut seqs_of: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for (seq, turn) in last {
        seqs_of.entry(turn).or_default().push(seq);
    }
    for (turn, seqs) in seqs_of {
        set(tx, SET_TURNS, app, run, seqs, &turn.into()).await?;
    }
    Ok(())
}

const BLOCK: &str = "\
-- store::plan::block
UPDATE plan_operation SET state = 'blocked', failure = given.failure
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS seq, value ->> 1 AS failure FROM json_rows($3)) AS given
WHERE plan_operation.app = $1 AND plan_operation.run = $2 AND plan_operation.seq = given.seq";

/// Says that these operations, given by `seq`, cannot be done, and what is in the way of each.
pub async fn block(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    failures: &[(i64, Failure)],
) -> Result<(), StoreError> {
    let failures: BTreeMap<i64, &Failure> = failures.iter().map(|(seq, failure)| (*seq, failure)).collect();
    let given = failures.into_iter().map(|(seq, failure)| [seq.into(), json(failure)]).collect();
    update(tx, BLOCK, app, run, given).await
}

const KEEP_NAMES: &str = "\
-- store::plan::keep_names
UPDATE plan_operation SET
    kind = given.kind, operation = given.operation, reason = given.reason, takes = NULL, frees = NULL
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS seq, value ->> 1 AS kind, value ->> 2 AS operation, value ->> 3 AS reason
      FROM json_rows($3)) AS given
WHERE plan_operation.app = $1 AND plan_operation.run = $2 AND plan_operation.seq = given.seq";

/// Puts operations that leave the account its name in the place of these, given by `seq`, each with why; they are of the
/// same lane as what was there.
pub async fn keep_names(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    operations: &[(i64, Operation, Reason)],
) -> Result<(), StoreError> {
    let operations: BTreeMap<i64, (&Operation, &Reason)> =
        operations.iter().map(|(seq, operation, reason)| (*seq, (operation, reason))).collect();
    let given = operations.into_iter().map(|(seq, (operation, reason))| {
        [seq.into(), operation.kind().as_str().into(), json(operation), json(reason)]
    });
    update(tx, KEEP_NAMES, app, run, given.collect()).await
}

//! Holds: operations that a guard stopped, kept until a person decides or nothing is wanted of them any more.
//!
//! # Invariants
//!
//! 1. An app has at most one open hold of a key; from run to run only its figures and its operations change.
//! 2. A hold is decided once.
//! 3. A hold of groups remembers whom it told of for as long as it is open.
//! 4. What was discarded is remembered by user and kind of operation, or by group, for as long as plans still want it.
//!
//! Not here: when a guard trips (`usher_model::guard`), and the marks in the plan (`plan`).

mod of_groups;
mod told;

use usher_model::guard::Tripped;
use usher_model::hold::HoldState;
use usher_model::id::{AppId, Email, HoldId, RunId, UserId};
use usher_model::operation::Kind;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::columns::{count, instant, json, limit};
use crate::sql::{Column, Row, Tx, Value};

pub use of_groups::{discarded_of_groups, forget_discarded_of_groups};
pub use told::{Leaving, forget_told, forget_told_of_decided, n_told, tell};

/// Operations that wait for a person, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub app: AppId,
    /// [`Tripped::key`].
    pub key: String,
    /// Why, with the figures of the last run.
    pub tripped: Tripped,
    pub state: HoldState,
    pub opened_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    /// Who released or discarded it.
    pub decided_by: Option<String>,
    pub n_operations: u64,
}

/// One operation that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldOperation {
    pub user: UserId,
    pub email: Email,
    pub kind: Kind,
    pub reason: Reason,
}

fn hold(row: &Row) -> Result<Hold, StoreError> {
    Ok(Hold {
        id: HoldId::new(row.text("id")?),
        app: AppId::new(row.text("app")?),
        key: row.text("key")?.to_owned(),
        tripped: row.json("tripped")?,
        state: row.named("state", HoldState::from_name)?,
        opened_at: row.instant("opened_at")?,
        decided_at: row.opt_instant("decided_at")?,
        decided_by: row.opt_text("decided_by")?.map(str::to_owned),
        n_operations: row.count("n_operations")?,
    })
}

const OPEN: &str = "\
-- store::hold::open
SELECT id, app, key, tripped, state, opened_at, decided_at, decided_by, n_operations
FROM hold WHERE app = $1 AND state = 'open' ORDER BY key";

/// The app's open holds, by key: a handful.
pub async fn open(tx: &mut Tx, app: &AppId) -> Result<Vec<Hold>, StoreError> {
    tx.rows(OPEN, &[app.as_str().into()]).await?.iter().map(hold).collect()
}

const BY_ID: &str = "\
-- store::hold::by_id
SELECT id, app, key, tripped, state, opened_at, decided_at, decided_by, n_operations
FROM hold WHERE id = $1";

/// The hold with this id, whatever became of it.
pub async fn by_id(tx: &mut Tx, id: &HoldId) -> Result<Option<Hold>, StoreError> {
    tx.opt_row(BY_ID, &[id.as_str().into()]).await?.as_ref().map(hold).transpose()
}

const OF_USER: &str = "\
-- store::hold::of_user
SELECT id, app, key, tripped, state, opened_at, decided_at, decided_by, n_operations
FROM hold WHERE app = $1 AND state = 'open'
  AND EXISTS (SELECT 1 FROM hold_operation WHERE hold_operation.hold = hold.id AND hold_operation.user_id = $2)
ORDER BY key LIMIT 1";

/// The app's open hold, the first by key, that stops an operation of this person.
pub async fn of_user(tx: &mut Tx, app: &AppId, user: &UserId) -> Result<Option<Hold>, StoreError> {
    tx.opt_row(OF_USER, &[app.as_str().into(), user.as_str().into()]).await?.as_ref().map(hold).transpose()
}

const OPERATIONS: &str = "\
-- store::hold::operations
SELECT user_id, kind, email, reason FROM hold_operation
WHERE hold = $1 AND (user_id, kind) > ($2, $3) ORDER BY user_id, kind LIMIT $4";

const OPERATION_COLUMNS: &[Column] =
    &[Column::Text("user_id"), Column::Text("kind"), Column::Text("email"), Column::Text("reason")];

/// One page of what a hold stops, in user order, after the last one of the page before.
pub async fn operations(
    tx: &mut Tx,
    id: &HoldId,
    after: Option<&HeldOperation>,
    at_most: usize,
) -> Result<Vec<HeldOperation>, StoreError> {
    let (user, kind) = after.map_or(("", ""), |after| (after.user.as_str(), after.kind.as_str()));
    let values = [id.as_str().into(), user.into(), kind.into(), limit(at_most)];
    let rows = tx.page(OPERATIONS, OPERATION_COLUMNS, &values).await?;
    let operation = |row: &Row| {
        Ok(HeldOperation {
            user: UserId::new(row.text("user_id")?),
            email: row.email("email")?,
            kind: row.named("kind", Kind::from_name)?,
            reason: row.json("reason")?,
        })
    };
    rows.iter().map(operation).collect()
}

const UPSERT_OPEN: &str = "\
-- store::hold::upsert_open
INSERT INTO hold (id, app, key, tripped, state, opened_at, n_operations) VALUES ($1, $2, $3, $4, 'open', $5, 0)
ON CONFLICT (app, key) WHERE state = 'open' DO UPDATE SET tripped = excluded.tripped
RETURNING id";

/// The open hold of this key, with these figures now; made, with `new_id`, if there is none.
pub async fn upsert_open(
    tx: &mut Tx,
    app: &AppId,
    key: &str,
    tripped: &Tripped,
    new_id: HoldId,
    now: Timestamp,
) -> Result<HoldId, StoreError> {
    let values = [new_id.as_str().into(), app.as_str().into(), key.into(), json(tripped), instant(now)];
    let row = tx.row(UPSERT_OPEN, &values).await?;
    let id = row.text("id")?;
    Ok(if id == new_id.as_str() { new_id } else { HoldId::new(id) })
}

const DROP_OPERATIONS: &str = "\
-- store::hold::drop_operations
DELETE FROM hold_operation WHERE hold = $1";

// A person may have two operations of one kind in a plan: a step aside, and the way back. A word counts for both.
const TAKE_OPERATIONS: &str = "\
-- store::hold::take_operations
INSERT INTO hold_operation (app, hold, user_id, kind, email, reason)
SELECT app, hold, user_id, kind, email, reason FROM plan_operation
WHERE app = $1 AND run = $2 AND hold = $3 AND state = 'held'
ON CONFLICT (hold, user_id, kind) DO NOTHING";

const COUNT_OPERATIONS: &str = "\
-- store::hold::count_operations
UPDATE hold SET n_operations = (SELECT COUNT(*) FROM hold_operation WHERE hold_operation.hold = hold.id)
WHERE id = $1";

/// Replaces the hold's operations by those of the plan that are held under it.
pub async fn take_operations(tx: &mut Tx, app: &AppId, run: &RunId, hold: &HoldId) -> Result<(), StoreError> {
    tx.execute(DROP_OPERATIONS, &[hold.as_str().into()]).await?;
    let values = [app.as_str().into(), run.as_str().into(), hold.as_str().into()];
    tx.execute(TAKE_OPERATIONS, &values).await?;
    tx.execute_one(COUNT_OPERATIONS, &[hold.as_str().into()]).await
}

const CLOSE_OTHERS: &str = "\
-- store::hold::close_others
UPDATE hold SET state = 'closed', decided_at = $2
WHERE app = $1 AND state = 'open' AND id NOT IN (SELECT value ->> 0 FROM json_rows($3))";

const DROP_CLOSED: &str = "\
-- store::hold::drop_closed
DELETE FROM hold_operation
WHERE app = $1 AND hold IN (SELECT id FROM hold WHERE app = $1 AND state = 'closed')";

/// Closes every open hold of the app but these: their cause went away. What they stopped is forgotten.
pub async fn close_others(
    tx: &mut Tx,
    app: &AppId,
    keep: &[HoldId],
    now: Timestamp,
) -> Result<(), StoreError> {
    let keep = Value::rows(keep.iter().map(|hold| [hold.as_str().into()]));
    if tx.execute(CLOSE_OTHERS, &[app.as_str().into(), instant(now), keep]).await? > 0 {
        tx.execute(DROP_CLOSED, &[app.as_str().into()]).await?;
    }
    Ok(())
}

const DECIDE: &str = "\
-- store::hold::decide
UPDATE hold SET state = $3, decided_by = $4, decided_at = $5
WHERE app = $1 AND state = 'open' AND id IN (SELECT value ->> 0 FROM json_rows($2))";

/// Says what a person decided of these holds. Returns how many that changed: one that is not open any more stays as it
/// is, because somebody else was faster, or its cause went away.
pub async fn decide(
    tx: &mut Tx,
    app: &AppId,
    holds: &[HoldId],
    state: HoldState,
    by: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let holds = Value::rows(holds.iter().map(|hold| [hold.as_str().into()]));
    let values = [app.as_str().into(), holds, state.as_str().into(), by.into(), instant(now)];
    tx.execute(DECIDE, &values).await
}

const CLOSE: &str = "\
-- store::hold::close
UPDATE hold SET state = 'closed', decided_at = $3
WHERE app = $1 AND state = 'open' AND id IN (SELECT value ->> 0 FROM json_rows($2))";

/// Closes these of the app's open holds: their cause went away.
pub async fn close(tx: &mut Tx, app: &AppId, holds: &[HoldId], now: Timestamp) -> Result<(), StoreError> {
    if holds.is_empty() {
        return Ok(());
    }
    let holds = Value::rows(holds.iter().map(|hold| [hold.as_str().into()]));
    tx.execute(CLOSE, &[app.as_str().into(), holds, instant(now)]).await.map(drop)
}

const SET_N_OPERATIONS: &str = "\
-- store::hold::set_n_operations
UPDATE hold SET n_operations = $2 WHERE id = $1";

/// Says how many a hold of groups is about: how many members are to leave, or how many groups are to be deleted.
pub async fn set_n_operations(tx: &mut Tx, hold: &HoldId, n: u64) -> Result<(), StoreError> {
    tx.execute_one(SET_N_OPERATIONS, &[hold.as_str().into(), count(n)]).await
}

const FORGET_DISCARDED: &str = "\
-- store::hold::forget_discarded
DELETE FROM hold_operation
WHERE app = $1 AND hold IN (SELECT id FROM hold WHERE app = $1 AND state = 'discarded')
  AND NOT EXISTS (
      SELECT 1 FROM plan_operation AS wanted
      WHERE wanted.app = $1 AND wanted.run = $2 AND wanted.user_id = hold_operation.user_id
        AND wanted.kind = hold_operation.kind
  )";

/// Forgets what was discarded and is not wanted by this run's plan: the same wish, come again later, is a new one.
/// Only a plan over everybody can say that.
pub async fn forget_discarded(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<(), StoreError> {
    tx.execute(FORGET_DISCARDED, &[app.as_str().into(), run.as_str().into()]).await.map(drop)
}

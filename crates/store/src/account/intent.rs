//! Writes that were begun: one narrow row each, from before the request until its answer is on record.
//!
//! While a plan is carried out, a row only names its place in that plan; [`keep`] writes the operations down in full
//! before the plan goes.

use std::collections::BTreeMap;

use usher_model::id::{AppId, Email, RunId, UserId};
use usher_model::time::Timestamp;

use super::{AccountRecord, Intent};
use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns::{self, instant, json, limit, opt_instant};
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Tx, Value};

/// A macro, because a statement is one literal and two share this.
macro_rules! insert {
    () => {
        "INSERT INTO intent (app, user_id, email, run, seq, operation, reason, is_released, until, missed_at)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4, value ->> 5,
       CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT), CAST(value ->> 8 AS BIGINT)
FROM json_rows($2) WHERE true
ON CONFLICT (app, user_id) DO UPDATE SET
    email = excluded.email, run = excluded.run, seq = excluded.seq, operation = excluded.operation,
    reason = excluded.reason, is_released = excluded.is_released, until = excluded.until, missed_at = excluded.missed_at"
    };
}

const INTEND: &str = concat!("-- store::account::intend\n", insert!());

/// Writes that these accounts are about to be written to, each as its place in the run's plan says, or says
/// [`StoreError::Fenced`]. Nothing else of the records is written.
pub async fn intend(tx: &mut Tx, lease: &Lease, records: &[&AccountRecord]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    put(tx, INTEND, &lease.app, records, |_| [Value::Text(None), Value::Text(None)]).await
}

const REPLACE: &str = concat!("-- store::account::replace_intents\n", insert!());

/// Makes the stored intents of these accounts those that the records carry: a record without one loses its own.
pub(super) async fn replace(tx: &mut Tx, app: &AppId, records: &[&AccountRecord]) -> Result<(), StoreError> {
    let (begun, over): (Vec<&AccountRecord>, Vec<_>) =
        records.iter().partition(|record| record.intent.is_some());
    let over: Vec<_> = over.into_iter().map(|record| record.user.clone()).collect();
    forget(tx, app, &over).await?;
    put(tx, REPLACE, app, &begun, |intent| [json(&intent.operation), json(&intent.reason)]).await
}

async fn put(
    tx: &mut Tx,
    sql: &'static str,
    app: &AppId,
    records: &[&AccountRecord],
    in_full: impl Fn(&Intent) -> [Value; 2],
) -> Result<(), StoreError> {
    let rows = records.iter().filter_map(|record| {
        let intent = record.intent.as_ref()?;
        let [operation, reason] = in_full(intent);
        Some([
            record.user.as_str().into(),
            record.email.as_ref().map(Email::as_str).into(),
            intent.run.as_str().into(),
            intent.seq.into(),
            operation,
            reason,
            intent.is_released.into(),
            instant(intent.until),
            opt_instant(intent.missed_at),
        ])
    });
    tx.execute_rows(sql, &[app.as_str().into()], rows.collect()).await.map(drop)
}

const FORGET: &str = "\
-- store::account::forget_intents
DELETE FROM intent WHERE app = $1 AND user_id IN (SELECT value ->> 0 FROM json_rows($2))";

pub(super) async fn forget(tx: &mut Tx, app: &AppId, users: &[UserId]) -> Result<(), StoreError> {
    for users in users.chunks(ROWS_PER_STATEMENT) {
        tx.execute(FORGET, &[app.as_str().into(), columns::users(users)]).await?;
    }
    Ok(())
}

const KEEP: &str = "\
-- store::account::keep_intents
UPDATE intent SET (operation, reason) = (
    SELECT plan.operation, plan.reason FROM plan_operation AS plan
    WHERE plan.app = intent.app AND plan.run = intent.run AND plan.seq = intent.seq
)
WHERE app = $1 AND run <> $2 AND run <> COALESCE((SELECT run FROM app WHERE id = $1), '') AND operation IS NULL";

/// Writes down in full what was begun by plans that are about to be dropped: all but this run's, and that of the run that
/// holds the app.
pub(crate) async fn keep(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<(), StoreError> {
    tx.execute(KEEP, &[app.as_str().into(), run.as_str().into()]).await.map(drop)
}

/// A macro, because a statement is one literal and two share this.
macro_rules! select {
    () => {
        "SELECT intent.user_id AS user_id, intent.email AS email, intent.run AS run, intent.seq AS seq,
       COALESCE(intent.operation, plan.operation) AS operation, COALESCE(intent.reason, plan.reason) AS reason,
       intent.is_released AS is_released, intent.until AS until, intent.missed_at AS missed_at
FROM intent LEFT JOIN plan_operation AS plan
    ON plan.app = intent.app AND plan.run = intent.run AND plan.seq = intent.seq AND intent.operation IS NULL
"
    };
}

/// The columns of `select!`.
const COLUMNS: &[Column] = &[
    Column::Text("user_id"),
    Column::Text("email"),
    Column::Text("run"),
    Column::Int("seq"),
    Column::Text("operation"),
    Column::Text("reason"),
    Column::Int("is_released"),
    Column::Int("until"),
    Column::Int("missed_at"),
];

/// Whose intent it is, their address, and the intent.
pub(super) type StoredIntent = (UserId, Option<Email>, Intent);

const OF: &str = concat!(
    "-- store::account::intents_of\n",
    select!(),
    "WHERE intent.app = $1 AND intent.user_id IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY intent.user_id"
);

/// The intents of these users, at most [`ROWS_PER_STATEMENT`].
pub(super) async fn of(tx: &mut Tx, app: &AppId, users: &[UserId]) -> Result<Vec<StoredIntent>, StoreError> {
    tx.page(OF, COLUMNS, &[app.as_str().into(), columns::users(users)]).await?.iter().map(begun).collect()
}

const PAGE: &str = concat!(
    "-- store::account::intended\n",
    select!(),
    "WHERE intent.app = $1 AND intent.user_id > $2 ORDER BY intent.user_id LIMIT $3"
);

/// One page, in user order, of the accounts whose last write has no answer on record.
pub async fn intended(
    tx: &mut Tx,
    app: &AppId,
    after: Option<&UserId>,
    at_most: usize,
) -> Result<Vec<AccountRecord>, StoreError> {
    let values = [app.as_str().into(), after.map_or("", UserId::as_str).into(), limit(at_most)];
    let begun = tx.page(PAGE, COLUMNS, &values).await?.iter().map(begun).collect::<Result<Vec<_>, _>>()?;
    let users: Vec<_> = begun.iter().map(|(user, ..)| user.clone()).collect();
    let mut records = super::without_intents(tx, app, &users).await?;
    join(&mut records, begun);
    Ok(records.into_values().collect())
}

/// Gives the records their intents; whoever has no record yet has one that holds nothing else.
pub(super) fn join(records: &mut BTreeMap<UserId, AccountRecord>, begun: Vec<StoredIntent>) {
    for (user, email, intent) in begun {
        let record = records.entry(user).or_insert_with_key(|user| AccountRecord::new(user.clone(), email));
        record.intent = Some(intent);
    }
}

const LATEST: &str = "\
-- store::account::latest_intent_until
SELECT MAX(until) AS until FROM intent WHERE app = $1";

/// After this, no request of any intent is in flight.
pub async fn latest_intent_until(tx: &mut Tx, app: &AppId) -> Result<Option<Timestamp>, StoreError> {
    tx.row(LATEST, &[app.as_str().into()]).await?.opt_instant("until")
}

const IS_INTENDED_BY: &str = "\
-- store::account::is_intended_by
SELECT EXISTS (SELECT 1 FROM intent WHERE app = $1 AND run = $2) AS is_intended";

/// Whether a write that this run began has no answer on record.
pub async fn is_intended_by(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<bool, StoreError> {
    tx.row(IS_INTENDED_BY, &[app.as_str().into(), run.as_str().into()]).await?.truth("is_intended")
}

fn begun(row: &Row) -> Result<StoredIntent, StoreError> {
    let intent = Intent {
        operation: row.json("operation")?,
        reason: row.json("reason")?,
        run: RunId::new(row.text("run")?),
        seq: row.int("seq")?,
        until: row.instant("until")?,
        missed_at: row.opt_instant("missed_at")?,
        is_released: row.truth("is_released")?,
    };
    Ok((UserId::new(row.text("user_id")?), row.opt_email("email")?, intent))
}

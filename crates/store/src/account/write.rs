//! What a run learned, written in batches.

use std::collections::BTreeMap;

use usher_model::id::UserId;

use super::{AccountRecord, row};
use crate::StoreError;
use crate::app::{Lease, fence};
use crate::sql::{ROWS_PER_STATEMENT, Tx, Value};

/// A macro, because a statement is one literal and two share this.
macro_rules! insert {
    () => {
        "INSERT INTO account (app, user_id, email, user_name, state, remote_id, sent, returned, drifted, is_suspended_by_us,
                     seen_on, intent, intent_until, missed_at, causes, failing, pin, choice, reason, settled, wake_at)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       CAST(value ->> 8 AS BIGINT), CAST(value ->> 9 AS BIGINT), value ->> 10, CAST(value ->> 11 AS BIGINT),
       CAST(value ->> 12 AS BIGINT), value ->> 13, value ->> 14, value ->> 15, value ->> 16, value ->> 17,
       value ->> 18, CAST(value ->> 19 AS BIGINT)
FROM json_rows($2) WHERE true
"
    };
}

const RECORD: &str = concat!(
    "-- store::account::record\n",
    insert!(),
    "ON CONFLICT (app, user_id) DO UPDATE SET
    email = excluded.email, user_name = excluded.user_name, state = excluded.state, remote_id = excluded.remote_id,
    sent = excluded.sent, returned = excluded.returned, drifted = excluded.drifted,
    is_suspended_by_us = excluded.is_suspended_by_us, seen_on = excluded.seen_on, intent = excluded.intent,
    intent_until = excluded.intent_until, missed_at = excluded.missed_at, causes = excluded.causes,
    failing = excluded.failing, reason = excluded.reason, settled = excluded.settled, wake_at = excluded.wake_at,
    choice = CASE WHEN excluded.state = account.state THEN account.choice END"
);

/// Writes what a run learned of these accounts, whole rows, or says [`StoreError::Fenced`]. Of several records of one
/// user the last one stands.
///
/// `pin` and `choice` are an admin's, who may speak while the run works: of a row that is there already the pin stays
/// as it is, and the choice stays until a record brings another state.
pub async fn record(tx: &mut Tx, lease: &Lease, records: &[AccountRecord]) -> Result<(), StoreError> {
    write(tx, RECORD, lease, records).await
}

// What is there already stays as it is but for the intent: whatever a statement sets has its indexes written anew, whether
// it differs or not.
const INTEND: &str = concat!(
    "-- store::account::intend\n",
    insert!(),
    "ON CONFLICT (app, user_id) DO UPDATE SET
    intent = excluded.intent, intent_until = excluded.intent_until, missed_at = excluded.missed_at"
);

/// Writes what is about to be written to these accounts, or says [`StoreError::Fenced`]: of a record that is there already
/// the intent alone, of another one the whole.
pub async fn intend(tx: &mut Tx, lease: &Lease, records: &[AccountRecord]) -> Result<(), StoreError> {
    write(tx, INTEND, lease, records).await
}

async fn write(
    tx: &mut Tx,
    sql: &'static str,
    lease: &Lease,
    records: &[AccountRecord],
) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    for records in records.chunks(ROWS_PER_STATEMENT) {
        let last: BTreeMap<&UserId, &AccountRecord> =
            records.iter().map(|record| (&record.user, record)).collect();
        let rows = Value::rows(last.into_values().map(row::values));
        tx.execute(sql, &[lease.app.as_str().into(), rows]).await?;
    }
    Ok(())
}

const BLANK_PINNED: &str = "\
-- store::account::blank_pinned
UPDATE account
SET user_name = NULL, state = 'none', remote_id = NULL, sent = '{}', returned = '{}', drifted = NULL,
    is_suspended_by_us = 0, seen_on = NULL, intent = NULL, intent_until = NULL, missed_at = NULL, causes = NULL,
    failing = NULL, choice = NULL, reason = NULL, settled = NULL, wake_at = NULL
WHERE app = $1 AND pin IS NOT NULL AND user_id IN (SELECT value ->> 0 FROM json_rows($2))";

const FORGET: &str = "\
-- store::account::forget
DELETE FROM account
WHERE app = $1 AND pin IS NULL AND user_id IN (SELECT value ->> 0 FROM json_rows($2))";

/// Closes the records of these users, or says [`StoreError::Fenced`]. A pin outlives the account it was for.
pub async fn forget(tx: &mut Tx, lease: &Lease, users: &[UserId]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    for users in users.chunks(ROWS_PER_STATEMENT) {
        let values =
            [lease.app.as_str().into(), Value::rows(users.iter().map(|user| [user.as_str().into()]))];
        tx.execute(BLANK_PINNED, &values).await?;
        tx.execute(FORGET, &values).await?;
    }
    Ok(())
}

//! What a run learned, written in batches.

use std::collections::BTreeMap;

use usher_model::id::UserId;

use super::{AccountRecord, intent, row};
use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns;
use crate::sql::{ROWS_PER_STATEMENT, Tx};

const RECORD: &str = "\
-- store::account::record
INSERT INTO account (app, user_id, email, user_name, state, remote_id, sent, returned, drifted, is_suspended_by_us,
                     seen_on, causes, failing, pin, choice, reason, settled, wake_at)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       CAST(value ->> 8 AS BIGINT), CAST(value ->> 9 AS BIGINT), value ->> 10, value ->> 11, value ->> 12,
       value ->> 13, value ->> 14, value ->> 15, CAST(value ->> 16 AS BIGINT)
FROM json_rows($2) WHERE true
ON CONFLICT (app, user_id) DO UPDATE SET
    email = excluded.email, user_name = excluded.user_name, state = excluded.state, remote_id = excluded.remote_id,
    sent = excluded.sent, returned = excluded.returned, drifted = excluded.drifted,
    is_suspended_by_us = excluded.is_suspended_by_us, seen_on = excluded.seen_on, causes = excluded.causes,
    failing = excluded.failing, reason = excluded.reason,
    settled = CASE WHEN account.brought_forward IS NULL THEN excluded.settled END,
    wake_at = CASE WHEN account.brought_forward IS NULL OR excluded.state <> account.state OR excluded.causes IS NULL
              THEN excluded.wake_at ELSE account.brought_forward END,
    choice = CASE WHEN excluded.state = account.state THEN account.choice END,
    brought_forward = CASE WHEN excluded.state = account.state AND excluded.causes IS NOT NULL
                      THEN account.brought_forward END";

/// Writes what a run learned of these accounts, whole rows, or says [`StoreError::Fenced`]. Of several records of one
/// user the last one stands.
///
/// `pin`, `choice` and `brought_forward` are an admin's, who may speak while the run works: of a row that is there already
/// the pin stays as it is, the choice stays until a record brings another state, and what is brought forward stays so until
/// then or until nothing is being lost; as long, the person is decided about in every run.
pub async fn record(tx: &mut Tx, lease: &Lease, records: &[AccountRecord]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let last: BTreeMap<&UserId, &AccountRecord> =
        records.iter().map(|record| (&record.user, record)).collect();
    let last: Vec<_> = last.into_values().collect();
    let rows = last.iter().map(|record| row::values(record)).collect();
    tx.execute_rows(RECORD, &[lease.app.as_str().into()], rows).await?;
    intent::replace(tx, &lease.app, &last).await
}

const BLANK_PINNED: &str = "\
-- store::account::blank_pinned
UPDATE account
SET user_name = NULL, state = 'none', remote_id = NULL, sent = '{}', returned = '{}', drifted = NULL,
    is_suspended_by_us = 0, seen_on = NULL, causes = NULL, failing = NULL, choice = NULL, reason = NULL, settled = NULL,
    wake_at = NULL, brought_forward = NULL
WHERE app = $1 AND pin IS NOT NULL AND user_id IN (SELECT value ->> 0 FROM json_rows($2))";

const FORGET: &str = "\
-- store::account::forget
DELETE FROM account
WHERE app = $1 AND pin IS NULL AND user_id IN (SELECT value ->> 0 FROM json_rows($2))";

/// Closes the records of these users, their intents included, or says [`StoreError::Fenced`]. A pin outlives the account
/// it was for.
pub async fn forget(tx: &mut Tx, lease: &Lease, users: &[UserId]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    for users in users.chunks(ROWS_PER_STATEMENT) {
        let values = [lease.app.as_str().into(), columns::users(users)];
        tx.execute(BLANK_PINNED, &values).await?;
        tx.execute(FORGET, &values).await?;
    }
    intent::forget(tx, &lease.app, users).await
}

//! What a run learned, written in batches.

use std::collections::BTreeMap;

use usher_model::id::{GroupId, RemoteId};

use super::{GroupRecord, row};
use crate::app::{Lease, fence};
use crate::sql::{Column, ROWS_PER_STATEMENT, Tx};
use crate::{StoreError, columns};

const RECORD: &str = "\
-- store::group::record
INSERT INTO group_account (app, group_id, email, display_name, state, remote_id, sent, returned, drifted, intent_run,
                           intent_until, missed_at, is_unread, read_at, left_at, failing, pin, choice, reason, wake_at)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, CAST(value ->> 9 AS BIGINT), CAST(value ->> 10 AS BIGINT), CAST(value ->> 11 AS BIGINT),
       CAST(value ->> 12 AS BIGINT), CAST(value ->> 13 AS BIGINT), value ->> 14, value ->> 15, value ->> 16,
       value ->> 17, CAST(value ->> 18 AS BIGINT)
FROM json_rows($2) WHERE true
ON CONFLICT (app, group_id) DO UPDATE SET
    email = excluded.email, display_name = excluded.display_name, state = excluded.state,
    remote_id = excluded.remote_id, sent = excluded.sent, returned = excluded.returned, drifted = excluded.drifted,
    intent_run = excluded.intent_run, intent_until = excluded.intent_until, missed_at = excluded.missed_at,
    is_unread = excluded.is_unread, read_at = excluded.read_at, left_at = excluded.left_at,
    failing = excluded.failing, reason = excluded.reason, wake_at = excluded.wake_at,
    choice = CASE WHEN excluded.state = group_account.state THEN group_account.choice END";

/// Writes what a run learned of these groups, whole rows, or says [`StoreError::Fenced`]. Of several records of one group
/// the last one stands.
///
/// `pin` and `choice` are an admin's, who may speak while the run works: of a row that is there already the pin stays as
/// it is, and the choice stays until a record brings another state.
pub async fn record(tx: &mut Tx, lease: &Lease, records: &[GroupRecord]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let last: BTreeMap<&GroupId, &GroupRecord> =
        records.iter().map(|record| (&record.group, record)).collect();
    let rows = last.into_values().map(row::values).collect();
    tx.execute_rows(RECORD, &[lease.app.as_str().into()], rows).await.map(drop)
}

const BLANK_PINNED: &str = "\
-- store::group::blank_pinned
UPDATE group_account
SET display_name = NULL, state = 'none', remote_id = NULL, sent = '{}', returned = '{}', drifted = NULL,
    intent_run = NULL, intent_until = NULL, missed_at = NULL, is_unread = 0, read_at = NULL, left_at = NULL,
    failing = NULL, choice = NULL, reason = NULL, wake_at = NULL
WHERE app = $1 AND pin IS NOT NULL AND group_id IN (SELECT value ->> 0 FROM json_rows($2))";

const FORGET: &str = "\
-- store::group::forget
DELETE FROM group_account
WHERE app = $1 AND pin IS NULL AND group_id IN (SELECT value ->> 0 FROM json_rows($2))";

const FORGET_MEMBERS: &str = "\
-- store::group::forget_members
DELETE FROM group_member WHERE app = $1 AND group_id IN (SELECT value ->> 0 FROM json_rows($2))";

const FORGET_REFUSALS: &str = "\
-- store::group::forget_refusals
DELETE FROM group_refusal WHERE app = $1 AND group_id IN (SELECT value ->> 0 FROM json_rows($2))";

/// Closes the records of these groups, and of who is in them, or says [`StoreError::Fenced`]. A pin outlives the group
/// it was for.
pub async fn forget(tx: &mut Tx, lease: &Lease, groups: &[GroupId]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    for groups in groups.chunks(ROWS_PER_STATEMENT) {
        let values = [lease.app.as_str().into(), columns::groups(groups)];
        tx.execute(BLANK_PINNED, &values).await?;
        tx.execute(FORGET, &values).await?;
        tx.execute(FORGET_MEMBERS, &values).await?;
        tx.execute(FORGET_REFUSALS, &values).await?;
    }
    Ok(())
}

const OTHERS_OF_REMOTE: &str = "\
-- store::group::others_of_remote
SELECT group_id FROM group_account WHERE app = $1 AND remote_id = $2 AND group_id <> $3 ORDER BY group_id";

/// A group at the app has become this one's: whatever other record still claims it is closed, or says
/// [`StoreError::Fenced`]. What becomes of the group is from now on decided by one.
pub async fn take_from_others(
    tx: &mut Tx,
    lease: &Lease,
    group: &GroupId,
    remote_id: &RemoteId,
) -> Result<(), StoreError> {
    let values = [lease.app.as_str().into(), remote_id.as_str().into(), group.as_str().into()];
    let rows = tx.page(OTHERS_OF_REMOTE, &[Column::Text("group_id")], &values).await?;
    let others = rows.iter().map(|row| Ok(GroupId::new(row.text("group_id")?)));
    let others = others.collect::<Result<Vec<_>, StoreError>>()?;
    forget(tx, lease, &others).await
}

//! Members whom an app refused, or whose membership it did not change although it said yes. Each is tried again after a
//! pause of their own: nobody else waits for them.

use std::collections::BTreeMap;

use usher_model::id::{GroupId, RemoteId};
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns::{self, instant};
use crate::sql::{Column, ROWS_PER_STATEMENT, Tx, Value};

/// One who was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub member: RemoteId,
    /// Whether they were to be a member; else they were to be none.
    pub is_added: bool,
    /// How often in a row.
    pub n_attempts: u32,
    /// Not tried again before this instant.
    pub retry_at: Timestamp,
}

const RECORD: &str = "\
-- store::group::refusal::record
INSERT INTO group_refusal (app, group_id, member_id, is_added, n_attempts, retry_at)
SELECT $1, $2, value ->> 0, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT), CAST(value ->> 3 AS BIGINT)
FROM json_rows($3) WHERE true
ON CONFLICT (app, group_id, member_id, is_added) DO UPDATE SET
    n_attempts = excluded.n_attempts, retry_at = excluded.retry_at";

/// Writes down who was refused, or says [`StoreError::Fenced`]. Nobody may be in it twice.
pub async fn record(
    tx: &mut Tx,
    lease: &Lease,
    group: &GroupId,
    refusals: &[Refusal],
) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let rows = refusals.iter().map(|refusal| {
        [
            refusal.member.as_str().into(),
            refusal.is_added.into(),
            i64::from(refusal.n_attempts).into(),
            instant(refusal.retry_at),
        ]
    });
    let values = [lease.app.as_str().into(), group.as_str().into()];
    tx.execute_rows(RECORD, &values, rows.collect()).await.map(drop)
}

const CLEAR: &str = "\
-- store::group::refusal::clear
DELETE FROM group_refusal
WHERE app = $1 AND group_id = $2 AND is_added = $3 AND member_id IN (SELECT value ->> 0 FROM json_rows($4))";

/// Forgets what was refused to these: it is done, or says [`StoreError::Fenced`].
pub async fn clear(
    tx: &mut Tx,
    lease: &Lease,
    group: &GroupId,
    members: &[RemoteId],
    is_added: bool,
) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    for members in members.chunks(ROWS_PER_STATEMENT) {
        let ids = columns::remote_ids(members);
        let values: [Value; 4] = [lease.app.as_str().into(), group.as_str().into(), is_added.into(), ids];
        tx.execute(CLEAR, &values).await?;
    }
    Ok(())
}

const OF: &str = "\
-- store::group::refusal::of
SELECT member_id, n_attempts FROM group_refusal
WHERE app = $1 AND group_id = $2 AND is_added = $3 AND member_id IN (SELECT value ->> 0 FROM json_rows($4))";

/// How often in a row these were refused before; whoever was not is left out.
pub async fn attempts(
    tx: &mut Tx,
    lease: &Lease,
    group: &GroupId,
    members: &[RemoteId],
    is_added: bool,
) -> Result<BTreeMap<RemoteId, u32>, StoreError> {
    let mut found = BTreeMap::new();
    let columns = [Column::Text("member_id"), Column::Int("n_attempts")];
    for members in members.chunks(ROWS_PER_STATEMENT) {
        let ids = columns::remote_ids(members);
        let values = [lease.app.as_str().into(), group.as_str().into(), is_added.into(), ids];
        for row in &tx.page(OF, &columns, &values).await? {
            let n_attempts = u32::try_from(row.count("n_attempts")?).unwrap_or(u32::MAX);
            found.insert(RemoteId::new(row.text("member_id")?), n_attempts);
        }
    }
    Ok(found)
}

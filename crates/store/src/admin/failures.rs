//! Attempts to sign in that failed: how many in a row, for whom or from where, and when the last one was.
//!
//! Not here: how long the next one waits for that.

use usher_model::time::Timestamp;

use crate::StoreError;
use crate::columns::instant;
use crate::sql::Tx;

/// What failed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many, since one succeeded or they were forgotten.
    pub n: u64,
    pub last_at: Timestamp,
}

const OF: &str = "\
-- store::admin::failures::of
SELECT n, last_at FROM sign_in_failures WHERE subject = $1";

/// What failed before for somebody, or from somewhere.
pub async fn of(tx: &mut Tx, subject: &str) -> Result<Option<Failures>, StoreError> {
    let Some(row) = tx.opt_row(OF, &[subject.into()]).await? else { return Ok(None) };
    Ok(Some(Failures { n: row.count("n")?, last_at: row.instant("last_at")? }))
}

const COUNT: &str = "\
-- store::admin::failures::count
INSERT INTO sign_in_failures (subject, n, last_at) VALUES ($1, 1, $2)
ON CONFLICT (subject) DO UPDATE SET n = sign_in_failures.n + 1, last_at = excluded.last_at";

/// Counts one more.
pub async fn count(tx: &mut Tx, subject: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute_one(COUNT, &[subject.into(), instant(now)]).await
}

const CLEAR: &str = "\
-- store::admin::failures::clear
DELETE FROM sign_in_failures WHERE subject = $1";

/// Forgets them: one succeeded.
pub async fn clear(tx: &mut Tx, subject: &str) -> Result<(), StoreError> {
    tx.execute(CLEAR, &[subject.into()]).await.map(drop)
}

const FORGET: &str = "\
-- store::admin::failures::forget
DELETE FROM sign_in_failures WHERE last_at <= $1";

/// Forgets those whose last one is that long ago. Returns how many.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, &[instant(before)]).await
}

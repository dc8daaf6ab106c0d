//! On and off, and when the next run is due.

use usher_model::id::{AppId, DirectoryId};
use usher_model::time::Timestamp;

use super::{App, row};
use crate::StoreError;
use crate::columns::{count, instant, opt_instant};
use crate::sql::Tx;

const ENABLE: &str = "\
-- store::app::enable
UPDATE app SET is_enabled = 1, enabled_at = COALESCE(enabled_at, $2), next_run_at = $2, n_told = n_told + 1 WHERE id = $1";

/// Turns provisioning on, with a run due at once. Whether it may be turned on is the caller's to ask.
pub async fn enable(tx: &mut Tx, app: &AppId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute_one(ENABLE, &[app.as_str().into(), instant(now)]).await
}

const DISABLE: &str = "\
-- store::app::disable
UPDATE app
SET on_micros = on_micros + CASE WHEN enabled_at < $2 THEN $2 - enabled_at ELSE 0 END,
    is_enabled = 0, enabled_at = NULL, next_run_at = NULL
WHERE id = $1";

/// Turns provisioning off. How long it was on is kept.
pub async fn disable(tx: &mut Tx, app: &AppId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute_one(DISABLE, &[app.as_str().into(), instant(now)]).await
}

const ACCEPT_PEOPLE: &str = "\
-- store::app::accept_people
UPDATE app SET accepted_people = $2 WHERE id = $1";

/// Makes this number of listed people the measure against which later listings shrink.
pub async fn accept_people(tx: &mut Tx, app: &AppId, people: u64) -> Result<(), StoreError> {
    tx.execute_one(ACCEPT_PEOPLE, &[app.as_str().into(), count(people)]).await
}

const SET_NEXT_RUN: &str = "\
-- store::app::set_next_run
UPDATE app SET next_run_at = $2 WHERE id = $1";

/// Says when the next run is due; none: not by itself.
pub async fn set_next_run(tx: &mut Tx, app: &AppId, at: Option<Timestamp>) -> Result<(), StoreError> {
    tx.execute_one(SET_NEXT_RUN, &[app.as_str().into(), opt_instant(at)]).await
}

const DUE: &str = concat!(
    "-- store::app::due\n",
    row::select!(),
    " WHERE app.is_enabled = 1 AND app.refused_at IS NULL AND app.next_run_at <= $1
      ORDER BY app.next_run_at, app.name"
);

/// The apps to run now, those that have waited longest first. Apps that refused their token are not among them, nor
/// those that are quarantined for longer.
pub async fn due(tx: &mut Tx, now: Timestamp) -> Result<Vec<App>, StoreError> {
    let rows = tx.rows(DUE, &[instant(now)]).await?;
    let mut due = rows.iter().map(row::app).collect::<Result<Vec<_>, _>>()?;
    due.retain(|app| app.is_due(now));
    Ok(due)
}

const TOUCH: &str = "\
-- store::app::touch
UPDATE app SET n_told = n_told + 1,
    next_run_at = CASE WHEN is_enabled = 1 AND (next_run_at IS NULL OR next_run_at > $2) THEN $2 ELSE next_run_at END
WHERE directory = $1";

/// Makes every app of a directory that changed due now, if it is on; one that is being run, once more after that.
pub async fn touch(tx: &mut Tx, directory: &DirectoryId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(TOUCH, &[directory.as_str().into(), instant(now)]).await.map(drop)
}

const WAKE: &str = "\
-- store::app::wake
UPDATE app SET n_told = n_told + 1,
    next_run_at = CASE WHEN is_enabled = 1 AND (next_run_at IS NULL OR next_run_at > $2) THEN $2 ELSE next_run_at END
WHERE id = $1";

/// Makes one app due now, if it is on; if it is being run, once more after that.
pub async fn wake(tx: &mut Tx, app: &AppId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute_one(WAKE, &[app.as_str().into(), instant(now)]).await
}

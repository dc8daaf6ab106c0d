//! What one run did, and whether anything came after it.

use std::collections::BTreeMap;

use usher_model::id::{AppId, RunId, UserId};

use super::{COLUMNS, Event, EventKind, event};
use crate::StoreError;
use crate::columns::{self, limit};
use crate::sql::Tx;

const OF_RUN: &str = "\
-- store::event::of_run
SELECT run, seq, kind, at, user_id, email, reason, detail, classes, is_released, wrote FROM event
WHERE app = $1 AND run = $2 AND kind = $3 AND seq > $4 ORDER BY seq LIMIT $5";

/// One page of what a run did of one kind, in the order of its plan, after this place in it. What was found done only
/// later is among it.
pub async fn of_run(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    kind: EventKind,
    after: i64,
    at_most: usize,
) -> Result<Vec<Event>, StoreError> {
    let values =
        [app.as_str().into(), run.as_str().into(), kind.as_str().into(), after.into(), limit(at_most)];
    tx.page(OF_RUN, COLUMNS, &values).await?.iter().map(event).collect()
}

const COUNTS_OF_RUN: &str = "\
-- store::event::counts_of_run
SELECT kind, COUNT(*) AS n FROM event WHERE app = $1 AND run = $2 GROUP BY kind";

/// How many events of each kind are a run's.
pub async fn counts_of_run(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
) -> Result<BTreeMap<EventKind, u64>, StoreError> {
    let rows = tx.rows(COUNTS_OF_RUN, &[app.as_str().into(), run.as_str().into()]).await?;
    rows.iter().map(|row| Ok((row.named("kind", EventKind::from_name)?, row.count("n")?))).collect()
}

const NEWEST_OF: &str = "\
-- store::event::newest_of
SELECT run, seq, kind, at, user_id, email, reason, detail, classes, is_released, wrote FROM event
WHERE app = $1 AND kind <> 'failure' AND user_id IN (SELECT value ->> 0 FROM json_rows($2))
  AND NOT EXISTS (
      SELECT 1 FROM event AS later
      WHERE later.app = event.app AND later.user_id = event.user_id AND later.kind <> 'failure'
        AND (later.at, later.run, later.seq, later.kind) > (event.at, event.run, event.seq, event.kind)
  )
ORDER BY user_id";

/// What was last done to the account of each of these people, of whom one page is asked for; those to whom nothing was
/// are left out.
pub async fn newest_of(
    tx: &mut Tx,
    app: &AppId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, Event>, StoreError> {
    let rows = tx.page(NEWEST_OF, COLUMNS, &[app.as_str().into(), columns::users(users)]).await?;
    rows.iter().map(|row| event(row).map(|event| (event.user.clone(), event))).collect()
}

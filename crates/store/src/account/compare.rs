//! Which accounts on record are not as the last listing of the app shows them, and which of the listing are on nobody's
//! record.
//!
//! The database compares what it can without reading JSON, so that an app that is as it should be costs one pass over
//! two tables; what a difference means is the engine's to say.

use usher_model::id::{AppId, UserId};

use crate::StoreError;
use crate::columns::limit;
use crate::sql::{Column, Tx};

// An account whose write is under way is left out: a look tells what became of it. `attributes` and `returned` are
// written the same way, in the order of their paths.
const DIFFERING: &str = "\
-- store::account::differing
SELECT account.user_id
FROM account LEFT JOIN remote_account AS remote ON remote.app = $1 AND remote.remote_id = account.remote_id
WHERE account.app = $1 AND account.user_id > $2 AND account.remote_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM intent WHERE intent.app = $1 AND intent.user_id = account.user_id)
  AND CASE WHEN remote.remote_id IS NULL THEN account.state <> 'gone'
           ELSE account.drifted IS NOT NULL
             OR account.state <> CASE remote.is_active WHEN 1 THEN 'active' ELSE 'suspended' END
             OR account.user_name IS NULL OR account.user_name <> remote.folded
             OR account.returned <> remote.attributes
             OR (account.state = 'suspended' AND account.is_suspended_by_us = 1 AND account.seen_on IS NULL)
      END
ORDER BY account.user_id LIMIT $3";

/// One page, in user order, of the people whose account the listing shows otherwise than the record says, or not at all.
pub async fn differing(
    tx: &mut Tx,
    app: &AppId,
    after: Option<&UserId>,
    at_most: usize,
) -> Result<Vec<UserId>, StoreError> {
    let values = [app.as_str().into(), after.map_or("", UserId::as_str).into(), limit(at_most)];
    let rows = tx.page(DIFFERING, &[Column::Text("user_id")], &values).await?;
    rows.iter().map(|row| row.text("user_id").map(UserId::new)).collect()
}

const COMPARABLE: &str = "\
-- store::account::comparable
SELECT COUNT(*) AS n FROM account
WHERE app = $1 AND remote_id IS NOT NULL AND state <> 'gone'
  AND NOT EXISTS (SELECT 1 FROM intent WHERE intent.app = $1 AND intent.user_id = account.user_id)";

/// How many accounts on record a listing can be compared with.
pub async fn comparable(tx: &mut Tx, app: &AppId) -> Result<u64, StoreError> {
    tx.row(COMPARABLE, &[app.as_str().into()]).await?.count("n")
}

const UNHELD: &str = "\
-- store::account::unheld
SELECT COUNT(*) AS n FROM remote_account AS remote
WHERE remote.app = $1 AND NOT EXISTS (
    SELECT 1 FROM account WHERE account.app = $1 AND account.remote_id = remote.remote_id)";

const UNHELD_NAMES: &str = "\
-- store::account::unheld_names
SELECT remote.user_name FROM remote_account AS remote
WHERE remote.app = $1 AND NOT EXISTS (
    SELECT 1 FROM account WHERE account.app = $1 AND account.remote_id = remote.remote_id)
ORDER BY remote.folded LIMIT $2";

/// How many accounts of the listing are on nobody's record, and the names of the first.
pub async fn unheld(tx: &mut Tx, app: &AppId, at_most: usize) -> Result<(u64, Vec<String>), StoreError> {
    let n = tx.row(UNHELD, &[app.as_str().into()]).await?.count("n")?;
    let rows =
        tx.page(UNHELD_NAMES, &[Column::Text("user_name")], &[app.as_str().into(), limit(at_most)]).await?;
    let names = rows.iter().map(|row| row.text("user_name").map(str::to_owned)).collect::<Result<_, _>>()?;
    Ok((n, names))
}

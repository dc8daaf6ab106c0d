//! Whom an open hold of groups told of: who is to leave which group, and which groups are to be deleted.
//!
//! Whoever releases such a hold lets go nobody else, so it is kept beside the hold, and replaced with every plan that is
//! about all groups.

use usher_model::id::{AppId, GroupId, HoldId, RemoteId};

use crate::StoreError;
use crate::sql::{ROWS_PER_STATEMENT, Tx, Value};

/// What a plan wants of a group: a member to leave it; none: that it is deleted.
pub type Leaving = (GroupId, Option<RemoteId>);

const TELL: &str = "\
-- store::hold::tell
INSERT INTO hold_member (app, hold, group_id, member_id)
SELECT $1, $2, value ->> 0, value ->> 1 FROM json_rows($3) WHERE true
ON CONFLICT (hold, group_id, member_id) DO NOTHING";

/// Says that a hold tells of these as well.
pub async fn tell(tx: &mut Tx, app: &AppId, hold: &HoldId, leaving: &[Leaving]) -> Result<(), StoreError> {
    let rows = leaving.iter().map(row).collect();
    tx.execute_rows(TELL, &[app.as_str().into(), hold.as_str().into()], rows).await.map(drop)
}

const N_TOLD: &str = "\
-- store::hold::n_told
SELECT COUNT(*) AS n FROM hold_member
WHERE hold = $1 AND (group_id, member_id) IN (SELECT value ->> 0, value ->> 1 FROM json_rows($2))";

/// How many of these a hold told of. Each may stand among them once.
pub async fn n_told(tx: &mut Tx, hold: &HoldId, leaving: &[Leaving]) -> Result<u64, StoreError> {
    let mut n_told = 0;
    for leaving in leaving.chunks(ROWS_PER_STATEMENT) {
        let asked = Value::rows(leaving.iter().map(row));
        n_told += tx.row(N_TOLD, &[hold.as_str().into(), asked]).await?.count("n")?;
    }
    Ok(n_told)
}

const FORGET: &str = "\
-- store::hold::forget_told
DELETE FROM hold_member WHERE hold = $1";

/// Forgets whom a hold told of: it is about to tell of others.
pub async fn forget_told(tx: &mut Tx, hold: &HoldId) -> Result<(), StoreError> {
    tx.execute(FORGET, &[hold.as_str().into()]).await.map(drop)
}

const FORGET_DECIDED: &str = "\
-- store::hold::forget_told_of_decided
DELETE FROM hold_member
WHERE app = $1 AND hold NOT IN (SELECT id FROM hold WHERE app = $1 AND state = 'open')";

/// Forgets whom the app's holds told of that are not open any more.
pub async fn forget_told_of_decided(tx: &mut Tx, app: &AppId) -> Result<(), StoreError> {
    tx.execute(FORGET_DECIDED, &[app.as_str().into()]).await.map(drop)
}

fn row((group, member): &Leaving) -> [Value; 2] {
    [group.as_str().into(), member.as_ref().map_or("", RemoteId::as_str).into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::assert_reads_by_key;

    #[tokio::test]
    async fn whom_a_hold_told_of_is_found_by_its_key() {
        assert_reads_by_key(N_TOLD, None).await;
        assert_reads_by_key(FORGET, None).await;
    }
}

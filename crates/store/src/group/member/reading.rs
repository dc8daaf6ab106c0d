//! A group that is read page by page.

use usher_model::id::{GroupId, RemoteId};

use super::{key, once};
use crate::StoreError;
use crate::app::{Lease, fence};
use crate::sql::Tx;

const SEE: &str = "\
-- store::group::member::see
INSERT INTO group_member (app, group_id, member_id, standing, mark)
SELECT $1, $2, value ->> 0, 'foreign', $3 FROM json_rows($4) WHERE true
ON CONFLICT (app, group_id, member_id) DO UPDATE SET
    standing = CASE group_member.standing WHEN 'missing' THEN 'ours' ELSE group_member.standing END,
    mark = excluded.mark";

/// Says that a read of a group, whose own number is `mark`, showed these, or says [`StoreError::Fenced`]. Who is new is
/// foreign; who was missing is ours again.
pub async fn see(
    tx: &mut Tx,
    lease: &Lease,
    group: &GroupId,
    members: &[RemoteId],
    mark: i64,
) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let [app, group] = key(&lease.app, group);
    tx.execute_rows(SEE, &[app, group, mark.into()], once(members)).await.map(drop)
}

/// What becomes of those who were ours and whom a read did not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// They are missing: somebody else took them out.
    Missing,
    /// They are no members. Nobody knew whether they were.
    Forgotten,
}

/// What a read of a group came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOver {
    /// How many are in the group, ours and others'.
    pub members: u64,
    /// How many of them are others'.
    pub foreign: u64,
    /// How many were ours and were not seen, for the first time.
    pub missing: u64,
    /// How many are missing altogether: ours, and not in the group.
    pub absent: u64,
}

const FORGET_OTHERS: &str = "\
-- store::group::member::forget_unseen_others
DELETE FROM group_member WHERE app = $1 AND group_id = $2 AND mark <> $3 AND standing IN ('foreign', 'kept')";

const MISS: &str = "\
-- store::group::member::miss
UPDATE group_member SET standing = 'missing' WHERE app = $1 AND group_id = $2 AND mark <> $3 AND standing = 'ours'";

const FORGET_OURS: &str = "\
-- store::group::member::forget_unseen_ours
DELETE FROM group_member WHERE app = $1 AND group_id = $2 AND mark <> $3 AND standing = 'ours'";

const TALLY: &str = "\
-- store::group::member::tally
SELECT COUNT(CASE WHEN standing <> 'missing' THEN 1 END) AS members,
       COUNT(CASE WHEN standing = 'foreign' THEN 1 END) AS foreigners,
       COUNT(CASE WHEN standing = 'missing' THEN 1 END) AS absent
FROM group_member WHERE app = $1 AND group_id = $2";

/// Ends the read whose number is `mark`, or says [`StoreError::Fenced`]. Of those whom it did not show, ours become what
/// `unseen` says; foreign ones, and those whom an undo put back, are forgotten. Who was missing before is so still.
pub async fn end_read(
    tx: &mut Tx,
    lease: &Lease,
    group: &GroupId,
    mark: i64,
    unseen: Unseen,
) -> Result<ReadOver, StoreError> {
    fence(tx, lease).await?;
    let [app, group] = key(&lease.app, group);
    let values = [app.clone(), group.clone(), mark.into()];
    tx.execute(FORGET_OTHERS, &values).await?;
    let missing = match unseen {
        Unseen::Missing => tx.execute(MISS, &values).await?,
        Unseen::Forgotten => tx.execute(FORGET_OURS, &values).await?,
    };
    let row = tx.row(TALLY, &[app, group]).await?;
    Ok(ReadOver {
        members: row.count("members")?,
        foreign: row.count("foreigners")?,
        missing,
        absent: row.count("absent")?,
    })
}

//! Members that somebody else added, or that an undo put back, and whom the directory has in the group as well.

use usher_model::id::RemoteId;

use super::Wanted;
use super::leaving::only;
use super::wanted::{Stretch, is_below};
use crate::StoreError;
use crate::app::{Lease, fence};
use crate::sql::Tx;

pub(super) const CLAIM: &str = concat!(
    "-- store::group::member::claim
UPDATE group_member SET standing = 'ours'
WHERE app = $1 AND group_id = $3 AND standing NOT IN ('ours', 'missing') AND member_id >= $7 AND member_id <= $8 AND 0 < (
    SELECT COUNT(*) FROM account AS a
    WHERE a.app = $1 AND a.remote_id = group_member.member_id AND a.state NOT IN ('none', 'gone')
      AND a.user_id NOT IN (SELECT value ->> 0 FROM json_rows($4))
      AND CASE
          WHEN $5 = 1 THEN 0 < (
              SELECT COUNT(*) FROM person
              WHERE person.directory = $2 AND person.id = a.user_id AND person.state <> 'deleted')
          ELSE ",
    is_below!("$6"),
    "
          END)"
);

/// Foreign members, and those whom an undo put back, become ours where the directory has them in the group, or says [`StoreError::Fenced`]. Returns how many.
pub async fn claim(tx: &mut Tx, lease: &Lease, wanted: &Wanted<'_>) -> Result<u64, StoreError> {
    fence(tx, lease).await?;
    let Ok(only) = only(tx, wanted).await? else { return Ok(0) };
    let [app, directory, group, _, _, pinned] = wanted.values();
    let [first, last] = Stretch::new(None, only.as_ref().map(RemoteId::as_str)).values();
    let values = [app, directory, group, pinned, wanted.is_everyone.into(), wanted.below(), first, last];
    tx.execute(CLAIM, &values).await
}

pub(super) const FORGET_MISSING: &str = concat!(
    "-- store::group::member::forget_missing
DELETE FROM group_member
WHERE app = $1 AND group_id = $3 AND standing = 'missing' AND 0 = (
    SELECT COUNT(*) FROM account AS a
    WHERE a.app = $1 AND a.remote_id = group_member.member_id AND a.state NOT IN ('none', 'gone')
      AND CASE
          WHEN $4 = 1 THEN EXISTS (
              SELECT 1 FROM person
              WHERE person.directory = $2 AND person.id = a.user_id AND person.state <> 'deleted')
          ELSE ",
    is_below!("$5"),
    "
          END)"
);

/// Members whom somebody else took out are forgotten where the directory does not have them in the group any more, or says
/// [`StoreError::Fenced`]: should they join it again, they are added like anybody.
pub async fn forget_missing(tx: &mut Tx, lease: &Lease, wanted: &Wanted<'_>) -> Result<u64, StoreError> {
    fence(tx, lease).await?;
    let [app, directory, group, ..] = wanted.values();
    let values = [app, directory, group, wanted.is_everyone.into(), wanted.below()];
    tx.execute(FORGET_MISSING, &values).await
}

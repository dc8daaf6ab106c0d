//! Who is to leave a group: members who are not in the directory's, or whose account is off where such ones leave.

use usher_model::group::operation::Leaver;
use usher_model::id::{RemoteId, UserId};

use super::wanted::{Stretch, is_below, is_on, is_refused};
use super::{Wanted, accounts};
use crate::StoreError;
use crate::columns::{self, limit};
use crate::sql::{Column, Tx, Value};

/// The members who leave, after `$1` to `$6` of [`Wanted::values`]; `$7`: whether foreign ones do; `$8`: whether everybody
/// is a member; `$9`: the groups whose members are; `$12`: the accounts that are never taken out; `$13`: whether the same
/// is true of every account that nobody knows; `$now`: who was refused and waits for a later try is left out. A macro, because a statement is one literal and two share this.
///
/// Of those whom the directory has deleted, or does not list, or does not know, nobody can say that they left the group:
/// what becomes of their account decides. A member whom two records claim leaves if neither of them keeps it.
macro_rules! leaving {
    ($now:literal) => {
        concat!(
            "SELECT member.member_id AS member_id, MIN(a.user_id) AS user_id
FROM group_member AS member
LEFT JOIN account AS a
    ON a.app = $1 AND a.remote_id = member.member_id AND a.state NOT IN ('none', 'gone')
WHERE member.app = $1 AND member.group_id = $3 AND member.member_id >= $10 AND member.member_id <= $11
  AND member.member_id NOT IN (SELECT value ->> 0 FROM json_rows($12))
  AND (member.standing = 'ours' OR (member.standing = 'foreign' AND $7 = 1))
  AND NOT ",
            is_refused!("member.member_id", "0", $now),
            "
GROUP BY member.member_id
HAVING MAX(CASE
    WHEN a.user_id IS NULL AND $7 = 0 THEN 1
    WHEN a.user_id IS NULL AND $13 = 1 THEN CASE WHEN 0 = (
        SELECT COUNT(*) FROM remote_account AS listed
        WHERE listed.app = $1 AND listed.remote_id = member.member_id) THEN 1 ELSE 0 END
    WHEN a.user_id IS NULL THEN 0
    WHEN a.user_id IN (SELECT value ->> 0 FROM json_rows($6)) THEN 1
    WHEN $5 = 1 AND NOT ",
            is_on!(),
            " THEN 0
    WHEN $8 = 1 THEN 1
    WHEN ",
            is_below!("$9"),
            " THEN 1
    WHEN 0 < (
        SELECT COUNT(*) FROM person
        WHERE person.directory = $2 AND person.id = a.user_id AND person.state NOT IN ('deleted', 'unlisted')) THEN 0
    ELSE 1
END) = 0"
        )
    };
}

pub(super) const TO_REMOVE: &str = concat!(
    "-- store::group::member::to_remove\n",
    leaving!("$16"),
    " AND member.member_id <> $14\nORDER BY member.member_id LIMIT $15"
);

pub(super) const N_TO_REMOVE: &str = concat!(
    "-- store::group::member::n_to_remove\nSELECT COUNT(*) AS n FROM (\n",
    leaving!("$14"),
    "\n) AS leaving"
);

pub(super) const COLUMNS: &[Column] = &[Column::Text("member_id"), Column::Text("user_id")];

/// The parameters of `leaving!`.
fn values(wanted: &Wanted<'_>, stretch: Stretch<'_>) -> Vec<Value> {
    let rest = [wanted.remove_foreign.into(), wanted.is_everyone.into(), wanted.below()];
    let kept = [columns::remote_ids(wanted.protected), wanted.is_any_unknown.into()];
    wanted.values().into_iter().chain(rest).chain(stretch.values()).chain(kept).collect()
}

/// How many members are to be taken out.
pub async fn n_to_remove(tx: &mut Tx, wanted: &Wanted<'_>) -> Result<u64, StoreError> {
    let Ok(only) = only(tx, wanted).await? else { return Ok(0) };
    let stretch = Stretch::new(None, only.as_ref().map(RemoteId::as_str));
    let mut values = values(wanted, stretch);
    values.push(wanted.tried_at());
    tx.row(N_TO_REMOVE, &values).await?.count("n")
}

/// One page, in the order of the app's ids, of those who are to be taken out.
pub async fn to_remove(
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    after: Option<&RemoteId>,
    at_most: usize,
) -> Result<Vec<Leaver>, StoreError> {
    let Ok(only) = only(tx, wanted).await? else { return Ok(Vec::new()) };
    let after = after.map(RemoteId::as_str);
    let mut values = values(wanted, Stretch::new(after, only.as_ref().map(RemoteId::as_str)));
    values.extend([after.unwrap_or("").into(), limit(at_most), wanted.tried_at()]);
    let rows = tx.page(TO_REMOVE, COLUMNS, &values).await?;
    rows.iter()
        .map(|row| {
            let account = RemoteId::new(row.text("member_id")?);
            Ok(Leaver { account, user: row.opt_text("user_id")?.map(UserId::new) })
        })
        .collect()
}

/// Asked for one person, and they have no account: nobody is a member for that.
pub(super) struct Nobody;

/// The account of the person who alone is asked for, if one is.
pub(super) async fn only(
    tx: &mut Tx,
    wanted: &Wanted<'_>,
) -> Result<Result<Option<RemoteId>, Nobody>, StoreError> {
    let Some(user) = wanted.only else { return Ok(Ok(None)) };
    let account = accounts(tx, wanted.app, std::slice::from_ref(user)).await?.remove(user);
    Ok(account.map(Some).ok_or(Nobody))
}

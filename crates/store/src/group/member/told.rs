//! Who is in a group, as people are told: how many of each standing, and the names of the first.

use std::collections::BTreeMap;

use usher_model::id::{AppId, Email, GroupId, RemoteId, UserId};

use super::{MemberStanding, key, standing};
use crate::StoreError;
use crate::columns::{self, limit};
use crate::sql::{Column, Row, Tx};

const STANDINGS: &str = "\
-- store::group::member::standings
SELECT standing, COUNT(*) AS n FROM group_member WHERE app = $1 AND group_id = $2 GROUP BY standing";

/// How many of a group's members there are of each standing; standings that nobody has are left out.
pub async fn standings(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
) -> Result<BTreeMap<MemberStanding, u64>, StoreError> {
    let rows = tx.rows(STANDINGS, &key(app, group)).await?;
    rows.iter().map(|row| Ok((standing(row)?, row.count("n")?))).collect()
}

/// A member of a group at an app, as far as anybody here knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedMember {
    /// The app's id of their account.
    pub account: RemoteId,
    /// Whose account it is on our record, and the address that they had.
    pub user: Option<(UserId, Option<Email>)>,
    /// What the app's last listing called the account.
    pub user_name: Option<String>,
}

pub(super) const NAMED: &str = "\
-- store::group::member::named
SELECT page.member_id AS member_id, a.user_id AS user_id, a.email AS email, listed.user_name AS user_name
FROM (
    SELECT member_id FROM group_member
    WHERE app = $1 AND group_id = $2 AND standing = $3 ORDER BY member_id LIMIT $4
) AS page
LEFT JOIN account AS a
    ON a.app = $1 AND a.remote_id = page.member_id AND a.state IN ('active', 'suspended')
LEFT JOIN remote_account AS listed ON listed.app = $1 AND listed.remote_id = page.member_id
ORDER BY page.member_id, a.user_id";

pub(super) const NAMED_COLUMNS: &[Column] =
    &[Column::Text("member_id"), Column::Text("user_id"), Column::Text("email"), Column::Text("user_name")];

/// The first members of a group who are of this standing, in the order of the app's ids.
pub async fn named(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    of: MemberStanding,
    at_most: usize,
) -> Result<Vec<NamedMember>, StoreError> {
    let [app, group] = key(app, group);
    let rows = tx.page(NAMED, NAMED_COLUMNS, &[app, group, of.as_str().into(), limit(at_most)]).await?;
    let mut named: Vec<NamedMember> = Vec::new();
    for row in &rows {
        let member = member(row)?;
        // An account that two records claim is still one member.
        if named.last().is_none_or(|last| last.account != member.account) {
            named.push(member);
        }
    }
    Ok(named)
}

fn member(row: &Row) -> Result<NamedMember, StoreError> {
    let user = row.opt_text("user_id")?.map(UserId::new);
    let email = row.opt_email("email")?;
    Ok(NamedMember {
        account: RemoteId::new(row.text("member_id")?),
        user: user.map(|user| (user, email)),
        user_name: row.opt_text("user_name")?.map(str::to_owned),
    })
}

pub(super) const HAS_ANY: &str = "\
-- store::group::member::has_any
SELECT COUNT(*) AS n FROM group_member
WHERE app = $1 AND group_id = $2 AND member_id IN (SELECT value ->> 0 FROM json_rows($3)) AND standing <> 'missing'";

/// Whether any of these accounts is in a group.
pub async fn has_any(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    accounts: &[RemoteId],
) -> Result<bool, StoreError> {
    if accounts.is_empty() {
        return Ok(false);
    }
    let [app, group] = key(app, group);
    Ok(tx.row(HAS_ANY, &[app, group, columns::remote_ids(accounts)]).await?.count("n")? > 0)
}

const HAS_UNKNOWN: &str = "\
-- store::group::member::has_unknown
SELECT COUNT(*) AS n FROM group_member AS member
WHERE member.app = $1 AND member.group_id = $2 AND member.standing <> 'missing'
  AND 0 = (SELECT COUNT(*) FROM remote_account AS listed WHERE listed.app = $1 AND listed.remote_id = member.member_id)
  AND 0 = (
      SELECT COUNT(*) FROM account AS a
      WHERE a.app = $1 AND a.remote_id = member.member_id AND a.state NOT IN ('none', 'gone'))";

/// Whether an account is in a group of which neither our record nor the app's listing knows whose it is. That reads every
/// member of the group.
pub async fn has_unknown(tx: &mut Tx, app: &AppId, group: &GroupId) -> Result<bool, StoreError> {
    Ok(tx.row(HAS_UNKNOWN, &key(app, group)).await?.count("n")? > 0)
}

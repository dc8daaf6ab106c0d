//! Who is in a group at an app, by the app's ids of their accounts.
//!
//! There may be hundreds of thousands in one group, so nothing here reads a whole group at once: who is to be added and
//! who is to leave is counted ([`n_to_add`], [`n_to_remove`]) and read page by page ([`to_add`], [`to_remove`]).
//!
//! A group is read in pages, too: [`see`] those whom a page showed, then [`end_read`].
//!
//! # Invariants
//!
//! 1. A member is ours if we added them, or if the directory has them in the group as well ([`claim()`]); else foreign.
//! 2. Whoever was ours and was not seen is missing: a member whom somebody else took out.
//!
//! Not here: what is done about it (`usher_model::group`).

mod claim;
mod joining;
mod kept;
mod leaving;
mod reading;
mod told;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use usher_model::id::{AppId, Email, GroupId, RemoteId, UserId};

use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns::{self, limit};
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Tx, Value};

pub use claim::{claim, forget_missing};
pub use joining::{n_to_add, to_add};
pub use kept::{KeptMember, kept_list, let_go, let_go_account};
pub use leaving::{n_to_remove, to_remove};
pub use reading::{ReadOver, Unseen, end_read, see};
pub use told::{NamedMember, has_any, has_unknown, named, standings};
pub use wanted::Wanted;

/// How a member came to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberStanding {
    /// We added them, or would have.
    Ours,
    /// Somebody else did.
    Foreign,
    /// They were ours, and somebody else took them out.
    Missing,
    /// An undo put them back: they stay until the directory has them in the group, or an admin says otherwise.
    Kept,
}

impl MemberStanding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ours, Self::Foreign, Self::Missing, Self::Kept];

    /// The name that the store uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Foreign => "foreign",
            Self::Missing => "missing",
            Self::Kept => "kept",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == name)
    }
}

/// A group of an app, as the first parameters of a statement.
fn key(app: &AppId, group: &GroupId) -> [Value; 2] {
    [app.as_str().into(), group.as_str().into()]
}

/// Each once, because an upsert may not meet a key twice.
fn once(members: &[RemoteId]) -> Vec<[Value; 1]> {
    let members: BTreeSet<&str> = members.iter().map(RemoteId::as_str).collect();
    members.into_iter().map(|member| [member.into()]).collect()
}

const SET: &str = "\
-- store::group::member::set
INSERT INTO group_member (app, group_id, member_id, standing, mark)
SELECT $1, $2, value ->> 0, $3, 0 FROM json_rows($4) WHERE true
ON CONFLICT (app, group_id, member_id) DO UPDATE SET standing = excluded.standing";

/// Says how these are members of a group, whether or not they were, or says [`StoreError::Fenced`].
pub async fn set(
    tx: &mut Tx,
    lease: &Lease,
    group: &GroupId,
    members: &[RemoteId],
    standing: MemberStanding,
) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let [app, group] = key(&lease.app, group);
    tx.execute_rows(SET, &[app, group, standing.as_str().into()], once(members)).await.map(drop)
}

const REMOVE: &str = "\
-- store::group::member::remove
DELETE FROM group_member
WHERE app = $1 AND group_id = $2 AND member_id IN (SELECT value ->> 0 FROM json_rows($3))";

/// Says that these are no members of a group, or says [`StoreError::Fenced`].
pub async fn remove(
    tx: &mut Tx,
    lease: &Lease,
    group: &GroupId,
    members: &[RemoteId],
) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    for members in members.chunks(ROWS_PER_STATEMENT) {
        let [app, group] = key(&lease.app, group);
        tx.execute(REMOVE, &[app, group, columns::remote_ids(members)]).await?;
    }
    Ok(())
}

const OTHERS: &str = "\
-- store::group::member::others
SELECT member_id, standing FROM group_member
WHERE app = $1 AND group_id = $2 AND standing IN ('foreign', 'kept') ORDER BY member_id LIMIT $3";

/// The members of a group whom Usher did not add of its own accord: foreign ones, and those whom an undo put back.
pub async fn others(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    at_most: usize,
) -> Result<BTreeMap<RemoteId, MemberStanding>, StoreError> {
    let [app, group] = key(app, group);
    let columns = [Column::Text("member_id"), Column::Text("standing")];
    let rows = tx.page(OTHERS, &columns, &[app, group, limit(at_most)]).await?;
    rows.iter().map(|row| Ok((RemoteId::new(row.text("member_id")?), standing(row)?))).collect()
}

const CLEAR: &str = "\
-- store::group::member::clear
DELETE FROM group_member WHERE app = $1 AND group_id = $2";

/// Says that a group is gone, and everybody's membership with it, or says [`StoreError::Fenced`].
pub async fn clear(tx: &mut Tx, lease: &Lease, group: &GroupId) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute(CLEAR, &key(&lease.app, group)).await.map(drop)
}

const COUNT: &str = "\
-- store::group::member::count
SELECT COUNT(*) AS n FROM group_member WHERE app = $1 AND group_id = $2 AND standing <> 'missing'";

/// How many are in a group, ours and others'.
pub async fn count(tx: &mut Tx, app: &AppId, group: &GroupId) -> Result<u64, StoreError> {
    tx.row(COUNT, &key(app, group)).await?.count("n")
}

const COUNT_ALL: &str = "\
-- store::group::member::count_all
SELECT COUNT(*) AS n FROM group_member WHERE app = $1 AND standing <> 'missing'";

/// How many memberships all groups of an app have. That reads each of them.
pub async fn count_all(tx: &mut Tx, app: &AppId) -> Result<u64, StoreError> {
    tx.row(COUNT_ALL, &[app.as_str().into()]).await?.count("n")
}

const LIST: &str = "\
-- store::group::member::list
SELECT member_id, standing FROM group_member
WHERE app = $1 AND group_id = $2 AND member_id > $3 ORDER BY member_id LIMIT $4";

/// One page, in the order of their ids, of everybody on record of a group.
pub async fn list(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    after: Option<&RemoteId>,
    at_most: usize,
) -> Result<Vec<(RemoteId, MemberStanding)>, StoreError> {
    let [app, group] = key(app, group);
    let values = [app, group, after.map_or("", RemoteId::as_str).into(), limit(at_most)];
    let rows = tx.page(LIST, &[Column::Text("member_id"), Column::Text("standing")], &values).await?;
    rows.iter().map(|row| Ok((RemoteId::new(row.text("member_id")?), standing(row)?))).collect()
}

fn standing(row: &Row) -> Result<MemberStanding, StoreError> {
    row.named("standing", MemberStanding::from_name)
}

const STANDINGS_OF: &str = "\
-- store::group::member::standings_of
SELECT member_id, standing FROM group_member
WHERE app = $1 AND group_id = $2 AND standing <> 'missing' AND member_id IN (SELECT value ->> 0 FROM json_rows($3))";

/// How these are members of a group; whoever is none is left out.
pub async fn standings_of(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    members: &[RemoteId],
) -> Result<BTreeMap<RemoteId, MemberStanding>, StoreError> {
    let mut found = BTreeMap::new();
    for members in members.chunks(ROWS_PER_STATEMENT) {
        let [app, group] = key(app, group);
        let values = [app, group, columns::remote_ids(members)];
        let columns = [Column::Text("member_id"), Column::Text("standing")];
        for row in &tx.page(STANDINGS_OF, &columns, &values).await? {
            found.insert(RemoteId::new(row.text("member_id")?), standing(row)?);
        }
    }
    Ok(found)
}

const FORGET_WITHOUT_ACCOUNT: &str = "\
-- store::group::member::forget_without_account
DELETE FROM group_member
WHERE app = $1 AND standing <> 'foreign' AND NOT EXISTS (
    SELECT 1 FROM account
    WHERE account.app = $1 AND account.remote_id = group_member.member_id
      AND account.state IN ('active', 'suspended'))
  AND (standing <> 'kept' OR EXISTS (
    SELECT 1 FROM account WHERE account.app = $1 AND account.remote_id = group_member.member_id))";

/// Forgets the members, ours and missing ones, whose account is not on record any more, or says [`StoreError::Fenced`].
/// Returns how many memberships those were: what is gone at the app is in no group. Whom an undo put back may have been
/// nobody's on our record all along, and stays; the next read of the group forgets them if they are gone.
pub async fn forget_without_account(tx: &mut Tx, lease: &Lease) -> Result<u64, StoreError> {
    fence(tx, lease).await?;
    tx.execute(FORGET_WITHOUT_ACCOUNT, &[lease.app.as_str().into()]).await
}

// Here and where members are matched with accounts, the state is said by what it is not: asked for those that are on or
// off, both databases may read all accounts of the app in that state.
const ACCOUNTS: &str = "\
-- store::group::member::accounts
SELECT user_id, remote_id FROM account
WHERE app = $1 AND user_id IN (SELECT value ->> 0 FROM json_rows($2)) AND state NOT IN ('none', 'gone')";

/// The app's ids of these people's accounts, on or off; whoever has none is left out.
pub async fn accounts(
    tx: &mut Tx,
    app: &AppId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, RemoteId>, StoreError> {
    let mut found = BTreeMap::new();
    for users in users.chunks(ROWS_PER_STATEMENT) {
        let values = [app.as_str().into(), columns::users(users)];
        let columns = [Column::Text("user_id"), Column::Text("remote_id")];
        for row in &tx.page(ACCOUNTS, &columns, &values).await? {
            found.insert(UserId::new(row.text("user_id")?), RemoteId::new(row.text("remote_id")?));
        }
    }
    Ok(found)
}

/// A group that somebody is in: which, its address as last known, and how.
pub type GroupOfMember = (GroupId, Option<Email>, MemberStanding);

const GROUPS_OF: &str = "\
-- store::group::member::groups_of
SELECT member.group_id AS group_id, record.email AS email, member.standing AS standing
FROM group_member AS member
LEFT JOIN group_account AS record ON record.app = $1 AND record.group_id = member.group_id
WHERE member.app = $1 AND member.member_id = $2 ORDER BY member.group_id";

const GROUPS_OF_COLUMNS: &[Column] =
    &[Column::Text("group_id"), Column::Text("email"), Column::Text("standing")];

/// The groups that one account is in at an app, or was before somebody else took it out, in id order.
pub async fn groups_of(
    tx: &mut Tx,
    app: &AppId,
    member: &RemoteId,
) -> Result<Vec<GroupOfMember>, StoreError> {
    let values = [app.as_str().into(), member.as_str().into()];
    let rows = tx.page(GROUPS_OF, GROUPS_OF_COLUMNS, &values).await?;
    rows.iter()
        .map(|row| Ok((GroupId::new(row.text("group_id")?), row.opt_email("email")?, standing(row)?)))
        .collect()
}

#[cfg(test)]
mod tests;

//! Members of groups one by one: what Google's API lists, and what an edit of it changes.
//!
//! Users and groups are members by their ids. Somebody from elsewhere is one by their address, and everyone in the
//! organisation by the word `customer`.

use usher_model::directory::UserState;
use usher_model::id::{DirectoryId, GroupId};

use super::person::to_state;
use super::stage::MemberKind;
use crate::columns::limit;
use crate::sql::{Column, Row};
use crate::{StoreError, Tx};

/// What is kept of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    pub key: String,
    pub kind: MemberKind,
    /// OWNER, MANAGER or MEMBER.
    pub role: String,
    /// How mail is delivered: `ALL_MAIL` where nobody said anything else.
    pub delivery: String,
}

/// A member, and how the directory knows whoever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMember {
    pub member: MemberRecord,
    /// The address that a user or a group has now.
    pub email: Option<String>,
    /// How it stands with a user.
    pub state: Option<UserState>,
}

/// By what members are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBy {
    /// Users and groups.
    Id,
    /// Somebody from elsewhere, and everyone.
    Word,
}

macro_rules! members_where {
    ($name:literal, $condition:literal) => {
        concat!(
            "-- store::directory::",
            $name,
            "
SELECT m.member_key AS member_key, m.member_kind AS member_kind, m.role AS role, m.delivery AS delivery,
       COALESCE(p.primary_email, g.email) AS email, p.state AS state, p.state_since AS state_since
FROM membership AS m
LEFT JOIN person AS p ON m.member_kind = 'user' AND p.directory = m.directory AND p.id = m.member_key
LEFT JOIN directory_group AS g ON m.member_kind = 'group' AND g.directory = m.directory AND g.id = m.member_key
WHERE m.directory = $1 AND m.group_id = $2 AND ",
            $condition
        )
    };
}

const BY_ID: &str = members_where!(
    "members_by_id",
    "m.member_kind IN ('user', 'group') AND m.member_key > $3 ORDER BY m.member_key LIMIT $4"
);

const BY_WORD: &str = members_where!(
    "members_by_word",
    "m.member_kind IN ('external', 'customer') AND m.member_key > $3 ORDER BY m.member_key LIMIT $4"
);

const MEMBER: &str = members_where!("member", "m.member_key = $3");

const COUNT: &str = "\
-- store::directory::count_members
SELECT COUNT(*) AS n FROM membership WHERE directory = $1 AND group_id = $2";

const GROUPS_OF: &str = "\
-- store::directory::groups_of_member
SELECT group_id FROM membership WHERE directory = $1 AND member_key = $2 ORDER BY group_id";

const EXTERNAL: &str = "\
-- store::directory::external_members
SELECT DISTINCT member_key FROM membership
WHERE directory = $1 AND member_kind = 'external' AND member_key > $2 ORDER BY member_key LIMIT $3";

const RECORD: &str = "\
-- store::directory::record_member
INSERT INTO membership (directory, group_id, member_key, member_kind, role, delivery)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (directory, group_id, member_key) DO UPDATE SET
    member_kind = excluded.member_kind, role = excluded.role, delivery = excluded.delivery";

/// One page of a group's direct members, in the order of what they are kept by: those after `after`.
pub async fn members(
    tx: &mut Tx,
    directory: &DirectoryId,
    group: &GroupId,
    kept_by: KeptBy,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<KnownMember>, StoreError> {
    let sql = match kept_by {
        KeptBy::Id => BY_ID,
        KeptBy::Word => BY_WORD,
    };
    let after = after.unwrap_or_default();
    let values = [directory.as_str().into(), group.as_str().into(), after.into(), limit(most)];
    tx.page(sql, COLUMNS, &values).await?.iter().map(known).collect()
}

/// A direct member of a group, by what they are kept by.
pub async fn member(
    tx: &mut Tx,
    directory: &DirectoryId,
    group: &GroupId,
    key: &str,
) -> Result<Option<KnownMember>, StoreError> {
    let values = [directory.as_str().into(), group.as_str().into(), key.into()];
    tx.opt_row(MEMBER, &values).await?.as_ref().map(known).transpose()
}

/// How many direct members a group has, of any kind.
pub async fn count_members(tx: &mut Tx, directory: &DirectoryId, group: &GroupId) -> Result<u64, StoreError> {
    tx.row(COUNT, &[directory.as_str().into(), group.as_str().into()]).await?.count("n")
}

/// The groups that somebody is a direct member of, by what they are kept by.
pub async fn groups_of_member(
    tx: &mut Tx,
    directory: &DirectoryId,
    key: &str,
) -> Result<Vec<GroupId>, StoreError> {
    let values = [directory.as_str().into(), key.into()];
    let rows = tx.page(GROUPS_OF, &[Column::Text("group_id")], &values).await?;
    rows.iter().map(|row| Ok(GroupId::new(row.text("group_id")?))).collect()
}

/// One page of the addresses of members from elsewhere, each once, whatever groups they are in.
pub async fn external_members(
    tx: &mut Tx,
    directory: &DirectoryId,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<String>, StoreError> {
    let values = [directory.as_str().into(), after.unwrap_or_default().into(), limit(most)];
    let rows = tx.page(EXTERNAL, &[Column::Text("member_key")], &values).await?;
    rows.iter().map(|row| Ok(row.text("member_key")?.to_owned())).collect()
}

/// Makes somebody a member of a group, or another kind of member than before. Whether they may be is the caller's to ask.
pub async fn record_member(
    tx: &mut Tx,
    directory: &DirectoryId,
    group: &GroupId,
    member: &MemberRecord,
) -> Result<(), StoreError> {
    let values = [
        directory.as_str().into(),
        group.as_str().into(),
        member.key.as_str().into(),
        member.kind.as_str().into(),
        member.role.as_str().into(),
        member.delivery.as_str().into(),
    ];
    tx.execute_one(RECORD, &values).await
}

const COLUMNS: &[Column] = &[
    Column::Text("member_key"),
    Column::Text("member_kind"),
    Column::Text("role"),
    Column::Text("delivery"),
    Column::Text("email"),
    Column::Text("state"),
    Column::Int("state_since"),
];

fn known(row: &Row) -> Result<KnownMember, StoreError> {
    let member = MemberRecord {
        key: row.text("member_key")?.to_owned(),
        kind: row.named("member_kind", MemberKind::named)?,
        role: row.text("role")?.to_owned(),
        delivery: row.text("delivery")?.to_owned(),
    };
    let since = row.opt_instant("state_since")?;
    let is_user = row.opt_text("state")?.is_some();
    let state = is_user.then(|| row.parsed("state", |state| to_state(state, since))).transpose()?;
    Ok(KnownMember { member, email: row.opt_text("email")?.map(str::to_owned), state })
}

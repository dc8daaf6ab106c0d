//! Who is in which group, as Google lists it: by id, and not to be believed where somebody is missing.
//!
//! Whoever is listed is a member at once. Whoever is missing stays one, and is known to be missing, until a whole listing
//! a while later leaves them out too, or somebody says that they left (reference, google.md §1.14).

use std::time::Duration;

use usher_model::id::{DirectoryId, GroupId};
use usher_model::time::Timestamp;

use super::MemberCounts;
use crate::columns::{self, instant};
use crate::sql::{Column, Value};
use crate::{StoreError, Tx};

/// A member as Google lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterMember {
    /// A user's or group's id; the address of somebody external; `customer` for everyone.
    pub key: String,
    pub kind: MemberKind,
    pub role: String,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    User,
    Group,
    External,
    Customer,
}

impl MemberKind {
    pub(in crate::directory) fn named(name: &str) -> Option<Self> {
        [Self::User, Self::Group, Self::External, Self::Customer]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }

    pub(in crate::directory) fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::External => "external",
            Self::Customer => "customer",
        }
    }
}

/// A member who was missing when their group was listed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub group: GroupId,
    pub member: String,
}

/// How long lists have to leave a member, or a group, out until it is gone: two lists within one bad moment are one.
pub const GONE_AFTER: Duration = Duration::from_mins(10);

const STAGE: &str = "\
-- store::directory::stage::roster
INSERT INTO import_member (directory, seq, group_email, is_customer, role, group_id, member_key, member_kind)
SELECT $1, CAST(value ->> 0 AS BIGINT), '', 0, value ->> 1, $3, value ->> 2, value ->> 3 FROM json_rows($2)";

const ONCE: &str = "\
-- store::directory::stage::roster_once
DELETE FROM import_member WHERE directory = $1 AND 0 < (
    SELECT COUNT(*) FROM import_member AS later
    WHERE later.directory = $1 AND later.group_id = import_member.group_id
      AND later.member_key = import_member.member_key AND later.seq > import_member.seq)";

const LEAVE_OUT: &str = "\
-- store::directory::stage::roster_deleted
DELETE FROM import_member WHERE directory = $1 AND member_kind = 'user' AND 0 < (
    SELECT COUNT(*) FROM person AS p WHERE p.directory = $1 AND p.id = import_member.member_key AND p.state = 'deleted')";

const COUNTS: &str = "\
-- store::directory::stage::roster_count
SELECT COUNT(*) AS listed, COUNT(m.member_key) AS known
FROM import_member AS i LEFT JOIN membership AS m
  ON m.directory = $1 AND m.group_id = i.group_id AND m.member_key = i.member_key
WHERE i.directory = $1";

const RECORD: &str = "\
-- store::directory::stage::roster_record
INSERT INTO membership (directory, group_id, member_key, member_kind, role, missing_since)
SELECT directory, group_id, member_key, member_kind, role, CAST(NULL AS BIGINT) FROM import_member WHERE directory = $1
ON CONFLICT (directory, group_id, member_key) DO UPDATE SET
    member_kind = excluded.member_kind, role = excluded.role, missing_since = NULL
WHERE membership.role <> excluded.role OR membership.member_kind <> excluded.member_kind
   OR membership.missing_since IS NOT NULL";

const GONE: &str = "\
-- store::directory::stage::roster_gone
DELETE FROM membership
WHERE directory = $1 AND missing_since <= $2
  AND group_id IN (SELECT key FROM import_mention WHERE directory = $1 AND kind = 'members')
  AND 0 = (
    SELECT COUNT(*) FROM import_member AS i
    WHERE i.directory = $1 AND i.group_id = membership.group_id AND i.member_key = membership.member_key)";

const MISS: &str = "\
-- store::directory::stage::roster_miss
UPDATE membership SET missing_since = $2
WHERE directory = $1 AND missing_since IS NULL
  AND group_id IN (SELECT key FROM import_mention WHERE directory = $1 AND kind IN ('members', 'some_members'))
  AND 0 = (
    SELECT COUNT(*) FROM import_member AS i
    WHERE i.directory = $1 AND i.group_id = membership.group_id AND i.member_key = membership.member_key)";

const MISSING: &str = "\
-- store::directory::stage::roster_missing
SELECT group_id, member_key FROM membership
WHERE directory = $1 AND missing_since IS NOT NULL AND member_kind IN ('user', 'group')
ORDER BY missing_since DESC, group_id, member_key LIMIT $2";

const DROP: &str = "\
-- store::directory::stage::drop_membership
DELETE FROM membership WHERE directory = $1 AND group_id = $2 AND member_key = $3";

const FOUND: &str = "\
-- store::directory::stage::find_membership
UPDATE membership SET missing_since = NULL
WHERE directory = $1 AND group_id = $2 AND member_key = $3 AND 0 = (
    SELECT COUNT(*) FROM membership AS nested
    WHERE nested.directory = $1 AND nested.group_id = $2 AND nested.member_kind IN ('group', 'customer')
      AND nested.member_key <> $3)";

const FIND_GROUPS: &str = "\
-- store::directory::stage::find_groups
UPDATE directory_group SET missing_since = NULL
WHERE directory = $1 AND missing_since IS NOT NULL AND 0 < (
    SELECT COUNT(*) FROM import_mention AS m
    WHERE m.directory = $1 AND m.kind = 'group' AND m.key = directory_group.id)";

const GONE_GROUPS: &str = "\
-- store::directory::stage::gone_groups
SELECT id FROM directory_group WHERE directory = $1 AND missing_since <= $2 ORDER BY id LIMIT $3";

const MISS_GROUPS: &str = "\
-- store::directory::stage::miss_groups
UPDATE directory_group SET missing_since = $2
WHERE directory = $1 AND missing_since IS NULL AND 0 = (
    SELECT COUNT(*) FROM import_mention AS m
    WHERE m.directory = $1 AND m.kind = 'group' AND m.key = directory_group.id)";

/// Remembers members of a group. `first_seq` is how many were staged before. Whether the list is a whole one is for
/// [`super::mention`] to say, with the group's id: whoever is not in a list is missing, and only whole ones count up to
/// their being gone.
pub async fn stage_roster(
    tx: &mut Tx,
    directory: &DirectoryId,
    first_seq: i64,
    group: &GroupId,
    members: &[RosterMember],
) -> Result<(), StoreError> {
    for (members, at) in members.chunks(crate::sql::ROWS_PER_STATEMENT).zip(0_i64..) {
        let chunk = i64::try_from(crate::sql::ROWS_PER_STATEMENT).unwrap_or(i64::MAX);
        let rows =
            Value::rows(members.iter().zip(first_seq + at * chunk..).map(|(member, seq)| -> [Value; 4] {
                [
                    seq.into(),
                    member.role.as_str().into(),
                    member.key.as_str().into(),
                    member.kind.as_str().into(),
                ]
            }));
        tx.execute(STAGE, &[directory.as_str().into(), rows, group.as_str().into()]).await?;
    }
    Ok(())
}

/// Makes whoever is staged a member. With `now`, whoever is not in a list is missing from now on, and whoever has been
/// for [`GONE_AFTER`] and is not in a whole list is a member no more.
pub async fn settle_rosters(
    tx: &mut Tx,
    directory: &DirectoryId,
    now: Option<Timestamp>,
) -> Result<MemberCounts, StoreError> {
    let values = [Value::from(directory.as_str())];
    tx.execute(ONCE, &values).await?;
    let left_out = tx.execute(LEAVE_OUT, &values).await?;
    let row = tx.row(COUNTS, &values).await?;
    let (listed, known) = (row.count("listed")?, row.count("known")?);
    let written = tx.execute(RECORD, &values).await?;
    let mut deleted = 0;
    if let Some(now) = now {
        let long_ago = instant(now.before(GONE_AFTER));
        deleted = tx.execute(GONE, &[directory.as_str().into(), long_ago]).await?;
        tx.execute(MISS, &[directory.as_str().into(), instant(now)]).await?;
    }
    let added = listed - known;
    Ok(MemberCounts { added, updated: written - added, deleted, unchanged: listed - written, left_out })
}

/// Some of the members who were missing when their group was listed last.
pub async fn missing_members(
    tx: &mut Tx,
    directory: &DirectoryId,
    limit: usize,
) -> Result<Vec<Missing>, StoreError> {
    let columns = [Column::Text("group_id"), Column::Text("member_key")];
    let rows = tx.page(MISSING, &columns, &[directory.as_str().into(), columns::limit(limit)]).await?;
    let missing = |row: &crate::sql::Row| {
        Ok(Missing { group: GroupId::new(row.text("group_id")?), member: row.text("member_key")?.to_owned() })
    };
    rows.iter().map(missing).collect()
}

/// Ends a membership, which somebody said has ended. False: there was none.
pub async fn drop_membership(
    tx: &mut Tx,
    directory: &DirectoryId,
    missing: &Missing,
) -> Result<bool, StoreError> {
    let Missing { group, member } = missing;
    let values = [directory.as_str().into(), group.as_str().into(), member.as_str().into()];
    Ok(tx.execute(DROP, &values).await? > 0)
}

/// Somebody who was missing is a member after all. Where another group is in this one, they may be one through that, and
/// then nothing is known of their own membership.
pub async fn find_membership(
    tx: &mut Tx,
    directory: &DirectoryId,
    missing: &Missing,
) -> Result<(), StoreError> {
    let Missing { group, member } = missing;
    let values = [directory.as_str().into(), group.as_str().into(), member.as_str().into()];
    tx.execute(FOUND, &values).await.map(drop)
}

/// Says which groups a whole list left out although they had been missing for [`GONE_AFTER`]: those are gone. The others
/// that it left out are missing from now on.
pub async fn miss_groups(
    tx: &mut Tx,
    directory: &DirectoryId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<GroupId>, StoreError> {
    tx.execute(FIND_GROUPS, &[directory.as_str().into()]).await?;
    let values = [directory.as_str().into(), instant(now.before(GONE_AFTER)), columns::limit(limit)];
    let rows = tx.page(GONE_GROUPS, &[Column::Text("id")], &values).await?;
    let gone = rows.iter().map(|row| Ok(GroupId::new(row.text("id")?))).collect::<Result<_, StoreError>>()?;
    tx.execute(MISS_GROUPS, &[directory.as_str().into(), instant(now)]).await?;
    Ok(gone)
}

//! Members that an import lists, until its end says who they are.

use usher_model::id::{DirectoryId, Email};

use super::super::texts;
use crate::sql::Value;
use crate::{StoreError, Tx};

/// A member as an import names them: by id, by address, or as everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedMember {
    pub group: Email,
    pub id: Option<String>,
    pub email: Option<Email>,
    /// A member of type CUSTOMER: everyone in the organisation.
    pub is_customer: bool,
    /// OWNER, MANAGER or MEMBER.
    pub role: String,
}

/// What settling the members found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettledMembers {
    Done(MemberCounts),
    /// Members were listed for a group that is not there.
    NoSuchGroup {
        group: Email,
    },
    /// A member that is neither a user, nor a group, nor of a foreign domain. `member` is their address, else their id.
    NoSuchMember {
        group: Email,
        member: String,
    },
}

/// What became of the memberships of the groups that were listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberCounts {
    pub added: u64,
    pub updated: u64,
    pub deleted: u64,
    pub unchanged: u64,
    /// Listed members who are deleted: they are in no group.
    pub left_out: u64,
}

const STAGE: &str = "\
-- store::directory::stage::members
INSERT INTO import_member (directory, seq, group_email, id, email, email_domain, is_customer, role)
SELECT $1, CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2, value ->> 3, value ->> 4,
       CAST(value ->> 5 AS BIGINT), value ->> 6
FROM json_rows($2)";

// Counts where `EXISTS` would do: see the note in the module above.

const NO_SUCH_GROUP: &str = "\
-- store::directory::stage::members_without_group
SELECT key FROM import_mention AS m WHERE directory = $1 AND kind = 'members' AND NOT EXISTS (
    SELECT 1 FROM address AS a WHERE a.directory = $1 AND a.address = m.key AND a.owner_kind = 'group')
ORDER BY key LIMIT 1";

/// In this order: an id counts before an address, and whoever is known before whoever is foreign.
const RESOLVE: [&str; 5] = [
    "-- store::directory::stage::members_group
UPDATE import_member SET group_id = a.owner_id FROM address AS a
WHERE import_member.directory = $1 AND a.directory = $1 AND a.address = import_member.group_email
  AND a.owner_kind = 'group'",
    "-- store::directory::stage::members_everyone
UPDATE import_member SET member_key = 'customer', member_kind = 'customer'
WHERE directory = $1 AND is_customer = 1",
    "-- store::directory::stage::members_user
UPDATE import_member SET member_key = p.id, member_kind = 'user' FROM person AS p
WHERE import_member.directory = $1 AND member_key IS NULL AND p.directory = $1 AND p.id = import_member.id
  AND p.state <> 'deleted'",
    "-- store::directory::stage::members_nested
UPDATE import_member SET member_key = g.id, member_kind = 'group' FROM directory_group AS g
WHERE import_member.directory = $1 AND member_key IS NULL AND g.directory = $1 AND g.id = import_member.id",
    "-- store::directory::stage::members_address
UPDATE import_member SET member_key = a.owner_id, member_kind = a.owner_kind FROM address AS a
WHERE import_member.directory = $1 AND member_key IS NULL AND a.directory = $1
  AND a.address = import_member.email",
];

// A range of one address: SQLite, which has no statistics, takes an equality for no better than reading everybody.
const LEAVE_OUT: &str = "\
-- store::directory::stage::members_deleted
DELETE FROM import_member WHERE directory = $1 AND member_key IS NULL AND (
    EXISTS (SELECT 1 FROM person AS p WHERE p.directory = $1 AND p.id = import_member.id AND p.state = 'deleted')
    OR EXISTS (SELECT 1 FROM person AS p WHERE p.directory = $1 AND p.state = 'deleted'
               AND p.primary_email >= import_member.email AND p.primary_email <= import_member.email))";

const EXTERNAL: &str = "\
-- store::directory::stage::members_external
UPDATE import_member SET member_key = email, member_kind = 'external'
WHERE directory = $1 AND member_key IS NULL AND email IS NOT NULL
  AND email_domain NOT IN (SELECT value ->> 0 FROM json_rows($2))";

const NO_SUCH_MEMBER: &str = "\
-- store::directory::stage::members_unknown
SELECT group_email, COALESCE(email, id) AS member FROM import_member
WHERE directory = $1 AND member_key IS NULL ORDER BY seq LIMIT 1";

const ONCE: &str = "\
-- store::directory::stage::members_once
DELETE FROM import_member WHERE directory = $1 AND 0 < (
    SELECT COUNT(*) FROM import_member AS later
    WHERE later.directory = $1 AND later.group_id = import_member.group_id
      AND later.member_key = import_member.member_key AND later.seq > import_member.seq)";

const DROP: &str = "\
-- store::directory::stage::members_drop
DELETE FROM membership
WHERE directory = $1
  AND (CAST($2 AS BIGINT) = 1 OR group_id IN (
    SELECT a.owner_id FROM import_mention AS m JOIN address AS a ON a.directory = $1 AND a.address = m.key
    WHERE m.directory = $1 AND m.kind = 'members'))
  AND 0 = (
    SELECT COUNT(*) FROM import_member AS i
    WHERE i.directory = $1 AND i.group_id = membership.group_id AND i.member_key = membership.member_key)";

const COUNTS: &str = "\
-- store::directory::stage::members_count
SELECT COUNT(*) AS listed, COUNT(m.member_key) AS known
FROM import_member AS i LEFT JOIN membership AS m
  ON m.directory = $1 AND m.group_id = i.group_id AND m.member_key = i.member_key
WHERE i.directory = $1";

const RECORD: &str = "\
-- store::directory::stage::members_record
INSERT INTO membership (directory, group_id, member_key, member_kind, role)
SELECT directory, group_id, member_key, member_kind, role FROM import_member WHERE directory = $1
ON CONFLICT (directory, group_id, member_key) DO UPDATE SET
    member_kind = excluded.member_kind, role = excluded.role
WHERE membership.role <> excluded.role OR membership.member_kind <> excluded.member_kind";

/// Remembers members. `first_seq` is how many the import has staged before. That their groups were listed is for
/// [`super::mention`] to remember, because a list may be empty.
pub async fn stage_members(
    tx: &mut Tx,
    directory: &DirectoryId,
    first_seq: i64,
    members: &[StagedMember],
) -> Result<(), StoreError> {
    let rows = members.iter().zip(first_seq..).map(|(member, seq)| -> [Value; 7] {
        [
            seq.into(),
            member.group.as_str().into(),
            member.id.as_deref().into(),
            member.email.as_ref().map(Email::as_str).into(),
            member.email.as_ref().map(Email::domain).into(),
            member.is_customer.into(),
            member.role.as_str().into(),
        ]
    });
    tx.execute_rows(STAGE, &[directory.as_str().into()], rows.collect()).await.map(drop)
}

/// Finds out who the staged members are, and makes them the members of the groups that were listed; with `replace`, of
/// all groups, so that a group that was not listed is empty. Addresses must have been settled.
///
/// `our_domains`: an address in one of them belongs to somebody in the directory, or to nobody.
pub async fn settle_members<'a>(
    tx: &mut Tx,
    directory: &DirectoryId,
    our_domains: impl IntoIterator<Item = &'a str>,
    replace: bool,
) -> Result<SettledMembers, StoreError> {
    let values = [Value::from(directory.as_str())];
    if let Some(row) = tx.opt_row(NO_SUCH_GROUP, &values).await? {
        return Ok(SettledMembers::NoSuchGroup { group: row.email("key")? });
    }
    for sql in RESOLVE {
        tx.execute(sql, &values).await?;
    }
    let left_out = tx.execute(LEAVE_OUT, &values).await?;
    let domains = texts(our_domains).into_iter().next().unwrap_or_else(|| Value::from("[]"));
    tx.execute(EXTERNAL, &[directory.as_str().into(), domains]).await?;
    if let Some(row) = tx.opt_row(NO_SUCH_MEMBER, &values).await? {
        let group = row.email("group_email")?;
        return Ok(SettledMembers::NoSuchMember { group, member: row.text("member")?.to_owned() });
    }
    tx.execute(ONCE, &values).await?;
    let deleted = tx.execute(DROP, &[directory.as_str().into(), replace.into()]).await?;
    let row = tx.row(COUNTS, &values).await?;
    let (listed, known) = (row.count("listed")?, row.count("known")?);
    let written = tx.execute(RECORD, &values).await?;
    let added = listed - known;
    Ok(SettledMembers::Done(MemberCounts {
        added,
        updated: written - added,
        deleted,
        unchanged: listed - written,
        left_out,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::explain;

    #[tokio::test]
    async fn members_who_are_deleted_are_found_without_reading_everybody_for_each() {
        let steps = explain(LEAVE_OUT, None).await;
        let of_people: Vec<_> = steps.lines().filter(|step| step.contains(" p ")).collect();
        assert!(of_people.len() == 2 && of_people.iter().all(|step| step.contains(" AND ")), "{steps}");
    }
}

//! Groups, who is in them, and how they hang together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use usher_model::directory::Group;
use usher_model::id::{DirectoryId, Email, GroupId, UserId};
use usher_model::scope::GroupGraph;
use usher_model::time::Timestamp;

use super::owner::{Owner, owners};
use super::{listed, texts};
use crate::columns::{instant, json, limit};
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Value};
use crate::{StoreError, Tx};

/// Everything a directory says of a group, but for who is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRecord {
    pub group: Group,
    /// The Directory API's group resource.
    pub resource: Map<String, Json>,
}

const DIRECT_GROUPS: &str = "\
-- store::directory::direct_groups
SELECT member_key, group_id FROM membership
WHERE directory = $1 AND member_kind = 'user' AND member_key <= $2 AND (member_key, group_id) > ($3, $4)
ORDER BY member_key, group_id LIMIT $5";

const DIRECT_GROUPS_OF: &str = "\
-- store::directory::direct_groups_of
SELECT member_key, group_id FROM membership
WHERE directory = $1 AND member_kind = 'user' AND member_key IN (SELECT value ->> 0 FROM json_rows($2))
  AND (member_key, group_id) > ($3, $4)
ORDER BY member_key, group_id LIMIT $5";

const NESTED: &str = "\
-- store::directory::group_graph
SELECT group_id, member_key, member_kind FROM membership
WHERE directory = $1 AND member_kind IN ('group', 'customer') AND (group_id, member_key) > ($2, $3)
ORDER BY group_id, member_key LIMIT $4";

const MEMBERS_BELOW: &str = "\
-- store::directory::members_below
SELECT COUNT(CASE WHEN member_kind = 'user' THEN 1 END) AS users,
       COUNT(CASE WHEN member_kind = 'customer' THEN 1 END) AS everyone
FROM membership WHERE directory = $1 AND group_id IN (SELECT value ->> 0 FROM json_rows($2))";

const GROUPS: &str = "\
-- store::directory::groups
SELECT id, email, name, resource FROM directory_group
WHERE directory = $1 AND id IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY id";

const RECORD: &str = "\
-- store::directory::record_groups
INSERT INTO directory_group (directory, id, email, name, resource)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_rows($2) WHERE true
ON CONFLICT (directory, id) DO UPDATE SET
    email = excluded.email, name = excluded.name, resource = excluded.resource";

const REMOVE: &str = "\
-- store::directory::remove_groups
DELETE FROM directory_group WHERE directory = $1 AND id IN (SELECT value ->> 0 FROM json_rows($2))";

const EMPTY: &str = "\
-- store::directory::remove_groups_members
DELETE FROM membership WHERE directory = $1 AND group_id IN (SELECT value ->> 0 FROM json_rows($2))";

const LEAVE: &str = "\
-- store::directory::remove_groups_from_groups
DELETE FROM membership
WHERE directory = $1 AND member_kind = 'group' AND member_key IN (SELECT value ->> 0 FROM json_rows($2))";

const MEMBERS_LISTED: &str = "\
-- store::directory::set_members_listed
UPDATE directory_group SET members_listed_at = $3
WHERE directory = $1 AND id IN (SELECT value ->> 0 FROM json_rows($2))";

const KEEP_MEMBERS_LISTED: &str = "\
-- store::directory::keep_members_listed
UPDATE directory_group SET members_listed_at = $3
WHERE directory = $1 AND members_listed_at IS NOT NULL AND id IN (SELECT value ->> 0 FROM json_rows($2))";

const FORGET_MEMBERS_LISTED: &str = "\
-- store::directory::forget_members_listed
UPDATE directory_group SET members_listed_at = NULL
WHERE directory = $1 AND members_listed_at < $2 AND missing_since IS NULL";

const NEVER_LISTED: &str = "\
-- store::directory::never_listed
SELECT id, email, name, resource FROM directory_group
WHERE directory = $1 AND members_listed_at IS NULL AND id IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY id";

/// The groups that people are members of themselves, for everyone from `first` to `last`, both included.
///
/// Who is in no group is left out.
pub async fn direct_groups(
    tx: &mut Tx,
    directory: &DirectoryId,
    first: &UserId,
    last: &UserId,
) -> Result<BTreeMap<UserId, BTreeSet<GroupId>>, StoreError> {
    let mut found = BTreeMap::new();
    // No group has an empty id, so this starts before the first group of the first person.
    let after = (first.as_str().to_owned(), String::new());
    read_direct(tx, DIRECT_GROUPS, directory, last.as_str().into(), after, &mut found).await?;
    Ok(found)
}

/// The groups that these people are members of themselves. Who is in no group is left out.
pub async fn direct_groups_of(
    tx: &mut Tx,
    directory: &DirectoryId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, BTreeSet<GroupId>>, StoreError> {
    let mut found = BTreeMap::new();
    let ids: BTreeSet<&str> = users.iter().map(UserId::as_str).collect();
    for ids in texts(ids) {
        read_direct(tx, DIRECT_GROUPS_OF, directory, ids, (String::new(), String::new()), &mut found).await?;
    }
    Ok(found)
}

async fn read_direct(
    tx: &mut Tx,
    sql: &'static str,
    directory: &DirectoryId,
    which: Value,
    mut after: (String, String),
    found: &mut BTreeMap<UserId, BTreeSet<GroupId>>,
) -> Result<(), StoreError> {
    loop {
        let (user, group) = (after.0.as_str(), after.1.as_str());
        let values =
            [directory.as_str().into(), which.clone(), user.into(), group.into(), limit(ROWS_PER_STATEMENT)];
        let page = tx.page(sql, &[Column::Text("member_key"), Column::Text("group_id")], &values).await?;
        for row in &page {
            let groups: &mut BTreeSet<GroupId> =
                found.entry(UserId::new(row.text("member_key")?)).or_default();
            groups.insert(GroupId::new(row.text("group_id")?));
        }
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.text("member_key")?.to_owned(), last.text("group_id")?.to_owned());
    }
}

/// Which group is a member of which, and which groups everyone is in.
pub async fn group_graph(tx: &mut Tx, directory: &DirectoryId) -> Result<GroupGraph, StoreError> {
    let mut graph = GroupGraph::default();
    let mut after = (String::new(), String::new());
    loop {
        let (group, member) = (after.0.as_str(), after.1.as_str());
        let values = [directory.as_str().into(), group.into(), member.into(), limit(ROWS_PER_STATEMENT)];
        let columns = [Column::Text("group_id"), Column::Text("member_key"), Column::Text("member_kind")];
        let page = tx.page(NESTED, &columns, &values).await?;
        for row in &page {
            let group = GroupId::new(row.text("group_id")?);
            match row.text("member_kind")? {
                "customer" => {
                    graph.everyone.insert(group);
                }
                _ => graph.add(group, GroupId::new(row.text("member_key")?)),
            }
        }
        let Some(last) = page.last() else { return Ok(graph) };
        after = (last.text("group_id")?.to_owned(), last.text("member_key")?.to_owned());
    }
}

/// How many memberships of people these groups have; a group that everyone is in counts as the people listed.
///
/// Nothing means that they were emptied. A person in two of them counts twice.
pub async fn members_below(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: &BTreeSet<GroupId>,
) -> Result<u64, StoreError> {
    let (mut members, mut everyone) = (0, 0);
    for ids in texts(groups.iter().map(GroupId::as_str)) {
        let row = tx.row(MEMBERS_BELOW, &[directory.as_str().into(), ids]).await?;
        members += row.count("users")?;
        everyone += row.count("everyone")?;
    }
    if everyone > 0 {
        members += everyone * listed(tx, directory).await?;
    }
    Ok(members)
}

/// The group with this address, primary or alias.
pub async fn group_by_email(
    tx: &mut Tx,
    directory: &DirectoryId,
    email: &Email,
) -> Result<Option<Group>, StoreError> {
    match owners(tx, directory, &BTreeSet::from([email.clone()])).await?.get(email) {
        Some(Owner::Group(id)) => group_by_id(tx, directory, id).await,
        Some(Owner::User(_)) | None => Ok(None),
    }
}

/// The group with this id.
pub async fn group_by_id(
    tx: &mut Tx,
    directory: &DirectoryId,
    id: &GroupId,
) -> Result<Option<Group>, StoreError> {
    let found = groups(tx, directory, &BTreeSet::from([id.clone()])).await?;
    Ok(found.into_values().next().map(|record| record.group))
}

/// Everything the directory says of these groups; those it does not have are left out.
pub async fn groups(
    tx: &mut Tx,
    directory: &DirectoryId,
    ids: &BTreeSet<GroupId>,
) -> Result<BTreeMap<GroupId, GroupRecord>, StoreError> {
    let mut found = BTreeMap::new();
    for ids in texts(ids.iter().map(GroupId::as_str)) {
        let columns =
            [Column::Text("id"), Column::Text("email"), Column::Text("name"), Column::Text("resource")];
        for row in tx.page(GROUPS, &columns, &[directory.as_str().into(), ids]).await? {
            let record = record(&row)?;
            found.insert(record.group.id.clone(), record);
        }
    }
    Ok(found)
}

pub(super) fn record(row: &Row) -> Result<GroupRecord, StoreError> {
    let group = Group {
        id: GroupId::new(row.text("id")?),
        email: row.email("email")?,
        name: row.text("name")?.to_owned(),
    };
    Ok(GroupRecord { group, resource: row.json("resource")? })
}

/// Writes groups, each once in `groups`, new or not. Their addresses are another matter: [`super::stage`].
pub async fn record_groups(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: &[GroupRecord],
) -> Result<(), StoreError> {
    for chunk in groups.chunks(ROWS_PER_STATEMENT) {
        let rows = Value::rows(chunk.iter().map(|GroupRecord { group, resource }| {
            let [id, email, name] = [group.id.as_str(), group.email.as_str(), group.name.as_str()];
            [id.into(), email.into(), name.into(), json(resource)]
        }));
        tx.execute(RECORD, &[directory.as_str().into(), rows]).await?;
    }
    Ok(())
}

/// Removes groups, who was in them, and them from where they were in. Returns how many memberships went with them.
pub async fn remove_groups(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: &[GroupId],
) -> Result<u64, StoreError> {
    let mut memberships = 0;
    for ids in texts(groups.iter().map(GroupId::as_str)) {
        let values = [directory.as_str().into(), ids];
        memberships += tx.execute(EMPTY, &values).await?;
        memberships += tx.execute(LEAVE, &values).await?;
        tx.execute(REMOVE, &values).await?;
    }
    Ok(memberships)
}

/// Remembers that these groups' members were listed. Only a mirror asks: the embedded directory knows who is in a group.
pub async fn set_members_listed(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: &[GroupId],
    at: Timestamp,
) -> Result<(), StoreError> {
    for ids in texts(groups.iter().map(GroupId::as_str)) {
        tx.execute(MEMBERS_LISTED, &[directory.as_str().into(), ids, instant(at)]).await?;
    }
    Ok(())
}

/// Goes on believing what is known of who is in these groups, although they were not listed this time.
pub async fn keep_members_listed(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: &BTreeSet<GroupId>,
    at: Timestamp,
) -> Result<(), StoreError> {
    for ids in texts(groups.iter().map(GroupId::as_str)) {
        tx.execute(KEEP_MEMBERS_LISTED, &[directory.as_str().into(), ids, instant(at)]).await?;
    }
    Ok(())
}

/// Forgets of groups that their members were listed before this instant: who is in them may be quite different by now. Of
/// a group that is missing, what was known last counts.
pub async fn forget_members_listed(
    tx: &mut Tx,
    directory: &DirectoryId,
    before: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(FORGET_MEMBERS_LISTED, &[directory.as_str().into(), instant(before)]).await.map(drop)
}

/// Those of these groups whose members were not listed: nobody knows who is in them.
pub async fn never_listed(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: &BTreeSet<GroupId>,
) -> Result<Vec<Group>, StoreError> {
    let mut found = Vec::new();
    for ids in texts(groups.iter().map(GroupId::as_str)) {
        let columns =
            [Column::Text("id"), Column::Text("email"), Column::Text("name"), Column::Text("resource")];
        for row in tx.page(NEVER_LISTED, &columns, &[directory.as_str().into(), ids]).await? {
            found.push(record(&row)?.group);
        }
    }
    Ok(found)
}

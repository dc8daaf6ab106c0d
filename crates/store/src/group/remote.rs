//! What the last listing of an app's groups showed: the groups that the directory's could be there already.
//!
//! The listing is a mirror, replaced as a whole: [`clear`], then [`insert`] page by page, then
//! [`crate::app::set_groups_listed`]. While that is not set, nobody may conclude that something is not there.
//!
//! Not here: whose a group is (`usher_model::group::adoption`).

use std::collections::BTreeMap;

use usher_model::attribute::fold::fold;
use usher_model::group::adoption::RemoteGroup;
use usher_model::id::{AppId, DirectoryId, GroupId, RemoteId};
use usher_model::time::Timestamp;

use super::holder::holder;
use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns::{self, limit};
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Tx, Value};

const CLEAR: &str = "\
-- store::group::remote::clear
DELETE FROM remote_group WHERE app = $1";

/// Forgets what was listed, or says [`StoreError::Fenced`].
pub async fn clear(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute(CLEAR, &[lease.app.as_str().into()]).await.map(drop)
}

const INSERT: &str = "\
-- store::group::remote::insert
INSERT INTO remote_group (app, remote_id, external_id, display_name, folded)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3
FROM json_rows($2) WHERE true
ON CONFLICT (app, remote_id) DO UPDATE SET
    external_id = excluded.external_id, display_name = excluded.display_name, folded = excluded.folded";

/// Adds groups to the listing, or says [`StoreError::Fenced`]. An app may show one group twice while it is being paged
/// through: what it said last stands. `holder` is not stored; who holds a group is on record.
pub async fn insert(tx: &mut Tx, lease: &Lease, groups: &[RemoteGroup]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let last: BTreeMap<&RemoteId, &RemoteGroup> =
        groups.iter().map(|group| (&group.remote_id, group)).collect();
    let rows = last.into_values().map(values).collect();
    tx.execute_rows(INSERT, &[lease.app.as_str().into()], rows).await.map(drop)
}

fn values(group: &RemoteGroup) -> [Value; 4] {
    [
        group.remote_id.as_str().into(),
        group.external_id.as_deref().into(),
        group.display_name.as_str().into(),
        fold(&group.display_name).into(),
    ]
}

// Two searches, because one with OR would read the whole listing for each group. `CROSS JOIN` keeps SQLite from doing the
// opposite: to read all that is wanted for each group of the listing.
pub(super) const MATCHING: &str = "\
-- store::group::remote::matching
SELECT found.group_id AS group_id, remote.remote_id AS remote_id, remote.external_id AS external_id,
       remote.display_name AS display_name, COALESCE(record.group_id, named.id) AS holder,
       CASE WHEN record.group_id IS NULL THEN named.email ELSE record.email END AS holder_email,
       COALESCE(record.pin, pinned.pin) AS holder_pin,
       CASE WHEN record.group_id IS NULL OR listed.id IS NOT NULL THEN 1 ELSE 0 END AS is_there
FROM (
    SELECT wanted.group_id AS group_id, remote_group.remote_id AS remote_id
    FROM (SELECT value ->> 0 AS group_id FROM json_rows($3)) AS wanted
    CROSS JOIN remote_group WHERE remote_group.app = $2 AND remote_group.external_id = wanted.group_id
    UNION
    SELECT wanted.group_id AS group_id, remote_group.remote_id AS remote_id
    FROM (SELECT value ->> 0 AS group_id, value ->> 1 AS folded FROM json_rows($3)) AS wanted
    CROSS JOIN remote_group WHERE remote_group.app = $2 AND remote_group.folded = wanted.folded
) AS found
CROSS JOIN remote_group AS remote
LEFT JOIN group_account AS record
    ON record.app = $2 AND record.remote_id = found.remote_id AND record.state <> 'gone'
LEFT JOIN directory_group AS listed ON listed.directory = $1 AND listed.id = record.group_id
LEFT JOIN directory_group AS named
    ON record.group_id IS NULL AND named.directory = $1 AND named.id = remote.external_id AND named.id <> found.group_id
LEFT JOIN group_account AS pinned ON pinned.app = $2 AND pinned.group_id = named.id
WHERE remote.app = $2 AND remote.remote_id = found.remote_id
ORDER BY found.group_id, remote.remote_id, record.group_id";

pub(super) const MATCHING_COLUMNS: &[Column] = &[
    Column::Text("group_id"),
    Column::Text("remote_id"),
    Column::Text("external_id"),
    Column::Text("display_name"),
    Column::Text("holder"),
    Column::Text("holder_email"),
    Column::Text("holder_pin"),
    Column::Int("is_there"),
];

/// The listed groups that could be these, each given with its folded name: by `externalId` equal to the group's id, or by
/// folded `displayName`. Each says who holds it: on our record, or else by its own `externalId`, if that is another group of
/// the directory. Groups for which nothing fits are left out.
pub async fn matching(
    tx: &mut Tx,
    directory: &DirectoryId,
    app: &AppId,
    wanted: &[(GroupId, String)],
    now: Timestamp,
) -> Result<BTreeMap<GroupId, Vec<RemoteGroup>>, StoreError> {
    let mut matching: BTreeMap<GroupId, Vec<RemoteGroup>> = BTreeMap::new();
    for wanted in wanted.chunks(ROWS_PER_STATEMENT) {
        let wanted =
            Value::rows(wanted.iter().map(|(group, folded)| [group.as_str().into(), folded.as_str().into()]));
        let values = [directory.as_str().into(), app.as_str().into(), wanted];
        for row in &tx.page(MATCHING, MATCHING_COLUMNS, &values).await? {
            let (group, remote) = (GroupId::new(row.text("group_id")?), remote_group(row, now)?);
            let remotes = matching.entry(group).or_default();
            // A group that two records claim is still one group.
            if remotes.last().is_none_or(|last| last.remote_id != remote.remote_id) {
                remotes.push(remote);
            }
        }
    }
    Ok(matching)
}

fn remote_group(row: &Row, now: Timestamp) -> Result<RemoteGroup, StoreError> {
    Ok(RemoteGroup {
        remote_id: RemoteId::new(row.text("remote_id")?),
        external_id: row.opt_text("external_id")?.map(str::to_owned),
        display_name: row.text("display_name")?.to_owned(),
        holder: holder(row, now)?,
    })
}

const LISTED: &str = "\
-- store::group::remote::listed
SELECT remote_id, external_id, display_name FROM remote_group
WHERE app = $1 AND remote_id IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY remote_id";

const LISTED_COLUMNS: &[Column] =
    &[Column::Text("remote_id"), Column::Text("external_id"), Column::Text("display_name")];

/// These groups as the listing showed them, without their holders; those that it did not show are left out.
pub async fn listed(
    tx: &mut Tx,
    app: &AppId,
    ids: &[RemoteId],
) -> Result<BTreeMap<RemoteId, RemoteGroup>, StoreError> {
    let mut listed = BTreeMap::new();
    for ids in ids.chunks(ROWS_PER_STATEMENT) {
        let values = [app.as_str().into(), columns::remote_ids(ids)];
        for row in &tx.page(LISTED, LISTED_COLUMNS, &values).await? {
            let remote_id = RemoteId::new(row.text("remote_id")?);
            let group = RemoteGroup {
                remote_id: remote_id.clone(),
                external_id: row.opt_text("external_id")?.map(str::to_owned),
                display_name: row.text("display_name")?.to_owned(),
                holder: None,
            };
            listed.insert(remote_id, group);
        }
    }
    Ok(listed)
}

const COUNT: &str = "\
-- store::group::remote::count
SELECT COUNT(*) AS n FROM remote_group WHERE app = $1";

/// How many groups the listing showed.
pub async fn count(tx: &mut Tx, app: &AppId) -> Result<u64, StoreError> {
    tx.row(COUNT, &[app.as_str().into()]).await?.count("n")
}

const UNHELD: &str = "\
-- store::group::remote::unheld
SELECT COUNT(*) AS n FROM remote_group AS remote
WHERE remote.app = $1 AND NOT EXISTS (
    SELECT 1 FROM group_account AS record WHERE record.app = $1 AND record.remote_id = remote.remote_id)";

const UNHELD_NAMES: &str = "\
-- store::group::remote::unheld_names
SELECT remote.display_name AS display_name FROM remote_group AS remote
WHERE remote.app = $1 AND NOT EXISTS (
    SELECT 1 FROM group_account AS record WHERE record.app = $1 AND record.remote_id = remote.remote_id)
ORDER BY remote.folded LIMIT $2";

/// How many groups of the listing are on nobody's record, and the names of the first.
pub async fn unheld(tx: &mut Tx, app: &AppId, named: usize) -> Result<(u64, Vec<String>), StoreError> {
    let n = tx.row(UNHELD, &[app.as_str().into()]).await?.count("n")?;
    let values = [app.as_str().into(), limit(named)];
    let rows = tx.page(UNHELD_NAMES, &[Column::Text("display_name")], &values).await?;
    let first =
        rows.iter().map(|row| row.text("display_name").map(str::to_owned)).collect::<Result<_, _>>()?;
    Ok((n, first))
}

//! Groups as a run meets them: what the directory says of each, joined with what is on record of it.

use usher_model::directory::Group;
use usher_model::id::{AppId, DirectoryId, GroupId};

use super::{GroupRecord, row};
use crate::StoreError;
use crate::columns::limit;
use crate::sql::{Column, Row, Tx};

/// A group that the directory has, or that is on record, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    pub id: GroupId,
    /// What the directory says of it; none: the directory does not have it.
    pub group: Option<Group>,
    /// The directory's last listing left it out.
    pub is_missing: bool,
    pub record: Option<GroupRecord>,
}

// Each list is cut before they are put together, so that a page costs a page.
pub(super) const WALK: &str = concat!(
    "-- store::group::walk\n",
    "SELECT page.id AS id, listed.email AS listed_email, listed.name AS listed_name,
       listed.missing_since AS missing_since, ",
    row::columns!(),
    "
FROM (
    SELECT id FROM (SELECT id FROM directory_group WHERE directory = $1 AND id > $3 ORDER BY id LIMIT $4) AS of_directory
    UNION
    SELECT id FROM (
        SELECT group_id AS id FROM group_account WHERE app = $2 AND group_id > $3 ORDER BY group_id LIMIT $4
    ) AS on_record
    ORDER BY 1 LIMIT $4
) AS page
LEFT JOIN directory_group AS listed ON listed.directory = $1 AND listed.id = page.id
LEFT JOIN group_account AS record ON record.app = $2 AND record.group_id = page.id
ORDER BY page.id"
);

/// The columns of `row::columns!`, after the directory's.
pub(super) fn walk_columns() -> Vec<Column> {
    let of_directory = [
        Column::Text("id"),
        Column::Text("listed_email"),
        Column::Text("listed_name"),
        Column::Int("missing_since"),
    ];
    of_directory.iter().chain(row::COLUMNS).copied().collect()
}

/// One page, in id order, of the directory's groups and of those on record that it no longer has.
pub async fn walk(
    tx: &mut Tx,
    directory: &DirectoryId,
    app: &AppId,
    after: Option<&GroupId>,
    at_most: usize,
) -> Result<Vec<Walked>, StoreError> {
    let after = after.map_or("", GroupId::as_str);
    let values = [directory.as_str().into(), app.as_str().into(), after.into(), limit(at_most)];
    tx.page(WALK, &walk_columns(), &values).await?.iter().map(walked).collect()
}

fn walked(row: &Row) -> Result<Walked, StoreError> {
    let id = GroupId::new(row.text("id")?);
    let group = match row.opt_email("listed_email")? {
        Some(email) => Some(Group { id: id.clone(), email, name: row.text("listed_name")?.to_owned() }),
        None => None,
    };
    let record = row.opt_text("group_id")?.map(|_| row::record(row)).transpose()?;
    Ok(Walked { id, group, is_missing: row.opt_instant("missing_since")?.is_some(), record })
}

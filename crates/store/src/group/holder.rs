//! Whose a name is at an app.

use std::collections::BTreeMap;

use usher_model::group::adoption::GroupHolder;
use usher_model::id::{AppId, DirectoryId, GroupId};
use usher_model::pin::Pin;
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Tx, Value};

pub(super) const HOLDERS_OF_NAMES: &str = "\
-- store::group::holders_of_names
SELECT record.display_name AS display_name, record.group_id AS holder, record.email AS holder_email,
       record.pin AS holder_pin, CASE WHEN listed.id IS NULL THEN 0 ELSE 1 END AS is_there
FROM group_account AS record
LEFT JOIN directory_group AS listed ON listed.directory = $1 AND listed.id = record.group_id
WHERE record.app = $2 AND record.display_name IN (SELECT value ->> 0 FROM json_rows($3)) AND record.state = 'known'
ORDER BY record.display_name, record.group_id";

pub(super) const COLUMNS: &[Column] = &[
    Column::Text("display_name"),
    Column::Text("holder"),
    Column::Text("holder_email"),
    Column::Text("holder_pin"),
    Column::Int("is_there"),
];

/// The groups that have these folded names at the app, by name; names that are nobody's are left out.
pub async fn holders_of_names(
    tx: &mut Tx,
    directory: &DirectoryId,
    app: &AppId,
    folded: &[String],
    now: Timestamp,
) -> Result<BTreeMap<String, Vec<GroupHolder>>, StoreError> {
    let mut holders: BTreeMap<String, Vec<GroupHolder>> = BTreeMap::new();
    for folded in folded.chunks(ROWS_PER_STATEMENT) {
        let names = Value::rows(folded.iter().map(|name| [name.as_str().into()]));
        let values = [directory.as_str().into(), app.as_str().into(), names];
        for row in &tx.page(HOLDERS_OF_NAMES, COLUMNS, &values).await? {
            let name = row.text("display_name")?.to_owned();
            holders.entry(name).or_default().extend(holder(row, now)?);
        }
    }
    Ok(holders)
}

/// The group that a row says holds what it is about, if it names one.
pub(super) fn holder(row: &Row, now: Timestamp) -> Result<Option<GroupHolder>, StoreError> {
    let Some(group) = row.opt_text("holder")?.map(GroupId::new) else { return Ok(None) };
    let pin: Option<Pin> = row.opt_json("holder_pin")?;
    Ok(Some(GroupHolder {
        group,
        email: row.opt_email("holder_email")?,
        is_there: row.truth("is_there")?,
        is_pinned: pin.is_some_and(|pin| pin.holds(now)),
    }))
}

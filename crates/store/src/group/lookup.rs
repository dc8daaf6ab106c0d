//! Groups found by what people call them, or have said of them.

use std::collections::BTreeSet;

use usher_model::id::{AppId, Email, GroupId};

use super::{GroupRecord, row};
use crate::StoreError;
use crate::columns::limit;
use crate::sql::{Column, Tx};

const OF_ADDRESS: &str = concat!(
    "-- store::group::of_address\n",
    row::select!(),
    "\nWHERE record.app = $1 AND record.email = $2 ORDER BY record.group_id LIMIT $3"
);

/// What is on record of the groups that had this address when they were last decided about, in id order. The directory
/// need not have them any more; where it has, this is not how they are found.
pub async fn of_address(
    tx: &mut Tx,
    app: &AppId,
    email: &Email,
    at_most: usize,
) -> Result<Vec<GroupRecord>, StoreError> {
    let values = [app.as_str().into(), email.as_str().into(), limit(at_most)];
    tx.page(OF_ADDRESS, row::COLUMNS, &values).await?.iter().map(row::record).collect()
}

const TAKERS: &str = "\
-- store::group::takers
SELECT group_id FROM group_account
WHERE app = $1 AND choice = 'take_over' AND state = 'none' ORDER BY group_id LIMIT $2";

/// The groups of which an admin said that they may take over what is in their way, and that have nothing at the app yet.
pub async fn takers(tx: &mut Tx, app: &AppId, at_most: usize) -> Result<BTreeSet<GroupId>, StoreError> {
    let rows = tx.page(TAKERS, &[Column::Text("group_id")], &[app.as_str().into(), limit(at_most)]).await?;
    rows.iter().map(|row| Ok(GroupId::new(row.text("group_id")?))).collect()
}

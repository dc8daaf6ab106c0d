//! Groups counted and listed, for runs and for people.

use usher_model::account::Pin;
use usher_model::group::reason::GroupFailings;
use usher_model::id::{AppId, Email, GroupId, RunId};
use usher_model::time::Timestamp;

use super::{GroupRecord, row};
use crate::StoreError;
use crate::columns::limit;
use crate::sql::{Column, Tx};

/// A group that Usher must not touch: which, its address where it is known, and what was said.
pub type PinnedGroup = (GroupId, Option<Email>, Pin);

const PINNED_LIST: &str = "\
-- store::group::pinned_list
SELECT record.group_id AS group_id, COALESCE(listed.email, record.email) AS email, record.pin AS pin
FROM group_account AS record
JOIN app ON app.id = record.app
LEFT JOIN directory_group AS listed ON listed.directory = app.directory AND listed.id = record.group_id
WHERE record.app = $1 AND record.pin IS NOT NULL AND record.group_id > $2 ORDER BY record.group_id LIMIT $3";

const PINNED_COLUMNS: &[Column] = &[Column::Text("group_id"), Column::Text("email"), Column::Text("pin")];

/// One page of the groups that are pinned, in id order, whether or not the pin still holds.
pub async fn pinned_list(
    tx: &mut Tx,
    app: &AppId,
    after: Option<&GroupId>,
    at_most: usize,
) -> Result<Vec<PinnedGroup>, StoreError> {
    let values = [app.as_str().into(), after.map_or("", GroupId::as_str).into(), limit(at_most)];
    let rows = tx.page(PINNED_LIST, PINNED_COLUMNS, &values).await?;
    rows.iter()
        .map(|row| Ok((GroupId::new(row.text("group_id")?), row.opt_email("email")?, row.json("pin")?)))
        .collect()
}

/// A group that failed: which, its address, and how.
pub type FailingGroup = (GroupId, Option<Email>, GroupFailings);

const FAILING_LIST: &str = "\
-- store::group::failing_list
SELECT group_id, email, failing FROM group_account WHERE app = $1 AND failing IS NOT NULL ORDER BY group_id LIMIT $2";

const FAILING_COLUMNS: &[Column] =
    &[Column::Text("group_id"), Column::Text("email"), Column::Text("failing")];

/// The groups that fail, in id order.
pub async fn failing_list(tx: &mut Tx, app: &AppId, at_most: usize) -> Result<Vec<FailingGroup>, StoreError> {
    let rows = tx.page(FAILING_LIST, FAILING_COLUMNS, &[app.as_str().into(), limit(at_most)]).await?;
    rows.iter()
        .map(|row| Ok((GroupId::new(row.text("group_id")?), row.opt_email("email")?, row.json("failing")?)))
        .collect()
}

pub(super) const UNSURE: &str = concat!(
    "-- store::group::unsure\n",
    row::select!(),
    "\nWHERE record.app = $1 AND record.group_id > $2 AND (record.intent_run IS NOT NULL OR record.is_unread = 1)
ORDER BY record.group_id LIMIT $3"
);

/// One page, in id order, of the groups of which nobody knows what they are like: a write has no answer on record, or
/// they are to be read.
pub async fn unsure(
    tx: &mut Tx,
    app: &AppId,
    after: Option<&GroupId>,
    at_most: usize,
) -> Result<Vec<GroupRecord>, StoreError> {
    let values = [app.as_str().into(), after.map_or("", GroupId::as_str).into(), limit(at_most)];
    tx.page(UNSURE, row::COLUMNS, &values).await?.iter().map(row::record).collect()
}

const INTENDED_BY: &str = "\
-- store::group::is_intended_by
SELECT COUNT(*) AS n FROM group_account WHERE app = $1 AND intent_run = $2";

/// Whether a run has begun writes to groups of which nobody knows yet what came.
pub async fn is_intended_by(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<bool, StoreError> {
    Ok(tx.row(INTENDED_BY, &[app.as_str().into(), run.as_str().into()]).await?.count("n")? > 0)
}

const LATEST: &str = "\
-- store::group::latest_intent_until
SELECT MAX(intent_until) AS until FROM group_account WHERE app = $1 AND intent_run IS NOT NULL";

/// After this, no request of any intent is in flight.
pub async fn latest_intent_until(tx: &mut Tx, app: &AppId) -> Result<Option<Timestamp>, StoreError> {
    tx.row(LATEST, &[app.as_str().into()]).await?.opt_instant("until")
}

/// How many groups there are. One may count several times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupCounts {
    pub known: u64,
    /// Gone at the app, and the record is still open.
    pub gone: u64,
    /// A write has no answer on record, or they are to be read.
    pub unsure: u64,
    pub failing: u64,
    /// How many memberships there are, ours and others'.
    pub members: u64,
}

// Counted one by one: but for the states, each count reads one index.
const COUNTS: &str = "\
-- store::group::counts
SELECT (SELECT COUNT(*) FROM group_account WHERE app = $1 AND state = 'known') AS known,
       (SELECT COUNT(*) FROM group_account WHERE app = $1 AND state = 'gone') AS gone,
       (SELECT COUNT(*) FROM group_account WHERE app = $1 AND (intent_run IS NOT NULL OR is_unread = 1)) AS unsure,
       (SELECT COUNT(*) FROM group_account WHERE app = $1 AND failing IS NOT NULL) AS failing,
       (SELECT COUNT(*) FROM group_member WHERE app = $1 AND standing <> 'missing') AS members";

/// How many groups there are in each state, and how many are in them.
pub async fn counts(tx: &mut Tx, app: &AppId) -> Result<GroupCounts, StoreError> {
    let row = tx.row(COUNTS, &[app.as_str().into()]).await?;
    Ok(GroupCounts {
        known: row.count("known")?,
        gone: row.count("gone")?,
        unsure: row.count("unsure")?,
        failing: row.count("failing")?,
        members: row.count("members")?,
    })
}

pub(super) const DUE_AT: &str = "\
-- store::group::due_at
SELECT MIN(wake_at) AS wake_at FROM group_account WHERE app = $1 AND wake_at IS NOT NULL";

/// When the first group is to be decided upon again although nothing changed.
pub async fn due_at(tx: &mut Tx, app: &AppId) -> Result<Option<Timestamp>, StoreError> {
    tx.row(DUE_AT, &[app.as_str().into()]).await?.opt_instant("wake_at")
}

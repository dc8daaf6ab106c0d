//! The provisioning log of groups: one line for each effect, none twice.
//!
//! An event's key is the run, the place in that run's plan, and the kind, as of accounts (`crate::event`). The two logs are
//! apart because they are counted apart: people here, groups and memberships there.

mod kind;

use std::collections::BTreeMap;

use usher_model::group::operation::Leaver;
use usher_model::group::reason::GroupReason;
use usher_model::id::{AppId, Email, GroupId, RunId};
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns::{count, instant, json, limit};
use crate::sql::{Column, Row, Tx, Value};

pub use kind::GroupEventKind;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupEvent {
    /// The run that began the operation, and its place in that run's plan.
    pub run: RunId,
    pub seq: i64,
    pub kind: GroupEventKind,
    pub at: Timestamp,
    pub group: GroupId,
    /// Its address at that time.
    pub email: Option<Email>,
    pub reason: GroupReason,
    /// What else there is to say, in a sentence.
    pub detail: Option<String>,
    /// Whose memberships were added or taken away.
    pub members: Vec<Leaver>,
    /// How many those were; of a deleted group nobody is named.
    pub n_members: u64,
    /// A person let it through: guards do not count it.
    pub is_released: bool,
}

const APPEND: &str = "\
-- store::group::event::append
INSERT INTO group_event (app, run, seq, kind, at, group_id, email, n_members, is_released, reason, detail, members)
SELECT $1, value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4,
       value ->> 5, CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT), value ->> 8, value ->> 9, value ->> 10
FROM json_rows($2) WHERE true
ON CONFLICT (app, run, seq, kind) DO NOTHING";

/// Adds lines to the log, less those that are there already, or says [`StoreError::Fenced`].
pub async fn append(tx: &mut Tx, lease: &Lease, events: &[GroupEvent]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute_rows(APPEND, &[lease.app.as_str().into()], events.iter().map(values).collect()).await.map(drop)
}

fn values(event: &GroupEvent) -> [Value; 11] {
    [
        event.run.as_str().into(),
        event.seq.into(),
        event.kind.as_str().into(),
        instant(event.at),
        event.group.as_str().into(),
        event.email.as_ref().map(Email::as_str).into(),
        count(event.n_members),
        event.is_released.into(),
        json(&event.reason),
        event.detail.as_deref().into(),
        json(&event.members),
    ]
}

const REMOVED: &str = "\
-- store::group::event::removed
SELECT CAST(COALESCE(SUM(n_members), 0) AS BIGINT) AS n FROM group_event
WHERE app = $1 AND group_id = $2 AND at >= $3 AND is_released = 0 AND kind IN ('members_remove', 'group_delete')";

/// How many members were taken out of a group from then on, less those whom a person let go.
pub async fn removed(tx: &mut Tx, app: &AppId, group: &GroupId, since: Timestamp) -> Result<u64, StoreError> {
    tx.row(REMOVED, &[app.as_str().into(), group.as_str().into(), instant(since)]).await?.count("n")
}

const REMOVED_IN_ALL: &str = "\
-- store::group::event::removed_in_all
SELECT CAST(COALESCE(SUM(n_members), 0) AS BIGINT) AS n FROM group_event
WHERE app = $1 AND at >= $2 AND is_released = 0 AND kind IN ('members_remove', 'group_delete')";

/// How many members were taken out of all groups from then on, less those whom a person let go.
pub async fn removed_in_all(tx: &mut Tx, app: &AppId, since: Timestamp) -> Result<u64, StoreError> {
    tx.row(REMOVED_IN_ALL, &[app.as_str().into(), instant(since)]).await?.count("n")
}

const DELETED: &str = "\
-- store::group::event::deleted
SELECT COUNT(*) AS n FROM group_event WHERE app = $1 AND at >= $2 AND is_released = 0 AND kind = 'group_delete'";

/// How many groups were deleted from then on, less those that a person let go.
pub async fn deleted(tx: &mut Tx, app: &AppId, since: Timestamp) -> Result<u64, StoreError> {
    tx.row(DELETED, &[app.as_str().into(), instant(since)]).await?.count("n")
}

/// A macro, because a statement is one literal and two share these columns.
macro_rules! select {
    () => {
        "SELECT run, seq, kind, at, group_id, email, n_members, is_released, reason, detail, members FROM group_event"
    };
}

/// The columns of `select!`.
const COLUMNS: &[Column] = &[
    Column::Text("run"),
    Column::Int("seq"),
    Column::Text("kind"),
    Column::Int("at"),
    Column::Text("group_id"),
    Column::Text("email"),
    Column::Int("n_members"),
    Column::Int("is_released"),
    Column::Text("reason"),
    Column::Text("detail"),
    Column::Text("members"),
];

const LATEST: &str = concat!(
    "-- store::group::event::latest\n",
    select!(),
    " WHERE app = $1 AND group_id = $2 ORDER BY at DESC, run DESC, seq DESC, kind DESC LIMIT $3"
);

/// The last events of one group, the newest first.
pub async fn latest(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    at_most: usize,
) -> Result<Vec<GroupEvent>, StoreError> {
    let values = [app.as_str().into(), group.as_str().into(), limit(at_most)];
    tx.page(LATEST, COLUMNS, &values).await?.iter().map(event).collect()
}

const SINCE: &str = concat!(
    "-- store::group::event::since\n",
    select!(),
    " WHERE app = $1 AND group_id = $2 AND at >= $3 AND (at, run, seq, kind) > ($3, $4, $5, $6)
      ORDER BY at, run, seq, kind LIMIT $7"
);

/// One page of the events of one group from an instant on, the oldest first; what comes `after` the last one of the page
/// before.
pub async fn since(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    since: Timestamp,
    after: Option<&GroupEvent>,
    at_most: usize,
) -> Result<Vec<GroupEvent>, StoreError> {
    let first = (since, "", i64::MIN, "");
    let (at, run, seq, kind) =
        after.map_or(first, |after| (after.at, after.run.as_str(), after.seq, after.kind.as_str()));
    let values = [
        app.as_str().into(),
        group.as_str().into(),
        instant(at),
        run.into(),
        seq.into(),
        kind.into(),
        limit(at_most),
    ];
    tx.page(SINCE, COLUMNS, &values).await?.iter().map(event).collect()
}

const COUNTS: &str = "\
-- store::group::event::counts
SELECT kind, COUNT(*) AS n FROM group_event WHERE app = $1 AND at >= $2 GROUP BY kind";

/// How many events there are of each kind from then on.
pub async fn counts(
    tx: &mut Tx,
    app: &AppId,
    since: Timestamp,
) -> Result<BTreeMap<GroupEventKind, u64>, StoreError> {
    let rows = tx.rows(COUNTS, &[app.as_str().into(), instant(since)]).await?;
    rows.iter().map(|row| Ok((row.named("kind", GroupEventKind::from_name)?, row.count("n")?))).collect()
}

const OF_RUN: &str = concat!(
    "-- store::group::event::of_run\n",
    select!(),
    " WHERE run = $1 AND kind = $2 AND seq > $3 ORDER BY seq LIMIT $4"
);

/// One page of what a run did of one kind, in plan order.
pub async fn of_run(
    tx: &mut Tx,
    run: &RunId,
    kind: GroupEventKind,
    after: i64,
    at_most: usize,
) -> Result<Vec<GroupEvent>, StoreError> {
    let values = [run.as_str().into(), kind.as_str().into(), after.into(), limit(at_most)];
    tx.page(OF_RUN, COLUMNS, &values).await?.iter().map(event).collect()
}

fn event(row: &Row) -> Result<GroupEvent, StoreError> {
    Ok(GroupEvent {
        run: RunId::new(row.text("run")?),
        seq: row.int("seq")?,
        kind: row.named("kind", GroupEventKind::from_name)?,
        at: row.instant("at")?,
        group: GroupId::new(row.text("group_id")?),
        email: row.opt_email("email")?,
        reason: row.json("reason")?,
        detail: row.opt_text("detail")?.map(str::to_owned),
        members: row.json("members")?,
        n_members: row.count("n_members")?,
        is_released: row.truth("is_released")?,
    })
}

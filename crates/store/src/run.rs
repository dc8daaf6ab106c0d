//! Runs: what was run for an app, when, and what came of it.
//!
//! A run that has no end while a later one has begun was interrupted. What an outcome says is the engine's; it is kept
//! as JSON.
//!
//! Not here: who may write (`crate::app::Lease`), and what a run does (`plan`, `event`).

use usher_model::id::{AppId, RunId};
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::columns::{instant, json, limit};
use crate::sql::{Column, Row, Tx};

/// What a run looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunKind {
    /// Everybody.
    Full,
    /// Only what changed.
    Incremental,
    /// One user.
    OnDemand,
    /// Everybody, after the app was read as a whole.
    Audit,
    /// Those to whom another run did something that is taken back.
    Undo,
}

impl RunKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Full, Self::Incremental, Self::OnDemand, Self::Audit, Self::Undo];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
            Self::OnDemand => "on_demand",
            Self::Audit => "audit",
            Self::Undo => "undo",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    pub id: RunId,
    pub kind: RunKind,
    pub started_at: Timestamp,
    /// None: under way, or interrupted.
    pub ended_at: Option<Timestamp>,
    /// What came of it, as [`end`] was given it.
    pub outcome: Option<serde_json::Value>,
}

const INSERT: &str = "\
-- store::run::insert
INSERT INTO run (id, app, kind, started_at) VALUES ($1, $2, $3, $4)";

/// Writes down that a run begins.
pub async fn insert(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    kind: RunKind,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = [run.as_str().into(), app.as_str().into(), kind.as_str().into(), instant(now)];
    tx.execute_one(INSERT, &values).await
}

const END: &str = "\
-- store::run::end
UPDATE run SET ended_at = $3, outcome = $4 WHERE app = $1 AND id = $2 AND ended_at IS NULL";

/// Writes down how a run ended. Not fenced: a run that lost its app says so about itself.
pub async fn end(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    now: Timestamp,
    outcome: &serde_json::Value,
) -> Result<(), StoreError> {
    let values = [app.as_str().into(), run.as_str().into(), instant(now), json(outcome)];
    tx.execute_one(END, &values).await
}

const LIST: &str = "\
-- store::run::list
SELECT id, kind, started_at, ended_at, outcome FROM run WHERE app = $1
ORDER BY started_at DESC, id DESC LIMIT $2";

const COLUMNS: &[Column] = &[
    Column::Text("id"),
    Column::Text("kind"),
    Column::Int("started_at"),
    Column::Int("ended_at"),
    Column::Text("outcome"),
];

/// The last runs of an app, the newest first.
pub async fn list(tx: &mut Tx, app: &AppId, at_most: usize) -> Result<Vec<RunRow>, StoreError> {
    tx.page(LIST, COLUMNS, &[app.as_str().into(), limit(at_most)]).await?.iter().map(run).collect()
}

const OLDER: &str = "\
-- store::run::older
SELECT id, kind, started_at, ended_at, outcome FROM run WHERE app = $1 AND (started_at, id) < ($2, $3)
ORDER BY started_at DESC, id DESC LIMIT $4";

/// The runs of an app that began before this one, the newest first.
pub async fn older(
    tx: &mut Tx,
    app: &AppId,
    (began, id): (Timestamp, &RunId),
    at_most: usize,
) -> Result<Vec<RunRow>, StoreError> {
    let values = [app.as_str().into(), began.as_micros().into(), id.as_str().into(), limit(at_most)];
    tx.page(OLDER, COLUMNS, &values).await?.iter().map(run).collect()
}

/// The run that began last.
pub async fn last(tx: &mut Tx, app: &AppId) -> Result<Option<RunRow>, StoreError> {
    Ok(list(tx, app, 1).await?.pop())
}

const LAST_AUDIT: &str = "\
-- store::run::last_audit
SELECT id, kind, started_at, ended_at, outcome FROM run
WHERE app = $1 AND kind = 'audit' AND ended_at IS NOT NULL
ORDER BY started_at DESC, id DESC LIMIT 1";

/// The audit that ended last, however it ended.
pub async fn last_audit(tx: &mut Tx, app: &AppId) -> Result<Option<RunRow>, StoreError> {
    tx.page(LAST_AUDIT, COLUMNS, &[app.as_str().into()]).await?.first().map(run).transpose()
}

/// A run of whichever app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub app: AppId,
    pub run: RunRow,
    /// Whether no later run has taken the app.
    pub is_latest: bool,
}

const BY_ID: &str = "\
-- store::run::by_id
SELECT run.id AS id, run.app AS app, run.kind AS kind, run.started_at AS started_at, run.ended_at AS ended_at,
       run.outcome AS outcome, COALESCE(app.run, '') = run.id AS is_latest
FROM run JOIN app ON app.id = run.app WHERE run.id = $1";

/// The run with this id, whichever app's it is.
pub async fn by_id(tx: &mut Tx, id: &RunId) -> Result<Option<Found>, StoreError> {
    let Some(row) = tx.opt_row(BY_ID, &[id.as_str().into()]).await? else { return Ok(None) };
    let (app, is_latest) = (AppId::new(row.text("app")?), row.truth("is_latest")?);
    Ok(Some(Found { app, run: run(&row)?, is_latest }))
}

fn run(row: &Row) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        id: RunId::new(row.text("id")?),
        kind: row.named("kind", RunKind::from_name)?,
        started_at: row.instant("started_at")?,
        ended_at: row.opt_instant("ended_at")?,
        outcome: row.opt_json("outcome")?,
    })
}

//! The provisioning log: one line for each effect, none twice.
//!
//! An event's key is the run, the place in that run's plan, and the kind. Whoever finds out later what became of an
//! intent writes the same key again, and nothing happens.
//!
//! Not here: what else an admin does, which is audited elsewhere.

mod kind;
mod of_run;
mod search;
mod tally;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use usher_model::attribute::Attributes;
use usher_model::guard::{Class, Tally, classes};
use usher_model::id::{AppId, Email, RunId, UserId};
use usher_model::operation::Operation;
use usher_model::reason::{Failure, Reason};
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::account::{AccountRecord, Intent};
use crate::app::{Lease, fence};
use crate::columns::{self, class_bits, classes_of, instant, json, limit, opt_json};
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Tx, Value};

pub use kind::EventKind;
pub use of_run::{counts_of_run, newest_of, of_run};
pub use search::{Search, search};
pub use tally::{by_day, counts};

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The run that began the operation, and its place in that run's plan.
    pub run: RunId,
    pub seq: i64,
    pub kind: EventKind,
    pub at: Timestamp,
    pub user: UserId,
    /// Their address at that time.
    pub email: Option<Email>,
    pub reason: Reason,
    /// What else there is to say, in a sentence.
    pub detail: Option<String>,
    /// What guards count it as.
    pub classes: Vec<Class>,
    /// A person let it through: guards do not count it.
    pub is_released: bool,
    /// What was asked of the app; none: nothing was, or it is from before that was kept.
    pub wrote: Option<Wrote>,
}

/// What was asked of the app, and what the account said before, as far as that was known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrote {
    pub operation: Operation,
    /// The attributes that it changes, as they were.
    pub before: Attributes,
}

impl Wrote {
    /// An operation on an account that said this before.
    pub fn new(operation: Operation, before: &Attributes) -> Self {
        let mut said = before.clone();
        said.retain(|path| {
            operation.changes().is_some_and(|changes| changes.iter().any(|change| change.path == *path))
        });
        Self { operation, before: said }
    }
}

impl Event {
    /// What is said, `now`, of an intent that a look found done after its answer had been lost.
    pub fn after_all(record: &AccountRecord, intent: &Intent, kind: EventKind, now: Timestamp) -> Self {
        Self {
            run: intent.run.clone(),
            seq: intent.seq,
            kind,
            at: now,
            user: record.user.clone(),
            email: record.email.clone(),
            reason: intent.reason.clone(),
            detail: None,
            classes: classes(&intent.operation, &intent.reason),
            is_released: intent.is_released,
            wrote: Some(Wrote::new(intent.operation.clone(), &record.returned)),
        }
    }

    /// What is said of somebody for whom nothing could be planned.
    pub fn failure(
        run: &RunId,
        seq: i64,
        user: &UserId,
        email: &Email,
        failure: &Failure,
        now: Timestamp,
    ) -> Self {
        Self {
            run: run.clone(),
            seq,
            kind: EventKind::Failure,
            at: now,
            user: user.clone(),
            email: Some(email.clone()),
            reason: Reason::Failed { failure: failure.clone() },
            detail: None,
            classes: Vec::new(),
            is_released: false,
            wrote: None,
        }
    }
}

const APPEND: &str = "\
-- store::event::append
INSERT INTO event (app, run, seq, kind, at, user_id, email, reason, detail, classes, is_released, wrote)
SELECT $1, value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4,
       value ->> 5, value ->> 6, value ->> 7, CAST(value ->> 8 AS BIGINT), CAST(value ->> 9 AS BIGINT),
       value ->> 10
FROM json_rows($2) WHERE true
ON CONFLICT (app, run, seq, kind) DO NOTHING";

/// Adds lines to the log, less those that are there already, or says [`StoreError::Fenced`].
pub async fn append(tx: &mut Tx, lease: &Lease, events: &[Event]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let rows = events.iter().map(values).collect();
    let n_new = tx.execute_rows(APPEND, &[lease.app.as_str().into()], rows).await?;
    tally::add(tx, &lease.app, events, n_new).await
}

fn values(event: &Event) -> [Value; 11] {
    [
        event.run.as_str().into(),
        event.seq.into(),
        event.kind.as_str().into(),
        instant(event.at),
        event.user.as_str().into(),
        event.email.as_ref().map(Email::as_str).into(),
        json(&event.reason),
        event.detail.as_deref().into(),
        class_bits(&event.classes).into(),
        event.is_released.into(),
        opt_json(event.wrote.as_ref()),
    ]
}

const DONE: &str = "\
-- store::event::done
SELECT classes, COUNT(*) AS n FROM event
WHERE app = $1 AND at >= $2 AND is_released = 0 AND classes <> 0 AND kind <> 'failure'
GROUP BY classes";

/// How many operations of each class were done from then on, less those that a person let through.
pub async fn done(tx: &mut Tx, app: &AppId, since: Timestamp) -> Result<Tally, StoreError> {
    let mut tally = Tally::new();
    for row in &tx.rows(DONE, &[app.as_str().into(), instant(since)]).await? {
        for class in classes_of(row.int("classes")?) {
            *tally.entry(class).or_default() += row.count("n")?;
        }
    }
    Ok(tally)
}

const COLUMNS: &[Column] = &[
    Column::Text("run"),
    Column::Int("seq"),
    Column::Text("kind"),
    Column::Int("at"),
    Column::Text("user_id"),
    Column::Text("email"),
    Column::Text("reason"),
    Column::Text("detail"),
    Column::Int("classes"),
    Column::Int("is_released"),
    Column::Text("wrote"),
];

const LATEST: &str = "\
-- store::event::latest
SELECT user_id, MAX(at) AS at FROM event
WHERE app = $1 AND kind <> 'failure' AND user_id IN (SELECT value ->> 0 FROM json_rows($2))
GROUP BY user_id ORDER BY user_id";

const LATEST_COLUMNS: &[Column] = &[Column::Text("user_id"), Column::Int("at")];

/// When something was last done to the account of each of these people, of whom one page is asked for; those to whom
/// nothing was are left out.
pub async fn latest(
    tx: &mut Tx,
    app: &AppId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, Timestamp>, StoreError> {
    let rows = tx.page(LATEST, LATEST_COLUMNS, &[app.as_str().into(), columns::users(users)]).await?;
    rows.iter().map(|row| Ok((UserId::new(row.text("user_id")?), row.instant("at")?))).collect()
}

const OF_USER: &str = "\
-- store::event::of_user
SELECT run, seq, kind, at, user_id, email, reason, detail, classes, is_released, wrote
FROM event WHERE app = $1 AND user_id = $2 ORDER BY at DESC, run DESC, seq DESC, kind DESC LIMIT $3";

/// The last events of one person, the newest first.
pub async fn of_user(
    tx: &mut Tx,
    app: &AppId,
    user: &UserId,
    at_most: usize,
) -> Result<Vec<Event>, StoreError> {
    let values = [app.as_str().into(), user.as_str().into(), limit(at_most)];
    tx.page(OF_USER, COLUMNS, &values).await?.iter().map(event).collect()
}

const OF_ROWS: &str = "\
-- store::event::of_rows
SELECT seq, reason FROM event
WHERE app = $1 AND run = $2 AND kind = $3 AND seq IN (SELECT CAST(value ->> 0 AS BIGINT) FROM json_rows($4))";

const OF_ROWS_COLUMNS: &[Column] = &[Column::Int("seq"), Column::Text("reason")];

/// Which of these rows of a run's plan came to this, and why. A create that found the account adopted it.
pub async fn of_rows(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    kind: EventKind,
    rows: &[i64],
) -> Result<BTreeMap<i64, Reason>, StoreError> {
    let mut found = BTreeMap::new();
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let keys = Value::rows(rows.iter().map(|seq| [(*seq).into()]));
        let values = [app.as_str().into(), run.as_str().into(), kind.as_str().into(), keys];
        for row in &tx.page(OF_ROWS, OF_ROWS_COLUMNS, &values).await? {
            found.insert(row.int("seq")?, row.json("reason")?);
        }
    }
    Ok(found)
}

const NEWEST: &str = "\
-- store::event::newest
SELECT run, seq, kind, at, user_id, email, reason, detail, classes, is_released, wrote
FROM event WHERE app = $1 ORDER BY at DESC, run DESC, seq DESC, kind DESC LIMIT $2";

const PAGE: &str = "\
-- store::event::page
SELECT run, seq, kind, at, user_id, email, reason, detail, classes, is_released, wrote
FROM event WHERE app = $1 AND (at, run, seq, kind) < ($3, $4, $5, $6)
ORDER BY at DESC, run DESC, seq DESC, kind DESC LIMIT $2";

/// One page of the log, the newest first; what comes `before` the last one of the page above.
pub async fn page(
    tx: &mut Tx,
    app: &AppId,
    before: Option<&Event>,
    at_most: usize,
) -> Result<Vec<Event>, StoreError> {
    let mut values = vec![app.as_str().into(), limit(at_most)];
    let sql = match before {
        None => NEWEST,
        Some(Event { at, run, seq, kind, .. }) => {
            values.extend([instant(*at), run.as_str().into(), (*seq).into(), kind.as_str().into()]);
            PAGE
        }
    };
    tx.page(sql, COLUMNS, &values).await?.iter().map(event).collect()
}

fn event(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        run: RunId::new(row.text("run")?),
        seq: row.int("seq")?,
        kind: row.named("kind", EventKind::from_name)?,
        at: row.instant("at")?,
        user: UserId::new(row.text("user_id")?),
        email: row.opt_email("email")?,
        reason: row.json("reason")?,
        detail: row.opt_text("detail")?.map(str::to_owned),
        classes: row.classes("classes")?,
        is_released: row.truth("is_released")?,
        wrote: row.opt_json("wrote")?,
    })
}

//! Plans: the operations that a run would do, as rows.
//!
//! The same rows are the preview, what a hold refers to, the order of execution and the progress. An app has one plan
//! at a time, and one preview beside it. How it comes about, in order: [`start`] and [`append`]; [`mark_words`], what
//! people said of the same wishes before; [`tally`], [`hold`] and [`hold_discarded`], what guards stop; [`contended`],
//! [`set_turns`], [`keep_names`] and [`block`], who waits for a name; then [`page`] by page and [`finish`].
//!
//! # Invariants
//!
//! 1. Rows are numbered (`seq`) by who makes the plan, in the order in which people were walked.
//! 2. Only a planned operation is executed; a row is held, blocked or finished from there.
//!
//! Not here: what is planned, and what a guard says of it (`usher_model`).

mod contention;
mod guarded;
mod reading;
mod row;

use std::collections::BTreeMap;

use usher_model::guard::Class;
use usher_model::id::{AppId, Email, HoldId, RunId, UserId};
use usher_model::mapping::cleaning::Cleaned;
use usher_model::operation::{Kind, Operation};
use usher_model::reason::Reason;

use crate::StoreError;
use crate::account::{self, AccountRecord};
use crate::app::{Lease, fence};
use crate::sql::{ROWS_PER_STATEMENT, Tx, Value};

pub use contention::{Contention, block, contended, keep_names, set_turns};
pub use guarded::{held_by_word, hold, hold_discarded, mark_words, tally};
pub use reading::{blocked, by_seq, counts, max_turn, next_seq, page, rows};

/// One operation of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Its place in the plan.
    pub seq: i64,
    pub user: UserId,
    pub email: Email,
    pub operation: Operation,
    pub reason: Reason,
    /// What guards count it as.
    pub classes: Vec<Class>,
    /// Removes somebody only because the app was turned off for them.
    pub is_app_off: bool,
    /// The folded user name that it takes at the app.
    pub takes: Option<String>,
    /// The folded user name that it gives up.
    pub frees: Option<String>,
    /// Done among those of this rank (`usher_model::order`).
    pub turn: u32,
    pub state: PlanState,
    /// The hold that it is part of.
    pub hold: Option<HoldId>,
    /// A person let it through: guards do not count it.
    pub is_released: bool,
    /// What was taken out of the texts that it writes.
    pub cleaned: Vec<Cleaned>,
    /// What the decision rested on, where no record of the person keeps it.
    pub settled: Option<String>,
}

impl PlanRow {
    /// An operation that is to be done. It has no place yet, counts as nothing, takes no name and gives none up.
    pub fn new(user: UserId, email: Email, operation: Operation, reason: Reason) -> Self {
        Self {
            seq: 0,
            user,
            email,
            operation,
            reason,
            classes: Vec::new(),
            is_app_off: false,
            takes: None,
            frees: None,
            turn: 0,
            state: PlanState::Planned,
            hold: None,
            is_released: false,
            cleaned: Vec::new(),
            settled: None,
        }
    }

    /// The record of somebody of whom nothing was on record when this was planned.
    pub fn to_record(&self) -> AccountRecord {
        AccountRecord {
            reason: Some(self.reason.clone()),
            settled: self.settled.clone(),
            ..AccountRecord::new(self.user.clone(), Some(self.email.clone()))
        }
    }
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanState {
    /// To be done.
    Planned,
    /// Waits for a person.
    Held,
    /// Cannot be done: what it needs is somebody else's.
    Blocked,
    /// Its intent is on record.
    Intended,
    Done,
    Failed,
    /// Its answer never came.
    Unknown,
    /// Not wanted any more when its turn came.
    Dropped,
}

impl PlanState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Held,
        Self::Blocked,
        Self::Intended,
        Self::Done,
        Self::Failed,
        Self::Unknown,
        Self::Dropped,
    ];

    /// The name that the store uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Held => "held",
            Self::Blocked => "blocked",
            Self::Intended => "intended",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Dropped => "dropped",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Which queue an operation stands in. Suspensions never wait behind creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Suspensions and deletes.
    Suspensions,
    /// Everything else.
    Rest,
}

impl Lane {
    /// The lane of a kind of operation.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Suspend | Kind::Delete => Self::Suspensions,
            Kind::Create | Kind::Adopt | Kind::Update | Kind::Unsuspend => Self::Rest,
        }
    }

    /// Stored: a lane keeps its number.
    fn number(self) -> i64 {
        match self {
            Self::Suspensions => 0,
            Self::Rest => 1,
        }
    }
}

/// The key of an app's plan, as the first parameters of a statement.
pub(crate) fn key(app: &AppId, run: &RunId) -> [Value; 2] {
    [app.as_str().into(), run.as_str().into()]
}

const LOCK: &str = "\
-- store::plan::lock
SELECT run FROM app WHERE id = $1 FOR UPDATE";

const START: &str = "\
-- store::plan::start
DELETE FROM plan_operation
WHERE app = $1 AND run <> $2 AND run <> COALESCE((SELECT run FROM app WHERE id = $1), '')";

/// Begins the plan of this run, or of a preview. Every other plan of the app is dropped but that of the run that holds
/// the app: it may be under way. What was intended by the others is written down first.
pub async fn start(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<(), StoreError> {
    // Nobody begins a run, or a write, between what is written down and what is dropped.
    tx.opt_row(LOCK, &[app.as_str().into()]).await?;
    account::keep_intents(tx, app, run).await?;
    tx.execute(START, &key(app, run)).await.map(drop)
}

const APPEND: &str = "\
-- store::plan::append
INSERT INTO plan_operation (app, run, seq, user_id, email, kind, operation, reason, classes, is_app_off, takes, frees,
                            turn, lane, state, hold, is_released, cleaned, settled)
SELECT $1, $2, CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
       CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT), value ->> 8, value ->> 9,
       CAST(value ->> 10 AS BIGINT), CAST(value ->> 11 AS BIGINT), value ->> 12, value ->> 13,
       CAST(value ->> 14 AS BIGINT), value ->> 15, value ->> 16
FROM json_rows($3)";

/// Adds operations to a plan.
pub async fn append(tx: &mut Tx, app: &AppId, run: &RunId, rows: &[PlanRow]) -> Result<(), StoreError> {
    tx.execute_rows(APPEND, &key(app, run), rows.iter().map(row::values).collect()).await.map(drop)
}

// One state at a time, because `IN` looks each row up by its key. Joined with the list (`UPDATE … FROM`), SQLite reads
// the whole list for each row of the plan.
const FINISH: &str = "\
-- store::plan::finish
UPDATE plan_operation SET state = $4
WHERE app = $1 AND run = $2 AND seq IN (SELECT CAST(value ->> 0 AS BIGINT) FROM json_rows($3))";

/// Says how far these operations of the run's plan are, or says [`StoreError::Fenced`].
pub async fn finish(tx: &mut Tx, lease: &Lease, states: &[(i64, PlanState)]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    let states: BTreeMap<i64, PlanState> = states.iter().copied().collect();
    for state in PlanState::ALL {
        let seqs = states.iter().filter(|(_, given)| **given == state).map(|(seq, _)| *seq).collect();
        set(tx, FINISH, &lease.app, &lease.run, seqs, &state.as_str().into()).await?;
    }
    Ok(())
}

/// Sets one thing of rows that must all be there, given by their `seq`.
pub(crate) async fn set(
    tx: &mut Tx,
    sql: &'static str,
    app: &AppId,
    run: &RunId,
    seqs: Vec<i64>,
    to: &Value,
) -> Result<(), StoreError> {
    for seqs in seqs.chunks(ROWS_PER_STATEMENT) {
        let [app, run] = key(app, run);
        let rows = Value::rows(seqs.iter().map(|seq| [(*seq).into()]));
        let found = tx.execute(sql, &[app, run, rows, to.clone()]).await?;
        let expected = u64::try_from(seqs.len()).unwrap_or(u64::MAX);
        if found != expected {
            return Err(StoreError::RowCount { doing: "store::plan::set".to_owned(), expected, found });
        }
    }
    Ok(())
}

/// Updates rows that must all be there, each given by its `seq` first.
async fn update<const N: usize>(
    tx: &mut Tx,
    sql: &'static str,
    app: &AppId,
    run: &RunId,
    given: Vec<[Value; N]>,
) -> Result<(), StoreError> {
    for given in given.chunks(ROWS_PER_STATEMENT) {
        let [app, run] = key(app, run);
        let found = tx.execute(sql, &[app, run, Value::rows(given.iter().cloned())]).await?;
        let expected = u64::try_from(given.len()).unwrap_or(u64::MAX);
        if found != expected {
            return Err(StoreError::RowCount { doing: "store::plan::update".to_owned(), expected, found });
        }
    }
    Ok(())
}

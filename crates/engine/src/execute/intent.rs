//! Records what is about to be written before it is.
//!
//! # Invariant
//!
//! A row whose intent is on record may be sent until the intent's `until`, and nobody else decides about its account
//! meanwhile.

use usher_model::operation::Operation;
use usher_model::pin::Pin;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_store::account::{self, AccountRecord, Intent};
use usher_store::plan::{self, Lane, PlanRow, PlanState};
use usher_store::{StoreError, Tx};

use crate::work::Work;

/// For how long at an app's published pace intents are recorded ahead, in seconds.
const AHEAD_SECONDS: u32 = 8;
/// How many at most, whatever the pace.
const MOST: usize = 1_000;

/// How many intents are recorded at once, and so how many accounts at most are unknown after a crash. As many as are
/// soon sent: an intent that waits long has to be renewed.
pub(super) fn at_once(work: &Work<'_>) -> usize {
    let paced = work.client.writes_per_second().map(|pace| usize::try_from(pace * AHEAD_SECONDS));
    paced.and_then(Result::ok).unwrap_or(MOST).clamp(work.client.concurrency(), MOST)
}

/// A row whose intent is on record, with its account.
pub(super) type Begun = (Box<AccountRecord>, Box<PlanRow>);

/// A batch of them.
pub(super) type Intended = Result<Vec<Begun>, StoreError>;

/// Takes the next rows of a turn and records that they are about to be written.
pub(super) async fn intend(work: &Work<'_>, lane: Lane, turn: u32, mut after: i64) -> Intended {
    let mut tx = work.store.begin("engine::intend").await?;
    loop {
        let rows = plan::page(&mut tx, work.app(), work.run(), lane, turn, after, at_once(work)).await?;
        let Some(last) = rows.last() else {
            tx.commit().await?;
            return Ok(Vec::new());
        };
        after = last.seq;
        let batch = writable(&mut tx, work, turn, rows).await?;
        if batch.is_empty() {
            continue;
        }
        let intended: Vec<_> = batch.iter().map(|(record, _)| record.as_ref()).collect();
        account::intend(&mut tx, work.lease, &intended).await?;
        tx.commit().await?;
        return Ok(batch);
    }
}

/// The rows that may be written, with their accounts and their intents. The others are dropped, and decided about
/// anew: whoever was pinned meanwhile is left alone, whose last write is unknown is looked at first, and a name that
/// was not freed after all is not taken.
async fn writable(tx: &mut Tx, work: &Work<'_>, turn: u32, rows: Vec<PlanRow>) -> Intended {
    let users: Vec<_> = rows.iter().map(|row| row.user.clone()).collect();
    let mut records = account::of(tx, work.app(), &users).await?;
    let until = work.intent_until();
    let (mut batch, mut dropped) = (Vec::new(), Vec::new());
    for row in rows {
        let record = records.remove(&row.user);
        let record = record.unwrap_or_else(|| row.to_record());
        let may_be_touched = pin_lets(&row, record.pin.as_ref(), work.clock.now());
        if !may_be_touched || record.intent.is_some() || (turn > 0 && is_taken(tx, work, &row).await?) {
            work.drop_row_of(row.user);
            dropped.push((row.seq, PlanState::Dropped));
        } else {
            let begun = AccountRecord { intent: Some(intent(work, &row, until)), ..record };
            batch.push((Box::new(begun), Box::new(row)));
        }
    }
    if !dropped.is_empty() {
        plan::finish(tx, work.lease, &dropped).await?;
    }
    Ok(batch)
}

/// Whether a pin, or the want of one, lets a row be written. What an undo switches on is written under its own pin alone:
/// without it the next run would take it away again.
fn pin_lets(row: &PlanRow, pin: Option<&Pin>, now: Timestamp) -> bool {
    let pin = pin.filter(|pin| pin.holds(now));
    if let Reason::Undone { run } = &row.reason {
        return pin.is_some_and(|pin| pin.is_undo_of(run));
    }
    pin.is_none()
}

/// Whether somebody else's account has the name that a row takes.
async fn is_taken(tx: &mut Tx, work: &Work<'_>, row: &PlanRow) -> Result<bool, StoreError> {
    let Some(name) = &row.takes else { return Ok(false) };
    let holder = account::holder_of_name(tx, work.app(), name).await?;
    Ok(holder.is_some_and(|holder| holder.user != row.user))
}

fn intent(work: &Work<'_>, row: &PlanRow, until: Timestamp) -> Intent {
    Intent {
        operation: row.operation.clone(),
        reason: row.reason.clone(),
        run: work.run().clone(),
        seq: row.seq,
        until,
        missed_at: None,
        is_released: row.is_released,
    }
}

/// Renews an intent that waited so long for its turn that the request could outlive it.
pub(super) async fn renew(work: &Work<'_>, record: &mut AccountRecord) -> Result<(), StoreError> {
    let Some(intent) = &record.intent else { return Ok(()) };
    if work.clock.now() + work.client.timeout() <= intent.until {
        return Ok(());
    }
    let operation = intent.operation.clone();
    intend_now(work, record, operation).await
}

/// Records that this is about to be written, now, whatever was meant to be before.
pub(super) async fn intend_now(
    work: &Work<'_>,
    record: &mut AccountRecord,
    operation: Operation,
) -> Result<(), StoreError> {
    let Some(intent) = &mut record.intent else { return Ok(()) };
    intent.operation = operation;
    intent.until = work.intent_until();
    let mut tx = work.store.begin("engine::intend_now").await?;
    account::record(&mut tx, work.lease, std::slice::from_ref(record)).await?;
    tx.commit().await
}

//! Carries a plan out: intents first, then requests, then results.
//!
//! The executor chooses nothing: each row says what to write. It takes rows a
//! batch at a time, records that they are about to be written, sends them in
//! parallel within the app's limits, and hands results to [`crate::record`],
//! which stores them in batches of its own.
//!
//! # Invariants
//!
//! 1. No request is sent whose intent is not on record, and none that could
//!    still be in flight after its intent's `until`.
//! 2. A turn begins when the one before it is over: a name is freed before it is taken.
//! 3. What one row meets is that row's; only the app as a whole stops a run.

use std::collections::VecDeque;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc;
use usher_model::operation::Operation;
use usher_model::time::Timestamp;
use usher_store::account::{self, AccountRecord, Intent};
use usher_store::plan::{self, Lane, PlanRow, PlanState};
use usher_store::{StoreError, Tx};

use crate::calls::Closed;
use crate::record::{self, Recorder};
use crate::work::{Stop, Work};

mod ask;
mod carry;
mod one;

pub use one::{Done, Outcome};

pub(crate) use ask::look;

/// How many intents are recorded at once, and so how many accounts at most are unknown after a crash.
const BATCH: usize = 200;

/// Carries out every planned row. Returns why the run stopped, if it did.
pub async fn execute(work: &Work<'_>, recorder: &mut Recorder<'_>) -> Result<Option<Stop>, StoreError> {
    let last_turn = {
        let mut tx = work.store.read("engine::execute").await?;
        plan::max_turn(&mut tx, work.app(), work.run()).await?
    };
    for lane in [Lane::Suspensions, Lane::Rest] {
        for turn in 0..=last_turn {
            if let Some(stop) = one_turn(work, recorder, lane, turn).await? {
                return Ok(Some(stop));
            }
        }
    }
    Ok(None)
}

/// Carries out the rows of one turn, recording while requests are under way.
///
/// Everything here is polled together, always: a request may be in the middle of a transaction of its own
/// (its gate, a renewed intent), and whoever waits for the store must not keep it from going on.
async fn one_turn(
    work: &Work<'_>,
    recorder: &mut Recorder<'_>,
    lane: Lane,
    turn: u32,
) -> Result<Option<Stop>, StoreError> {
    // Without a bound of its own: each batch of intents waits its turn for the store behind the recorder.
    let (results, to_record) = mpsc::unbounded_channel();
    let sending = send(work, lane, turn, results);
    let recording = record::record(work, recorder, to_record);
    let (stop, stored) = tokio::join!(sending, recording);
    stored?;
    stop
}

/// Sends a turn's rows, as many at once as the app's template allows, and has the next intents recorded
/// meanwhile. Once the run has to stop, the rows that were intended already come back undone.
async fn send(
    work: &Work<'_>,
    lane: Lane,
    turn: u32,
    results: mpsc::UnboundedSender<Outcome>,
) -> Result<Option<Stop>, StoreError> {
    let concurrency = usize::from(work.client.template.limits.concurrency.max(1));
    let mut in_flight: FuturesUnordered<BoxFuture<'_, Outcome>> = FuturesUnordered::new();
    let mut waiting: VecDeque<(AccountRecord, PlanRow)> = VecDeque::new();
    let mut next: Option<BoxFuture<'_, Intended>> = Some(intend(work, lane, turn, i64::MIN).boxed());
    let mut after: Option<i64> = None;
    let mut stop: Option<Stop> = None;
    while next.is_some() || !in_flight.is_empty() {
        tokio::select! {
            Some(outcome) = in_flight.next(), if !in_flight.is_empty() => {
                stop = stop.or(work.health.judge(&outcome));
                if results.send(outcome).is_err() {
                    // The recorder has failed, which ends the run: nothing more is sent that could not be recorded.
                    stop.get_or_insert(Stop::Closed(Closed::Unsure("results cannot be recorded".to_owned())));
                }
            }
            batch = intended(&mut next), if next.is_some() => {
                next = None;
                let batch = batch?;
                after = batch.last().map(|(_, last)| last.seq);
                waiting.extend(batch);
            }
        }
        while stop.is_none() && in_flight.len() < concurrency {
            let Some((record, row)) = waiting.pop_front() else { break };
            in_flight.push(carry::carry_out(work, record, row).boxed());
        }
        if let Some(after) = after.take_if(|_| stop.is_none() && waiting.len() < BATCH / 2) {
            next = Some(intend(work, lane, turn, after).boxed());
        }
        if stop.is_some() {
            for (record, row) in waiting.drain(..) {
                results.send(Outcome::not_done(record, row)).ok();
            }
        }
    }
    Ok(stop)
}

/// A batch of rows whose intents are on record.
type Intended = Result<Vec<(AccountRecord, PlanRow)>, StoreError>;

async fn intended(next: &mut Option<BoxFuture<'_, Intended>>) -> Intended {
    match next {
        Some(next) => next.await,
        None => Ok(Vec::new()),
    }
}

/// Takes the next rows of a turn and records that they are about to be written.
async fn intend(
    work: &Work<'_>,
    lane: Lane,
    turn: u32,
    mut after: i64,
) -> Result<Vec<(AccountRecord, PlanRow)>, StoreError> {
    let mut tx = work.store.begin("engine::intend").await?;
    loop {
        let rows = plan::page(&mut tx, work.app(), work.run(), lane, turn, after, BATCH).await?;
        let Some(last) = rows.last() else {
            tx.commit().await?;
            return Ok(Vec::new());
        };
        after = last.seq;
        let batch = writable(&mut tx, work, turn, rows).await?;
        if batch.is_empty() {
            continue;
        }
        let intended: Vec<_> = batch.iter().map(|(record, _)| record.clone()).collect();
        account::record(&mut tx, work.lease, &intended).await?;
        tx.commit().await?;
        return Ok(batch);
    }
}

/// The rows that may be written, with their accounts and their intents. The others are dropped, and decided about
/// anew: whoever was pinned meanwhile is left alone, whose last write is unknown is looked at first, and a name that
/// was not freed after all is not taken.
async fn writable(
    tx: &mut Tx,
    work: &Work<'_>,
    turn: u32,
    rows: Vec<PlanRow>,
) -> Result<Vec<(AccountRecord, PlanRow)>, StoreError> {
    let users: Vec<_> = rows.iter().map(|row| row.user.clone()).collect();
    let mut records = account::of(tx, work.app(), &users).await?;
    let until = work.intent_until();
    let (mut batch, mut dropped) = (Vec::new(), Vec::new());
    for row in rows {
        let record = records.remove(&row.user);
        let record = record.unwrap_or_else(|| AccountRecord::new(row.user.clone(), Some(row.email.clone())));
        let is_pinned = record.pin.as_ref().is_some_and(|pin| pin.holds(work.clock.now()));
        if is_pinned || record.intent.is_some() || (turn > 0 && is_taken(tx, work, &row).await?) {
            work.drop_row_of(row.user);
            dropped.push((row.seq, PlanState::Dropped));
        } else {
            batch.push((AccountRecord { intent: Some(intent(work, &row, until)), ..record }, row));
        }
    }
    plan::finish(tx, work.lease, &dropped).await?;
    Ok(batch)
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
async fn renew(work: &Work<'_>, record: &mut AccountRecord) -> Result<(), StoreError> {
    let Some(intent) = &record.intent else { return Ok(()) };
    if work.clock.now() + work.client.timeout() <= intent.until {
        return Ok(());
    }
    let operation = intent.operation.clone();
    intend_now(work, record, operation).await
}

/// Records that this is about to be written, now, whatever was meant to be before.
async fn intend_now(
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

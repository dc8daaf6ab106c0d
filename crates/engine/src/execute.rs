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
use usher_store::StoreError;
use usher_store::plan::{self, Lane};

use self::intent::{Begun, Intended, at_once, intend};
use crate::calls::Closed;
use crate::outcome::Outcome;
use crate::record::{self, Recorder};
use crate::stop::Stop;
use crate::work::Work;

mod carry;
mod intent;

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
    let concurrency = work.client.concurrency();
    let mut in_flight: FuturesUnordered<BoxFuture<'_, Outcome>> = FuturesUnordered::new();
    let mut waiting: VecDeque<Begun> = VecDeque::new();
    let mut next: Option<BoxFuture<'_, Intended>> = Some(intend(work, lane, turn, i64::MIN).boxed());
    let mut after: Option<i64> = None;
    let mut stop: Option<Stop> = None;
    while next.is_some() || !in_flight.is_empty() {
        tokio::select! {
            // What has come is taken first, so that the same answers in the same order lead to the same run.
            biased;
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
        if let Some(after) = after.take_if(|_| stop.is_none() && waiting.len() < at_once(work) / 2) {
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

async fn intended(next: &mut Option<BoxFuture<'_, Intended>>) -> Intended {
    match next {
        Some(next) => next.await,
        None => Ok(Vec::new()),
    }
}

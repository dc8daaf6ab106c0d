//! Learns what became of lost writes before anything is decided, and whether an app that failed answers again.
//!
//! The embedded directory *is* the mirror, so there is nothing to observe of it. What the app holds as a whole is
//! `listing`'s.
//!
//! # Invariant
//!
//! A lost write is looked at only when no request of it can be in flight any more.

use std::collections::BTreeSet;

use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use usher_model::id::UserId;
use usher_model::mutant::{self, Mutant};
use usher_model::time::Timestamp;
use usher_store::StoreError;
use usher_store::account::{self, AccountRecord};
use usher_store::event::{self, Event};

use crate::ask;
use crate::calls::CallError;
use crate::learn::{self, Looked};
use crate::record::Recorder;
use crate::stop::Stop;
use crate::work::Work;

/// How many lost writes are looked at in one go, and so how often at most an app that is down is asked in vain.
const BATCH: usize = 50;

/// What looking at lost writes came to.
#[derive(Debug, Default)]
pub struct Lost {
    /// Whose outcome is known now: they need a decision.
    pub settled: BTreeSet<UserId>,
    /// When those who were not found are looked for once more.
    pub again_at: Option<Timestamp>,
    /// Why looking stopped, if it did.
    pub stop: Option<Stop>,
}

/// Asks an app that was quarantined for one page, before anything else is asked of it: only an answer says that it
/// has recovered, and one that has not costs one request.
pub async fn knock(work: &Work<'_>) -> Option<Stop> {
    let asked = async {
        let first = work.client.users().await?.next().expect("invariant: a listing begins with a page");
        work.client.send(&first).await.map(drop)
    };
    match asked.await {
        Ok(()) => None,
        Err(error) => Some(Stop::of(&error).unwrap_or_else(|| Stop::Broad(error.to_string()))),
    }
}

/// Waits until no request of an earlier run, or of this one, can be in flight any more.
pub async fn wait_for_lost(work: &Work<'_>) -> Result<(), StoreError> {
    let until = {
        let mut tx = work.store.read("engine::wait_for_lost").await?;
        account::latest_intent_until(&mut tx, work.app()).await?
    };
    if let Some(until) = until {
        work.clock.sleep_until(until).await;
    }
    Ok(())
}

/// Looks at every account whose last write was lost.
pub async fn look_at_lost(work: &Work<'_>, recorder: &mut Recorder<'_>) -> Result<Lost, StoreError> {
    let mut lost = Lost::default();
    let mut after: Option<UserId> = None;
    loop {
        let batch = {
            let mut tx = work.store.read("engine::look_at_lost").await?;
            account::intended(&mut tx, work.app(), after.as_ref(), BATCH).await?
        };
        let Some(end) = batch.last() else { return Ok(lost) };
        after = Some(end.user.clone());
        // All at once: the limiter lets as many through as the app takes.
        let looks: FuturesUnordered<_> = batch.into_iter().map(|record| look(work, record).boxed()).collect();
        let looks: Vec<_> = looks.collect().await;
        learn_from(work, recorder, looks, &mut lost).await?;
        if lost.stop.is_some() {
            return Ok(lost);
        }
    }
}

/// One look; none while its second is not due.
async fn look(
    work: &Work<'_>,
    record: AccountRecord,
) -> (AccountRecord, Option<Result<learn::Look, CallError>>) {
    let again_at = record
        .intent
        .as_ref()
        .and_then(|intent| intent.missed_at)
        .map(|at| at + work.setting.policy.look_again_after);
    if again_at.is_some_and(|at| work.clock.now() < at) {
        return (record, None);
    }
    if mutant::lives(Mutant::NoLookAfterLoss) {
        let record = AccountRecord { intent: None, settled: None, ..record };
        return (record, Some(Ok(learn::Look::Nothing)));
    }
    let look = ask::look(work, &record).await;
    (record, Some(look))
}

async fn learn_from(
    work: &Work<'_>,
    recorder: &mut Recorder<'_>,
    looks: Vec<(AccountRecord, Option<Result<learn::Look, CallError>>)>,
    lost: &mut Lost,
) -> Result<(), StoreError> {
    let (mut records, mut deleted, mut events) = (Vec::new(), Vec::new(), Vec::new());
    let now = work.clock.now();
    for (record, look) in looks {
        let intent = record.intent.clone();
        let user = record.user.clone();
        let looked = match look {
            None => Looked::Missed(Box::new(record)),
            Some(Ok(look)) => learn::looked(record, look, work.run(), now, work.provisioning_on()),
            Some(Err(error)) => {
                let stop = work.health.look_failed(&error);
                lost.stop = lost.stop.take().or(stop);
                recorder.look_failed(&record, &error);
                continue;
            }
        };
        match looked {
            Looked::Known(record, happened) => {
                if let (Some(intent), Some(kind)) = (&intent, happened) {
                    events.push(Event::after_all(&record, intent, kind, now));
                    recorder.found_done(kind);
                    work.health.found_done();
                }
                lost.settled.insert(user);
                records.push(*record);
            }
            Looked::Missed(record) => {
                let missed_at = record.intent.as_ref().and_then(|intent| intent.missed_at).unwrap_or(now);
                let again_at = missed_at + work.setting.policy.look_again_after;
                lost.again_at = Some(lost.again_at.map_or(again_at, |at| at.max(again_at)));
                records.push(*record);
            }
            Looked::Deleted(record) => {
                if let Some(intent) = &intent {
                    let kind = usher_store::event::EventKind::HardDelete;
                    events.push(Event::after_all(&record, intent, kind, now));
                    recorder.found_done(kind);
                    work.health.found_done();
                }
                lost.settled.insert(user.clone());
                deleted.push(user);
            }
        }
    }
    let mut tx = work.store.begin("engine::learn").await?;
    account::record(&mut tx, work.lease, &records).await?;
    account::forget(&mut tx, work.lease, &deleted).await?;
    event::append(&mut tx, work.lease, &events).await?;
    tx.commit().await
}

//! Reads an app as a whole and compares it with what is on record.
//!
//! The listing costs as many requests as it has pages. Where it differs from the record, one account at a time is read
//! before anything is concluded: listings are stale and leave things out, and *not listed* is not *gone*. What was
//! found goes into the accounts' records; the run that follows decides about it like about everything else.
//!
//! # Invariants
//!
//! 1. Nothing is written to the app from here.
//! 2. An account is gone, switched, or changed only where a read of it says so.
//! 3. Whoever was written to a moment ago is not judged: an app may show an account as it was for a while.
//! 4. A listing that left an account out which is there is not believed about anything else either.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use usher_model::adoption::RemoteAccount;
use usher_model::id::{AppId, Email, UserId};
use usher_model::mutant::{self, Mutant};
use usher_model::time::Timestamp;
use usher_store::account::{self, AccountRecord};
use usher_store::{Store, StoreError, app, event, remote, run as runs};

use self::compare::Drift;
use crate::ask::{self, ById};
use crate::calls::CallError;
use crate::learn::Seen;
use crate::listing;
use crate::stop::Stop;
use crate::work::Work;

pub mod compare;

/// How long after an audit the next one is due.
pub const EVERY: Duration = Duration::from_hours(24);
/// How long after one that broke off.
pub const AGAIN: Duration = Duration::from_hours(1);
/// How many accounts are compared at once.
const PAGE: usize = 200;
/// How many accounts one audit reads one by one, at most, whose attributes differ alone; and as many whose switch
/// differs or that the listing does not show, so that they do not wait behind the others.
const READ_AT_MOST: u64 = 5_000;
/// How many accounts a report names.
const NAMED: usize = 100;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// Whether the app's listing could be believed. If not, nothing was concluded from it.
    pub is_believed: bool,
    /// How many accounts the listing showed.
    pub n_listed: u64,
    /// How many of those on record were compared with it.
    pub n_compared: u64,
    /// How many had attributes changed by somebody else.
    pub n_changed: u64,
    /// How many somebody else switched off.
    pub n_switched_off: u64,
    /// How many somebody else switched on.
    pub n_switched_on: u64,
    /// How many somebody else deleted.
    pub n_deleted: u64,
    /// How many differ in the listing and were not read: too many at once, or the app did not answer.
    pub n_unread: u64,
    /// How many differ to which we wrote so shortly before that the app may still show them as they were.
    pub n_fresh: u64,
    /// How many accounts are there that the listing left out.
    pub n_left_out: u64,
    /// The first people whose account differs, and how.
    pub drifts: Vec<(Email, Drift)>,
    /// How many accounts nobody here has on record, once the run was over. They are left alone.
    pub n_unknown: u64,
    /// Their names, the first of them.
    pub unknown: Vec<String>,
}

/// Whether an app's daily audit is due.
pub async fn is_due(store: &Store, app: &AppId, now: Timestamp) -> Result<bool, StoreError> {
    let mut tx = store.read("engine::is_audit_due").await?;
    let Some(found) = app::by_id(&mut tx, app).await? else { return Ok(false) };
    // The first run lists the app as well.
    let Some(last) = runs::last_audit(&mut tx, app).await? else {
        return Ok(found.on.enabled_at.is_none_or(|enabled_at| now.since(enabled_at) >= EVERY));
    };
    // One that broke off has not audited anything; nor is it to break off every run from now on.
    let broke_off = last.outcome.is_some_and(|outcome| !outcome["stopped"].is_null());
    Ok(now.since(last.started_at) >= if broke_off { AGAIN } else { EVERY })
}

/// Lists the app and compares it with what is on record; or why the run has to stop.
pub(crate) async fn audit(work: &Work<'_>) -> Result<Result<Audited, Stop>, StoreError> {
    let fresh_from = work.clock.now().before(work.setting.policy.look_again_after);
    match listing::list(work).await {
        Ok(true) => {}
        Ok(false) => return Ok(Ok(Audited::default())),
        // A listing that is not to be had today keeps nobody's suspension waiting.
        Err(error) => return Ok(Stop::of(&error).map_or_else(|| Ok(Audited::default()), Err)),
    }
    let mut audited = Audited { is_believed: true, ..Audited::default() };
    {
        let mut tx = work.store.read("engine::audit").await?;
        audited.n_listed = remote::count(&mut tx, work.app()).await?;
        audited.n_compared = account::comparable(&mut tx, work.app()).await?;
    }
    let (mut after, mut stop): (Option<UserId>, Option<Stop>) = (None, None);
    let mut reads = Reads::default();
    loop {
        let page = differing(work, after.as_ref()).await?;
        let Some(last) = page.pairs.last() else { break };
        after = Some(last.0.user.clone());
        stop = compare_page(work, page, fresh_from, &mut reads, &mut audited).await?;
        if stop.is_some() {
            break;
        }
    }
    if audited.n_left_out > 0 {
        audited.is_believed = false;
        listing::distrust(work).await?;
    }
    Ok(stop.map_or(Ok(audited), Err))
}

/// How many accounts were read one by one.
#[derive(Debug, Default)]
struct Reads {
    n_of_attributes: u64,
    n_of_others: u64,
}

impl Reads {
    /// Whether one more may be read.
    fn takes(&mut self, drifts: Option<&[Drift]>) -> bool {
        let is_of_attributes =
            drifts.is_some_and(|drifts| drifts.iter().all(|drift| matches!(drift, Drift::Changed { .. })));
        let n = if is_of_attributes { &mut self.n_of_attributes } else { &mut self.n_of_others };
        *n += 1;
        *n <= READ_AT_MOST
    }
}

/// Says which accounts of the listing are on nobody's record, once the run has adopted what it could.
pub(crate) async fn count_unknown(work: &Work<'_>, audited: &mut Audited) -> Result<(), StoreError> {
    let mut tx = work.store.read("engine::count_unknown").await?;
    (audited.n_unknown, audited.unknown) = account::unheld(&mut tx, work.app(), NAMED).await?;
    Ok(())
}

/// An account on record, and what the listing shows of it, if it does.
type Pair = (AccountRecord, Option<RemoteAccount>);

/// Accounts that the listing shows otherwise than the record says, in user order.
struct Differing {
    pairs: Vec<Pair>,
    /// When something was last done to each of them.
    written_at: BTreeMap<UserId, Timestamp>,
}

async fn differing(work: &Work<'_>, after: Option<&UserId>) -> Result<Differing, StoreError> {
    let mut tx = work.store.read("engine::differing").await?;
    let users = account::differing(&mut tx, work.app(), after, PAGE).await?;
    let records = account::of(&mut tx, work.app(), &users).await?;
    let written_at = event::latest(&mut tx, work.app(), &users).await?;
    let ids: Vec<_> = records.values().filter_map(|record| record.remote_id.clone()).collect();
    let mut listed = remote::listed(&mut tx, work.app(), &ids).await?;
    let with_listed = |record: AccountRecord| {
        let shown = record.remote_id.as_ref().and_then(|id| listed.remove(id));
        (record, shown)
    };
    Ok(Differing { pairs: records.into_values().map(with_listed).collect(), written_at })
}

/// Compares a page, reading whatever the listing shows otherwise, and stores what was found.
async fn compare_page(
    work: &Work<'_>,
    page: Differing,
    fresh_from: Timestamp,
    one_by_one: &mut Reads,
    audited: &mut Audited,
) -> Result<Option<Stop>, StoreError> {
    let paths = &work.setting.paths;
    let (mut records, mut to_read) = (Vec::new(), Vec::new());
    for (record, listed) in page.pairs {
        let compared = listed
            .as_ref()
            .map(|listed| compare::shown(&record, &Seen::of_account(listed), paths, work.provisioning_on()));
        match compared {
            // What only the record's own bookkeeping needs is believed as it is.
            Some((after, drifts)) if drifts.is_empty() => records.extend((after != record).then_some(after)),
            // The listing may be of a moment before the write.
            _ if page.written_at.get(&record.user).is_some_and(|at| *at > fresh_from) => audited.n_fresh += 1,
            differing if one_by_one.takes(differing.as_ref().map(|(_, drifts)| drifts.as_slice())) => {
                to_read.push((record, listed.is_some()));
            }
            Some(_) | None => audited.n_unread += 1,
        }
    }
    // All at once: the limiter lets as many through as the app takes.
    let reads: FuturesUnordered<_> =
        to_read.into_iter().map(|(record, is_listed)| read(work, record, is_listed).boxed()).collect();
    let mut reads: Vec<_> = reads.collect().await;
    reads.sort_by(|(one, ..), (two, ..)| one.user.cmp(&two.user));
    let mut stop = None;
    for (before, is_listed, read) in reads {
        match read {
            Ok(ById::There(seen, _)) => {
                audited.n_left_out += u64::from(!is_listed);
                let (after, drifts) = compare::shown(&before, &seen, paths, work.provisioning_on());
                audited.count(&before, drifts);
                records.extend((after != before).then_some(after));
            }
            Ok(ById::Gone) => {
                let (after, drifts) = compare::gone(&before);
                audited.count(&before, drifts);
                records.extend((after != before).then_some(after));
            }
            Err(error) => {
                audited.n_unread += 1;
                stop = stop.or(work.health.look_failed(&error));
            }
        }
    }
    let mut tx = work.store.begin("engine::audited").await?;
    account::record(&mut tx, work.lease, &records).await?;
    tx.commit().await?;
    Ok(stop)
}

async fn read(
    work: &Work<'_>,
    record: AccountRecord,
    is_listed: bool,
) -> (AccountRecord, bool, Result<ById, CallError>) {
    let id = record.remote_id.clone().expect("invariant: whoever is compared has a remote id");
    let read = ask::by_id(work, &id).await;
    (record, is_listed, read)
}

impl Audited {
    fn count(&mut self, record: &AccountRecord, drifts: Vec<Drift>) {
        let mut is_changed = false;
        for drift in drifts {
            match &drift {
                Drift::Changed { .. } if mutant::lives(Mutant::DriftUntold) => continue,
                Drift::Changed { .. } => is_changed = true,
                Drift::SwitchedOff => self.n_switched_off += 1,
                Drift::SwitchedOn => self.n_switched_on += 1,
                Drift::Deleted => self.n_deleted += 1,
                Drift::Back => {}
            }
            if let Some(email) = record.email.clone().filter(|_| self.drifts.len() < NAMED) {
                self.drifts.push((email, drift));
            }
        }
        self.n_changed += u64::from(is_changed);
    }
}

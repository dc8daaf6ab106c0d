//! Stores results: accounts, the plan's rows and events, a batch at a time, in one transaction each.
//!
//! # Invariants
//!
//! 1. Every write is fenced: a run that lost its app changes nothing.
//! 2. An account's new state and the event that tells of it are stored together, once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::mpsc;
use usher_model::group::operation::GroupKind;
use usher_model::guard::classes;
use usher_model::id::Email;
use usher_model::mapping::cleaning::Cleaned;
use usher_model::mutant::{self, Mutant};
use usher_model::operation::Kind;
use usher_model::reason::Reason;
use usher_store::account::AccountRecord;
use usher_store::event::{self, Event, EventKind, Wrote};
use usher_store::plan::{self, PlanState};
use usher_store::{StoreError, account};

use crate::calls::CallError;
use crate::groups::done::{RowDone, RowEnd};
use crate::outcome::{Done, Outcome};
use crate::progress::Progress;
use crate::work::Work;

/// How many results go into one transaction.
const BATCH: usize = 1_000;
/// How long the first of a batch waits for the others while they keep coming: nothing to a person, and at a fast app
/// the difference between one transaction for each few results and one for hundreds.
const GATHERED_FOR: Duration = Duration::from_millis(250);
/// How many failures a report tells in full.
const REPORTED: usize = 100;

/// What was done so far.
pub struct Recorder<'a> {
    /// Operations done, by kind.
    pub operations: BTreeMap<Kind, u64>,
    /// Operations on groups done, by kind.
    pub group_operations: BTreeMap<GroupKind, u64>,
    /// Memberships that were made.
    pub n_members_added: u64,
    /// Memberships that were ended.
    pub n_members_removed: u64,
    /// People and groups for whom something failed.
    pub n_failures: u64,
    /// How many of these are groups.
    pub n_group_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(Email, String)>,
    /// Writes whose answer never came.
    pub n_unknown: u64,
    /// Everybody who was counted: who fails twice in one run is one person.
    failed: BTreeSet<Email>,
    progress: &'a dyn Progress,
}

/// Stores results as they come, until nobody sends any more.
pub(crate) async fn record(
    work: &Work<'_>,
    recorder: &mut Recorder<'_>,
    mut results: mpsc::UnboundedReceiver<Outcome>,
) -> Result<(), StoreError> {
    let mut batch = Vec::new();
    let mut first_at = None;
    loop {
        let room = BATCH - batch.len();
        if results.recv_many(&mut batch, room).await == 0 {
            break;
        }
        let now = work.clock.now();
        let waited = now.since(*first_at.get_or_insert(now));
        if batch.len() == BATCH || waited >= GATHERED_FOR {
            store(work, recorder, batch.drain(..)).await?;
            first_at = None;
        }
    }
    if batch.is_empty() { Ok(()) } else { store(work, recorder, batch.drain(..)).await }
}

async fn store(
    work: &Work<'_>,
    recorder: &mut Recorder<'_>,
    outcomes: impl Iterator<Item = Outcome>,
) -> Result<(), StoreError> {
    let (mut records, mut forgotten, mut rows, mut events) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        recorder.count(&outcome);
        events.extend(outcome.event().map(|kind| event_of(work, &outcome, kind)));
        rows.push((outcome.row.seq, state_of(&outcome.done)));
        match outcome.done {
            Done::Written { record, .. }
            | Done::Gone { record }
            | Done::Failed { record, .. }
            | Done::Unsent { record } => records.push(*record),
            Done::Deleted => forgotten.push(outcome.row.user),
            Done::Unknown { .. } => {}
        }
    }
    let mut tx = work.store.begin("engine::record").await?;
    account::record(&mut tx, work.lease, &records).await?;
    if !forgotten.is_empty() {
        account::forget(&mut tx, work.lease, &forgotten).await?;
    }
    plan::finish(&mut tx, work.lease, &rows).await?;
    if mutant::lives(Mutant::EventsDoubled) {
        let again: Vec<_> =
            events.iter().cloned().map(|event| Event { seq: event.seq + 1_000_000, ..event }).collect();
        events.extend(again);
    }
    if mutant::lives(Mutant::SuspensionsUntold) {
        events.retain(|event| event.kind != EventKind::Suspend);
    }
    event::append(&mut tx, work.lease, &events).await?;
    tx.commit().await
}

fn event_of(work: &Work<'_>, outcome: &Outcome, kind: EventKind) -> Event {
    let row = &outcome.row;
    Event {
        run: work.run().clone(),
        seq: row.seq,
        kind,
        at: work.clock.now(),
        user: row.user.clone(),
        email: Some(row.email.clone()),
        reason: match &outcome.done {
            Done::Failed { failure, .. } => Reason::Failed { failure: failure.clone() },
            Done::Written { .. }
            | Done::Deleted
            | Done::Gone { .. }
            | Done::Unknown { .. }
            | Done::Unsent { .. } => row.reason.clone(),
        },
        detail: outcome.said().or_else(|| said(&row.cleaned)),
        classes: if kind == EventKind::Failure { Vec::new() } else { classes(&row.operation, &row.reason) },
        is_released: row.is_released,
        wrote: Some(Wrote::new(row.operation.clone(), &outcome.before)),
    }
}

/// What was taken out of texts, in one sentence.
fn said(cleaned: &[Cleaned]) -> Option<String> {
    let said: Vec<_> = cleaned.iter().map(ToString::to_string).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn state_of(done: &Done) -> PlanState {
    match done {
        Done::Written { .. } | Done::Deleted => PlanState::Done,
        Done::Gone { .. } | Done::Unsent { .. } => PlanState::Dropped,
        Done::Failed { .. } => PlanState::Failed,
        Done::Unknown { .. } => PlanState::Unknown,
    }
}

impl<'a> Recorder<'a> {
    /// Nothing done so far.
    pub fn new(progress: &'a dyn Progress) -> Self {
        Self {
            operations: BTreeMap::new(),
            group_operations: BTreeMap::new(),
            n_members_added: 0,
            n_members_removed: 0,
            n_failures: 0,
            n_group_failures: 0,
            failures: Vec::new(),
            n_unknown: 0,
            failed: BTreeSet::new(),
            progress,
        }
    }

    fn count(&mut self, outcome: &Outcome) {
        match &outcome.done {
            Done::Written { kind, .. } => *self.operations.entry(*kind).or_default() += 1,
            Done::Deleted => *self.operations.entry(Kind::Delete).or_default() += 1,
            Done::Failed { failure, .. } => self.fail(outcome.row.email.clone(), failure.to_string()),
            Done::Unknown { .. } => self.n_unknown += 1,
            Done::Gone { .. } | Done::Unsent { .. } => {}
        }
        self.progress.done(1);
    }

    /// Says that so many more operations are to come.
    pub(crate) fn expect(&self, n_operations: u64) {
        self.progress.total(n_operations);
    }

    /// Counts what came of a row about a group.
    pub(crate) fn count_group(&mut self, done: &RowDone) {
        match &done.end {
            RowEnd::Done => self.found_group_done(done),
            RowEnd::Failed(failure) => {
                self.fail_group(done.row.email.clone(), failure.to_string());
                self.count_members(done);
            }
            RowEnd::Unknown(_) => self.n_unknown += 1,
            RowEnd::Dropped => {}
        }
        self.progress.done(1);
    }

    /// Counts a row about a group that is done, also after its answer had been lost.
    pub(crate) fn found_group_done(&mut self, done: &RowDone) {
        *self.group_operations.entry(done.row.operation.kind()).or_default() += 1;
        self.count_members(done);
    }

    fn count_members(&mut self, done: &RowDone) {
        match done.row.operation.kind() {
            GroupKind::GroupCreate | GroupKind::MembersAdd => self.n_members_added += done.n_members,
            GroupKind::MembersRemove | GroupKind::GroupDelete => self.n_members_removed += done.n_members,
            GroupKind::GroupAdopt | GroupKind::GroupUpdate => {}
        }
    }

    /// Counts a lost write that turned out to be done.
    pub fn found_done(&mut self, kind: EventKind) {
        if let Some(kind) = kind.operation() {
            *self.operations.entry(kind).or_default() += 1;
        }
    }

    /// Counts somebody whose lost write could not be looked at.
    pub fn look_failed(&mut self, record: &AccountRecord, error: &CallError) {
        if let Some(email) = &record.email {
            self.fail(email.clone(), error.to_string());
        }
    }

    /// Counts a group for which something failed.
    pub fn fail_group(&mut self, email: Email, why: String) {
        let n_before = self.n_failures;
        self.fail(email, why);
        self.n_group_failures += self.n_failures - n_before;
    }

    /// Counts somebody for whom something failed.
    pub fn fail(&mut self, email: Email, why: String) {
        if !self.failed.insert(email.clone()) {
            return;
        }
        self.n_failures += 1;
        if self.failures.len() < REPORTED {
            self.failures.push((email, why));
        }
    }
}

//! What an account's record becomes after a write, a look, or a failure.
//!
//! Pure: records in, records out. No request is made here and nothing is stored.
//!
//! # Invariants
//!
//! 1. Success is what the app *shows*, not what its status says: an app that
//!    answers 200 to a suspension and shows the account on has not suspended it.
//! 2. An intent is dropped only when its outcome is known.

use std::time::Duration;

use serde_json::Value;
use usher_model::adoption::{MatchedBy, RemoteAccount};
use usher_model::attribute::Attributes;
use usher_model::attribute::changes::{Change, Changes, changes};
use usher_model::attribute::drift::returned_despite;
use usher_model::attribute::fold::fold;
use usher_model::attribute::path::AttributePath;
use usher_model::id::{RemoteId, RunId, UserId};
use usher_model::mutant::{self, Mutant};
use usher_model::operation::Doing;
use usher_model::operation::{Kind, Operation};
use usher_model::reason::{Failing, Failure};
use usher_model::time::Timestamp;
use usher_protocol::scim::resource::Resource;
use usher_protocol::scim::user::User;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::event::EventKind;

/// The first pause after a failure; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_mins(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// An account as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The app's id of it.
    pub remote_id: RemoteId,
    /// Its `externalId`, if it is not empty.
    pub external_id: Option<String>,
    /// Its `userName`.
    pub user_name: Option<String>,
    /// Whether it is on, if the answer says so.
    pub active: Option<bool>,
    /// What it says about the mapped attributes.
    pub attributes: Attributes,
}

impl Seen {
    /// Reads an answer's resource; none if it has no id.
    pub fn read<'a>(resource: Resource, paths: impl IntoIterator<Item = &'a AttributePath>) -> Option<Self> {
        let attributes = Attributes::project(paths, resource.attributes());
        let user = User(resource);
        Some(Self {
            remote_id: RemoteId::new(user.id()?),
            external_id: user.external_id().filter(|id| !id.is_empty()).map(str::to_owned),
            user_name: user.user_name().map(str::to_owned),
            active: user.active(),
            attributes,
        })
    }

    /// An account as adoption saw it.
    pub fn of_account(account: &RemoteAccount) -> Self {
        Self {
            remote_id: account.remote_id.clone(),
            external_id: account.external_id.clone(),
            user_name: Some(account.user_name.clone()),
            active: Some(account.active),
            attributes: account.attributes.clone(),
        }
    }

    /// As adoption sees it. An account that does not say whether it is on is on (RFC 7643 §4.1.1 leaves it open).
    pub fn to_remote_account(&self) -> RemoteAccount {
        RemoteAccount {
            remote_id: self.remote_id.clone(),
            external_id: self.external_id.clone(),
            user_name: self.user_name.clone().unwrap_or_default(),
            active: self.active.unwrap_or(true),
            attributes: self.attributes.clone(),
            holder: None,
        }
    }
}

/// The record after a write that the app showed the outcome of.
pub fn written(
    mut record: AccountRecord,
    operation: &Operation,
    seen: &Seen,
    on: Duration,
) -> Result<AccountRecord, (Box<AccountRecord>, Failure)> {
    let sent = sent_by(&record, operation);
    let obeyed = obeys(operation, seen, &sent).and_then(|()| heeds(operation, seen, &record));
    // What it did not obey was not written: somebody else's change stays known.
    show(&mut record, seen, obeyed.is_ok().then_some(operation));
    record.settled = None;
    switch(&mut record, operation.doing(), seen, on);
    record.intent = None;
    match obeyed {
        Ok(()) => {
            record.sent = sent;
            record.failing = None;
            Ok(record)
        }
        // What was sent in vain is still to be sent.
        Err(failure) => Err((Box::new(record), failure)),
    }
}

/// What the app has been sent in all, once this operation is done.
fn sent_by(record: &AccountRecord, operation: &Operation) -> Attributes {
    match operation {
        Operation::Create { attributes, .. } => attributes.clone(),
        Operation::Adopt { account, changes } => with(account.attributes.clone(), changes),
        Operation::Update { changes, .. } | Operation::Unsuspend { changes, .. } => {
            with(record.sent.clone(), changes)
        }
        Operation::Suspend { .. } | Operation::Delete { .. } => record.sent.clone(),
    }
}

fn with(mut attributes: Attributes, changes: &Changes) -> Attributes {
    for change in changes {
        match &change.to {
            Some(value) => attributes.insert(change.path.clone(), value.clone()),
            None => {
                attributes.remove(&change.path);
            }
        }
    }
    attributes
}

/// Whether the app did what decides about somebody's access and sign-in. Other values it may normalize.
fn obeys(operation: &Operation, seen: &Seen, sent: &Attributes) -> Result<(), Failure> {
    let refuse = |message: String| Err(Failure::Disobeyed { message });
    match (operation.doing(), seen.active) {
        (Doing::Suspending, Some(true)) => {
            return refuse("the app said yes to the suspension and left the account on".into());
        }
        (Doing::Unsuspending, Some(false)) => {
            return refuse("the app said yes to the unsuspension and left the account off".into());
        }
        (
            Doing::Creating
            | Doing::Adopting
            | Doing::Updating
            | Doing::Suspending
            | Doing::Unsuspending
            | Doing::Deleting,
            _,
        ) => {}
    }
    // What it was not sent just now, somebody else may have changed: the write was done for all that.
    let names = |changes: &Changes| changes.iter().any(|change| change.path.is("userName"));
    let is_named = operation.doing() == Doing::Creating
        || operation.changes().is_some_and(names)
        || mutant::lives(Mutant::RenamedIsDisobeyed);
    match (sent.user_name(), &seen.user_name) {
        (Some(sent), Some(shown)) if is_named && fold(sent) != fold(shown) => {
            refuse(format!("the app was sent the userName {sent} and shows {shown}"))
        }
        _ => Ok(()),
    }
}

/// Whether the app took anything of an update. One that kept our last value as we sent it, and shows it
/// still, did not normalize the new one: it ignored it.
fn heeds(operation: &Operation, seen: &Seen, before: &AccountRecord) -> Result<(), Failure> {
    // Of an adopted account nobody knows yet how the app takes our values.
    let (Operation::Update { changes, .. } | Operation::Unsuspend { changes, .. }) = operation else {
        return Ok(());
    };
    let is_ignored = |change: &Change| {
        let was = before.returned.get(&change.path).filter(|was| before.sent.get(&change.path) == Some(*was));
        // What somebody else put there and that still stands was not written over.
        let theirs = before.drifted.as_ref().and_then(|drifted| drifted.get(&change.path));
        let shown = seen.attributes.get(&change.path);
        let stands = |old: Option<&Value>| {
            let is_meant = change.to.iter().any(|to| old.is_some_and(|old| is_alike(old, to)));
            old.is_some() && shown == old && !is_meant
        };
        stands(was) || stands(theirs)
    };
    if changes.is_empty() || !changes.iter().all(is_ignored) {
        return Ok(());
    }
    let paths: Vec<_> = changes.iter().map(|change| change.path.as_str()).collect();
    let message = format!("the app said yes to the update and shows the old {}", paths.join(", "));
    Err(Failure::Disobeyed { message })
}

/// Whether two values may be one to an app that trims texts and folds case.
fn is_alike(one: &Value, two: &Value) -> bool {
    match (one.as_str(), two.as_str()) {
        (Some(one), Some(two)) => fold(one.trim()) == fold(two.trim()),
        _ => one == two,
    }
}

/// What the app shows after a write, if there was one. What the write was not about is as it was: whatever shows
/// otherwise there was changed by somebody else, and stays for an audit to find.
fn show(record: &mut AccountRecord, seen: &Seen, written: Option<&Operation>) {
    record.remote_id = Some(seen.remote_id.clone());
    record.user_name = seen.user_name.as_deref().map(fold);
    let is_new =
        written.is_some_and(|operation| matches!(operation.doing(), Doing::Creating | Doing::Adopting));
    let changes = written.and_then(Operation::changes);
    let is_written = |path: &AttributePath| {
        is_new || changes.is_some_and(|changes| changes.iter().any(|change| change.path == *path))
    };
    let others: Vec<_> = record.sent.paths().filter(|path| !is_written(path)).cloned().collect();
    let others = if mutant::lives(Mutant::DriftTakenForOurs) { Vec::new() } else { others };
    let (returned, is_drifted) = returned_despite(&record.returned, &others, &seen.attributes);
    record.returned = returned;
    record.drifted = (is_drifted && record.drifted.is_some() && !is_new).then(|| seen.attributes.clone());
}

/// Whether the account is on, and who switched it off, after a write of this kind.
fn switch(record: &mut AccountRecord, doing: Doing, seen: &Seen, on: Duration) {
    let was_ours = record.state == RecordState::Suspended && record.suspended_by_us;
    let is_on = seen.active.unwrap_or(match doing {
        Doing::Creating | Doing::Unsuspending => true,
        Doing::Suspending => false,
        Doing::Adopting | Doing::Updating | Doing::Deleting => record.state != RecordState::Suspended,
    });
    if is_on {
        (record.state, record.suspended_by_us, record.seen_on) = (RecordState::Active, false, None);
        return;
    }
    record.state = RecordState::Suspended;
    record.suspended_by_us = doing == Doing::Suspending || was_ours;
    // Only what was seen counts: an answer that does not show `active` starts no clock.
    record.seen_on = match (record.suspended_by_us, record.seen_on, seen.active) {
        (true, Some(since), _) if was_ours => Some(since),
        (true, _, Some(false)) => Some(on),
        _ => None,
    };
}

/// The record after a failure: nothing is known to have changed, and the next try waits.
pub fn failed(
    mut record: AccountRecord,
    failure: Failure,
    kind: Option<Kind>,
    now: Timestamp,
) -> AccountRecord {
    let before = record.failing.as_ref().filter(|failing| failing.kind == kind);
    let n_attempts = before.map_or(0, |failing| failing.n_attempts).saturating_add(1);
    record.failing = Some(Failing { failure, kind, n_attempts, retry_at: now + pause_after(n_attempts) });
    record.intent = None;
    record
}

/// How long after so many failures in a row the next try comes.
pub(crate) fn pause_after(n_attempts: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(n_attempts.max(1) - 1)).min(LONGEST_PAUSE)
}

/// What a look at the app after a lost answer found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The account.
    Found(Box<Seen>, MatchedBy),
    /// Nothing.
    Nothing,
}

/// What becomes of a record whose write was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Its outcome is known; the event says that it happened.
    Known(Box<AccountRecord>, Option<EventKind>),
    /// Not found, for the first time.
    Missed(Box<AccountRecord>),
    /// It is deleted, as it was meant to be; this is what was known of it.
    Deleted(Box<AccountRecord>),
}

/// The record after a look. Not found counts the second time; a delete that finds nothing is done.
pub fn looked(mut record: AccountRecord, look: Look, run: &RunId, now: Timestamp, on: Duration) -> Looked {
    let Some(intent) = record.intent.take() else { return Looked::Known(Box::new(record), None) };
    let is_ours = intent.run == *run;
    match look {
        // An account of that name without our externalId may be somebody's own: it is adopted, as such.
        Look::Found(_, MatchedBy::UserName | MatchedBy::Choice)
            if intent.operation.doing() == Doing::Creating =>
        {
            record.settled = None;
            Looked::Known(Box::new(record), None)
        }
        // An account that is not as we would have made it was there before us, or is not ours yet: decided anew.
        Look::Found(seen, _)
            if matches!(intent.operation.doing(), Doing::Creating | Doing::Adopting)
                && (is_of_another(&intent.operation, &seen, &record.user)
                    || !has_happened(&intent.operation, &seen)
                        && !is_evident(&intent.operation, &seen, &record.user)) =>
        {
            record.settled = None;
            Looked::Known(Box::new(record), None)
        }
        Look::Found(seen, _) => {
            let kind = intent.operation.kind();
            let (record, happened) = found(record, &intent.operation, &seen, on);
            let record = if happened {
                AccountRecord { failing: None, ..record }
            } else {
                lost_again(record, kind, is_ours, now)
            };
            Looked::Known(Box::new(record), happened.then(|| EventKind::from(kind)))
        }
        Look::Nothing if intent.operation.doing() == Doing::Deleting => Looked::Deleted(Box::new(record)),
        Look::Nothing if intent.missed_at.is_none() && !mutant::lives(Mutant::UnknownIsMissing) => {
            record.intent = Some(usher_store::account::Intent { missed_at: Some(now), ..intent });
            Looked::Missed(Box::new(record))
        }
        Look::Nothing => {
            record.state = if record.remote_id.is_some() { RecordState::Gone } else { RecordState::None };
            record.settled = None;
            let record = lost_again(record, intent.operation.kind(), is_ours, now);
            Looked::Known(Box::new(record), None)
        }
    }
}

/// The record after a write that was lost and did not happen: sent again at once the first time, and then, as
/// any other failure, after growing pauses. What an interrupted run began is nobody's failure.
fn lost_again(record: AccountRecord, kind: Kind, is_ours: bool, now: Timestamp) -> AccountRecord {
    if !is_ours {
        return record;
    }
    let message = "the app did not answer, and did not do what it was asked".to_owned();
    let mut record = failed(record, Failure::NoAnswer { message }, Some(kind), now);
    if let Some(failing) = record.failing.as_mut().filter(|failing| failing.n_attempts == 1) {
        failing.retry_at = now;
    }
    record
}

/// The record of an account that was found, and whether the lost write had happened.
fn found(
    mut record: AccountRecord,
    operation: &Operation,
    seen: &Seen,
    on: Duration,
) -> (AccountRecord, bool) {
    let is_exact = has_happened(operation, seen);
    let happened = is_exact || is_evident(operation, seen, &record.user);
    let sent = if happened { sent_by(&record, operation) } else { record.sent.clone() };
    let doing = if happened { operation.doing() } else { Doing::Updating };
    show(&mut record, seen, happened.then_some(operation));
    record.sent = sent;
    record.settled = None;
    switch(&mut record, doing, seen, on);
    if happened && !is_exact {
        // The app made something else of a value, or somebody changed it since. Nobody can tell which: what shows
        // otherwise counts as never sent, and is written again, once.
        let differs = changes(&record.sent, &Attributes::new(), &seen.attributes);
        record.sent.retain(|path| differs.iter().all(|change| change.path != *path));
    }
    (record, happened)
}

/// Whether an account that was to be adopted says by now that it is somebody else's.
fn is_of_another(operation: &Operation, seen: &Seen, user: &UserId) -> bool {
    let is_foreign = seen.external_id.as_deref().is_some_and(|id| !id.is_empty() && id != user.as_str());
    operation.doing() == Doing::Adopting && is_foreign
}

/// Whether nothing but the lost write can have given the account our external id, whatever became of it since: none had
/// it when the write was planned.
fn is_evident(operation: &Operation, seen: &Seen, user: &UserId) -> bool {
    let was_none = match operation {
        Operation::Create { ask_first, .. } => !ask_first,
        Operation::Adopt { changes, .. } => changes.iter().any(|change| change.path.is("externalId")),
        Operation::Update { .. }
        | Operation::Suspend { .. }
        | Operation::Unsuspend { .. }
        | Operation::Delete { .. } => false,
    };
    let was_none = was_none && !mutant::lives(Mutant::EditedIsDisowned);
    was_none && seen.external_id.as_deref() == Some(user.as_str())
}

fn has_happened(operation: &Operation, seen: &Seen) -> bool {
    let says = |wanted: &Changes| {
        wanted.iter().all(|change| {
            let want: Attributes =
                change.to.iter().map(|value| (change.path.clone(), value.clone())).collect();
            match change.to {
                Some(_) => changes(&want, &Attributes::new(), &seen.attributes).is_empty(),
                None => seen.attributes.get(&change.path).is_none(),
            }
        })
    };
    match operation {
        Operation::Create { attributes, .. } => {
            changes(attributes, &Attributes::new(), &seen.attributes).is_empty()
        }
        Operation::Adopt { changes, .. } | Operation::Update { changes, .. } => says(changes),
        Operation::Unsuspend { changes, .. } => seen.active != Some(false) && says(changes),
        Operation::Suspend { .. } => seen.active == Some(false),
        Operation::Delete { .. } => false,
    }
}

#[cfg(test)]
mod tests;

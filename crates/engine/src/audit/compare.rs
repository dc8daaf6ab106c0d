//! What an audit makes of one account: the record as it becomes, and what somebody else did to the account.
//!
//! Pure. What is done about it is decided like everything else, from the record (`usher_model::lifecycle`).
//!
//! # Invariants
//!
//! 1. What we sent is not forgotten: drift stands beside it, so that the policy may change its mind.
//! 2. An account that does not say whether it is on has not been switched.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use usher_model::attribute::drift::drifted;
use usher_model::attribute::fold::fold;
use usher_model::attribute::path::AttributePath;
use usher_store::account::{AccountRecord, RecordState};

use crate::learn::Seen;

/// What somebody else did to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// Changed an attribute that we had written.
    Changed {
        /// Which.
        path: AttributePath,
        /// What the app returned to our last write.
        was: Option<Value>,
        /// What it shows now.
        is: Option<Value>,
    },
    /// Switched it off.
    SwitchedOff,
    /// Switched it on.
    SwitchedOn,
    /// Deleted it.
    Deleted,
    /// The app had said that it was gone, and shows it again.
    Back,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { path, was: Some(was), is: Some(is) } => {
                write!(f, "{path} was {was} and is {is} now")
            }
            Self::Changed { path, was: Some(was), is: None } => {
                write!(f, "{path} was {was} and is not there now")
            }
            Self::Changed { path, was: None, is: Some(is) } => {
                write!(f, "{path} was not shown and is {is} now")
            }
            Self::Changed { path, was: None, is: None } => write!(f, "{path} is not shown"),
            Self::SwitchedOff => f.write_str("switched off at the app"),
            Self::SwitchedOn => f.write_str("switched on at the app"),
            Self::Deleted => f.write_str("deleted at the app"),
            Self::Back => f.write_str("at the app again, after it had been gone"),
        }
    }
}

/// The record once the app has shown the account, and what was done to it. `paths`: what is mapped now, which is all that
/// was looked at. `on`: how long provisioning has been on.
pub(super) fn shown(
    before: &AccountRecord,
    seen: &Seen,
    paths: &[AttributePath],
    on: Duration,
) -> (AccountRecord, Vec<Drift>) {
    let mut record = before.clone();
    let mut drifts: Vec<_> = switched(&mut record, seen, on).into_iter().collect();
    let mut theirs = drifted(&record.sent, &record.returned, &seen.attributes);
    theirs.retain(|path| paths.contains(path));
    drifts.extend(theirs.iter().map(|path| Drift::Changed {
        path: path.clone(),
        was: record.returned.get(path).cloned(),
        is: seen.attributes.get(path).cloned(),
    }));
    record.drifted = (!theirs.is_empty()).then(|| seen.attributes.clone());
    if let Some(user_name) = &seen.user_name {
        record.user_name = Some(fold(user_name));
    }
    decided_anew(before, record, drifts)
}

/// The record once the app has said that there is no such account.
pub(super) fn gone(before: &AccountRecord) -> (AccountRecord, Vec<Drift>) {
    let record = AccountRecord { state: RecordState::Gone, ..before.clone() };
    let drifts = if before.state == RecordState::Gone { Vec::new() } else { vec![Drift::Deleted] };
    decided_anew(before, record, drifts)
}

/// Whoever's record has changed needs a decision, whatever was settled.
fn decided_anew(
    before: &AccountRecord,
    mut record: AccountRecord,
    drifts: Vec<Drift>,
) -> (AccountRecord, Vec<Drift>) {
    if record != *before {
        record.settled = None;
    }
    (record, drifts)
}

fn switched(record: &mut AccountRecord, seen: &Seen, on: Duration) -> Option<Drift> {
    match (record.state, seen.active) {
        (RecordState::Active, Some(false)) => {
            switch_off(record);
            Some(Drift::SwitchedOff)
        }
        (RecordState::Suspended, Some(true)) => {
            // Whether we had switched it off stays known, so that it can be said why it is switched off again.
            (record.state, record.seen_on) = (RecordState::Active, None);
            Some(Drift::SwitchedOn)
        }
        (RecordState::Suspended, Some(false)) => {
            if record.suspended_by_us {
                record.seen_on.get_or_insert(on);
            }
            None
        }
        (RecordState::Gone, active) => {
            if active == Some(false) {
                switch_off(record);
            } else {
                switch_on(record);
            }
            Some(Drift::Back)
        }
        (RecordState::Active, Some(true) | None) | (RecordState::Suspended, None) => None,
        // Nothing is on record that the app could show.
        (RecordState::None, _) => None,
    }
}

fn switch_off(record: &mut AccountRecord) {
    (record.state, record.suspended_by_us, record.seen_on) = (RecordState::Suspended, false, None);
}

fn switch_on(record: &mut AccountRecord) {
    (record.state, record.suspended_by_us, record.seen_on) = (RecordState::Active, false, None);
}

#[cfg(test)]
mod tests;

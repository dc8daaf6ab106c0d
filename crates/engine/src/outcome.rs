//! What came of one row.

use usher_model::attribute::Attributes;
use usher_model::operation::Kind;
use usher_model::reason::Failure;
use usher_store::account::AccountRecord;
use usher_store::event::EventKind;
use usher_store::plan::PlanRow;

use crate::calls::CallError;
use crate::stop::Stop;

/// What came of one row.
#[derive(Debug)]
pub struct Outcome {
    /// The row.
    pub row: Box<PlanRow>,
    /// What came of it.
    pub done: Done,
    /// What the account said before, as far as that was known.
    pub before: Attributes,
    /// It speaks against the app as a whole.
    pub is_broad: bool,
    /// The whole run has to stop.
    pub stop: Option<Stop>,
}

/// What is stored of a row.
#[derive(Debug)]
pub enum Done {
    /// It is done, and this is the account now.
    Written {
        /// The account.
        record: Box<AccountRecord>,
        /// What was done: a create that found the account there adopted it.
        kind: Kind,
    },
    /// The account is deleted.
    Deleted,
    /// The app says that there is no such account.
    Gone {
        /// The account.
        record: Box<AccountRecord>,
    },
    /// It failed, and is tried again after a pause.
    Failed {
        /// The account.
        record: Box<AccountRecord>,
        /// Why.
        failure: Failure,
    },
    /// Nobody knows: the intent stays on record.
    Unknown {
        /// Why.
        why: String,
    },
    /// Nothing was sent.
    Unsent {
        /// The account.
        record: Box<AccountRecord>,
    },
}

impl Outcome {
    /// It is done.
    pub fn written(record: Box<AccountRecord>, row: Box<PlanRow>, kind: Kind) -> Self {
        Self {
            row,
            done: Done::Written { record, kind },
            before: Attributes::new(),
            is_broad: false,
            stop: None,
        }
    }

    /// Nothing was sent: the intent is taken back.
    pub fn not_done(mut record: Box<AccountRecord>, row: Box<PlanRow>) -> Self {
        record.intent = None;
        Self { row, done: Done::Unsent { record }, before: Attributes::new(), is_broad: false, stop: None }
    }

    /// Nobody knows.
    pub fn unknown(row: Box<PlanRow>, error: &CallError) -> Self {
        let done = Done::Unknown { why: error.to_string() };
        Self { row, done, before: Attributes::new(), is_broad: error.is_broad(), stop: Stop::of(error) }
    }

    /// The event that tells of it, if it is one.
    pub fn event(&self) -> Option<EventKind> {
        match &self.done {
            Done::Written { kind, .. } => Some(EventKind::from(*kind)),
            Done::Deleted => Some(EventKind::HardDelete),
            Done::Failed { .. } => Some(EventKind::Failure),
            Done::Gone { .. } | Done::Unknown { .. } | Done::Unsent { .. } => None,
        }
    }

    /// What the app said, where it said no.
    pub fn said(&self) -> Option<String> {
        match &self.done {
            Done::Failed { failure, .. } => Some(failure.to_string()),
            Done::Unknown { why } => Some(why.clone()),
            Done::Written { .. } | Done::Deleted | Done::Gone { .. } | Done::Unsent { .. } => None,
        }
    }
}

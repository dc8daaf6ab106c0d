//! What guards count.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::operation::Operation;
use crate::reason::Reason;

/// A kind of operation that is counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Suspensions and deletes.
    Removals,
    /// Accounts made anew because the app said that they are gone.
    Recreations,
    /// Changes of `userName`.
    Renames,
    /// Attributes emptied.
    Clearings,
}

impl Class {
    /// All of them. An operation that is of several classes is held under the first that trips.
    pub const ALL: [Self; 4] = [Self::Removals, Self::Recreations, Self::Renames, Self::Clearings];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removals => "removals",
            Self::Recreations => "recreations",
            Self::Renames => "renames",
            Self::Clearings => "clearings",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }
}

/// The classes that an operation is of.
pub fn classes(operation: &Operation, reason: &Reason) -> Vec<Class> {
    let mut classes = Vec::new();
    match operation {
        Operation::Suspend { .. } | Operation::Delete { .. } => classes.push(Class::Removals),
        Operation::Create { .. } if *reason == Reason::GoneAtApp => classes.push(Class::Recreations),
        Operation::Create { .. } | Operation::Adopt { .. } => {}
        Operation::Update { changes, .. } | Operation::Unsuspend { changes, .. } => {
            // The way aside and back is one rename, counted when it arrives.
            if changes.changes_user_name() && *reason != Reason::StepsAside {
                classes.push(Class::Renames);
            }
            if changes.cleared().next().is_some() {
                classes.push(Class::Clearings);
            }
        }
    }
    classes
}

/// How many operations there are of each class.
pub type Tally = BTreeMap<Class, u64>;

/// A verb for none or one, and for several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verb(pub(super) &'static str, pub(super) &'static str);

impl Verb {
    /// As it follows that number.
    pub(super) fn of(self, n: u64) -> &'static str {
        if n <= 1 { self.0 } else { self.1 }
    }
}

impl Class {
    /// What accounts would do, that they did so, and that they do.
    pub(super) fn verbs(self) -> (&'static str, Verb, Verb) {
        let (was, did) = (Verb("was", "were"), Verb("did", "did"));
        let (is, does) = (Verb("is", "are"), Verb("does", "do"));
        match self {
            Self::Removals => ("be suspended or deleted", was, is),
            Self::Recreations => ("be made anew", was, is),
            Self::Renames => ("get another userName", did, does),
            Self::Clearings => ("have attributes emptied", did, does),
        }
    }
}

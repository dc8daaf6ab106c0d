//! Pins: whose account Usher must not touch.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entitlement::Standing;
use crate::id::RunId;
use crate::mutant::{self, Mutant};
use crate::time::Timestamp;

/// An admin's word that Usher must not touch somebody at an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Who said so.
    pub by: String,
    /// Why.
    pub why: String,
    /// When they said so.
    pub since: Timestamp,
    /// When it ends by itself, if it does.
    pub until: Option<Timestamp>,
    /// The run that was undone, where the word was to undo one: so that no later run repeats what it did, until the
    /// directory has it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<RunId>,
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, why, since, until, undone } = self;
        let since = since.minute();
        match (undone, until) {
            (Some(run), _) => write!(
                f,
                "pinned by undo of run {run} (by {by}) since {since}, until unpinned or the directory agrees: {why}"
            ),
            (None, None) => write!(f, "pinned by {by} since {since}: {why}"),
            (None, Some(until)) => write!(f, "pinned by {by} from {since} until {}: {why}", until.minute()),
        }
    }
}

impl Pin {
    /// Whether it still holds, whatever the directory says.
    pub fn holds(&self, now: Timestamp) -> bool {
        if mutant::lives(Mutant::PinsIgnored) {
            return false;
        }
        self.until.is_none_or(|until| now < until)
    }

    /// Whether it keeps what this run did from being done again.
    pub fn is_undo_of(&self, run: &RunId) -> bool {
        self.undone.as_ref() == Some(run)
    }

    /// Whether it is over for somebody who stands so: the directory agrees with the undo that set it.
    pub fn is_agreed_with(&self, standing: &Standing) -> bool {
        self.undone.is_some() && *standing == Standing::Entitled
    }
}

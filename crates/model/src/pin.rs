//! Pins: whose account Usher must not touch.

use std::fmt;

use serde::{Deserialize, Serialize};

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
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, why, since, until } = self;
        match until {
            None => write!(f, "pinned by {by} since {since}: {why}"),
            Some(until) => write!(f, "pinned by {by} from {since} until {until}: {why}"),
        }
    }
}

impl Pin {
    /// Whether it still holds.
    pub fn holds(&self, now: Timestamp) -> bool {
        if mutant::lives(Mutant::PinsIgnored) {
            return false;
        }
        self.until.is_none_or(|until| now < until)
    }
}

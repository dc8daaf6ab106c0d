//! How many requests there were, and how they were answered.

use std::collections::BTreeMap;

use serde::Serialize;
use usher_model::time::Timestamp;

const SECOND_MICROS: i64 = 1_000_000;

/// Counts of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// All of them.
    pub requests: u64,
    /// Those that were answered with 2xx.
    pub succeeded: u64,
    /// By status.
    pub statuses: BTreeMap<u16, u64>,
    /// Those whose connection was dropped.
    pub dropped: u64,
    /// The most in one second of the clock.
    pub max_per_second: u64,
    #[serde(skip)]
    second: i64,
    #[serde(skip)]
    in_second: u64,
}

impl Count {
    /// Counts a request that came at this instant; no status: its connection was dropped.
    pub(crate) fn add(&mut self, status: Option<u16>, at: Timestamp) {
        self.requests += 1;
        match status {
            Some(status) => {
                *self.statuses.entry(status).or_default() += 1;
                self.succeeded += u64::from((200..300).contains(&status));
            }
            None => self.dropped += 1,
        }
        let second = at.as_micros().div_euclid(SECOND_MICROS);
        if self.second == second {
            self.in_second += 1;
        } else {
            (self.second, self.in_second) = (second, 1);
        }
        self.max_per_second = self.max_per_second.max(self.in_second);
    }
}

//! A directory that lists far fewer people than last time.
//!
//! Google's API sometimes answers 200 with people missing (reference, google.md
//! §1.14). The measure is the last listing that was accepted; accepting a
//! smaller one makes it the new measure.

use std::fmt;

use serde::{Deserialize, Serialize};

/// By how much a listing may shrink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShrinkLimits {
    /// From so many per cent on it is held.
    pub percent: u8,
    /// Up to so many people the next figure counts instead.
    pub small: u64,
    /// From so many per cent on it is held, in a small directory.
    pub small_percent: u8,
}

impl Default for ShrinkLimits {
    fn default() -> Self {
        Self { percent: 25, small: 40, small_percent: 50 }
    }
}

/// A listing that shrank too far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shrink {
    /// How many people the last accepted listing had.
    pub from: u64,
    /// How many this one has.
    pub to: u64,
}

impl fmt::Display for Shrink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(
            f,
            "the directory lists {to} people, and listed {from} before; nobody is removed for that without somebody's word"
        )
    }
}

/// Whether a listing shrank too far against the last accepted one.
pub fn shrank(accepted: u64, now: u64, limits: &ShrinkLimits) -> Option<Shrink> {
    let percent = if accepted > limits.small { limits.percent } else { limits.small_percent };
    let lost = accepted.saturating_sub(now);
    let too_far = lost > 0 && lost.saturating_mul(100) >= accepted.saturating_mul(u64::from(percent));
    too_far.then_some(Shrink { from: accepted, to: now })
}

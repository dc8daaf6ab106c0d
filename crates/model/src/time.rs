//! Instants as data.
//!
//! The model never asks what time it is: every instant is an argument. An
//! instant is kept in whole microseconds, the unit that both databases store,
//! so that nothing is lost on the way there and back.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A text that is not an instant as RFC 3339 writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an instant: write it as RFC 3339 does, for example 2026-11-23T09:30:00Z")]
pub struct NotAnInstant(String);

impl Timestamp {
    /// The instant so many microseconds after the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads an instant as RFC 3339 writes it; what is finer than a microsecond is dropped.
    pub fn parse(text: &str) -> Result<Self, NotAnInstant> {
        text.parse::<jiff::Timestamp>()
            .map(|instant| Self(instant.as_microsecond()))
            .map_err(|_| NotAnInstant(text.chars().take(64).collect()))
    }

    /// The day, in UTC: `2026-11-23`.
    pub fn date(self) -> String {
        let text = self.to_string();
        text.split('T').next().unwrap_or(&text).to_owned()
    }

    /// The minute, in UTC, as sentences tell it: `2026-11-23 09:30 UTC`.
    pub fn minute(self) -> String {
        let text = self.to_string();
        let minute = text.get(..16).map(|minute| minute.replace('T', " "));
        minute.map_or(text, |minute| format!("{minute} UTC"))
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The instant `span` before this one.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros(span)))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant:.0}"),
            Err(_) => write!(f, "{} µs after 1970", self.0),
        }
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let instant = Timestamp::parse("2026-11-23T09:30:00Z").unwrap();
        assert_eq!(instant.to_string(), "2026-11-23T09:30:00Z");
        assert_eq!(instant.date(), "2026-11-23");
        assert_eq!(
            Timestamp::parse("2026-11-23T10:30:00.0000019+01:00").unwrap(),
            instant + Duration::from_micros(1)
        );
    }

    #[test]
    fn spans_never_run_backwards_and_sums_never_overflow() {
        let early = Timestamp::from_micros(5);
        assert_eq!(early.since(early + Duration::from_secs(1)), Duration::ZERO);
        assert_eq!(Timestamp::from_micros(i64::MAX) + Duration::MAX, Timestamp::from_micros(i64::MAX));
    }

    #[test]
    fn what_is_not_an_instant_is_said_in_one_sentence() {
        insta::assert_snapshot!(Timestamp::parse("yesterday").unwrap_err(), @"`yesterday` is not an instant: write it as RFC 3339 does, for example 2026-11-23T09:30:00Z");
    }
}

//! The `Retry-After` header (RFC 9110 §10.2.3): seconds, or a date.
//!
//! There is no clock here. A date stays an instant until somebody who knows
//! the time asks how long that is.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

/// No server is believed that wants to be left alone for longer than this.
pub const MAX_WAIT: Duration = Duration::from_hours(24);

/// When a server wants to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long after its answer.
    Span(Duration),
    /// At this instant.
    At(Timestamp),
}

impl RetryAfter {
    /// Reads the header's value: whole seconds, or a date in one of the three
    /// forms of RFC 9110 §5.6.7. `None` for anything else.
    pub fn parse(header: &str) -> Option<Self> {
        let header = header.trim();
        if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = header.parse().unwrap_or(u64::MAX);
            return Some(Self::Span(Duration::from_secs(seconds)));
        }
        http_date(header).map(Self::At)
    }

    /// How long to wait from `now`: nothing where the instant has passed, and never above [`MAX_WAIT`].
    pub fn wait(self, now: Timestamp) -> Duration {
        let wait = match self {
            Self::Span(span) => span,
            Self::At(instant) => Duration::try_from(instant.duration_since(now)).unwrap_or_default(),
        };
        wait.min(MAX_WAIT)
    }
}

fn http_date(text: &str) -> Option<Timestamp> {
    if let Ok(timestamp) = rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(timestamp);
    }
    // The two obsolete forms: RFC 850's and that of asctime(). Both mean UTC.
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| TimeZone::UTC.to_timestamp(DateTime::strptime(form, text).ok()?).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn seconds_are_a_span() {
        assert_eq!(RetryAfter::parse(" 120 "), Some(RetryAfter::Span(Duration::from_mins(2))));
    }

    #[test]
    fn all_three_http_dates_are_the_same_instant() {
        let expected = Some(RetryAfter::At(at("1994-11-06T08:49:37Z")));
        assert_eq!(RetryAfter::parse("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
        assert_eq!(RetryAfter::parse("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
        assert_eq!(RetryAfter::parse("Sun Nov  6 08:49:37 1994"), expected);
    }

    #[test]
    fn a_past_date_means_now_and_an_absurd_one_is_capped() {
        let now = at("2026-01-01T00:00:00Z");
        let past = RetryAfter::parse("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(past.wait(now), Duration::ZERO);
        assert_eq!(RetryAfter::parse("99999999999999999999999").unwrap().wait(now), MAX_WAIT);
    }

    #[test]
    fn anything_else_is_no_hint() {
        for header in ["", "-1", "soon", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(RetryAfter::parse(header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(header in "\\PC{0,40}") {
            let now = at("2026-01-01T00:00:00Z");
            if let Some(after) = RetryAfter::parse(&header) {
                prop_assert!(after.wait(now) <= MAX_WAIT);
            }
        }
    }
}

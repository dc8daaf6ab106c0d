//! How long to wait before something is asked again: Google's own rule, exponential with jitter (reference §2.6).

use std::time::Duration;

use usher_protocol::http::retry_after::RetryAfter;

use crate::clock::Clock;

/// The longest pause of Google's rule.
const MAX_PAUSE: Duration = Duration::from_secs(64);
/// The longest that a server's own word (`Retry-After`) is waited for while somebody waits for the answer.
pub(crate) const MAX_ASKED_PAUSE: Duration = Duration::from_mins(5);

/// The pause after the nth failure in a row, from 1 on: 2, 4, 8, … seconds halved, with up to a second of chance, so that
/// many who failed together do not come back together. A server that says when to come back is believed.
pub(crate) fn pause(clock: &dyn Clock, n_failed: u32, after: Option<RetryAfter>) -> Duration {
    let mut chance = [0; 2];
    clock.entropy(&mut chance);
    let jitter = Duration::from_millis(u64::from(u16::from_le_bytes(chance)) % 1_000);
    let exponential = Duration::from_secs(2_u64.saturating_pow(n_failed.saturating_sub(1).min(10)));
    let now = jiff::Timestamp::from_microsecond(clock.now().as_micros()).unwrap_or_default();
    let asked = after.map(|after| after.wait(now)).unwrap_or_default();
    (exponential + jitter).min(MAX_PAUSE).max(asked)
}

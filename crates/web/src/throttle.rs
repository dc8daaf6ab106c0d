//! How long an attempt to sign in waits for those that failed before it.

use std::time::Duration;

use usher_model::time::Timestamp;
use usher_store::admin::failures::Failures;

/// How many may fail for one admin before the next has to wait.
pub(crate) const FREE_FOR_ADMIN: u64 = 5;
/// How many may fail from one address: several people may be behind it.
pub(crate) const FREE_FROM_ADDRESS: u64 = 20;
/// The longest wait: whoever locks somebody out on purpose locks them out for so long.
const LONGEST: Duration = Duration::from_mins(15);
/// After so long, what failed is forgotten.
pub(crate) const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// Until when an attempt has to wait; none: it may be made now. Each failure beyond the free ones doubles the wait.
pub(crate) fn wait(failures: Option<Failures>, free: u64, now: Timestamp) -> Option<Timestamp> {
    let Failures { n, last_at } = failures?;
    let beyond = n.checked_sub(free)?;
    let seconds = 1_u64.checked_shl(u32::try_from(beyond).unwrap_or(u32::MAX)).unwrap_or(u64::MAX);
    let until = last_at + Duration::from_secs(seconds).min(LONGEST);
    (until > now).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_are_free_and_each_more_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        let last_at = Timestamp::from_micros(0);
        let seconds = |n| {
            let until = wait(Some(Failures { n, last_at }), FREE_FOR_ADMIN, last_at);
            until.map(|until| until.since(last_at).as_secs())
        };
        assert_eq!(
            [1, 4, 5, 6, 9, 14, 15, 70, u64::MAX].map(seconds),
            [None, None, Some(1), Some(2), Some(16), Some(512), Some(900), Some(900), Some(900)]
        );
        assert_eq!(wait(None, FREE_FOR_ADMIN, last_at), None);
        let later = last_at + Duration::from_secs(2);
        assert_eq!(wait(Some(Failures { n: 6, last_at }), FREE_FOR_ADMIN, later), None, "it has waited");
    }
}

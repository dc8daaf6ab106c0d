//! Token buckets, kept as the instant until which they are used up (the generic cell rate algorithm): whole
//! microseconds, so that a second under a simulated clock is exactly a second.

use std::time::Duration;

use usher_model::time::Timestamp;

const SECOND_MICROS: u64 = 1_000_000;

/// One bucket: as many tokens as its rate, filled again at its rate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    /// When it will be full again.
    full_at: Timestamp,
}

impl Bucket {
    /// Takes `n` tokens, or none of them. No rate: there are always enough.
    pub(crate) fn take(&mut self, n: u32, per_second: Option<u32>, now: Timestamp) -> bool {
        let Some(rate) = per_second else { return true };
        if n == 0 {
            return true;
        }
        if rate == 0 {
            return false;
        }
        let spent = Duration::from_micros(u64::from(n) * SECOND_MICROS / u64::from(rate));
        let full_at = self.full_at.max(now) + spent;
        // More than the bucket holds is never there at once; a full bucket gives it on credit.
        let is_full = self.full_at <= now;
        if full_at.since(now) > Duration::from_micros(SECOND_MICROS) && !(is_full && n > rate) {
            return false;
        }
        self.full_at = full_at;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_rate_at_once_and_then_as_it_fills() {
        let mut bucket = Bucket::default();
        let now = Timestamp::from_micros(1_000_000_000);
        let taken = (0..30).filter(|_| bucket.take(1, Some(25), now)).count();
        assert_eq!(taken, 25);
        assert!(!bucket.take(1, Some(25), now + Duration::from_millis(39)));
        assert!(bucket.take(1, Some(25), now + Duration::from_millis(40)));
        assert!(!bucket.take(1, Some(25), now + Duration::from_millis(40)));
    }

    #[test]
    fn an_even_pace_at_the_rate_is_never_refused() {
        let mut bucket = Bucket::default();
        let start = Timestamp::from_micros(5);
        for n in 0..1_000 {
            assert!(bucket.take(1, Some(40), start + Duration::from_millis(25 * n)));
        }
    }

    #[test]
    fn more_than_a_bucket_holds_is_given_by_a_full_one_alone() {
        let mut bucket = Bucket::default();
        let now = Timestamp::from_micros(1_000_000_000);
        assert!(bucket.take(100, Some(50), now));
        assert!(!bucket.take(1, Some(50), now + Duration::from_millis(900)));
        assert!(!bucket.take(100, Some(50), now + Duration::from_millis(1_900)));
        assert!(bucket.take(100, Some(50), now + Duration::from_secs(2)));
        assert!(bucket.take(u32::MAX, None, now));
    }
}

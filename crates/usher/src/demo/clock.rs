//! The clock of the demo: it runs through the days as fast as the work is done, and is the machine's clock afterwards.
//!
//! # Invariants
//!
//! 1. It never runs backwards, also not when it becomes the machine's.
//! 2. While the days are told, a sleep moves the clock to its end; so nothing may race a sleep against a request then.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use usher_engine::clock::Clock;
use usher_model::time::Timestamp;

use crate::system::SystemClock;

/// A clock that stands somewhere in the past until it is let go.
pub(crate) struct DemoClock {
    time: Mutex<Time>,
}

#[derive(Clone, Copy)]
struct Time {
    /// What it shows; once it is the machine's, what it has shown at most.
    told: Timestamp,
    is_machines: bool,
}

impl DemoClock {
    /// A clock that stands at this instant.
    pub(crate) fn at(now: Timestamp) -> Self {
        Self { time: Mutex::new(Time { told: now, is_machines: false }) }
    }

    /// Moves the clock forward to this instant, unless it is later already.
    pub(crate) fn forward(&self, to: Timestamp) {
        let mut time = self.time();
        time.told = time.told.max(to);
    }

    /// From now on it shows what the machine's clock shows.
    pub(crate) fn let_go(&self) {
        self.time().is_machines = true;
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        let mut time = self.time();
        if time.is_machines {
            time.told = time.told.max(SystemClock.now());
        }
        time.told
    }

    async fn sleep_until(&self, at: Timestamp) {
        let is_machines = self.time().is_machines;
        if is_machines {
            return SystemClock.sleep_until(at).await;
        }
        // Others get their turn first, as they would during a real sleep.
        tokio::task::yield_now().await;
        self.forward(at);
    }

    fn entropy(&self, into: &mut [u8]) {
        SystemClock.entropy(into);
    }
}

/// The emulated app goes by the same time.
#[async_trait]
impl usher_emulator::clock::Clock for DemoClock {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }

    async fn sleep_until(&self, at: Timestamp) {
        Clock::sleep_until(self, at).await;
    }

    fn entropy(&self, into: &mut [u8]) {
        Clock::entropy(self, into);
    }
}

impl fmt::Debug for DemoClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DemoClock({})", Clock::now(self))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn long_ago() -> Timestamp {
        Timestamp::parse("2020-01-01T00:00:00Z").unwrap()
    }

    #[tokio::test]
    async fn a_sleep_moves_it_and_nothing_moves_it_back() {
        let clock = DemoClock::at(long_ago());
        clock.sleep_until(long_ago() + Duration::from_hours(24)).await;
        assert_eq!(clock.now().to_string(), "2020-01-02T00:00:00Z");
        clock.forward(long_ago());
        clock.sleep_until(long_ago()).await;
        assert_eq!(clock.now().to_string(), "2020-01-02T00:00:00Z");
    }

    #[test]
    fn let_go_it_is_the_machines_clock_unless_that_is_earlier() {
        let clock = DemoClock::at(long_ago());
        clock.let_go();
        assert!(clock.now() > long_ago() + Duration::from_hours(24));
        let future = SystemClock.now() + Duration::from_hours(1);
        clock.forward(future);
        assert_eq!(clock.now(), future);
    }
}

//! The clock of the tests of both emulators.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use usher_emulator::clock::Clock;
use usher_model::time::Timestamp;

/// When every test begins.
pub(crate) const NOW: &str = "2026-01-02T03:04:05.16Z";

/// A clock that stands until it is moved; whoever waits moves it. Chance is a row of numbers.
#[derive(Debug)]
pub(crate) struct StillClock {
    now: Mutex<Timestamp>,
    drawn: Mutex<u64>,
}

impl StillClock {
    pub(crate) fn new() -> Self {
        Self { now: Mutex::new(Timestamp::parse(NOW).unwrap()), drawn: Mutex::new(0) }
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.now.lock().unwrap();
        *now = *now + by;
    }
}

#[async_trait]
impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut now = self.now.lock().unwrap();
        *now = at.max(*now);
    }

    fn entropy(&self, into: &mut [u8]) {
        let mut drawn = self.drawn.lock().unwrap();
        for byte in into {
            *drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = drawn.to_be_bytes()[0];
        }
    }
}

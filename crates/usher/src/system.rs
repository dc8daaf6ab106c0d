//! The machine's own time and chance: the only place of the product that asks for them.
//!
//! Everything else is given [`SystemClock`], or an instant that somebody read from it.

use std::time::Duration;

use async_trait::async_trait;
use usher_engine::clock::Clock;
use usher_model::time::Timestamp;

/// How long a wait goes on before the wall clock is looked at again: it may have been set, or the machine asleep.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The machine's clock and its chance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the injected time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
    }

    #[expect(clippy::disallowed_methods, reason = "this is what waiting through the clock comes down to")]
    async fn sleep_until(&self, at: Timestamp) {
        loop {
            let left = at.since(self.now());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_WAIT)).await;
        }
    }

    fn entropy(&self, into: &mut [u8]) {
        fill(into);
    }
}

/// The same for the emulators, which know nothing of the product's clock.
#[async_trait]
impl usher_emulator::clock::Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }

    async fn sleep_until(&self, at: Timestamp) {
        Clock::sleep_until(self, at).await;
    }

    fn entropy(&self, into: &mut [u8]) {
        fill(into);
    }
}

/// Fills bytes with chance that nobody can guess.
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("invariant: every system that Usher runs on has a source of chance");
}

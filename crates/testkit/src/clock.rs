//! Time and chance that only a test moves.
//!
//! A [`SimClock`] stands still until a test sets or advances it. In *auto-advance* a sleep moves the clock itself, so
//! that code which waits for days runs through in no time; that is for one line of work on a current-thread runtime.
//! Nothing that races a sleep against a request may run in auto-advance: the sleep would always win.
//!
//! It is the engine's [`Clock`] for tests outside of the engine's own library: unit tests inside `usher-engine` see
//! another build of that trait than this crate does, so tests of the engine with this clock stand in its `tests/`.
//!
//! # Invariants
//!
//! 1. The clock never runs backwards.
//! 2. A sleep ends when the clock has reached its instant, never earlier.
//! 3. Equal seeds give equal chance, in equal order of asking.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use usher_engine::clock::Clock;
use usher_model::time::Timestamp;

mod chance;

use chance::Chance;

/// A clock that a test moves. Clones show the same time and draw from the same chance.
#[derive(Clone)]
pub struct SimClock {
    shared: Arc<Shared>,
}

struct Shared {
    /// What time it is, and until when whoever sleeps does so: every change wakes whoever waits for it.
    time: watch::Sender<Time>,
    chance: Mutex<Chance>,
}

#[derive(Clone, Debug)]
struct Time {
    now: Timestamp,
    is_auto: bool,
    /// The instants that are slept until; one entry per sleep.
    sleeps: Vec<Timestamp>,
}

impl SimClock {
    /// A clock that stands at the given instant, with chance from a fixed seed.
    pub fn at(now: Timestamp) -> Self {
        Self::seeded(now, 0)
    }

    /// A clock that stands at the given instant, with chance from the given seed.
    pub fn seeded(now: Timestamp, seed: u64) -> Self {
        let time = watch::Sender::new(Time { now, is_auto: false, sleeps: Vec::new() });
        Self { shared: Arc::new(Shared { time, chance: Mutex::new(Chance::seeded(seed)) }) }
    }

    /// The same clock, on which a sleep moves the time to its end.
    #[must_use]
    pub fn auto_advancing(self) -> Self {
        self.shared.time.send_modify(|time| time.is_auto = true);
        self
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.shared.time.borrow().now
    }

    /// Moves the clock forward and wakes whoever slept until then.
    pub fn advance(&self, by: Duration) {
        self.shared.time.send_modify(|time| time.now = time.now + by);
    }

    /// Sets the clock. Panics if that would turn it back.
    pub fn set(&self, to: Timestamp) {
        let now = self.now();
        assert!(to >= now, "the clock stands at {now} and cannot be turned back to {to}");
        self.shared.time.send_modify(|time| time.now = to);
    }

    /// Completes when the clock has reached the instant; at once in auto-advance.
    pub async fn sleep_until(&self, at: Timestamp) {
        if self.now() >= at {
            return;
        }
        let _asleep = Asleep::until(at, &self.shared.time);
        if self.shared.time.borrow().is_auto {
            // Others get their turn first, as they would during a real sleep.
            tokio::task::yield_now().await;
            self.shared.time.send_modify(|time| time.now = time.now.max(at));
        }
        let mut time = self.shared.time.subscribe();
        time.wait_for(|time| time.now >= at).await.expect("invariant: a sleeper holds the clock");
    }

    /// Completes when at least so many sleeps are under way.
    pub async fn sleeping(&self, n: usize) {
        let mut time = self.shared.time.subscribe();
        time.wait_for(|time| time.sleeps.len() >= n).await.expect("invariant: whoever waits holds the clock");
    }

    /// The earliest instant that is slept until.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.shared.time.borrow().sleeps.iter().min().copied()
    }

    /// Fills `into` with chance.
    pub fn entropy(&self, into: &mut [u8]) {
        self.chance().fill(into);
    }

    fn chance(&self) -> MutexGuard<'_, Chance> {
        self.shared.chance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    async fn sleep_until(&self, at: Timestamp) {
        Self::sleep_until(self, at).await;
    }

    fn entropy(&self, into: &mut [u8]) {
        Self::entropy(self, into);
    }
}

#[async_trait]
impl usher_emulator::clock::Clock for SimClock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    async fn sleep_until(&self, at: Timestamp) {
        Self::sleep_until(self, at).await;
    }

    fn entropy(&self, into: &mut [u8]) {
        Self::entropy(self, into);
    }
}

impl fmt::Debug for SimClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimClock({})", self.now())
    }
}

/// One sleep under way; it is forgotten when it ends or is given up.
struct Asleep<'a> {
    at: Timestamp,
    time: &'a watch::Sender<Time>,
}

impl<'a> Asleep<'a> {
    fn until(at: Timestamp, time: &'a watch::Sender<Time>) -> Self {
        time.send_modify(|time| time.sleeps.push(at));
        Self { at, time }
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.time.send_modify(|time| {
            let own = time.sleeps.iter().position(|&at| at == self.at);
            time.sleeps.swap_remove(own.expect("invariant: a sleep is entered once and removed once"));
        });
    }
}

#[cfg(test)]
mod tests;

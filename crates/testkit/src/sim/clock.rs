//! Simulated time and chance: sleepers wake in the order of their instants, and of their asking where those are equal.
//!
//! Not [`crate::clock::SimClock`], whose sleepers wait on a channel of the runtime: that wakes them in an order drawn by
//! the runtime's own chance, and here equal seeds have to take equal steps.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use async_trait::async_trait;
use usher_model::time::Timestamp;

use super::chance::Chance;

/// A clock that stands still until the simulation moves it. Clones show the same time.
#[derive(Clone)]
pub(super) struct Clock {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    now: Timestamp,
    /// Who sleeps, by instant and order of asking.
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
    n_asked: u64,
    n_drawn: u64,
    chance: Chance,
}

impl Clock {
    pub(super) fn new(now: Timestamp, seed: u64) -> Self {
        let shared =
            Shared { now, sleepers: BTreeMap::new(), n_asked: 0, n_drawn: 0, chance: Chance::seeded(seed) };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.lock().now
    }

    /// Moves the clock forward, never back, and wakes whoever slept until then.
    pub(super) fn advance_to(&self, to: Timestamp) {
        let due = {
            let mut shared = self.lock();
            shared.now = shared.now.max(to);
            let now = shared.now;
            let later = shared.sleepers.split_off(&(now, u64::MAX));
            std::mem::replace(&mut shared.sleepers, later)
        };
        due.into_values().for_each(Waker::wake);
    }

    /// How often chance was asked for.
    pub(super) fn n_drawn(&self) -> u64 {
        self.lock().n_drawn
    }

    fn draw(&self, into: &mut [u8]) {
        let mut shared = self.lock();
        shared.n_drawn += 1;
        shared.chance.fill(into);
    }

    /// The earliest instant that is slept until.
    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        self.lock().sleepers.keys().next().map(|(at, _)| *at)
    }

    pub(super) async fn sleep_until(&self, at: Timestamp) {
        let asleep = Asleep { clock: self, place: (at, self.ask()) };
        std::future::poll_fn(|context| {
            let mut shared = self.lock();
            if shared.now >= at {
                return Poll::Ready(());
            }
            shared.sleepers.insert(asleep.place, context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn ask(&self) -> u64 {
        let mut shared = self.lock();
        shared.n_asked += 1;
        shared.n_asked
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sleep under way; it is forgotten when it ends or is given up.
struct Asleep<'a> {
    clock: &'a Clock,
    place: (Timestamp, u64),
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.clock.lock().sleepers.remove(&self.place);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[async_trait]
impl usher_engine::clock::Clock for Clock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    async fn sleep_until(&self, at: Timestamp) {
        Self::sleep_until(self, at).await;
    }

    fn entropy(&self, into: &mut [u8]) {
        self.draw(into);
    }
}

#[async_trait]
impl usher_emulator::clock::Clock for Clock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    async fn sleep_until(&self, at: Timestamp) {
        Self::sleep_until(self, at).await;
    }

    fn entropy(&self, into: &mut [u8]) {
        self.draw(into);
    }
}

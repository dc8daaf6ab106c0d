//! How fast Google is asked: below 2,400 queries a minute, of all methods together (reference §2.6).
//!
//! An app's [`crate::limiter`] counts each operation by itself and spaces requests evenly; Google counts all queries of
//! one user in a minute, so that a small directory may be read at once. So this is a bucket: a burst, and what flows in.
//! Who came too fast makes all wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use usher_model::time::Timestamp;

use crate::clock::Clock;

/// How many queries may be made at once after a pause.
const BURST: u32 = 300;
/// The time between queries after that: 33 a second. With the burst that is 2,300 in the worst minute.
const INTERVAL: Duration = Duration::from_millis(30);
/// How many may be in flight. Google refuses too many at once (`quotaExceeded`) and does not say how many those are.
const MAX_IN_FLIGHT: usize = 10;

/// Paces the queries of one directory.
#[derive(Debug)]
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    in_flight: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the bucket is full again.
    full_at: Timestamp,
    /// Nobody asks before this instant.
    held_until: Timestamp,
}

/// The right to have one query in flight.
#[derive(Debug)]
pub(crate) struct Turn {
    _in_flight: OwnedSemaphorePermit,
}

impl Pace {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        let state = Mutex::new(State { full_at: now, held_until: now });
        Self { clock, in_flight: Arc::new(Semaphore::new(MAX_IN_FLIGHT)), state }
    }

    /// Waits for a query's turn.
    pub(crate) async fn turn(&self) -> Turn {
        let in_flight = Arc::clone(&self.in_flight);
        let permit = in_flight.acquire_owned().await.expect("invariant: the pace never closes its semaphore");
        let at = self.take();
        self.clock.sleep_until(at).await;
        Turn { _in_flight: permit }
    }

    /// Takes a place in the bucket, and says when it is there.
    fn take(&self) -> Timestamp {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let from = self.clock.now().max(state.held_until);
        let at = from.max(state.full_at.before(INTERVAL * (BURST - 1)));
        state.full_at = state.full_at.max(from) + INTERVAL;
        at
    }

    /// Holds everybody until then.
    pub(crate) fn hold(&self, until: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held_until = state.held_until.max(until);
    }
}

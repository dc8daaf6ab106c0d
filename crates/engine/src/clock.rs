//! Time and chance, injected.
//!
//! The shell holds one `&dyn Clock`; nothing else may ask what time it is, wait, or draw at random.
//! Tests and simulations bring a clock of their own.

use std::fmt::Debug;

use async_trait::async_trait;
use usher_model::id::{HoldId, RunId};
use usher_model::time::Timestamp;

/// The shell's one source of time and chance.
#[async_trait]
pub trait Clock: Send + Sync + Debug {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Returns once it is `at`, or at once if that has passed.
    async fn sleep_until(&self, at: Timestamp);

    /// Fills `into` with chance.
    fn entropy(&self, into: &mut [u8]);
}

/// A new id: a UUID (version 7) from the clock and its chance, so that ids sort by time.
pub fn new_id(clock: &dyn Clock) -> String {
    let mut chance = [0; 10];
    clock.entropy(&mut chance);
    let millis = u64::try_from(clock.now().as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid().to_string()
}

/// A new run's id.
pub fn new_run_id(clock: &dyn Clock) -> RunId {
    RunId::new(new_id(clock))
}

/// A new hold's id.
pub fn new_hold_id(clock: &dyn Clock) -> HoldId {
    HoldId::new(new_id(clock))
}

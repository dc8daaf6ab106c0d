//! Time and chance, injected: the console's own small trait, because it must not know the engine.

use std::fmt::Debug;

use usher_model::time::Timestamp;

/// The console's one source of time and chance.
pub trait Clock: Send + Sync + Debug {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Fills `into` with chance that nobody can guess.
    fn entropy(&self, into: &mut [u8]);
}

/// A new id: a UUID (version 7), so that ids sort by time.
pub(crate) fn new_id(clock: &dyn Clock) -> String {
    let mut chance = [0; 10];
    clock.entropy(&mut chance);
    let millis = u64::try_from(clock.now().as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid().to_string()
}

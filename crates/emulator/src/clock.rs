//! Time and chance, injected: the emulator's own small trait, so that it need not know the product's.

use std::fmt::Debug;

use async_trait::async_trait;
use usher_model::time::Timestamp;

/// The emulator's one source of time and chance.
#[async_trait]
pub trait Clock: Send + Sync + Debug {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Returns once it is `at`, or at once if that has passed.
    async fn sleep_until(&self, at: Timestamp);

    /// Fills `into` with chance.
    fn entropy(&self, into: &mut [u8]);
}

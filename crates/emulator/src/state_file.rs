//! What the emulators' state files have in common: one process at a time has one, and why one cannot be used.

pub(crate) mod error;
pub(crate) mod lock;

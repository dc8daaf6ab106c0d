//! How whoever waits for a run is told how far it is.

/// Told how far a run is.
pub trait Progress: Send + Sync {
    /// A step begins.
    fn step(&self, step: &str);
    /// So many operations are to be done.
    fn total(&self, n_operations: u64);
    /// So many more are done.
    fn done(&self, n_operations: u64);
}

/// Nobody is told.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _step: &str) {}
    fn total(&self, _n_operations: u64) {}
    fn done(&self, _n_operations: u64) {}
}

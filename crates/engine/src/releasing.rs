//! What a person releases with a run: known to what asks for it and to the guards that heed it.

use usher_model::id::HoldId;

/// Holds that a person releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Releasing {
    /// Which.
    pub holds: Vec<HoldId>,
    /// Who says so.
    pub by: String,
}

//! What the simulation found, as short as it gets, each with a line of what was wrong.

use super::Play;

/// A bug that was found, and what it was.
#[derive(Clone, Debug)]
pub struct Reproduction {
    /// What was wrong.
    pub wrong: &'static str,
    /// What shows it.
    pub play: Play,
}

/// All of them, the oldest first.
pub fn all() -> Vec<Reproduction> {
    Vec::new()
}

//! Something that an admin asked for and waits for, as its page reads it.

use crate::console::Console;
use crate::failure::Failure;
use crate::frame::sentence;
use crate::hands::{Advance, Finished, JobId, JobState};

/// How far it is, or what it came to.
pub(crate) enum Awaited<T> {
    UnderWay(Advance),
    /// Why there is nothing to show, in a sentence.
    Failed(String),
    Finished(T),
}

impl<T> Awaited<T> {
    /// Reads a job of one kind, which `take` picks out: no page shows what another one asked for. Where nobody knows of it
    /// any more, `lost` is said.
    pub(crate) fn read(
        console: &Console,
        job: String,
        lost: &str,
        take: impl FnOnce(Finished) -> Option<T>,
    ) -> Result<Self, Failure> {
        match console.hands().job(&JobId(job)) {
            Some(JobState::UnderWay(advance)) => Ok(Self::UnderWay(advance)),
            Some(JobState::Failed(why)) => Ok(Self::Failed(sentence(&why))),
            Some(JobState::Finished(finished)) => {
                take(*finished).map(Self::Finished).ok_or(Failure::NotFound)
            }
            None => Ok(Self::Failed(lost.to_owned())),
        }
    }
}

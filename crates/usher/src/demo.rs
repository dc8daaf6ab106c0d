//! The demo: a company of two hundred and fifty people, and thirty days in which Usher keeps its accounts at an
//! emulated IAM Identity Center.
//!
//! Nothing of it is invented afterwards: [`organisation`] is imported as any directory is, [`script`] says what happens
//! to it, and the engine does its own work on a clock that runs through the days ([`history`]). What came of it is told
//! by [`tale`].

mod cast;
pub(crate) mod center;
mod chance;
pub(crate) mod clock;
mod company;
mod group;
mod hand;
pub(crate) mod history;
mod in_process;
mod name;
pub(crate) mod next;
mod organisation;
mod person;
mod script;
mod setup;
mod staff;
pub(crate) mod tale;
mod verdict;

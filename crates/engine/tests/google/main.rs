//! The way to Google Workspace, at an emulated one: over HTTP, under a clock that tests move.

#![expect(unreachable_pub, reason = "the modules of a test are for each other")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod bad_days;
mod checks;
mod floor;
mod keyless;
mod liars;
mod lookups;
mod mirrored;
mod office;
mod scene;
mod sentences;
mod tokens;

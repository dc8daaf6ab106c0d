//! The emulator from outside: literal requests in, literal answers out, as AWS documents them and as they were captured.
//!
//! Nothing of the product's SCIM is used to write or to read them.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod access;
mod admin;
mod console;
mod discovery;
mod faults;
mod groups;
mod limits;
mod lists;
mod members;
mod patches;
mod people;
mod quoted;
mod refusals;
mod settings;
mod state;
#[path = "../still_clock/mod.rs"]
mod still_clock;
mod users;
mod validation;
mod world;

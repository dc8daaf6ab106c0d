//! The emulated Workspace from outside: literal requests in, literal answers out, as Google documents them. Every answer
//! of a method is held against the schemas of Google's discovery documents.
//!
//! Nothing of the product's Directory API is used to write or to read them.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod admin;
mod auth;
mod batch;
mod channels;
mod documents;
mod faults;
mod feed;
mod groups;
mod keyless;
mod limits;
mod lists;
mod members;
mod people;
mod python;
mod state;
#[path = "../still_clock/mod.rs"]
mod still_clock;
mod tour;
mod units;
mod users;
mod wired;
mod world;

//! What Usher remembers, and the only user of SQL.
//!
//! [`Store::open`] finds the database (SQLite in the data directory, or PostgreSQL), brings its schema up to date and
//! proves that the key fits. After that, everything happens in a named transaction: [`Store::begin`] to write,
//! [`Store::read`] to read a consistent state. Each aggregate has one file of functions that take `&mut Tx`; each
//! function is one SQL text for both databases, and is tested on both.
//!
//! # Invariants
//!
//! 1. A change and what caused it are written in one transaction, or not at all: what is not committed is rolled back.
//! 2. No transaction is open during a remote call, and a task holds one transaction at a time. SQLite has a single
//!    writer; a second `begin` inside the first would wait for itself.
//! 3. Conflicts are not retried here. The whole task, which is idempotent, runs again.
//! 4. Secrets are sealed before they reach a statement, bound to table, row and column ([`Keyring`]). No error, and no
//!    line of a log, holds one.
//! 5. A database that this version does not understand (newer, damaged, sealed with another key) is not opened.
//! 6. Text sorts by its bytes on both databases, so that pages in key order agree with the order of Rust's maps.
//!
//! # Not here
//!
//! Decisions (`usher-model`), remote calls (`usher-engine`), the clock (instants come in as microseconds) and chance
//! (comes in as [`Entropy`]). Nobody else sees a connection or a statement: the functions that take SQL are private.

pub mod access;
pub mod account;
pub mod admin;
pub mod app;
mod changed;
mod columns;
pub mod directory;
mod error;
pub mod event;
pub mod group;
pub mod hold;
mod migrations;
pub mod plan;
pub mod remote;
pub mod run;
mod secret;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the aggregates, which use the rest of it, are still to come")
)]
mod sql;
mod store;
pub mod tally;

pub use error::StoreError;
pub use migrations::Migrations;
pub use secret::{Entropy, Key, Keyring, Place, SecretError};
pub use sql::{Image, Tx};
pub use store::{KeySource, Location, Opening, Purpose, Store};

// The databases of tests, which the contract tests and the tests of the modules share.
#[cfg(test)]
#[path = "../tests/contract/db.rs"]
mod db;
#[cfg(test)]
extern crate self as usher_store;

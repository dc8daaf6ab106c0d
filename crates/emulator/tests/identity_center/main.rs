//! The emulator from outside: literal requests in, literal answers out, as AWS documents them and as they were captured.
//!
//! Nothing of the product's SCIM is used to write or to read them.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod admin;
mod quoted;
mod state;
mod users;
mod world;

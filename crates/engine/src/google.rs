//! The way to a directory of Google Workspace: signing in, and every call that reads it (reference §2 and §3).
//!
//! In reading order: [`address`] (where Google is), [`credential`] (who signs in), [`ambient`] (what a machine or a
//! workload has by being where it is), [`sign_in`] (one access token), [`token`] (tokens that are kept), [`client`] (calls,
//! by `pace` and with `judge`'s word on each answer), [`listing`] and [`lookup`] (what is asked), [`check`] (what of all
//! that works, and what an administrator clicks to mend the rest).
//!
//! # Invariants
//!
//! 1. Nothing here changes the directory; push channels are all that is ever opened at Google.
//! 2. Plain values go in and come out: no store, no environment, no clock but the injected one.
//! 3. No error and no `Debug` shows a secret.
//!
//! Not here: what becomes of what was read, and when it is read.

pub mod address;
pub mod ambient;
mod backoff;
pub mod check;
pub mod client;
pub mod credential;
pub mod error;
mod form;
mod judge;
pub mod listing;
pub mod lookup;
pub mod method;
mod pace;
pub mod sign_in;
pub mod token;

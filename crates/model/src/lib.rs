//! The vocabulary of Usher, and every decision it takes.
//!
//! Pure: no clock, no I/O, no randomness, no database, no HTTP. Whatever a
//! decision depends on is in its arguments, so that each can be proved in a
//! table and replayed from a record. How a decision comes about, in reading
//! order:
//!
//! - who somebody is and where they stand: [`directory`], [`access`], [`scope`], [`entitlement`];
//! - what their account should hold: `template`, `mapping`, [`attribute`];
//! - what is known of it, and why and when it ends: [`account`], [`adoption`], [`cause`];
//! - what is done next, and why: [`lifecycle`], [`operation`], [`reason`], [`order`];
//! - the same of groups: [`group`];
//! - what is not done without a person's word: [`guard`], [`hold`]; what is not done at all: [`pin`]; what is taken back:
//!   [`undo`];
//! - the app as a whole: [`app`].
//!
//! Not here: how anything is stored (`usher-store`), sent (`usher-engine`) or
//! spelled on the wire (`usher-protocol`).

#![warn(missing_docs)]

pub mod access;
pub mod account;
pub mod admin;
pub mod adoption;
pub mod app;
#[cfg(feature = "mutants")]
pub mod arms;
pub mod attribute;
pub mod cause;
pub mod directory;
pub mod entitlement;
pub mod group;
pub mod guard;
pub mod hold;
pub mod id;
pub mod lifecycle;
pub mod mapping;
#[doc(hidden)]
pub mod mutant;
pub mod operation;
pub mod order;
pub mod pin;
pub mod reason;
pub mod scope;
pub mod template;
pub mod time;
pub mod undo;

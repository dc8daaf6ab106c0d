//! The Directory API of Google's Admin SDK: its resources, lists and errors,
//! as the discovery document `admin.directory_v1` gives them.
//!
//! Names are Google's, in Google's case. A [`user::User`] is kept as its JSON
//! object, because a mapping may ask for any of its attributes; the other
//! resources are structures. What has to hold for all of them when a change
//! is laid over them (absent stays, `null` clears, arrays are replaced whole)
//! is in [`merge`].

pub mod channel;
pub mod customer;
pub mod domain;
pub mod error;
pub mod fields;
pub mod group;
mod int64;
pub mod list;
pub mod member;
pub mod merge;
pub mod orgunit;
pub mod request;
pub mod schema;
pub mod time;
pub mod user;

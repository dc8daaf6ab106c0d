//! The SCIM face of one tenant: routes, checks, and one file for each operation.
//!
//! A handler is given a [`session::Session`] and answers with a [`reply::Reply`] or a [`refusal::Refusal`]. Whether a
//! request is let in, and what goes wrong on command, is decided before: `identity_center::answer`.

pub(crate) mod attribute;
pub(crate) mod check;
pub(crate) mod cursor;
pub(crate) mod discovery;
pub(crate) mod filter;
pub(crate) mod groups;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod patch;
pub(crate) mod path;
pub(crate) mod query;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod retry_after;
pub(crate) mod route;
pub(crate) mod session;
pub(crate) mod text;
pub(crate) mod users;
pub(crate) mod view;

//! SCIM 2.0 and the Directory API, sans-IO.
//!
//! Everything here is a plain value: a [`http::Request`] is built and handed
//! to somebody who can send it, a [`http::Response`] is read into resources or
//! into a [`failure::FailureClass`]. Nothing here opens a socket, knows the
//! time or keeps a client; instants are data, and "now" is an argument.
//!
//! - [`scim`]: RFC 7643 (schema), RFC 7644 (protocol), RFC 9865 (cursor paging).
//! - [`directory`]: the resources of Google's Admin SDK Directory API, as its
//!   discovery document gives them.
//!
//! Reading is tolerant where servers are known to differ and nothing is lost
//! by it; it is strict where a wrong reading would make somebody vanish: a
//! list that is not one, a `404` that is not SCIM's, a page seen before.

#![warn(missing_docs)]

pub mod cursors;
pub mod directory;
pub mod failure;
pub mod http;
mod json;
pub mod oauth;
pub mod reports;
pub mod scim;
mod text;

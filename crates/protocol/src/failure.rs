//! What a refusal means for whoever asked.
//!
//! The class is read from an answer by the protocol that knows its words:
//! [`crate::scim::failure::Failure`] or [`crate::directory::error::ApiError`].
//! A request that got no answer at all has no class here: whoever sent it
//! knows whether the request can have arrived.

use crate::http::retry_after::RetryAfter;

/// What the answer to a read or a write means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// The same request may succeed later; nothing was changed.
    Transient {
        /// When the server wants to be asked again, if it said so.
        after: Option<RetryAfter>,
    },
    /// Too many requests (429). Nothing was changed.
    Throttled {
        /// When the server wants to be asked again, if it said so.
        after: Option<RetryAfter>,
    },
    /// The token is missing, wrong or expired (401). Nothing more may be sent.
    Unauthorized,
    /// The token is known but may not do this (403).
    Forbidden,
    /// Something with the same unique value is there already (409, or 400 with
    /// `uniqueness`). After a lost answer this may be our own earlier write.
    Conflict,
    /// The server itself says that the resource does not exist.
    Gone,
    /// A write that failed in the server: it may have happened. Only a look tells.
    Unknown {
        /// When the server wants to be asked again, if it said so.
        after: Option<RetryAfter>,
    },
    /// The same request will not succeed, whenever it is sent again.
    Permanent,
}

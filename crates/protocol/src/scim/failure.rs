//! An answer that is not the one that was asked for, and what it means.
//!
//! Two rules carry the rest. A `404` says "this resource is gone" only if its
//! body is a SCIM error: a proxy, a wrong base URL or a sign-in page answers
//! `404` too. And a `5xx` after a write says nothing about whether the write
//! happened.

use std::fmt;

use crate::failure::FailureClass;
use crate::http::Response;
use crate::http::retry_after::RetryAfter;
use crate::scim::error::{ScimError, ScimType};
use crate::text::one_line;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    status: u16,
    error: Option<ScimError>,
    content_type: Option<String>,
    retry_after: Option<RetryAfter>,
}

impl Failure {
    /// Reads an answer whose status is not one of success.
    pub fn read(response: &Response) -> Self {
        Self {
            status: response.status,
            error: response.body_json().and_then(|body| ScimError::read(response.status, &body)),
            content_type: response.content_type.clone(),
            retry_after: response.retry_after,
        }
    }

    /// The answer's status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the body really is a SCIM error.
    pub fn is_scim(&self) -> bool {
        self.error.is_some()
    }

    /// The SCIM error, if the body is one.
    pub fn error(&self) -> Option<&ScimError> {
        self.error.as_ref()
    }

    /// What it means for a request that only reads.
    pub fn of_read(&self) -> FailureClass {
        match self.status {
            408 | 425 | 500 | 502..=599 => FailureClass::Transient { after: self.retry_after },
            _ => self.of_any(),
        }
    }

    /// What it means for a request that changes something.
    pub fn of_write(&self) -> FailureClass {
        match self.status {
            408 | 500 | 502..=599 => FailureClass::Unknown { after: self.retry_after },
            // The server refused to take the risk of a replay, so it did nothing.
            425 => FailureClass::Transient { after: self.retry_after },
            _ => self.of_any(),
        }
    }

    fn of_any(&self) -> FailureClass {
        match self.status {
            401 => FailureClass::Unauthorized,
            403 => FailureClass::Forbidden,
            404 if self.says_gone() => FailureClass::Gone,
            409 => FailureClass::Conflict,
            400 if self.has_type(&ScimType::Uniqueness) => FailureClass::Conflict,
            429 => FailureClass::Throttled { after: self.retry_after },
            _ => FailureClass::Permanent,
        }
    }

    /// A SCIM error that does not contradict the answer's own status.
    fn says_gone(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.status == self.status)
    }

    fn has_type(&self, scim_type: &ScimType) -> bool {
        self.error.as_ref().is_some_and(|error| error.scim_type.as_ref() == Some(scim_type))
    }
}

impl fmt::Display for Failure {
    /// One sentence for the operator.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.error, &self.content_type) {
            (Some(error), _) => {
                write!(formatter, "the app answered {}", ScimError { status: self.status, ..error.clone() })
            }
            (None, Some(content_type)) => write!(
                formatter,
                "the app answered {} with a body that is not a SCIM error ({})",
                self.status,
                one_line(content_type)
            ),
            (None, None) => {
                write!(formatter, "the app answered {} without a SCIM error", self.status)
            }
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests;

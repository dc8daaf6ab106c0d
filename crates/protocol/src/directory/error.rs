//! Errors of the Directory API: the envelope, and what it means.
//!
//! The status alone does not tell: too many requests are a 403 with
//! `userRateLimitExceeded` as well as a 429, and load balancers answer 5xx
//! and 404 in HTML. Only an envelope with `notFound` says that something does
//! not exist.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::failure::FailureClass;
use crate::http::Response;
use crate::http::retry_after::RetryAfter;
use crate::json;
use crate::text::one_line;

/// Reasons that mean "later", whatever the status.
const TRANSIENT_REASONS: [&str; 7] = [
    "backendError",
    "badGateway",
    "gatewayTimeout",
    "internalError",
    "serviceNotAvailable",
    "sharingRateLimitExceeded",
    "transientError",
];

/// Reasons that mean "too many requests", whatever the status.
const THROTTLED_REASONS: [&str; 3] = ["quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded"];

/// A refusal of the Directory API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The answer's status code.
    pub status: u16,
    /// `error.errors[0].reason`, such as `notFound`. None without an envelope.
    pub reason: Option<String>,
    /// `error.errors[0].domain`, such as `global`.
    pub domain: Option<String>,
    /// `error.message`. For people, save that 404s name what is missing in it.
    pub message: Option<String>,
    retry_after: Option<RetryAfter>,
}

impl ApiError {
    /// An error, as a server answers it.
    pub fn new(status: u16, reason: &str, message: &str) -> Self {
        Self {
            status,
            reason: Some(reason.to_owned()),
            domain: Some("global".to_owned()),
            message: Some(message.to_owned()),
            retry_after: None,
        }
    }

    /// Reads an answer whose status is not one of success.
    pub fn read(response: &Response) -> Self {
        let body = response.body_json();
        let envelope = body.as_ref().and_then(|body| json::object(body.as_object()?, "error"));
        let first = envelope.and_then(|envelope| json::objects(envelope, "errors").next());
        let text = |object: Option<&Map<String, Value>>, name| {
            object.and_then(|object| json::text(object, name)).map(str::to_owned)
        };
        Self {
            status: response.status,
            reason: text(first, "reason"),
            domain: text(first, "domain"),
            message: text(envelope, "message").or_else(|| text(first, "message")),
            retry_after: response.retry_after,
        }
    }

    /// The body, as Google writes it.
    pub fn to_json(&self) -> Value {
        let message = self.message.as_deref().unwrap_or_default();
        json!({"error": {
            "code": self.status,
            "message": message,
            "errors": [{
                "domain": self.domain.as_deref().unwrap_or("global"),
                "reason": self.reason.as_deref().unwrap_or_default(),
                "message": message,
            }],
        }})
    }

    /// What it means for a request that only reads.
    pub fn of_read(&self) -> FailureClass {
        let after = self.retry_after;
        let reason = self.reason.as_deref().unwrap_or_default();
        if THROTTLED_REASONS.contains(&reason) {
            return FailureClass::Throttled { after };
        }
        if TRANSIENT_REASONS.contains(&reason) {
            return FailureClass::Transient { after };
        }
        match self.status {
            401 => FailureClass::Unauthorized,
            403 => FailureClass::Forbidden,
            404 if reason == "notFound" => FailureClass::Gone,
            409 => FailureClass::Conflict,
            429 => FailureClass::Throttled { after },
            408 | 425 | 500 | 502..=599 => FailureClass::Transient { after },
            _ => FailureClass::Permanent,
        }
    }

    /// What it means for a request that changes something.
    pub fn of_write(&self) -> FailureClass {
        match (self.of_read(), self.status) {
            (FailureClass::Transient { after }, 408 | 500..=599) => FailureClass::Unknown { after },
            (class, _) => class,
        }
    }
}

impl fmt::Display for ApiError {
    /// One sentence for the operator.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the directory answered {}", self.status)?;
        match &self.reason {
            Some(reason) => write!(formatter, " {}", one_line(reason))?,
            None => formatter.write_str(" without an error of the Directory API")?,
        }
        match self.message.as_deref().map(one_line).filter(|message| !message.is_empty()) {
            Some(message) => write!(formatter, ": {message}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn class(status: u16, reason: &str) -> FailureClass {
        ApiError::read(&Response::json(status, &ApiError::new(status, reason, "m").to_json())).of_read()
    }

    #[test]
    fn the_reason_tells_throttling_from_refusal() {
        assert_eq!(class(403, "userRateLimitExceeded"), FailureClass::Throttled { after: None });
        assert_eq!(class(403, "quotaExceeded"), FailureClass::Throttled { after: None });
        assert_eq!(class(403, "forbidden"), FailureClass::Forbidden);
        assert_eq!(class(429, "rateLimitExceeded"), FailureClass::Throttled { after: None });
        assert_eq!(class(412, "conditionNotMet"), FailureClass::Permanent);
        assert_eq!(class(409, "duplicate"), FailureClass::Conflict);
    }

    #[test]
    fn only_an_envelope_says_that_somebody_does_not_exist() {
        assert_eq!(class(404, "notFound"), FailureClass::Gone);
        let html = Response { body: b"<html>404</html>".to_vec(), ..Response::empty(404) };
        assert_eq!(ApiError::read(&html).of_read(), FailureClass::Permanent);
        assert_eq!(
            ApiError::read(&html).to_string(),
            "the directory answered 404 without an error of the Directory API"
        );
    }

    #[test]
    fn a_server_error_after_a_write_leaves_it_unknown() {
        let error = ApiError::new(503, "backendError", "Backend Error");
        assert_eq!(error.of_read(), FailureClass::Transient { after: None });
        assert_eq!(error.of_write(), FailureClass::Unknown { after: None });
        assert_eq!(error.to_string(), "the directory answered 503 backendError: Backend Error");
    }

    proptest! {
        #[test]
        fn no_body_panics_and_none_but_an_envelope_means_gone(status in 0_u16..1000, body in any::<Vec<u8>>()) {
            let error = ApiError::read(&Response { body, ..Response::empty(status) });
            prop_assert_ne!(error.of_read(), FailureClass::Gone);
            prop_assert!(!error.to_string().contains(char::is_control));
        }
    }
}

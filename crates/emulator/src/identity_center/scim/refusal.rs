//! Errors, as AWS says them.

use std::borrow::Cow;

use serde::Serialize;
use usher_model::time::Timestamp;

use crate::identity_center::scim::retry_after::RetryAfter;

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Said of most requests that are wrong.
pub(crate) const UNPARSABLE: &str = "Request is unparsable, syntactically incorrect, or violates schema.";
/// Said of every duplicate.
pub(crate) const DUPLICATE: &str = "Refused to create a new, duplicate resource.";
pub(crate) const REPLACES_MEMBERS: &str = "Replacing group memberships is not supported.";
pub(crate) const SEVERAL_WITHOUT_PATH: &str = "Current PATCH support allows omitting \"path\" attribute only for Add and \
                                               Replace operations modifying a single attribute.";
pub(crate) const NO_PATH: &str = "Missing path in PATCH request";
pub(crate) const NOT_JSON: &str = "Invalid JSON from RequestBody";
pub(crate) const BAD_FILTER: &str = "Invalid Filter format";

/// AWS's names of errors. They stand in its audit log, not in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exception {
    Validation,
    Unauthorized,
    AccessDenied,
    ResourceNotFound,
    Conflict,
    Throttling,
    InternalServer,
}

impl Exception {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Validation => 400,
            Self::Unauthorized => 401,
            Self::AccessDenied => 403,
            Self::ResourceNotFound => 404,
            Self::Conflict => 409,
            Self::Throttling => 429,
            Self::InternalServer => 500,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Validation => "ValidationException",
            Self::Unauthorized => "UnauthorizedException",
            Self::AccessDenied => "AccessDeniedException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::Conflict => "ConflictException",
            Self::Throttling => "ThrottlingException",
            Self::InternalServer => "InternalServerException",
        }
    }
}

/// Why a request is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) exception: Exception,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) retry_after: Option<RetryAfter>,
}

impl Refusal {
    pub(crate) fn new(exception: Exception, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { exception, detail: detail.into(), retry_after: None }
    }

    pub(crate) fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Exception::Validation, detail)
    }

    /// The 400 that says nothing in particular.
    pub(crate) fn unparsable() -> Self {
        Self::bad_request(UNPARSABLE)
    }

    pub(crate) fn duplicate() -> Self {
        Self::new(Exception::Conflict, DUPLICATE)
    }

    pub(crate) fn not_found(what: &'static str) -> Self {
        Self::new(Exception::ResourceNotFound, what)
    }

    /// Too many requests; `Retry-After` in seconds.
    pub(crate) fn throttled(seconds: Option<u32>) -> Self {
        let retry_after = seconds.map(RetryAfter::Seconds);
        Self { retry_after, ..Self::new(Exception::Throttling, "Rate exceeded") }
    }

    /// Too many requests; `Retry-After` as a date.
    pub(crate) fn throttled_until(until: Timestamp) -> Self {
        Self { retry_after: Some(RetryAfter::Date(until)), ..Self::throttled(None) }
    }

    /// The body.
    pub(crate) fn body(&self, request_id: &str, now: Timestamp) -> Vec<u8> {
        let body = Body {
            schema: [ERROR],
            schemas: [ERROR],
            detail: &self.detail,
            status: self.exception.status().to_string(),
            exception_request_id: request_id,
            time_stamp: time_stamp(now),
        };
        serde_json::to_vec(&body).expect("invariant: texts are JSON")
    }
}

/// Both `schema` and `schemas` are sent; there is no `scimType`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    schema: [&'static str; 1],
    schemas: [&'static str; 1],
    detail: &'a str,
    status: String,
    exception_request_id: &'a str,
    time_stamp: String,
}

const SECOND_MICROS: i64 = 1_000_000;

/// `2026-05-27 00:37:52.16`: no zone, milliseconds without the zeros at their end.
fn time_stamp(now: Timestamp) -> String {
    let micros = now.as_micros();
    let second = Timestamp::from_micros(micros - micros.rem_euclid(SECOND_MICROS));
    let date = second.to_string().replace('T', " ");
    let millis = format!("{:03}", micros.rem_euclid(SECOND_MICROS) / 1_000);
    let trimmed = millis.trim_end_matches('0');
    format!("{}.{}", date.trim_end_matches('Z'), if trimmed.is_empty() { "0" } else { trimmed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_captured_from_the_live_service() {
        for (instant, written) in [
            ("2022-03-18T10:57:08.014Z", "2022-03-18 10:57:08.014"),
            ("2026-05-27T00:37:52.160Z", "2026-05-27 00:37:52.16"),
            ("2026-05-27T00:37:52.9999Z", "2026-05-27 00:37:52.999"),
            ("2026-05-27T00:37:52Z", "2026-05-27 00:37:52.0"),
        ] {
            assert_eq!(time_stamp(Timestamp::parse(instant).unwrap()), written);
        }
    }

    #[test]
    fn the_body_is_the_captured_one_byte_for_byte() {
        let now = Timestamp::parse("2022-03-18T10:57:08.014Z").unwrap();
        let body = Refusal::duplicate().body("81abca44-4ee3-47fa-b4d9-729908ef1dd9", now);
        let captured = r#"{"schema":["urn:ietf:params:scim:api:messages:2.0:Error"],"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"Refused to create a new, duplicate resource.","status":"409","exceptionRequestId":"81abca44-4ee3-47fa-b4d9-729908ef1dd9","timeStamp":"2022-03-18 10:57:08.014"}"#;
        assert_eq!(String::from_utf8(body).unwrap(), captured);
    }
}

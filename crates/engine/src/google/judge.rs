//! What an answer of Google's APIs means for a call: whether it is one, and whether asking again may bring one.
//!
//! Pure. The retried reasons are Google's own and those of the best-known client (reference §2.6). A body that is no
//! JSON is a bad day of Google's, whatever its status says: a load balancer's page, or an answer that was cut off.

use serde_json::Value;
use usher_protocol::directory::error::ApiError;
use usher_protocol::failure::FailureClass;
use usher_protocol::http::Response;
use usher_protocol::http::retry_after::RetryAfter;

use super::ambient::subject::said;
use super::error::GoogleError;
use super::method::ApiMethod;
use crate::transport::TransportError;

/// How often a call is made. With the pauses between, that is about two minutes.
pub(super) const MAX_TRIES: u32 = 7;
/// How often one is made whose answer looks as though something other than the API were at the address.
const MAX_TRIES_OF_STRANGERS: u32 = 3;

/// What an answer means.
#[derive(Debug)]
pub(super) enum Verdict {
    /// What was asked for.
    Answer(Value),
    /// The access token is not taken.
    Unauthorized,
    /// No, and no again.
    Refused(ApiError),
    /// Not now.
    Again(Again),
}

/// A call that may be made again.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) why: Why,
    /// When the server wants to be asked again, if it said so.
    pub(super) after: Option<RetryAfter>,
    /// Whether all calls were too many, and not this one unlucky.
    pub(super) is_throttled: bool,
    /// How often it is made at most.
    pub(super) most_tries: u32,
}

/// Why a call may be made again.
#[derive(Debug)]
pub(super) enum Why {
    Api(ApiError),
    Garbled { status: u16 },
    Unreached { said: String },
}

impl Why {
    /// The error of a call that was made often enough.
    pub(super) fn given_up(self, method: ApiMethod, n_tries: u32) -> GoogleError {
        match self {
            Self::Api(error) => GoogleError::Busy { method, error, n_tries },
            Self::Garbled { status } => GoogleError::Garbled { method, status, n_tries },
            Self::Unreached { said } => GoogleError::Unreached { method, said, n_tries },
        }
    }
}

/// Judges an answer, or that there was none.
pub(super) fn judge(method: ApiMethod, answer: Result<Response, TransportError>) -> Verdict {
    let response = match answer {
        Ok(response) => response,
        Err(error) => return unanswered(method, error),
    };
    if response.is_success() {
        return success(method, &response);
    }
    let error = ApiError::read(&response);
    if error.reason.is_none() && error.message.is_none() {
        return stranger(&error);
    }
    let class = if method.is_write() { error.of_write() } else { error.of_read() };
    match class {
        FailureClass::Throttled { after } => again(Why::Api(error), after, true),
        FailureClass::Transient { after } => again(Why::Api(error), after, false),
        FailureClass::Unauthorized => Verdict::Unauthorized,
        // A channel that may be open is not opened again under the same id.
        FailureClass::Unknown { .. } => once(Why::Api(error)),
        FailureClass::Forbidden | FailureClass::Conflict | FailureClass::Gone | FailureClass::Permanent => {
            Verdict::Refused(error)
        }
    }
}

fn unanswered(method: ApiMethod, error: TransportError) -> Verdict {
    let may_have_happened = method.is_write() && matches!(error, TransportError::NoAnswer(_));
    let why = Why::Unreached { said: said(error) };
    if may_have_happened { once(why) } else { again(why, None, false) }
}

fn success(method: ApiMethod, response: &Response) -> Verdict {
    if response.is_empty() && method.is_write() {
        return Verdict::Answer(Value::Null);
    }
    let why = Why::Garbled { status: response.status };
    match response.body_json() {
        Some(body) => Verdict::Answer(body),
        None if method.is_write() => once(why),
        None => again(why, response.retry_after, false),
    }
}

/// An answer without Google's envelope.
fn stranger(error: &ApiError) -> Verdict {
    let why = Why::Garbled { status: error.status };
    match error.of_read() {
        FailureClass::Unauthorized => Verdict::Unauthorized,
        FailureClass::Throttled { after } => again(why, after, true),
        FailureClass::Transient { after } | FailureClass::Unknown { after } => again(why, after, false),
        // A redirect leads somewhere else each time.
        FailureClass::Permanent if (300..400).contains(&error.status) => once(why),
        FailureClass::Forbidden | FailureClass::Conflict | FailureClass::Gone | FailureClass::Permanent => {
            Verdict::Again(Again {
                why,
                after: None,
                is_throttled: false,
                most_tries: MAX_TRIES_OF_STRANGERS,
            })
        }
    }
}

fn again(why: Why, after: Option<RetryAfter>, is_throttled: bool) -> Verdict {
    Verdict::Again(Again { why, after, is_throttled, most_tries: MAX_TRIES })
}

fn once(why: Why) -> Verdict {
    Verdict::Again(Again { why, after: None, is_throttled: false, most_tries: 1 })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LIST: ApiMethod = ApiMethod::UsersList;

    fn envelope(status: u16, reason: &str) -> Response {
        Response::json(status, &ApiError::new(status, reason, "m").to_json())
    }

    fn text(status: u16, body: &str) -> Response {
        Response { body: body.as_bytes().to_vec(), ..Response::empty(status) }
    }

    /// How often a call is made that is answered so each time.
    fn tries(method: ApiMethod, answer: Result<Response, TransportError>) -> u32 {
        match judge(method, answer) {
            Verdict::Again(again) => again.most_tries,
            Verdict::Answer(_) | Verdict::Unauthorized | Verdict::Refused(_) => 1,
        }
    }

    #[test]
    fn the_reasons_that_google_says_to_retry_are_retried() {
        for reason in ["quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded"] {
            let Verdict::Again(again) = judge(LIST, Ok(envelope(403, reason))) else { panic!("{reason}") };
            assert!(again.is_throttled, "{reason}");
        }
        let passing = ["backendError", "badGateway", "gatewayTimeout", "internalError", "transientError"];
        for reason in passing {
            assert_eq!(tries(LIST, Ok(envelope(500, reason))), MAX_TRIES, "{reason}");
        }
        for (status, reason) in
            [(403, "forbidden"), (404, "notFound"), (400, "invalid"), (412, "conditionNotMet")]
        {
            assert!(matches!(judge(LIST, Ok(envelope(status, reason))), Verdict::Refused(_)), "{reason}");
        }
    }

    #[test]
    fn a_body_that_is_no_json_is_no_answer_whatever_its_status() {
        assert_eq!(tries(LIST, Ok(text(200, "<html>"))), MAX_TRIES);
        assert_eq!(tries(LIST, Ok(text(200, r#"{"kind":"admin#directory#us"#))), MAX_TRIES);
        assert_eq!(tries(LIST, Ok(text(200, ""))), MAX_TRIES);
        assert_eq!(tries(LIST, Ok(text(503, "Request rate higher than configured"))), MAX_TRIES);
        assert_eq!(tries(LIST, Ok(text(404, "<html>"))), MAX_TRIES_OF_STRANGERS);
        assert_eq!(tries(LIST, Ok(text(302, ""))), 1);
        assert!(matches!(judge(LIST, Ok(text(401, "<html>"))), Verdict::Unauthorized));
    }

    #[test]
    fn a_channel_that_may_be_open_is_not_opened_again() {
        let lost = || Err(TransportError::NoAnswer("it took too long".to_owned()));
        assert_eq!(tries(ApiMethod::UsersWatch, lost()), 1);
        assert_eq!(tries(ApiMethod::UsersWatch, Ok(envelope(503, "backendError"))), 1);
        assert_eq!(tries(ApiMethod::UsersWatch, Ok(envelope(429, "rateLimitExceeded"))), MAX_TRIES);
        assert_eq!(tries(LIST, lost()), MAX_TRIES);
        assert!(matches!(
            judge(ApiMethod::ChannelsStop, Ok(Response::empty(204))),
            Verdict::Answer(Value::Null)
        ));
        assert!(matches!(judge(LIST, Ok(Response::json(200, &json!({})))), Verdict::Answer(_)));
    }
}

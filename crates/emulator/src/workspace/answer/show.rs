//! Answers as they leave.

use crate::exchange::{Outcome, Response};
use crate::workspace::call::Reply;
use crate::workspace::fault::ErrorReason;
use crate::workspace::quota;
use crate::workspace::refusal::Refusal;

/// The error that a fault asks for.
pub(super) fn on_command(status: u16, reason: ErrorReason) -> Refusal {
    match (status, reason) {
        (403, ErrorReason::UserRateLimitExceeded) => quota::user_rate(),
        (429, ErrorReason::RateLimitExceeded) => quota::rate(),
        (403, ErrorReason::QuotaExceeded) => quota::quota(),
        (403, ErrorReason::Forbidden) => Refusal::forbidden(),
        (401, ErrorReason::AuthError) => Refusal::credentials(),
        (_, reason) => {
            let message = match reason {
                ErrorReason::BackendError => "Service unavailable. Please try again",
                ErrorReason::InternalError => "Internal error encountered.",
                ErrorReason::RateLimitExceeded | ErrorReason::UserRateLimitExceeded => "Rate Limit Exceeded",
                ErrorReason::QuotaExceeded => "Quota exceeded for the current request",
                ErrorReason::Forbidden => "Not Authorized to access this resource/api",
                ErrorReason::AuthError => "Invalid Credentials",
                ErrorReason::AccessNotConfigured => {
                    "Admin SDK API has not been used in project before or it is disabled."
                }
                ErrorReason::DomainCannotUseApis => "Domain cannot use apis.",
                ErrorReason::NotFound => "Resource Not Found: domain",
            };
            Refusal::new(status, reason.name(), message)
        }
    }
}

pub(super) fn refused(refusal: &Refusal) -> Outcome {
    let mut headers = vec![("Content-Type", "application/json; charset=UTF-8".to_owned())];
    if refusal.status == 401 {
        let realm = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
        headers.push(("WWW-Authenticate", realm.to_owned()));
    }
    Outcome::Answered(Response { status: refusal.status, headers, body: refusal.body() })
}

pub(super) fn replied(reply: Reply) -> Response {
    match reply {
        Reply::Body(body) => {
            let headers = vec![("Content-Type", "application/json; charset=UTF-8".to_owned())];
            Response { status: 200, headers, body: body.to_string().into_bytes() }
        }
        Reply::Nothing => Response { status: 204, headers: Vec::new(), body: Vec::new() },
    }
}

pub(super) fn html(status: u16) -> Response {
    let body = format!(
        "<!DOCTYPE html>\n<html lang=en>\n<title>Error {status} (Server Error)!!1</title>\n<p><b>{status}.</b> \
         <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not complete your request.\
         <p>Please try again in 30 seconds.</html>\n"
    );
    let headers = vec![("Content-Type", "text/html; charset=UTF-8".to_owned())];
    Response { status, headers, body: body.into_bytes() }
}

//! Reads requests as the app would, and writes what is no answer of the app's.

use serde_json::Value;
use usher_emulator::exchange;
use usher_protocol::http::retry_after::RetryAfter;
use usher_protocol::http::{Method, Request, Response};

use crate::sim::mind::Kind;

/// How many accounts the app shows on a page at most.
const PAGE: &str = "7";

/// What a write is, by what it says.
pub(super) fn kind(request: &Request) -> Kind {
    let switch = || {
        let operations = request.body.as_ref()?["Operations"].as_array()?;
        let active = operations.iter().find(|operation| operation["path"] == "active")?;
        let value = &active["value"];
        Some(value.as_bool().unwrap_or_else(|| value["active"] == Value::Bool(true)))
    };
    match request.method {
        Method::Post => Kind::Create,
        Method::Delete => Kind::Delete,
        Method::Get | Method::Put | Method::Patch => match switch() {
            Some(true) => Kind::Unsuspend,
            Some(false) => Kind::Suspend,
            None => Kind::Update,
        },
    }
}

/// The external id that a change gives an account.
pub(super) fn claimed(body: &Value) -> Option<String> {
    let operations = body["Operations"].as_array()?;
    let named = operations.iter().find(|operation| operation["path"] == "externalId")?;
    named["value"].as_str().map(str::to_owned)
}

/// Whose external id is asked for.
pub(super) fn asked(request: &Request) -> Option<String> {
    let (_, filter) = request.query.iter().find(|(name, _)| name == "filter")?;
    let value = filter.strip_prefix("externalId eq \"")?;
    value.strip_suffix('"').map(str::to_owned)
}

/// The app's pages are small, so that a listing has several; a cursor that it has forgotten is any that it never gave.
pub(super) fn paged(request: &mut Request, is_forgotten: bool) {
    for (name, value) in &mut request.query {
        match name.as_str() {
            "count" => PAGE.clone_into(value),
            "cursor" if is_forgotten => "forgotten".clone_into(value),
            _ => {}
        }
    }
}

/// The page that follows is the one that was asked for.
pub(super) fn looping(request: &Request, mut answer: Response) -> Response {
    let asked = request.query.iter().find(|(name, _)| name == "cursor").map(|(_, cursor)| cursor.as_str());
    if let (Some(mut body), Some(cursor)) = (answer.body_json(), asked)
        && body.get("Resources").is_some()
    {
        body["nextCursor"] = cursor.into();
        answer.body = body.to_string().into_bytes();
    }
    answer
}

pub(super) fn read(answer: exchange::Response) -> Response {
    Response {
        status: answer.status,
        content_type: answer.header("Content-Type").map(str::to_owned),
        retry_after: answer.header("Retry-After").and_then(RetryAfter::parse),
        body: answer.body,
    }
}

/// A refusal by something that is not the app.
pub(super) fn refused(status: u16) -> Response {
    let body = format!("<html><body>{status}</body></html>").into_bytes();
    Response { status, content_type: Some("text/html".to_owned()), retry_after: None, body }
}

/// The app's own refusal of what it cannot read.
pub(super) fn unreadable() -> Response {
    let body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400",
        "detail": "Request is unparsable, syntactically incorrect, or violates schema.",
    });
    let body = body.to_string().into_bytes();
    Response { status: 400, content_type: Some("application/json".to_owned()), retry_after: None, body }
}

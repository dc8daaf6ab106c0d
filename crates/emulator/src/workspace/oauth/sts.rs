//! `POST /v1/token`: a token of another identity provider for one of a cloud caller (RFC 8693). The other provider's
//! token is one that was registered; what is in it is not looked at.

use std::collections::BTreeSet;

use super::{Desk, error, fields, json_response};
use crate::exchange::{Request, Response};
use crate::workspace::accounts::{Principal, TOKEN_LIFE};
use crate::workspace::wire;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const SUBJECT_TYPES: [&str; 2] =
    ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"];
/// What a caller of the cloud may do there is not the emulator's concern.
const PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

pub(super) fn answer(request: &Request, desk: &mut Desk<'_>) -> Response {
    let fields = fields(request);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("grant_type") != GRANT_TYPE {
        return error(400, "unsupported_grant_type", "grant_type is not that of a token exchange.");
    }
    if !SUBJECT_TYPES.contains(&field("subject_token_type")) {
        return error(400, "invalid_request", "Unsupported subject_token_type.");
    }
    let requested = field("requested_token_type");
    if !requested.is_empty() && requested != ACCESS_TOKEN {
        return error(400, "invalid_request", "Invalid requested_token_type.");
    }
    let (audience, token) = (field("audience"), wire::hash(field("subject_token")));
    let mut there = desk.accounts.federations.iter().filter(|one| one.audience == audience).peekable();
    if there.peek().is_none() {
        return error(
            400,
            "invalid_target",
            "The target service indicated by the \"audience\" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn't exist.",
        );
    }
    let Some(principal) = there.find(|one| one.subject_token_hash == token).map(|one| one.principal.clone())
    else {
        return error(400, "invalid_grant", "The given credential is rejected by the attribute condition.");
    };
    let scopes: BTreeSet<String> = match field("scope") {
        "" => BTreeSet::from([PLATFORM.to_owned()]),
        scope => scope.split_whitespace().map(str::to_owned).collect(),
    };
    let value = desk.grant(Principal::Federated(principal), scopes);
    json_response(
        200,
        &serde_json::json!({
            "access_token": value, "issued_token_type": ACCESS_TOKEN, "token_type": "Bearer",
            "expires_in": TOKEN_LIFE.as_secs(),
        }),
    )
}

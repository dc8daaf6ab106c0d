//! `POST /token`: an assertion for an access token (RFC 7523).

use std::collections::BTreeSet;

use super::assertion::{self, Flaw};
use super::{Desk, error, fields, json_response};
use crate::exchange::{Request, Response};
use crate::workspace::accounts::{Principal, TOKEN_LIFE};
use crate::workspace::jwt::Jwt;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The token endpoint at Google: what Google's own client for Python asks for, whatever `token_uri` says.
const GOOGLE: &str = "https://oauth2.googleapis.com/token";
const UNAUTHORIZED: &str = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";
const TIME: &str = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";

pub(super) fn answer(request: &Request, desk: &mut Desk<'_>) -> Response {
    let fields = fields(request);
    match fields.get("grant_type").map(String::as_str) {
        Some(GRANT_TYPE) => {}
        Some(other) => {
            return error(400, "unsupported_grant_type", &format!("Invalid grant_type: {other}"));
        }
        None => return error(400, "invalid_request", "Required parameter is missing: grant_type"),
    }
    let Some(assertion) = fields.get("assertion") else {
        return error(400, "invalid_request", "Required parameter is missing: assertion");
    };
    match exchanged(assertion, desk) {
        Ok(token) => json_response(
            200,
            &serde_json::json!({
                "access_token": token, "expires_in": TOKEN_LIFE.as_secs(), "token_type": "Bearer",
            }),
        ),
        Err(response) => response,
    }
}

/// Whom an assertion asks to act for.
pub(crate) fn subject(request: &Request) -> Option<String> {
    let fields = fields(request);
    Jwt::read(fields.get("assertion")?)?.claims.sub
}

fn exchanged(assertion: &str, desk: &mut Desk<'_>) -> Result<String, Response> {
    let skew = desk.settings.clock_skew_seconds;
    let checked = assertion::check(assertion, desk.accounts, skew, desk.now);
    let (account, claims) = checked.map_err(flawed)?;
    let audience = format!("{}/token", desk.base_url);
    if !claims.is_for(&audience) && !claims.is_for(GOOGLE) {
        let sentence = format!("Invalid JWT: Failed audience check. The right audience is {audience}");
        return Err(error(400, "invalid_grant", &sentence));
    }
    let scopes: BTreeSet<String> = claims.scopes().map(str::to_owned).collect();
    let is_scope =
        |scope: &String| scope.starts_with("https://") || matches!(scope.as_str(), "openid" | "email");
    if scopes.is_empty() {
        return Err(error(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided."));
    }
    if let Some(wrong) = scopes.iter().find(|scope| !is_scope(scope)) {
        let sentence = format!("{wrong} is not a valid audience string.");
        return Err(error(400, "invalid_scope", &sentence));
    }
    let email = account.email.clone();
    let is_own = claims.sub.as_deref().is_none_or(|sub| sub == account.email);
    if is_own {
        return Ok(desk.grant(Principal::ServiceAccount(email), scopes));
    }
    let Some(subject) = desk.subject.clone().filter(|subject| !subject.is_suspended) else {
        return Err(error(400, "invalid_grant", "Invalid email or User ID"));
    };
    if !scopes.is_subset(&account.delegated_scopes) {
        return Err(error(401, "unauthorized_client", UNAUTHORIZED));
    }
    Ok(desk.grant(Principal::User { id: subject.id, through: Some(email) }, scopes))
}

fn flawed(flaw: Flaw) -> Response {
    match flaw {
        Flaw::NotOne => error(400, "invalid_grant", "Invalid JWT: the assertion is not a JSON Web Token."),
        Flaw::NoAccount => error(400, "invalid_grant", "Invalid grant: account not found"),
        Flaw::Signature => error(400, "invalid_grant", "Invalid JWT Signature."),
        Flaw::Time => error(400, "invalid_grant", TIME),
    }
}

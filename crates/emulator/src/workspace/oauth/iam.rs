//! IAM Credentials: signing in a service account's name, and access tokens of it, for callers who were granted that.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Desk, cloud_error, json_response};
use crate::exchange::{Request, Response};
use crate::workspace::accounts::{Principal, ServiceAccount, TOKEN_LIFE};
use crate::workspace::jwt::{self, Claims};
use crate::workspace::keys::PrivateKey;
use crate::workspace::wire;

/// The longest time that a signed payload may be good for, in seconds.
const LONGEST_SECONDS: f64 = 43_200.0;

/// `POST /v1/projects/-/serviceAccounts/{email}:signJwt`.
pub(super) fn sign_jwt(account: &str, request: &Request, desk: &mut Desk<'_>) -> Response {
    let account = match allowed(account, request, desk) {
        Ok(account) => account,
        Err(response) => return response,
    };
    let body: Map<String, Value> = serde_json::from_slice(&request.body).unwrap_or_default();
    let Some(payload) = body.get("payload").and_then(Value::as_str) else {
        return cloud_error(
            400,
            "INVALID_ARGUMENT",
            "Request contains an invalid argument: payload is required.",
        );
    };
    let Ok(claims) = serde_json::from_str::<Claims>(payload) else {
        return cloud_error(400, "INVALID_ARGUMENT", "The payload is not a JSON object of claims.");
    };
    let seconds = desk.now.as_micros().div_euclid(1_000_000);
    #[expect(clippy::cast_precision_loss, reason = "seconds of this age of the world are exact")]
    let latest = seconds as f64 + LONGEST_SECONDS;
    if claims.exp.is_some_and(|exp| exp > latest) {
        return cloud_error(400, "INVALID_ARGUMENT", "The exp of the payload is more than 12 hours ahead.");
    }
    let Some((key_id, key)) = &account.signing_key else {
        return cloud_error(400, "FAILED_PRECONDITION", "The service account has no key that Google keeps.");
    };
    let Ok(key) = PrivateKey::from_base64(key) else {
        return cloud_error(500, "INTERNAL", "Internal error encountered.");
    };
    json_response(200, &json!({ "keyId": key_id, "signedJwt": jwt::signed(&key, key_id, payload) }))
}

/// `POST /v1/projects/-/serviceAccounts/{email}:generateAccessToken`.
pub(super) fn generate_access_token(account: &str, request: &Request, desk: &mut Desk<'_>) -> Response {
    let email = match allowed(account, request, desk) {
        Ok(account) => account.email.clone(),
        Err(response) => return response,
    };
    let body: Map<String, Value> = serde_json::from_slice(&request.body).unwrap_or_default();
    let scopes = body.get("scope").and_then(Value::as_array).into_iter().flatten();
    let scopes: BTreeSet<String> = scopes.filter_map(Value::as_str).map(str::to_owned).collect();
    if scopes.is_empty() {
        return cloud_error(400, "INVALID_ARGUMENT", "Scope required.");
    }
    let token = desk.grant(Principal::ServiceAccount(email), scopes);
    json_response(200, &json!({ "accessToken": token, "expireTime": wire::instant(desk.now + TOKEN_LIFE) }))
}

/// The account, if the caller may act in its name.
fn allowed<'a>(account: &str, request: &Request, desk: &'a Desk<'_>) -> Result<&'a ServiceAccount, Response> {
    let Some(caller) = desk.caller(request) else {
        let sentence = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie \
                        or other valid authentication credential.";
        return Err(cloud_error(401, "UNAUTHENTICATED", sentence));
    };
    // Who may not is told nothing about what is there.
    let found = desk.accounts.find(account);
    found.filter(|found| found.token_creators.contains(&caller)).ok_or_else(|| {
        let sentence = "Permission 'iam.serviceAccounts.signJwt' denied on resource (or it may not exist).";
        cloud_error(403, "PERMISSION_DENIED", sentence)
    })
}

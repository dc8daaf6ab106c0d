//! Access tokens of Google service accounts, as values: what is asked, what is answered (reference §3).
//!
//! Nothing here signs. A claim set is JSON that somebody signs: with a key file, or through IAM Credentials where there
//! is no key.

use serde_json::{Value, json};

use crate::http::Response;
use crate::text::one_line;

pub mod keyless;

/// How long an assertion stands, in seconds: the most that the token endpoint takes.
pub const ASSERTION_SECONDS: i64 = 3_600;
/// What the token endpoint is asked for (RFC 7523 §2.1).
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The read-only scopes that Usher asks for, without their common beginning.
pub const SCOPES: [&str; 8] = [
    "admin.directory.user.readonly",
    "admin.directory.group.readonly",
    "admin.directory.group.member.readonly",
    "admin.directory.orgunit.readonly",
    "admin.directory.domain.readonly",
    "admin.directory.userschema.readonly",
    "admin.directory.customer.readonly",
    "admin.reports.audit.readonly",
];

/// A scope as it is asked for.
pub fn scope(name: &str) -> String {
    format!("https://www.googleapis.com/auth/{name}")
}

/// The claims with which a service account asks for a token to act as an administrator (`sub`).
pub fn delegated_claims(
    account: &str,
    administrator: &str,
    scopes: &[&str],
    token_uri: &str,
    now_seconds: i64,
) -> Value {
    let scopes: Vec<String> = scopes.iter().map(|name| scope(name)).collect();
    json!({
        "iss": account,
        "sub": administrator,
        "scope": scopes.join(" "),
        "aud": token_uri,
        "iat": now_seconds,
        "exp": now_seconds + ASSERTION_SECONDS,
    })
}

/// Whom a self-signed token is for that names no scopes.
const ADMIN_AUDIENCE: &str = "https://admin.googleapis.com/";

/// The claims of a token that a service account with a role of its own signs for itself: it is the bearer token. It says
/// what it is for with scopes, and so not with an audience as well. Not every API of Google's takes it so (AIP-4111).
pub fn own_claims(account: &str, scopes: &[&str], now_seconds: i64) -> Value {
    let scopes: Vec<String> = scopes.iter().map(|name| scope(name)).collect();
    json!({
        "iss": account,
        "sub": account,
        "scope": scopes.join(" "),
        "iat": now_seconds,
        "exp": now_seconds + ASSERTION_SECONDS,
    })
}

/// The same with an audience instead of scopes, as GAM's tokens have it (reference §3.2): it opens whatever the role does.
pub fn own_claims_by_audience(account: &str, now_seconds: i64) -> Value {
    json!({
        "iss": account,
        "sub": account,
        "aud": ADMIN_AUDIENCE,
        "iat": now_seconds,
        "exp": now_seconds + ASSERTION_SECONDS,
    })
}

/// The form that exchanges an assertion for a token.
pub fn exchange_form(assertion: &str) -> [(&'static str, String); 2] {
    [("grant_type", GRANT_TYPE.to_owned()), ("assertion", assertion.to_owned())]
}

/// A token. Its value is a secret: whoever has it reads the directory.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The bearer token.
    pub value: String,
    /// How long it stands, in seconds.
    pub expires_in_seconds: u64,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("expires_in_seconds", &self.expires_in_seconds).finish_non_exhaustive()
    }
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The scopes are not delegated to the service account.
    #[error("the service account may not act with these scopes: they are not delegated to it")]
    UnauthorizedClient,
    /// The assertion is not taken: the administrator, the clock, or the key. What was said about it comes along.
    #[error("the token endpoint does not take the service account's signature: {0}")]
    InvalidGrant(String),
    /// The service account is not known.
    #[error("the token endpoint does not know the service account")]
    InvalidClient,
    /// A scope is none that Google has.
    #[error("the token endpoint does not know a scope: {0}")]
    InvalidScope(String),
    /// Anything else that is no success.
    #[error("the token endpoint answered {status}: {said}")]
    Refused {
        /// The status code.
        status: u16,
        /// What it said, on one line.
        said: String,
    },
    /// A success without a token.
    #[error("the token endpoint answered without a token")]
    NoToken,
}

impl TokenError {
    /// Whether asking again later may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Refused { status: 408 | 425 | 429 | 500..=599, .. })
    }
}

/// Reads the answer of a token endpoint.
pub fn read_token(response: &Response) -> Result<Token, TokenError> {
    let body = response.body_json().unwrap_or(Value::Null);
    let text = |key: &str| body[key].as_str().map(one_line);
    if response.is_success() {
        let value = body["access_token"].as_str().filter(|value| !value.is_empty());
        let value = value.ok_or(TokenError::NoToken)?.to_owned();
        let expires_in_seconds = body["expires_in"].as_u64().unwrap_or(ASSERTION_SECONDS.unsigned_abs());
        return Ok(Token { value, expires_in_seconds });
    }
    let said = text("error_description").unwrap_or_default();
    Err(match text("error").unwrap_or_default().as_str() {
        "unauthorized_client" => TokenError::UnauthorizedClient,
        "invalid_grant" => TokenError::InvalidGrant(said),
        "invalid_client" => TokenError::InvalidClient,
        "invalid_scope" => TokenError::InvalidScope(said),
        other if said.is_empty() => TokenError::Refused { status: response.status, said: other.to_owned() },
        _ => TokenError::Refused { status: response.status, said },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, error: &str, said: &str) -> TokenError {
        let body = json!({"error": error, "error_description": said});
        read_token(&Response::json(status, &body)).unwrap_err()
    }

    #[test]
    fn nothing_is_asked_for_that_could_change_anything() {
        assert!(SCOPES.iter().all(|scope| scope.ends_with(".readonly")), "{SCOPES:?}");
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        assert_eq!(refused(401, "unauthorized_client", "Client is …"), TokenError::UnauthorizedClient);
        let grant = refused(400, "invalid_grant", "Invalid JWT Signature.");
        assert_eq!(grant, TokenError::InvalidGrant("Invalid JWT Signature.".to_owned()));
        assert!(!grant.is_transient());
        assert!(refused(503, "", "").is_transient());
    }

    #[test]
    fn a_success_without_a_token_is_none() {
        assert_eq!(read_token(&Response::json(200, &json!({"expires_in": 1}))), Err(TokenError::NoToken));
        let body = json!({"access_token": "ya29.secret", "expires_in": 3599, "token_type": "Bearer"});
        let token = read_token(&Response::json(200, &body)).unwrap();
        assert_eq!(token.expires_in_seconds, 3_599);
        assert!(!format!("{token:?}").contains("secret"));
    }

    #[test]
    fn claims_stand_for_an_hour_and_name_the_administrator() {
        let claims = delegated_claims("sa@p.example", "admin@x.org", &SCOPES[..2], "https://t/token", 1_000);
        assert_eq!(claims["exp"], 4_600);
        assert_eq!(claims["sub"], "admin@x.org");
        assert_eq!(
            claims["scope"],
            "https://www.googleapis.com/auth/admin.directory.user.readonly \
             https://www.googleapis.com/auth/admin.directory.group.readonly"
        );
    }

    #[test]
    fn a_token_of_its_own_names_scopes_or_an_audience_and_never_both() {
        let claims = own_claims("sa@p.example", &SCOPES[..1], 0);
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("sa@p.example"), &json!("sa@p.example")));
        assert_eq!(claims["scope"], "https://www.googleapis.com/auth/admin.directory.user.readonly");
        assert_eq!(claims.get("aud"), None);
        let claims = own_claims_by_audience("sa@p.example", 0);
        assert_eq!((&claims["sub"], &claims["aud"]), (&json!("sa@p.example"), &json!(ADMIN_AUDIENCE)));
        assert_eq!(claims.get("scope"), None);
    }
}

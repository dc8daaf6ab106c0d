//! Signing without a key: tokens of Google Cloud for a machine or another identity provider's workload, and signatures by
//! IAM Credentials (reference §3; the discovery document `iamcredentials.v1`; RFC 8693 for the exchange).

use serde_json::{Value, json};

use super::{ASSERTION_SECONDS, Token};
use crate::http::{Method, Request, Response};
use crate::text::one_line;

/// What a caller of IAM Credentials needs.
pub const CLOUD_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// What the security token service is asked for (RFC 8693 §2.1).
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// What it is to give.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A token of a machine's own service account, of the metadata server. It is asked with `Metadata-Flavor: Google`.
pub fn machine_token() -> Request {
    let path = ["computeMetadata", "v1", "instance", "service-accounts", "default", "token"];
    Request::new(Method::Get, path).with_query("scopes", CLOUD_SCOPE)
}

/// The form that exchanges another provider's token for one of Google Cloud.
pub fn workload_form(
    audience: &str,
    subject_token: &str,
    subject_token_type: &str,
) -> [(&'static str, String); 6] {
    [
        ("grant_type", EXCHANGE.to_owned()),
        ("audience", audience.to_owned()),
        ("scope", CLOUD_SCOPE.to_owned()),
        ("requested_token_type", ACCESS_TOKEN.to_owned()),
        ("subject_token", subject_token.to_owned()),
        ("subject_token_type", subject_token_type.to_owned()),
    ]
}

/// The body that asks for a service account's own token: `generateAccessToken`.
pub fn access_token_body() -> Value {
    json!({ "scope": [CLOUD_SCOPE] })
}

/// Where claims are signed by a service account's key that Google keeps: `projects.serviceAccounts.signJwt`. The colon
/// before the verb stands as it is: encoded, it would be a part of the name.
pub fn sign_jwt_url(root: &str, account: &str) -> String {
    let account = Request::new(Method::Post, [account]).relative_url();
    format!("{}/v1/projects/-/serviceAccounts/{account}:signJwt", root.trim_end_matches('/'))
}

/// The body that asks for it.
pub fn sign_jwt_body(claims: &Value) -> Value {
    json!({ "payload": claims.to_string() })
}

/// What Google Cloud refused, in its words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct CloudError {
    /// The status code of the answer.
    pub status: u16,
    /// `error.status`, such as `PERMISSION_DENIED`.
    pub code: String,
    /// `error.message`, on one line.
    pub message: String,
}

impl CloudError {
    /// Reads an answer that is of no use: a refusal, or a success without what was asked for.
    pub fn read(response: &Response) -> Self {
        let body = response.body_json().unwrap_or(Value::Null);
        let text = |key: &str| body["error"][key].as_str().map(one_line).unwrap_or_default();
        Self { status: response.status, code: text("status"), message: text("message") }
    }

    /// Whether asking again later may help.
    pub fn is_transient(&self) -> bool {
        matches!(self.status, 200..=299 | 408 | 425 | 429 | 500..=599)
    }
}

/// Reads the answer to [`sign_jwt_body`]: the signed claims.
pub fn read_signed(response: &Response) -> Result<String, CloudError> {
    text_of(response, "signedJwt")
}

/// Reads the answer of `generateAccessToken`. How long it stands does not matter: it is used at once.
pub fn read_access_token(response: &Response) -> Result<Token, CloudError> {
    let value = text_of(response, "accessToken")?;
    Ok(Token { value, expires_in_seconds: ASSERTION_SECONDS.unsigned_abs() })
}

fn text_of(response: &Response, key: &str) -> Result<String, CloudError> {
    let body = response.body_json().filter(|_| response.is_success());
    let text = body.as_ref().and_then(|body| body[key].as_str()).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| CloudError::read(response))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_signed_by_the_account_that_the_path_names() {
        let url = sign_jwt_url("https://iamcredentials.googleapis.com/", "sa@p.iam.gserviceaccount.com");
        assert_eq!(
            url,
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/\
             sa%40p.iam.gserviceaccount.com:signJwt"
        );
        let body = sign_jwt_body(&json!({"sub": "a@x.org"}));
        assert_eq!(body, json!({"payload": r#"{"sub":"a@x.org"}"#}));
    }

    #[test]
    fn a_refusal_of_the_cloud_is_read() {
        let body = json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "no\nway"}});
        let error = read_signed(&Response::json(403, &body)).unwrap_err();
        assert_eq!(error.to_string(), "403 PERMISSION_DENIED: no way");
        assert!(!error.is_transient());
        assert!(read_signed(&Response::json(200, &json!({}))).unwrap_err().is_transient());
        assert_eq!(read_signed(&Response::json(200, &json!({"signedJwt": "a.b.c"}))).unwrap(), "a.b.c");
    }

    #[test]
    fn another_providers_token_is_exchanged_for_one_of_the_cloud() {
        let form = workload_form("//iam.googleapis.com/p", "s3cret", "urn:ietf:params:oauth:token-type:jwt");
        assert!(form.contains(&("audience", "//iam.googleapis.com/p".to_owned())));
        assert!(form.contains(&("subject_token", "s3cret".to_owned())));
    }
}

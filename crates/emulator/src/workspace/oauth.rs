//! Where access tokens come from: the token endpoint, IAM Credentials, the security token service and the metadata
//! server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use usher_model::time::Timestamp;

use super::accounts::{Accounts, Grant, Principal, TOKEN_LIFE};
use super::catalog::decoded;
use super::settings::Settings;
use super::wire;
use crate::clock::Clock;
use crate::exchange::{Request, Response};

pub(crate) mod assertion;
mod iam;
mod metadata;
mod sts;
pub(crate) mod token;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Token,
    SignJwt { account: String },
    GenerateAccessToken { account: String },
    Exchange,
    Metadata { path: String },
}

impl Place {
    /// Which one a path leads to.
    pub(crate) fn find(path: &str) -> Option<Self> {
        match path {
            "/token" => return Some(Self::Token),
            "/v1/token" => return Some(Self::Exchange),
            _ => {}
        }
        if path == "/computeMetadata" || path.starts_with("/computeMetadata/") {
            return Some(Self::Metadata { path: path.to_owned() });
        }
        let rest = path.strip_prefix("/v1/projects/-/serviceAccounts/")?;
        let rest = decoded(rest);
        let (account, verb) = rest.rsplit_once(':')?;
        let account = account.to_owned();
        match verb {
            "signJwt" => Some(Self::SignJwt { account }),
            "generateAccessToken" => Some(Self::GenerateAccessToken { account }),
            _ => None,
        }
    }

    /// Its name among the methods.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Token => "oauth.token",
            Self::SignJwt { .. } => "iam.signJwt",
            Self::GenerateAccessToken { .. } => "iam.generateAccessToken",
            Self::Exchange => "sts.token",
            Self::Metadata { .. } => "metadata",
        }
    }

    /// Every name.
    pub(crate) const NAMES: [&str; 5] =
        ["oauth.token", "iam.signJwt", "iam.generateAccessToken", "sts.token", "metadata"];
}

/// What the endpoints have at hand.
pub(crate) struct Desk<'a> {
    pub(crate) accounts: &'a mut Accounts,
    pub(crate) settings: &'a Settings,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) now: Timestamp,
    pub(crate) base_url: &'a str,
    /// The living users by address and by id, as far as an assertion may name them: the one it does name.
    pub(crate) subject: Option<Subject>,
}

/// The user whom an assertion names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) id: String,
    pub(crate) is_suspended: bool,
}

/// Answers a request to one of them.
pub(crate) fn answer(place: &Place, request: &Request, desk: &mut Desk<'_>) -> Response {
    let wanted = if matches!(place, Place::Metadata { .. }) { "GET" } else { "POST" };
    if request.method != wanted {
        return error(405, "invalid_request", &format!("{} is not what is done here", request.method));
    }
    match place {
        Place::Token => token::answer(request, desk),
        Place::SignJwt { account } => iam::sign_jwt(account, request, desk),
        Place::GenerateAccessToken { account } => iam::generate_access_token(account, request, desk),
        Place::Exchange => sts::answer(request, desk),
        Place::Metadata { path } => metadata::answer(path, request, desk),
    }
}

impl Desk<'_> {
    /// Gives out an access token.
    fn grant(&mut self, principal: Principal, scopes: BTreeSet<String>) -> String {
        let value = wire::secret(self.clock);
        let expires_at = self.now + TOKEN_LIFE;
        self.accounts.grant(&value, Grant { principal, scopes, expires_at }, self.now);
        value
    }

    /// Who a bearer token of a cloud caller is, as grants name them.
    fn caller(&self, request: &Request) -> Option<String> {
        let token = request.header("authorization").and_then(super::auth::bearer)?;
        match &self.accounts.granted(token, self.now)?.principal {
            Principal::ServiceAccount(name) | Principal::Federated(name) => Some(name.clone()),
            Principal::User { .. } => None,
        }
    }
}

/// The fields of a body, a form or JSON.
fn fields(request: &Request) -> BTreeMap<String, String> {
    let is_json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if is_json {
        let body: Map<String, Value> = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |value: Value| value.as_str().map(str::to_owned);
        return body.into_iter().filter_map(|(name, value)| Some((snake(&name), text(value)?))).collect();
    }
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// `grantType` is `grant_type` in JSON.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

fn json_response(status: u16, body: &Value) -> Response {
    let headers = vec![
        ("Content-Type", "application/json; charset=utf-8".to_owned()),
        ("Cache-Control", "no-cache, no-store".to_owned()),
    ];
    Response { status, headers, body: body.to_string().into_bytes() }
}

/// An error as OAuth writes it.
fn error(status: u16, error: &str, description: &str) -> Response {
    json_response(status, &json!({ "error": error, "error_description": description }))
}

/// An error as Google Cloud writes it.
fn cloud_error(status: u16, code: &str, message: &str) -> Response {
    json_response(status, &json!({ "error": { "code": status, "message": message, "status": code } }))
}

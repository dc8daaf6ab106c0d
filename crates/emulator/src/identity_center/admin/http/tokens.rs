//! Access tokens: generated, listed, deleted. A value is in the answer that generates it and in no other.

use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::identity_center::admin::http::call::{Call, Endpoint, Reply};
use crate::identity_center::admin::{AdminError, Enabled, NewToken, TokenInfo};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: "/admin/tenants/{tenant}/tokens",
        what: "the access tokens, without their values",
        examples: &[],
        run: list,
    },
    Endpoint {
        method: "POST",
        path: "/admin/tenants/{tenant}/tokens",
        what: "generates an access token, the second at most, good for a year; its value is shown this once",
        examples: &[],
        run: generate,
    },
    Endpoint {
        method: "POST",
        path: "/admin/tenants/{tenant}/tokens/{token}/delete",
        what: "deletes an access token; type DELETE",
        examples: &[r#"{"confirmation": "DELETE"}"#],
        run: delete,
    },
];

/// The word that was typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    #[serde(default)]
    pub(super) confirmation: String,
}

#[derive(Serialize)]
struct TokenView {
    id: String,
    created_at: String,
    expires_at: String,
    is_expired: bool,
}

impl From<&TokenInfo> for TokenView {
    fn from(token: &TokenInfo) -> Self {
        Self {
            id: token.id.clone(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            is_expired: token.is_expired,
        }
    }
}

/// A token with its value.
#[derive(Serialize)]
pub(super) struct NewTokenView<'a> {
    id: &'a str,
    value: &'a str,
    created_at: String,
    expires_at: String,
}

impl<'a> From<&'a NewToken> for NewTokenView<'a> {
    fn from(NewToken { info, value }: &'a NewToken) -> Self {
        Self {
            id: &info.id,
            value: value.expose_secret(),
            created_at: info.created_at.to_string(),
            expires_at: info.expires_at.to_string(),
        }
    }
}

/// What a client needs to know, once provisioning is enabled.
#[derive(Serialize)]
pub(super) struct EnabledView<'a> {
    tenant: &'a str,
    endpoint: &'a str,
    token: NewTokenView<'a>,
}

impl<'a> From<&'a Enabled> for EnabledView<'a> {
    fn from(Enabled { tenant, endpoint, token }: &'a Enabled) -> Self {
        Self { tenant, endpoint, token: NewTokenView::from(token) }
    }
}

fn list(call: &Call<'_>) -> Result<Reply, AdminError> {
    let tokens = call.center.tokens(call.tenant())?;
    Ok(Reply::ok(&json!({ "tokens": tokens.iter().map(TokenView::from).collect::<Vec<_>>() })))
}

fn generate(call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::created(&NewTokenView::from(&call.center.generate_token(call.tenant())?)))
}

fn delete(call: &Call<'_>) -> Result<Reply, AdminError> {
    let Confirmed { confirmation } = call.read()?;
    call.center.delete_token(call.tenant(), call.id("token"), &confirmation)?;
    Ok(Reply::nothing())
}

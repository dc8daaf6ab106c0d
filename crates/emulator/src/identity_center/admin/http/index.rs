//! What there is: the list of endpoints, and metadata to begin with.

use serde::Serialize;
use serde_json::json;

use crate::identity_center::admin::http::call::{Call, Endpoint, Reply};
use crate::identity_center::admin::{AdminError, SAMPLE_METADATA};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint { method: "GET", path: "/admin", what: "this list", example: None, run: index },
    Endpoint {
        method: "GET",
        path: "/admin/sample-metadata",
        what: "metadata of an identity provider that exists nowhere, to change the identity source with",
        example: None,
        run: sample_metadata,
    },
];

#[derive(Serialize)]
struct EndpointView {
    method: &'static str,
    path: &'static str,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'static str>,
}

#[expect(clippy::unnecessary_wraps, reason = "an endpoint like any other, and those may fail")]
fn index(call: &Call<'_>) -> Result<Reply, AdminError> {
    let endpoints: Vec<EndpointView> = call
        .endpoints
        .iter()
        .copied()
        .flatten()
        .map(|&Endpoint { method, path, what, example, .. }| EndpointView { method, path, what, example })
        .collect();
    Ok(Reply::ok(&json!({
        "what": "the console of an emulated IAM Identity Center; `example` is a body, or a query where it begins with `?`",
        "begin": "POST /admin/tenants with {\"ready\": true} answers with a SCIM endpoint and an access token",
        "endpoints": endpoints,
    })))
}

#[expect(clippy::unnecessary_wraps, reason = "an endpoint like any other, and those may fail")]
fn sample_metadata(_call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&json!({ "metadata": SAMPLE_METADATA })))
}

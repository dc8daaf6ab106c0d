//! What there is: the list of endpoints, and metadata to begin with.

use serde::Serialize;
use serde_json::json;

use crate::identity_center::admin::http::call::{Call, Endpoint, Reply};
use crate::identity_center::admin::{AdminError, SAMPLE_METADATA};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint { method: "GET", path: "/admin", what: "this list", examples: &[], run: index },
    Endpoint {
        method: "GET",
        path: "/admin/sample-metadata",
        what: "metadata of an identity provider that exists nowhere, to change the identity source with",
        examples: &[],
        run: sample_metadata,
    },
];

#[derive(Serialize)]
struct EndpointView {
    method: &'static str,
    path: &'static str,
    what: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    examples: &'static [&'static str],
}

#[expect(clippy::unnecessary_wraps, reason = "an endpoint like any other, and those may fail")]
fn index(call: &Call<'_>) -> Result<Reply, AdminError> {
    let endpoints: Vec<EndpointView> = call
        .endpoints
        .iter()
        .copied()
        .flatten()
        .map(|&Endpoint { method, path, what, examples, .. }| EndpointView { method, path, what, examples })
        .collect();
    Ok(Reply::ok(&json!({
        "what": "the console of an emulated IAM Identity Center; `examples` are bodies, or a query where one begins with `?`",
        "begin": "POST /admin/tenants with {\"ready\": true} answers with a SCIM endpoint and an access token",
        "endpoints": endpoints,
    })))
}

#[expect(clippy::unnecessary_wraps, reason = "an endpoint like any other, and those may fail")]
fn sample_metadata(_call: &Call<'_>) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&json!({ "metadata": SAMPLE_METADATA })))
}

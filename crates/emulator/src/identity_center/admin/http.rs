//! The console over HTTP, below `/admin`: JSON in, JSON out, an error is one sentence under `error`.
//!
//! Each resource has its file, which begins with its endpoints; `GET /admin` lists them all.
//!
//! # Invariants
//!
//! 1. Nothing is done for a web page of somewhere else, nor for another machine: [`gate`].
//! 2. What an endpoint does is a method of [`IdentityCenter`]; here it is only read and shown.

use serde_json::json;

use crate::exchange::{Request, Response};
use crate::gate;
use crate::identity_center::IdentityCenter;
use crate::identity_center::admin::AdminError;
use crate::identity_center::admin::http::call::{Call, Endpoint, Reply};

mod call;
mod faults;
mod index;
mod people;
mod provisioning;
mod requests;
mod settings;
mod tenants;
mod tokens;

/// Every endpoint, in the order in which a newcomer needs them.
const ENDPOINTS: [&[Endpoint]; 8] = [
    index::ENDPOINTS,
    tenants::ENDPOINTS,
    provisioning::ENDPOINTS,
    tokens::ENDPOINTS,
    people::ENDPOINTS,
    settings::ENDPOINTS,
    faults::ENDPOINTS,
    requests::ENDPOINTS,
];

/// Whether a path is the console's.
pub(crate) fn is_admin(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

/// Answers a request below `/admin`.
pub(crate) fn answer(center: &IdentityCenter, request: &Request) -> Response {
    if let Err(sentence) = gate::pass(request) {
        return failed(403, sentence);
    }
    let (path, query) = request.path_and_query();
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut methods = Vec::new();
    for endpoint in ENDPOINTS.into_iter().flatten() {
        let Some(ids) = endpoint.ids(path) else { continue };
        if endpoint.method == request.method {
            let call = Call { center, endpoints: &ENDPOINTS, ids, query, body: &request.body };
            return match (endpoint.run)(&call) {
                Ok(reply) => shown(reply),
                Err(error) => failed(status(&error), &error.to_string()),
            };
        }
        methods.push(endpoint.method);
    }
    if methods.is_empty() {
        return failed(404, &format!("there is nothing at {path}: GET /admin lists what there is"));
    }
    let allowed = methods.join(", ");
    let mut response = failed(405, &format!("{path} takes {allowed}, not {}", request.method));
    response.headers.push(("Allow", allowed));
    response
}

/// The status of a refusal.
pub(crate) fn status(error: &AdminError) -> u16 {
    match error {
        AdminError::NotConfirmed(_) | AdminError::Metadata(_) | AdminError::BadRequest(_) => 400,
        AdminError::NoTenant(_) | AdminError::NotFound { .. } => 404,
        AdminError::Refused(_) => 409,
        AdminError::State(_) => 500,
    }
}

fn shown(reply: Reply) -> Response {
    let mut headers = vec![("Cache-Control", "no-store".to_owned())];
    if !reply.body.is_empty() {
        headers.push(("Content-Type", "application/json".to_owned()));
    }
    Response { status: reply.status, headers, body: reply.body }
}

fn failed(status: u16, sentence: &str) -> Response {
    shown(Reply::json(status, &json!({ "error": sentence })))
}

//! The metadata server of a machine in Google's cloud: whose machine it is, and access tokens of its service account.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Desk, json_response};
use crate::exchange::{Request, Response};
use crate::workspace::accounts::{Principal, TOKEN_LIFE};

const ACCOUNTS: &str = "/computeMetadata/v1/instance/service-accounts/";
const PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

pub(super) fn answer(path: &str, request: &Request, desk: &mut Desk<'_>) -> Response {
    if request.header("metadata-flavor") != Some("Google") {
        return text(403, "Missing Metadata-Flavor:Google header.");
    }
    let Some(account) = desk.accounts.machine.clone() else {
        return text(404, "this machine has no service account");
    };
    let project = desk.accounts.find(&account).map(|account| account.project.clone()).unwrap_or_default();
    if path == "/computeMetadata/v1/project/project-id" {
        return text(200, &project);
    }
    let Some((name, what)) = path.strip_prefix(ACCOUNTS).and_then(|rest| rest.split_once('/')) else {
        return text(404, "not found");
    };
    if name != "default" && name != account {
        return text(404, "not found");
    }
    let (_, query) = request.path_and_query();
    match what {
        "token" => {
            let mut query = url::form_urlencoded::parse(query.as_bytes());
            let scopes = query.find(|(name, _)| name == "scopes").map(|(_, scopes)| scopes.into_owned());
            let scopes = scopes.unwrap_or_else(|| PLATFORM.to_owned());
            let scopes: BTreeSet<String> = scopes.split([',', ' ']).map(str::to_owned).collect();
            let value = desk.grant(Principal::ServiceAccount(account), scopes);
            flavored(json_response(
                200,
                &json!({
                    "access_token": value, "expires_in": TOKEN_LIFE.as_secs(), "token_type": "Bearer",
                }),
            ))
        }
        "email" => text(200, &account),
        "" => flavored(json_response(
            200,
            &json!({
                "aliases": ["default"], "email": account, "scopes": [PLATFORM],
            }),
        )),
        _ => text(404, "not found"),
    }
}

fn text(status: u16, text: &str) -> Response {
    let headers = vec![("Content-Type", "application/text".to_owned())];
    flavored(Response { status, headers, body: text.as_bytes().to_vec() })
}

fn flavored(mut response: Response) -> Response {
    response.headers.push(("Metadata-Flavor", "Google".to_owned()));
    response
}

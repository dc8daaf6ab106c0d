//! Everything up to a method's handler: whose the request is, whether they may, and what it says.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use usher_model::time::Timestamp;

use super::Traced;
use crate::exchange::Request;
use crate::workspace::Inner;
use crate::workspace::auth::{self, Caller, Who};
use crate::workspace::call::{Call, Done};
use crate::workspace::catalog::{Endpoint, catalog};
use crate::workspace::fault::Fault;
use crate::workspace::fields::{self, Mask};
use crate::workspace::refusal::Refusal;

/// Everything up to the handler.
pub(super) async fn prepare<'a>(
    inner: &'a Inner,
    request: &Request,
    endpoint: &'static Endpoint,
    path: BTreeMap<String, String>,
    fault: Option<Fault>,
    traced: &mut Traced,
) -> Result<(Call<'a>, Mask), Refusal> {
    let now = inner.clock.now();
    let settings = inner.state().settings.clone();
    let (_, query) = request.path_and_query();
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let caller = caller(inner, request, &query, now).await?;
    traced.caller = Some(caller.who.email().to_owned());
    check_parameters(endpoint, &query, settings.refuses_unknown_names)?;
    caller.check_scopes(endpoint)?;
    check_own_customer(&caller, &path, &query)?;
    caller.check_rights(endpoint, query.get("viewType").is_some_and(|view| view == "domain_public"))?;
    let user = query.get("quotaUser").map_or(caller.who.email(), String::as_str);
    inner.state().quotas.take(&endpoint.id, user, &caller.project, &settings, now)?;
    let mask = mask(endpoint, &query)?;
    if fault == Some(Fault::ExpiredPageToken) {
        return Err(Refusal::page_token());
    }
    let body = endpoint.body(json(request)?, settings.refuses_unknown_names)?;
    let done = Done::default();
    Ok((Call { inner, endpoint, path, query, body, caller, settings, now, fault, done }, mask))
}

async fn caller(
    inner: &Inner,
    request: &Request,
    query: &BTreeMap<String, String>,
    now: Timestamp,
) -> Result<Caller, Refusal> {
    let header = request.header("authorization").and_then(auth::bearer);
    let in_query = || query.get("access_token").or_else(|| query.get("oauth_token")).map(String::as_str);
    let token = header.or_else(in_query).ok_or_else(Refusal::login_required)?;
    let bearer = {
        let state = inner.state();
        auth::read(token, &state.accounts, &state.settings, &inner.base_url, now)?
    };
    auth::resolve(bearer, &*inner.directory).await
}

fn check_parameters(
    endpoint: &Endpoint,
    query: &BTreeMap<String, String>,
    refuses_unknown: bool,
) -> Result<(), Refusal> {
    for (name, value) in query {
        match catalog().parameter(endpoint, name) {
            Some(parameter) => parameter.check(name, value)?,
            None if refuses_unknown => {
                return Err(Refusal::bad_request(format!(
                    "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter."
                )));
            }
            None => {}
        }
    }
    Ok(())
}

/// A service account in its own name has no customer of its own.
fn check_own_customer(
    caller: &Caller,
    path: &BTreeMap<String, String>,
    query: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let names = ["customer", "customerId", "customerKey"];
    let names_own = names
        .iter()
        .any(|name| path.get(*name).or_else(|| query.get(*name)).is_some_and(|id| id == "my_customer"));
    match caller.who {
        Who::ServiceAccount { .. } if names_own => Err(Refusal::invalid_message("Invalid Input")),
        Who::ServiceAccount { .. } | Who::User(_) => Ok(()),
    }
}

fn mask(endpoint: &Endpoint, query: &BTreeMap<String, String>) -> Result<Mask, Refusal> {
    let Some(text) = query.get("fields").filter(|text| !text.is_empty()) else { return Ok(Mask::default()) };
    let mask = Mask::parse(text)?;
    if let Some((schema, schemas)) = endpoint.response()
        && let Some(unknown) = mask.unknown(schema, schemas)
    {
        return Err(fields::invalid(unknown));
    }
    Ok(mask)
}

fn json(request: &Request) -> Result<Value, Refusal> {
    if request.body.trim_ascii().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(&request.body).map_err(|_| Refusal::new(400, "parseError", "Parse Error"))
}

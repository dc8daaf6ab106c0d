//! From a request to its answer: what it is for, whose it is, what goes wrong, and what is kept of it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};
use usher_model::time::Timestamp;

use super::auth::{self, Caller, Who};
use super::call::{Call, Done, Handled, Reply};
use super::catalog::{Endpoint, Found, catalog};
use super::fault::{ErrorReason, Fault, Subject};
use super::fields::{self, Mask};
use super::log::LoggedRequest;
use super::oauth;
use super::page::PageToken;
use super::refusal::Refusal;
use super::{Inner, batch, discovery, methods, quota};
use crate::exchange::{Outcome, Request, Response};

mod bend;
mod keep;

pub(crate) use keep::commit;

/// What a request is for.
#[derive(Debug)]
enum Meant {
    Method(&'static Endpoint, BTreeMap<String, String>),
    Oauth(oauth::Place),
    Batch,
    Document(Option<Value>),
    Elsewise,
    Nowhere,
}

/// What the log is told beside the request.
#[derive(Debug, Default)]
struct Traced {
    caller: Option<String>,
    reason: Option<&'static str>,
}

/// Answers any request but those of the emulator's own administration.
pub(crate) async fn answer(inner: &Inner, request: &Request) -> Outcome {
    let meant = meant(inner, request);
    if matches!(meant, Meant::Batch) {
        return Outcome::Answered(Box::pin(batch::answer(inner, request)).await);
    }
    one(inner, request, meant).await
}

/// Answers a request that is part of a batch.
pub(crate) async fn part(inner: &Inner, request: &Request) -> Outcome {
    match meant(inner, request) {
        Meant::Batch => refused(&Refusal::bad_request("A batch cannot hold another one.")),
        meant @ (Meant::Method(..)
        | Meant::Oauth(_)
        | Meant::Document(_)
        | Meant::Elsewise
        | Meant::Nowhere) => one(inner, request, meant).await,
    }
}

fn meant(inner: &Inner, request: &Request) -> Meant {
    let (path, query) = request.path_and_query();
    if let Some(place) = oauth::Place::find(path) {
        return Meant::Oauth(place);
    }
    if let Some(version) = discovery::version(path, query) {
        return Meant::Document(discovery::served(&version, &inner.base_url));
    }
    if path == "/batch" || path.starts_with("/batch/admin/") {
        return Meant::Batch;
    }
    match catalog().find(&request.method, path.trim_start_matches('/')) {
        Found::Method(endpoint, values) => Meant::Method(endpoint, values),
        Found::Elsewise => Meant::Elsewise,
        Found::Nowhere => Meant::Nowhere,
    }
}

async fn one(inner: &Inner, request: &Request, meant: Meant) -> Outcome {
    let at = inner.clock.now();
    let name = match &meant {
        Meant::Method(endpoint, _) => Some(endpoint.id.clone()),
        Meant::Oauth(place) => Some(place.name().to_owned()),
        Meant::Document(_) => Some("discovery".to_owned()),
        Meant::Batch | Meant::Elsewise | Meant::Nowhere => None,
    };
    let fault = name.as_deref().and_then(|name| {
        let subject = Subject::Request { method: name, page: page(request) };
        inner.state().faults.strike(subject, &request.target)
    });
    if let Some(Fault::Slow { millis }) = fault {
        inner.clock.sleep_until(at + Duration::from_millis(u64::from(millis))).await;
    }
    let mut traced = Traced::default();
    let outcome = match &fault {
        Some(Fault::LostRequest) => Outcome::Dropped,
        Some(Fault::Error { status, reason }) => {
            traced.reason = Some(reason.name());
            refused(&on_command(*status, *reason))
        }
        Some(Fault::Html { status }) => Outcome::Answered(html(*status)),
        _ => carried_out(inner, request, meant, fault.clone(), &mut traced).await,
    };
    let outcome = match (&fault, outcome) {
        (Some(Fault::LostAnswer), Outcome::Answered(response)) if response.status < 300 => Outcome::Dropped,
        (_, outcome) => outcome,
    };
    let done_at = inner.clock.now();
    inner.state().log.record(LoggedRequest {
        n: 0,
        at,
        http: request.method.clone(),
        target: without_token(&request.target),
        method: name,
        caller: traced.caller,
        status: match &outcome {
            Outcome::Answered(response) => Some(response.status),
            Outcome::Dropped => None,
        },
        reason: traced.reason,
        fault: fault.as_ref().map(Fault::name),
        duration_micros: u64::try_from(done_at.since(at).as_micros()).unwrap_or(u64::MAX),
    });
    outcome
}

async fn carried_out(
    inner: &Inner,
    request: &Request,
    meant: Meant,
    fault: Option<Fault>,
    traced: &mut Traced,
) -> Outcome {
    match meant {
        Meant::Method(endpoint, path) => {
            let handled = method(inner, request, endpoint, path, fault, traced).await;
            match handled {
                Some(Ok(reply)) => Outcome::Answered(replied(reply)),
                Some(Err(refusal)) => {
                    traced.reason = Some(refusal.reason);
                    refused(&refusal)
                }
                None => Outcome::Dropped,
            }
        }
        Meant::Oauth(place) => Outcome::Answered(tokens(inner, request, &place).await),
        Meant::Document(Some(document)) => Outcome::Answered(replied(Reply::Body(document))),
        Meant::Elsewise => refused(&Refusal::new(405, "httpMethodNotAllowed", "Method Not Allowed")),
        Meant::Document(None) | Meant::Batch | Meant::Nowhere => {
            refused(&Refusal::new(404, "notFound", "Not Found"))
        }
    }
}

/// Where tokens come from.
async fn tokens(inner: &Inner, request: &Request, place: &oauth::Place) -> Response {
    let subject = match oauth::token::subject(request).filter(|_| *place == oauth::Place::Token) {
        Some(named) => subject(inner, &named).await,
        None => None,
    };
    let mut state = inner.state();
    let settings = state.settings.clone();
    let mut desk = oauth::Desk {
        accounts: &mut state.accounts,
        settings: &settings,
        clock: &*inner.clock,
        now: inner.clock.now(),
        base_url: &inner.base_url,
        subject,
    };
    oauth::answer(place, request, &mut desk)
}

async fn subject(inner: &Inner, named: &str) -> Option<oauth::Subject> {
    let id = match inner.directory.holder(&named.to_lowercase()).await.ok()? {
        Some(super::directory::Holder::User(id)) => id,
        Some(super::directory::Holder::Group(_)) => return None,
        None => named.to_owned(),
    };
    let user = inner.directory.user(&id).await.ok()?.filter(|user| user.deleted_at.is_none())?;
    let is_suspended = super::directory::flag(&user.fields, "suspended");
    Some(oauth::Subject { id, is_suspended })
}

/// A method of the API. None: what was done could not be kept, and is not answered.
async fn method(
    inner: &Inner,
    request: &Request,
    endpoint: &'static Endpoint,
    path: BTreeMap<String, String>,
    fault: Option<Fault>,
    traced: &mut Traced,
) -> Option<Handled> {
    let prepared = prepare(inner, request, endpoint, path, fault, traced).await;
    let (mut call, mask) = match prepared {
        Ok(prepared) => prepared,
        Err(refusal) => return Some(Err(refusal)),
    };
    let _turn = if endpoint.http == "GET" { None } else { Some(inner.turn.lock().await) };
    let reply = match methods::run(&mut call).await {
        Ok(reply) => reply,
        Err(refusal) => return Some(Err(refusal)),
    };
    let Call { caller, now, fault, done, .. } = call;
    match keep::keep(inner, done, &caller, now, request).await {
        Ok(()) => {}
        Err(keep::NotKept::Refused(refusal)) => return Some(Err(refusal)),
        Err(keep::NotKept::Lost) => return None,
    }
    Some(Ok(match reply {
        Reply::Body(body) => Reply::Body(mask.of(bend::bent(body, fault.as_ref()))),
        Reply::Nothing => Reply::Nothing,
    }))
}

/// Everything up to the handler.
async fn prepare<'a>(
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

/// Which page of a list a request asks for.
fn page(request: &Request) -> u64 {
    let (_, query) = request.path_and_query();
    let mut query = url::form_urlencoded::parse(query.as_bytes());
    let token = query.find(|(name, _)| name == "pageToken");
    token.and_then(|(_, token)| PageToken::read(&token)).map_or(1, |token| token.page)
}

fn on_command(status: u16, reason: ErrorReason) -> Refusal {
    match (status, reason) {
        (403, ErrorReason::UserRateLimitExceeded) => quota::user_rate(),
        (429, ErrorReason::RateLimitExceeded) => quota::rate(),
        (403, ErrorReason::QuotaExceeded) => quota::quota(),
        (403, ErrorReason::Forbidden) => Refusal::forbidden(),
        (401, ErrorReason::AuthError) => Refusal::credentials(),
        (_, reason) => {
            let message = match reason {
                ErrorReason::BackendError => "Service unavailable. Please try again",
                ErrorReason::InternalError => "Internal error encountered.",
                ErrorReason::RateLimitExceeded | ErrorReason::UserRateLimitExceeded => "Rate Limit Exceeded",
                ErrorReason::QuotaExceeded => "Quota exceeded for the current request",
                ErrorReason::Forbidden => "Not Authorized to access this resource/api",
                ErrorReason::AuthError => "Invalid Credentials",
                ErrorReason::AccessNotConfigured => {
                    "Admin SDK API has not been used in project before or it is disabled."
                }
                ErrorReason::DomainCannotUseApis => "Domain cannot use apis.",
                ErrorReason::NotFound => "Resource Not Found: domain",
            };
            Refusal::new(status, reason.name(), message)
        }
    }
}

fn refused(refusal: &Refusal) -> Outcome {
    let mut headers = vec![("Content-Type", "application/json; charset=UTF-8".to_owned())];
    if refusal.status == 401 {
        let realm = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
        headers.push(("WWW-Authenticate", realm.to_owned()));
    }
    Outcome::Answered(Response { status: refusal.status, headers, body: refusal.body() })
}

fn replied(reply: Reply) -> Response {
    match reply {
        Reply::Body(body) => {
            let headers = vec![("Content-Type", "application/json; charset=UTF-8".to_owned())];
            Response { status: 200, headers, body: body.to_string().into_bytes() }
        }
        Reply::Nothing => Response { status: 204, headers: Vec::new(), body: Vec::new() },
    }
}

fn html(status: u16) -> Response {
    let body = format!(
        "<!DOCTYPE html>\n<html lang=en>\n<title>Error {status} (Server Error)!!1</title>\n<p><b>{status}.</b> \
         <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not complete your request.\
         <p>Please try again in 30 seconds.</html>\n"
    );
    let headers = vec![("Content-Type", "text/html; charset=UTF-8".to_owned())];
    Response { status, headers, body: body.into_bytes() }
}

/// A target as the log may have it.
fn without_token(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let is_token = |part: &&str| part.starts_with("access_token=") || part.starts_with("oauth_token=");
    let kept: Vec<&str> = query.split('&').filter(|part| !is_token(part)).collect();
    format!("{path}?{}", kept.join("&"))
}

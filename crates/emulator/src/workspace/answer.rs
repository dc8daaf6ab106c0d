//! From a request to its answer: what it is for, whose it is, what goes wrong, and what is kept of it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::call::{Call, Handled, Reply};
use super::catalog::{Endpoint, Found, catalog};
use super::fault::{Fault, Subject};
use super::log::LoggedRequest;
use super::oauth;
use super::page::PageToken;
use super::refusal::Refusal;
use super::{Inner, Turn, batch, discovery, methods};
use crate::exchange::{Outcome, Request, Response};

mod bend;
mod keep;
mod prepare;
mod show;

pub(crate) use keep::{NotKept, commit, keep};

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
        return Outcome::Answered(batched(inner, request).await);
    }
    one(inner, request, meant).await
}

/// Answers a batch, part by part, in order.
async fn batched(inner: &Inner, request: &Request) -> Response {
    let parts = match batch::requests(request) {
        Ok(parts) => parts,
        Err(refused) => return refused,
    };
    let mut answered = Vec::with_capacity(parts.len());
    for batch::Part { id, request } in parts {
        answered.push((id, Box::pin(part(inner, &request)).await));
    }
    batch::answer(answered)
}

/// Answers a request that is part of a batch.
async fn part(inner: &Inner, request: &Request) -> Outcome {
    match meant(inner, request) {
        Meant::Batch => show::refused(&Refusal::bad_request("A batch cannot hold another one.")),
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
            show::refused(&show::on_command(*status, *reason))
        }
        Some(Fault::Html { status }) => Outcome::Answered(show::html(*status)),
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
                Some(Ok(reply)) => Outcome::Answered(show::replied(reply)),
                Some(Err(refusal)) => {
                    traced.reason = Some(refusal.reason);
                    show::refused(&refusal)
                }
                None => Outcome::Dropped,
            }
        }
        Meant::Oauth(place) => Outcome::Answered(tokens(inner, request, &place).await),
        Meant::Document(Some(document)) => Outcome::Answered(show::replied(Reply::Body(document))),
        Meant::Elsewise => show::refused(&Refusal::new(405, "httpMethodNotAllowed", "Method Not Allowed")),
        Meant::Document(None) | Meant::Batch | Meant::Nowhere => {
            show::refused(&Refusal::new(404, "notFound", "Not Found"))
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
    let prepared = prepare::prepare(inner, request, endpoint, path, fault, traced).await;
    let (mut call, mask) = match prepared {
        Ok(prepared) => prepared,
        Err(refusal) => return Some(Err(refusal)),
    };
    let turn = match if_edits(inner, endpoint).await {
        Ok(turn) => turn,
        Err(refusal) => return Some(Err(refusal)),
    };
    let reply = match methods::run(&mut call).await {
        Ok(reply) => reply,
        Err(refusal) => return Some(Err(refusal)),
    };
    let Call { caller, now, fault, done, .. } = call;
    if let Some(turn) = turn {
        match keep::keep(inner, &turn, done, &caller, now, request).await {
            Ok(()) => {}
            Err(keep::NotKept::Refused(refusal)) => return Some(Err(refusal)),
            Err(keep::NotKept::Lost) => return None,
        }
    }
    Some(Ok(match reply {
        Reply::Body(body) => Reply::Body(mask.of(bend::bent(body, fault.as_ref()))),
        Reply::Nothing => Reply::Nothing,
    }))
}

/// A turn for whatever may change something; reads wait for nobody.
async fn if_edits<'a>(inner: &'a Inner, endpoint: &Endpoint) -> Result<Option<Turn<'a>>, Refusal> {
    if endpoint.http == "GET" { Ok(None) } else { Ok(Some(inner.turn().await?)) }
}

/// Which page of a list a request asks for.
fn page(request: &Request) -> u64 {
    let (_, query) = request.path_and_query();
    let mut query = url::form_urlencoded::parse(query.as_bytes());
    let token = query.find(|(name, _)| name == "pageToken");
    token.and_then(|(_, token)| PageToken::read(&token)).map_or(1, |token| token.page)
}

/// A target as the log may have it.
fn without_token(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let is_token = |part: &&str| part.starts_with("access_token=") || part.starts_with("oauth_token=");
    let kept: Vec<&str> = query.split('&').filter(|part| !is_token(part)).collect();
    format!("{path}?{}", kept.join("&"))
}

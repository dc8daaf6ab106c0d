//! How an honest answer is turned into what goes out, and what goes out instead of one.

#![expect(clippy::wildcard_enum_match_arm, reason = "each step picks the behaviours that are its own")]

use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;

use super::answer::{Answer, Body};
use super::app::unauthorized;
use super::behaviour::Behaviour;
use super::keys;
use super::request::{Asked, BASE_PATH};
use super::resources::Kind;
use super::rule::Mood;
use crate::listen::Reply;

const NOT_FOUND_PAGE: &str = "<!DOCTYPE html><html><body><h1>404 Not Found</h1></body></html>";
const BAD_GATEWAY_PAGE: &str = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>";

/// What is answered without doing what is asked.
pub(super) fn refusal(asked: &Asked, mood: &Mood) -> Option<Answer> {
    mood.find(|behaviour| match behaviour {
        Behaviour::Throttled(retry_after) => {
            let answer = Answer::error(429, "too many requests");
            Some(match retry_after.header() {
                Some(value) => answer.with_header("retry-after", value),
                None => answer,
            })
        }
        Behaviour::Fails { status, is_done: false } => Some(Answer::error(*status, "the request failed")),
        Behaviour::Unauthorized => Some(unauthorized()),
        Behaviour::Forbidden => Some(Answer::error(403, "this token may not do that")),
        Behaviour::HtmlNotFound => Some(Answer::html(404, NOT_FOUND_PAGE)),
        Behaviour::HtmlBadGateway { is_done: false } => Some(Answer::html(502, BAD_GATEWAY_PAGE)),
        Behaviour::Redirects { status, to } => {
            let target = asked.target.strip_prefix(BASE_PATH).unwrap_or(&asked.target);
            Some(Answer::empty(*status).with_header("location", format!("{to}{target}")))
        }
        _ => None,
    })
}

/// What is answered although the app did what was asked, or tried to.
pub(super) fn disguised(honest: Answer, asked: &Asked, mood: &Mood) -> Answer {
    let failure = mood.find(|behaviour| match behaviour {
        Behaviour::Fails { status, is_done: true } => Some(Answer::error(*status, "the request failed")),
        Behaviour::HtmlBadGateway { is_done: true } => Some(Answer::html(502, BAD_GATEWAY_PAGE)),
        _ => None,
    });
    let mut answer = failure.unwrap_or(honest);
    if answer.is_success() {
        answer = success(answer, asked, mood);
    }
    dress(&mut answer, mood);
    answer
}

/// A success, with the status and the body that the app prefers.
fn success(honest: Answer, asked: &Asked, mood: &Mood) -> Answer {
    let status = mood.find(|behaviour| match (behaviour, asked.method.as_str()) {
        (Behaviour::PatchAnswers(status), "PATCH")
        | (Behaviour::PutAnswers(status), "PUT")
        | (Behaviour::DeleteAnswers(status), "DELETE") => Some(*status),
        _ => None,
    });
    match status {
        Some(204) => Answer::empty(204),
        Some(status) => Answer { status, ..honest },
        None if honest.status == 201 && mood.shows(&Behaviour::EmptyCreated) => Answer::empty(201),
        None => honest,
    }
}

/// What the app does to every body, errors included.
pub(super) fn dress(answer: &mut Answer, mood: &Mood) {
    let is_error = !answer.is_success();
    let Body::Scim(body) = &mut answer.body else { return };
    if is_error && mood.shows(&Behaviour::StatusAsNumber) {
        body["status"] = answer.status.into();
    }
    if is_error && mood.shows(&Behaviour::NoScimType) {
        remove(body, "scimType");
    }
    if mood.shows(&Behaviour::ExternalIdNotReturned) {
        for resource in listed(body) {
            remove(resource, "externalId");
        }
        remove(body, "externalId");
    }
    if mood.shows(&Behaviour::MembersNotReturned) {
        for group in listed(body).filter(|resource| is_group(resource)) {
            remove(group, "members");
        }
        if is_group(body) {
            remove(body, "members");
        }
    }
    if mood.shows(&Behaviour::MembersShownEmpty) {
        for group in listed(body).filter(|resource| is_group(resource)) {
            remove(group, "members");
            group["members"] = Value::Array(Vec::new());
        }
        if is_group(body) {
            remove(body, "members");
            body["members"] = Value::Array(Vec::new());
        }
    }
    if mood.shows(&Behaviour::MembersEmptyInLists) {
        for group in listed(body).filter(|resource| is_group(resource)) {
            remove(group, "members");
            group["members"] = Value::Array(Vec::new());
        }
    }
    let padding = mood.find(|it| if let Behaviour::HugeBody { bytes } = it { Some(*bytes) } else { None });
    if let Some(bytes) = padding {
        body["padding"] = "x".repeat(bytes).into();
    }
}

/// The resources of a list; none of a body that is no list.
fn listed(body: &mut Value) -> impl Iterator<Item = &mut Value> {
    body.get_mut("Resources").and_then(Value::as_array_mut).into_iter().flatten()
}

fn is_group(resource: &Value) -> bool {
    resource["meta"]["resourceType"] == Kind::Group.name()
}

fn remove(body: &mut Value, name: &str) {
    if let Some(body) = body.as_object_mut() {
        keys::remove(body, name);
    }
}

/// The answer as it goes out; none where the connection is closed instead.
pub(super) fn on_the_wire(answer: Answer, mood: &Mood) -> Option<Response<Reply>> {
    if mood.shows(&Behaviour::LostAnswer) {
        return None;
    }
    let (content_type, mut text) = match answer.body {
        Body::Empty => (None, String::new()),
        Body::Scim(body) => (Some("application/scim+json"), body.to_string()),
        Body::Html(page) => (Some("text/html; charset=utf-8"), page.to_owned()),
    };
    let is_cut = mood.shows(&Behaviour::CutAnswer);
    if is_cut || mood.shows(&Behaviour::InvalidJson) {
        text.truncate(text.floor_char_boundary(text.len() / 2));
    }
    let mut response = Response::new(if is_cut { Reply::cut(text) } else { Reply::whole(text) });
    *response.status_mut() = answer.status.try_into().expect("a behaviour's status is one of HTTP");
    if let Some(content_type) = content_type {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in answer.headers {
        let value = HeaderValue::from_str(&value).expect("a behaviour's header is one of HTTP");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Some(response)
}

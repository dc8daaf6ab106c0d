use std::time::Duration;

use usher_model::time::Timestamp;

use super::*;
use crate::scim::behaviour::{Behaviour, RetryAfter};

/// The answer to a create under a behaviour, and whether the user is there afterwards.
async fn under(behaviour: Behaviour) -> (Answer, bool) {
    let app = ScimServer::start().await;
    app.behave(behaviour);
    let answer = create(&app, "ada@x").await;
    (answer, app.user_by_name("ada@x").is_some())
}

#[tokio::test]
async fn throttling_says_when_to_come_back_in_every_way() {
    let instant = Timestamp::parse("2026-11-23T12:00:00Z").unwrap() + Duration::from_secs(5);
    for (retry_after, header) in [
        (RetryAfter::Absent, None),
        (RetryAfter::Seconds(7), Some("7")),
        (RetryAfter::At(instant), Some("Mon, 23 Nov 2026 12:00:05 GMT")),
        (RetryAfter::Text("soon"), Some("soon")),
    ] {
        let (answer, is_there) = under(Behaviour::Throttled(retry_after)).await;
        assert_eq!((answer.status, answer.header("retry-after"), is_there), (429, header, false));
    }
}

#[tokio::test]
async fn a_failure_may_hide_that_the_request_was_done() {
    for status in [400, 500, 502, 503] {
        for is_done in [false, true] {
            let (answer, is_there) = under(Behaviour::Fails { status, is_done }).await;
            assert_eq!((answer.status, is_there), (status, is_done));
            assert_eq!(answer.json()["status"], status.to_string());
        }
    }
}

#[tokio::test]
async fn a_failure_says_in_the_log_what_an_honest_app_had_said() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::Fails { status: 400, is_done: true });
    create(&app, "ada@x").await;
    assert_eq!((app.log()[0].worked, app.log()[0].sent), (Some(201), Some(400)));
}

#[tokio::test]
async fn a_token_or_a_right_may_be_taken_away() {
    let (answer, is_there) = under(Behaviour::Unauthorized).await;
    assert_eq!((answer.status, is_there), (401, false));
    let (answer, is_there) = under(Behaviour::Forbidden).await;
    assert_eq!((answer.status, is_there), (403, false));
}

#[tokio::test]
async fn a_page_of_a_proxy_is_no_scim_error() {
    for (behaviour, status, is_done) in [
        (Behaviour::HtmlNotFound, 404, false),
        (Behaviour::HtmlBadGateway { is_done: false }, 502, false),
        (Behaviour::HtmlBadGateway { is_done: true }, 502, true),
    ] {
        let (answer, is_there) = under(behaviour).await;
        assert_eq!((answer.status, is_there), (status, is_done));
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.body.starts_with(b"<!DOCTYPE html>"));
    }
}

#[tokio::test]
async fn a_redirect_leads_to_the_same_path_elsewhere() {
    let elsewhere = ScimServer::start().await;
    for status in [301, 302, 307] {
        let (answer, is_there) = under(Behaviour::Redirects { status, to: elsewhere.endpoint() }).await;
        assert_eq!((answer.status, is_there), (status, false));
        assert_eq!(answer.header("location"), Some(format!("{}/Users", elsewhere.endpoint()).as_str()));
    }
    assert_eq!(elsewhere.log(), [], "nobody followed");
}

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Captured from IAM Identity Center.
const AWS_CONFLICT: &str = r#"{"schema":["urn:ietf:params:scim:api:messages:2.0:Error"],
    "schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],
    "detail":"Refused to create a new, duplicate resource.",
    "status":"409",
    "exceptionRequestId":"81abca44-4ee3-47fa-b4d9-729908ef1dd9",
    "timeStamp":"2022-03-18 10:57:08.014"}"#;

fn answer(status: u16, body: &str) -> Response {
    let body = body.as_bytes().to_vec();
    Response { status, content_type: Some("application/json".to_owned()), retry_after: None, body }
}

fn scim(status: u16) -> Failure {
    let error = ScimError { status, scim_type: None, detail: None };
    Failure::read(&Response::json(status, &error.to_json()))
}

#[test]
fn aws_says_conflict_without_a_scim_type() {
    let failure = Failure::read(&answer(409, AWS_CONFLICT));
    assert!(failure.is_scim());
    assert_eq!(failure.of_write(), FailureClass::Conflict);
    assert_eq!(failure.to_string(), "the app answered 409: Refused to create a new, duplicate resource.");
}

#[test]
fn the_old_schema_key_of_aws_counts_too() {
    let body = r#"{"schema":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}"#;
    assert_eq!(Failure::read(&answer(404, body)).of_read(), FailureClass::Gone);
}

#[test]
fn status_may_be_a_number() {
    let body = json!({"schemas": [crate::scim::ERROR_SCHEMA], "status": 404, "detail": "Resource not found"});
    let failure = Failure::read(&Response::json(404, &body));
    assert_eq!(failure.of_read(), FailureClass::Gone);
    assert_eq!(failure.to_string(), "the app answered 404: Resource not found");
}

#[test]
fn a_404_that_is_not_scim_does_not_mean_gone() {
    for body in ["", "<html>Not Found</html>", "{}", r#"{"status":404,"detail":"no route"}"#, "[]", "null"] {
        let failure = Failure::read(&answer(404, body));
        assert!(!failure.is_scim(), "{body}");
        assert_eq!(failure.of_read(), FailureClass::Permanent, "{body}");
        assert_eq!(failure.of_write(), FailureClass::Permanent, "{body}");
    }
}

#[test]
fn a_404_whose_body_speaks_of_another_status_does_not_mean_gone() {
    let body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"500"}"#;
    assert_eq!(Failure::read(&answer(404, body)).of_write(), FailureClass::Permanent);
}

#[test]
fn a_server_error_after_a_write_leaves_it_unknown() {
    for status in [408, 500, 502, 503, 504, 599] {
        let failure = Failure::read(&answer(status, "<html>"));
        assert_eq!(failure.of_write(), FailureClass::Unknown { after: None }, "{status}");
        assert_eq!(failure.of_read(), FailureClass::Transient { after: None }, "{status}");
    }
    assert_eq!(scim(501).of_write(), FailureClass::Permanent);
}

#[test]
fn every_class_that_the_engine_branches_on() {
    assert_eq!(scim(401).of_write(), FailureClass::Unauthorized);
    assert_eq!(scim(403).of_read(), FailureClass::Forbidden);
    assert_eq!(scim(404).of_write(), FailureClass::Gone);
    assert_eq!(scim(409).of_write(), FailureClass::Conflict);
    assert_eq!(scim(400).of_write(), FailureClass::Permanent);
    assert_eq!(scim(302).of_read(), FailureClass::Permanent);
    let uniqueness = ScimError::bad_request(ScimType::Uniqueness, "userName");
    let failure = Failure::read(&Response::json(400, &uniqueness.to_json()));
    assert_eq!(failure.of_write(), FailureClass::Conflict);
}

#[test]
fn throttling_passes_the_servers_wish_on() {
    let after = Some(RetryAfter::Span(Duration::from_secs(7)));
    let response = Response { retry_after: after, ..Response::empty(429) };
    assert_eq!(Failure::read(&response).of_write(), FailureClass::Throttled { after });
    assert_eq!(Failure::read(&response).of_read(), FailureClass::Throttled { after });
}

#[test]
fn the_sentence_is_one_bounded_line() {
    let error = ScimError::bad_request(ScimType::Other("\u{1b}[2J".to_owned()), "line\none ".repeat(500));
    let sentence = Failure::read(&Response::json(400, &error.to_json())).to_string();
    assert!(sentence.starts_with("the app answered 400 [2J: line one line"), "{sentence}");
    assert!(sentence.chars().count() < 400);
    assert!(!sentence.contains(char::is_control));
}

#[test]
fn an_html_body_is_named_and_not_shown() {
    let response =
        Response { content_type: Some("text/html".to_owned()), ..answer(502, "<html>secret</html>") };
    assert_eq!(
        Failure::read(&response).to_string(),
        "the app answered 502 with a body that is not a SCIM error (text/html)"
    );
}

#[test]
fn an_error_reads_as_it_was_written() {
    let error = ScimError::bad_request(ScimType::NoTarget, "nothing there");
    assert_eq!(ScimError::read(400, &error.to_json()), Some(error));
}

proptest! {
    #[test]
    fn no_body_panics_and_only_scim_means_gone(status in 0_u16..1000, body in any::<Vec<u8>>()) {
        let failure = Failure::read(&Response { body, ..Response::empty(status) });
        prop_assert_ne!(failure.of_read(), FailureClass::Gone);
        prop_assert!(!failure.to_string().is_empty());
    }
}

//! HTTP: tokens, media types, errors, methods.

use serde_json::{Value, json};

use crate::suite::Suite;

pub async fn check(suite: &mut Suite) {
    tokens(suite).await;
    media_types(suite).await;
    errors(suite).await;
    methods(suite).await;
}

async fn tokens(suite: &mut Suite) {
    let answer = suite.bare("GET", "/Users", &[]).await;
    suite.rule(
        "RFC 7644 §2",
        "a request without a token is answered with 401",
        answer.status == 401,
        &answer,
    );
    let challenge = answer.header("www-authenticate").is_some();
    suite.rule("RFC 9110 §15.5.2", "a 401 carries WWW-Authenticate", challenge, &answer);
    let authorization = format!("bearer {}", suite.token());
    let answer = suite.bare("GET", "/Users", &[("authorization", &authorization)]).await;
    suite.rule("RFC 9110 §11.1", "the scheme Bearer is read in any case", answer.status == 200, &answer);
}

async fn media_types(suite: &mut Suite) {
    let answer = suite.get("/Users").await;
    let holds = answer.header("content-type").is_some_and(|kind| kind.starts_with("application/scim+json"));
    suite.rule("RFC 7644 §3.1", "answers are of application/scim+json", holds, &answer);
    let authorization = format!("Bearer {}", suite.token());
    for (rule, kind) in [
        ("a client that accepts application/scim+json is answered", "application/scim+json"),
        ("a client that accepts application/json is answered", "application/json"),
    ] {
        let headers = [("Authorization", authorization.as_str()), ("Accept", kind)];
        let answer = suite.bare("GET", "/Users", &headers).await;
        suite.rule("RFC 7644 §3.8", rule, answer.status == 200, &answer);
    }
}

async fn errors(suite: &mut Suite) {
    let answer = suite.get("/Users/nobody").await;
    suite.rule("RFC 7644 §3.12", "what is not there is a 404", answer.status == 404, &answer);
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
    suite.rule(
        "RFC 7644 §3.12",
        "an error has the schema of errors",
        answer.body["schemas"] == schemas,
        &answer,
    );
    suite.rule(
        "RFC 7644 §3.12",
        "an error says its status as a text",
        answer.body["status"] == "404",
        &answer,
    );
    suite.rule("RFC 7644 §3.12", "an error says more in detail", answer.body["detail"].is_string(), &answer);
    let known = ["schemas", "status", "scimType", "detail"];
    let extra: Vec<&String> =
        answer.body.as_object().unwrap().keys().filter(|key| !known.contains(&key.as_str())).collect();
    suite.rule("RFC 7644 §3.12", "an error has no other attributes", extra.is_empty(), &extra);
    let answer = suite.send("POST", "/Users", "{").await;
    suite.rule("RFC 7644 §3.12", "what is not JSON is a 400", answer.status == 400, &answer);
    suite.rule(
        "RFC 7644 §3.12",
        "it is of type invalidSyntax",
        answer.body["scimType"] == "invalidSyntax",
        &answer,
    );
}

async fn methods(suite: &mut Suite) {
    let answer = suite.send("PUT", "/ServiceProviderConfig", "{}").await;
    let rule = "a method that an endpoint does not know is answered with 405";
    suite.rule("RFC 9110 §15.5.6", rule, answer.status == 405, &answer);
    for (rfc, rule, method, path) in [
        ("RFC 7644 §3.11", "/Me, if it is not offered, is answered with 501", "GET", "/Me"),
        ("RFC 7644 §3.12", "bulk requests, if they are not offered, are answered with 501", "POST", "/Bulk"),
    ] {
        let answer = suite.send(method, path, "{}").await;
        suite.rule(rfc, rule, answer.status == 501, &answer);
    }
    let answer = suite.get("/Nothing").await;
    suite.rule("RFC 7644 §3.12", "an endpoint that is not there is a 404", answer.status == 404, &answer);
    let etag = suite.get("/ServiceProviderConfig").await;
    let is_consistent = etag.body["etag"]["supported"] == Value::Bool(false) && etag.header("etag").is_none();
    suite.rule(
        "RFC 7644 §3.14",
        "versions are not offered where they are said not to be",
        is_consistent,
        &etag,
    );
}

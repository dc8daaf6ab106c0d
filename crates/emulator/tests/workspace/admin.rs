//! The administration over HTTP.

use serde_json::{Value, json};
use usher_emulator::exchange::Request;

use crate::world::{Answer, KEY, World};

fn call(world: &World, line: &str, body: &Value) -> Answer {
    let (http, target) = line.split_once(' ').unwrap();
    let mut request = Request::new(http, target);
    if !body.is_null() {
        request = request.with_body(body.to_string());
    }
    world.raw(request)
}

#[test]
fn every_call_of_the_index_is_there() {
    let world = World::new();
    world.workspace.create_service_account("usher", "emulated").unwrap();
    world.workspace.create_service_account("machine", "emulated").unwrap();
    let index = call(&world, "GET /emulator", &Value::Null).ok();
    let calls = index["calls"].as_array().unwrap();
    for entry in calls {
        let line =
            entry["call"].as_str().unwrap().replace("{email}", "usher@emulated.iam.gserviceaccount.com");
        if line.contains("DELETE /emulator/service-accounts/usher@emulated.iam.gserviceaccount.com") {
            continue;
        }
        let line = line.replace("{id}", "1");
        let mut body: Value =
            entry["example"].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        if line.ends_with("/keys") || line.ends_with("/signers") {
            body["private_key"] = json!(KEY);
        }
        let answer = call(&world, &line, &body);
        let is_gone = line.starts_with("DELETE /emulator/faults/") && answer.status == 404;
        assert!(answer.status < 300 || is_gone, "{line}: {} {}", answer.status, answer.text());
    }
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let world = World::new();
    let error = |line: &str, body: Value| {
        let answer = call(&world, line, &body);
        (answer.status, answer.json()["error"].as_str().unwrap().to_owned())
    };
    assert_eq!(error("GET /emulator/nothing", Value::Null).0, 404);
    let fault =
        json!({ "methods": ["no.such"], "fault": { "kind": "cut-list" }, "when": { "kind": "always" } });
    assert_eq!(error("POST /emulator/faults", fault), (400, "there is no method `no.such`".to_owned()));
    let account = "there is no service account `x`".to_owned();
    assert_eq!(
        error("POST /emulator/service-accounts/x/keys", json!({ "private_key": KEY })),
        (404, account)
    );
    assert_eq!(error("PATCH /emulator/settings", json!({ "no": 1 })).0, 400);
    assert_eq!(error("POST /emulator/seed", json!({ "people": [] })).0, 400);
}

#[test]
fn pages_of_elsewhere_are_not_let_in() {
    let world = World::new();
    let request = Request::new("GET", "/emulator/summary").with_header("Origin", "https://else.example");
    assert_eq!(world.raw(request).status, 403);
    let mut request = Request::new("GET", "/emulator/summary");
    request.source = Some("192.0.2.1".parse().unwrap());
    assert_eq!(world.raw(request).status, 403);
}

#[test]
fn requests_are_counted_by_method() {
    let world = World::new();
    world.user("ada");
    world.get("~/users?customer=my_customer").ok();
    world.get("~/users/no@example.com");
    let counters = call(&world, "GET /emulator/counters", &Value::Null).ok();
    assert_eq!(counters["methods"]["directory.users.insert"]["requests"], 1);
    assert_eq!(counters["methods"]["directory.users.get"]["statuses"]["404"], 1);
    let requests = call(&world, "GET /emulator/requests?limit=2", &Value::Null).ok();
    assert_eq!(requests["requests"][1]["method"], "directory.users.list");
    assert_eq!(requests["next"], 2);
    let more = call(&world, "GET /emulator/requests?after=2", &Value::Null).ok();
    assert_eq!(more["requests"][0]["reason"], "notFound");
    call(&world, "DELETE /emulator/requests", &Value::Null);
    assert_eq!(world.workspace.counters().total.requests, 0);
}

#[test]
fn the_documents_are_google_s_with_this_address() {
    let world = World::new();
    for target in ["/$discovery/rest?version=directory_v1", "/discovery/v1/apis/admin/directory_v1/rest"] {
        let document = call(&world, &format!("GET {target}"), &Value::Null).ok();
        assert_eq!(document["rootUrl"], "http://127.0.0.1:8082/");
        assert_eq!(document["revision"], "20261104");
    }
    let reports = call(&world, "GET /$discovery/rest?version=reports_v1", &Value::Null).ok();
    assert_eq!(reports["id"], "admin:reports_v1");
    assert_eq!(call(&world, "GET /$discovery/rest?version=other", &Value::Null).status, 404);
}

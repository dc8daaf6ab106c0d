//! `usher emulate workspace`: what it says, what it keeps, and what it refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::desk::{Desk, run};
use crate::emulate::Emulator;

const READY: [&str; 7] = ["emulate", "workspace", "--port", "0", "--ready", "--key-file", "key.json"];

fn ready(desk: &Desk, more: &[&str]) -> Emulator {
    Emulator::start(desk.command(&[&READY[..], more, &["--json"]].concat()))
}

fn key(desk: &Desk) -> Value {
    serde_json::from_slice(&fs::read(desk.path("key.json")).expect("a key")).expect("JSON")
}

fn summary(emulator: &Emulator) -> Value {
    emulator.ask("GET", "/emulator/summary", "", "").expect("an answer").json()
}

#[test]
fn e2e_a_ready_workspace_has_an_organisation_an_administrator_and_a_key() {
    let desk = Desk::new();
    let emulator = ready(&desk, &[]);
    assert_eq!(emulator.said("admin"), "admin@example.com");
    assert_eq!(emulator.started["users"], json!(11));
    let mode = fs::metadata(desk.path("key.json")).expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let key = key(&desk);
    assert_eq!(key["token_uri"], format!("{}/token", emulator.said("listen")));
    assert_eq!(key["client_email"], emulator.said("service_account"));
    let accounts = emulator.ask("GET", "/emulator/service-accounts", "", "").expect("an answer").json();
    let scopes = accounts["service_accounts"][0]["delegated_scopes"].as_array().expect("scopes").clone();
    assert_eq!(scopes.len(), 8);
    assert!(scopes.iter().all(|scope| scope.as_str().is_some_and(|scope| scope.ends_with(".readonly"))));
    let users = emulator.ask("GET", "/admin/directory/v1/users?customer=my_customer", "", "");
    assert_eq!(users.expect("an answer").status, 401);
    emulator.end("-INT");
}

#[test]
fn e2e_state_is_kept_and_a_file_is_taken_in() {
    let desk = Desk::new();
    let company = json!({
        "users": [{ "primaryEmail": "ada@example.com", "name": { "givenName": "Ada", "familyName": "L" } }],
        "groups": [{ "email": "all@example.com" }],
    });
    fs::write(desk.path("company.json"), company.to_string()).expect("it is written");
    let begin = ["emulate", "workspace", "--port", "0", "--state", "google.jsonl", "--json"];
    let emulator = Emulator::start(desk.command(&[&begin[..], &["--import", "company.json"]].concat()));
    let before = summary(&emulator);
    assert_eq!((&before["users"], &before["groups"]), (&json!(1), &json!(1)));
    emulator.end("-TERM");
    let emulator = Emulator::start(desk.command(&begin));
    assert_eq!(summary(&emulator), before);
    emulator.end("-TERM");
}

#[test]
fn e2e_a_key_file_that_is_something_else_is_not_overwritten() {
    let desk = Desk::new();
    fs::write(desk.path("key.json"), "{}").expect("it is written");
    let ended = run(desk.command(&READY));
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("key.json is there already and is not overwritten"), "{}", ended.err);
    assert_eq!(fs::read_to_string(desk.path("key.json")).expect("a file"), "{}");
}

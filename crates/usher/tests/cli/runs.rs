//! What people and scripts are told of runs against an app server.

use usher_testkit::scim::ScimServer;

use crate::desk::Desk;

/// A desk whose app `wiki` is on for everybody, and the server behind it.
struct Office {
    desk: Desk,
    // Answers for as long as the runtime is there.
    runtime: tokio::runtime::Runtime,
    _server: ScimServer,
}

impl Office {
    fn new() -> Self {
        let desk = Desk::with_people();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let server = runtime.block_on(ScimServer::start());
        desk.write("token", &server.token());
        desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
        let endpoint = server.endpoint();
        desk.succeeds(&["app", "authorize", "wiki", "--endpoint", &endpoint, "--token-file", "token"]);
        desk.succeeds(&["app", "access", "wiki", "--ou", "/", "on"]);
        desk.succeeds(&["app", "deprovision", "wiki", "--suspended", "7d"]);
        // So that whoever has no given name cannot be provisioned.
        desk.succeeds(&["app", "map", "wiki", "--set", "userName = user.name.givenName"]);
        desk.succeeds(&["app", "enable", "wiki"]);
        Self { desk, runtime, _server: server }
    }

    fn import(&self, people: &str) {
        self.desk.write("more.json", &format!("{{\"users\": [{people}]}}"));
        self.desk.succeeds(&["import", "more.json"]);
    }
}

const NAMELESS: &str = r#"{"id": "9", "primaryEmail": "nameless@example.com", "orgUnitPath": "/"}"#;

#[test]
fn nothing_to_do_is_well_only_where_nobody_fails_and_nobody_leaves() {
    let office = Office::new();
    office.desk.succeeds(&["sync", "wiki"]);
    let planned = office.desk.succeeds(&["plan", "wiki"]);
    assert!(planned.starts_with("wiki is as it should be: a run would change nothing.\n"), "{planned}");

    office.import(r#"{"id": "2", "primaryEmail": "bo@example.com", "suspended": true}"#);
    office.desk.succeeds(&["sync", "wiki"]);
    let planned = office.desk.succeeds(&["plan", "wiki"]);
    assert!(
        planned.starts_with("A run of wiki would change nothing now: 1 person is leaving.\n"),
        "{planned}"
    );

    office.import(NAMELESS);
    let planned = office.desk.usher(&["plan", "wiki"]);
    assert_eq!(planned.code, 1, "{planned:?}");
    let expected =
        "A run of wiki would change nothing now: 1 person cannot be provisioned, 1 person is leaving.\n";
    assert!(planned.out.starts_with(expected), "{}", planned.out);
    office.runtime.shutdown_background();
}

#[test]
fn a_run_fails_for_as_long_as_somebody_is_failing() {
    let office = Office::new();
    office.import(NAMELESS);
    let first = office.desk.usher(&["sync", "wiki"]);
    assert_eq!(first.code, 1, "{first:?}");
    let second = office.desk.usher(&["sync", "wiki", "--json"]);
    let object: serde_json::Value = serde_json::from_str(&second.out).unwrap();
    assert_eq!((&object["failures"], second.code), (&serde_json::json!(0), 1), "{second:?}");
    let planned = office.desk.usher(&["plan", "wiki"]);
    assert_eq!(planned.code, 1, "{planned:?}");
    assert!(planned.out.contains("1 person cannot be provisioned"), "{}", planned.out);
    office.runtime.shutdown_background();
}

#[test]
fn an_explanation_says_that_somebody_is_held_and_how_they_are_let_through() {
    let office = Office::new();
    office.desk.succeeds(&["sync", "wiki"]);
    office.desk.succeeds(&["app", "scope", "wiki", "--add", "team@example.com"]);
    office.desk.succeeds(&["app", "deprovision", "wiki", "--app-off", "24h"]);
    office.desk.succeeds(&["sync", "wiki"]);
    let free = office.desk.json(&["explain", "wiki", "ada@example.com"]);
    assert_eq!(free["held"], serde_json::json!(null));
    office.desk.write("more.json", r#"{"members": {"team@example.com": []}}"#);
    office.desk.succeeds(&["import", "more.json"]);
    assert_eq!(office.desk.usher(&["sync", "wiki"]).code, 3);
    let guard = "the group team@example.com had 1 members and has none now";
    let text = office.desk.succeeds(&["explain", "wiki", "ada@example.com"]);
    assert!(text.contains(guard) && text.contains("; `usher sync wiki --release` lets it through"), "{text}");
    let held = office.desk.json(&["explain", "wiki", "ada@example.com"]);
    assert!(held["held"]["why"].as_str().unwrap().contains(guard), "{held}");
    office.runtime.shutdown_background();
}

#[test]
fn an_app_that_is_on_keeps_its_mandatory_attributes_mapped() {
    let office = Office::new();
    let said = office.desk.fails(64, &["app", "map", "wiki", "--set", "userName = -"]);
    assert!(said.starts_with("the mandatory attribute userName is not mapped"), "{said}");
    office.desk.succeeds(&["app", "disable", "wiki"]);
    office.desk.succeeds(&["app", "map", "wiki", "--set", "userName = -"]);
    office.desk.fails(1, &["app", "enable", "wiki"]);
    office.runtime.shutdown_background();
}

#[test]
fn a_group_that_is_emptied_before_the_first_run_is_guarded_too() {
    let office = Office::new();
    office.desk.succeeds(&["sync", "wiki"]);
    office.desk.succeeds(&["app", "deprovision", "wiki", "--app-off", "24h"]);
    office.desk.succeeds(&["app", "scope", "wiki", "--add", "team@example.com"]);
    office.desk.write("more.json", r#"{"members": {"team@example.com": []}}"#);
    office.desk.succeeds(&["import", "more.json"]);
    let ended = office.desk.usher(&["sync", "wiki"]);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.out.contains("the group team@example.com had 1 members and has none now"), "{}", ended.out);
    office.runtime.shutdown_background();
}

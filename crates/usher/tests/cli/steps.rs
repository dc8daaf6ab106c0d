//! One person at once, with each step shown.

use serde_json::json;

use crate::office::Office;

const BO: &str = "bo@example.com";

#[test]
fn a_run_for_one_person_shows_each_step_from_the_directory_to_the_apps_answer() {
    let office = Office::new();
    let desk = &office.desk;
    let shown = desk.succeeds(&["sync", "wiki", "--user", BO]);
    for step in [
        "found      bo@example.com (id 2), active, in the organizational unit /Sales",
        "access     the app is on for /Sales (inherited from /)",
        "scope      in scope",
        "mapping    displayName = ",
        "userName = \"Bo\"",
        "on record  none on record",
        "decision   create the account: entitled, and has no account yet",
        "filter=externalId%20eq%20%222%22",
        "POST /Users",
        "\"userName\":\"Bo\"",
        "answer: 201 {",
        "The run of wiki changed 1 account",
    ] {
        assert!(shown.contains(step), "{step}: {shown}");
    }
    assert!(!shown.contains(&office.server.token()), "no step shows the token");
    office.import(
        r#"{"id": "2", "primaryEmail": "bo@example.com", "name": {"givenName": "Bo", "familyName": "Lee"}}"#,
    );
    let told = desk.json(&["sync", "wiki", "--user", BO]);
    let steps = &told["steps"];
    assert_eq!(steps["explained"]["decision"]["operation"], "update", "{told}");
    let last = steps["exchanges"].as_array().expect("exchanges").last().expect("one").clone();
    assert_eq!(
        (&last["method"], &last["status"], &last["error"]),
        (&json!("PATCH"), &json!(200), &json!(null))
    );
    assert_eq!(desk.json(&["sync", "wiki"])["steps"], json!(null), "of one person alone");
    office.runtime.shutdown_background();
}

#[test]
fn what_is_decided_from_records_alone_is_not_said_to_be_so_at_the_app() {
    let office = Office::new();
    office.desk.succeeds(&["sync", "wiki", "--user", BO]);
    let n_asked = office.server.log().len();
    let shown = office.desk.succeeds(&["sync", "wiki", "--user", BO]);
    assert_eq!(office.server.log().len(), n_asked);
    for step in [
        "decision   nothing is done: entitled, and the account is as Usher last left it; an audit asks the app whether it \
         still is\n",
        "request    none: the app was not asked\n",
    ] {
        assert!(shown.contains(step), "{step}: {shown}");
    }
    office.runtime.shutdown_background();
}

#[test]
fn whoever_nothing_is_done_for_is_told_why_and_that_the_app_was_not_asked() {
    let office = Office::new();
    let shown = office.desk.succeeds(&["sync", "wiki", "--user", "cy@example.org"]);
    for step in [
        "standing   not entitled: ",
        "decision   nothing is done: ",
        "request    none: the app was not asked",
    ] {
        assert!(shown.contains(step), "{step}: {shown}");
    }
    office.runtime.shutdown_background();
}

//! What a run did, taken back: found, previewed, done, shown, and over once the directory agrees.

use std::process::Stdio;

use serde_json::{Value, json};
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::gate::Gate;

use crate::desk::{CONFIG, Desk};
use crate::office::Office;
use crate::serve::Server;

const ADA: &str = "ada@example.com";
const ACTIVE: &str = r#"{"id": "1", "primaryEmail": "ada@example.com", "suspended": false}"#;
const SUSPENDED: &str = r#"{"id": "1", "primaryEmail": "ada@example.com", "suspended": true}"#;

/// An office where Ada is to be suspended by the next run.
fn office() -> Office {
    let office = Office::new();
    office.desk.succeeds(&["app", "deprovision", "wiki", "--suspended", "24h"]);
    office.desk.succeeds(&["sync", "wiki"]);
    office.import(SUSPENDED);
    office
}

/// The same after that run, and the run.
fn left() -> (Office, String) {
    let office = office();
    let synced = office.desk.json(&["sync", "wiki"]);
    assert_eq!(synced["operations"]["suspend"], 1);
    let run = synced["run"].as_str().expect("a run has a name").to_owned();
    (office, run)
}

impl Office {
    fn is_on(&self) -> bool {
        let accounts = self.server.users();
        let ada = accounts.iter().find(|account| account["externalId"] == "1").expect("Ada has an account");
        ada["active"] == true
    }
}

#[test]
fn a_run_is_called_by_name_wherever_somebody_would_look_for_it() {
    let office = office();
    let desk = &office.desk;
    let synced = desk.succeeds(&["sync", "wiki"]);
    let run = synced.split("`usher undo ").nth(1).expect("how to take it back").split('`').next().unwrap();
    assert!(
        synced
            .ends_with(&format!("If the suspensions were a mistake: `usher undo {run}` takes them back.\n"))
    );
    let status = desk.succeeds(&["status"]);
    assert!(status.contains(&format!("1 operation done (run {run})")), "{status}");
    let explained = desk.succeeds(&["explain", "wiki", ADA]);
    assert!(explained.contains(&format!("(by the run {run})")), "{explained}");
    assert!(!desk.succeeds(&["sync", "wiki"]).contains("usher undo"), "nobody was suspended");
    office.runtime.shutdown_background();
}

#[test]
fn a_run_is_taken_back_and_what_was_taken_back_stays_until_the_directory_agrees() {
    let (office, run) = left();
    let desk = &office.desk;
    let undone = desk.json(&["undo", &run, "--by", "grace"]);
    let expected = json!({
        "app": "wiki", "undone": run, "left_alone": 0, "lost": 0, "failures": 0, "stopped": null,
        "requests": {"source": 0, "reads": 1, "writes": 1},
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(undone[key], *value, "{key}");
    }
    assert_eq!(undone["operations"]["unsuspend"], 1);
    assert_ne!(undone["run"], json!(run), "it is a run of its own");
    assert!(office.is_on());

    let listed = desk.json(&["pin", "wiki"]);
    let pin = &listed["pinned"][0]["pin"];
    assert_eq!((&pin["by"], &pin["undone"], &pin["until"]), (&json!("grace"), &json!(run), &Value::Null));
    let listed = desk.succeeds(&["pin", "wiki"]);
    assert!(listed.contains("unpinned, or the directory agrees"), "{listed}");
    let pinned = format!("pinned by undo of run {run} (by grace) since");
    let explained = desk.succeeds(&["explain", "wiki", ADA]);
    assert!(explained.contains(&pinned), "{explained}");
    let why = format!("taken back: the run {run} had suspended the account");
    assert!(explained.contains(&why), "{explained}");

    for again in [&["sync", "wiki"][..], &["audit", "wiki"], &["sync", "wiki", "--user", ADA]] {
        let ran = desk.json(again);
        assert_eq!((&ran["requests"]["writes"], &ran["failures"]), (&json!(0), &json!(0)), "{ran}");
    }
    office.import(ACTIVE);
    assert_eq!(desk.json(&["sync", "wiki"])["requests"]["writes"], 0);
    assert_eq!(desk.json(&["pin", "wiki"])["pinned"], json!([]));
    office.import(SUSPENDED);
    assert_eq!(desk.json(&["sync", "wiki"])["operations"]["suspend"], 1, "normal life again");
    office.runtime.shutdown_background();
}

#[test]
fn who_is_taken_back_and_who_is_left_alone_is_told_person_by_person_before_and_after() {
    let (office, run) = left();
    let desk = &office.desk;
    let previewed = desk.json(&["undo", &run, "--preview"]);
    assert_eq!((&previewed["operations"]["unsuspend"], &previewed["preview"]), (&json!(1), &json!(true)));
    let previewed = desk.succeeds(&["undo", &run, "--preview"]);
    for said in [
        &format!(
            "An undo of the run {run} of wiki would switch 1 account on again. Nothing has been done.\n"
        ),
        "ada@example.com  suspended since",
        &format!("`usher undo {run}` does this.\n"),
    ] {
        assert!(previewed.contains(said), "{said}: {previewed}");
    }
    assert!(!office.is_on(), "a preview does nothing");

    let undone = desk.succeeds(&["undo", &run]);
    for said in [
        &format!("The undo of the run {run} of wiki switched 1 account on again, in "),
        "On again, and pinned until you unpin them or the directory agrees:\nPERSON\nada@example.com\n",
    ] {
        assert!(undone.contains(said), "{said}: {undone}");
    }
    let twice = desk.succeeds(&["undo", &run]);
    for said in ["took nothing back", "Left alone", "ada@example.com  taken back already, by the run "] {
        assert!(twice.contains(said), "{said}: {twice}");
    }
    assert_eq!(desk.json(&["undo", &run])["left_alone"], 1);
    office.runtime.shutdown_background();
}

#[test]
fn what_cannot_be_undone_is_refused_with_a_sentence() {
    let (office, run) = left();
    let desk = &office.desk;
    let unknown = desk.fails(1, &["undo", "x"]);
    assert!(unknown.starts_with("there is no run x: `usher sync` says how its run is called"), "{unknown}");
    desk.fails(64, &["undo"]);
    let idle = desk.json(&["sync", "wiki"])["run"].as_str().unwrap().to_owned();
    let nothing = desk.fails(1, &["undo", &idle]);
    assert!(
        nothing.ends_with(
            "suspended nobody, deleted nobody and took nobody out of a group: there is nothing to take back"
        ),
        "{nothing}"
    );
    desk.succeeds(&["app", "disable", "wiki"]);
    let off = desk.fails(1, &["undo", &run]);
    assert!(off.starts_with("the app wiki is not turned on"), "{off}");
    let over_long = "x".repeat(501);
    assert!(desk.fails(64, &["undo", &run, "--by", &over_long]).contains("a name is one line"));
    office.runtime.shutdown_background();
}

#[test]
fn an_undo_that_fails_for_somebody_ends_with_1_and_can_be_asked_for_again() {
    let (office, run) = left();
    let refusing = office.server.behave(Behaviour::Fails { status: 400, is_done: false }.on("PATCH"));
    let ended = office.desk.usher(&["undo", &run, "--json"]);
    let said: Value = serde_json::from_str(&ended.out).expect("one line of JSON");
    assert_eq!((ended.code, &said["failures"]), (1, &json!(1)), "{ended:?}");
    let ended = office.desk.usher(&["undo", &run]);
    assert!(ended.out.contains("ada@example.com  the app answered 400"), "{ended:?}");
    office.server.forget(refusing);
    assert_eq!(office.desk.json(&["undo", &run])["operations"]["unsuspend"], 1);
    assert!(office.is_on());
    office.runtime.shutdown_background();
}

#[test]
fn an_undo_waits_for_a_server_to_be_stopped_and_a_preview_does_not() {
    let desk = Desk::with_people();
    let server = Server::with(&desk, "");
    let refused = desk.fails(1, &["undo", "x"]);
    assert!(refused.contains("in use by another usher process"), "{refused}");
    assert!(desk.fails(1, &["undo", "x", "--preview"]).starts_with("there is no run x"));
    drop(server);
}

#[test]
fn a_run_that_was_killed_is_taken_back_at_once() {
    let office = office();
    let desk = &office.desk;
    desk.write(CONFIG, "[runs]\nlook_again_after_ms = 1\nrequest_timeout_ms = 500\n");
    let gate = Gate::closed();
    office.server.behave(Behaviour::HeldAnswer(gate.clone()).on("PATCH"));
    let mut command = desk.command(&["sync", "wiki"]);
    let mut syncing = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
    office.runtime.block_on(gate.arrived(1));
    syncing.kill().expect("it is killed");
    syncing.wait().expect("it ends");
    office.server.behave_well();
    assert!(!office.is_on(), "the suspension was done, and nobody was told");
    let status = desk.json(&["status"]);
    let last = &status["apps"][0]["last_run"];
    assert_eq!(last["ended_at"], Value::Null);
    let undone = desk.json(&["undo", last["run"].as_str().unwrap()]);
    assert_eq!((&undone["operations"]["unsuspend"], &undone["failures"]), (&json!(1), &json!(0)));
    assert!(office.is_on());
    office.runtime.shutdown_background();
}

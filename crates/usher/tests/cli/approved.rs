//! A plan is written to a file, looked at, and carried out as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::office::Office;

const BO: &str = r#"{"id": "2", "primaryEmail": "bo@example.com", "suspended": true, "name": {"givenName": "Bo", "familyName": "Li"}}"#;

#[test]
fn a_plan_in_a_file_is_carried_out_as_it_is_or_refused_with_what_changed_since() {
    let office = Office::new();
    let desk = &office.desk;
    let planned = desk.usher(&["plan", "wiki", "--out", "plan.ndjson"]);
    assert_eq!(planned.code, 2, "{planned:?}");
    let told = "2 operations written to plan.ndjson; `usher sync wiki --plan plan.ndjson` does exactly that, or nothing";
    assert!(planned.err.contains(told), "{planned:?}");
    let file = desk.path("plan.ndjson");
    let mode = fs::metadata(&file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it says who is who");
    let text = fs::read_to_string(&file).expect("text");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&lines[0]["name"], &lines[0]["operations"]), (&json!("wiki"), &json!(2)));
    assert_eq!(lines[1]["email"], "ada@example.com");

    office.import(BO);
    let refused = desk.usher(&["sync", "wiki", "--plan", "plan.ndjson"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("something else is to be done for 1 person"), "{refused:?}");
    assert!(
        refused
            .out
            .contains("bo@example.com: create (entitled, and has no account yet) is not to be done any more")
    );
    assert_eq!(office.server.writes(), []);

    desk.usher(&["plan", "wiki", "--out", "plan.ndjson"]);
    let synced = desk.json(&["sync", "wiki", "--plan", "plan.ndjson"]);
    assert_eq!(
        (&synced["operations"]["create"], &synced["differences"]),
        (&json!(1), &json!(null)),
        "{synced}"
    );
    office.runtime.shutdown_background();
}

#[test]
fn a_file_that_is_no_plan_is_refused_before_anything_is_asked() {
    let office = Office::new();
    let desk = &office.desk;
    office.server.clear_log();
    desk.write("plan.ndjson", "{}");
    let refused = desk.fails(1, &["sync", "wiki", "--plan", "plan.ndjson"]);
    assert!(refused.starts_with("plan.ndjson, line 1: this is no plan"), "{refused}");
    let refused = desk.fails(1, &["sync", "wiki", "--plan", "nowhere"]);
    assert!(refused.starts_with("cannot read the plan nowhere: "), "{refused}");
    for other in [&["--release"][..], &["--user", "bo@example.com"]] {
        let refused = desk.fails(64, &[&["sync", "wiki", "--plan", "plan.ndjson"], other].concat());
        assert!(refused.contains("cannot be used with"), "{refused}");
    }
    assert_eq!(office.server.log(), [], "nothing was asked");
    let refused = desk.usher(&["plan", "wiki", "--out", "no/where"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("cannot write the plan to no/where"), "{refused:?}");
    let refused = desk.usher(&["plan", "wiki", "--out", "/dev/null"]);
    assert!(refused.err.contains("/dev/null is there and is no file"), "{refused:?}");
    assert_eq!(office.server.writes(), []);
    office.runtime.shutdown_background();
}

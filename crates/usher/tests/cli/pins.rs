//! Whom Usher must not touch: said, shown, and taken back.

use serde_json::json;

use crate::desk::Desk;
use crate::office::Office;

const ADA: &str = "ada@example.com";

#[test]
fn a_pin_says_who_why_since_when_and_until_when_wherever_it_is_shown() {
    let office = Office::new();
    let desk = &office.desk;
    desk.succeeds(&["sync", "wiki"]);
    assert_eq!(desk.succeeds(&["pin", "wiki"]), "Nobody is pinned at wiki, and no group.\n");
    let said =
        desk.json(&["pin", "wiki", ADA, "--why", "on leave", "--until", "2999-03-01", "--by", "grace"]);
    assert_eq!(
        (&said["user"], &said["pin"]["by"], &said["pin"]["why"]),
        (&json!(ADA), &json!("grace"), &json!("on leave"))
    );
    let listed = desk.json(&["pin", "wiki"]);
    let line = &listed["pinned"][0];
    assert_eq!(
        (&line["user"], &line["pin"]["until"], &line["holds"]),
        (&json!(ADA), &json!("2999-03-01T00:00:00Z"), &json!(true))
    );
    for shown in [desk.succeeds(&["pin", "wiki"]), desk.succeeds(&["explain", "wiki", ADA])] {
        for word in ["grace", "on leave", "2999-03-01"] {
            assert!(shown.contains(word), "{word}: {shown}");
        }
    }
    office.import(r#"{"id": "1", "primaryEmail": "ada@example.com", "suspended": true, "name": {"givenName": "Ada", "familyName": "L"}}"#);
    let synced = desk.json(&["sync", "wiki"]);
    assert_eq!((&synced["operations"]["suspend"], &synced["requests"]["writes"]), (&json!(0), &json!(0)));
    let explained = desk.json(&["explain", "wiki", ADA]);
    assert!(explained["decision"]["why"].to_string().contains("on leave"), "{explained}");
    office.runtime.shutdown_background();
}

#[test]
fn whoever_is_unpinned_is_provisioned_again_also_when_they_have_no_address_any_more() {
    let office = Office::new();
    let desk = &office.desk;
    desk.succeeds(&["sync", "wiki"]);
    desk.succeeds(&["pin", "wiki", ADA, "--why", "break-glass", "--by", "grace"]);
    desk.write("gone.json", r#"{"users": [{"id": "1", "primaryEmail": "ada@example.com", "deletionTime": "2026-01-01T00:00:00Z"}]}"#);
    desk.succeeds(&["import", "gone.json"]);
    desk.succeeds(&["app", "deprovision", "wiki", "--deleted", "24h"]);
    assert_eq!(desk.json(&["sync", "wiki"])["operations"]["suspend"], 0);
    let said = desk.succeeds(&["unpin", "wiki", ADA]);
    assert_eq!(said, "ada@example.com is provisioned again at wiki, with the next run.\n");
    assert_eq!(desk.json(&["sync", "wiki"])["operations"]["suspend"], 1);
    office.runtime.shutdown_background();
}

#[test]
fn a_pin_that_says_too_little_is_refused_and_nothing_is_kept() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    let refused = |code, more: &[&str]| desk.fails(code, &[&["pin", "wiki"], more].concat());
    assert!(refused(64, &[ADA]).contains("--why"));
    assert!(refused(64, &[ADA, "--why", " "]).contains("a reason has to say something"));
    assert!(refused(64, &[ADA, "--why", "x", "--by", "a\nb"]).contains("a name is one line"));
    assert!(refused(64, &[ADA, "--why", "x", "--until", "tomorrow"]).contains("`tomorrow` is not a date"));
    let over = refused(64, &[ADA, "--why", "x", "--by", "grace", "--until", "2020-01-01"]);
    assert!(over.contains("--until has gone by already"), "{over}");
    let nobody = refused(1, &["no@example.com", "--why", "x", "--by", "grace"]);
    assert_eq!(nobody, "nobody in the directory has the address no@example.com, and no group has it");
    let nobody = desk.fails(1, &["unpin", "wiki", "no@example.com"]);
    assert_eq!(nobody, "nobody in the directory has the address no@example.com, and no group has it");
    let idle = desk.succeeds(&["unpin", "wiki", ADA]);
    assert_eq!(idle, "ada@example.com was not pinned at wiki, so nothing changes.\n");
    assert_eq!(desk.json(&["pin", "wiki"])["pinned"], json!([]));
}

#[test]
fn a_pin_is_taken_back_by_id_also_once_somebody_else_has_the_address() {
    let office = Office::new();
    let desk = &office.desk;
    desk.succeeds(&["sync", "wiki"]);
    desk.succeeds(&["pin", "wiki", ADA, "--why", "break-glass", "--by", "grace"]);
    let recycled = r#"{"users": [
        {"id": "1", "primaryEmail": "ada@example.com", "deletionTime": "2026-01-01T00:00:00Z"},
        {"id": "99", "primaryEmail": "ada@example.com", "name": {"givenName": "Other", "familyName": "Ada"}}
    ]}"#;
    desk.write("recycled.json", recycled);
    desk.succeeds(&["import", "recycled.json"]);
    assert_eq!(desk.json(&["pin", "wiki"])["pinned"][0]["id"], "1");
    desk.succeeds(&["unpin", "wiki", "1"]);
    assert_eq!(desk.json(&["pin", "wiki"])["pinned"], json!([]));
    desk.succeeds(&["pin", "wiki", ADA, "--why", "another", "--by", "grace"]);
    assert_eq!(desk.json(&["pin", "wiki"])["pinned"][0]["id"], "99", "whoever has it now");
    let mut nobody = desk.command(&["pin", "wiki"]);
    nobody.env("USER", "");
    assert_eq!(crate::desk::run(nobody).code, 0, "a list needs no name");
    office.runtime.shutdown_background();
}

//! Import, what is counted afterwards, a plan and an explanation of it; all without an app server.

use serde_json::json;

use crate::desk::Desk;

#[test]
fn an_import_is_counted_and_a_second_one_changes_nothing() {
    let desk = Desk::with_people();
    let listed = desk.json(&["directory", "list"]);
    let directory = &listed["directories"][0];
    assert_eq!(directory["directory"], "embedded");
    assert_eq!(directory["users"], 3);
    assert_eq!(directory["groups"], 2);
    assert_eq!(directory["domains"], json!(["example.com", "example.org"]));
    let again = desk.json(&["import", "people.json"]);
    assert_eq!(again["changed"], false);
    assert_eq!(
        again["users"],
        json!({"added": 0, "updated": 0, "deleted": 0, "restored": 0, "unchanged": 3})
    );
}

#[test]
fn a_preview_of_an_import_says_what_would_change_and_changes_nothing() {
    let desk = Desk::with_people();
    desk.write("one.json", r#"{"users": [{"id": "1", "primaryEmail": "ada@example.com"}]}"#);
    let preview = desk.json(&["import", "one.json", "--replace", "--preview"]);
    assert_eq!((&preview["preview"], &preview["users"]["deleted"]), (&json!(true), &json!(2)));
    assert_eq!(desk.json(&["directory", "list"])["directories"][0]["deleted"], 0);
}

#[test]
fn files_that_cannot_be_imported_are_named_and_nothing_of_them_is_kept() {
    let desk = Desk::new();
    assert!(desk.fails(1, &["import", "absent.json"]).contains("absent.json"));
    desk.write("broken.json", "{\"users\": [\n{\"id\": \"1\", \"primaryEmail\": \"ada@example.com\"},\n{]}");
    let said = desk.fails(1, &["import", "broken.json"]);
    assert!(said.contains("broken.json") && said.contains("line 3"), "{said}");
    assert!(
        desk.json(&["directory", "list"])["directories"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["users"] == 0)
    );
}

#[test]
fn a_plan_without_an_authorization_ends_with_the_object_that_scripts_rely_on() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    desk.succeeds(&["app", "access", "wiki", "--ou", "/", "on"]);
    desk.succeeds(&["app", "deprovision", "wiki", "--deleted", "24h"]);
    let ended = desk.usher(&["plan", "wiki", "--json"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    let mut planned: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert!(planned["seconds"].is_f64());
    planned["seconds"] = json!(0);
    assert_eq!(
        planned,
        json!({
            "app": "wiki",
            "operations": {
                "create": 2, "adopt": 0, "update": 0, "suspend": 0, "unsuspend": 0, "delete": 0,
                "group_create": 0, "group_adopt": 0, "group_update": 0, "group_delete": 0, "members_add": 0,
                "members_remove": 0,
            },
            "memberships": {"added": 0, "removed": 0}, "failures": 0, "waiting": 0, "skipped": 1, "held": 0,
            "seconds": 0,
        })
    );
    let text = desk.usher(&["plan", "wiki"]);
    insta::assert_snapshot!(text.out, @r"
    A run of wiki would change 2 accounts. Nothing has been done.

    ACCOUNTS  WHAT
    2         create: make an account
    1         skipped: nothing to be done, see below

    OPERATION  PERSON           WHY
    create     ada@example.com  entitled, and has no account yet
    create     bo@example.com   entitled, and has no account yet

    Skipped, and why:
    PEOPLE  WHY
    1       not in a provisioned domain

    `usher sync wiki` does this.
    ");
}

#[test]
fn an_explanation_says_where_somebody_stands() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    desk.succeeds(&["app", "access", "wiki", "--group", "team@example.com", "on"]);
    insta::assert_snapshot!(desk.succeeds(&["explain", "wiki", "ada@example.com"]), @r#"
    person      ada@example.com (id 1)
    app         wiki
    decision    create the account: entitled, and has no account yet
    directory   active, in the organizational unit /
    standing    entitled to an account
    access      the app is off for /, and on for the group team@example.com, which wins
    scope       in scope
    domain      example.com is provisioned
    attributes  displayName = "Ada Byron"
                emails[type eq "work"].primary = true
                emails[type eq "work"].value = "ada@example.com"
                externalId = "1"
                name.familyName = "Byron"
                name.givenName = "Ada"
                userName = "ada@example.com"
    account     none on record
    "#);
    desk.succeeds(&["app", "access", "wiki", "--ou", "/", "on"]);
    let text = desk.succeeds(&["explain", "wiki", "bo@example.com"]);
    assert!(text.contains("the app is on for /Sales (inherited from /)"), "{text}");
    let explained = desk.json(&["explain", "wiki", "cy@example.org"]);
    assert_eq!(explained["access"], json!({"unit": "on", "decided_by": "/", "group": null}));
    assert_eq!((&explained["entitled"], &explained["in_domain"]), (&json!(false), &json!(false)));
    assert_eq!(explained["decision"]["operation"], json!(null));
}

#[test]
fn a_status_tells_every_app() {
    let desk = Desk::with_people();
    assert_eq!(desk.json(&["status"]), json!({"apps": []}));
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    let status = desk.json(&["status"]);
    assert_eq!(
        (&status["apps"][0]["app"], &status["apps"][0]["status"]),
        (&json!("wiki"), &json!("not_configured"))
    );
    assert_eq!(status["apps"][0]["last_run"], json!(null));
}

//! What waits for a person's decision, how that is told, and how it is decided.

use serde_json::{Value, json};

use crate::office::Office;

const ADA: &str = "ada@example.com";
const BO: &str = "bo@example.com";
/// Of a domain that is not provisioned.
const CY: &str = "cy@example.org";

/// An office where Ada's name is taken at the app by an account of another tool, and somebody switched Bo's off.
fn undecided() -> Office {
    let office = Office::new();
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    let theirs = json!({"schemas": [schema], "userName": "Ada", "externalId": "hr-7", "active": true});
    office.server.insert_user(theirs);
    assert_eq!(office.desk.usher(&["sync", "wiki"]).code, 1, "Ada fails");
    switch_off(&office, "Bo");
    office.desk.usher(&["audit", "wiki"]);
    office
}

fn switch_off(office: &Office, user_name: &str) {
    let account = office.server.user_by_name(user_name).expect("they have an account");
    office.server.edit(account["id"].as_str().expect("an id"), |account| account["active"] = false.into());
}

fn status(office: &Office) -> Value {
    office.desk.json(&["status"])["apps"][0].clone()
}

#[test]
fn status_says_who_waits_for_a_decision_and_with_which_command_it_is_made() {
    let office = undecided();
    let text = office.desk.succeeds(&["status"]);
    for line in [
        "the account of bo@example.com was switched off at the app by somebody else",
        "`usher choose wiki bo@example.com switch-on` switches it on again",
        "ada@example.com is in conflict with an account of somebody else",
        "`usher choose wiki ada@example.com take-over` takes that account over, `wait` leaves it alone",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert_eq!(status(&office)["waiting"], json!({"switched_off": 1, "conflicts": 1, "group_conflicts": 0}));

    office.desk.succeeds(&["choose", "wiki", BO, "switch-on"]);
    office.desk.succeeds(&["choose", "wiki", ADA, "take-over"]);
    assert_eq!(
        status(&office)["waiting"],
        json!({"switched_off": 0, "conflicts": 0, "group_conflicts": 0}),
        "it is decided"
    );
    assert!(!office.desk.succeeds(&["status"]).contains("usher choose"));
    office.runtime.shutdown_background();
}

#[test]
fn an_explanation_shows_a_choice_until_it_is_carried_out() {
    let office = undecided();
    let explained = |email| office.desk.json(&["explain", "wiki", email]);
    assert_eq!(explained(BO)["account"]["choice"], json!(null));
    office.desk.succeeds(&["choose", "wiki", BO, "switch-on"]);
    let text = office.desk.succeeds(&["explain", "wiki", BO]);
    assert!(text.contains("switch the account on again: waits for the next run"), "{text}");
    assert_eq!(explained(BO)["account"]["choice"], "switch_on");
    office.desk.succeeds(&["choose", "wiki", ADA, "take-over"]);
    let text = office.desk.succeeds(&["explain", "wiki", ADA]);
    assert!(text.contains("take over the account that has their address: waits for the next run"), "{text}");
    office.desk.succeeds(&["sync", "wiki"]);
    for email in [ADA, BO] {
        assert_eq!(explained(email)["account"]["choice"], json!(null), "{email}");
        assert_eq!(explained(email)["account"]["state"], "active", "{email}");
    }
    office.runtime.shutdown_background();
}

#[test]
fn an_explanation_shows_what_an_audit_saw_whatever_the_policy() {
    let office = Office::new();
    office.desk.succeeds(&["sync", "wiki"]);
    office.desk.succeeds(&["app", "drift", "wiki", "ignore"]);
    let account = office.server.user_by_name("Bo").unwrap();
    office.server.edit(account["id"].as_str().unwrap(), |account| account["displayName"] = "Eve".into());
    office.desk.succeeds(&["audit", "wiki"]);
    let said = "displayName was \"Bo Li\" and is \"Eve\" now";
    let text = office.desk.succeeds(&["explain", "wiki", BO]);
    assert!(text.contains(said), "{text}");
    assert_eq!(office.desk.json(&["explain", "wiki", BO])["account"]["changed_there"], json!([said]));
    office.runtime.shutdown_background();
}

#[test]
fn an_explanation_tells_a_failure_that_comes_again_in_one_line() {
    let office = undecided();
    // The run and the audit have failed for her already.
    for _ in 0..3 {
        office.desk.usher(&["sync", "wiki", "--user", ADA]);
    }
    let explained = office.desk.json(&["explain", "wiki", ADA]);
    let events = explained["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{explained}");
    assert_eq!((&events[0]["kind"], &events[0]["times"]), (&json!("failure"), &json!(5)));
    let text = office.desk.succeeds(&["explain", "wiki", ADA]);
    let since = events[0]["since"].as_str().unwrap();
    assert!(text.contains(&format!("(logged 5 times since {since})")), "{text}");
    office.runtime.shutdown_background();
}

#[test]
fn a_choice_that_can_have_no_effect_is_refused_and_says_what_can_be_chosen() {
    let office = undecided();
    let refused = |email, choice| {
        let said = office.desk.fails(1, &["choose", "wiki", email, choice]);
        assert_eq!(office.desk.json(&["explain", "wiki", email])["account"]["choice"], json!(null));
        said
    };
    assert_eq!(
        refused(BO, "take-over"),
        "bo@example.com at wiki: no account of somebody else is known to be in the way of theirs; what can be chosen is \
         `switch-on`"
    );
    assert_eq!(
        refused(ADA, "switch-on"),
        "ada@example.com at wiki: no account is known that somebody could have switched off; what can be chosen is \
         `take-over` or `wait`"
    );
    for choice in ["switch-on", "take-over", "wait"] {
        let said = refused(CY, choice);
        assert!(said.starts_with("cy@example.org at wiki: not entitled: "), "{said}");
        assert!(said.ends_with("; there is nothing to choose for them now"), "{said}");
    }
    office.desk.succeeds(&["choose", "wiki", BO, "switch-on"]);
    office.desk.succeeds(&["sync", "wiki", "--user", BO]);
    let said = refused(BO, "switch-on");
    assert!(said.contains("the account is on, as far as is known (`usher audit wiki`"), "{said}");
    office.runtime.shutdown_background();
}

#[test]
fn what_was_chosen_may_be_chosen_otherwise_or_taken_back_before_the_next_run() {
    let office = undecided();
    for choice in ["take-over", "wait", "nothing", "take-over"] {
        office.desk.succeeds(&["choose", "wiki", ADA, choice]);
    }
    for choice in ["switch-on", "nothing", "switch-on"] {
        office.desk.succeeds(&["choose", "wiki", BO, choice]);
    }
    for email in [CY, BO] {
        let nothing = ["choose", "wiki", email, "nothing"];
        if email == BO {
            assert!(office.desk.succeeds(&nothing).contains("nothing is chosen for them any more"));
        }
        let said = format!("{email} at wiki: nothing was chosen for them, so nothing changes.\n");
        assert_eq!(office.desk.succeeds(&nothing), said);
    }
    office.runtime.shutdown_background();
}

#[test]
fn an_account_that_usher_keeps_for_somebody_else_is_not_taken_over() {
    let office = Office::new();
    office.desk.succeeds(&["sync", "wiki"]);
    office.import(
        r#"{"id": "7", "primaryEmail": "second@example.com", "name": {"givenName": "Bo", "familyName": "Oz"}}"#,
    );
    assert_eq!(office.desk.usher(&["sync", "wiki"]).code, 1);
    let said = office.desk.fails(1, &["choose", "wiki", "second@example.com", "take-over"]);
    assert!(said.contains("is held at the app by the account of bo@example.com"), "{said}");
    assert!(said.ends_with("what can be chosen is `wait`"), "{said}");
    office.desk.succeeds(&["choose", "wiki", "second@example.com", "wait"]);
    assert_eq!(
        status(&office)["waiting"],
        json!({"switched_off": 0, "conflicts": 0, "group_conflicts": 0}),
        "no choice would help"
    );
    office.runtime.shutdown_background();
}

#[test]
fn a_create_that_found_the_account_there_is_told_as_the_adoption_that_it_was() {
    let office = undecided();
    office.desk.succeeds(&["choose", "wiki", ADA, "take-over"]);
    let planned = office.desk.usher(&["plan", "wiki"]);
    assert!(
        planned.out.contains("create     ada@example.com  entitled, and has no account yet"),
        "{}",
        planned.out
    );
    let synced = office.desk.succeeds(&["sync", "wiki"]);
    let said = "adopt      ada@example.com  entitled, and the app has an account with their userName, taken over by an admin";
    assert!(synced.contains(said) && !synced.contains("create"), "{synced}");
    let explained = office.desk.json(&["explain", "wiki", ADA]);
    assert_eq!(explained["events"][0]["kind"], "adopt");
    assert!(said.ends_with(explained["events"][0]["why"].as_str().unwrap()), "{explained}");
    office.runtime.shutdown_background();
}

#[test]
fn whoever_is_losing_their_account_need_not_keep_it_until_then_if_an_admin_says_so() {
    let office = Office::new();
    office.desk.usher(&["sync", "wiki"]);
    let said = office.desk.fails(1, &["choose", "wiki", BO, "suspend-now"]);
    assert!(said.contains("they are losing no account"), "{said}");
    office.import(&format!("{{\"primaryEmail\": \"{BO}\", \"suspended\": true}}"));
    office.desk.usher(&["sync", "wiki"]);
    assert_eq!(office.server.user_by_name("Bo").unwrap()["active"], true, "there are seven days left");
    office.desk.succeeds(&["app", "deprovision", "wiki", "--suspended", "never", "--deleted", "24h"]);
    let said = office.desk.fails(1, &["choose", "wiki", BO, "suspend-now"]);
    assert!(said.contains("they are losing no account"), "no selected trigger takes it: {said}");
    office.desk.succeeds(&["app", "deprovision", "wiki", "--suspended", "7d"]);

    let said = office.desk.succeeds(&["choose", "wiki", BO, "suspend-now"]);
    assert_eq!(said, format!("{BO} at wiki: their account is suspended with the next run.\n"));
    let text = office.desk.succeeds(&["explain", "wiki", BO]);
    assert!(text.contains("brought forward at"), "{text}");
    office.desk.usher(&["sync", "wiki"]);
    assert_eq!(office.server.user_by_name("Bo").unwrap()["active"], false);
    office.runtime.shutdown_background();
}

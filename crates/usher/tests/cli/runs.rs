//! What people and scripts are told of runs against an app server.

use crate::office::Office;

/// The address of whoever's account this is.
fn email(account: &serde_json::Value) -> String {
    account["emails"][0]["value"].as_str().expect("an address").to_owned()
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
    assert_eq!(object["waiting"], serde_json::json!(1), "{object}");
    let who = "1 person cannot be provisioned (nameless@example.com): `usher status` says why, `usher sync wiki --user \
               EMAIL` tries again at once\n";
    for command in ["sync", "audit", "plan"] {
        let ended = office.desk.usher(&[command, "wiki"]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.out.contains(who), "{command} says who: {}", ended.out);
    }
    let planned = office.desk.usher(&["plan", "wiki", "--json"]);
    let object: serde_json::Value = serde_json::from_str(&planned.out).unwrap();
    assert_eq!((&object["failures"], &object["waiting"]), (&0.into(), &1.into()), "{object}");
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
    let guard = "the group team@example.com had 1 member and has none now";
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
    assert!(said.starts_with("the mandatory attribute Username (userName) is not mapped"), "{said}");
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
    assert!(ended.out.contains("the group team@example.com had 1 member and has none now"), "{}", ended.out);
    office.runtime.shutdown_background();
}

#[test]
fn an_audit_tells_what_somebody_else_did_and_what_was_done_about_it() {
    let office = Office::new();
    office.desk.succeeds(&["sync", "wiki"]);
    let audited = office.desk.succeeds(&["audit", "wiki"]);
    assert!(audited.starts_with("The audit of wiki changed nothing,"), "{audited}");
    assert!(audited.contains("Nobody else changed any of them."), "{audited}");

    let accounts = office.server.users();
    let id = |n: usize| accounts[n]["id"].as_str().unwrap().to_owned();
    office.server.edit(&id(0), |account| account["displayName"] = "Eve".into());
    office.server.edit(&id(1), |account| account["active"] = false.into());
    office.server.insert_user(serde_json::json!({"userName": "robot", "active": true}));
    let audited = office.desk.succeeds(&["audit", "wiki"]);
    for sentence in [
        "The audit of wiki changed 1 account,",
        "Somebody else did this to them: 1 changed, 1 switched off.",
        "What they changed is written over, as the policy `repair` says.",
        "switched off at the app",
        "1 account is on nobody's record here, and left alone:",
        "robot",
    ] {
        assert!(audited.contains(sentence), "{sentence}: {audited}");
    }
    let last = office.desk.succeeds(&["audit", "wiki", "--json"]);
    let last: serde_json::Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    assert_eq!(
        last["audit"],
        serde_json::json!({
            "believed": true, "listed": accounts.len() + 1, "compared": accounts.len(), "changed": 0,
            "switched_off": 0, "switched_on": 0, "deleted": 0, "unread": 0, "just_written": 0, "unknown": 1, "policy": "repair",
        })
    );

    let (who, is) = (email(&accounts[1]), "their account is switched on again");
    let chosen = office.desk.succeeds(&["choose", "wiki", &who, "switch-on"]);
    assert!(chosen.contains(is), "{chosen}");
    assert!(office.desk.succeeds(&["sync", "wiki"]).contains("unsuspend: switch the account on again"));
    let nobody = office.desk.usher(&["choose", "wiki", "nobody@example.com", "wait"]);
    assert_eq!(
        (nobody.code, nobody.err.trim()),
        (1, "usher: nobody in the directory has the address nobody@example.com, and no group has it")
    );
}

#[test]
fn an_audit_says_what_each_policy_does_with_what_somebody_else_changed() {
    let office = Office::new();
    office.desk.succeeds(&["sync", "wiki"]);
    let account = office.server.users()[0]["id"].as_str().unwrap().to_owned();
    office.server.edit(&account, |account| account["displayName"] = "Eve".into());
    for (policy, said) in [
        ("report", "What they changed stays, and every run tells of it, as the policy `report` says"),
        (
            "ignore",
            "What they changed stays, and nothing but an audit tells of it, as the policy `ignore` says",
        ),
        ("repair", "What they changed is written over, as the policy `repair` says"),
    ] {
        office.desk.succeeds(&["app", "drift", "wiki", policy]);
        let audited = office.desk.succeeds(&["audit", "wiki"]);
        assert!(audited.contains(said), "{policy}: {audited}");
        let synced = office.desk.succeeds(&["sync", "wiki"]);
        let is_told = synced.contains("changed at the app by somebody else");
        assert_eq!(is_told, policy == "report", "{policy}: {synced}");
    }
    let audited = office.desk.succeeds(&["audit", "wiki"]);
    assert!(!audited.contains("policy"), "nothing was changed: {audited}");
    office.runtime.shutdown_background();
}

#[test]
fn a_leavers_account_that_somebody_switched_on_is_told_as_such_and_what_follows() {
    let office = Office::new();
    office.desk.succeeds(&["app", "deprovision", "wiki", "--suspended", "24h"]);
    // So many that two removals are not too many.
    let names = ["Di", "Ed", "Flo", "Gus"];
    let person = |name: &str| {
        format!(
            r#"{{"primaryEmail": "{name}@example.com", "name": {{"givenName": "{name}", "familyName": "Ng"}}}}"#
        )
    };
    office.import(&names.map(person).join(", "));
    office.desk.succeeds(&["sync", "wiki"]);
    office.import(r#"{"id": "2", "primaryEmail": "bo@example.com", "suspended": true}"#);
    office.desk.succeeds(&["sync", "wiki"]);
    let account = office.server.user_by_name("Bo").unwrap();
    office.server.edit(account["id"].as_str().unwrap(), |account| account["active"] = true.into());
    let audited = office.desk.succeeds(&["audit", "wiki"]);
    let said =
        "somebody else switched the account on at the app, and it is switched off again: suspended since ";
    assert!(audited.contains(said), "{audited}");
    assert_eq!(office.server.user_by_name("Bo").unwrap()["active"], false, "{audited}");
    let explained = office.desk.succeeds(&["explain", "wiki", "bo@example.com"]);
    assert!(explained.contains(&format!("suspended: {said}")), "{explained}");
    office.runtime.shutdown_background();
}

#[test]
fn the_drift_policy_is_chosen_and_shown() {
    let office = Office::new();
    let answer = office.desk.succeeds(&["app", "drift", "wiki", "report"]);
    assert_eq!(answer, "what somebody else changes at the app is reported and left alone\n");
    assert!(office.desk.succeeds(&["app", "show", "wiki"]).contains("reported and left alone"));
    assert_eq!(office.desk.usher(&["app", "drift", "wiki", "sometimes"]).code, 64);
}

#[test]
fn a_plan_says_that_the_app_refused_its_token_and_what_to_do_about_it() {
    let office = Office::new();
    let planned = office.desk.usher(&["plan", "wiki", "--json"]);
    assert!(!planned.out.contains("token_refused"), "{planned:?}");
    office.server.set_token("another");
    assert_eq!(office.desk.usher(&["sync", "wiki"]).code, 1);
    let why = "the app refused its token (401); generate a new token in the app";
    let how = "`usher app authorize wiki --token-file FILE`";
    let planned = office.desk.usher(&["plan", "wiki"]);
    assert_eq!(planned.code, 2, "{planned:?}");
    let said = format!("Nothing can be sent to it now: {why}");
    assert!(planned.out.contains(&said) && planned.out.contains(how), "{}", planned.out);
    assert!(planned.out.ends_with("With a token that the app accepts, `usher sync wiki` does this.\n"));
    for object in
        [&office.desk.usher(&["plan", "wiki", "--json"]).out, &office.desk.succeeds(&["status", "--json"])]
    {
        assert!(object.contains(&format!("\"token_refused\":\"{why}")) && object.contains(how), "{object}");
    }
    office.runtime.shutdown_background();
}

//! A group whose name is taken at the app waits for a choice.

use serde_json::json;

use crate::cloud::Cloud;

const OPS: &str = "ops@example.com";
const ANEW: &str = "ops2@example.com";

/// A team whose group Ops was made anew under another id, after the old one went in.
fn made_anew() -> Cloud {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    desk.write(
        "anew.json",
        r#"{"groups": [{"id": "g9", "email": "ops2@example.com", "name": "Ops"}, {"id": "g2", "email": "all@example.com", "name": "All"}],
            "members": {"ops2@example.com": ["p3@example.com"], "all@example.com": ["p3@example.com"]}}"#,
    );
    desk.succeeds(&["import", "anew.json", "--replace"]);
    assert_eq!(cloud.usher(&["sync", "aws"]).code, 1);
    cloud
}

#[test]
fn a_group_whose_name_is_taken_by_one_that_is_gone_is_told_and_taken_over_when_somebody_says_so() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    desk.write(
        "anew.json",
        r#"{"groups": [{"id": "g9", "email": "ops2@example.com", "name": "Ops"}, {"id": "g2", "email": "all@example.com", "name": "All"}],
            "members": {"ops2@example.com": ["p3@example.com"]}}"#,
    );
    desk.succeeds(&["import", "anew.json"]);
    assert_eq!(cloud.usher(&["sync", "aws"]).code, 1, "the old one is there, and keeps its name");
    let refused = desk.fails(1, &["choose", "aws", ANEW, "take-over"]);
    assert!(refused.contains("the name \"Ops\" is that of ops@example.com"), "{refused}");
    assert!(refused.ends_with("what can be chosen is `wait`"), "{refused}");
    desk.succeeds(&["choose", "aws", ANEW, "wait"]);
    assert_eq!(desk.json(&["explain", "aws", ANEW])["at_app"]["choice"], "wait");
    desk.succeeds(&["choose", "aws", ANEW, "nothing"]);
    cloud.end();

    let cloud = made_anew();
    let desk = &cloud.desk;
    let status = desk.json(&["status"])["apps"][0].clone();
    assert_eq!(status["waiting"]["group_conflicts"], 1, "{status}");
    let status = desk.succeeds(&["status"]);
    let said = "the group ops2@example.com is called as somebody else's group at the app: `usher choose aws ops2@example.com \
                take-over` takes that group over, `wait` leaves it alone";
    assert!(status.contains(said), "{status}");
    let chosen = desk.succeeds(&["choose", "aws", ANEW, "take-over"]);
    assert_eq!(
        chosen,
        "ops2@example.com at aws: the group that has its name there is taken over, with the next run.\n"
    );
    assert_eq!(desk.json(&["status"])["apps"][0]["waiting"]["group_conflicts"], 0, "it is decided");
    let explained = desk.succeeds(&["explain", "aws", ANEW]);
    assert!(
        explained.contains("take over the app's group that has its name: waits for the next run"),
        "{explained}"
    );
    let synced = cloud.usher(&["sync", "aws"]);
    assert!(synced.out.contains("adopt group"), "{synced:?}");
    assert_eq!(desk.json(&["explain", "aws", ANEW])["at_app"]["state"], "known");
    assert_eq!(cloud.groups(), ["All", "Ops"]);
    cloud.end();
}

#[test]
fn a_choice_about_a_group_that_can_have_no_effect_is_refused() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    let refused = |choice| desk.fails(1, &["choose", "aws", OPS, choice]);
    assert_eq!(
        refused("switch-on"),
        "ops@example.com at aws: a group has nothing to switch on; there is nothing to choose for it now"
    );
    let known =
        "ops@example.com at aws: the app has the group already; there is nothing to choose for it now";
    assert_eq!((refused("take-over").as_str(), refused("wait").as_str()), (known, known));
    desk.succeeds(&["app", "groups", "aws", "--off"]);
    assert!(refused("take-over").contains("the app is not to have the group"));
    let idle = desk.json(&["choose", "aws", OPS, "nothing"]);
    assert_eq!(idle, json!({"app": "aws", "group": OPS, "choice": null}));
    cloud.end();
}

//! What is told of one group, and of somebody's groups.

use serde_json::{Value, json};
use usher_emulator::identity_center::edit::Edit;

use crate::cloud::Cloud;

const OPS: &str = "ops@example.com";

fn explained(cloud: &Cloud, who: &str) -> (String, Value) {
    let args = ["explain", "aws", who];
    (cloud.desk.succeeds(&args), cloud.desk.json(&args))
}

#[test]
fn a_group_is_explained_before_it_is_chosen_before_it_goes_in_and_after() {
    let cloud = Cloud::team();
    let desk = &cloud.desk;
    let (text, object) = explained(&cloud, OPS);
    for said in [
        "group       ops@example.com (id g1), called \"Ops\"\n",
        "decision    nothing is done: the app gets no groups\n",
        "selected    no: the app gets no groups\n",
        "at the app  nothing on record\n",
    ] {
        assert!(
            text.contains(&said.replace("  ", " "))
                || text.contains(said)
                || squeezed(&text).contains(&squeezed(said)),
            "{said}: {text}"
        );
    }
    assert_eq!((&object["selected"], &object["decision"]["operations"]), (&json!(false), &json!([])));

    desk.succeeds(&["app", "groups", "aws", "--select", "all@example.com"]);
    let (text, _) = explained(&cloud, OPS);
    assert!(squeezed(&text).contains("selected no: the app gets all@example.com"), "{text}");
    assert!(text.contains("nothing is done: the app is not to have it"), "{text}");

    desk.succeeds(&["app", "groups", "aws", "--select", "o*"]);
    desk.succeeds(&["app", "access", "aws", "--ou", "/", "on"]);
    let (text, object) = explained(&cloud, OPS);
    assert!(text.contains("create group: selected, and the app has no such group yet"), "{text}");
    assert!(squeezed(&text).contains("selected yes: its address fits o*"), "{text}");
    assert_eq!(object["selected_because"], "its address fits o*");
    assert_eq!(object["decision"]["operations"][0]["operation"], "group_create");
    assert_eq!(object["attributes"], json!({"displayName": "Ops", "externalId": "g1"}));

    desk.succeeds(&["sync", "aws"]);
    let (text, object) = explained(&cloud, OPS);
    assert!(text.contains("nothing is done: selected, and the app has it as it should be"), "{text}");
    assert!(
        text.contains("group created: selected, and the app has no such group yet (2 memberships)"),
        "{text}"
    );
    assert_eq!(object["group"], json!({"id": "g1", "email": OPS, "name": "Ops", "in_directory": true}));
    let there = &object["at_app"];
    assert_eq!((&there["state"], &there["display_name"]), (&json!("known"), &json!("Ops")));
    assert!(there["remote_id"].is_string() && there["failures"] == json!([]), "{object}");
    let members = json!({
        "there": 2, "to_add": 0, "to_remove": 0, "kept": 0, "foreign": 0, "missing": 0, "first_foreign": [], "first_missing": [],
    });
    assert_eq!(object["members"], members);
    assert_eq!(
        (&object["events"][0]["kind"], &object["events"][0]["members"]),
        (&json!("group_create"), &json!(2))
    );
    cloud.end();
}

/// The text with one space where there are several.
fn squeezed(text: &str) -> String {
    let mut squeezed = String::new();
    for c in text.chars() {
        if c != ' ' || !squeezed.ends_with(' ') {
            squeezed.push(c);
        }
    }
    squeezed
}

#[test]
fn who_is_missing_and_who_is_not_of_our_doing_is_named() {
    let cloud = Cloud::synced();
    cloud.desk.succeeds(&["app", "drift", "aws", "report"]);
    cloud.edit(&Edit::RemoveMember { group: "Ops".into(), user: "p1@example.com".into() });
    cloud.edit(&Edit::AddMember { group: "Ops".into(), user: "p3@example.com".into() });
    cloud.edit(&Edit::RenameGroup { group: "Ops".into(), display_name: "Others".into() });
    cloud.desk.succeeds(&["audit", "aws"]);
    let (text, object) = explained(&cloud, OPS);
    for said in ["not ours p3@example.com", "taken out p1@example.com", "members 2 are there"] {
        assert!(squeezed(&text).contains(said), "{said}: {text}");
    }
    assert!(text.contains("displayName was \"Ops\" and is \"Others\" now"), "{text}");
    let members = &object["members"];
    assert_eq!(
        (&members["foreign"], &members["missing"], &members["there"]),
        (&json!(1), &json!(1), &json!(2))
    );
    assert_eq!(members["first_foreign"][0]["user"], "p3@example.com");
    assert_eq!(members["first_missing"][0]["user"], "p1@example.com");
    cloud.end();
}

#[test]
fn that_a_group_cannot_have_its_name_is_said_before_that_nothing_else_is_done() {
    let cloud = Cloud::synced();
    cloud.have(&[("g1", "ops", "All", &["p1", "p2"]), ("g2", "all", "All", &["p3", "ops"])]);
    for _ in 0..2 {
        let (text, object) = explained(&cloud, OPS);
        assert!(!text.contains("as it should be"), "{text}");
        assert!(squeezed(&text).contains("decision it keeps its name: "), "{text}");
        assert!(text.contains("nothing else is done\n"), "{text}");
        assert!(object["decision"]["name_failure"].is_string(), "{object}");
        cloud.usher(&["sync", "aws"]);
    }
    let (text, _) = explained(&cloud, OPS);
    assert!(text.contains("; tried again at "), "{text}");
    cloud.end();
}

#[test]
fn a_group_that_the_directory_no_longer_has_is_explained_by_the_address_that_it_had() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    desk.write("without.json", r#"{"groups": [{"id": "g2", "email": "all@example.com", "name": "All"}]}"#);
    desk.succeeds(&["import", "without.json", "--replace"]);
    let (text, object) = explained(&cloud, OPS);
    assert!(squeezed(&text).contains("directory gone from the directory"), "{text}");
    assert!(text.contains("gone from the directory: left as it is at the app"), "{text}");
    assert_eq!((&object["group"]["in_directory"], &object["group"]["email"]), (&json!(false), &json!(OPS)));
    let nobody = desk.fails(1, &["explain", "aws", "no@example.com"]);
    assert_eq!(nobody, "nobody in the directory has the address no@example.com, and no group has it");
    cloud.end();
}

#[test]
fn somebodys_groups_are_told_with_what_becomes_of_them() {
    let cloud = Cloud::team();
    let desk = &cloud.desk;
    desk.succeeds(&["app", "groups", "aws", "--select", "*"]);
    let (text, _) = explained(&cloud, "p1@example.com");
    assert!(text.contains("ops@example.com: not in it yet: is added once there is an account"), "{text}");
    desk.succeeds(&["sync", "aws"]);
    cloud.have(&[("g1", "ops", "Ops", &["p2"]), ("g3", "new", "New", &["p1"])]);
    let (text, object) = explained(&cloud, "p1@example.com");
    for said in [
        "all@example.com: in it: leaves it with the next run",
        "ops@example.com: in it: leaves it with the next run",
        "new@example.com: not in it yet: is added with the next run",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let groups = &object["groups"];
    let name = |list: &str| -> Vec<&str> {
        groups[list].as_array().unwrap().iter().filter_map(|group| group["group"].as_str()).collect()
    };
    assert_eq!(
        (name("in"), name("not_yet")),
        (vec!["ops@example.com", "all@example.com"], vec!["new@example.com"])
    );
    assert_eq!((&groups["in"][0]["standing"], &groups["in"][0]["next"]), (&json!("ours"), &json!("leaves")));
    assert_eq!(groups["not_yet"][0]["next"], "joins");
    cloud.end();
}

//! Groups that Usher must not touch: said, shown, and taken back.

use serde_json::json;
use usher_emulator::identity_center::edit::Edit;

use crate::cloud::Cloud;

const OPS: &str = "ops@example.com";

#[test]
fn a_group_is_pinned_shown_left_alone_and_unpinned() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    let pin = ["pin", "aws", OPS, "--why", "kept by hand", "--by", "grace", "--until", "2999-03-01"];
    let said = desk.json(&pin);
    assert_eq!(
        (&said["group"], &said["user"], &said["pin"]["by"]),
        (&json!(OPS), &json!(null), &json!("grace"))
    );
    let listed = desk.json(&["pin", "aws"]);
    assert_eq!(listed["pinned"], json!([]), "people");
    let line = &listed["groups"][0];
    assert_eq!((&line["group"], &line["id"], &line["holds"]), (&json!(OPS), &json!("g1"), &json!(true)));
    assert_eq!(line["pin"]["until"], "2999-03-01T00:00:00Z");
    let listed = desk.succeeds(&["pin", "aws"]);
    for word in [OPS, "group", "grace", "kept by hand", "2999-03-01"] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    cloud.have(&[("g1", "ops", "Operations", &["p3"])]);
    let synced = desk.succeeds(&["sync", "aws"]);
    assert!(synced.contains("1       groups that are pinned"), "{synced}");
    assert_eq!(
        (cloud.groups(), cloud.members("Ops")),
        (vec!["All".into(), "Ops".into()], vec!["p1".into(), "p2".into()])
    );
    let explained = desk.json(&["explain", "aws", OPS]);
    assert!(explained["decision"]["why"].as_str().unwrap().contains("kept by hand"), "{explained}");
    assert_eq!(explained["at_app"]["pin"]["by"], "grace");

    assert_eq!(
        desk.succeeds(&["unpin", "aws", OPS]),
        "ops@example.com is provisioned again at aws, with the next run.\n"
    );
    desk.succeeds(&["sync", "aws"]);
    assert_eq!(cloud.members("Operations"), ["p3"]);
    cloud.end();
}

#[test]
fn an_account_that_is_nobodys_and_was_put_back_is_listed_and_let_go_by_its_id() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    desk.succeeds(&["app", "groups", "aws", "--foreign", "remove"]);
    let attributes = json!({
        "userName": "contractor@elsewhere.example",
        "displayName": "Contractor",
        "name": {"givenName": "Con", "familyName": "Tractor"},
    });
    cloud.edit(&Edit::CreateUser { attributes: attributes.as_object().unwrap().clone() });
    cloud.edit(&Edit::AddMember { group: "Ops".into(), user: "contractor@elsewhere.example".into() });
    let audited = desk.json(&["audit", "aws"]);
    assert_eq!(audited["memberships"]["removed"], 1, "{audited}");
    desk.succeeds(&["undo", audited["run"].as_str().unwrap(), "--by", "grace"]);
    assert_eq!(cloud.members("Ops"), ["contractor", "p1", "p2"]);
    let kept = desk.json(&["pin", "aws"])["kept"][0].clone();
    let account = kept["account"].as_str().unwrap();
    assert_eq!((&kept["user"], &kept["id"], &kept["group"]), (&json!(null), &json!(null), &json!(OPS)));
    let listed = desk.succeeds(&["pin", "aws"]);
    assert!(listed.contains(&format!("the account {account}")), "{listed}");
    desk.succeeds(&["sync", "aws"]);
    assert_eq!(cloud.members("Ops"), ["contractor", "p1", "p2"], "no run takes them out again");
    let said = desk.succeeds(&["unpin", "aws", account]);
    assert_eq!(
        said,
        format!(
            "the next run takes the account {account} at aws out again of 1 group that an undo put it back into.\n"
        )
    );
    desk.succeeds(&["sync", "aws"]);
    assert_eq!(cloud.members("Ops"), ["p1", "p2"]);
    cloud.end();
}

#[test]
fn people_and_groups_are_pinned_side_by_side_and_each_is_unpinned_by_id_or_address() {
    let cloud = Cloud::team();
    let desk = &cloud.desk;
    let said = desk.succeeds(&["pin", "aws", OPS, "--why", "x", "--by", "grace"]);
    assert_eq!(
        said,
        "ops@example.com at aws: nothing is done to the group there until `usher unpin aws ops@example.com`.\n"
    );
    desk.succeeds(&["pin", "aws", "p1@example.com", "--why", "x", "--by", "grace"]);
    let listed = desk.json(&["pin", "aws"]);
    assert_eq!((&listed["pinned"][0]["id"], &listed["groups"][0]["id"]), (&json!("1"), &json!("g1")));
    desk.succeeds(&["unpin", "aws", "g1"]);
    let listed = desk.json(&["pin", "aws"]);
    assert_eq!((listed["pinned"].as_array().unwrap().len(), &listed["groups"]), (1, &json!([])));
    let idle = desk.succeeds(&["unpin", "aws", OPS]);
    assert_eq!(idle, "ops@example.com was not pinned at aws, so nothing changes.\n");
    cloud.end();
}

#[test]
fn a_group_that_is_gone_from_the_directory_is_unpinned_by_the_address_that_it_had() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    desk.succeeds(&["pin", "aws", OPS, "--why", "x", "--by", "grace"]);
    desk.write("without.json", r#"{"groups": [{"id": "g2", "email": "all@example.com", "name": "All"}]}"#);
    desk.succeeds(&["import", "without.json", "--replace"]);
    assert_eq!(desk.json(&["pin", "aws"])["groups"][0]["group"], OPS);
    let said = desk.json(&["unpin", "aws", OPS]);
    assert_eq!((&said["group"], &said["pin"]), (&json!(OPS), &json!(null)));
    assert_eq!(desk.json(&["pin", "aws"])["groups"], json!([]));
    cloud.end();
}

#[test]
fn whom_an_undo_put_back_into_a_group_is_listed_with_the_pins_and_let_go_as_they_are() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    cloud.have(&[("g1", "ops", "Ops", &["p2"]), ("g2", "all", "All", &["p1", "p3", "ops"])]);
    let synced = desk.json(&["sync", "aws"]);
    assert_eq!(synced["memberships"]["removed"], 1);
    desk.succeeds(&["undo", synced["run"].as_str().unwrap()]);
    assert_eq!(cloud.members("Ops"), ["p1", "p2"]);
    let listed = desk.json(&["pin", "aws"]);
    let kept = &listed["kept"][0];
    assert!(listed["kept"].as_array().unwrap().len() == 1 && kept["account"].is_string(), "{listed}");
    let expected = json!({"user": "p1@example.com", "id": "1", "group": OPS, "group_id": "g1"});
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(kept[key], *value, "{key}");
    }
    let listed = desk.succeeds(&["pin", "aws"]);
    for word in ["PUT BACK BY AN UNDO", "p1@example.com", OPS, "unpinned, or the directory agrees"] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    desk.succeeds(&["sync", "aws"]);
    assert_eq!(cloud.members("Ops"), ["p1", "p2"], "no run takes them out again");

    assert_eq!(
        desk.succeeds(&["unpin", "aws", "p1@example.com"]),
        "p1@example.com is provisioned again at aws, and the next run takes them out again of 1 group that an undo put them \
         back into, unless the directory has them there by then.\n"
    );
    assert_eq!(desk.json(&["pin", "aws"])["kept"], json!([]));
    desk.succeeds(&["sync", "aws"]);
    assert_eq!(cloud.members("Ops"), ["p2"], "the directory does not have them in it");
    cloud.end();
}

//! Too many members leaving one group wait for a person, who is told which group that is.

use serde_json::json;

use crate::cloud::Cloud;

const NAMES: [&str; 14] =
    ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13", "p14"];
const WHY: &str = "11 members would leave the group ops@example.com, none left it in the last 24 hours; of 14 at most 10 leave without somebody's word";

/// A group of fourteen, of whom eleven are to leave it.
fn too_many() -> Cloud {
    let cloud = Cloud::of(14, &[("g1", "ops", "Ops", &NAMES)]);
    cloud.desk.succeeds(&["app", "groups", "aws", "--select", "ops@example.com"]);
    cloud.desk.succeeds(&["sync", "aws"]);
    cloud.have(&[("g1", "ops", "Ops", &NAMES[..3])]);
    cloud
}

#[test]
fn a_hold_of_a_group_is_told_with_its_address_wherever_holds_are_and_is_released_as_others_are() {
    let cloud = too_many();
    let desk = &cloud.desk;
    let planned = cloud.usher(&["plan", "aws"]);
    assert_eq!(planned.code, 3, "{planned:?}");
    assert!(planned.out.contains(&format!("Held until you decide:\n  {WHY}\n")), "{}", planned.out);
    let counted = "\n\nGROUPS  WHAT\n1       held: waits for your word\nMEMBERSHIPS  WHAT\n11           held: removed with your word\n";
    assert!(planned.out.contains(counted) && !planned.out.contains("ACCOUNTS"), "{}", planned.out);
    let row = "remove members  ops@example.com  11       11 members of the app's group are not in the directory's\n";
    assert!(planned.out.contains(row), "{}", planned.out);
    let synced = cloud.usher(&["sync", "aws", "--json"]);
    assert_eq!(synced.code, 3, "{synced:?}");
    let synced: serde_json::Value = serde_json::from_str(&synced.out).expect("one line of JSON");
    assert_eq!((&synced["held"], &synced["operations"]["members_remove"]), (&json!(11), &json!(0)));

    let status = desk.json(&["status"])["apps"][0].clone();
    assert_eq!((&status["status"], &status["holds"][0]["why"]), (&json!("held"), &json!(WHY)));
    assert_eq!(status["holds"][0]["operations"], 11);
    let status = desk.succeeds(&["status"]);
    assert!(status.contains(&format!("held      {WHY}\n")), "{status}");
    let explained = desk.succeeds(&["explain", "aws", "ops@example.com"]);
    assert!(explained.contains(&format!("{WHY}; `usher sync aws --release` lets it through")), "{explained}");

    let released = cloud.usher(&["sync", "aws", "--release"]);
    assert_eq!(released.code, 0, "{released:?}");
    assert_eq!(cloud.members("Ops"), ["p1", "p2", "p3"]);
    assert_eq!(desk.json(&["status"])["apps"][0]["holds"], json!([]));
    cloud.end();
}

#[test]
fn a_hold_does_not_touch_a_group_that_is_pinned() {
    let cloud = too_many();
    let desk = &cloud.desk;
    assert_eq!(cloud.usher(&["sync", "aws"]).code, 3);
    desk.succeeds(&["pin", "aws", "ops@example.com", "--why", "kept by hand", "--by", "grace"]);
    let explained = desk.succeeds(&["explain", "aws", "ops@example.com"]);
    assert!(explained.contains("but the group is pinned: no release lets it through"), "{explained}");
    desk.succeeds(&["sync", "aws", "--release"]);
    assert_eq!(cloud.members("Ops").len(), 14);
    cloud.end();
}

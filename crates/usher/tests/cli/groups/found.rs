//! What an audit finds of groups.

use serde_json::json;
use usher_emulator::identity_center::edit::Edit;

use crate::cloud::Cloud;

#[test]
fn an_audit_tells_what_somebody_else_did_to_groups_and_what_comes_of_it() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    let audited = desk.succeeds(&["audit", "aws"]);
    assert!(
        audited.contains(
            "It listed 2 groups; 2 on record were compared.\nNobody else changed any of these groups.\n"
        ),
        "{audited}"
    );

    cloud.edit(&Edit::RemoveMember { group: "Ops".into(), user: "p1@example.com".into() });
    cloud.edit(&Edit::AddMember { group: "Ops".into(), user: "p3@example.com".into() });
    cloud.edit(&Edit::RenameGroup { group: "All".into(), display_name: "Everybody".into() });
    cloud.edit(&Edit::CreateGroup { display_name: "AWSControlTowerAdmins".into(), description: None });
    let audited = desk.succeeds(&["audit", "aws"]);
    for said in [
        "The audit of aws changed 2 groups, in ",
        "It listed 3 groups; 2 on record were compared.\n",
        "Somebody else did this to groups: 1 renamed, 1 member taken out.\n1 member of them is not of Usher's doing.\n",
        "Names are written over and members put back, as the policy `repair` says.\n",
        "all@example.com  displayName was \"All\" and is \"Everybody\" now\n",
        "1 group is on nobody's record here, and left alone:\nGROUP NAME\nAWSControlTowerAdmins\n",
    ] {
        assert!(audited.contains(said), "{said}: {audited}");
    }
    assert_eq!(cloud.groups(), ["AWSControlTowerAdmins", "All", "Ops"]);
    assert_eq!(cloud.members("Ops"), ["p1", "p2", "p3"]);

    cloud.edit(&Edit::DeleteGroup { group: "Ops".into() });
    let audited = desk.json(&["audit", "aws"]);
    let expected = json!({
        "believed": true, "listed": 2, "compared": 2, "changed": 0, "deleted": 1, "unread": 0, "members_missing": 0,
        "members_foreign": 0, "unknown": 1, "unknown_names": ["AWSControlTowerAdmins"],
    });
    assert_eq!(audited["groups"], expected);
    assert_eq!(audited["operations"]["group_create"], 1, "it is made anew");
    desk.succeeds(&["app", "groups", "aws", "--off"]);
    assert_eq!(desk.json(&["audit", "aws"])["groups"], json!(null), "groups are nobody's business");
    cloud.end();
}

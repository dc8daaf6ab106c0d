//! What plan, sync and status tell of groups, and how they end.

use serde_json::{Value, json};
use usher_emulator::identity_center::edit::Edit;

use crate::cloud::Cloud;

const OF_GROUPS: [&str; 6] =
    ["group_create", "group_adopt", "group_update", "group_delete", "members_add", "members_remove"];

fn object(out: &str) -> Value {
    serde_json::from_str(out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

/// The operations on groups that an object counts.
fn counted(object: &Value) -> Vec<(&'static str, u64)> {
    let n = |kind| object["operations"][kind].as_u64().expect("a number");
    OF_GROUPS.into_iter().map(|kind| (kind, n(kind))).filter(|(_, n)| *n > 0).collect()
}

#[test]
fn a_newcomer_chooses_groups_sees_what_would_happen_and_lets_it_happen() {
    let cloud = Cloud::team();
    let desk = &cloud.desk;
    desk.succeeds(&["app", "groups", "aws", "--select", "ops@example.com,a*"]);
    let planned = cloud.usher(&["plan", "aws"]);
    assert_eq!(planned.code, 2, "{planned:?}");
    for said in [
        "A run of aws would change 3 accounts and 2 groups. Nothing has been done.\n",
        "GROUPS  WHAT\n2       create group: make it, with its members\nMEMBERSHIPS  WHAT\n5            added\n",
        "OPERATION     GROUP            MEMBERS  WHY\n",
        "create group  ops@example.com  2        selected, and the app has no such group yet\n",
        "create group  all@example.com  3        selected, and the app has no such group yet\n",
    ] {
        assert!(planned.out.contains(said), "{said}: {}", planned.out);
    }
    assert_eq!(cloud.groups(), Vec::<String>::new());

    let synced = desk.succeeds(&["sync", "aws"]);
    for said in [
        "The run of aws changed 3 accounts and 2 groups, in ",
        "MEMBERSHIPS  WHAT\n5            added\n",
        "create group  all@example.com  3        selected",
    ] {
        assert!(synced.contains(said), "{said}: {synced}");
    }
    assert_eq!((cloud.members("Ops"), cloud.members("All").len()), (vec!["p1".into(), "p2".into()], 3));
    let status = desk.succeeds(&["status"]);
    assert!(status.contains("groups    2 with 5 memberships\n"), "{status}");
    let again = desk.json(&["sync", "aws"]);
    assert_eq!((again["requests"]["writes"].as_u64(), counted(&again)), (Some(0), vec![]));
    cloud.end();
}

#[test]
fn scripts_are_told_the_writes_by_kind_and_the_memberships() {
    let cloud = Cloud::team();
    let desk = &cloud.desk;
    let none = object(&cloud.usher(&["plan", "aws", "--json"]).out);
    for kind in OF_GROUPS {
        assert_eq!(none["operations"][kind], 0, "{kind} is there and a number");
    }
    assert_eq!(none["memberships"], json!({"added": 0, "removed": 0}));
    desk.succeeds(&["app", "groups", "aws", "--select", "*"]);
    let planned = object(&cloud.usher(&["plan", "aws", "--json"]).out);
    assert_eq!(counted(&planned), [("group_create", 2)]);
    assert_eq!(planned["memberships"], json!({"added": 5, "removed": 0}));
    let synced = desk.json(&["sync", "aws"]);
    assert_eq!((counted(&synced), &synced["memberships"]), (counted(&planned), &planned["memberships"]));
    assert_eq!(synced["groups"], Value::Null, "of an audit alone");

    cloud.have(&[("g1", "ops", "Operations", &["p2", "p3"])]);
    let planned = cloud.usher(&["plan", "aws", "--json"]);
    assert_eq!(planned.code, 2, "changes of groups are changes");
    let expected = [("group_update", 1), ("members_add", 1), ("members_remove", 2)];
    assert_eq!(counted(&object(&planned.out)), expected);
    let planned = cloud.usher(&["plan", "aws"]).out;
    for said in [
        "A run of aws would change 2 groups. Nothing has been done.\n",
        "remove members  ops@example.com  1        1 member of the app's group is not in the directory's\n",
        "update group    ops@example.com  -        differs in displayName: displayName = \"Operations\"\n",
        "MEMBERSHIPS  WHAT\n1            added\n2            removed\n",
    ] {
        assert!(planned.contains(said), "{said}: {planned}");
    }
    assert_eq!(counted(&desk.json(&["sync", "aws"])), expected);

    desk.succeeds(&["app", "groups", "aws", "--select", "all@example.com", "--deselected", "24h"]);
    let planned = object(&cloud.usher(&["plan", "aws", "--json"]).out);
    assert_eq!(
        (counted(&planned), &planned["memberships"]["removed"]),
        (vec![("group_delete", 1)], &json!(2))
    );
    let planned = cloud.usher(&["plan", "aws"]).out;
    assert!(planned.contains("delete group  ops@example.com  2        not selected since"), "{planned}");
    let synced = desk.succeeds(&["sync", "aws"]);
    assert!(synced.contains("delete group  ops@example.com  2        not selected since"), "{synced}");
    assert_eq!(cloud.groups(), ["All"]);
    cloud.end();
}

#[test]
fn a_group_that_fails_fails_alone_and_for_as_long_as_it_does() {
    // AWS has that name for itself.
    let cloud = Cloud::of(2, &[("g1", "ops", "Ops", &["p1"]), ("g2", "root", "Administrator", &["p2"])]);
    let desk = &cloud.desk;
    desk.succeeds(&["app", "groups", "aws", "--select", "*"]);
    let first = cloud.usher(&["sync", "aws"]);
    assert_eq!(first.code, 1, "{first:?}");
    assert!(first.out.contains("root@example.com  the name \"Administrator\""), "{}", first.out);
    let counted = "ACCOUNTS  WHAT\n2         create: make an account\nGROUPS  WHAT\n1       create group: make it, with its members\n\
                   1       failed: cannot be done now, or not for everybody\n";
    assert!(first.out.contains(counted), "no group is counted as an account: {}", first.out);
    assert_eq!(cloud.groups(), ["Ops"]);
    let second = cloud.usher(&["sync", "aws"]);
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.out.contains("GROUPS  WHY\n1       groups that failed before"), "{}", second.out);
    assert!(!second.out.contains("ACCOUNTS"), "{}", second.out);
    let who = "1 group cannot be brought in step (root@example.com): `usher status` says why\n";
    assert!(second.out.contains(who), "{}", second.out);
    let explained = desk.succeeds(&["explain", "aws", "p2@example.com"]);
    let said = "root@example.com: not in it yet: is to be added, which failed and is tried again at ";
    assert!(explained.contains(said) && explained.contains(": the name \"Administrator\""), "{explained}");
    let waits = &desk.json(&["explain", "aws", "p2@example.com"])["groups"]["not_yet"][0]["waits"];
    assert!(waits["retry_at"].is_string() && waits["why"].is_string(), "{waits}");
    let planned = cloud.usher(&["plan", "aws"]);
    assert_eq!(planned.code, 1, "{planned:?}");
    let said = "A run of aws would change nothing now: 1 group cannot be brought in step.\n";
    assert!(planned.out.starts_with(said), "{}", planned.out);

    let status = desk.json(&["status"])["apps"][0].clone();
    assert_eq!((&status["groups"]["failing"], &status["accounts"]["failing"]), (&json!(1), &json!(0)));
    let failure = &status["group_failures"][0];
    assert_eq!(
        (&failure["group"], &failure["operation"]),
        (&json!("root@example.com"), &json!("group_create"))
    );
    let status = desk.succeeds(&["status"]);
    assert!(status.contains("groups    1 with 1 membership, 1 failing"), "{status}");
    assert!(status.contains("root@example.com: create group: the name \"Administrator\""), "{status}");
    cloud.end();
}

#[test]
fn a_run_in_which_one_member_was_refused_says_what_was_changed_for_the_others() {
    let cloud = Cloud::of(4, &[("g1", "ops", "Ops", &["p1"])]);
    let desk = &cloud.desk;
    desk.succeeds(&["app", "groups", "aws", "--select", "*"]);
    desk.succeeds(&["sync", "aws"]);
    // Nobody here knows yet that this account is gone.
    cloud.edit(&Edit::DeleteUser { user: "p4@example.com".into() });
    cloud.have(&[("g1", "ops", "Ops", &["p1", "p2", "p3", "p4"])]);
    let synced = cloud.usher(&["sync", "aws"]);
    assert_eq!((synced.code, cloud.members("Ops")), (1, vec!["p1".into(), "p2".into(), "p3".into()]));
    for said in ["The run of aws changed 2 memberships, in ", "MEMBERSHIPS  WHAT\n2            added\n"] {
        assert!(synced.out.contains(said), "{said}: {}", synced.out);
    }
    cloud.end();
}

#[test]
fn a_run_says_how_it_is_called_and_how_whom_it_took_out_of_groups_is_put_back() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    let idle = desk.succeeds(&["sync", "aws"]);
    let name = idle.lines().last().unwrap().strip_prefix("This was the run ").expect("how it is called");
    assert!(desk.fails(1, &["undo", name.trim_end_matches('.')]).contains("there is nothing to take back"));
    cloud.have(&[("g1", "ops", "Ops", &["p2"]), ("g2", "all", "All", &["p1", "p3", "ops"])]);
    let synced = desk.succeeds(&["sync", "aws"]);
    assert!(synced.contains("MEMBERSHIPS  WHAT\n1            removed\n"), "{synced}");
    let run = synced.split("`usher undo ").nth(1).expect("how to take it back").split('`').next().unwrap();
    let said =
        format!("If it was a mistake to take members out of groups: `usher undo {run}` puts them back.\n");
    assert!(synced.ends_with(&said), "{synced}");

    let stays = "Whoever is put back into a group stays in it, whatever the next runs find, until you `usher unpin` them";
    let previewed = desk.succeeds(&["undo", run, "--preview"]);
    let said = format!(
        "An undo of the run {run} of aws would put 1 member back into groups. Nothing has been done.\n"
    );
    assert!(previewed.starts_with(&said) && previewed.contains(stays), "{previewed}");
    let undone = desk.succeeds(&["undo", run]);
    assert!(undone.contains("put 1 member back into groups, in ") && undone.contains(stays), "{undone}");
    let explained = desk.succeeds(&["explain", "aws", "ops@example.com"]);
    assert!(explained.contains("2 are there (1 put back by an undo)"), "{explained}");
    assert_eq!(desk.json(&["explain", "aws", "ops@example.com"])["members"]["kept"], 1);
    cloud.end();
}

#[test]
fn a_run_for_one_person_shows_their_groups_and_what_was_sent_about_them() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    cloud.have(&[("g1", "ops", "Ops", &["p1", "p2", "p3"])]);
    let shown = desk.succeeds(&["sync", "aws", "--user", "p3@example.com"]);
    for said in
        ["ops@example.com: not in it yet: is added with the next run", "PATCH /Groups/", "changed 1 group"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert_eq!(cloud.members("Ops"), ["p1", "p2", "p3"]);
    cloud.end();
}

#[test]
fn a_create_that_found_the_group_there_is_told_as_the_adoption_that_it_was() {
    let cloud = Cloud::team();
    let desk = &cloud.desk;
    desk.succeeds(&["sync", "aws"]);
    desk.succeeds(&["app", "groups", "aws", "--select", "all@example.com"]);
    desk.succeeds(&["sync", "aws"]);
    // The app was listed before somebody made this one.
    let made = usher_emulator::identity_center::edit::Edit::CreateGroup {
        display_name: "Ops".into(),
        description: None,
    };
    cloud.edit(&made);
    desk.succeeds(&["app", "groups", "aws", "--select", "*"]);
    let synced = desk.succeeds(&["sync", "aws"]);
    let said = "adopt group  ops@example.com  -        selected, and the app has a group with its name\n";
    assert!(synced.contains(said) && !synced.contains("create group"), "{synced}");
    assert!(synced.contains("add members  ops@example.com  2 "), "{synced}");
    cloud.end();
}

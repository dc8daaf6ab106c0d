//! A plan of groups that somebody approved is carried out as it is, or not at all.

use std::path::PathBuf;

use serde_json::json;
use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::fault::Fault;
use usher_emulator::when::When;
use usher_engine::approval::{self, Approval};
use usher_engine::import::Import;
use usher_engine::report::{RunReport, RunRequest};
use usher_model::group::operation::GroupKind;
use usher_testkit::builders::{User, id_of};

use super::{Cloud, did_all, people, team};

/// A file with the plan of this moment.
pub(super) struct Approved {
    _files: tempfile::TempDir,
    path: PathBuf,
}

impl Cloud {
    pub(super) async fn approve(&self) -> (Approved, u64) {
        let files = tempfile::tempdir().unwrap();
        let path = files.path().join("plan.ndjson");
        let mut text = Vec::new();
        let report = self.world.preview().await;
        let made_at = self.world.clock.now().to_string();
        let plan = (&report.app, &report.run);
        let n = approval::write(&self.world.store, plan, &made_at, &mut text).await.unwrap();
        std::fs::write(&path, text).unwrap();
        (Approved { _files: files, path }, n)
    }

    pub(super) async fn carry_out(&self, approved: &Approved) -> RunReport {
        let approval = Approval::open(&approved.path, &self.world.app().await).unwrap();
        let request = RunRequest { approved: Some(approval), ..RunRequest::default() };
        self.world.try_run(&request).await.unwrap()
    }

    async fn refuses(&self, approved: &Approved, difference: &str) {
        self.clear_log();
        let report = self.carry_out(approved).await;
        assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0), "{report:?}");
        assert_eq!(report.differences, [difference]);
    }
}

#[tokio::test]
async fn what_was_approved_of_groups_is_done_with_the_people_in_them() {
    let cloud = Cloud::new(&team()).await;
    let (approved, n) = cloud.approve().await;
    assert_eq!(n, 5);
    assert_eq!(did_all(&cloud.carry_out(&approved).await), "create 3, group_create 2");
    assert_eq!(cloud.members("All"), ["ada", "bob", "eve"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn another_member_another_name_or_another_group_is_no_longer_what_was_approved() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let changed = people()
        .group("ops@example.com", &["bob@example.com"])
        .group("all@example.com", &["ada@example.com", "eve@example.com", "ops@example.com"]);
    cloud.world.has(&changed).await;
    let (approved, n) = cloud.approve().await;
    assert_eq!(n, 1);
    // Eve joins meanwhile.
    let joined = json!({"members": {"ops@example.com": [
        {"id": id_of("bob@example.com"), "email": "bob@example.com", "role": "MEMBER", "type": "USER"},
        {"id": id_of("eve@example.com"), "email": "eve@example.com", "role": "MEMBER", "type": "USER"},
    ]}});
    cloud.world.import(&joined, Import::default()).await;
    let difference = "ops@example.com: remove members (1 member of the app's group is not in the directory's) was to be done, and remove \
                      members (1 member of the app's group is not in the directory's), add members (1 person is in the group and not yet in \
                      the app's) is now";
    cloud.refuses(&approved, difference).await;
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);

    cloud.world.has(&team()).await;
    let difference = "ops@example.com: remove members (1 member of the app's group is not in the directory's) is not to be done any more";
    cloud.refuses(&approved, difference).await;
}

#[tokio::test]
async fn whoever_gets_no_account_is_left_out_of_the_group_and_the_rest_is_done() {
    let new = people()
        .user(User::new("kim@example.com"))
        .group("ops@example.com", &["ada@example.com", "bob@example.com", "kim@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"]);
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&new).await;
    let (approved, n) = cloud.approve().await;
    assert_eq!(n, 3);
    cloud.fails(&[Operation::CreateUser], Fault::BadRequestWithEffect, When::Next { n: 1 });
    let report = cloud.carry_out(&approved).await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("nothing", 1), "{report:?}");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
}

#[tokio::test]
async fn a_group_that_turns_up_meanwhile_is_not_adopted_unasked() {
    let cloud = Cloud::new(&team()).await;
    let (approved, _) = cloud.approve().await;
    let edit = Edit::CreateGroup { display_name: "Ops".into(), description: None };
    cloud.fails(&[Operation::CreateUser], Fault::Edit { edit }, When::Next { n: 1 });
    let report = cloud.carry_out(&approved).await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("create 3, group_create 1", 1), "{report:?}");
    assert!(report.failures[0].1.contains("not what was approved"), "{:?}", report.failures);
    assert_eq!(cloud.members("Ops"), Vec::<String>::new());
}

#[tokio::test]
async fn groups_that_swap_their_names_do_so_under_an_approved_plan_which_says_each_step() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let ops = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap().id;
    let swapped = json!({"groups": [
        {"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "All"},
        {"id": id_of("all@example.com"), "email": "all@example.com", "name": "Ops"},
    ]});
    cloud.world.import(&swapped, Import::default()).await;
    let preview = cloud.world.preview().await;
    assert_eq!(preview.group_operations.get(&GroupKind::GroupUpdate), Some(&3), "{preview:?}");
    let (approved, n) = cloud.approve().await;
    assert_eq!(n, 3);
    let report = cloud.carry_out(&approved).await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("group_update 3", 0), "{report:?}");
    assert_eq!(cloud.aws.center.group(cloud.tenant(), "All").unwrap().id, ops);
    cloud.is_converged().await;
}

//! What is pinned is not touched, on no path: here a group, in [`person`] the memberships of a person.

use std::time::Duration;

use serde_json::json;
use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::edit::Edit;
use usher_engine::import::Import;
use usher_engine::report::{RunReport, RunRequest};
use usher_engine::undo::left_out::LeftOut;
use usher_model::account::Pin;
use usher_model::cause::Delay;
use usher_model::group::GroupSettings;
use usher_model::group::selection::Selection;
use usher_model::id::{Email, GroupId, UserId};
use usher_store::{account, group};
use usher_testkit::builders::{Directory, id_of};

use super::{Cloud, all_groups, big_group, did_all, people, team, with_groups};
use crate::world::days;

mod meanwhile;
mod person;

const OPS: &str = "ops@example.com";

impl Cloud {
    fn said(&self, until: Option<Duration>) -> Pin {
        let since = self.world.clock.now();
        let until = until.map(|until| since + until);
        Pin { by: "grace".to_owned(), why: "break-glass".to_owned(), since, until, undone: None }
    }

    async fn pin_group(&self, address: &str, until: Option<Duration>) {
        let pin = self.said(until);
        self.set_pin_of(&GroupId::new(id_of(address)), Some(&pin)).await;
    }

    async fn unpin_group(&self, address: &str) {
        self.set_pin_of(&GroupId::new(id_of(address)), None).await;
    }

    async fn set_pin_of(&self, group: &GroupId, pin: Option<&Pin>) {
        let app = self.world.app().await.id;
        let mut tx = self.world.store.begin("test").await.unwrap();
        group::set_pin(&mut tx, &app, group, pin).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn pin_person(&self, address: &str) {
        let (app, pin) = (self.world.app().await.id, self.said(None));
        let mut tx = self.world.store.begin("test").await.unwrap();
        account::set_pin(&mut tx, &app, &UserId::new(id_of(address)), Some(&pin)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn run(&self, request: RunRequest) -> RunReport {
        self.world.wait(Duration::from_mins(1));
        self.world.try_run(&request).await.unwrap()
    }

    /// No group was written to at AWS, and one was passed over because of the pin.
    fn no_group_is_touched(&self, report: &RunReport) {
        assert!(report.group_operations.is_empty(), "{report:?}");
        assert_eq!(report.skipped.get("groups that are pinned"), Some(&1), "{report:?}");
        for operation in [Operation::CreateGroup, Operation::PatchGroup, Operation::DeleteGroup] {
            assert_eq!(self.count(operation), 0, "{operation:?}");
        }
    }

    /// A synced team whose group Ops is pinned, and no request in the log.
    async fn with_ops_pinned() -> Self {
        let cloud = Self::new(&team()).await;
        cloud.sync().await;
        cloud.pin_group(OPS, None).await;
        cloud.clear_log();
        cloud
    }
}

/// Ada has left Ops for Eve; everybody stays in the other group.
fn moved() -> Directory {
    people()
        .group(OPS, &["bob@example.com", "eve@example.com"])
        .group("all@example.com", &["ada@example.com", "bob@example.com", "eve@example.com"])
}

fn renamed() -> serde_json::Value {
    json!({"groups": [{"id": id_of(OPS), "email": OPS, "name": "Operations"}]})
}

#[tokio::test]
async fn nobody_is_told_that_they_join_or_leave_a_group_that_is_pinned() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.pin_group(OPS, None).await;
    cloud.world.has(&moved()).await;
    assert_eq!(cloud.groups_of("ada@example.com").await, ["all ours Stays", "ops ours GroupPinned"]);
    assert_eq!(cloud.groups_of("eve@example.com").await, ["all ours Stays", "ops not GroupPinned"]);
    assert_eq!(cloud.groups_of("bob@example.com").await, ["all ours Stays", "ops ours Stays"]);
    cloud.unpin_group(OPS).await;
    assert_eq!(cloud.groups_of("ada@example.com").await, ["all ours Stays", "ops ours Leaves"]);
}

#[tokio::test]
async fn a_full_run_leaves_a_pinned_group_as_it_is_and_does_what_there_is_to_do_once_it_is_unpinned() {
    let cloud = Cloud::with_ops_pinned().await;
    cloud.world.has(&moved()).await;
    cloud.world.import(&renamed(), Import::default()).await;
    for insist in [false, true] {
        cloud.no_group_is_touched(&cloud.run(RunRequest { insist, ..RunRequest::default() }).await);
    }
    assert_eq!((cloud.names(), cloud.members("Ops")), (names(["All", "Ops"]), names(["ada", "bob"])));
    cloud.unpin_group(OPS).await;
    assert_eq!(
        did_all(&cloud.run(RunRequest::default()).await),
        "group_update 1, members_add 1, members_remove 1"
    );
    assert_eq!(cloud.members("Operations"), ["bob", "eve"]);
}

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).into()
}

#[tokio::test]
async fn a_run_for_one_person_leaves_a_pinned_group_as_it_is() {
    let cloud = Cloud::with_ops_pinned().await;
    cloud.world.has(&moved()).await;
    let user = Some(Email::parse("eve@example.com").unwrap());
    let report = cloud.run(RunRequest { user, insist: true, ..RunRequest::default() }).await;
    cloud.no_group_is_touched(&report);
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
}

#[tokio::test]
async fn a_hold_that_is_released_leaves_a_pinned_group_as_it_is() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    let everybody: Vec<String> = (1..=30).map(|number| format!("p{number}@example.com")).collect();
    let few = Directory::new("example.com").people(everybody.iter().map(String::as_str));
    cloud.world.has(&few.group("big@example.com", &["p1@example.com"])).await;
    assert_eq!(cloud.sync().await.held.len(), 1);
    cloud.pin_group("big@example.com", None).await;
    cloud.clear_log();
    cloud.no_group_is_touched(&cloud.world.release().await);
    assert_eq!(cloud.members("Big").len(), 30);
}

#[tokio::test]
async fn an_audit_reports_what_somebody_did_to_a_pinned_group_and_repairs_nothing() {
    let cloud = Cloud::with_ops_pinned().await;
    cloud.edit(&Edit::RemoveMember { group: "Ops".into(), user: "ada@example.com".into() });
    cloud.edit(&Edit::RenameGroup { group: "Ops".into(), display_name: "Others".into() });
    let report = cloud.run(RunRequest { audit: true, ..RunRequest::default() }).await;
    cloud.no_group_is_touched(&report);
    let audited = report.group_audit.unwrap();
    assert_eq!((audited.n_changed, audited.n_members_missing), (1, 1));
    assert_eq!((cloud.names(), cloud.members("Others")), (names(["All", "Others"]), names(["bob"])));
    cloud.edit(&Edit::DeleteGroup { group: "Others".into() });
    let report = cloud.run(RunRequest { audit: true, ..RunRequest::default() }).await;
    cloud.no_group_is_touched(&report);
    assert_eq!(cloud.names(), ["All"], "it is not made anew either");
}

#[tokio::test]
async fn no_group_is_created_that_is_pinned() {
    let cloud = Cloud::new(&team()).await;
    cloud.pin_group(OPS, None).await;
    let report = cloud.run(RunRequest::default()).await;
    assert_eq!(did_all(&report), "create 3, group_create 1");
    assert_eq!(cloud.names(), ["All"]);
    cloud.unpin_group(OPS).await;
    assert_eq!(did_all(&cloud.run(RunRequest::default()).await), "group_create 1");
}

#[tokio::test]
async fn no_group_is_adopted_that_is_pinned() {
    let cloud = Cloud::new(&team()).await;
    let made = Edit::CreateGroup { display_name: "Ops".into(), description: None };
    cloud.edit(&made);
    cloud.pin_group(OPS, None).await;
    assert_eq!(did_all(&cloud.run(RunRequest::default()).await), "create 3, group_create 1");
    let ops = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap();
    assert_eq!((ops.external_id, ops.members.len()), (None, 0), "it is nobody's still");
    cloud.unpin_group(OPS).await;
    assert_eq!(did_all(&cloud.run(RunRequest::default()).await), "group_adopt 1, members_add 1");
}

#[tokio::test]
async fn a_pinned_group_is_not_deleted_after_its_delay() {
    let cloud = Cloud::with_ops_pinned().await;
    let none = GroupSettings {
        selection: Selection::Scope,
        deselected: Some(Delay::parse("1d").unwrap()),
        ..all_groups()
    };
    cloud.pin_group("all@example.com", None).await;
    cloud.world.configure(&with_groups(none)).await;
    cloud.run(RunRequest::default()).await;
    cloud.world.wait(days(30));
    let report = cloud.run(RunRequest::default()).await;
    assert_eq!((did_all(&report).as_str(), cloud.names()), ("nothing", names(["All", "Ops"])));
    cloud.unpin_group(OPS).await;
    assert_eq!(did_all(&cloud.run(RunRequest::default()).await), "group_delete 1");
    assert_eq!(cloud.names(), ["All"]);
}

#[tokio::test]
async fn a_pin_of_a_group_ends_by_itself() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.pin_group(OPS, Some(days(7))).await;
    cloud.world.has(&moved()).await;
    assert_eq!(did_all(&cloud.run(RunRequest::default()).await), "nothing");
    cloud.world.wait(days(7));
    assert_eq!(did_all(&cloud.run(RunRequest::default()).await), "members_add 1, members_remove 1");
}

#[tokio::test]
async fn a_name_is_given_up_by_a_group_whose_pin_is_over_and_not_by_one_that_is_pinned() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.pin_group(OPS, Some(days(7))).await;
    let taken_over = json!({"groups": [
        {"id": id_of(OPS), "email": OPS, "name": "Operations"},
        {"id": id_of("all@example.com"), "email": "all@example.com", "name": "Ops"},
    ]});
    cloud.world.import(&taken_over, Import::default()).await;
    let report = cloud.run(RunRequest::default()).await;
    assert_eq!((report.n_failures, cloud.names()), (1, names(["All", "Ops"])), "{report:?}");
    cloud.world.wait(days(7));
    let report = cloud.run(RunRequest::default()).await;
    assert_eq!((report.n_failures, did_all(&report).as_str()), (0, "group_update 2"), "{report:?}");
    assert_eq!(cloud.names(), ["Operations", "Ops"]);
}

#[tokio::test]
async fn a_group_that_is_pinned_is_not_taken_over_by_one_that_was_made_anew() {
    let cloud = Cloud::with_ops_pinned().await;
    cloud.recreate_ops().await;
    cloud.take_over().await;
    let report = cloud.sync().await;
    assert!(
        report.failures.iter().any(|(_, why)| why.contains("that is pinned: unpin it first")),
        "{report:?}"
    );
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
    let record = super::record(&cloud.world, OPS).await.unwrap();
    assert!(record.pin.is_some() && record.remote_id.is_some(), "{record:?}");
}

#[tokio::test]
async fn an_approved_plan_leaves_a_group_that_was_pinned_since_as_it_is() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&moved()).await;
    let (approved, n) = cloud.approve().await;
    assert_eq!(n, 2);
    cloud.pin_group(OPS, None).await;
    cloud.clear_log();
    let report = cloud.carry_out(&approved).await;
    assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0), "{report:?}");
    assert!(report.differences.iter().all(|it| it.contains("is not to be done any more")), "{report:?}");
    assert_eq!((report.differences.len(), cloud.members("Ops")), (1, names(["ada", "bob"])), "{report:?}");
}

#[tokio::test]
async fn an_undo_puts_nobody_back_into_a_group_that_is_pinned() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&moved()).await;
    let run = cloud.run(RunRequest::default()).await;
    cloud.pin_group(OPS, None).await;
    cloud.clear_log();
    cloud.world.wait(Duration::from_mins(1));
    let report = cloud.world.undo(&run.run).await;
    assert_eq!((report.requests.writes, cloud.members("Ops")), (0, names(["bob", "eve"])), "{report:?}");
    let left_out = report.undone.unwrap().members.left_out;
    assert!(left_out.iter().all(|(.., why)| matches!(why, LeftOut::Pinned(_))), "{left_out:?}");
    assert_eq!(left_out.len(), 1);
}

//! Nobody comes into a group or leaves it, on no path, who is pinned.

use serde_json::json;
use usher_emulator::identity_center::edit::Edit;
use usher_engine::report::RunRequest;
use usher_model::cause::Delay;
use usher_model::group::selection::Selection;
use usher_model::group::{ForeignMembers, GroupSettings, SuspendedMembers};
use usher_model::id::{Email, GroupId, UserId};
use usher_store::account;
use usher_testkit::builders::{Directory, User, id_of};

use super::super::{Cloud, all_groups, big_group, did_all, group_id, people, team, with_groups};
use super::{OPS, moved, names};

/// A synced team in which Ada is pinned.
async fn with_ada_pinned(groups: GroupSettings) -> Cloud {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.configure(&with_groups(groups)).await;
    cloud.pin_person("ada@example.com").await;
    cloud
}

#[tokio::test]
async fn a_full_run_leaves_the_memberships_of_somebody_pinned_as_they_are() {
    let leave = GroupSettings { suspended: SuspendedMembers::Leave, ..all_groups() };
    let cloud = with_ada_pinned(leave).await;
    // She leaves Ops and comes into a new group; and then she is suspended.
    let directory = moved().group("new@example.com", &["ada@example.com", "bob@example.com"]);
    cloud.world.has(&directory).await;
    assert_eq!(did_all(&cloud.run(RunRequest::default()).await), "group_create 1, members_add 1");
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"], "Eve comes, and Ada does not go");
    assert_eq!(cloud.members("New"), ["bob"]);
    let off = Directory::new("example.com")
        .people(["bob@example.com", "eve@example.com"])
        .user(User::new("ada@example.com").suspended())
        .group(OPS, &["bob@example.com", "eve@example.com"])
        .group("all@example.com", &["ada@example.com", "bob@example.com", "eve@example.com"])
        .group("new@example.com", &["ada@example.com", "bob@example.com"]);
    cloud.world.has(&off).await;
    assert_eq!(did_all(&cloud.run(RunRequest { insist: true, ..RunRequest::default() }).await), "nothing");
    assert_eq!(cloud.members("All"), ["ada", "bob", "eve"]);
}

#[tokio::test]
async fn an_audit_leaves_the_memberships_of_somebody_pinned_as_they_are() {
    let only_ours = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    let cloud = with_ada_pinned(only_ours).await;
    cloud.edit(&Edit::CreateGroup { display_name: "Unrelated".into(), description: None });
    cloud.edit(&Edit::RemoveMember { group: "Ops".into(), user: "ada@example.com".into() });
    cloud.world.has(&team().group("empty@example.com", &[])).await;
    cloud.run(RunRequest::default()).await;
    cloud.edit(&Edit::AddMember { group: "Empty".into(), user: "ada@example.com".into() });
    let report = cloud.run(RunRequest { audit: true, ..RunRequest::default() }).await;
    assert_eq!(did_all(&report), "nothing", "{report:?}");
    let audited = report.group_audit.unwrap();
    assert_eq!((audited.n_members_missing, audited.n_members_foreign), (1, 1), "it is told all the same");
    assert_eq!((cloud.members("Ops"), cloud.members("Empty")), (names(["bob"]), names(["ada"])));
}

#[tokio::test]
async fn a_hold_that_is_released_leaves_the_memberships_of_somebody_pinned_as_they_are() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    let everybody: Vec<String> = (1..=30).map(|number| format!("p{number}@example.com")).collect();
    let few = Directory::new("example.com").people(everybody.iter().map(String::as_str));
    cloud.world.has(&few.group("big@example.com", &["p1@example.com"])).await;
    assert_eq!(cloud.sync().await.held[0].n_operations, 29);
    cloud.pin_person("p2@example.com").await;
    let report = cloud.world.release().await;
    assert_eq!((report.members.removed, report.held.len()), (28, 0), "{report:?}");
    assert_eq!(cloud.members("Big"), ["p1", "p2"]);
}

#[tokio::test]
async fn a_group_that_somebody_pinned_is_in_is_not_deleted() {
    let cloud = with_ada_pinned(all_groups()).await;
    let none =
        GroupSettings { selection: Selection::Scope, deselected: Some(Delay::Within24Hours), ..all_groups() };
    cloud.world.configure(&with_groups(none)).await;
    let report = cloud.run(RunRequest::default()).await;
    assert_eq!(did_all(&report), "nothing", "{report:?}");
    assert_eq!(cloud.names(), ["All", "Ops"]);
    let ops = group_id(&cloud.world, OPS).await;
    assert_eq!(ops.as_str(), id_of(OPS));
    let why = cloud.record(OPS).await.unwrap().reason.unwrap().to_string();
    assert!(why.ends_with("not deleted, because somebody in it is pinned"), "{why}");
    let (app, ada) = (cloud.world.app().await.id, UserId::new(id_of("ada@example.com")));
    let mut tx = cloud.world.store.begin("test").await.unwrap();
    account::set_pin(&mut tx, &app, &ada, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(did_all(&cloud.run(RunRequest::default()).await), "group_delete 2");
}

/// Everybody is at AWS already, in a group there; Ada is pinned, and Usher has no account of hers on record.
async fn pinned_before_anything() -> Cloud {
    let settings = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    let emulated = usher_emulator::identity_center::settings::Settings::default().unlimited();
    let cloud = Cloud::with(&people(), settings, emulated).await;
    for name in ["ada", "zoe"] {
        let attributes = json!({
            "userName": format!("{name}@example.com"),
            "displayName": name,
            "name": {"givenName": name, "familyName": "X"},
            "emails": [{"value": format!("{name}@example.com"), "type": "work", "primary": true}],
        });
        let attributes = attributes.as_object().unwrap().clone();
        cloud.edit(&Edit::CreateUser { attributes });
    }
    cloud.edit(&Edit::CreateGroup { display_name: "Ops".into(), description: None });
    for name in ["ada", "zoe"] {
        let user = format!("{name}@example.com");
        cloud.edit(&Edit::AddMember { group: "Ops".into(), user });
    }
    cloud.pin_person("ada@example.com").await;
    cloud.world.has(&people().group(OPS, &["bob@example.com"])).await;
    cloud
}

#[tokio::test]
async fn somebody_who_was_pinned_before_anything_was_on_record_stays_in_their_groups() {
    let cloud = pinned_before_anything().await;
    let report = cloud.sync().await;
    assert_eq!(report.n_failures, 0, "{report:?}");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"], "Zoe, whom the directory does not know, has left");
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_group_of_somebody_who_was_pinned_before_anything_was_on_record_is_not_deleted() {
    let cloud = pinned_before_anything().await;
    cloud.sync().await;
    let gone = GroupSettings {
        selection: Selection::Scope,
        deselected: Some(Delay::Within24Hours),
        foreign: ForeignMembers::Remove,
        ..all_groups()
    };
    cloud.world.configure(&with_groups(gone)).await;
    let report = cloud.sync().await;
    assert_eq!(did_all(&report), "nothing", "{report:?}");
    assert_eq!(cloud.names(), ["Ops"]);
}

#[tokio::test]
async fn a_group_is_read_just_before_it_is_deleted_and_stays_if_somebody_who_is_pinned_has_come_into_it() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&team().group("new@example.com", &["bob@example.com"])).await;
    cloud.sync().await;
    cloud.pin_person("eve@example.com").await;
    cloud.edit(&Edit::AddMember { group: "New".into(), user: "eve@example.com".into() });
    let others = Selection::Chosen(usher_model::group::selection::Chosen {
        groups: [OPS, "all@example.com"]
            .map(|address| (GroupId::new(id_of(address)), Email::parse(address).unwrap()))
            .into(),
        patterns: [].into(),
    });
    let gone = GroupSettings { selection: others, deselected: Some(Delay::Within24Hours), ..all_groups() };
    cloud.world.configure(&with_groups(gone)).await;
    let report = cloud.sync().await;
    assert_eq!(did_all(&report), "nothing", "{report:?}");
    assert_eq!(cloud.members("New"), ["bob", "eve"]);
    let why = "groups that are kept for somebody who is pinned";
    assert_eq!(report.skipped.get(why), Some(&1), "{:?}", report.skipped);
}

#[tokio::test]
async fn an_approved_plan_leaves_the_memberships_of_somebody_who_was_pinned_since_as_they_are() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&moved()).await;
    let (approved, _) = cloud.approve().await;
    cloud.pin_person("ada@example.com").await;
    cloud.clear_log();
    let report = cloud.carry_out(&approved).await;
    assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0), "{report:?}");
    assert_eq!((report.differences.len(), cloud.members("Ops")), (1, names(["ada", "bob"])), "{report:?}");
}

#[tokio::test]
async fn a_run_for_one_person_who_is_pinned_leaves_their_memberships_as_they_are() {
    let cloud = with_ada_pinned(all_groups()).await;
    cloud.world.has(&moved()).await;
    cloud.clear_log();
    let user = Some(Email::parse("ada@example.com").unwrap());
    let report = cloud.run(RunRequest { user, insist: true, ..RunRequest::default() }).await;
    assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0), "{report:?}");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
}

#[tokio::test]
async fn whom_somebody_took_out_who_is_pinned_is_not_put_back_where_the_app_refuses_another() {
    let cloud = with_ada_pinned(all_groups()).await;
    cloud.edit(&Edit::RemoveMember { group: "Ops".into(), user: "ada@example.com".into() });
    cloud.edit(&Edit::DeleteUser { user: "eve@example.com".into() });
    let with_eve = people().group(OPS, &["ada@example.com", "bob@example.com", "eve@example.com"]);
    cloud.world.has(&with_eve.group("all@example.com", &["ada@example.com", "bob@example.com"])).await;
    cloud.run(RunRequest::default()).await;
    assert_eq!(cloud.members("Ops"), ["bob"]);
}

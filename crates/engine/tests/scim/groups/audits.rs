//! What somebody else did to groups at the app, as an audit finds it.

use usher_emulator::identity_center::edit::Edit;
use usher_model::group::{ForeignMembers, GroupSettings};
use usher_model::lifecycle::DriftPolicy;

use usher_engine::report::RunRequest;
use usher_testkit::builders::id_of;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::setup::Setup;

use super::trouble::Place;
use super::{Cloud, all_groups, did_all, team, with_groups};

fn took_out(group: &str, user: &str) -> Edit {
    Edit::RemoveMember { group: group.into(), user: user.into() }
}

fn put_in(group: &str, user: &str) -> Edit {
    Edit::AddMember { group: group.into(), user: user.into() }
}

fn renamed(group: &str, to: &str) -> Edit {
    Edit::RenameGroup { group: group.into(), display_name: to.into() }
}

/// Everything of a team, after another hand has been at it.
async fn meddled_with() -> Cloud {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.edit(&took_out("Ops", "ada@example.com"));
    cloud.edit(&put_in("Ops", "eve@example.com"));
    cloud.edit(&renamed("All", "Everybody"));
    cloud.world.wait(std::time::Duration::from_mins(1));
    cloud
}

#[tokio::test]
async fn without_an_audit_nobody_looks() {
    let cloud = meddled_with().await;
    cloud.is_converged().await;
}

#[tokio::test]
async fn what_is_repaired_is_as_the_directory_says_and_what_others_added_stays() {
    let cloud = meddled_with().await;
    let report = cloud.audit().await;
    assert_eq!(did_all(&report), "group_update 1, members_add 1");
    let audited = report.group_audit.unwrap();
    assert_eq!((audited.n_changed, audited.n_members_missing, audited.n_members_foreign), (1, 1, 1));
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"]);
    assert_eq!(cloud.names(), ["All", "Ops"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn what_others_added_goes_where_foreign_members_go() {
    let cloud = meddled_with().await;
    let only_ours = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    cloud.world.configure(&with_groups(only_ours)).await;
    assert_eq!(did_all(&cloud.audit().await), "group_update 1, members_add 1, members_remove 1");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
}

#[tokio::test]
async fn what_is_reported_or_ignored_is_left_and_the_policy_may_change_its_mind() {
    for drift in [DriftPolicy::Report, DriftPolicy::Ignore] {
        let cloud = meddled_with().await;
        let mut settings = with_groups(all_groups());
        settings.drift = drift;
        cloud.world.configure(&settings).await;
        let report = cloud.audit().await;
        assert_eq!(did_all(&report), "nothing", "{drift:?}");
        assert_eq!(report.group_audit.unwrap().n_members_missing, 1);
        assert_eq!(cloud.members("Ops"), ["bob", "eve"]);
        assert_eq!(cloud.names(), ["Everybody", "Ops"]);
        cloud.world.wait(std::time::Duration::from_mins(1));
        let again = cloud.audit().await;
        assert_eq!(did_all(&again), "nothing", "{drift:?}: nor by a second audit");
        assert_eq!(again.group_audit.unwrap().n_members_missing, 1);

        cloud.world.configure(&with_groups(all_groups())).await;
        assert_eq!(did_all(&cloud.sync().await), "group_update 1, members_add 1", "{drift:?}");
        assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"]);
    }
}

#[tokio::test]
async fn an_audit_of_what_nobody_touched_finds_nothing_and_writes_nothing() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let report = cloud.audit().await;
    assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0));
    let audited = report.group_audit.unwrap();
    assert_eq!((audited.n_listed, audited.n_compared), (2, 2));
    assert_eq!(audited.drifts, []);
}

#[tokio::test]
async fn a_name_that_somebody_changed_is_not_put_right_where_another_group_has_it_by_now() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.edit(&renamed("All", "By hand"));
    // The other one is called so in the directory now, and gets the name that is free.
    let also = serde_json::json!({"groups": [
        {"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "All"},
    ]});
    cloud.world.import(&also, usher_engine::import::Import::default()).await;
    cloud.world.wait(crate::world::days(1));
    cloud.audit().await;
    cloud.sync().await;
    assert_eq!(cloud.names(), ["All", "By hand"]);
    cloud.world.wait(crate::world::days(2));
    cloud.audit().await;
    cloud.clear_log();
    let insist = usher_engine::report::RunRequest { insist: true, ..Default::default() };
    cloud.world.try_run(&insist).await.unwrap();
    assert_eq!(cloud.count(usher_emulator::identity_center::Operation::PatchGroup), 0, "nobody asks for it");
    assert_eq!(cloud.names(), ["All", "By hand"]);
}

#[tokio::test]
async fn whose_a_group_is_is_put_right_until_the_app_shows_it() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.edit(&Edit::IdentifyGroup { group: "Ops".into(), external_id: Some("somebody".into()) });
    cloud.world.wait(std::time::Duration::from_mins(1));
    let patches = [usher_emulator::identity_center::Operation::PatchGroup];
    let fault = usher_emulator::identity_center::fault::Fault::NoEffect;
    cloud.fails(&patches, fault, usher_emulator::when::When::Next { n: 1 });
    assert_eq!(cloud.audit().await.n_failures, 1);
    cloud.world.wait(crate::world::days(1));
    cloud.sync().await;
    let ops = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap();
    assert_eq!(ops.external_id, Some(id_of("ops@example.com")));
}

#[tokio::test]
async fn an_audit_whose_list_of_groups_cannot_be_believed_says_so_each_time() {
    let place = Place::with(Setup::default(), &[], &team()).await;
    place.app.behave(Behaviour::TotalTooLarge(1).on_groups());
    place.world.sync().await;
    for _ in 0..2 {
        place.world.wait(std::time::Duration::from_mins(1));
        let request = RunRequest { audit: true, ..RunRequest::default() };
        let report = place.world.try_run(&request).await.unwrap();
        assert!(!report.group_audit.as_ref().unwrap().is_believed, "{report:?}");
    }
}

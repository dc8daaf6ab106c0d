//! Groups that the app holds already.

use serde_json::json;
use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::fault::Fault;
use usher_emulator::when::When;
use usher_engine::import::Import;
use usher_model::cause::Delay;
use usher_model::group::selection::{Chosen, Selection};
use usher_model::group::{ForeignMembers, GroupSettings};
use usher_model::id::Email;
use usher_store::group;
use usher_testkit::builders::id_of;

use super::{Cloud, all_groups, did_all, group_id, people, team, with_groups};

/// A world whose people are at AWS already, and whose groups nobody has provisioned yet.
async fn before_groups() -> Cloud {
    let cloud = Cloud::with(
        &team(),
        GroupSettings::default(),
        usher_emulator::identity_center::settings::Settings::default().unlimited(),
    )
    .await;
    cloud.sync().await;
    cloud
}

/// The configuration is deleted, and set up once more.
async fn configure_anew(cloud: &Cloud) {
    let app = cloud.world.app().await.id;
    let mut tx = cloud.world.store.begin("test").await.unwrap();
    usher_store::app::unconfigure(&mut tx, &app, cloud.world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    cloud.world.configure(&with_groups(all_groups())).await;
    cloud.world.connect(&cloud.aws.enabled.endpoint, cloud.aws.token()).await;
}

fn made(name: &str) -> Edit {
    Edit::CreateGroup { display_name: name.into(), description: None }
}

/// This group alone.
async fn only(cloud: &Cloud, address: &str) -> GroupSettings {
    let id = group_id(&cloud.world, address).await;
    let groups = [(id, Email::parse(address).unwrap())].into();
    GroupSettings { selection: Selection::Chosen(Chosen { groups, patterns: [].into() }), ..all_groups() }
}

fn put_in(group: &str, user: &str) -> Edit {
    Edit::AddMember { group: group.into(), user: user.into() }
}

#[tokio::test]
async fn a_group_of_its_name_is_adopted_with_its_members_read_first() {
    let cloud = before_groups().await;
    cloud.edit(&made("Ops"));
    cloud.edit(&put_in("Ops", "ada@example.com"));
    cloud.edit(&put_in("Ops", "eve@example.com"));
    cloud.world.configure(&with_groups(all_groups())).await;
    cloud.clear_log();
    let preview = cloud.world.preview().await;
    assert_eq!(preview.members.added, 1 + 3, "Bob alone is added to Ops, and three to the other group");
    let report = cloud.sync().await;
    assert_eq!(did_all(&report), "group_create 1, group_adopt 1, members_add 1");
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"], "whom we did not add stays");
    let ops = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap();
    assert_eq!(ops.external_id, Some(id_of("ops@example.com")), "it is known again by its id");
    cloud.is_converged().await;
}

#[tokio::test]
async fn members_that_we_did_not_add_leave_where_the_policy_says_so() {
    let cloud = before_groups().await;
    cloud.edit(&made("Ops"));
    cloud.edit(&put_in("Ops", "eve@example.com"));
    let only_ours = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    cloud.world.configure(&with_groups(only_ours)).await;
    assert_eq!(
        did_all(&cloud.sync().await),
        "group_create 1, group_adopt 1, members_add 1, members_remove 1"
    );
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn whoever_was_a_member_before_us_and_is_one_in_the_directory_leaves_with_it() {
    let cloud = before_groups().await;
    cloud.edit(&made("Ops"));
    cloud.edit(&put_in("Ops", "ada@example.com"));
    cloud.world.configure(&with_groups(all_groups())).await;
    cloud.sync().await;
    let without_ada = people()
        .group("ops@example.com", &["bob@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"]);
    cloud.world.has(&without_ada).await;
    cloud.sync().await;
    assert_eq!(cloud.members("Ops"), ["bob"]);
}

#[tokio::test]
async fn groups_that_are_not_ours_are_never_touched() {
    let cloud = before_groups().await;
    cloud.edit(&made("AWSControlTowerAdmins"));
    cloud.edit(&put_in("AWSControlTowerAdmins", "ada@example.com"));
    let everything = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    cloud.world.configure(&with_groups(everything)).await;
    cloud.sync().await;
    let report = cloud.audit().await;
    assert_eq!(did_all(&report), "nothing");
    let audited = report.group_audit.unwrap();
    assert_eq!((audited.n_unknown, audited.unknown), (1, vec!["AWSControlTowerAdmins".to_owned()]));
    assert_eq!(cloud.members("AWSControlTowerAdmins"), ["ada"]);
    assert_eq!(cloud.names(), ["AWSControlTowerAdmins", "All", "Ops"]);
}

#[tokio::test]
async fn of_two_directory_groups_of_one_name_the_second_fails_alone_and_names_the_first() {
    let cloud = Cloud::new(&team()).await;
    let twins =
        json!({"groups": [{"id": id_of("ops2@example.com"), "email": "ops2@example.com", "name": "ops"}]});
    cloud.world.import(&twins, Import::default()).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("create 3, group_create 2", 1), "{report:?}");
    let (who, why) = &report.failures[0];
    let (first, second) = ("ops@example.com", "ops2@example.com");
    assert!([first, second].contains(&who.as_str()), "{who}");
    let other = if who.as_str() == first { second } else { first };
    assert!(why.contains(other) && why.contains("another name"), "{why}");
    // Nor does anything else come of it later.
    cloud.world.wait(crate::world::days(1));
    assert_eq!(did_all(&cloud.sync().await), "nothing");
}

#[tokio::test]
async fn a_group_renamed_onto_anothers_name_fails_alone_and_its_members_go_on() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let renamed = json!({
        "groups": [{"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "All"}],
        "members": {"ops@example.com": [
            {"id": id_of("ada@example.com"), "email": "ada@example.com", "role": "MEMBER", "type": "USER"},
        ]},
    });
    cloud.world.import(&renamed, Import::default()).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("members_remove 2", 1), "{report:?}");
    assert!(report.failures[0].1.contains("all@example.com"), "{:?}", report.failures);
    assert_eq!(cloud.sync().await.n_failures, 0, "it is not told again before its time");
    assert_eq!(cloud.names(), ["All", "Ops"]);
    assert_eq!(cloud.members("Ops"), ["ada"]);
}

#[tokio::test]
async fn a_group_that_turns_up_between_the_listing_and_the_create_is_adopted_not_doubled() {
    let cloud = before_groups().await;
    cloud.world.configure(&with_groups(all_groups())).await;
    let edit = made("Ops");
    cloud.fails(&[Operation::CreateGroup], Fault::Edit { edit }, When::Next { n: 2 });
    let report = cloud.sync().await;
    assert_eq!(report.n_failures, 0, "{report:?}");
    assert_eq!(cloud.names(), ["All", "Ops"]);
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn whoever_was_read_in_a_group_that_went_before_it_was_adopted_is_put_into_the_one_that_is_made() {
    let cloud = before_groups().await;
    cloud.edit(&made("Ops"));
    cloud.edit(&put_in("Ops", "ada@example.com"));
    cloud.world.configure(&with_groups(all_groups())).await;
    // The preview lists the groups, and reads who is in them; then somebody deletes the group.
    cloud.world.preview().await;
    cloud.edit(&Edit::DeleteGroup { group: "Ops".into() });
    cloud.sync().await;
    cloud.world.wait(std::time::Duration::from_hours(2));
    cloud.sync().await;
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_group_that_says_whose_it_is_is_adopted_while_its_new_name_is_anothers() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    configure_anew(&cloud).await;
    // Somebody has made a group of the name that Ops is to have, and keeps it.
    cloud.edit(&made("Operations"));
    cloud.edit(&Edit::IdentifyGroup { group: "Operations".into(), external_id: Some("somebody".into()) });
    let renamed = json!({
        "groups": [{"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "Operations"}],
        "members": {"ops@example.com": [
            {"id": id_of("eve@example.com"), "email": "eve@example.com", "role": "MEMBER", "type": "USER"},
        ]},
    });
    cloud.world.import(&renamed, Import::default()).await;
    let report = cloud.sync().await;
    assert_eq!(report.n_failures, 1, "{report:?}");
    assert!(report.failures[0].1.contains("Operations"), "{:?}", report.failures);
    assert_eq!(cloud.names(), ["All", "Operations", "Ops"]);
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"], "its members go on under the old name");
    assert_eq!(did_all(&cloud.sync().await), "nothing");
}

#[tokio::test]
async fn two_groups_that_swapped_their_names_are_adopted_and_then_swap() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    configure_anew(&cloud).await;
    let swapped = json!({"groups": [
        {"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "All"},
        {"id": id_of("all@example.com"), "email": "all@example.com", "name": "Ops"},
    ]});
    cloud.world.import(&swapped, Import::default()).await;
    let report = cloud.sync().await;
    assert_eq!(report.n_failures, 0, "{report:?}");
    let named = |name| cloud.aws.center.group(cloud.tenant(), name).unwrap().external_id;
    assert_eq!(named("All"), Some(id_of("ops@example.com")));
    assert_eq!(named("Ops"), Some(id_of("all@example.com")));
    cloud.is_converged().await;
}

#[tokio::test]
async fn an_adoption_whose_answer_was_lost_is_known_once_the_app_shows_it() {
    let cloud = before_groups().await;
    cloud.edit(&made("Ops"));
    cloud.world.configure(&with_groups(all_groups())).await;
    cloud.fails(&[Operation::PatchGroup], Fault::LostAnswer, When::Next { n: 1 });
    // It is read once before that; nobody can look in this run.
    for nth in 2..50 {
        cloud.fails(&[Operation::GetGroup], Fault::ServerError, When::At { nth });
    }
    cloud.sync().await;
    assert!(cloud.record("ops@example.com").await.unwrap().intent.is_some(), "nobody knows what came of it");
    // The group is not to be had any more before anybody has looked.
    cloud.world.configure(&with_groups(only(&cloud, "all@example.com").await)).await;
    cloud.aws.center.end_faults(cloud.tenant()).unwrap();
    cloud.world.wait(std::time::Duration::from_hours(1));
    cloud.sync().await;
    let record = cloud.record("ops@example.com").await.expect("it is ours, and left alone");
    assert_eq!(record.state, group::GroupRecordState::Known);
}

#[tokio::test]
async fn an_app_that_says_yes_to_whose_a_group_is_and_does_nothing_is_told_once_more() {
    let cloud = before_groups().await;
    cloud.edit(&made("Ops"));
    cloud.world.configure(&with_groups(all_groups())).await;
    cloud.fails(&[Operation::PatchGroup], Fault::NoEffect, When::Next { n: 1 });
    cloud.sync().await;
    let ops = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap();
    assert_eq!(ops.external_id, Some(id_of("ops@example.com")));
    cloud.is_converged().await;
}

#[tokio::test]
async fn whose_a_group_is_waits_for_no_name() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    // Somebody has made a group of the name that Ops is to have, and Ops says of nobody that it is theirs.
    cloud.edit(&made("Operations"));
    cloud.edit(&Edit::IdentifyGroup { group: "Operations".into(), external_id: Some("somebody".into()) });
    let unidentified = Edit::IdentifyGroup { group: "Ops".into(), external_id: None };
    cloud.edit(&unidentified);
    let renamed = json!({
        "groups": [{"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "Operations"}],
    });
    cloud.world.import(&renamed, Import::default()).await;
    let says = || cloud.aws.center.group(cloud.tenant(), "Ops").unwrap().external_id;
    let report = cloud.audit().await;
    assert_eq!((report.n_failures, says()), (1, Some(id_of("ops@example.com"))), "{report:?}");
    // Nor while the name waits for its next try.
    cloud.edit(&unidentified);
    let report = cloud.audit().await;
    assert_eq!((report.n_failures, says()), (0, Some(id_of("ops@example.com"))), "{report:?}");
}

#[tokio::test]
async fn a_group_that_says_that_it_is_anothers_is_not_deleted() {
    let at_once = GroupSettings { deselected: Some(Delay::Within24Hours), ..all_groups() };
    let settings = usher_emulator::identity_center::settings::Settings::default().unlimited();
    let cloud = Cloud::with(&team(), at_once.clone(), settings).await;
    cloud.sync().await;
    cloud.edit(&Edit::IdentifyGroup { group: "Ops".into(), external_id: Some("somebody".into()) });
    let only_all = GroupSettings { selection: only(&cloud, "all@example.com").await.selection, ..at_once };
    cloud.world.configure(&with_groups(only_all)).await;
    let report = cloud.sync().await;
    assert_eq!(
        (report.n_failures, cloud.names()),
        (1, vec!["All".to_owned(), "Ops".to_owned()]),
        "{report:?}"
    );
    assert!(report.failures[0].1.contains("somebody"), "{:?}", report.failures);
}

#[tokio::test]
async fn of_two_groups_of_one_name_that_somebody_deleted_one_is_made_anew_and_the_other_takes_nothing_from_it()
 {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    for name in ["All", "Ops"] {
        cloud.edit(&Edit::DeleteGroup { group: name.into() });
    }
    cloud.audit().await;
    for name in ["All", "Ops"] {
        cloud.edit(&Edit::DeleteGroup { group: name.into() });
    }
    cloud.edit(&made("Team"));
    let one_name = json!({"groups": [
        {"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "Team"},
        {"id": id_of("all@example.com"), "email": "all@example.com", "name": "Team"},
    ]});
    cloud.world.import(&one_name, Import::default()).await;
    let report = cloud.audit().await;
    assert_eq!((report.n_failures, cloud.names()), (1, vec!["Team".to_owned()]), "{report:?}");
    let says = cloud.aws.center.group(cloud.tenant(), "Team").unwrap().external_id;
    cloud.world.wait(crate::world::days(1));
    cloud.sync().await;
    assert_eq!(
        cloud.aws.center.group(cloud.tenant(), "Team").unwrap().external_id,
        says,
        "it stays whose it is"
    );
}

#[tokio::test]
async fn the_members_of_a_group_are_read_before_it_is_adopted_however_long_ago_somebody_looked() {
    let cloud = before_groups().await;
    cloud.edit(&made("Ops"));
    cloud.edit(&put_in("Ops", "ada@example.com"));
    cloud.edit(&put_in("Ops", "eve@example.com"));
    let only_ours = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    cloud.world.configure(&with_groups(only_ours)).await;
    cloud.world.preview().await;
    cloud.world.wait(std::time::Duration::from_hours(2));
    cloud.sync().await;
    assert_eq!(cloud.members("Ops"), ["ada", "bob"], "Bob comes, and Eve goes");
    cloud.is_converged().await;
}

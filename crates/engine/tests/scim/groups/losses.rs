//! Answers that are lost, requests that are refused and done all the same, writes that are said to be done and are not.

use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::fault::Fault;
use usher_emulator::when::When;
use usher_model::cause::Delay;
use usher_model::group::GroupSettings;
use usher_model::group::selection::Selection;
use usher_store::group::event;
use usher_testkit::builders::Directory;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::gate::Gate;
use usher_testkit::scim::setup::Setup;

use super::trouble::Place;
use super::{Cloud, all_groups, big_group, did_all, group_id, team, with_groups};

/// Ada has left Ops for Eve.
fn changed() -> Directory {
    super::people()
        .group("ops@example.com", &["bob@example.com", "eve@example.com"])
        .group("all@example.com", &["ada@example.com", "eve@example.com", "ops@example.com"])
}

/// The log's lines about a group, the oldest first.
async fn told(cloud: &Cloud, address: &str) -> Vec<String> {
    let (app, id) = (cloud.world.app().await.id, group_id(&cloud.world, address).await);
    let mut tx = cloud.world.store.read("test").await.unwrap();
    let mut events = event::latest(&mut tx, &app, &id, 100).await.unwrap();
    events.reverse();
    events.iter().map(|event| format!("{} {}", event.kind.as_str(), event.n_members)).collect()
}

#[tokio::test]
async fn the_lost_answer_to_a_create_makes_one_group_and_one_line() {
    let cloud = Cloud::new(&team()).await;
    cloud.fails(&[Operation::CreateGroup], Fault::LostAnswer, When::Next { n: 1 });
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("create 3, group_create 2", 0), "{report:?}");
    assert_eq!(cloud.count(Operation::CreateGroup), 2);
    assert_eq!((cloud.members("Ops"), cloud.members("All").len()), (vec!["ada".into(), "bob".into()], 3));
    assert_eq!(told(&cloud, "ops@example.com").await, ["group_create 2"]);
    assert_eq!(told(&cloud, "all@example.com").await, ["group_create 3"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_lost_request_for_a_group_is_sent_again_after_two_looks() {
    let cloud = Cloud::new(&team()).await;
    cloud.fails(&[Operation::CreateGroup], Fault::LostRequest, When::Next { n: 1 });
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("create 3, group_create 2", 0), "{report:?}");
    assert_eq!(cloud.count(Operation::CreateGroup), 3);
    assert_eq!(cloud.names(), ["All", "Ops"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_lost_answer_about_members_is_looked_at_and_told_once() {
    for fault in [Fault::LostAnswer, Fault::LostRequest, Fault::ServerError] {
        let cloud = Cloud::new(&team()).await;
        cloud.sync().await;
        cloud.world.has(&changed()).await;
        cloud.fails(&[Operation::PatchGroup], fault.clone(), When::Next { n: 2 });
        let report = cloud.sync().await;
        assert_eq!(report.members.added, 1, "{fault:?}: {report:?}");
        assert_eq!(report.members.removed, 1, "{fault:?}: {report:?}");
        assert_eq!(report.n_failures, 0, "{fault:?}: {report:?}");
        assert_eq!(cloud.members("Ops"), ["bob", "eve"], "{fault:?}");
        let told = told(&cloud, "ops@example.com").await;
        assert_eq!(told.len(), 3, "{fault:?}: {told:?}");
        cloud.is_converged().await;
    }
}

#[tokio::test]
async fn a_refusal_that_emptied_the_group_is_seen_and_everybody_is_put_back() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&changed()).await;
    // A 400, while another hand empties the group.
    cloud.fails(&[Operation::PatchGroup], Fault::BadRequestWithEffect, When::Next { n: 1 });
    for user in ["ada@example.com", "bob@example.com"] {
        let edit = usher_emulator::identity_center::edit::Edit::RemoveMember {
            group: "Ops".into(),
            user: user.into(),
        };
        cloud.edit(&edit);
    }
    cloud.sync().await;
    cloud.world.wait(std::time::Duration::from_hours(1));
    cloud.sync().await;
    assert_eq!(cloud.members("Ops"), ["bob", "eve"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_204_that_did_nothing_is_noticed_and_tried_again_with_growing_pauses() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&changed()).await;
    cloud.fails(&[Operation::PatchGroup], Fault::NoEffect, When::Always);
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("nothing", 1), "{report:?}");
    assert!(report.failures[0].1.contains("said yes"), "{:?}", report.failures);
    assert_eq!(did_all(&cloud.sync().await), "nothing", "not before its time");
    cloud.aws.center.end_faults(cloud.tenant()).unwrap();
    cloud.world.wait(std::time::Duration::from_hours(1));
    let report = cloud.sync().await;
    assert_eq!((report.members.added, report.members.removed), (1, 1), "{report:?}");
    cloud.is_converged().await;
}

#[tokio::test]
async fn one_of_a_hundred_whom_the_app_does_not_know_never_stops_the_others() {
    let cloud = Cloud::new(
        &Directory::new("example.com")
            .people(crowd(100).iter().map(String::as_str))
            .group("big@example.com", &["p1@example.com"]),
    )
    .await;
    cloud.sync().await;
    // Somebody deletes an account, and nobody has looked since.
    cloud.edit(&usher_emulator::identity_center::edit::Edit::DeleteUser { user: "p77@example.com".into() });
    let addresses = crowd(100);
    let members: Vec<&str> = addresses.iter().map(String::as_str).collect();
    cloud
        .world
        .has(
            &Directory::new("example.com").people(members.iter().copied()).group("big@example.com", &members),
        )
        .await;
    let report = cloud.sync().await;
    assert_eq!((cloud.members("Big").len(), report.n_failures), (99, 1), "{report:?}");
    let why = &report.failures[0].1;
    assert!(why.contains("p77@example.com"), "{why}");
    assert!(report.requests.writes < 30, "{:?}", report.requests);
    // Nor do those who join or leave later wait for them.
    let later = &members[5..];
    let people = Directory::new("example.com").people(members.iter().copied());
    cloud.world.has(&people.group("big@example.com", later)).await;
    assert_eq!(cloud.sync().await.members.removed, 5);
    let people = Directory::new("example.com").people(members.iter().copied());
    cloud.world.has(&people.group("big@example.com", &members)).await;
    assert_eq!(cloud.sync().await.members.added, 5);
    // An audit finds out that they are gone, makes them anew, and puts them in.
    cloud.world.wait(std::time::Duration::from_mins(1));
    cloud.audit().await;
    cloud.world.wait(std::time::Duration::from_hours(1));
    let report = cloud.sync().await;
    assert_eq!(cloud.members("Big").len(), 100, "{report:#?}");
    cloud.is_converged().await;
}

fn crowd(n: usize) -> Vec<String> {
    (1..=n).map(|number| format!("p{number}@example.com")).collect()
}

#[tokio::test]
async fn too_many_requests_in_the_middle_of_groups_are_waited_out_and_lose_nothing() {
    let cloud = Cloud::new(&big_group(250)).await;
    cloud.fails(
        &[Operation::PatchGroup],
        Fault::TooManyRequests { retry_after_seconds: Some(3) },
        When::Next { n: 2 },
    );
    let report = cloud.sync().await;
    assert_eq!((report.n_failures, cloud.members("Big").len()), (0, 250), "{report:?}");
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_group_that_the_app_does_not_show_yet_is_not_made_twice() {
    let cloud = Cloud::new(&team()).await;
    let reads = [Operation::GetGroup, Operation::ListGroups];
    cloud.fails(&reads, Fault::StaleRead { seconds: Some(2) }, When::Always);
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("create 3, group_create 2", 0), "{report:?}");
    assert_eq!(cloud.count(Operation::CreateGroup), 2);
    cloud.aws.center.end_faults(cloud.tenant()).unwrap();
    cloud.is_converged().await;
}

#[tokio::test]
async fn who_was_only_said_to_be_taken_out_is_taken_out_once_the_group_can_be_read() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&changed()).await;
    // The app says yes and does nothing, and then nobody can read who is in the group.
    cloud.fails(&[Operation::PatchGroup], Fault::NoEffect, When::Always);
    for nth in 1..60 {
        cloud.fails(&[Operation::ListUsers, Operation::ListGroups], Fault::ServerError, When::At { nth });
    }
    cloud.sync().await;
    cloud.aws.center.end_faults(cloud.tenant()).unwrap();
    cloud.world.wait(std::time::Duration::from_hours(1));
    let report = cloud.sync().await;
    assert_eq!(cloud.members("Ops"), ["bob", "eve"], "{report:?}");
    assert_eq!(
        told(&cloud, "ops@example.com").await,
        ["group_create 2", "members_remove 1", "members_add 1"]
    );
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_token_that_is_refused_in_the_middle_of_groups_stops_the_run_and_loses_nothing() {
    let place = Place::with(Setup::default(), &[], &big_group(250)).await;
    let (gate, token) = (Gate::closed(), place.app.token());
    place.app.behave(Behaviour::HeldAnswer(gate.clone()).on("PATCH").on_groups().at(1));
    let meanwhile = async {
        gate.arrived(1).await;
        place.app.set_token("another");
        gate.open();
    };
    let (report, ()) = tokio::join!(place.world.sync(), meanwhile);
    assert!(report.stopped.as_ref().is_some_and(|why| why.contains("token")), "{report:?}");
    assert_eq!(place.app.count("PATCH"), 2, "the one that was under way, and the one that was refused");
    place.app.set_token(&token);
    place.world.connect(&place.app.endpoint(), &token).await;
    place.world.sync().await;
    assert_eq!(place.members("Big").len(), 250);
}

#[tokio::test]
async fn a_refused_delete_of_a_group_that_was_done_all_the_same_is_told_as_done() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let none =
        GroupSettings { selection: Selection::Scope, deselected: Some(Delay::Within24Hours), ..all_groups() };
    cloud.world.configure(&with_groups(none)).await;
    cloud.fails(&[Operation::DeleteGroup], Fault::BadRequestWithEffect, When::Next { n: 1 });
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("group_delete 2", 0), "{report:?}");
    assert!(cloud.names().is_empty());
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_refused_delete_of_a_group_fails_and_leaves_it_there() {
    let place = Place::with(Setup::default(), &[], &team()).await;
    place.world.sync().await;
    let none =
        GroupSettings { selection: Selection::Scope, deselected: Some(Delay::Within24Hours), ..all_groups() };
    place.world.configure(&with_groups(none)).await;
    place.app.behave(Behaviour::Fails { status: 400, is_done: false }.on("DELETE").on_groups().at(1));
    let report = place.world.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("group_delete 1", 1), "{report:?}");
    assert_eq!(place.app.groups().len(), 1);
}

//! What is believed, accepted and counted, and for how long.

use std::time::Duration;

use serde_json::json;
use usher_model::app::Settings;
use usher_model::cause::Delay;
use usher_store::event::EventKind;
use usher_testkit::builders::{Directory, User, id_of};
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::gate::Gate;

use crate::scene::{Scene, ada, company, crowd, married, with_ada};
use crate::world::{World, beginning, days, did};

fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = World::settings();
    change(&mut settings);
    settings
}

fn after(delay: &str) -> Option<Delay> {
    Delay::parse(delay).ok()
}

#[tokio::test]
async fn releasing_one_hold_accepts_no_shrunk_directory_that_nobody_saw() {
    let scene = Scene::new().await;
    scene.world.configure(&settings(|s| s.deprovisioning.deleted = after("7d"))).await;
    let people = |n: usize, prefix: &str| {
        (1..=n).fold(Directory::new("example.com"), |directory, k| {
            let user = User::new(&format!("p{k}@example.com"));
            directory.user(if k <= 4 { user.renamed(&format!("{prefix}{k}@example.com")) } else { user })
        })
    };
    scene.world.has(&people(20, "p")).await;
    scene.world.sync().await;
    scene.world.has(&people(20, "q")).await;
    assert_eq!(scene.world.sync().await.held.len(), 1, "the renames");
    scene.world.has(&people(10, "q")).await;
    assert_eq!(did(&scene.world.release().await), "update 4");
    assert_eq!(scene.world.app().await.accepted_people, Some(20));
    scene.world.wait(days(8));
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.held.len()), ("nothing", 1), "{report:?}");
}

#[tokio::test]
async fn a_failed_look_up_is_no_lost_create() {
    let scene = Scene::settled().await;
    scene.insert(
        json!({"userName": "zoe@example.com", "displayName": "Old", "externalId": id_of("zoe@example.com")}),
    );
    scene.world.wait(Duration::from_hours(2));
    scene.app.behave(Behaviour::Fails { status: 500, is_done: false }.on("GET").about("externalId").at(1));
    scene.world.has(&company().people(["zoe@example.com"])).await;
    assert_eq!(scene.world.sync().await.n_failures, 1);
    assert_eq!(did(&scene.world.insist().await), "adopt 1");
    assert_ne!(scene.user("zoe@example.com")["displayName"], "Old");
}

#[tokio::test]
async fn a_changed_configuration_stops_a_run_before_its_next_write() {
    let scene = Scene::new().await;
    scene.world.has(&crowd(60)).await;
    scene.world.sync().await;
    let leaving = (1..=60).fold(Directory::new("example.com"), |directory, n| {
        let user = User::new(&format!("p{n}@example.com"));
        directory.user(if n <= 20 { user.suspended() } else { user })
    });
    scene.world.has(&leaving).await;
    scene.world.sync().await;
    let gate = Gate::closed();
    scene.app.behave(Behaviour::HeldAnswer(gate.clone()).on("PATCH"));
    let edit = async {
        gate.arrived(8).await;
        scene.world.configure(&settings(|s| s.deprovisioning.suspended = after("30d"))).await;
        gate.open();
    };
    let (report, ()) = tokio::join!(scene.world.release(), edit);
    assert_eq!(did(&report), "suspend 8");
    assert!(report.stopped.unwrap().contains("configuration was changed"));
}

#[tokio::test]
async fn one_forbidden_account_keeps_nobody_else_waiting() {
    let scene = Scene::settled().await;
    scene.app.behave(Behaviour::Forbidden.on("PATCH").about(&scene.id("ada@example.com")));
    scene.world.has(&with_ada(ada().suspended()).people(["zoe@example.com"])).await;
    assert!(scene.world.sync().await.stopped.is_some());
    assert_eq!(did(&scene.world.sync().await), "create 1");
}

#[tokio::test]
async fn leavers_who_are_brought_in_have_their_time_from_the_adoption() {
    let scene = Scene::new().await;
    scene.insert(json!({"userName": "ada@example.com", "displayName": "Ada Example"}));
    let brings_in = settings(|s| {
        s.deprovisioning.suspended = after("30d");
        s.adopt_leavers = true;
    });
    scene.world.configure(&brings_in).await;
    scene.world.has(&with_ada(ada().suspended_at(beginning().before(days(365))))).await;
    scene.world.sync().await;
    scene.world.wait(days(29));
    scene.world.sync().await;
    assert_eq!(scene.user("ada@example.com")["active"], true);
    scene.world.wait(days(1));
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
}

#[tokio::test]
async fn a_leaver_who_cannot_be_brought_in_is_tried_again_with_growing_pauses() {
    let scene = Scene::new().await;
    let account = scene.insert(json!({"userName": "ada@example.com", "displayName": "Ada Example"}));
    scene.world.configure(&settings(|s| s.adopt_leavers = true)).await;
    scene.app.behave(Behaviour::Fails { status: 400, is_done: false }.on("PATCH").about(&account));
    scene.world.has(&with_ada(ada().suspended())).await;
    assert_eq!(scene.world.sync().await.n_failures, 1);
    let minutes_until_tried = async || {
        let n_tries = scene.app.count("PATCH");
        for minutes in 1..10 {
            scene.world.wait(Duration::from_mins(1));
            scene.world.sync().await;
            if scene.app.count("PATCH") > n_tries {
                return minutes;
            }
        }
        panic!("they are not tried again");
    };
    let pauses = [minutes_until_tried().await, minutes_until_tried().await, minutes_until_tried().await];
    assert!(pauses[0] < pauses[1] && pauses[1] < pauses[2], "{pauses:?}");
}

#[tokio::test]
async fn an_account_that_a_listing_showed_is_adopted_only_if_it_is_still_what_it_was() {
    let scene = Scene::new().await;
    let gone = scene.insert(json!({"userName": "ada@example.com", "displayName": "Ada Example"}));
    let changed = scene.insert(json!({"userName": "bob@example.com", "displayName": "Contractor Bob"}));
    scene.world.preview().await;
    scene.app.remove(&gone);
    scene.app.edit(&changed, |account| account["externalId"] = json!("hr-9"));
    scene.world.sync().await;
    let report = scene.world.sync().await;
    assert_eq!(scene.user("bob@example.com")["externalId"], "hr-9", "it has become somebody else's");
    assert_eq!(scene.user("bob@example.com")["displayName"], "Contractor Bob");
    assert!(scene.names().contains(&"ada@example.com".to_owned()), "{report:?}");
    assert_eq!(report.n_failures, 1, "{report:?}");
}

#[tokio::test]
async fn a_write_that_is_lost_again_and_again_is_a_failure_with_pauses_and_quarantines_nobody() {
    let scene = Scene::settled().await;
    scene.app.behave(Behaviour::Fails { status: 500, is_done: false }.on("PATCH").about("Byron"));
    scene.world.has(&with_ada(married())).await;
    scene.world.sync().await;
    let n_writes = scene.app.count("PATCH");
    assert_eq!(did(&scene.world.sync().await), "nothing");
    assert_eq!(scene.app.count("PATCH"), n_writes, "it waits");
    assert_eq!(scene.world.app().await.status(), usher_model::app::Status::Active);
}

#[tokio::test]
async fn somebody_who_is_blocked_is_told_of_and_remembered() {
    let scene = Scene::settled().await;
    let recreated = Directory::new("example.com")
        .people(["bob@example.com", "eve@example.com"])
        .user(User::new("ada@example.com").id("555"));
    scene.world.has(&recreated).await;
    assert_eq!(scene.world.sync().await.n_failures, 1);
    assert_eq!(scene.n_events(EventKind::Failure).await, 1);
    assert!(scene.world.account("ada@example.com").await.unwrap().failing.is_some());
}

//! Lost answers, refusals and outages: nobody twice, nobody missing, nothing said that is not so, and an app that
//! cannot take more is left alone.

use std::time::Duration;

use usher_engine::report::{RunError, RunReport, RunRequest};
use usher_model::app::{Settings, Status};
use usher_model::cause::Delay;
use usher_model::id::RunId;
use usher_store::app;
use usher_store::event::EventKind;
use usher_testkit::builders::User;
use usher_testkit::scim::behaviour::{Behaviour, RetryAfter};
use usher_testkit::scim::gate::Gate;
use usher_testkit::scim::rule::Rule;

use crate::scene::{Scene, ada, company, crowd, married, with_ada};
use crate::world::{World, beginning, did};

mod crash;
mod lost;

fn deleting() -> Settings {
    Settings { hard_delete: Some(Delay::Within24Hours), ..World::settings() }
}

/// The company after Ada and Bob swapped their addresses.
fn swapped() -> usher_testkit::builders::Directory {
    usher_testkit::builders::Directory::new("example.com")
        .people(["eve@example.com"])
        .user(ada().renamed("bob@example.com"))
        .user(User::new("bob@example.com").renamed("ada@example.com"))
}

#[tokio::test]
async fn an_app_that_cannot_be_reached_is_left_alone_and_found_again() {
    let scene = Scene::settled().await;
    let endpoint = scene.app.endpoint();
    scene.world.has(&company().people(["p@example.com", "q@example.com", "r@example.com"])).await;
    let Scene { world, app } = scene;
    app.stop().await;
    let report = world.sync().await;
    assert_eq!(did(&report), "nothing");
    assert!(report.stopped.as_ref().unwrap().contains("cannot be reached"), "{report:?}");
    assert!(!report.stopped.unwrap().contains(&endpoint), "no address in a sentence that may hold a token");
    assert_eq!(world.app().await.status(), Status::Quarantined);
}

#[tokio::test]
async fn too_many_requests_wait_on_the_clock_and_are_no_failure() {
    let at = beginning() + Duration::from_mins(7);
    let asked = [
        (RetryAfter::Seconds(120), Duration::from_mins(2)),
        (RetryAfter::At(at), Duration::from_mins(7)),
        (RetryAfter::Absent, Duration::from_secs(1)),
        (RetryAfter::Text("soon"), Duration::from_secs(1)),
    ];
    for (retry_after, at_least) in asked {
        let scene = Scene::new().await;
        scene.app.behave(Behaviour::Throttled(retry_after.clone()).on("POST").at(2));
        let report = scene.sync_well().await;
        assert_eq!(did(&report), "create 3");
        assert_eq!(report.warnings, [""; 0]);
        let waited = scene.world.sim.now().since(beginning());
        assert!(
            waited >= at_least && waited < at_least * 2 + Duration::from_secs(5),
            "{retry_after:?}: {waited:?}"
        );
        assert_eq!(scene.world.events().await, [(EventKind::Create, 3)]);
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn an_app_that_throttles_in_bursts_is_served_to_the_end() {
    let scene = Scene::new().await;
    scene.world.has(&crowd(60)).await;
    for nth in [3, 9, 10, 11, 30, 31] {
        scene.app.behave(Behaviour::Throttled(RetryAfter::Absent).on("POST").at(nth));
    }
    assert_eq!(did(&scene.sync_well().await), "create 60");
    assert_eq!((scene.app.count("POST"), scene.names().len()), (66, 60));
}

#[tokio::test]
async fn an_app_that_throttles_for_ever_is_left_alone_in_the_end() {
    let scene = Scene::new().await;
    scene.app.behave(Behaviour::Throttled(RetryAfter::Absent).on("POST"));
    let report = scene.world.sync().await;
    assert!(report.stopped.unwrap().contains("429"), "what the app said");
    assert_eq!(scene.world.app().await.status(), Status::Quarantined);
    assert_eq!(scene.app.count("POST"), 3 * 11);
}

#[tokio::test]
async fn no_request_is_in_flight_after_its_intent_says_so() {
    let scene = Scene::new().await;
    let gate = Gate::closed();
    scene.app.behave(Behaviour::Throttled(RetryAfter::Seconds(3600)).on("POST").about("ada@").at(1));
    scene.app.behave(Behaviour::HeldRequest(gate.clone()).on("POST").about("ada@").at(2));
    let look = async {
        gate.arrived(1).await;
        let intent = scene.world.account("ada@example.com").await.unwrap().intent.unwrap();
        let until = scene.world.sim.now() + scene.world.environment.request_timeout;
        gate.open();
        (intent.until, until)
    };
    let (_, (intended, until)) = tokio::join!(scene.sync_well(), look);
    assert!(until > beginning() + Duration::from_hours(1));
    assert!(intended >= until, "the intent ends at {intended}, its request at {until}");
}

#[tokio::test]
async fn a_refused_token_stops_the_run_and_a_new_one_goes_on_where_it_was() {
    let scene = Scene::new().await;
    scene.world.has(&crowd(30)).await;
    scene.app.behave(Behaviour::Unauthorized.from_nth(14));
    let report = scene.world.sync().await;
    assert!(report.stopped.as_ref().unwrap().contains("401"), "{report:?}");
    assert_eq!((report.n_failures, scene.n_events(EventKind::Failure).await), (0, 0));
    assert_eq!(scene.world.app().await.status(), Status::NeedsReauthorization);
    let n_asked = scene.app.log().len();
    assert!(n_asked < 14 + 8, "nothing but what was in flight: {n_asked}");
    let refused = scene.world.try_run(&RunRequest::default()).await;
    assert!(matches!(refused, Err(RunError::NeedsReauthorization { .. })));
    assert_eq!(scene.app.log().len(), n_asked, "nothing is sent until a new token is given");

    scene.app.behave_well();
    scene.app.set_token("another");
    scene.world.authorize(&scene.app.endpoint(), "another").await;
    assert_eq!(scene.world.app().await.status(), Status::Active);
    let next = scene.sync_well().await;
    assert_eq!(n_created(&report) + n_created(&next), 30);
    assert_eq!(scene.names().len(), 30);
    assert_eq!(scene.world.events().await, [(EventKind::Create, 30)]);
    scene.is_silent().await;
}

fn n_created(report: &RunReport) -> u64 {
    crate::world::count(report, usher_model::operation::Kind::Create)
}

#[tokio::test]
async fn a_forbidden_app_is_quarantined_with_growing_pauses_and_recovers() {
    let scene = Scene::settled().await;
    scene.app.behave(Behaviour::Forbidden);
    scene.world.has(&with_ada(married())).await;
    for minutes in [1, 2, 4, 8] {
        let report = scene.world.sync().await;
        assert!(report.stopped.unwrap().contains("this token may not do that"), "what the app said");
        let expected = (u64::from(minutes == 1), Status::Quarantined);
        assert_eq!((report.n_failures, scene.world.app().await.status()), expected, "told of once");
        assert!(!is_due(&scene).await);
        scene.world.wait(Duration::from_secs(60 * minutes - 1));
        assert!(!is_due(&scene).await, "not before {minutes} min");
        scene.world.wait(Duration::from_secs(1));
        assert!(is_due(&scene).await, "after {minutes} min");
    }
    assert_eq!(scene.app.log().len(), 4, "one request each time");
    scene.app.behave_well();
    assert_eq!(did(&scene.sync_well().await), "update 1");
    assert_eq!(scene.world.app().await.status(), Status::Active);
    assert_eq!(scene.n_events(EventKind::Failure).await, 1);
}

#[tokio::test]
async fn a_quarantine_ends_with_an_answer_of_the_app_alone() {
    let scene = Scene::settled().await;
    scene.app.behave(Behaviour::Forbidden);
    scene.world.has(&with_ada(married())).await;
    scene.world.sync().await;
    // What was to be written is not wanted any more, and nobody has asked the app since.
    scene.world.has(&company()).await;
    scene.world.sync().await;
    assert_eq!(scene.world.app().await.quarantine.unwrap().n, 2);
    scene.app.behave_well();
    assert_eq!(did(&scene.sync_well().await), "nothing");
    assert_eq!(scene.world.app().await.status(), Status::Active);
}

async fn is_due(scene: &Scene) -> bool {
    let mut tx = scene.world.store.read("test::is_due").await.unwrap();
    !app::due(&mut tx, scene.world.sim.now()).await.unwrap().is_empty()
}

#[tokio::test]
async fn an_app_that_fails_broadly_is_not_asked_for_everybody() {
    let all = [
        Behaviour::Fails { status: 500, is_done: false },
        Behaviour::Fails { status: 503, is_done: false },
        Behaviour::HtmlBadGateway { is_done: false },
        Behaviour::HtmlNotFound,
        Behaviour::Redirects { status: 302, to: "http://127.0.0.1:1".into() },
        Behaviour::LostRequest,
    ];
    for broken in all {
        for on in [Rule::from(broken.clone()), broken.clone().on("POST")] {
            let scene = Scene::settled().await;
            let rule = scene.app.behave(on.clone());
            let addresses: Vec<_> = (1..=100).map(|n| format!("p{n}@example.com")).collect();
            scene.world.has(&company().people(addresses.iter().map(String::as_str))).await;
            let report = scene.world.sync().await;
            assert!(report.stopped.is_some(), "{on:?}: {report:?}");
            assert_eq!(scene.world.app().await.status(), Status::Quarantined);
            // Twenty failures in a row, and what was in flight with the last of them.
            let n_asked = scene.app.log().len();
            assert!(scene.app.count("POST") <= 28, "{on:?}: {:?}", scene.app.counts());
            scene.world.wait(Duration::from_mins(1));
            scene.world.sync().await;
            assert!(scene.app.count("POST") <= 3 * 28, "{on:?}: {:?}", scene.app.counts());
            let n_more = scene.app.log().len() - n_asked;
            assert!(n_more <= 8 * 28, "{on:?}: {n_more} more requests");
            scene.app.forget(rule);
            scene.world.wait(Duration::from_hours(1));
            scene.sync_well().await;
            assert_eq!(scene.names().len(), 103, "{on:?}");
            assert_eq!(scene.world.app().await.status(), Status::Active);
            scene.is_silent().await;
        }
    }
}

#[tokio::test]
async fn one_bad_person_fails_alone_with_growing_pauses() {
    let scene = Scene::new().await;
    let rule = scene
        .app
        .behave(Rule::from(Behaviour::Fails { status: 400, is_done: false }).on("POST").about("ada@"));
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures, &report.stopped), ("create 2", 1, &None));
    assert_eq!(report.failures[0].1, "the app answered 400: the request failed");
    for minutes in [1, 2, 4, 8] {
        scene.world.wait(Duration::from_secs(60 * minutes - 1));
        assert_eq!(scene.world.sync().await.n_failures, 0, "still waiting");
        scene.world.wait(Duration::from_secs(1));
        assert_eq!(scene.world.sync().await.n_failures, 1, "after {minutes} min");
    }
    assert_eq!(scene.n_events(EventKind::Failure).await, 5);
    assert_eq!(scene.world.app().await.status(), Status::Active);
    scene.app.forget(rule);
    assert_eq!(did(&scene.world.insist().await), "create 1");
    assert!(scene.world.account("ada@example.com").await.unwrap().failing.is_none());
    scene.is_silent().await;
}

#[tokio::test]
async fn a_run_that_lost_its_app_sends_nothing_more_and_records_nothing() {
    let scene = Scene::new().await;
    scene.world.has(&crowd(20)).await;
    let gate = Gate::closed();
    scene.app.behave(Behaviour::HeldAnswer(gate.clone()).on("POST").from_nth(5));
    let take_over = async {
        gate.arrived(8).await;
        let app = scene.world.app().await.id;
        let mut tx = scene.world.store.begin("test::take_over").await.unwrap();
        app::begin_run(&mut tx, &app, RunId::new("another")).await.unwrap();
        tx.commit().await.unwrap();
        let told = scene.world.events().await;
        gate.open();
        told
    };
    let (report, before) = tokio::join!(scene.world.sync(), take_over);
    assert!(report.stopped.unwrap().contains("another run"));
    assert_eq!(scene.app.count("POST"), 4 + 8, "only what was in flight");
    assert_eq!(scene.world.events().await, before, "nothing is recorded by a run that lost its app");
    scene.sync_well().await;
    assert_eq!(scene.names().len(), 20);
    assert_eq!(scene.world.events().await, [(EventKind::Create, 20)]);
    scene.is_silent().await;
}

#[tokio::test]
async fn turning_provisioning_off_in_mid_run_stops_before_the_next_write() {
    let scene = Scene::new().await;
    scene.world.has(&crowd(20)).await;
    let gate = Gate::closed();
    scene.app.behave(Behaviour::HeldAnswer(gate.clone()).on("POST").from_nth(5));
    let turn_off = async {
        gate.arrived(8).await;
        scene.world.turn_off().await;
        gate.open();
    };
    let (report, ()) = tokio::join!(scene.world.sync(), turn_off);
    assert!(report.stopped.unwrap().contains("turned off"));
    assert_eq!((scene.app.count("POST"), scene.names().len()), (12, 12));
    assert_eq!(scene.world.events().await, [(EventKind::Create, 12)]);
    for number in 1..=20 {
        let account = scene.world.account(&format!("p{number}@example.com")).await;
        assert!(account.is_none_or(|account| account.intent.is_none()), "intents are taken back");
    }
    scene.world.turn_on().await;
    assert_eq!(did(&scene.sync_well().await), "create 8");
    scene.is_silent().await;
}

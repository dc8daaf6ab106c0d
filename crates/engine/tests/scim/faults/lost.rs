//! A write whose answer never came: it is looked for, done if it was not, and told of once.

use std::time::Duration;

use serde_json::json;
use usher_model::app::Status;
use usher_store::event::EventKind;
use usher_testkit::builders::{User, id_of};
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::gate::Gate;

use super::{deleting, swapped};
use crate::scene::{Scene, ada, company, married, with_ada};
use crate::world::{beginning, days, did};

/// Ways to lose a write, and whether the app did it.
fn losses() -> Vec<(Behaviour, bool)> {
    let mut losses = vec![(Behaviour::LostAnswer, true), (Behaviour::LostRequest, false)];
    for is_done in [true, false] {
        losses.push((Behaviour::Fails { status: 500, is_done }, is_done));
        losses.push((Behaviour::Fails { status: 503, is_done }, is_done));
        losses.push((Behaviour::HtmlBadGateway { is_done }, is_done));
    }
    losses
}

/// The first such write about Ada is lost.
fn lose(scene: &Scene, loss: &Behaviour, method: &'static str, about: &str) {
    scene.app.behave(loss.clone().on(method).about(about).at(1));
}

#[tokio::test]
async fn a_lost_create_ends_in_one_account_and_one_event() {
    for (loss, is_done) in losses() {
        let scene = Scene::new().await;
        // An app that takes duplicates: only a look keeps us from making one.
        scene.app.behave(Behaviour::UniquenessNotEnforced);
        lose(&scene, &loss, "POST", "ada@");
        let report = scene.sync_well().await;
        assert_eq!(did(&report), "create 3", "in the same run, {loss:?}");
        assert_eq!(scene.names().len(), 3, "{loss:?}");
        assert_eq!(scene.app.count("POST"), if is_done { 3 } else { 4 }, "{loss:?}");
        assert_eq!(report.warnings.len(), 1, "it is said: {report:?}");
        assert_eq!(scene.world.events().await, [(EventKind::Create, 3)]);
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn a_lost_create_that_somebody_edited_is_ours_because_nothing_was_there_before() {
    let scene = Scene::new().await;
    scene.sync_well().await;
    scene.world.wait(Duration::from_hours(2));
    let max = || User::new("max@example.com");
    scene.world.has(&company().user(max())).await;
    lose(&scene, &Behaviour::LostAnswer, "POST", "max@");
    // The app is asked what it can do, and for him by external id and by name; after the loss he cannot be looked for.
    scene.app.behave(Behaviour::Unauthorized.on("GET").from_nth(4));
    let report = scene.world.sync().await;
    assert!(report.stopped.as_ref().is_some_and(|why| why.contains("401")), "{report:?}");
    scene.app.behave_well();
    scene.world.authorize(&scene.app.endpoint(), &scene.app.token()).await;
    scene.app.edit(&scene.id("max@example.com"), |account| account["displayName"] = json!("By Hand"));
    scene.world.has(&company().user(max().suspended())).await;
    scene.world.wait(days(1));
    assert_eq!(did(&scene.world.sync().await), "create 1, suspend 1");
    assert_eq!(scene.user("max@example.com")["active"], false);
}

#[tokio::test]
async fn an_account_that_nobody_could_ask_for_before_a_lost_create_was_not_made_by_it() {
    let scene = Scene::new().await;
    scene.sync_well().await;
    scene.world.wait(Duration::from_hours(2));
    let before = json!({"userName": "maximilian@example.com", "externalId": id_of("max@example.com")});
    let before = scene.insert(before);
    // Whoever asks for him is shown others, and the whole list has no end; only until the create is lost.
    scene.app.behave(Behaviour::FilterIgnored.on("GET").about("filter").first(2));
    scene.app.behave(Behaviour::ShortPages(1).on("GET").about("filter").first(2));
    scene.app.behave(Behaviour::CursorRepeats.on("GET").about("count=100").first(2));
    scene.app.behave(Behaviour::ShortPages(1).on("GET").about("count=100").first(2));
    lose(&scene, &Behaviour::LostRequest, "POST", "max@");
    scene.world.has(&company().user(User::new("max@example.com"))).await;
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("adopt 1", 0), "{report:?}");
    assert_eq!(scene.id("max@example.com"), before);
    assert_eq!(scene.n_events(EventKind::Create).await, 3, "nobody made him");
}

#[tokio::test]
async fn a_lost_create_is_looked_for_twice_before_it_is_sent_again() {
    let scene = Scene::new().await;
    lose(&scene, &Behaviour::LostRequest, "POST", "ada@");
    scene.sync_well().await;
    let waited = scene.world.sim.now().since(beginning());
    assert!(
        waited >= Duration::from_secs(2 * 20 + 5),
        "until nothing is in flight, and the pause: {waited:?}"
    );
    let looks = scene.app.log().iter().filter(|asked| asked.target.contains("userName%20eq")).count();
    assert_eq!(looks, 2 + 1, "two looks, and the new create asks once more");
}

#[tokio::test]
async fn a_lost_update_is_done_once_and_told_once() {
    for (loss, is_done) in losses() {
        let scene = Scene::settled().await;
        lose(&scene, &loss, "PATCH", "Byron");
        scene.world.has(&with_ada(married())).await;
        assert_eq!(did(&scene.sync_well().await), "update 1", "{loss:?}");
        assert_eq!(scene.user("ada@example.com")["displayName"], "Ada Byron");
        assert_eq!(scene.app.count("PATCH"), if is_done { 1 } else { 2 }, "{loss:?}");
        assert_eq!(scene.n_events(EventKind::Update).await, 1);
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn a_lost_suspension_and_a_lost_return_are_done_once_and_told_once() {
    for (loss, is_done) in losses() {
        let scene = Scene::settled().await;
        lose(&scene, &loss, "PATCH", "false");
        lose(&scene, &loss, "PATCH", "true");
        scene.world.has(&with_ada(ada().suspended())).await;
        assert_eq!(did(&scene.sync_well().await), "suspend 1", "{loss:?}");
        assert_eq!(scene.user("ada@example.com")["active"], false);
        scene.world.has(&company()).await;
        assert_eq!(did(&scene.sync_well().await), "unsuspend 1", "{loss:?}");
        assert_eq!(scene.user("ada@example.com")["active"], true);
        assert_eq!(scene.app.count("PATCH"), if is_done { 2 } else { 4 }, "{loss:?}");
        let told = [(EventKind::Create, 3), (EventKind::Suspend, 1), (EventKind::Unsuspend, 1)];
        assert_eq!(scene.world.events().await, told, "{loss:?}");
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn a_lost_delete_is_done_once_and_told_once() {
    for (loss, is_done) in losses() {
        let scene = Scene::settled().await;
        scene.world.configure(&deleting()).await;
        lose(&scene, &loss, "DELETE", "");
        scene.world.has(&with_ada(ada().suspended())).await;
        scene.sync_well().await;
        scene.world.wait(days(2));
        assert_eq!(did(&scene.sync_well().await), "delete 1", "{loss:?}");
        assert_eq!(scene.names(), ["bob@example.com", "eve@example.com"]);
        assert_eq!(scene.app.count("DELETE"), if is_done { 1 } else { 2 }, "{loss:?}");
        assert_eq!(scene.n_events(EventKind::HardDelete).await, 1, "{loss:?}");
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn a_lost_adoption_loses_no_change() {
    for (loss, _) in losses() {
        let scene = Scene::settled().await;
        // An account that was Zoe's before, as it stands after a configuration was deleted and made again.
        let zoe = json!({"userName": "zoe@example.com", "displayName": "Old",
            "externalId": id_of("zoe@example.com")});
        let id = scene.insert(zoe);
        scene.world.wait(Duration::from_hours(2));
        lose(&scene, &loss, "PATCH", "");
        scene.world.has(&company().people(["zoe@example.com"])).await;
        scene.sync_well().await;
        assert_eq!(scene.id("zoe@example.com"), id);
        assert_eq!(scene.user("zoe@example.com")["displayName"], "Zoe Example", "{loss:?}");
        let told = [(EventKind::Create, 3), (EventKind::Adopt, 1)];
        assert_eq!(scene.world.events().await, told, "{loss:?}");
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn a_lost_step_of_a_swap_ends_in_the_swap() {
    for (loss, _) in losses() {
        for nth in 1..=3 {
            let scene = Scene::settled().await;
            let (ada, bob) = (scene.id("ada@example.com"), scene.id("bob@example.com"));
            scene.app.behave(loss.clone().on("PATCH").at(nth));
            scene.world.has(&swapped()).await;
            scene.world.sync().await;
            scene.world.wait(Duration::from_mins(1));
            scene.sync_well().await;
            let now = (scene.id("bob@example.com"), scene.id("ada@example.com"));
            assert_eq!(now, (ada, bob), "{loss:?} at {nth}");
            scene.is_silent().await;
        }
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_lost_answer() {
    for hold in [Behaviour::HeldAnswer, Behaviour::HeldRequest] {
        let mut scene = Scene::new().await;
        scene.app.behave(Behaviour::UniquenessNotEnforced);
        scene.world.environment.request_timeout = Duration::from_millis(50);
        let gate = Gate::closed();
        scene.app.behave(hold(gate.clone()).on("POST").about("ada@").at(1));
        assert_eq!(did(&scene.sync_well().await), "create 3");
        gate.open();
        assert_eq!(scene.names().len(), 3);
        assert_eq!(scene.world.events().await, [(EventKind::Create, 3)]);
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn answers_that_are_lost_while_the_work_is_done_are_no_broad_failure() {
    let scene = Scene::new().await;
    scene.app.behave(Behaviour::LostAnswer.on("POST"));
    assert_eq!(did(&scene.sync_well().await), "create 3");
    assert_eq!(scene.world.app().await.status(), Status::Active);
}

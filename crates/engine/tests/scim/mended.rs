//! What failed is tried again at once when what it rested on has changed.

use usher_engine::report::RunRequest;
use usher_model::id::Email;
use usher_testkit::builders::{Directory, User};
use usher_testkit::scim::ScimServer;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::rule::Rule;

use crate::world::{World, did};

async fn scene() -> (World, ScimServer) {
    let server = ScimServer::start().await;
    let world = World::new().await;
    world.has(&Directory::new("example.com").people(["ada@example.com", "bob@example.com"])).await;
    world.connect(&server.endpoint(), &server.token()).await;
    server.behave(Rule::from(Behaviour::Fails { status: 400, is_done: false }).on("POST").about("Ada"));
    let report = world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("create 1", 1));
    (world, server)
}

fn mended() -> Directory {
    Directory::new("example.com")
        .people(["bob@example.com"])
        .user(User::new("ada@example.com").named("Augusta", "King"))
}

#[tokio::test]
async fn a_person_who_changed_is_not_made_to_wait() {
    let (world, _server) = scene().await;
    assert_eq!(did(&world.sync().await), "nothing", "unchanged, the failure is waited out");
    world.has(&mended()).await;
    assert_eq!(did(&world.sync().await), "create 1");
}

#[tokio::test]
async fn a_person_who_changed_right_after_the_failure_is_not_made_to_wait() {
    let (world, _server) = scene().await;
    world.has(&mended()).await;
    assert_eq!(did(&world.sync().await), "create 1");
}

#[tokio::test]
async fn a_configuration_that_changed_makes_nobody_wait() {
    let (world, server) = scene().await;
    server.behave_well();
    world.configure(&World::settings()).await;
    assert_eq!(did(&world.sync().await), "create 1");
}

#[tokio::test]
async fn nothing_is_kept_of_somebody_who_failed_and_is_not_entitled_any_more() {
    let (world, _server) = scene().await;
    assert!(world.account("ada@example.com").await.is_some());
    world
        .has(
            &Directory::new("example.com")
                .people(["bob@example.com"])
                .user(User::new("ada@example.com").suspended()),
        )
        .await;
    assert_eq!(did(&world.sync().await), "nothing");
    assert!(world.account("ada@example.com").await.is_none());
}

#[tokio::test]
async fn a_run_for_one_person_does_not_put_off_the_one_that_everybody_waits_for() {
    let (world, _server) = scene().await;
    world.has(&mended()).await;
    let due = world.app().await.next_run_at;
    let bob = RunRequest { user: Email::parse("bob@example.com").ok(), ..RunRequest::default() };
    world.try_run(&bob).await.unwrap();
    assert_eq!(world.app().await.next_run_at, due);
}

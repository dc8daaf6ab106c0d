//! What the template for Amazon Web Services asks of a run.

use std::time::Duration;

use serde_json::json;
use usher_engine::explain::explain;
use usher_model::app::Status;
use usher_model::id::Email;
use usher_store::event::{self, EventKind};
use usher_store::plan;
use usher_testkit::builders::{Directory, User};
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::setup::{Paging, Setup};

use crate::scene::{Scene, company};
use crate::world::{NAME, beginning, days, did};

/// An app that pages by cursor, as IAM Identity Center does where it sees one.
async fn by_cursor() -> Scene {
    Scene::aws(Setup { paging: Paging::Cursor, ..Setup::default() }).await
}

fn called(address: &str, full_name: &str) -> User {
    User::new(address).with("name", json!({"givenName": "Zoe", "familyName": "Ng", "fullName": full_name}))
}

fn with(user: User) -> Directory {
    company().user(user)
}

#[tokio::test]
async fn a_listing_that_was_not_paged_by_cursor_is_the_basis_of_nothing() {
    // Nobody's cursor is seen, and nothing says that the page may be cut off.
    let scene = Scene::aws(Setup { paging: Paging::Index, ..Setup::default() }).await;
    let ada = scene.insert(json!({"userName": "ada@example.com"}));
    assert_eq!(did(&scene.sync_well().await), "create 2, adopt 1");
    assert_eq!(scene.world.app().await.listed_at, None, "it was not believed, although it was short");
    assert_eq!(scene.id("ada@example.com"), ada, "each was asked for instead");
    assert_eq!(scene.app.users().len(), 3);
    scene.is_silent().await;

    let scene = by_cursor().await;
    assert_eq!(did(&scene.sync_well().await), "create 3");
    assert_eq!(scene.world.app().await.listed_at, Some(beginning()));
}

#[tokio::test]
async fn what_is_taken_out_of_a_name_is_said_by_plan_log_and_explain() {
    let scene = by_cursor().await;
    scene.world.has(&with(called("zoe@example.com", "Zo\u{7}e\u{8} Ng 👩\u{200D}🚀"))).await;
    let said = "2 control characters and 1 joiner of emoji were taken out of displayName";
    let preview = scene.world.preview().await;
    let mut tx = scene.world.store.read("tests::plan").await.unwrap();
    let rows = plan::rows(&mut tx, &preview.app.id, &preview.run, -1, 10).await.unwrap();
    let cleaned: Vec<_> = rows.iter().flat_map(|row| &row.cleaned).map(ToString::to_string).collect();
    assert_eq!(cleaned, [said]);
    drop(tx);

    scene.sync_well().await;
    assert_eq!(scene.user("zoe@example.com")["displayName"], "Zoe Ng 👩🚀");
    let email = Email::parse("zoe@example.com").unwrap();
    let (world, store) = (&scene.world, &scene.world.store);
    let explained = explain(store, &world.clock, &world.environment, NAME, &email, false).await.unwrap();
    assert_eq!(explained.cleaned.iter().map(ToString::to_string).collect::<Vec<_>>(), [said]);
    assert_eq!(explained.events[0].detail.as_deref(), Some(said));
    scene.is_silent().await;

    // What another change does not write is not said again.
    let renamed = called("zoe@example.com", "Zo\u{7}e\u{8} Ng 👩\u{200D}🚀").with(
        "name",
        json!({"givenName": "Zoë", "familyName": "Ng", "fullName": "Zo\u{7}e\u{8} Ng 👩\u{200D}🚀"}),
    );
    scene.world.has(&with(renamed)).await;
    assert_eq!(did(&scene.sync_well().await), "update 1");
    let mut tx = store.read("tests::events").await.unwrap();
    let last = event::page(&mut tx, &preview.app.id, None, 1).await.unwrap().remove(0);
    assert_eq!((last.kind, last.detail), (EventKind::Update, None));
}

#[tokio::test]
async fn a_person_whom_aws_would_refuse_fails_alone_and_before_anything_is_sent() {
    let scene = by_cursor().await;
    let hopeless = company()
        .user(called("a\u{200B}da@example.com", "Zoe"))
        .user(called("one@example.com", "AWSAdministrators"))
        .user(called("two@example.com", &"x".repeat(1025)))
        .user(called("three@example.com", "\u{200B}"));
    scene.world.has(&hopeless).await;
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("create 3", 4));
    let mut sentences: Vec<_> = report.failures.iter().map(|(_, why)| why.as_str()).collect();
    sentences.sort_unstable();
    for (sentence, part) in sentences.iter().zip([
        "displayName of one@example.com does not fit: the app keeps the name `AWSAdministrators` for itself",
        "displayName of three@example.com does not fit: it has nothing in it",
        "displayName of two@example.com does not fit: it has 1025 characters",
        "userName of a\u{200B}da@example.com does not fit: it has the character U+200B in it",
    ]) {
        assert!(sentence.starts_with(part), "{sentence}");
    }
    assert_eq!(scene.app.count("POST"), 3, "nothing was sent for the others");
}

#[tokio::test]
async fn an_app_that_refuses_or_turns_away_a_token_is_told_with_what_to_do() {
    let scene = by_cursor().await;
    scene.app.behave(Behaviour::Forbidden);
    let stopped = scene.world.sync().await.stopped.unwrap();
    for cause in ["rotated away", "ScimAllowSourceIps", "VpceAccessRequired", "primary Region"] {
        assert!(stopped.contains(cause), "{cause}: {stopped}");
    }
    let app = scene.world.app().await;
    assert_eq!((app.status(), app.quarantine.unwrap().why), (Status::Quarantined, stopped));
    let (endpoint, token) = (scene.app.endpoint(), scene.app.token());
    let refused = scene.world.authorize_from(&endpoint, &token, None).await.unwrap_err().to_string();
    assert!(refused.contains("(403)") && refused.contains("ScimAllowSourceIps"), "{refused}");

    scene.app.behave_well();
    scene.app.behave(Behaviour::Unauthorized);
    scene.world.wait(Duration::from_hours(1));
    let stopped = scene.world.sync().await.stopped.unwrap();
    let advice = "generate a new token in IAM Identity Center (Settings, Identity source, Actions, Manage provisioning, Generate token)";
    assert!(stopped.contains("(401)") && stopped.contains(advice), "{stopped}");
    let next =
        scene.world.try_run(&usher_engine::report::RunRequest::default()).await.unwrap_err().to_string();
    assert!(next.contains(advice), "{next}");
    let refused = scene.world.authorize_from(&endpoint, &token, None).await.unwrap_err().to_string();
    assert!(refused.contains("(401)") && refused.contains("generate a new one in IAM"), "{refused}");
}

#[tokio::test]
async fn a_token_is_as_old_as_somebody_says_or_as_its_first_use() {
    let scene = by_cursor().await;
    let (endpoint, token) = (scene.app.endpoint(), scene.app.token());
    let age = async || scene.world.app().await.token_created_at;
    assert_eq!(age().await, Some(beginning()), "given now, it counts as generated now");
    scene.world.wait(days(100));
    scene.world.authorize_from(&endpoint, &token, None).await.unwrap();
    assert_eq!(age().await, Some(beginning()), "the same one, given again, is no younger");
    let before = beginning().before(days(30));
    scene.world.authorize_from(&endpoint, &token, Some(before)).await.unwrap();
    assert_eq!(age().await, Some(before), "a person knows better");
    let to_come = Some(beginning() + days(101));
    let refused = scene.world.authorize_from(&endpoint, &token, to_come).await.unwrap_err().to_string();
    assert!(refused.contains("still to come"), "{refused}");
    scene.app.set_token("another");
    scene.world.authorize_from(&endpoint, "another", None).await.unwrap();
    assert_eq!(age().await, Some(beginning() + days(100)));
}

#[tokio::test]
async fn a_token_that_is_said_to_have_ended_is_refused_before_the_app_is_asked() {
    let scene = by_cursor().await;
    let (endpoint, token) = (scene.app.endpoint(), scene.app.token());
    scene.world.wait(days(365));
    // A day alone may mean its last hour.
    scene.world.authorize_from(&endpoint, &token, Some(beginning())).await.unwrap();
    scene.app.clear_log();
    scene.world.wait(days(1));
    let refused =
        scene.world.authorize_from(&endpoint, &token, Some(beginning())).await.unwrap_err().to_string();
    let (began, ended) = (beginning().date(), (beginning() + days(365)).date());
    let said = format!("a token that was generated on {began} expired on {ended}: generate a new one in IAM");
    assert!(refused.starts_with(&said) && refused.ends_with("give the day on which this one was generated"));
    assert_eq!(scene.app.log().len(), 0);
    let younger = beginning() + days(2);
    scene.world.authorize_from(&endpoint, &token, Some(younger)).await.unwrap();
    assert_eq!(scene.world.app().await.token_created_at, Some(younger));
}

//! One person, one membership, the customer, the log of administrators, push channels.

use std::time::Duration;

use serde_json::json;
use usher_emulator::exchange::{Outcome, Request};
use usher_emulator::workspace::fault::Fault;
use usher_engine::google::error::GoogleError;
use usher_engine::google::lookup::Membership;
use usher_engine::google::method::ApiMethod;
use usher_protocol::directory::channel::{Channel, UserEvent};
use usher_protocol::directory::request::UserFields;
use usher_protocol::reports::activity::{Event, Touched};
use usher_testkit::workspace::ADMIN;

use crate::scene::{Scene, count, group};

/// An edit by the administrator.
async fn edit(scene: &Scene, http: &str, target: &str, body: &serde_json::Value) {
    let scopes = ["https://www.googleapis.com/auth/admin.directory.user"];
    let token = scene.server.workspace.access_token(ADMIN, &scopes).await.unwrap();
    let request = Request::new(http, &format!("/admin/directory/v1/{target}"))
        .with_header("Authorization", &format!("Bearer {token}"))
        .with_header("Content-Type", "application/json")
        .with_body(body.to_string());
    let Outcome::Answered(response) = scene.server.workspace.answer(request).await else {
        panic!("no answer")
    };
    assert!(response.status < 300, "{}: {}", response.status, String::from_utf8_lossy(&response.body));
}

#[tokio::test]
async fn a_person_is_found_by_id_alone() {
    let scene = Scene::of(2, 0, 0).await;
    let (client, fields) = (scene.client(), UserFields::of(["name"]));
    let users = client.users(&fields).next().await.unwrap().unwrap().items;
    let id = users[0].id().unwrap();
    let found = client.user_by_id(id, &fields).await.unwrap().unwrap();
    assert_eq!(found.primary_email(), users[0].primary_email());
    assert_eq!(client.user_by_id("999999999999999999999", &fields).await.unwrap(), None);
    let by_address = client.user_by_id(ADMIN, &fields).await.unwrap_err();
    assert!(matches!(by_address, GoogleError::Useless { .. }), "{by_address}");
    scene.break_always("directory.users.get", Fault::Html { status: 404 });
    let page = client.user_by_id(id, &fields).await.unwrap_err();
    assert!(matches!(page, GoogleError::Garbled { .. }), "a page of HTML makes nobody vanish: {page}");
}

#[tokio::test]
async fn only_googles_word_says_that_somebody_is_no_member() {
    let scene = Scene::of(2, 2, 1).await;
    let client = scene.client();
    let has = async |group: &str, member: &str| client.has_member(group, member).await.unwrap();
    assert_eq!(has(&group(0), "u0@example.com").await, Membership::Member);
    assert_eq!(has(&group(0), "u1@example.com").await, Membership::NotAMember);
    assert_eq!(has("none@example.com", "u1@example.com").await, Membership::Unsaid);
    assert_eq!(has(&group(0), "nobody@elsewhere.org").await, Membership::Unsaid);
}

#[tokio::test]
async fn a_group_that_does_not_exist_is_no_empty_one() {
    let scene = Scene::new().await;
    let client = scene.client();
    let failed = count(client.members("none@example.com")).await.unwrap_err();
    assert!(matches!(failed, GoogleError::NotFound { .. }), "{failed}");
    for nothing in ["", ".", ".."] {
        let failed = count(client.members(nothing)).await.unwrap_err();
        assert!(matches!(failed, GoogleError::NoKey { .. }), "{failed}");
    }
}

#[tokio::test]
async fn the_customer_is_the_administrators_own() {
    let scene = Scene::new().await;
    let customer = scene.client().customer().await.unwrap();
    assert_eq!(customer.id, scene.server.workspace.summary().await.unwrap().customer);
    assert_eq!(customer.customer_domain.as_deref(), Some("example.com"));
}

#[tokio::test]
async fn the_log_of_administrators_says_about_whom_to_look_since_an_instant() {
    let scene = Scene::of(2, 0, 0).await;
    let client = scene.client();
    let suspended = json!({ "suspended": true });
    edit(&scene, "PATCH", "users/u0@example.com", &suspended).await;
    scene.sim.advance(Duration::from_mins(1));
    let since = scene.sim.now();
    edit(&scene, "PATCH", "users/u1@example.com", &suspended).await;
    let mut pages = client.activities(since);
    let page = pages.next().await.unwrap().unwrap();
    assert!(pages.next().await.unwrap().is_none());
    let touched: Vec<_> =
        page.items.iter().flat_map(|entry| &entry.events).flat_map(Event::touched).collect();
    assert_eq!(touched, [Touched::User("u1@example.com".to_owned())]);
    assert_eq!(client.counts()[&ApiMethod::ActivitiesList], 1, "one call when there is little");
}

#[tokio::test]
async fn a_push_channel_is_opened_and_ended() {
    let scene = Scene::new().await;
    let client = scene.client();
    let channel = Channel {
        id: "6f9c1f0e-0000-7000-8000-000000000001".to_owned(),
        address: "https://usher.example.com/google".to_owned(),
        token: "s3cret".to_owned(),
        ttl_seconds: 3_600,
    };
    let opened = client.watch_users(UserEvent::Update, &channel).await.unwrap();
    assert_eq!(scene.server.workspace.channels().len(), 1);
    let again = client.watch_users(UserEvent::Update, &channel).await.unwrap_err();
    assert!(again.to_string().contains("channelIdNotUnique"), "{again}");
    client.stop_channel(&opened.id, &opened.resource_id).await.unwrap();
    assert!(scene.server.workspace.channels().is_empty());
    client.stop_channel(&opened.id, &opened.resource_id).await.unwrap();
}

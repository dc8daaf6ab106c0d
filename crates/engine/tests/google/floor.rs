//! A whole listing takes as few calls as it can, and no more in a minute than Google takes.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use usher_engine::google::client::GoogleClient;
use usher_engine::google::method::ApiMethod;
use usher_protocol::directory::request::UserFields;
use usher_protocol::oauth::SCOPES;

use crate::scene::{Scene, count, group, user};

#[tokio::test]
async fn a_whole_listing_takes_as_few_calls_as_it_can() {
    let scene = Scene::of(1_203, 203, 0).await;
    let gone: Vec<_> = (0..501)
        .map(|n| {
            let mut user = user(&format!("gone{n}"));
            user["deletionTime"] = json!("2026-11-20T00:00:00.000Z");
            user
        })
        .collect();
    let members: Vec<_> = (0..401).map(|n| json!({ "email": format!("u{n}@example.com") })).collect();
    scene.server.seed(&json!({ "users": gone, "members": { (group(0)): members } })).await;
    let (client, fields) = (scene.client(), UserFields::of(["name"]));
    assert_eq!(count(client.users(&fields)).await.unwrap(), 1_204);
    assert_eq!(count(client.deleted_users(&fields)).await.unwrap(), 501);
    assert_eq!(count(client.groups()).await.unwrap(), 203);
    assert_eq!(count(client.members(&group(0))).await.unwrap(), 401);
    assert_eq!(count(client.members(&group(1))).await.unwrap(), 0);
    count(client.org_units()).await.unwrap();
    count(client.domains()).await.unwrap();
    count(client.schemas()).await.unwrap();
    let counts = client.counts();
    let calls = [
        (ApiMethod::UsersList, 3 + 2),
        (ApiMethod::GroupsList, 2),
        (ApiMethod::MembersList, 3 + 1),
        (ApiMethod::OrgUnitsList, 1),
        (ApiMethod::DomainsList, 1),
        (ApiMethod::SchemasList, 1),
    ];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), {
        let mut calls = calls.to_vec();
        calls.sort_unstable();
        calls
    });
    for (method, n) in calls {
        assert_eq!(scene.asked(method.name()), n, "{method}");
    }
    assert_eq!(scene.asked("oauth.token"), 1, "one token for all of them");
}

#[tokio::test]
async fn independent_lists_are_read_beside_each_other_at_the_same_cost() {
    let scene = Scene::of(3, 40, 2).await;
    let client = Arc::new(scene.client());
    let mut lists = JoinSet::new();
    for n in 0..40 {
        let client = Arc::clone(&client);
        lists.spawn(async move { count(client.members(&group(n))).await.unwrap() });
    }
    assert_eq!(lists.join_all().await, [2; 40]);
    assert_eq!(scene.asked("directory.members.list"), 40);
    assert_eq!(scene.asked("oauth.token"), 1);
}

#[tokio::test]
async fn a_large_directory_is_asked_no_faster_than_google_takes() {
    let scene = Scene::of(0, 3_000, 0).await;
    let mut sign_in = scene.sign_in(scene.delegated());
    sign_in.carrier = scene.server.in_process();
    let client = GoogleClient::open(sign_in, SCOPES.to_vec(), None).unwrap();
    let (began, mut asked_at) = (scene.sim.now(), Vec::new());
    for n in 0..3_000 {
        count(client.members(&group(n))).await.unwrap();
        asked_at.push(scene.sim.now());
    }
    assert_eq!(client.counts()[&ApiMethod::MembersList], 3_000, "none was refused and asked again");
    for most in asked_at.windows(2_400) {
        assert!(most[2_399].since(most[0]) > Duration::from_mins(1), "2,400 in a minute");
    }
    assert_eq!(asked_at[299], began, "a small directory is read at once");
    let took = asked_at[2_999].since(began);
    assert!(took < Duration::from_secs(90), "3,000 calls took {took:?}");
}

#[tokio::test]
async fn custom_schemas_are_asked_for_only_where_they_are_mapped() {
    let scene = Scene::of(1, 0, 0).await;
    let client = scene.client();
    for fields in [UserFields::of(["name"]), UserFields::of(["customSchemas"])] {
        count(client.users(&fields)).await.unwrap();
    }
    let requests = scene.server.workspace.requests(0, 100);
    let lists: Vec<_> =
        requests.iter().filter(|request| request.method.as_deref() == Some("directory.users.list")).collect();
    assert!(lists[0].target.contains("projection=basic"), "{}", lists[0].target);
    assert!(lists[1].target.contains("projection=full"), "{}", lists[1].target);
}

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::proxy::Proxy;

fn user(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

#[tokio::test]
async fn e2e_each_tenant_is_an_app_of_its_own() {
    let server = Scim2Server::start();
    for name in ["ada@x", "bob@x"] {
        let created = server.client("one").send("POST", "/Users", Some(&user(name))).await.unwrap();
        assert_eq!(created.status, 201);
    }
    let users = server.users("one").await;
    let names: BTreeSet<_> = users.iter().filter_map(|user| user["userName"].as_str()).collect();
    assert_eq!(names, BTreeSet::from(["ada@x", "bob@x"]));
    assert_eq!(server.users("two").await.len(), 0);
    assert_eq!(server.groups("one").await.len(), 0);
    let stranger = Client::new(&server.endpoint("one"), None);
    assert_eq!(stranger.get("/Users").await.unwrap().status, 401);
}

#[tokio::test]
async fn e2e_it_answers_through_the_proxy() {
    let server = Scim2Server::start();
    let proxy = Proxy::start(&server.endpoint("one")).await;
    let client = Client::new(&proxy.endpoint(), Some(server.token()));
    for name in ["ada@x", "bob@x"] {
        assert_eq!(client.send("POST", "/Users", Some(&user(name))).await.unwrap().status, 201);
    }
    assert_eq!(proxy.count("POST"), 2);
    assert_eq!(server.users("one").await.len(), 2);
}

#[tokio::test]
async fn e2e_dropping_it_ends_the_process() {
    let server = Scim2Server::start();
    let client = server.client("one");
    assert_eq!(client.get("/Users").await.unwrap().status, 200);
    drop(server);
    client.get("/Users").await.unwrap_err();
}

#[test]
#[should_panic(expected = "set USHER_TEST_VENV, or run `cargo xtask test`, which makes one")]
fn without_an_environment_it_says_what_to_do() {
    venv(None);
}

#[test]
#[should_panic(expected = "failed to start")]
fn a_wrong_environment_is_named() {
    Scim2Server::start_in(Path::new("no-such-environment"));
}

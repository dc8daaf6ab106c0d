use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::*;
use crate::http::Client;
use crate::scim::ScimServer;

fn user(name: &str) -> serde_json::Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

async fn app_behind_proxy() -> (ScimServer, Proxy, Client) {
    let app = ScimServer::start().await;
    let proxy = Proxy::start(&app.endpoint()).await;
    let client = Client::new(&proxy.endpoint(), Some(&app.token()));
    (app, proxy, client)
}

#[tokio::test]
async fn requests_and_answers_pass_unchanged_and_are_recorded() {
    let (app, proxy, client) = app_behind_proxy().await;
    let created = client.send("POST", "/Users", Some(&user("ada@x"))).await.unwrap();
    assert_eq!((created.status, created.header("content-type")), (201, Some("application/scim+json")));
    assert_eq!(client.get("/Users/nobody?a=%20b").await.unwrap().status, 404);

    assert_eq!(app.log()[0].body, user("ada@x"));
    let passed = proxy.requests();
    assert_eq!(passed[0].body, user("ada@x").to_string().into_bytes());
    assert_eq!(passed[0].answer, Some(PassedAnswer { status: 201, body: created.body }));
    assert_eq!((passed[1].number, passed[1].target.as_str()), (2, "/scim/v2/Users/nobody?a=%20b"));
    assert_eq!((proxy.count("POST"), proxy.count("GET"), proxy.count("PATCH")), (1, 1, 0));
    proxy.asked(2).await;
}

#[tokio::test]
async fn what_breaks_before_is_not_done_and_what_breaks_after_is() {
    let (app, proxy, client) = app_behind_proxy().await;
    proxy.at(1, Moment::Before, |_| Pass::Break);
    proxy.at(2, Moment::After, |passed| {
        assert_eq!(passed.answer.as_ref().unwrap().status, 201);
        Pass::Break
    });
    for name in ["before@x", "after@x"] {
        client.send("POST", "/Users", Some(&user(name))).await.unwrap_err();
    }
    assert_eq!(app.user_by_name("before@x"), None);
    assert!(app.user_by_name("after@x").is_some());
    assert_eq!(proxy.requests()[0].answer, None);
}

#[tokio::test]
async fn a_hook_is_called_once_and_may_let_the_request_pass() {
    let (_app, proxy, client) = app_behind_proxy().await;
    let called = Arc::new(AtomicU64::new(0));
    let seen = called.clone();
    proxy.at(2, Moment::Before, move |passed| {
        seen.fetch_add(passed.number, Ordering::SeqCst);
        Pass::On
    });
    for _ in 0..3 {
        assert_eq!(client.get("/Users").await.unwrap().status, 200);
    }
    assert_eq!(called.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let (app, proxy, _) = app_behind_proxy().await;
    let stream = tokio::net::TcpStream::connect(proxy.listening.address()).await.unwrap();
    let handshake = hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    let asking = async move {
        for _ in 0..2 {
            let request = Request::get("/scim/v2/Users").body(http_body_util::Empty::<Bytes>::new()).unwrap();
            let answer = sender.send_request(request).await.unwrap();
            assert_eq!(answer.status(), 401);
            answer.into_body().collect().await.unwrap();
        }
    };
    let (ended, ()) = tokio::join!(connection, asking);
    ended.unwrap();
    assert_eq!(app.count("GET"), 2);
}

#[tokio::test]
async fn the_record_of_a_body_is_bounded_and_the_body_is_not() {
    let (app, proxy, client) = app_behind_proxy().await;
    let mut long = user("ada@x");
    long["title"] = "x".repeat(2 * RECORDED_BODY_BYTES).into();
    assert_eq!(client.send("POST", "/Users", Some(&long)).await.unwrap().status, 201);
    assert_eq!(proxy.requests()[0].body.len(), RECORDED_BODY_BYTES);
    assert_eq!(app.users()[0]["title"], long["title"]);
}

#[tokio::test]
async fn without_a_server_there_is_no_answer() {
    let (app, proxy, client) = app_behind_proxy().await;
    app.stop().await;
    client.get("/Users").await.unwrap_err();
    assert_eq!(proxy.requests()[0].answer, None);
    proxy.stop().await;
}

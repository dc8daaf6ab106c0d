//! Answers that Google does not give, and that are believed by nobody: lists without end, in circles, of nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use usher_engine::carrier::{Carrier, Message};
use usher_engine::endpoint::Reachable;
use usher_engine::google::address::Roots;
use usher_engine::google::ambient::{Ambient, Surroundings};
use usher_engine::google::client::GoogleClient;
use usher_engine::google::credential::Credential;
use usher_engine::google::error::GoogleError;
use usher_engine::google::sign_in::SignIn;
use usher_engine::transport::TransportError;
use usher_model::time::Timestamp;
use usher_protocol::directory::error::ApiError;
use usher_protocol::directory::request::UserFields;
use usher_protocol::http::Response;
use usher_protocol::http::retry_after::RetryAfter;
use usher_protocol::oauth::SCOPES;
use usher_testkit::clock::SimClock;

use crate::scene::{Scene, count};

/// Answers the nth request with what it is told to.
struct Liar {
    answer: Box<dyn Fn(u64) -> Response + Send + Sync>,
    n_asked: AtomicU64,
}

impl std::fmt::Debug for Liar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Liar")
    }
}

#[async_trait]
impl Carrier for Liar {
    async fn carry(&self, _message: &Message<'_>, _timeout: Duration) -> Result<Response, TransportError> {
        let n = self.n_asked.fetch_add(1, Ordering::Relaxed);
        Ok((self.answer)(n))
    }
}

/// A client of a liar who says that all is well.
async fn client(answer: impl Fn(u64) -> Value + Send + Sync + 'static) -> GoogleClient {
    client_of(move |n| Response::json(200, &answer(n))).await
}

/// A client of a liar. It signs its own tokens, so that the liar is asked for what it lies about alone.
async fn client_of(answer: impl Fn(u64) -> Response + Send + Sync + 'static) -> GoogleClient {
    let reachable = Reachable::default();
    let sign_in = SignIn {
        carrier: Arc::new(Liar { answer: Box::new(answer), n_asked: AtomicU64::new(0) }),
        clock: Arc::new(SimClock::at(Timestamp::parse("2026-11-23T09:00:00Z").unwrap()).auto_advancing()),
        credential: Credential::role(&Scene::new().await.server.key_text(), reachable).unwrap(),
        ambient: Ambient::of(&Surroundings::default(), reachable),
        roots: Roots::of(None, reachable).unwrap(),
        timeout: Duration::from_secs(20),
    };
    GoogleClient::open(sign_in, SCOPES.to_vec(), Some("C0000001")).unwrap()
}

fn page(ids: &[u64], token: &str) -> Value {
    let users: Vec<_> = ids.iter().map(|id| json!({ "id": id.to_string() })).collect();
    json!({ "kind": "admin#directory#users", "users": users, "nextPageToken": token })
}

async fn listed(answer: impl Fn(u64) -> Value + Send + Sync + 'static) -> GoogleError {
    count(client(answer).await.users(&UserFields::of([]))).await.unwrap_err()
}

#[tokio::test]
async fn a_server_that_says_when_to_come_back_is_believed_up_to_a_point() {
    let after = |seconds| {
        client_of(move |n| {
            let busy = ApiError::new(429, "rateLimitExceeded", "Rate Limit Exceeded").to_json();
            let retry_after = Some(RetryAfter::Span(Duration::from_secs(seconds)));
            let page = Response::json(200, &page(&[1], ""));
            if n == 0 { Response { retry_after, ..Response::json(429, &busy) } } else { page }
        })
    };
    let patient = after(120).await;
    let began = patient.sign_in().clock.now();
    assert_eq!(count(patient.users(&UserFields::of([]))).await.unwrap(), 1);
    assert_eq!(patient.sign_in().clock.now().since(began), Duration::from_mins(2));
    let hour = after(3_600).await;
    let failed = count(hour.users(&UserFields::of([]))).await.unwrap_err();
    assert!(matches!(failed, GoogleError::Busy { n_tries: 1, .. }), "{failed}");
    assert_eq!(hour.sign_in().clock.now(), began, "nobody waits for an hour within a run");
}

#[tokio::test]
async fn page_tokens_in_a_circle_end() {
    let one = listed(|n| page(&[n], "same")).await;
    assert!(one.to_string().contains("leads in a circle"), "{one}");
    let three = listed(|n| page(&[n], &(n % 3).to_string())).await;
    assert!(matches!(three, GoogleError::Circle { .. }), "{three}");
}

#[tokio::test]
async fn empty_pages_without_end_end() {
    let failed = listed(|n| page(&[], &n.to_string())).await;
    assert!(matches!(failed, GoogleError::Endless { n_empty: 20, .. }), "{failed}");
}

#[tokio::test]
async fn empty_pages_between_others_are_read_over() {
    let client = client(|n| {
        if n < 200 { page(if n % 2 == 0 { &[1] } else { &[] }, &n.to_string()) } else { page(&[7], "") }
    });
    let n = count(client.await.users(&UserFields::of([]))).await.unwrap();
    assert_eq!(n, 101);
}

#[tokio::test]
async fn somebody_without_an_id_ends_the_list() {
    for nobody in [json!({ "primaryEmail": "a@example.com" }), json!({ "id": "" })] {
        let failed =
            listed(move |_| json!({ "kind": "admin#directory#users", "users": [{ "id": "1" }, nobody] }))
                .await;
        assert!(matches!(failed, GoogleError::NoId { .. }), "{failed}");
    }
}

#[tokio::test]
async fn another_list_is_no_empty_one() {
    for other in [json!({}), json!([]), json!({ "kind": "admin#directory#groups" }), json!({ "users": 1 })] {
        let failed = listed(move |_| other.clone()).await;
        assert!(matches!(failed, GoogleError::List { .. }), "{failed}");
        assert!(!failed.is_passing());
    }
}

#[tokio::test]
async fn an_answer_about_somebody_else_confirms_nothing() {
    let client = client(|_| json!({ "id": "2" })).await;
    let other = client.user_by_id("1", &UserFields::of([])).await.unwrap_err();
    assert!(matches!(other, GoogleError::Useless { .. }), "{other}");
    let unsaid = client.has_member("g", "1").await.unwrap_err();
    assert!(matches!(unsaid, GoogleError::Useless { .. }), "{unsaid}");
}

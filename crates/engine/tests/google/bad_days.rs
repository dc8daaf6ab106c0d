//! Google's bad days (reference §1.14): each is waited out, or given up in a sentence, and never taken for an empty list.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use usher_emulator::when::When;
use usher_emulator::workspace::fault::{ErrorReason, Fault, FaultRule};
use usher_engine::google::client::GoogleClient;
use usher_engine::google::error::GoogleError;
use usher_engine::google::method::ApiMethod;
use usher_model::time::Timestamp;
use usher_protocol::directory::request::UserFields;
use usher_protocol::oauth::SCOPES;
use usher_testkit::clock::SimClock;

use crate::scene::{Scene, count, error};

const LIST: &str = "directory.users.list";

#[tokio::test]
async fn what_passes_is_waited_out() {
    let bad_days = [
        error(503, ErrorReason::BackendError),
        error(500, ErrorReason::InternalError),
        error(403, ErrorReason::UserRateLimitExceeded),
        error(403, ErrorReason::QuotaExceeded),
        error(429, ErrorReason::RateLimitExceeded),
        Fault::Html { status: 502 },
        Fault::Html { status: 200 },
        Fault::LostRequest,
        Fault::LostAnswer,
    ];
    for fault in bad_days {
        let scene = Scene::of(600, 0, 0).await;
        let midway =
            FaultRule { page: Some(2), when: When::Next { n: 3 }, ..FaultRule::always(LIST, fault.clone()) };
        scene.server.workspace.add_fault(midway).unwrap();
        let began = scene.sim.now();
        let (client, fields) = (scene.client(), UserFields::of([]));
        assert_eq!(count(client.users(&fields)).await.unwrap(), 601, "{fault:?}");
        assert_eq!(client.counts()[&ApiMethod::UsersList], 5, "{fault:?}");
        let took = scene.sim.now().since(began);
        // 1, 2 and 4 seconds, each with up to a second of chance.
        assert!(took >= Duration::from_secs(7) && took < Duration::from_secs(11), "{fault:?}: {took:?}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_given_up_and_never_an_empty_list() {
    let bad_days = [
        (error(503, ErrorReason::BackendError), 7, "is not answered for now"),
        (error(403, ErrorReason::QuotaExceeded), 7, "is not answered for now"),
        (error(429, ErrorReason::RateLimitExceeded), 7, "is not answered for now"),
        (Fault::Html { status: 503 }, 7, "was answered 503 with something that is not JSON"),
        (Fault::Html { status: 200 }, 7, "was answered 200 with something that is not JSON"),
        (Fault::Html { status: 404 }, 3, "was answered 404 with something that is not JSON"),
        (Fault::LostAnswer, 7, "cannot be reached"),
    ];
    for (fault, n_tries, said) in bad_days {
        let scene = Scene::of(3, 0, 0).await;
        scene.break_always(LIST, fault.clone());
        let (client, fields) = (scene.client(), UserFields::of([]));
        let failed = count(client.users(&fields)).await.unwrap_err();
        assert!(failed.to_string().contains(said), "{fault:?}: {failed}");
        assert!(failed.is_passing() && !failed.needs_an_administrator(), "{fault:?}");
        assert_eq!(client.counts()[&ApiMethod::UsersList], n_tries, "{fault:?}");
    }
}

#[tokio::test]
async fn a_list_that_broke_off_is_never_over() {
    let scene = Scene::of(600, 0, 0).await;
    scene.break_always(LIST, Fault::ExpiredPageToken);
    let (client, fields) = (scene.client(), UserFields::of([]));
    let mut pages = client.users(&fields);
    assert_eq!(pages.next().await.unwrap().unwrap().items.len(), 500);
    let failed = pages.next().await.unwrap_err();
    assert_eq!(failed, GoogleError::PageToken { method: ApiMethod::UsersList });
    for _ in 0..2 {
        let broken = pages.next().await.unwrap_err();
        assert_eq!(broken, GoogleError::Broken { method: ApiMethod::UsersList });
    }
    assert_eq!(client.counts()[&ApiMethod::UsersList], 2);
}

#[tokio::test]
async fn short_pages_take_more_calls_and_lose_nobody() {
    let scene = Scene::of(100, 0, 0).await;
    scene.break_always(LIST, Fault::ShortPage { most: 30 });
    let (client, fields) = (scene.client(), UserFields::of([]));
    assert_eq!(count(client.users(&fields)).await.unwrap(), 101);
    assert_eq!(client.counts()[&ApiMethod::UsersList], 4);
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_waited_for() {
    let scene = Scene::of(0, 30, 0).await;
    scene.set(|settings| settings.queries_per_minute = Some(10));
    let client = scene.client();
    for n in 0..15 {
        count(client.members(&crate::scene::group(n))).await.unwrap();
    }
    assert!(client.counts()[&ApiMethod::MembersList] > 15);
}

#[tokio::test]
async fn the_token_endpoints_bad_days_are_waited_out_too() {
    for fault in [error(503, ErrorReason::BackendError), Fault::Html { status: 502 }, Fault::LostAnswer] {
        let scene = Scene::of(1, 0, 0).await;
        scene.break_next("oauth.token", 2, fault.clone());
        let (client, fields) = (scene.client(), UserFields::of([]));
        assert_eq!(count(client.users(&fields)).await.unwrap(), 2, "{fault:?}");
        assert_eq!(scene.asked("oauth.token"), 3, "{fault:?}");
        let scene = Scene::of(1, 0, 0).await;
        scene.break_always("oauth.token", fault.clone());
        let failed = count(scene.client().users(&fields)).await.unwrap_err();
        assert!(failed.is_passing(), "{fault:?}: {failed}");
        assert_eq!(scene.asked("oauth.token"), 4, "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_asked_for_again() {
    let scene = Scene::of(1, 0, 0).await;
    scene.break_next(LIST, 2, Fault::Slow { millis: 21_000 });
    let mut sign_in = scene.sign_in(scene.delegated());
    sign_in.carrier = scene.server.in_process();
    let (client, fields) = (GoogleClient::open(sign_in, SCOPES.to_vec(), None).unwrap(), UserFields::of([]));
    assert_eq!(count(client.users(&fields)).await.unwrap(), 2);
    assert_eq!(client.counts()[&ApiMethod::UsersList], 3);
}

#[tokio::test]
async fn who_came_too_fast_makes_all_wait() {
    let sim = SimClock::at(Timestamp::parse("2026-11-23T09:00:00Z").unwrap());
    let scene = Scene::under(sim.clone()).await;
    let client = Arc::new(scene.client());
    scene.break_next("directory.groups.list", 1, error(429, ErrorReason::RateLimitExceeded));
    let (one, other) = (Arc::clone(&client), Arc::clone(&client));
    let mut lists = JoinSet::new();
    lists.spawn(async move { count(one.groups()).await.unwrap() });
    sim.sleeping(1).await;
    lists.spawn(async move { count(other.domains()).await.unwrap() });
    tokio::select! {
        () = sim.sleeping(2) => {}
        _ = lists.join_next() => panic!("somebody did not wait"),
    }
    assert_eq!(scene.asked("directory.domains.list"), 0);
    sim.advance(Duration::from_secs(2));
    lists.join_all().await;
    assert_eq!(scene.asked("directory.domains.list"), 1);
    assert_eq!(scene.asked("directory.groups.list"), 2);
}

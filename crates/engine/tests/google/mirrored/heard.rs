//! How news from the audit log come to an app.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use usher_emulator::workspace::fault::{ErrorReason, Fault, FaultRule};
use usher_engine::google::method::ApiMethod;
use usher_engine::mirror::{feed, keep};
use usher_engine::schedule;
use usher_engine::turns::Turns;
use usher_model::directory::UserState;
use usher_model::operation::Kind;
use usher_protocol::http::Method;
use usher_store::directory;
use usher_testkit::clock::SimClock;

use super::{scoped, seed, settled};
use crate::office::{Office, beginning};
use crate::scene::error;

#[tokio::test]
async fn a_change_reaches_identity_center_through_the_feed_within_half_a_minute() {
    let office = settled(6).await;
    let poll =
        || feed::poll(&office.store, office.clock.as_ref(), (&office.log, &office.client), &office.directory);
    poll().await.unwrap();
    office.suspend("u0@example.com").await;
    let happened_at = office.sim.now();
    let before = office.client.counts();
    office.sim.advance(keep::POLL_EVERY);
    let polled = poll().await.unwrap();
    assert!(polled.is_changed && !polled.wants_listing, "{polled:?}");
    assert_eq!(office.run().await.operations, [(Kind::Suspend, 1)].into());
    assert!(office.sim.now().since(happened_at) < keep::POLL_EVERY + Duration::from_secs(2));
    let calls = |method| {
        office.client.counts().get(&method).copied().unwrap_or(0) - before.get(&method).copied().unwrap_or(0)
    };
    assert_eq!((calls(ApiMethod::UsersGet), calls(ApiMethod::UsersList)), (1, 0), "of them alone");
    let quiet = office.log.counts()[&ApiMethod::ActivitiesList];
    let again = poll().await.unwrap();
    assert_eq!((again.n_entries, again.is_changed), (0, false), "what was taken in is known");
    assert_eq!(office.log.counts()[&ApiMethod::ActivitiesList], quiet + 1, "one call when quiet");
}

/// A server hears within minutes that somebody was suspended, and lists nobody again for it.
async fn is_heard_by_a_server(office: &Office, push_address: Option<&str>) {
    office.connect().await;
    let stop = CancellationToken::new();
    let (store, clock, environment) = (&office.store, &office.clock, &office.environment);
    let ticks = async || {
        office.sim.sleeping(2).await;
        office.sim.advance(Duration::from_secs(1));
    };
    let driven = async {
        while office.aws.users().await.len() < 7 {
            ticks().await;
        }
        let n_lists = office.server.workspace.counters().of("directory.users.list");
        office.suspend("u0@example.com").await;
        while !office.aws.users().await.iter().any(|user| user["active"] == false) {
            ticks().await;
        }
        assert_eq!(office.server.workspace.counters().of("directory.users.list"), n_lists);
        stop.cancel();
    };
    let kept = keep::serve(store, clock, environment, push_address, &stop);
    let turns = Turns::default();
    let scheduled = schedule::serve(store, clock, environment, &turns, &stop);
    let (kept, scheduled, ()) = tokio::join!(kept, scheduled, driven);
    kept.unwrap();
    scheduled.unwrap();
}

#[tokio::test]
async fn a_server_hears_of_a_change_without_listing_everybody_again() {
    let office = Office::under(&seed(6), SimClock::at(beginning())).await;
    is_heard_by_a_server(&office, None).await;
}

#[tokio::test]
async fn where_google_opens_no_channel_its_log_is_read_all_the_same() {
    let office = Office::under(&seed(6), SimClock::at(beginning())).await;
    office.breaks("directory.users.watch", error(401, ErrorReason::Forbidden));
    is_heard_by_a_server(&office, Some("https://usher.example.com/google/notifications")).await;
    assert!(office.server.workspace.channels().is_empty());
    let n_tries = office.server.workspace.counters().of("directory.users.watch");
    // Of each kind of change, with the token that was there and with a new one.
    assert_eq!(n_tries, 4 * 2, "Google is left alone after it refused");
}

#[tokio::test]
async fn a_removal_in_the_feed_confirms_that_a_member_left() {
    let office = scoped(60).await;
    let poll =
        || feed::poll(&office.store, office.clock.as_ref(), (&office.log, &office.client), &office.directory);
    poll().await.unwrap();
    office.admin(Method::Delete, &["groups", "half@example.com", "members", "u0@example.com"], None).await;
    office.sim.advance(keep::POLL_EVERY);
    let polled = poll().await.unwrap();
    assert!(polled.is_changed, "{polled:?}");
    assert_eq!(office.n_members("half@example.com").await, 29);
    assert_eq!(office.run().await.operations, [(Kind::Suspend, 1)].into());
}

#[tokio::test]
async fn a_nested_group_that_the_feed_tells_of_is_listed_before_anybody_is_decided_about() {
    let office = scoped(60).await;
    let poll =
        || feed::poll(&office.store, office.clock.as_ref(), (&office.log, &office.client), &office.directory);
    poll().await.unwrap();
    let made = json!({ "email": "new@example.com", "name": "New" });
    office.admin(Method::Post, &["groups"], Some(made)).await;
    office.list().await;
    let member = json!({ "email": "new@example.com" });
    office.admin(Method::Post, &["groups", "all@example.com", "members"], Some(member)).await;
    office.sim.advance(keep::POLL_EVERY);
    poll().await.unwrap();
    assert!(office.needs().await.is_news, "who is in the new group is not known");
    office.list().await;
    office.run().await;
}

#[tokio::test]
async fn an_entry_about_somebody_whom_google_does_not_show_stops_nobody() {
    let office = settled(6).await;
    let poll =
        || feed::poll(&office.store, office.clock.as_ref(), (&office.log, &office.client), &office.directory);
    poll().await.unwrap();
    office.suspend("u0@example.com").await;
    office.suspend("u1@example.com").await;
    let id = office.user_id("u0@example.com").await;
    for target in [id, "u0%40example.com".to_owned(), "u0@example.com".to_owned()] {
        let broken = FaultRule {
            target: Some(target),
            ..FaultRule::always("directory.users.get", error(403, ErrorReason::Forbidden))
        };
        office.server.workspace.add_fault(broken).unwrap();
    }
    office.sim.advance(keep::POLL_EVERY);
    assert!(poll().await.unwrap().is_changed);
    assert_eq!(office.state("u0@example.com").await, Some(UserState::Active));
    assert!(matches!(office.state("u1@example.com").await, Some(UserState::Suspended { .. })));
}

#[tokio::test]
async fn an_entry_that_comes_late_is_heard_and_one_that_comes_twice_is_heard_once() {
    let office = settled(6).await;
    let poll =
        || feed::poll(&office.store, office.clock.as_ref(), (&office.log, &office.client), &office.directory);
    poll().await.unwrap();
    let about = |fault| FaultRule::always("SUSPEND_USER", fault);
    office.server.workspace.add_fault(about(Fault::FeedDoubled)).unwrap();
    office.suspend("u0@example.com").await;
    office.mends();
    office.server.workspace.add_fault(about(Fault::FeedLate { seconds: 300 })).unwrap();
    office.suspend("u1@example.com").await;
    office.mends();
    office.sim.advance(keep::POLL_EVERY);
    let first = poll().await.unwrap();
    assert!(first.is_changed, "{first:?}");
    assert_eq!(office.state("u1@example.com").await, Some(UserState::Active), "nobody can have heard of it");
    let asked = || office.client.counts().get(&ApiMethod::UsersGet).copied().unwrap_or(0);
    assert_eq!(asked(), 1, "of the one that came twice once");
    // Polls go on meanwhile; the late entry stands before what they have read.
    for _ in 0..11 {
        office.sim.advance(keep::POLL_EVERY);
        poll().await.unwrap();
    }
    assert!(matches!(office.state("u1@example.com").await, Some(UserState::Suspended { .. })));
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn an_entry_that_never_comes_is_made_up_for_by_the_next_listing() {
    let office = settled(6).await;
    let poll =
        || feed::poll(&office.store, office.clock.as_ref(), (&office.log, &office.client), &office.directory);
    poll().await.unwrap();
    office.server.workspace.add_fault(FaultRule::always("SUSPEND_USER", Fault::FeedLost)).unwrap();
    office.suspend("u0@example.com").await;
    office.sim.advance(keep::POLL_EVERY);
    assert!(!poll().await.unwrap().is_changed);
    office.list().await;
    assert_eq!(office.run().await.operations, [(Kind::Suspend, 1)].into());
}

#[tokio::test]
async fn where_many_changed_everybody_is_listed_instead_of_asked_about() {
    let office = settled(250).await;
    let poll =
        || feed::poll(&office.store, office.clock.as_ref(), (&office.log, &office.client), &office.directory);
    poll().await.unwrap();
    for n in 0..201 {
        office.suspend(&format!("u{n}@example.com")).await;
    }
    let polled = poll().await.unwrap();
    assert!(polled.wants_listing && !polled.is_changed, "{polled:?}");
    assert_eq!(office.client.counts().get(&ApiMethod::UsersGet), None);
    let mut tx = office.store.read("test").await.unwrap();
    let mirrored = directory::mirrored(&mut tx, &office.directory.id).await.unwrap().unwrap();
    assert!(mirrored.next_listing_at.is_some_and(|at| at <= office.sim.now()), "it is due at once");
}

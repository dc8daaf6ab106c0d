//! What a listing makes of the mirror, with how many calls, and what waits for it.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use usher_emulator::workspace::fault::{ErrorReason, Fault};
use usher_engine::google::method::ApiMethod;
use usher_engine::mirror::{MirrorError, feed, keep};
use usher_model::directory::UserState;
use usher_model::operation::Kind;
use usher_model::scope::Depth;
use usher_model::time::Timestamp;
use usher_protocol::http::Method;
use usher_testkit::clock::SimClock;

use super::{scoped, seed, settled};
use crate::office::{Office, beginning};
use crate::scene::{error, user};

#[tokio::test]
async fn ten_thousand_people_come_into_identity_center_with_as_few_calls_as_there_can_be() {
    const PEOPLE: usize = 10_000;
    let gone: Vec<_> = (0..501)
        .map(|n| {
            let mut user = user(&format!("gone{n}"));
            user["deletionTime"] = json!("2026-11-20T00:00:00.000Z");
            user
        })
        .collect();
    let mut all = seed(PEOPLE);
    let inner = (0..PEOPLE).map(|n| json!({ "email": format!("u{n}@example.com") }));
    all["members"]["half@example.com"] = inner.collect();
    all["users"].as_array_mut().unwrap().extend(gone);
    let others = (0..200).map(|n| json!({ "email": format!("other{n}@example.com") }));
    all["groups"].as_array_mut().unwrap().extend(others);
    let office = Office::of(&all).await;
    office.list().await;
    office.scope("all@example.com", Depth::Nested).await;
    office.connect().await;
    let listed = office.list().await;
    // ⌈10,001/500⌉ and ⌈501/500⌉; ⌈202/200⌉; one for the outer group, ⌈10,000/200⌉ for the inner one; three.
    let floor = [
        (ApiMethod::UsersList, 21 + 2),
        (ApiMethod::GroupsList, 2),
        (ApiMethod::MembersList, 1 + 50),
        (ApiMethod::OrgUnitsList, 1),
        (ApiMethod::DomainsList, 1),
        (ApiMethod::SchemasList, 1),
    ];
    assert_eq!(listed.calls, floor.into_iter().collect(), "{:?}", listed.warnings);
    assert_eq!((listed.n_people, listed.n_deleted, listed.n_groups), (10_001, 501, 202));
    let report = office.run().await;
    assert_eq!(report.operations, [(Kind::Create, 10_000)].into(), "{:?}", report.failures);
    assert_eq!(office.aws.users().await.len(), PEOPLE);
    let again = office.list().await;
    assert!(!again.is_changed && again.calls == listed.calls, "{again:?}");
    assert_eq!(office.run().await.requests.writes, 0);
}

#[tokio::test]
async fn who_is_suspended_renamed_or_deleted_is_so_in_the_mirror_since_google_says() {
    let office = settled(6).await;
    office.sim.advance(Duration::from_hours(1));
    office.suspend("u0@example.com").await;
    let suspended_at = office.sim.now();
    office
        .admin(Method::Put, &["users", "u1@example.com"], Some(json!({ "primaryEmail": "new@example.com" })))
        .await;
    office.admin(Method::Delete, &["users", "u2@example.com"], None).await;
    office.sim.advance(Duration::from_mins(10));
    let listed = office.list().await;
    assert!(listed.is_changed && listed.n_unlisted == 0, "{listed:?}");
    let Some(UserState::Suspended { since: Some(since) }) = office.state("u0@example.com").await else {
        panic!("not suspended");
    };
    assert!(suspended_at.since(since) < Duration::from_secs(5), "{since}");
    assert_eq!(office.state("new@example.com").await, Some(UserState::Active));
    assert!(matches!(office.state("u2@example.com").await, Some(UserState::Deleted { since: Some(_) })));
    let report = office.run().await;
    assert_eq!(report.operations, [(Kind::Suspend, 2), (Kind::Update, 1)].into());
}

#[tokio::test]
async fn a_run_waits_for_what_was_not_listed() {
    let office = settled(6).await;
    let assignments: Vec<String> =
        usher_model::template::Template::by_key("aws").unwrap().default_mapping().into();
    let mut assignments: Vec<&str> = assignments.iter().map(String::as_str).collect();
    assignments.push("title = user.organizations[0].title");
    office.map(&assignments).await;
    let refused = office.try_run().await.unwrap_err().to_string();
    assert!(refused.contains("has to be listed"), "{refused}");
    office.list().await;
    office.run().await;
    office.scope("all@example.com", Depth::Nested).await;
    let refused = office.try_run().await.unwrap_err().to_string();
    assert!(refused.contains("has to be listed"), "{refused}");
    office.list().await;
    office.run().await;
}

#[tokio::test]
async fn a_group_that_is_chosen_again_is_listed_again_before_anybody_is_decided_about() {
    let office = scoped(60).await;
    office.unscope("all@example.com").await;
    office.list().await;
    office.scope("all@example.com", Depth::Nested).await;
    let refused = office.try_run().await.unwrap_err().to_string();
    assert!(refused.contains("was not listed"), "{refused}");
}

#[tokio::test]
async fn an_older_page_does_not_undo_what_was_read_since() {
    let sim = SimClock::at(beginning());
    let office = Office::under(&seed(6), sim.clone()).await;
    office.list().await;
    sim.advance(Duration::from_mins(15));
    // The pages of users have come, and that of groups has not, when somebody is suspended and heard of.
    let slow = Fault::Slow { millis: 10_000 };
    office.breaks("directory.groups.list", slow);
    let heard = async {
        sim.sleeping(1).await;
        sim.advance(Duration::from_secs(5));
        office.suspend("u0@example.com").await;
        let heard = feed::poll(
            &office.store,
            office.clock.as_ref(),
            (&office.log, &office.client),
            &office.directory,
        );
        assert!(heard.await.unwrap().is_changed);
        sim.advance(Duration::from_secs(5));
    };
    let (listed, ()) = tokio::join!(office.list(), heard);
    assert!(!listed.is_changed, "{listed:?}");
    assert!(matches!(office.state("u0@example.com").await, Some(UserState::Suspended { .. })));
}

#[tokio::test]
async fn a_directory_is_listed_by_one_at_a_time() {
    let office = settled(6).await;
    let (one, other) = tokio::join!(office.try_list(), office.try_list());
    let is_refused = |listed: &Result<_, _>| matches!(listed, Err(MirrorError::UnderWay(_)));
    assert!(is_refused(&one) != is_refused(&other), "{one:?} {other:?}");
    office.breaks("directory.users.list", error(403, ErrorReason::Forbidden));
    office.try_list().await.unwrap_err();
    office.mends();
    office.list().await;
}

#[tokio::test]
async fn googles_own_times_are_those_that_timers_count_from() {
    let office = settled(3).await;
    office.sim.advance(Duration::from_hours(1));
    let archived = json!({ "archived": true });
    office.admin(Method::Put, &["users", "u0@example.com"], Some(archived)).await;
    let archived_at = office.sim.now();
    office.sim.advance(Duration::from_hours(1));
    office.admin(Method::Delete, &["users", "u1@example.com"], None).await;
    let deleted_at = office.sim.now();
    office.sim.advance(Duration::from_hours(1));
    office.list().await;
    let is_then = |since: Timestamp, at: Timestamp| at.since(since) < Duration::from_secs(5) && since <= at;
    match (office.state("u0@example.com").await, office.state("u1@example.com").await) {
        (
            Some(UserState::Archived { since: Some(archived) }),
            Some(UserState::Deleted { since: Some(deleted) }),
        ) => assert!(is_then(archived, archived_at) && is_then(deleted, deleted_at), "{archived} {deleted}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn everybody_is_listed_again_a_quarter_of_an_hour_after_the_last_listing_and_no_sooner() {
    let office = Office::under(&seed(3), SimClock::at(beginning())).await;
    let n_lists = || office.server.workspace.counters().of("directory.users.list");
    let stop = CancellationToken::new();
    let driven = async {
        let second = async || {
            office.sim.sleeping(1).await;
            office.sim.advance(Duration::from_secs(1));
        };
        let mut began_at = Vec::new();
        for _ in 0..40 * 60 {
            let before = n_lists();
            second().await;
            if n_lists() > before
                && began_at.last().is_none_or(|at| office.sim.now().since(*at) > Duration::from_mins(1))
            {
                began_at.push(office.sim.now());
            }
        }
        stop.cancel();
        began_at
    };
    let kept = keep::serve(&office.store, &office.clock, &office.environment, None, &stop);
    let (kept, began_at) = tokio::join!(kept, driven);
    kept.unwrap();
    let pauses: Vec<Duration> = began_at.windows(2).map(|two| two[1].since(two[0])).collect();
    assert_eq!(pauses.len(), 2, "{began_at:?}");
    // From the end of one, which takes some time of this clock, to the beginning of the next.
    let (least, most) = (Duration::from_mins(15), Duration::from_mins(18));
    assert!(pauses.iter().all(|pause| (least..most).contains(pause)), "{pauses:?}");
    assert_eq!(n_lists(), 3 * 2, "the living and the deleted");
}

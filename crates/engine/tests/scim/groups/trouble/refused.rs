//! What a server refuses, or says that it did and did not: who fails, who goes on, and when it is tried again.

use usher_testkit::builders::Directory;
use usher_testkit::scim::behaviour::Behaviour;

use usher_testkit::scim::behaviour::RetryAfter;
use usher_testkit::scim::setup::Setup;

use super::super::{big_group, did_all, people, record, team};
use super::{Place, changed, meddled_with};
use crate::world::days;

#[tokio::test]
async fn a_membership_that_is_ignored_is_a_failure_of_that_group_alone() {
    let place = Place::new(&[]).await;
    place.sync().await;
    let rule = place.app.behave(Behaviour::MembershipIgnored);
    let report = place.change().await;
    assert_eq!((report.n_failures, report.members.added), (1, 0), "{report:#?}");
    assert!(report.failures[0].1.contains("said yes"), "{:?}", report.failures);
    place.app.forget(rule);
    place.comes_to(&["bob", "eve"]).await;
}

#[tokio::test]
async fn a_refusal_that_emptied_the_group_is_read_before_anything_else_is_written() {
    let place = Place::new(&[]).await;
    place.sync().await;
    let rule = place.app.behave(Behaviour::EmptiedAndRefused);
    place.app.clear_log();
    place.change().await;
    let ops = place.group("Ops");
    let target = format!("Groups/{}", ops["id"].as_str().unwrap());
    let log = place.app.log();
    let of_ops: Vec<_> = log.iter().filter(|logged| logged.target.ends_with(&target)).collect();
    for pair in of_ops.windows(2) {
        assert!(
            !(pair[0].is_write() && pair[1].is_write()),
            "a refused write is followed by a read: {of_ops:#?}"
        );
    }
    place.app.forget(rule);
    // Everybody who was thrown out is back.
    place.comes_to(&["bob", "eve"]).await;
}

#[tokio::test]
async fn what_failed_and_is_wished_no_more_fails_no_more() {
    let place = Place::new(&[]).await;
    place.sync().await;
    let rule = place.app.behave(Behaviour::MembershipIgnored);
    place.change().await;
    assert!(!record(&place.world, "ops@example.com").await.unwrap().failing.is_empty());
    place.app.forget(rule);
    place.world.has(&team()).await;
    place.sync().await;
    assert!(record(&place.world, "ops@example.com").await.unwrap().failing.is_empty());
}

#[tokio::test]
async fn whom_a_refusal_throws_out_with_the_others_is_put_back_also_if_nobody_of_ours() {
    let place = meddled_with(&[]).await;
    let rule = usher_testkit::scim::rule::Rule::from(Behaviour::EmptiedAndRefused).on_groups();
    place.app.behave(rule.at(1));
    place.change().await;
    place.comes_to(&["bob", "eve", "kim"]).await;
}

#[tokio::test]
async fn a_refused_create_that_was_done_all_the_same_is_found_before_another_is_sent() {
    let place = Place::new(&[Behaviour::GroupUniquenessNotEnforced]).await;
    let team = Directory::new("example.com")
        .people(["ada@example.com"])
        .group("ops@example.com", &["ada@example.com"]);
    place.world.has(&team).await;
    let refuses = place.app.behave(Behaviour::Fails { status: 400, is_done: true }.on("POST").on_groups());
    place.sync().await;
    place.app.forget(refuses);
    place.world.wait(days(1));
    place.sync().await;
    assert_eq!(place.app.groups().len(), 1, "{:?}", place.app.groups());
    assert_eq!(place.members("Ops"), ["ada"]);
}

/// A place whose app silently takes nobody called Eve into a group.
async fn without_eve() -> (Place, usher_testkit::scim::rule::RuleId) {
    let place = Place::new(&[]).await;
    place.sync().await;
    let eve = place.id_of_user("eve@example.com");
    let rule = place.app.behave(Behaviour::MembershipIgnored.about(&eve));
    (place, rule)
}

#[tokio::test]
async fn somebody_whom_the_app_silently_does_not_take_stops_nobody_else_and_is_tried_with_growing_pauses() {
    let (place, rule) = without_eve().await;
    place.world.has(&changed()).await;
    let report = place.sync().await;
    assert_eq!((report.n_failures, report.members.added), (1, 0), "{report:#?}");
    assert_eq!(did_all(&place.sync().await), "nothing", "she waits");
    let kim = people()
        .user(usher_testkit::builders::User::new("kim@example.com"))
        .group("ops@example.com", &["bob@example.com", "eve@example.com", "kim@example.com"])
        .group("all@example.com", &["ada@example.com", "eve@example.com", "ops@example.com"]);
    place.world.has(&kim).await;
    let report = place.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures), ("create 1, members_add 2", 0), "{report:#?}");
    assert_eq!(place.members("Ops"), ["bob", "kim"]);
    let failing = record(&place.world, "ops@example.com").await.unwrap().failing;
    assert_eq!(failing.len(), 1, "it is told for as long as she waits: {failing:?}");
    place.world.wait(days(1));
    assert_eq!(place.sync().await.n_failures, 1, "and then she is tried again");
    place.app.forget(rule);
    place.world.wait(days(1));
    assert_eq!(did_all(&place.sync().await), "members_add 1");
    place.is_converged().await;
    assert!(record(&place.world, "ops@example.com").await.unwrap().failing.is_empty());
}

#[tokio::test]
async fn somebody_who_is_refused_is_not_tried_with_every_run() {
    let place = Place::new(&[]).await;
    place.sync().await;
    let eve = place.id_of_user("eve@example.com");
    place.app.behave(Behaviour::Fails { status: 400, is_done: false }.on("PATCH").about(&eve));
    assert_eq!(place.change().await.n_failures, 1);
    for _ in 0..3 {
        let report = place.sync().await;
        assert_eq!((report.requests.writes, report.n_failures), (0, 0), "{report:#?}");
    }
    assert_eq!(place.members("Ops"), ["bob"]);
}

#[tokio::test]
async fn what_was_refused_to_somebody_fails_no_more_once_it_is_wished_no_more() {
    let (place, _) = without_eve().await;
    assert_eq!(place.change().await.n_failures, 1);
    place
        .world
        .has(
            &people()
                .group("ops@example.com", &["bob@example.com"])
                .group("all@example.com", &["ada@example.com", "eve@example.com", "ops@example.com"]),
        )
        .await;
    place.is_converged().await;
    assert!(record(&place.world, "ops@example.com").await.unwrap().failing.is_empty());
}

#[tokio::test]
async fn whom_the_app_only_says_that_it_takes_back_is_asked_for_once_more() {
    let place = meddled_with(&[]).await;
    let kim = place.id_of_user("kim@example.com");
    let refusal = usher_testkit::scim::rule::Rule::from(Behaviour::EmptiedAndRefused).on_groups();
    place.app.behave(refusal.at(1));
    place.app.behave(Behaviour::MembershipIgnored.about(&kim).at(1));
    place.change().await;
    place.comes_to(&["bob", "eve", "kim"]).await;
}

#[tokio::test]
async fn whoever_is_pinned_is_put_back_where_a_refusal_throws_out_everybody() {
    let place = Place::new(&[]).await;
    place.sync().await;
    place.pin(&["bob@example.com".to_owned()]).await;
    place.app.behave(Behaviour::EmptiedAndRefused.on_groups().at(1));
    place.change().await;
    place.comes_to(&["bob", "eve"]).await;
}

#[tokio::test]
async fn whoever_waits_for_a_person_is_put_back_where_a_refusal_throws_out_everybody() {
    let everybody: Vec<String> = (1..=31).map(|number| format!("p{number}@example.com")).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    let company = |members: &[&str]| {
        Directory::new("example.com").people(everybody.iter().copied()).group("big@example.com", members)
    };
    let place = Place::with(Setup::default(), &[], &company(&everybody[..30])).await;
    place.sync().await;
    // The first eleven are to leave, which waits for a person, and one comes.
    place.world.has(&company(&everybody[11..])).await;
    place.app.behave(Behaviour::EmptiedAndRefused.on_groups().at(1));
    let report = place.sync().await;
    assert_eq!(report.held.len(), 1, "{report:?}");
    place.world.wait(days(1));
    let report = place.sync().await;
    assert_eq!((place.members("Big").len(), report.held.len()), (31, 1), "{report:?}");
}

#[tokio::test]
async fn an_app_that_takes_no_more_requests_for_a_while_says_nothing_of_the_members() {
    let place = Place::with(Setup::default(), &[], &big_group(60)).await;
    place.world.has(&big_group(60).group("small@example.com", &["p1@example.com"])).await;
    place.sync().await;
    let everybody: Vec<String> = (1..=60).map(|number| format!("p{number}@example.com")).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    place.world.has(&big_group(60).group("small@example.com", &everybody)).await;
    place.app.clear_log();
    place.app.behave(Behaviour::Throttled(RetryAfter::Seconds(1)).on("PATCH").on_groups());
    let report = place.sync().await;
    let n_writes = place.app.writes().len();
    assert!(n_writes <= 12, "{n_writes} writes: {report:?}");
    assert!(report.failures.iter().all(|(_, why)| !why.contains("as members")), "{:?}", report.failures);
}

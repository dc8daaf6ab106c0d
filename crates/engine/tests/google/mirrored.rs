//! The mirror of a Workspace: what a listing makes of it, what it never does, and how news come to an app.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use usher_emulator::when::When;
use usher_emulator::workspace::fault::{ErrorReason, Fault, FaultRule};
use usher_engine::google::method::ApiMethod;
use usher_engine::mirror::push::Notified;
use usher_engine::mirror::{MirrorError, feed, keep, push};
use usher_engine::schedule;
use usher_model::directory::UserState;
use usher_model::operation::Kind;
use usher_model::scope::Depth;
use usher_protocol::http::Method;
use usher_store::directory;
use usher_testkit::clock::SimClock;

use crate::office::{Office, beginning};
use crate::scene::{error, user};

/// So many people, and a group of the first half of them that is in another group.
fn seed(n_people: usize) -> Value {
    let users: Vec<_> = (0..n_people).map(|n| user(&format!("u{n}"))).collect();
    let half: Vec<_> = (0..n_people / 2).map(|n| json!({ "email": format!("u{n}@example.com") })).collect();
    json!({
        "users": users,
        "groups": [{ "email": "all@example.com" }, { "email": "half@example.com" }],
        "members": { "half@example.com": half, "all@example.com": [{ "email": "half@example.com" }] },
    })
}

async fn settled(n_people: usize) -> Office {
    let office = Office::of(&seed(n_people)).await;
    office.list().await;
    office.connect().await;
    let created = office.run().await.operations[&Kind::Create];
    assert_eq!(created, n_people as u64 + 1, "the administrator, too");
    office
}

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
    all["users"].as_array_mut().unwrap().extend(gone);
    let others = (0..200).map(|n| json!({ "email": format!("other{n}@example.com") }));
    all["groups"].as_array_mut().unwrap().extend(others);
    let office = Office::of(&all).await;
    office.list().await;
    office.scope("all@example.com", Depth::Nested).await;
    office.connect().await;
    let listed = office.list().await;
    // ⌈10,001/500⌉ and ⌈501/500⌉; ⌈202/200⌉; one for the outer group, ⌈5,000/200⌉ for the inner one; three.
    let floor = [
        (ApiMethod::UsersList, 21 + 2),
        (ApiMethod::GroupsList, 2),
        (ApiMethod::MembersList, 1 + 25),
        (ApiMethod::OrgUnitsList, 1),
        (ApiMethod::DomainsList, 1),
        (ApiMethod::SchemasList, 1),
    ];
    assert_eq!(listed.calls, floor.into_iter().collect(), "{:?}", listed.warnings);
    assert_eq!((listed.n_people, listed.n_deleted, listed.n_groups), (10_001, 501, 202));
    let report = office.run().await;
    assert_eq!(report.operations, [(Kind::Create, 5_000)].into(), "{:?}", report.failures);
    assert_eq!(office.aws.users().await.len(), 5_000);
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

#[tokio::test]
async fn a_server_hears_of_a_change_without_listing_everybody_again() {
    let sim = SimClock::at(beginning());
    let office = Office::under(&seed(6), sim.clone()).await;
    office.connect().await;
    let stop = CancellationToken::new();
    let (store, clock, environment) = (&office.store, &office.clock, &office.environment);
    let driven = async {
        while office.aws.users().await.len() < 7 {
            sim.sleeping(2).await;
            sim.advance(Duration::from_secs(1));
        }
        let n_lists = office.server.workspace.counters().of("directory.users.list");
        office.suspend("u0@example.com").await;
        while !office.aws.users().await.iter().any(|user| user["active"] == false) {
            sim.sleeping(2).await;
            sim.advance(Duration::from_secs(1));
        }
        assert_eq!(office.server.workspace.counters().of("directory.users.list"), n_lists);
        stop.cancel();
    };
    let kept = keep::serve(store, clock, environment, None, &stop);
    let scheduled = schedule::serve(store, clock, environment, &stop);
    let (kept, scheduled, ()) = tokio::join!(kept, scheduled, driven);
    kept.unwrap();
    scheduled.unwrap();
}

#[tokio::test]
async fn no_bad_day_removes_anybody() {
    let office = scoped().await;
    let lists = ["directory.users.list", "directory.groups.list", "directory.members.list"];
    let midway = |fault| FaultRule {
        page: Some(1),
        when: When::Always,
        ..FaultRule::always("directory.users.list", fault)
    };
    for fault in [
        error(503, ErrorReason::BackendError),
        Fault::Html { status: 200 },
        Fault::Html { status: 502 },
        Fault::LostAnswer,
        Fault::MissingItems { nth: 1 },
        Fault::MissingItems { nth: 2 },
        Fault::MissingItems { nth: 7 },
        Fault::EmptyList,
        Fault::CutList,
        Fault::ShortPage { most: 3 },
    ] {
        for list in lists {
            office.breaks(list, fault.clone());
            for _ in 0..3 {
                office.removes_nobody(&format!("{fault:?} in {list}")).await;
                office.sim.advance(Duration::from_mins(1));
            }
            office.mends();
            office.list().await;
            office.removes_nobody(&format!("after {fault:?} in {list}")).await;
        }
        office.server.workspace.add_fault(midway(fault.clone())).unwrap();
        office.removes_nobody(&format!("{fault:?} midway")).await;
        office.mends();
        office.list().await;
    }
    assert_eq!(office.aws.users().await.len(), 30);
}

/// Sixty people, half of whom are in the scope's group.
async fn scoped() -> Office {
    let office = Office::of(&seed(60)).await;
    office.list().await;
    office.scope("all@example.com", Depth::Nested).await;
    office.connect().await;
    office.list().await;
    assert_eq!(office.run().await.operations, [(Kind::Create, 30)].into());
    office
}

#[tokio::test]
async fn whoever_is_in_neither_list_is_asked_for_by_id() {
    let office = settled(40).await;
    office.breaks("directory.users.list", Fault::MissingItems { nth: 10 });
    let listed = office.list().await;
    assert_eq!((listed.n_unlisted, listed.n_asked), (4, 4), "{listed:?}");
    assert_eq!(office.state("u9@example.com").await, Some(UserState::Active), "Google knows them");
    office.sim.advance(Duration::from_mins(15));
    office.breaks("directory.users.get", error(404, ErrorReason::NotFound));
    let listed = office.list().await;
    assert_eq!((listed.n_unlisted, listed.n_asked), (4, 4), "{listed:?}");
    office.mends();
    let mut tx = office.store.read("test").await.unwrap();
    let counts = directory::counts(&mut tx, &office.directory.id).await.unwrap();
    assert_eq!((counts.users, counts.deleted), (37, 4), "there is nobody with these ids");
}

#[tokio::test]
async fn nobody_is_asked_for_by_id_when_the_list_shrank_too_far() {
    let office = settled(60).await;
    office.breaks("directory.users.list", Fault::MissingItems { nth: 2 });
    office.breaks("directory.users.get", error(404, ErrorReason::NotFound));
    let listed = office.list().await;
    assert_eq!((listed.n_unlisted, listed.n_asked), (30, 0), "{listed:?}");
    assert!(listed.warnings.iter().any(|warning| warning.contains("are not asked for")), "{listed:?}");
    office.removes_nobody("half of the company is missing").await;
    office.mends();
    let listed = office.list().await;
    assert_eq!((listed.n_people, listed.n_unlisted), (61, 0));
    assert_eq!(office.run().await.requests.writes, 0);
}

#[tokio::test]
async fn a_member_who_is_missing_stays_until_google_says_that_they_left() {
    let office = scoped().await;
    let members = FaultRule {
        page: None,
        ..FaultRule::always("directory.members.list", Fault::MissingItems { nth: 10 })
    };
    office.server.workspace.add_fault(members).unwrap();
    let listed = office.list().await;
    assert_eq!((listed.n_asked, office.n_members("half@example.com").await), (3, 30), "{listed:?}");
    office.list().await;
    assert_eq!(office.n_members("half@example.com").await, 30, "asked, Google says that they are members");
    office.mends();
    office.admin(Method::Delete, &["groups", "half@example.com", "members", "u0@example.com"], None).await;
    let listed = office.list().await;
    assert_eq!((listed.n_asked, office.n_members("half@example.com").await), (1, 29), "{listed:?}");
    assert_eq!(office.run().await.operations, [(Kind::Suspend, 1)].into());
}

#[tokio::test]
async fn a_removal_in_the_feed_confirms_that_a_member_left() {
    let office = scoped().await;
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
async fn a_group_is_gone_when_whole_lists_leave_it_out_for_a_while() {
    let office = Office::of(&seed(6)).await;
    office.list().await;
    office.admin(Method::Delete, &["groups", "all@example.com"], None).await;
    let n_groups = async || {
        let mut tx = office.store.read("test").await.unwrap();
        directory::counts(&mut tx, &office.directory.id).await.unwrap().groups
    };
    for _ in 0..3 {
        office.list().await;
    }
    assert_eq!(n_groups().await, 2, "lists of one bad moment are one");
    office.sim.advance(Duration::from_mins(15));
    office.list().await;
    assert_eq!(n_groups().await, 1);
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
async fn a_person_who_cannot_be_read_stays_as_they_were_and_the_others_go_on() {
    let office = settled(6).await;
    office.suspend("u1@example.com").await;
    office.suspend("u2@example.com").await;
    office.spoils("\"u1@example.com\"", "\"nowhere\"");
    let listed = office.list().await;
    assert!(listed.warnings.iter().any(|warning| warning.contains("stays as they were")), "{listed:?}");
    assert_eq!(office.state("u1@example.com").await, Some(UserState::Active));
    assert!(matches!(office.state("u2@example.com").await, Some(UserState::Suspended { .. })));
    office.mends();
    office.list().await;
    assert!(matches!(office.state("u1@example.com").await, Some(UserState::Suspended { .. })));
}

#[tokio::test]
async fn an_address_that_two_are_listed_with_is_one_persons_and_stops_nobody() {
    let office = settled(6).await;
    office.suspend("u3@example.com").await;
    office.spoils("\"u2@example.com\"", "\"u1@example.com\"");
    let listed = office.list().await;
    assert!(listed.is_changed, "{listed:?}");
    assert!(matches!(office.state("u3@example.com").await, Some(UserState::Suspended { .. })));
    let report = office.run().await;
    assert_eq!((report.operations[&Kind::Suspend], report.n_failures), (1, 1), "{report:?}");
}

#[tokio::test]
async fn a_directory_without_a_primary_domain_is_not_believed() {
    let office = settled(6).await;
    office.suspend("u1@example.com").await;
    office.breaks("directory.domains.list", Fault::EmptyList);
    let refused = office.try_list().await.unwrap_err();
    assert!(matches!(refused, MirrorError::Unbelievable(_)), "{refused}");
    assert_eq!(office.state("u1@example.com").await, Some(UserState::Active), "nothing was changed");
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
async fn one_group_that_cannot_be_listed_stays_as_it_was_and_the_others_go_on() {
    let office = scoped().await;
    let half = office.id_of("half@example.com").await;
    let broken = FaultRule {
        target: Some(half.clone()),
        ..FaultRule::always("directory.members.list", error(404, ErrorReason::NotFound))
    };
    office.server.workspace.add_fault(broken).unwrap();
    office.suspend("u40@example.com").await;
    for _ in 0..3 {
        let listed = office.list().await;
        assert!(listed.warnings.iter().any(|warning| warning.contains(&half)), "{listed:?}");
        office.sim.advance(Duration::from_mins(15));
    }
    assert_eq!(office.n_members("half@example.com").await, 30);
    assert!(
        matches!(office.state("u40@example.com").await, Some(UserState::Suspended { .. })),
        "the others go on"
    );
}

#[tokio::test]
async fn a_group_that_is_chosen_again_is_listed_again_before_anybody_is_decided_about() {
    let office = scoped().await;
    office.unscope("all@example.com").await;
    office.list().await;
    office.scope("all@example.com", Depth::Nested).await;
    let refused = office.try_run().await.unwrap_err().to_string();
    assert!(refused.contains("was not listed"), "{refused}");
}

#[tokio::test]
async fn a_nested_group_that_the_feed_tells_of_is_listed_before_anybody_is_decided_about() {
    let office = scoped().await;
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
async fn whoever_lost_their_address_to_another_for_a_listing_has_it_again_with_the_next() {
    let office = settled(6).await;
    office.spoils("\"u2@example.com\"", "\"u1@example.com\"");
    office.list().await;
    office.mends();
    office.list().await;
    for address in ["u1@example.com", "u2@example.com"] {
        assert_eq!(office.state(address).await, Some(UserState::Active), "{address}");
    }
}

/// Carries messages straight to whoever takes them in.
#[derive(Debug)]
struct Straight(usher_store::Store, SimClock);

#[async_trait::async_trait]
impl usher_emulator::workspace::courier::Courier for Straight {
    async fn deliver(
        &self,
        message: &usher_emulator::workspace::courier::Notification,
    ) -> usher_emulator::workspace::courier::Delivery {
        let header = |name| message.header(name).unwrap_or_default();
        let by = (header("X-Goog-Channel-ID"), header("X-Goog-Channel-Token"));
        let state = header("X-Goog-Resource-State");
        let taken = push::notified(&self.0, self.1.now(), by, state, &message.body).await.unwrap();
        let status = if taken == Notified::Stranger { 404 } else { 204 };
        usher_emulator::workspace::courier::Delivery::Answered(status)
    }
}

#[tokio::test]
async fn google_says_of_whom_something_changed_and_they_are_read() {
    let office = settled(6).await;
    let (store, clock, client, of) =
        (&office.store, office.clock.as_ref(), &office.client, &office.directory);
    let address = format!("https://usher.example.com{}", push::PATH);
    push::renew(store, clock, client, of, &address).await.unwrap();
    let channels = office.server.workspace.channels();
    assert_eq!(channels.len(), 4, "one for each kind of change");
    push::renew(store, clock, client, of, &address).await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 4, "they stand");
    let courier = Straight(store.clone(), office.sim.clone());
    office.suspend("u0@example.com").await;
    let stop = CancellationToken::new();
    let heeded = async {
        loop {
            let mut tx = store.read("test").await.unwrap();
            if !directory::push::hints(&mut tx, &of.id, 1).await.unwrap().is_empty() {
                break stop.cancel();
            }
            drop(tx);
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(office.server.workspace.deliver(&courier, stop.clone()), heeded);
    assert!(push::heed(store, clock, client, of).await.unwrap());
    assert!(matches!(office.state("u0@example.com").await, Some(UserState::Suspended { .. })));
    assert!(!push::heed(store, clock, client, of).await.unwrap(), "a hint is heeded once");
}

#[tokio::test]
async fn a_message_without_the_token_of_its_channel_is_nobodys() {
    let office = settled(1).await;
    let (store, clock, client, of) =
        (&office.store, office.clock.as_ref(), &office.client, &office.directory);
    push::renew(store, clock, client, of, "https://usher.example.com/x").await.unwrap();
    let channels = office.server.workspace.channels();
    let body = br#"{"id": "1", "primaryEmail": "u0@example.com"}"#;
    for by in [(channels[0].id.as_str(), ""), (channels[0].id.as_str(), "guess"), ("other", "guess")] {
        let taken = push::notified(store, office.sim.now(), by, "update", body).await.unwrap();
        assert_eq!(taken, Notified::Stranger);
    }
    let mut tx = store.read("test").await.unwrap();
    assert!(directory::push::hints(&mut tx, &of.id, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_channel_is_replaced_before_it_ends() {
    let office = settled(1).await;
    let (store, clock, client, of) =
        (&office.store, office.clock.as_ref(), &office.client, &office.directory);
    let renew = || push::renew(store, clock, client, of, "https://usher.example.com/x");
    renew().await.unwrap();
    office.sim.advance(Duration::from_hours(46));
    renew().await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 4);
    office.sim.advance(Duration::from_mins(90));
    renew().await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 8, "for a while there are two of each");
    office.sim.advance(Duration::from_hours(1));
    renew().await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 4);
}

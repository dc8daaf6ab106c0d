//! What is missing or wrong in a list removes nobody.

use std::time::Duration;

use usher_emulator::workspace::fault::{ErrorReason, Fault, FaultRule};
use usher_engine::mirror::MirrorError;
use usher_model::directory::UserState;
use usher_model::operation::Kind;
use usher_protocol::http::Method;
use usher_store::directory;

use super::{scoped, seed, settled};
use crate::office::Office;
use crate::scene::error;

#[tokio::test]
async fn no_bad_day_removes_anybody() {
    let office = scoped(60).await;
    let lists = ["directory.users.list", "directory.groups.list", "directory.members.list"];
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
    }
    assert_eq!(office.aws.users().await.len(), 30);
}

#[tokio::test]
async fn a_listing_that_breaks_off_midway_removes_nobody() {
    // Two pages of users, and two of the inner group's members.
    let office = scoped(600).await;
    for fault in [
        error(503, ErrorReason::BackendError),
        Fault::Html { status: 200 },
        Fault::LostAnswer,
        Fault::ExpiredPageToken,
        Fault::MissingItems { nth: 1 },
        Fault::EmptyList,
        Fault::CutList,
    ] {
        for list in ["directory.users.list", "directory.members.list"] {
            let midway = FaultRule { page: Some(2), ..FaultRule::always(list, fault.clone()) };
            office.server.workspace.add_fault(midway).unwrap();
            office.removes_nobody(&format!("{fault:?} midway in {list}")).await;
            office.sim.advance(Duration::from_mins(15));
            office.removes_nobody(&format!("{fault:?} midway in {list}, again")).await;
            office.mends();
            office.list().await;
            office.removes_nobody(&format!("after {fault:?} in {list}")).await;
        }
    }
    assert_eq!(office.aws.users().await.len(), 300);
}

#[tokio::test]
async fn a_thousand_who_are_missing_are_asked_for_at_once_and_no_more() {
    let office = Office::of(&seed(6_000)).await;
    office.list().await;
    office.breaks("directory.users.list", Fault::MissingItems { nth: 5 });
    let listed = office.list().await;
    assert_eq!((listed.n_unlisted, listed.n_asked), (1_200, 1_000), "{:?}", listed.warnings);
    office.mends();
    let listed = office.list().await;
    assert_eq!((listed.n_people, listed.n_unlisted), (6_001, 0));
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
    let office = scoped(60).await;
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
async fn one_group_that_cannot_be_listed_stays_as_it_was_and_the_others_go_on() {
    let office = scoped(60).await;
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

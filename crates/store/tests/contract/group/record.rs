//! What is on record of groups.

use rstest::rstest;
use usher_model::account::{Choice, Pin};
use usher_model::group::operation::GroupKind;
use usher_model::group::reason::GroupReason;
use usher_model::id::RunId;
use usher_store::group::member::{self, MemberStanding};
use usher_store::group::{self as store_group, GroupCounts, GroupIntent, GroupRecord, GroupRecordState};
use usher_store::{StoreError, app};

use super::*;
use crate::apps::other;

fn pin() -> Pin {
    Pin {
        by: "ada@example.com".to_owned(),
        why: "Control Tower's".to_owned(),
        since: at(0),
        until: None,
        undone: None,
    }
}

fn intent(until: i64) -> GroupIntent {
    GroupIntent { run: RunId::new("run-1"), until: at(until), missed_at: None }
}

/// With something in every field.
fn full() -> GroupRecord {
    GroupRecord {
        returned: attributes(&[("displayName", "the unicode")]),
        drifted: Some(attributes(&[("displayName", "Eve's")])),
        intent: Some(GroupIntent { missed_at: Some(at(3)), ..intent(9) }),
        is_unread: true,
        read_at: Some(at(4)),
        left_at: Some(at(5)),
        failing: failing(GroupKind::MembersAdd),
        pin: Some(pin()),
        choice: Some(Choice::TakeOver),
        reason: Some(GroupReason::Left { n: 7 }),
        wake_at: Some(at(6)),
        ..known("g1")
    }
}

async fn one(tx: &mut Tx, id: &str) -> GroupRecord {
    store_group::of(tx, &aws(), &[group(id)]).await.unwrap().remove(&group(id)).unwrap()
}

#[rstest]
#[tokio::test]
async fn a_record_is_read_back_as_it_was_written(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let none = GroupRecord::new(group("g2"), None);
    let gone = GroupRecord { state: GroupRecordState::Gone, ..known("g3") };
    let mut tx = store.begin("tests::record").await.unwrap();
    store_group::record(&mut tx, &lease, &[known("g1"), none.clone(), gone.clone(), full()]).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.read("tests::read").await.unwrap();
    let found = store_group::of(&mut tx, &aws(), &groups(&["g3", "g2", "g1", "g4"])).await.unwrap();
    assert_eq!(found.into_values().collect::<Vec<_>>(), [full(), none, gone], "the last of two stands");
    assert!(store_group::of(&mut tx, &other(), &groups(&["g1"])).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn thousands_are_written_and_found_at_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let records: Vec<_> = (0..5_001).map(|n| known(&format!("{n:05}"))).collect();
    let ids: Vec<_> = records.iter().map(|record| record.group.clone()).collect();
    let mut tx = store.begin("tests::record").await.unwrap();
    store_group::record(&mut tx, &lease, &records).await.unwrap();
    store_group::record(&mut tx, &lease, &records).await.unwrap();
    assert_eq!(store_group::of(&mut tx, &aws(), &ids).await.unwrap().len(), 5_001);
    store_group::forget(&mut tx, &lease, &ids[1..]).await.unwrap();
    assert_eq!(store_group::counts(&mut tx, &aws()).await.unwrap().known, 1);
}

#[rstest]
#[tokio::test]
async fn a_group_that_is_there_without_a_remote_id_is_not_stored(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::record").await.unwrap();
    let nowhere = GroupRecord { remote_id: None, ..known("g1") };
    let error = store_group::record(&mut tx, &lease, &[nowhere]).await.unwrap_err();
    assert!(matches!(error, StoreError::Statement { .. }), "{error:?}");
}

#[rstest]
#[tokio::test]
async fn whoever_lost_the_app_writes_nothing_of_its_groups(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, late) = begin(db).await;
    let mut tx = store.begin("tests::fence").await.unwrap();
    let next = app::begin_run(&mut tx, &aws(), RunId::new("run-2")).await.unwrap();
    assert!(store_group::record(&mut tx, &late, &[known("g1")]).await.unwrap_err().is_fenced());
    assert!(store_group::forget(&mut tx, &late, &[group("g1")]).await.unwrap_err().is_fenced());
    assert!(app::set_groups_listed(&mut tx, &late, None).await.unwrap_err().is_fenced());
    assert!(member::remove(&mut tx, &late, &group("g1"), &[]).await.unwrap_err().is_fenced());
    assert!(member::see(&mut tx, &late, &group("g1"), &[], 1).await.unwrap_err().is_fenced());
    assert!(member::forget_without_account(&mut tx, &late).await.unwrap_err().is_fenced());
    store_group::record(&mut tx, &next, &[known("g1")]).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn no_run_overwrites_a_pin_and_it_outlives_the_group(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::pin").await.unwrap();
    store_group::record(&mut tx, &lease, &[known("g1"), known("g2")]).await.unwrap();
    for id in ["g1", "g3"] {
        store_group::set_pin(&mut tx, &aws(), &group(id), Some(&pin())).await.unwrap();
    }
    // The run read the record before the pin was set.
    store_group::record(&mut tx, &lease, &[GroupRecord { is_unread: true, ..known("g1") }]).await.unwrap();
    let pinned = GroupRecord { pin: Some(pin()), is_unread: true, ..known("g1") };
    assert_eq!(one(&mut tx, "g1").await, pinned);
    for id in ["g1", "g2"] {
        let members = remotes(&["r-1"]);
        member::set(&mut tx, &lease, &group(id), &members, MemberStanding::Ours).await.unwrap();
    }
    store_group::forget(&mut tx, &lease, &groups(&["g1", "g2", "g3"])).await.unwrap();
    let left = store_group::of(&mut tx, &aws(), &groups(&["g1", "g2", "g3"])).await.unwrap();
    let of_old = |email| GroupRecord { pin: Some(pin()), email, ..GroupRecord::new(group("g1"), None) };
    let never = GroupRecord { group: group("g3"), ..of_old(None) };
    assert_eq!(left.into_values().collect::<Vec<_>>(), [of_old(Some(address("g1"))), never]);
    assert_eq!(store_group::counts(&mut tx, &aws()).await.unwrap(), GroupCounts::default());
    store_group::set_pin(&mut tx, &aws(), &group("g1"), None).await.unwrap();
    store_group::set_pin(&mut tx, &aws(), &group("g9"), None).await.unwrap();
    assert_eq!(one(&mut tx, "g1").await.pin, None);
}

#[rstest]
#[tokio::test]
async fn a_choice_is_spent_when_the_state_changes_and_ends_the_wait(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::choice").await.unwrap();
    let failed = GroupRecord { failing: failing(GroupKind::GroupCreate), ..blank("g1") };
    store_group::record(&mut tx, &lease, std::slice::from_ref(&failed)).await.unwrap();
    store_group::set_choice(&mut tx, &aws(), &group("g1"), Some(Choice::TakeOver)).await.unwrap();
    assert_eq!(one(&mut tx, "g1").await, GroupRecord { choice: Some(Choice::TakeOver), ..blank("g1") });
    // The run read the record before the choice was made.
    store_group::record(&mut tx, &lease, std::slice::from_ref(&failed)).await.unwrap();
    assert_eq!(one(&mut tx, "g1").await.choice, Some(Choice::TakeOver));
    let adopted = GroupRecord { choice: Some(Choice::TakeOver), ..known("g1") };
    store_group::record(&mut tx, &lease, &[adopted]).await.unwrap();
    assert_eq!(one(&mut tx, "g1").await, known("g1"));
    store_group::set_choice(&mut tx, &aws(), &group("g2"), Some(Choice::Wait)).await.unwrap();
    assert_eq!(one(&mut tx, "g2").await.choice, Some(Choice::Wait), "of which nothing was on record");
    let failed = GroupRecord { group: group("g2"), ..failed };
    store_group::record(&mut tx, &lease, &[failed]).await.unwrap();
    store_group::set_choice(&mut tx, &aws(), &group("g2"), None).await.unwrap();
    assert_eq!(one(&mut tx, "g2").await, GroupRecord { group: group("g2"), ..blank("g1") });
}

#[rstest]
#[tokio::test]
async fn the_pinned_are_listed_page_by_page_with_the_directorys_address(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::pinned").await.unwrap();
    have_groups(&mut tx, &["g1"]).await;
    let of_old = GroupRecord { email: Some(address("old")), ..known("g1") };
    store_group::record(&mut tx, &lease, &[of_old, known("g2"), known("g4")]).await.unwrap();
    for id in ["g3", "g2", "g1"] {
        store_group::set_pin(&mut tx, &aws(), &group(id), Some(&pin())).await.unwrap();
    }
    let first = store_group::pinned_list(&mut tx, &aws(), None, 2).await.unwrap();
    let pinned = |id: &str| (group(id), Some(address(id)), pin());
    assert_eq!(first, [pinned("g1"), pinned("g2")]);
    let rest = store_group::pinned_list(&mut tx, &aws(), Some(&group("g2")), 2).await.unwrap();
    assert_eq!(rest, [(group("g3"), None, pin())]);
    assert!(store_group::pinned_list(&mut tx, &other(), None, 9).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn the_unsure_are_found_after_a_crash_page_by_page(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::unsure").await.unwrap();
    assert_eq!(store_group::latest_intent_until(&mut tx, &aws()).await.unwrap(), None);
    assert_eq!(store_group::due_at(&mut tx, &aws()).await.unwrap(), None);
    let begun = |id: &str, until| GroupRecord { intent: Some(intent(until)), ..known(id) };
    let unread = GroupRecord { is_unread: true, wake_at: Some(at(7)), ..known("g3") };
    let new = GroupRecord { intent: Some(intent(20)), wake_at: Some(at(6)), ..blank("g4") };
    let records = [begun("g1", 30), known("g2"), unread.clone(), new.clone()];
    store_group::record(&mut tx, &lease, &records).await.unwrap();
    let first = store_group::unsure(&mut tx, &aws(), None, 2).await.unwrap();
    assert_eq!(first, [begun("g1", 30), unread]);
    assert_eq!(store_group::unsure(&mut tx, &aws(), Some(&group("g3")), 2).await.unwrap(), [new]);
    assert!(store_group::unsure(&mut tx, &other(), None, 2).await.unwrap().is_empty());
    assert_eq!(store_group::latest_intent_until(&mut tx, &aws()).await.unwrap(), Some(at(30)));
    store_group::record(&mut tx, &lease, &[known("g1")]).await.unwrap();
    assert_eq!(store_group::latest_intent_until(&mut tx, &aws()).await.unwrap(), Some(at(20)));
    assert_eq!(store_group::due_at(&mut tx, &aws()).await.unwrap(), Some(at(6)));
}

#[rstest]
#[tokio::test]
async fn groups_and_members_are_counted(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::counts").await.unwrap();
    let failed = GroupRecord { failing: failing(GroupKind::GroupUpdate), ..known("g3") };
    let records = [
        known("g1"),
        GroupRecord { is_unread: true, ..known("g2") },
        failed.clone(),
        GroupRecord { state: GroupRecordState::Gone, ..known("g4") },
        GroupRecord { intent: Some(intent(1)), ..blank("g5") },
    ];
    store_group::record(&mut tx, &lease, &records).await.unwrap();
    for (members, standing) in [
        (&["r-1", "r-2"][..], MemberStanding::Ours),
        (&["r-3"], MemberStanding::Foreign),
        (&["r-4"], MemberStanding::Missing),
    ] {
        member::set(&mut tx, &lease, &group("g1"), &remotes(members), standing).await.unwrap();
    }
    let counts = store_group::counts(&mut tx, &aws()).await.unwrap();
    assert_eq!(counts, GroupCounts { known: 3, gone: 1, unsure: 2, failing: 1, members: 3 });
    assert_eq!(store_group::counts(&mut tx, &other()).await.unwrap(), GroupCounts::default());
    let failing = store_group::failing_list(&mut tx, &aws(), 9).await.unwrap();
    assert_eq!(failing, [(group("g3"), Some(address("g3")), failed.failing)]);
}

#[rstest]
#[tokio::test]
async fn when_the_groups_were_listed_is_remembered(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::listed").await.unwrap();
    for listed_at in [Some(at(1)), None] {
        app::set_groups_listed(&mut tx, &lease, listed_at).await.unwrap();
        let app = crate::apps::get(&mut tx, &aws()).await;
        assert_eq!((app.groups_listed_at, app.listed_at), (listed_at, None));
    }
}

//! The provisioning log of groups.

use std::collections::BTreeMap;

use rstest::rstest;
use usher_model::group::operation::Leaver;
use usher_model::group::reason::GroupReason;
use usher_model::id::{RemoteId, RunId};
use usher_store::app;
use usher_store::group::event::{self, GroupEvent, GroupEventKind};

use super::*;
use crate::apps::other;

fn line(seq: i64, kind: GroupEventKind, seconds: i64, id: &str) -> GroupEvent {
    GroupEvent {
        run: RunId::new("run-1"),
        seq,
        kind,
        at: at(seconds),
        group: group(id),
        email: Some(address(id)),
        reason: GroupReason::Joined { n: 3 },
        detail: None,
        members: Vec::new(),
        n_members: 0,
        is_released: false,
    }
}

#[rstest]
#[tokio::test]
async fn an_effect_is_written_once_whoever_finds_it_out(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, first) = begin(db).await;
    let members = vec![
        Leaver { account: RemoteId::new("r-1"), user: Some(user("1")) },
        Leaver { account: RemoteId::new("r-\"2\""), user: None },
    ];
    let added = GroupEvent {
        members,
        n_members: 2,
        detail: Some("204 \"No Content\"".to_owned()),
        ..line(1, GroupEventKind::MembersAdd, 1, "g1")
    };
    let failed = GroupEvent { email: None, is_released: true, ..line(1, GroupEventKind::Failure, 2, "g1") };
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &first, &[added.clone(), failed.clone(), added.clone()]).await.unwrap();
    let second = app::begin_run(&mut tx, &aws(), RunId::new("run-2")).await.unwrap();
    let later = GroupEvent { at: at(9), ..added.clone() };
    event::append(&mut tx, &second, &[later]).await.unwrap();
    assert!(event::append(&mut tx, &first, &[]).await.unwrap_err().is_fenced());
    let latest = event::latest(&mut tx, &aws(), &group("g1"), 10).await.unwrap();
    assert_eq!(latest, [failed.clone(), added.clone()]);
    assert_eq!(event::latest(&mut tx, &aws(), &group("g1"), 1).await.unwrap(), [failed]);
    assert!(event::latest(&mut tx, &aws(), &group("g2"), 10).await.unwrap().is_empty());
    assert!(event::latest(&mut tx, &other(), &group("g1"), 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn guards_count_who_was_taken_out_of_a_group_and_not_released(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let taken = |seq, kind, seconds, n_members| GroupEvent { n_members, ..line(seq, kind, seconds, "g1") };
    let events = [
        taken(1, GroupEventKind::MembersRemove, 9, 1),
        taken(2, GroupEventKind::MembersRemove, 10, 20),
        taken(3, GroupEventKind::Delete, 11, 300),
        taken(4, GroupEventKind::MembersAdd, 11, 4_000),
        taken(5, GroupEventKind::Failure, 11, 4_000),
        GroupEvent { is_released: true, ..taken(6, GroupEventKind::MembersRemove, 12, 4_000) },
        GroupEvent { group: group("g2"), ..taken(7, GroupEventKind::MembersRemove, 12, 4_000) },
    ];
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &lease, &events).await.unwrap();
    assert_eq!(event::removed(&mut tx, &aws(), &group("g1"), at(10)).await.unwrap(), 320);
    assert_eq!(event::removed(&mut tx, &aws(), &group("g3"), at(10)).await.unwrap(), 0);
    assert_eq!(event::removed(&mut tx, &other(), &group("g1"), at(10)).await.unwrap(), 0);
    let counts = event::counts(&mut tx, &aws(), at(11)).await.unwrap();
    let expected = BTreeMap::from([
        (GroupEventKind::MembersAdd, 1),
        (GroupEventKind::MembersRemove, 2),
        (GroupEventKind::Delete, 1),
        (GroupEventKind::Failure, 1),
    ]);
    assert_eq!(counts, expected);
}

#[rstest]
#[tokio::test]
async fn what_a_run_did_of_one_kind_is_read_page_by_page(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let removed = |seq| line(seq, GroupEventKind::MembersRemove, 1, "g1");
    let of_another = GroupEvent { run: RunId::new("run-0"), ..removed(4) };
    let events =
        [removed(5), removed(1), line(2, GroupEventKind::MembersAdd, 1, "g1"), of_another, removed(3)];
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &lease, &events).await.unwrap();
    let kind = GroupEventKind::MembersRemove;
    let first = event::of_run(&mut tx, &RunId::new("run-1"), kind, -1, 2).await.unwrap();
    assert_eq!(first, [removed(1), removed(3)]);
    assert_eq!(event::of_run(&mut tx, &RunId::new("run-1"), kind, 3, 2).await.unwrap(), [removed(5)]);
}

#[rstest]
#[tokio::test]
async fn what_a_group_met_since_is_paged_to_its_end_the_oldest_first(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut events: Vec<_> = (0..7).map(|n| line(n, GroupEventKind::MembersAdd, n / 2, "g1")).collect();
    events.push(line(9, GroupEventKind::MembersAdd, 2, "g2"));
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &lease, &events).await.unwrap();
    let (mut seen, mut last) = (Vec::new(), None::<GroupEvent>);
    loop {
        let page = event::since(&mut tx, &aws(), &group("g1"), at(1), last.as_ref(), 2).await.unwrap();
        let Some(end) = page.last().cloned() else { break };
        seen.extend(page.into_iter().map(|event| event.seq));
        last = Some(end);
    }
    assert_eq!(seen, [2, 3, 4, 5, 6]);
}

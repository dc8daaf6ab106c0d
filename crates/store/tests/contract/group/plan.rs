//! What is planned for groups.

use std::collections::BTreeMap;

use rstest::rstest;
use usher_model::group::operation::{GroupKind, GroupOperation, Leaver};
use usher_model::group::reason::{GroupFailure, GroupReason};
use usher_model::id::{HoldId, RemoteId, RunId};
use usher_store::group::member::{self, MemberStanding};
use usher_store::group::plan::{self, GroupRow};
use usher_store::group::{self as store_group, GroupIntent, GroupRecord};
use usher_store::plan::PlanState;
use usher_store::{StoreError, app};

use super::*;
use crate::apps::other;

fn run() -> RunId {
    RunId::new("run-1")
}

fn row(seq: i64, id: &str, operation: GroupOperation) -> GroupRow {
    GroupRow {
        seq,
        group: group(id),
        email: address(id),
        operation,
        reason: GroupReason::Selected,
        state: PlanState::Planned,
        hold: None,
        is_released: false,
        failure: None,
    }
}

fn create() -> GroupOperation {
    let attributes = attributes(&[("displayName", "Ünïcode \"G\""), ("externalId", "g1")]);
    GroupOperation::Create { attributes, members: vec![user("1"), user("2")], ask_first: true }
}

fn add(n: usize) -> GroupOperation {
    GroupOperation::AddMembers { members: (0..n).map(|n| user(&n.to_string())).collect() }
}

fn remove(n: usize) -> GroupOperation {
    let leaver = |n: usize| Leaver { account: RemoteId::new(format!("r-{n}")), user: Some(user("1")) };
    GroupOperation::RemoveMembers { members: (0..n).map(leaver).collect() }
}

fn delete() -> GroupOperation {
    GroupOperation::Delete { remote_id: RemoteId::new("r-g") }
}

async fn append(tx: &mut Tx, rows: &[GroupRow]) {
    plan::append(tx, &aws(), &run(), rows).await.unwrap();
}

async fn all(tx: &mut Tx) -> Vec<GroupRow> {
    plan::rows(tx, &aws(), &run(), -1, 100).await.unwrap()
}

#[rstest]
#[tokio::test]
async fn an_operation_is_read_back_as_it_was_planned(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, _lease) = begin(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    assert_eq!(plan::next_seq(&mut tx, &aws(), &run()).await.unwrap(), 0);
    let full = GroupRow {
        reason: GroupReason::Left { n: 3 },
        state: PlanState::Blocked,
        hold: Some(HoldId::new("h1")),
        is_released: true,
        failure: Some(GroupFailure::NotApproved),
        ..row(7, "g2", remove(2))
    };
    let rows = [row(3, "g1", create()), full];
    append(&mut tx, &rows).await;
    assert_eq!(all(&mut tx).await, rows);
    assert_eq!(plan::rows(&mut tx, &aws(), &run(), 3, 1).await.unwrap(), rows[1..]);
    assert_eq!(plan::of_group(&mut tx, &aws(), &run(), &group("g2")).await.unwrap(), rows[1..]);
    assert_eq!(plan::next_seq(&mut tx, &aws(), &run()).await.unwrap(), 8);
    assert!(plan::rows(&mut tx, &other(), &run(), -1, 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn jobs_go_group_by_group_and_only_what_is_planned_is_one(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let rows = [
        row(1, "g2", add(1)),
        row(2, "g1", remove(1)),
        row(3, "g3", delete()),
        row(4, "g1", add(1)),
        row(5, "g1", add(2)),
        row(6, "g4", add(1)),
    ];
    append(&mut tx, &rows).await;
    let finished = [(3, PlanState::Done), (4, PlanState::Failed)];
    plan::finish(&mut tx, &lease, &finished).await.unwrap();
    let jobs = async |tx: &mut Tx, after: Option<&str>| {
        let after = after.map(group);
        let jobs = plan::jobs(tx, &aws(), &run(), after.as_ref(), 2).await.unwrap();
        let seqs = |rows: Vec<GroupRow>| rows.iter().map(|row| row.seq).collect::<Vec<_>>();
        jobs.into_iter().map(|(group, rows)| (group.to_string(), seqs(rows))).collect::<Vec<_>>()
    };
    assert_eq!(jobs(&mut tx, None).await, [("g1".to_owned(), vec![2, 5]), ("g2".to_owned(), vec![1])]);
    assert_eq!(jobs(&mut tx, Some("g2")).await, [("g4".to_owned(), vec![6])]);
    assert!(jobs(&mut tx, Some("g4")).await.is_empty());
    let of_one = plan::of_group(&mut tx, &aws(), &run(), &group("g1")).await.unwrap();
    let states = of_one.iter().map(|row| row.state).collect::<Vec<_>>();
    assert_eq!(states, [PlanState::Planned, PlanState::Failed, PlanState::Planned]);
    let unknown = plan::finish(&mut tx, &lease, &[(99, PlanState::Done)]).await.unwrap_err();
    assert!(matches!(unknown, StoreError::RowCount { .. }), "{unknown}");
    app::begin_run(&mut tx, &aws(), RunId::new("run-2")).await.unwrap();
    assert!(plan::finish(&mut tx, &lease, &[]).await.unwrap_err().is_fenced());
}

#[rstest]
#[tokio::test]
async fn a_plan_goes_unless_its_run_holds_the_app_or_something_of_it_was_begun(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let of = |run: &str| RunId::new(run);
    for name in ["run-1", "begun", "old", "next"] {
        plan::append(&mut tx, &aws(), &of(name), &[row(1, "g1", create())]).await.unwrap();
    }
    plan::append(&mut tx, &other(), &of("old"), &[row(1, "g1", create())]).await.unwrap();
    let intent = GroupIntent { run: of("begun"), until: at(1), missed_at: None };
    let begun = GroupRecord { intent: Some(intent), ..blank("g1") };
    store_group::record(&mut tx, &lease, &[begun]).await.unwrap();
    plan::start(&mut tx, &aws(), &of("next")).await.unwrap();
    for (name, n) in [("run-1", 1), ("begun", 1), ("old", 0), ("next", 1)] {
        let left = plan::rows(&mut tx, &aws(), &of(name), -1, 10).await.unwrap();
        assert_eq!(left.len(), n, "{name}");
    }
    assert_eq!(plan::rows(&mut tx, &other(), &of("old"), -1, 10).await.unwrap().len(), 1);
    store_group::record(&mut tx, &lease, &[blank("g1")]).await.unwrap();
    plan::start(&mut tx, &aws(), &of("next")).await.unwrap();
    assert!(plan::rows(&mut tx, &aws(), &of("begun"), -1, 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn operations_and_members_are_counted_by_kind_and_state(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let rows = [
        row(1, "g1", create()),
        row(2, "g1", add(100)),
        row(3, "g1", add(7)),
        row(4, "g1", remove(3)),
        row(5, "g2", delete()),
    ];
    append(&mut tx, &rows).await;
    plan::finish(&mut tx, &lease, &[(3, PlanState::Done)]).await.unwrap();
    let counts = plan::counts(&mut tx, &aws(), &run()).await.unwrap();
    let expected = BTreeMap::from([
        ((GroupKind::GroupCreate, PlanState::Planned), (1, 2)),
        ((GroupKind::MembersAdd, PlanState::Planned), (1, 100)),
        ((GroupKind::MembersAdd, PlanState::Done), (1, 7)),
        ((GroupKind::MembersRemove, PlanState::Planned), (1, 3)),
        ((GroupKind::GroupDelete, PlanState::Planned), (1, 0)),
    ]);
    assert_eq!(counts, expected);
    assert!(plan::counts(&mut tx, &other(), &run()).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_takes_members_out_of_a_group_is_measured_held_and_released_as_a_whole(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let members = [("g2", "r-1", MemberStanding::Ours), ("g2", "r-2", MemberStanding::Foreign)];
    for (id, member, standing) in members {
        member::set(&mut tx, &lease, &group(id), &remotes(&[member]), standing).await.unwrap();
    }
    member::set(&mut tx, &lease, &group("g2"), &remotes(&["r-3"]), MemberStanding::Missing).await.unwrap();
    let rows = [
        row(1, "g1", remove(100)),
        row(2, "g1", remove(7)),
        row(3, "g1", add(5)),
        row(4, "g2", delete()),
        GroupRow { is_released: true, ..row(5, "g3", remove(9)) },
        row(6, "g4", add(1)),
        row(7, "g5", remove(1)),
        GroupRow { state: PlanState::Done, ..row(8, "g6", remove(1)) },
    ];
    append(&mut tx, &rows).await;
    let removals = async |tx: &mut Tx, after: Option<&str>| {
        let after = after.map(group);
        plan::removals(tx, &aws(), &run(), after.as_ref(), 2).await.unwrap()
    };
    let out = |id: &str, n_members| plan::Removal {
        group: group(id),
        email: address(id),
        is_delete: id == "g2",
        n_members,
    };
    assert_eq!(removals(&mut tx, None).await, [out("g1", 107), out("g2", 2)]);
    assert_eq!(removals(&mut tx, Some("g2")).await, [out("g5", 1)]);
    assert_eq!(plan::n_deletes(&mut tx, &aws(), &run()).await.unwrap(), 1);
    let hold = HoldId::new("h1");
    let (g1, g2, g3) = (group("g1"), group("g2"), group("g3"));
    assert_eq!(plan::hold(&mut tx, &aws(), &run(), &g1, &hold).await.unwrap(), 2);
    assert_eq!(plan::hold(&mut tx, &aws(), &run(), &g1, &hold).await.unwrap(), 0);
    assert_eq!(plan::release(&mut tx, &aws(), &run(), &g2).await.unwrap(), 1);
    assert_eq!(plan::n_deletes(&mut tx, &aws(), &run()).await.unwrap(), 0);
    assert_eq!(plan::hold(&mut tx, &aws(), &run(), &g2, &hold).await.unwrap(), 0, "it was released");
    assert_eq!(plan::hold(&mut tx, &aws(), &run(), &g3, &hold).await.unwrap(), 0);
    assert_eq!(removals(&mut tx, None).await, [out("g5", 1)]);
    let stand = |row: &GroupRow| (row.seq, row.state, row.hold.is_some(), row.is_released);
    let expected = [
        (1, PlanState::Held, true, false),
        (2, PlanState::Held, true, false),
        (3, PlanState::Planned, false, false),
        (4, PlanState::Planned, false, true),
    ];
    assert_eq!(all(&mut tx).await.iter().map(stand).take(4).collect::<Vec<_>>(), expected);
}

#[rstest]
#[tokio::test]
async fn thousands_of_operations_are_planned_and_finished_at_once(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let rows: Vec<_> = (0..5_001).map(|n| row(n, "g1", add(1))).collect();
    let done: Vec<_> = rows.iter().skip(1).map(|row| (row.seq, PlanState::Done)).collect();
    let mut tx = store.begin("tests::plan").await.unwrap();
    append(&mut tx, &rows).await;
    let (_, whole) = plan::jobs(&mut tx, &aws(), &run(), None, 9).await.unwrap().remove(0);
    assert_eq!(whole, rows);
    plan::finish(&mut tx, &lease, &done).await.unwrap();
    let counts = plan::counts(&mut tx, &aws(), &run()).await.unwrap();
    assert_eq!(counts[&(GroupKind::MembersAdd, PlanState::Done)], (5_000, 5_000));
}

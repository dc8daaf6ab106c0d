//! Plans.

use std::collections::BTreeMap;

use rstest::rstest;
use usher_model::adoption::{Conflict, Holder};
use usher_model::attribute::path::AttributePath;
use usher_model::guard::{Class, Tripped};
use usher_model::hold::HoldState;
use usher_model::id::{HoldId, RunId};
use usher_model::mapping::cleaning::{Cleaned, Tally};
use usher_model::operation::Kind;
use usher_model::reason::{Failure, Reason};
use usher_store::account::{self, AccountRecord, RecordState};
use usher_store::plan::{self, Contention, Lane, PlanRow, PlanState};
use usher_store::{StoreError, Tx, app, hold};

use crate::apps::{active, address, at, aws, create, lease, other, row, store_with_apps, suspend, user};
use crate::db::Db;

fn run() -> RunId {
    RunId::new("run-1")
}

async fn append(tx: &mut Tx, rows: &[PlanRow]) {
    plan::append(tx, &aws(), &run(), rows).await.unwrap();
}

async fn all(tx: &mut Tx) -> Vec<PlanRow> {
    plan::rows(tx, &aws(), &run(), -1, 100).await.unwrap()
}

async fn states(tx: &mut Tx) -> Vec<(i64, PlanState)> {
    all(tx).await.into_iter().map(|row| (row.seq, row.state)).collect()
}

fn seqs(rows: &[PlanRow]) -> Vec<i64> {
    rows.iter().map(|row| row.seq).collect()
}

#[rstest]
#[tokio::test]
async fn an_operation_is_read_back_as_it_was_planned(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let full = PlanRow {
        reason: Reason::GoneAtApp,
        classes: vec![Class::Recreations, Class::Clearings],
        is_app_off: true,
        takes: Some("ünïcode@example.com".to_owned()),
        frees: Some("old@example.com".to_owned()),
        turn: 3,
        state: PlanState::Held,
        hold: Some(HoldId::new("h1")),
        is_released: true,
        cleaned: vec![Cleaned {
            attribute: AttributePath::parse("displayName").unwrap(),
            tally: Tally { controls: 2, joiners: 1, ..Tally::default() },
        }],
        settled: Some("~f00d".to_owned()),
        ..row(7, "1", create("1"), &[])
    };
    let rows = [row(3, "2", suspend("2"), &Class::ALL), full];
    append(&mut tx, &rows).await;
    assert_eq!(all(&mut tx).await, rows);
    assert_eq!(plan::rows(&mut tx, &aws(), &run(), 3, 1).await.unwrap(), rows[1..]);
    assert!(plan::rows(&mut tx, &other(), &run(), -1, 10).await.unwrap().is_empty());
    assert_eq!(plan::by_seq(&mut tx, &aws(), &run(), &[7, 8, 3, 7]).await.unwrap(), rows);
    assert_eq!(plan::next_seq(&mut tx, &aws(), &run()).await.unwrap(), 8);
    assert_eq!(plan::next_seq(&mut tx, &other(), &run()).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn a_preview_leaves_the_plan_of_the_run_that_holds_the_app(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    app::begin_run(&mut tx, &aws(), run()).await.unwrap();
    append(&mut tx, &[row(1, "1", create("1"), &[])]).await;
    let preview = RunId::new("preview");
    plan::start(&mut tx, &aws(), &preview).await.unwrap();
    assert_eq!(all(&mut tx).await.len(), 1);
    plan::append(&mut tx, &aws(), &preview, &[row(1, "1", create("1"), &[])]).await.unwrap();
    plan::start(&mut tx, &aws(), &run()).await.unwrap();
    assert_eq!(plan::rows(&mut tx, &aws(), &preview, -1, 10).await.unwrap(), []);
    assert_eq!(all(&mut tx).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn an_app_has_one_plan(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    append(&mut tx, &[row(1, "1", create("1"), &[])]).await;
    plan::append(&mut tx, &other(), &run(), &[row(1, "1", create("1"), &[])]).await.unwrap();
    plan::start(&mut tx, &aws(), &RunId::new("run-2")).await.unwrap();
    assert!(all(&mut tx).await.is_empty());
    assert_eq!(plan::rows(&mut tx, &other(), &run(), -1, 10).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn thousands_of_operations_are_planned_and_finished_at_once(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let rows: Vec<_> =
        (0..5_001).map(|n| row(n, &format!("{n:05}"), suspend("x"), &[Class::Removals])).collect();
    let done: Vec<_> = rows.iter().map(|row| (row.seq, PlanState::Done)).collect();
    let mut tx = store.begin("tests::plan").await.unwrap();
    append(&mut tx, &rows).await;
    plan::finish(&mut tx, &lease, &done).await.unwrap();
    let counts = plan::counts(&mut tx, &aws(), &run()).await.unwrap();
    assert_eq!(counts, BTreeMap::from([((Kind::Suspend, PlanState::Done), 5_001)]));
}

#[rstest]
#[tokio::test]
async fn suspensions_have_a_lane_of_their_own_and_each_turn_its_pages(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let later = PlanRow { turn: 2, ..row(4, "4", create("4"), &[]) };
    let rows = [
        row(1, "1", create("1"), &[]),
        row(2, "2", suspend("2"), &[]),
        row(3, "3", create("3"), &[]),
        later,
        row(5, "5", create("5"), &[]),
    ];
    append(&mut tx, &rows).await;
    plan::finish(&mut tx, &lease, &[(3, PlanState::Done)]).await.unwrap();
    let page = async |tx: &mut Tx, lane, turn, after, limit| {
        seqs(&plan::page(tx, &aws(), &run(), lane, turn, after, limit).await.unwrap())
    };
    assert_eq!(page(&mut tx, Lane::Suspensions, 0, -1, 10).await, [2]);
    assert_eq!(page(&mut tx, Lane::Rest, 0, -1, 1).await, [1]);
    assert_eq!(page(&mut tx, Lane::Rest, 0, 1, 10).await, [5], "what is done is not done again");
    assert_eq!(page(&mut tx, Lane::Rest, 2, -1, 10).await, [4]);
    assert_eq!(plan::max_turn(&mut tx, &aws(), &run()).await.unwrap(), 2);
    plan::finish(&mut tx, &lease, &[(4, PlanState::Failed)]).await.unwrap();
    assert_eq!(plan::max_turn(&mut tx, &aws(), &run()).await.unwrap(), 0);
    assert_eq!(plan::max_turn(&mut tx, &other(), &run()).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn what_is_not_in_the_plan_cannot_be_finished(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    append(&mut tx, &[row(1, "1", create("1"), &[])]).await;
    let states = [(1, PlanState::Intended), (2, PlanState::Done), (1, PlanState::Done)];
    let error = plan::finish(&mut tx, &lease, &states).await.unwrap_err();
    assert!(matches!(error, StoreError::RowCount { expected: 2, found: 1, .. }), "{error:?}");
}

#[rstest]
#[tokio::test]
async fn guards_count_and_hold_what_is_planned_and_not_released(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let rows = [
        row(1, "1", suspend("1"), &[Class::Removals]),
        PlanRow { is_app_off: true, ..row(2, "2", suspend("2"), &[Class::Removals]) },
        PlanRow { is_released: true, ..row(3, "3", suspend("3"), &[Class::Removals]) },
        PlanRow { is_app_off: true, ..row(4, "4", create("4"), &[Class::Recreations, Class::Renames]) },
        row(5, "5", create("5"), &[Class::Renames]),
        row(6, "6", create("6"), &[]),
        PlanRow { state: PlanState::Blocked, ..row(7, "7", create("7"), &[Class::Renames]) },
    ];
    append(&mut tx, &rows).await;
    let tally = async |tx: &mut Tx| plan::tally(tx, &aws(), &run()).await.unwrap();
    let expected = BTreeMap::from([(Class::Removals, 2), (Class::Recreations, 1), (Class::Renames, 2)]);
    assert_eq!(tally(&mut tx).await, expected);
    let hold = HoldId::new("h1");
    let n = plan::hold(&mut tx, &aws(), &run(), &hold, &[Class::Removals], true).await.unwrap();
    assert_eq!((n, all(&mut tx).await[1].hold.clone()), (1, Some(hold.clone())));
    let classes = [Class::Removals, Class::Recreations];
    assert_eq!(plan::hold(&mut tx, &aws(), &run(), &hold, &classes, false).await.unwrap(), 2);
    assert_eq!(tally(&mut tx).await, BTreeMap::from([(Class::Renames, 1)]));
    let held: Vec<_> = all(&mut tx).await.into_iter().filter(|row| row.state == PlanState::Held).collect();
    assert_eq!(seqs(&held), [1, 2, 4]);
    assert_eq!(plan::hold(&mut tx, &aws(), &run(), &hold, &[], false).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn a_word_said_of_a_wish_counts_for_the_same_user_and_kind(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let app = aws();
    let removals = Tripped::TooMany { class: Class::Removals, wanted: 9, done: 0, limit: 1, of: 9 };
    // Yesterday two suspensions were held and discarded, and another one is in a hold that is open.
    let yesterday = RunId::new("run-0");
    for (hold, id, seq) in [("h-no", "1", 1), ("h-no", "2", 2), ("h-open", "3", 3)] {
        let held = PlanRow {
            state: PlanState::Held,
            hold: Some(HoldId::new(hold)),
            ..row(seq, id, suspend(id), &[])
        };
        plan::append(&mut tx, &app, &yesterday, &[held]).await.unwrap();
    }
    for hold in ["h-no", "h-open"].map(HoldId::new) {
        hold::upsert_open(&mut tx, &app, hold.as_str(), &removals, hold.clone(), at(0)).await.unwrap();
        hold::take_operations(&mut tx, &app, &yesterday, &hold).await.unwrap();
    }
    let no = [HoldId::new("h-no")];
    hold::decide(&mut tx, &app, &no, HoldState::Discarded, "ada", at(1)).await.unwrap();

    plan::start(&mut tx, &app, &run()).await.unwrap();
    let wanted = [
        row(1, "1", suspend("1"), &[Class::Removals]),
        row(2, "2", create("2"), &[]),
        row(3, "3", suspend("3"), &[Class::Removals]),
        row(4, "4", suspend("4"), &[Class::Removals]),
    ];
    append(&mut tx, &wanted).await;
    let open = [HoldId::new("h-open")];
    assert_eq!(plan::mark_words(&mut tx, &app, &run(), &open).await.unwrap(), 1);
    let rows = all(&mut tx).await;
    let words: Vec<_> = rows.iter().map(|row| (row.state, row.is_released)).collect();
    let planned = (PlanState::Planned, false);
    assert_eq!(words, [(PlanState::Held, false), planned, (PlanState::Planned, true), planned]);
    let by_word = plan::held_by_word(&mut tx, &app, &run()).await.unwrap();
    assert_eq!(by_word, [(HoldId::new("h-no"), 1)]);

    // It is shown again, in an open hold, so that a person may think again.
    let again = Tripped::Discarded;
    let id =
        hold::upsert_open(&mut tx, &app, &again.key(), &again, HoldId::new("h-again"), at(2)).await.unwrap();
    assert_eq!(plan::hold_discarded(&mut tx, &app, &run(), &id).await.unwrap(), 1);
    hold::take_operations(&mut tx, &app, &run(), &id).await.unwrap();
    assert_eq!(hold::by_id(&mut tx, &id).await.unwrap().unwrap().n_operations, 1);
    assert!(plan::held_by_word(&mut tx, &app, &run()).await.unwrap().is_empty());

    // Released there, it goes on although it was discarded once.
    let next = RunId::new("run-2");
    plan::start(&mut tx, &app, &next).await.unwrap();
    plan::append(&mut tx, &app, &next, &wanted[..1]).await.unwrap();
    assert_eq!(plan::mark_words(&mut tx, &app, &next, &[id]).await.unwrap(), 0);
    let released = plan::rows(&mut tx, &app, &next, -1, 10).await.unwrap();
    assert_eq!((released[0].state, released[0].is_released), (PlanState::Planned, true));
}

#[rstest]
#[tokio::test]
async fn a_discarded_hold_is_not_released_by_naming_it(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let no = HoldId::new("h-no");
    let held = PlanRow { state: PlanState::Held, hold: Some(no.clone()), ..row(1, "1", suspend("1"), &[]) };
    append(&mut tx, &[held]).await;
    hold::upsert_open(&mut tx, &aws(), "removals", &Tripped::Discarded, no.clone(), at(0)).await.unwrap();
    hold::take_operations(&mut tx, &aws(), &run(), &no).await.unwrap();
    hold::decide(&mut tx, &aws(), std::slice::from_ref(&no), HoldState::Discarded, "ada", at(1))
        .await
        .unwrap();
    let next = RunId::new("run-2");
    plan::append(&mut tx, &aws(), &next, &[row(1, "1", suspend("1"), &[])]).await.unwrap();
    assert_eq!(plan::mark_words(&mut tx, &aws(), &next, &[no]).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn who_takes_a_name_waits_for_its_holder(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let gone = AccountRecord { state: RecordState::Gone, ..active("6") };
    let records = [active("1"), active("2"), active("3"), gone];
    account::record(&mut tx, &lease, &records).await.unwrap();
    let name = |id: &str| Some(address(id).as_str().to_owned());
    let moves = |seq, id: &str, takes: &str, frees: &str| PlanRow {
        takes: name(takes),
        frees: name(frees),
        ..row(seq, id, create(id), &[])
    };
    let rows = [
        moves(1, "1", "2", "1"),
        moves(2, "2", "1", "2"),
        moves(3, "4", "3", "4"),
        moves(4, "5", "6", "5"),
        moves(5, "3", "3", "3"),
        moves(6, "7", "free", "7"),
        PlanRow { state: PlanState::Held, ..moves(7, "8", "1", "8") },
    ];
    append(&mut tx, &rows).await;
    plan::finish(&mut tx, &lease, &[(5, PlanState::Held)]).await.unwrap();
    let contended = plan::contended(&mut tx, &aws(), &run(), 10).await.unwrap();
    let contention = |seq, id: &str, holder: &str, is_freed| Contention {
        seq,
        user: user(id),
        holder: Holder { user: user(holder), email: Some(address(holder)) },
        user_name: address(holder).as_str().to_owned(),
        is_freed,
    };
    let swap = [contention(1, "1", "2", true), contention(2, "2", "1", true)];
    assert_eq!(contended[..2], swap);
    assert_eq!(contended[2..], [contention(3, "4", "3", false)], "what is held frees nothing");
    assert_eq!(plan::contended(&mut tx, &aws(), &run(), 2).await.unwrap(), swap);
}

#[rstest]
#[tokio::test]
async fn turns_are_set_and_what_cannot_be_done_says_why(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::plan").await.unwrap();
    let rows: Vec<_> = (1..=3).map(|n| row(n, &n.to_string(), create("x"), &[])).collect();
    append(&mut tx, &rows).await;
    plan::set_turns(&mut tx, &aws(), &run(), &[(2, 1), (1, 2)]).await.unwrap();
    let turns: Vec<_> = all(&mut tx).await.iter().map(|row| row.turn).collect();
    assert_eq!(turns, [2, 1, 0]);
    let holder = Holder { user: user("9"), email: None };
    let conflict = Conflict::Held { user_name: "x@example.com".to_owned(), holder };
    let failure = Failure::Conflict { conflict };
    plan::block(&mut tx, &aws(), &run(), &[(3, failure.clone()), (1, failure.clone())]).await.unwrap();
    let expected = [(1, PlanState::Blocked), (2, PlanState::Planned), (3, PlanState::Blocked)];
    assert_eq!(states(&mut tx).await, expected);
    let blocked = plan::blocked(&mut tx, &aws(), &run(), 1, 10).await.unwrap();
    assert_eq!((blocked.len(), blocked[0].0.seq, &blocked[0].1), (1, 3, &failure));
    let missing = plan::set_turns(&mut tx, &aws(), &run(), &[(9, 1)]).await.unwrap_err();
    assert!(matches!(missing, StoreError::RowCount { .. }), "{missing}");
}

//! Holds.

use rstest::rstest;
use usher_model::guard::{Class, Tripped};
use usher_model::hold::HoldState;
use usher_model::id::{AppId, HoldId, RunId};
use usher_model::operation::Kind;
use usher_store::plan::{self, PlanRow, PlanState};
use usher_store::{Tx, app, hold};

use crate::apps::{address, at, aws, create, other, row, store_with_apps, suspend, user};
use crate::db::Db;

fn run() -> RunId {
    RunId::new("run-1")
}

fn too_many(wanted: u64) -> Tripped {
    Tripped::TooMany { class: Class::Removals, wanted, done: 0, limit: 1, of: 9 }
}

fn id(text: &str) -> HoldId {
    HoldId::new(text)
}

async fn upsert(tx: &mut Tx, wanted: u64, new_id: &str, seconds: i64) -> HoldId {
    hold::upsert_open(tx, &aws(), "removals", &too_many(wanted), id(new_id), at(seconds)).await.unwrap()
}

fn held(seq: i64, who: &str, under: &HoldId) -> PlanRow {
    PlanRow { state: PlanState::Held, hold: Some(under.clone()), ..row(seq, who, suspend(who), &[]) }
}

#[rstest]
#[tokio::test]
async fn an_app_has_one_open_hold_of_a_key(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::hold").await.unwrap();
    assert_eq!(upsert(&mut tx, 5, "h1", 1).await, id("h1"));
    assert_eq!(upsert(&mut tx, 6, "h2", 2).await, id("h1"), "the same hold, with new figures");
    let open = hold::open(&mut tx, &aws()).await.unwrap();
    assert_eq!((open.len(), &open[0].tripped, open[0].opened_at), (1, &too_many(6), at(1)));
    assert_eq!((open[0].key.as_str(), open[0].state), ("removals", HoldState::Open));
    let released =
        hold::decide(&mut tx, &aws(), &[id("h1")], HoldState::Released, "ada", at(3)).await.unwrap();
    assert_eq!(released, 1);
    assert_eq!(upsert(&mut tx, 7, "h3", 4).await, id("h3"), "what is wanted after that is a new hold");
    let first = hold::by_id(&mut tx, &id("h1")).await.unwrap().unwrap();
    assert_eq!(
        (first.state, first.decided_at, first.decided_by.as_deref()),
        (HoldState::Released, Some(at(3)), Some("ada"))
    );
    assert_eq!(hold::by_id(&mut tx, &id("h2")).await.unwrap(), None);
    assert!(hold::open(&mut tx, &other()).await.unwrap().is_empty());
    let held = app::by_id(&mut tx, &aws()).await.unwrap().unwrap();
    assert_eq!(held.n_open_holds, 1);
}

#[rstest]
#[tokio::test]
async fn a_hold_takes_the_operations_of_the_last_plan(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::hold").await.unwrap();
    let hold_id = upsert(&mut tx, 3, "h1", 1).await;
    let rows = [
        held(1, "1", &hold_id),
        held(2, "2", &hold_id),
        held(3, "2", &hold_id),
        PlanRow { hold: Some(hold_id.clone()), state: PlanState::Held, ..row(4, "2", create("2"), &[]) },
        held(5, "3", &id("another")),
        row(6, "4", suspend("4"), &[]),
    ];
    plan::append(&mut tx, &aws(), &run(), &rows).await.unwrap();
    hold::take_operations(&mut tx, &aws(), &run(), &hold_id).await.unwrap();
    let operations = hold::operations(&mut tx, &hold_id, None, 10).await.unwrap();
    let listed: Vec<_> = operations.iter().map(|one| (one.user.as_str(), one.kind)).collect();
    assert_eq!(listed, [("1", Kind::Suspend), ("2", Kind::Create), ("2", Kind::Suspend)]);
    assert_eq!((&operations[0].email, &operations[0].reason), (&address("1"), &rows[0].reason));
    let rest = hold::operations(&mut tx, &hold_id, Some(&operations[1]), 10).await.unwrap();
    assert_eq!(rest, operations[2..]);
    assert_eq!(hold::by_id(&mut tx, &hold_id).await.unwrap().unwrap().n_operations, 3);

    let next = RunId::new("run-2");
    plan::start(&mut tx, &aws(), &next).await.unwrap();
    plan::append(&mut tx, &aws(), &next, &[held(1, "9", &hold_id)]).await.unwrap();
    hold::take_operations(&mut tx, &aws(), &next, &hold_id).await.unwrap();
    let operations = hold::operations(&mut tx, &hold_id, None, 10).await.unwrap();
    assert_eq!((operations.len(), &operations[0].user), (1, &user("9")));
    assert_eq!(hold::by_id(&mut tx, &hold_id).await.unwrap().unwrap().n_operations, 1);
}

#[rstest]
#[tokio::test]
async fn a_hold_whose_cause_went_away_closes(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::hold").await.unwrap();
    let kept = upsert(&mut tx, 3, "h1", 1).await;
    let emptied = Tripped::DirectoryShrank(usher_model::guard::Shrink { from: 9, to: 1 });
    let over = hold::upsert_open(&mut tx, &aws(), &emptied.key(), &emptied, id("h2"), at(1)).await.unwrap();
    let of_other =
        hold::upsert_open(&mut tx, &other(), "removals", &too_many(3), id("h3"), at(1)).await.unwrap();
    plan::append(&mut tx, &aws(), &run(), &[held(1, "1", &over)]).await.unwrap();
    hold::take_operations(&mut tx, &aws(), &run(), &over).await.unwrap();
    hold::close_others(&mut tx, &aws(), std::slice::from_ref(&kept), at(5)).await.unwrap();
    let open: Vec<_> = hold::open(&mut tx, &aws()).await.unwrap().into_iter().map(|hold| hold.id).collect();
    assert_eq!(open, [kept]);
    let closed = hold::by_id(&mut tx, &over).await.unwrap().unwrap();
    assert_eq!((closed.state, closed.decided_at, closed.n_operations), (HoldState::Closed, Some(at(5)), 1));
    assert!(hold::operations(&mut tx, &over, None, 10).await.unwrap().is_empty());
    assert_eq!(hold::by_id(&mut tx, &of_other).await.unwrap().unwrap().state, HoldState::Open);
}

#[rstest]
#[tokio::test]
async fn a_hold_is_decided_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::hold").await.unwrap();
    let holds = [upsert(&mut tx, 3, "h1", 1).await];
    let decide = async |tx: &mut Tx, app: AppId, state, by: &str| {
        hold::decide(tx, &app, &holds, state, by, at(2)).await.unwrap()
    };
    assert_eq!(decide(&mut tx, other(), HoldState::Released, "eve").await, 0, "it is another app's");
    assert_eq!(decide(&mut tx, aws(), HoldState::Discarded, "ada").await, 1);
    assert_eq!(decide(&mut tx, aws(), HoldState::Released, "bob").await, 0);
    let decided = hold::by_id(&mut tx, &holds[0]).await.unwrap().unwrap();
    assert_eq!((decided.state, decided.decided_by.as_deref()), (HoldState::Discarded, Some("ada")));
}

#[rstest]
#[tokio::test]
async fn what_was_discarded_is_remembered_while_it_is_wanted(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::hold").await.unwrap();
    let no = upsert(&mut tx, 2, "h1", 1).await;
    plan::append(&mut tx, &aws(), &run(), &[held(1, "1", &no), held(2, "2", &no)]).await.unwrap();
    hold::take_operations(&mut tx, &aws(), &run(), &no).await.unwrap();
    hold::decide(&mut tx, &aws(), std::slice::from_ref(&no), HoldState::Discarded, "ada", at(2))
        .await
        .unwrap();
    let open = upsert(&mut tx, 2, "h2", 3).await;
    plan::append(&mut tx, &aws(), &run(), &[held(3, "3", &open)]).await.unwrap();
    hold::take_operations(&mut tx, &aws(), &run(), &open).await.unwrap();

    let next = RunId::new("run-2");
    plan::start(&mut tx, &aws(), &next).await.unwrap();
    let wanted = [row(1, "1", suspend("1"), &[]), row(2, "2", create("2"), &[])];
    plan::append(&mut tx, &aws(), &next, &wanted).await.unwrap();
    hold::forget_discarded(&mut tx, &aws(), &next).await.unwrap();
    let users = async |tx: &mut Tx, hold| {
        let operations = hold::operations(tx, hold, None, 10).await.unwrap();
        operations.into_iter().map(|one| one.user).collect::<Vec<_>>()
    };
    assert_eq!(users(&mut tx, &no).await, [user("1")]);
    assert_eq!(users(&mut tx, &open).await, [user("3")], "what is open is not forgotten");
}

#[rstest]
#[tokio::test]
async fn a_person_is_found_in_the_open_hold_that_stops_them(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::hold").await.unwrap();
    let hold_id = upsert(&mut tx, 1, "h1", 1).await;
    plan::append(&mut tx, &aws(), &run(), &[held(1, "1", &hold_id)]).await.unwrap();
    hold::take_operations(&mut tx, &aws(), &run(), &hold_id).await.unwrap();
    let found = hold::of_user(&mut tx, &aws(), &user("1")).await.unwrap().unwrap();
    assert_eq!((found.id, found.tripped), (id("h1"), too_many(1)));
    assert_eq!(hold::of_user(&mut tx, &aws(), &user("2")).await.unwrap(), None);
    assert_eq!(hold::of_user(&mut tx, &other(), &user("1")).await.unwrap(), None);
    hold::decide(&mut tx, &aws(), &[hold_id], HoldState::Discarded, "ada", at(2)).await.unwrap();
    assert_eq!(hold::of_user(&mut tx, &aws(), &user("1")).await.unwrap(), None, "it is decided");
}

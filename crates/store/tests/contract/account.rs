//! Accounts on record.

mod said;

use std::time::Duration;

use rstest::rstest;
use usher_model::account::{Choice, Pin};
use usher_model::cause::Causes;
use usher_model::id::{RemoteId, RunId};
use usher_model::operation::Kind;
use usher_model::reason::{Failing, Failure, Reason};
use usher_model::time::Timestamp;
use usher_store::account::{self, AccountCounts, AccountRecord, Intent, RecordState};
use usher_store::app::{self, Lease};
use usher_store::plan::{self, PlanRow};
use usher_store::{Store, StoreError, Tx};

use crate::apps::{
    active, address, at, attributes, aws, create, intent, lease, other, row, store_with_apps, suspend, user,
};
use crate::db::{Db, Home};

async fn begin(db: Db) -> (Home, Store, Lease) {
    let (home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    (home, store, lease)
}

async fn one(tx: &mut Tx, id: &str) -> AccountRecord {
    account::of(tx, &aws(), &[user(id)]).await.unwrap().remove(&user(id)).unwrap()
}

fn failing(retry_at: i64) -> Failing {
    let failure = Failure::Refused { status: 400, message: "no \"such\" attribute".to_owned() };
    Failing { failure, kind: Some(Kind::Create), n_attempts: 3, retry_at: at(retry_at) }
}

fn pin() -> Pin {
    Pin {
        by: "ada@example.com".to_owned(),
        why: "break-glass".to_owned(),
        since: Timestamp::from_micros(1_790_000_000_000_000),
        until: None,
        undone: None,
    }
}

/// With something in every field.
fn full() -> AccountRecord {
    AccountRecord {
        sent: attributes(&[("userName", "Ünïcode@example.com"), ("name.givenName", "Ada \\ \"Quote\"")]),
        returned: attributes(&[("userName", "unicode@example.com")]),
        drifted: Some(attributes(&[("name.givenName", "Eve")])),
        state: RecordState::Suspended,
        suspended_by_us: true,
        seen_on: Some(Duration::from_micros(1_234_567)),
        intent: Some(Intent { missed_at: Some(at(3)), is_released: true, ..intent(create("1"), 42, at(9)) }),
        causes: Causes { app_off: Some(at(1)), suspended: Some(at(2)), deleted: None },
        failing: Some(failing(8)),
        pin: Some(pin()),
        choice: Some(Choice::TakeOver),
        reason: Some(Reason::GoneAtApp),
        settled: Some("f00d".to_owned()),
        wake_at: Some(at(5)),
        ..active("1")
    }
}

#[rstest]
#[tokio::test]
async fn a_record_is_read_back_as_it_was_written(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let blank = AccountRecord::new(user("2"), None);
    let mut tx = store.begin("tests::record").await.unwrap();
    account::record(&mut tx, &lease, &[full(), blank.clone()]).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.read("tests::read").await.unwrap();
    let found = account::of(&mut tx, &aws(), &[user("2"), user("1"), user("3")]).await.unwrap();
    assert_eq!(found.into_values().collect::<Vec<_>>(), [full(), blank]);
    assert!(account::of(&mut tx, &other(), &[user("1")]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn an_intent_is_what_its_place_in_the_plan_says_and_leaves_the_rest_of_a_record_as_it_is(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let known = AccountRecord { intent: None, ..full() };
    let rows = [row(1, "1", suspend("1"), &[]), row(2, "2", create("2"), &[])];
    let mut tx = store.begin("tests::intend").await.unwrap();
    plan::append(&mut tx, &aws(), &lease.run, &rows).await.unwrap();
    let begun = |row: &PlanRow| {
        let reason = row.reason.clone();
        Intent {
            reason,
            is_released: true,
            missed_at: None,
            ..intent(row.operation.clone(), row.seq, at(10))
        }
    };
    let [first, second] = rows.each_ref().map(begun);
    account::record(&mut tx, &lease, std::slice::from_ref(&known)).await.unwrap();
    let given = AccountRecord { intent: Some(first.clone()), settled: None, ..active("1") };
    let new = AccountRecord { intent: Some(second), ..AccountRecord::new(user("2"), Some(address("2"))) };
    account::intend(&mut tx, &lease, &[&given, &new]).await.unwrap();
    let intended = [AccountRecord { intent: Some(first), ..known }, new];
    assert_eq!([one(&mut tx, "1").await, one(&mut tx, "2").await], intended);
    assert_eq!(account::intended(&mut tx, &aws(), None, 9).await.unwrap(), intended);

    // The plan goes; what was begun of it stays as it was.
    app::begin_run(&mut tx, &aws(), RunId::new("run-2")).await.unwrap();
    plan::start(&mut tx, &aws(), &RunId::new("run-2")).await.unwrap();
    assert_eq!(plan::rows(&mut tx, &aws(), &lease.run, -1, 9).await.unwrap(), []);
    assert_eq!(account::intended(&mut tx, &aws(), None, 9).await.unwrap(), intended);
    let late = account::intend(&mut tx, &lease, &[]).await.unwrap_err();
    assert!(matches!(late, StoreError::Fenced { .. }), "{late:?}");
}

#[rstest]
#[tokio::test]
async fn who_has_an_intent_alone_is_somebody_the_app_keeps_a_record_of(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::intend").await.unwrap();
    plan::append(&mut tx, &aws(), &lease.run, &[row(1, "7", create("7"), &[])]).await.unwrap();
    let begun = AccountRecord {
        intent: Some(intent(create("7"), 1, at(1))),
        ..AccountRecord::new(user("7"), Some(address("7")))
    };
    account::intend(&mut tx, &lease, &[&begun]).await.unwrap();
    let counts = account::counts(&mut tx, &aws(), at(0)).await.unwrap();
    assert_eq!((counts.unknown, counts.begun, counts.total()), (1, 1, 1));
    account::forget(&mut tx, &lease, &[user("7")]).await.unwrap();
    assert_eq!(account::counts(&mut tx, &aws(), at(0)).await.unwrap(), AccountCounts::default());
}

#[rstest]
#[tokio::test]
async fn thousands_are_written_and_found_at_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let records: Vec<_> = (0..5_001).map(|n| active(&format!("{n:05}"))).collect();
    let users: Vec<_> = records.iter().map(|record| record.user.clone()).collect();
    let mut tx = store.begin("tests::record").await.unwrap();
    account::record(&mut tx, &lease, &records).await.unwrap();
    account::record(&mut tx, &lease, &records).await.unwrap();
    assert_eq!(account::of(&mut tx, &aws(), &users).await.unwrap().len(), 5_001);
    assert_eq!(account::managed(&mut tx, &aws()).await.unwrap(), 5_001);
    account::forget(&mut tx, &lease, &users[1..]).await.unwrap();
    assert_eq!(account::managed(&mut tx, &aws()).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn of_two_records_of_one_user_the_last_one_stands(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::record").await.unwrap();
    let last = AccountRecord { settled: Some("last".to_owned()), ..active("1") };
    account::record(&mut tx, &lease, &[active("1"), last.clone()]).await.unwrap();
    assert_eq!(one(&mut tx, "1").await, last);
}

#[rstest]
#[tokio::test]
async fn an_account_that_is_on_without_a_remote_id_is_not_stored(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::record").await.unwrap();
    let nowhere = AccountRecord { remote_id: None, ..active("1") };
    let error = account::record(&mut tx, &lease, &[nowhere]).await.unwrap_err();
    assert!(matches!(error, StoreError::Statement { .. }), "{error:?}");
}

#[rstest]
#[tokio::test]
async fn intents_are_found_after_a_crash_page_by_page(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::record").await.unwrap();
    assert_eq!(account::latest_intent_until(&mut tx, &aws()).await.unwrap(), None);
    let begun =
        |id: &str, until| AccountRecord { intent: Some(intent(suspend(id), 1, at(until))), ..active(id) };
    let records = [begun("1", 10), active("2"), begun("3", 30), begun("4", 20)];
    account::record(&mut tx, &lease, &records).await.unwrap();
    let first = account::intended(&mut tx, &aws(), None, 2).await.unwrap();
    assert_eq!(first, [begun("1", 10), begun("3", 30)]);
    let rest = account::intended(&mut tx, &aws(), Some(&user("3")), 2).await.unwrap();
    assert_eq!(rest, [begun("4", 20)]);
    assert_eq!(account::latest_intent_until(&mut tx, &aws()).await.unwrap(), Some(at(30)));
    account::record(&mut tx, &lease, &[active("3")]).await.unwrap();
    assert_eq!(account::latest_intent_until(&mut tx, &aws()).await.unwrap(), Some(at(20)));
}

#[rstest]
#[tokio::test]
async fn accounts_are_counted_in_every_state(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::record").await.unwrap();
    let leaving = Causes { suspended: Some(at(1)), ..Causes::default() };
    let records = [
        active("1"),
        AccountRecord { causes: leaving, ..active("2") },
        AccountRecord { state: RecordState::Suspended, causes: leaving, ..active("3") },
        AccountRecord { state: RecordState::Gone, ..active("4") },
        AccountRecord { intent: Some(intent(suspend("5"), 1, at(1))), ..active("5") },
        AccountRecord { failing: Some(failing(1)), ..AccountRecord::new(user("6"), None) },
        AccountRecord {
            intent: Some(intent(create("7"), 2, at(1))),
            ..AccountRecord::new(user("7"), Some(address("7")))
        },
    ];
    account::record(&mut tx, &lease, &records).await.unwrap();
    let counts = account::counts(&mut tx, &aws(), at(0)).await.unwrap();
    let expected =
        AccountCounts { active: 3, suspended: 1, leaving: 1, unknown: 2, failing: 1, gone: 1, begun: 1 };
    assert_eq!((counts, counts.total()), (expected, 6));
    assert_eq!(account::managed(&mut tx, &aws()).await.unwrap(), 3);
    assert!(account::at_least(&mut tx, &aws(), 4).await.unwrap());
    assert!(!account::at_least(&mut tx, &aws(), 5).await.unwrap());
    assert_eq!(account::counts(&mut tx, &other(), at(0)).await.unwrap(), AccountCounts::default());
}

#[rstest]
#[tokio::test]
async fn what_comes_due_is_listed_soonest_first_and_what_fails_by_person(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::record").await.unwrap();
    let reason = Some(Reason::Unlisted);
    let records = [
        AccountRecord { wake_at: Some(at(20)), failing: Some(failing(20)), ..active("1") },
        AccountRecord { wake_at: Some(at(10)), reason: reason.clone(), ..active("2") },
        AccountRecord { wake_at: Some(at(30)), ..active("3") },
        active("4"),
    ];
    account::record(&mut tx, &lease, &records).await.unwrap();
    let due = account::due_list(&mut tx, &aws(), 2).await.unwrap();
    let expected =
        [(user("2"), Some(address("2")), at(10), reason), (user("1"), Some(address("1")), at(20), None)];
    assert_eq!(due, expected);
    let failed = account::failing_list(&mut tx, &aws(), 10).await.unwrap();
    assert_eq!(failed, [(user("1"), Some(address("1")), failing(20))]);
}

#[rstest]
#[tokio::test]
async fn a_run_is_known_by_the_writes_that_it_began(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::is_intended_by").await.unwrap();
    let begun = AccountRecord { intent: Some(intent(suspend("1"), 4, at(9))), ..active("1") };
    account::record(&mut tx, &lease, &[begun]).await.unwrap();
    let mut is_intended = Vec::new();
    for (app, run) in [(aws(), "run-1"), (aws(), "run-2"), (other(), "run-1")] {
        is_intended.push(account::is_intended_by(&mut tx, &app, &RunId::new(run)).await.unwrap());
    }
    assert_eq!(is_intended, [true, false, false]);
    account::record(&mut tx, &lease, &[active("1")]).await.unwrap();
    assert!(!account::is_intended_by(&mut tx, &aws(), &RunId::new("run-1")).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_name_and_an_account_have_a_holder_until_they_are_gone(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::holder").await.unwrap();
    let gone = AccountRecord { state: RecordState::Gone, ..active("2") };
    account::record(&mut tx, &lease, &[active("1"), gone]).await.unwrap();
    let holder = account::holder_of_name(&mut tx, &aws(), "1@example.com").await.unwrap().unwrap();
    assert_eq!((&holder.user, &holder.email), (&user("1"), &Some(address("1"))));
    assert_eq!(account::holder_of_name(&mut tx, &aws(), "2@example.com").await.unwrap(), None);
    assert_eq!(account::holder_of_name(&mut tx, &other(), "1@example.com").await.unwrap(), None);
    let accounts = ["r-1", "r-2", "r-3"].map(RemoteId::new);
    let holders = account::holders(&mut tx, &aws(), &accounts).await.unwrap();
    assert_eq!(holders.into_iter().collect::<Vec<_>>(), [(RemoteId::new("r-1"), holder)]);
}

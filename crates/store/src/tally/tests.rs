use rstest::rstest;

use super::*;
use crate::db::Db;
use crate::{Store, account};
use usher_model::id::AppId;
use usher_model::time::Timestamp;

/// Twenty accounts at one app, all on.
const TWENTY: &str = "
    INSERT INTO account (app, user_id, state, remote_id, sent, returned, is_suspended_by_us)
    SELECT 'aws', CAST(n AS TEXT), 'active', 'r', '{}', '{}', 0
    FROM (WITH RECURSIVE up (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n < 19) SELECT n FROM up) AS up";

const SET_FAILING: &str = "\
-- tests::set_failing
UPDATE account SET failing = CASE WHEN $1 = 1 THEN '{}' END WHERE app = 'aws' AND user_id = $2";

async fn set_failing(tx: &mut Tx, user: usize, is_failing: bool) {
    let values = [i64::from(is_failing).into(), user.to_string().as_str().into()];
    tx.execute_one(SET_FAILING, &values).await.unwrap();
}

async fn n_lines(store: &Store) -> u64 {
    let sql = "-- tests::n_lines\nSELECT COUNT(*) AS n FROM account_tally";
    store.read("tests::n_lines").await.unwrap().row(sql, &[]).await.unwrap().count("n").unwrap()
}

async fn n_failing(store: &Store) -> u64 {
    let mut tx = store.read("tests::n_failing").await.unwrap();
    assert_eq!(miscounted(&mut tx).await.unwrap(), [""; 0]);
    account::counts(&mut tx, &AppId::new("aws"), Timestamp::from_micros(0)).await.unwrap().failing
}

async fn begun(store: &Store, script: &'static str) -> Tx {
    let mut tx = store.begin("tests::tally").await.unwrap();
    tx.script("tests::script", script).await.unwrap();
    tx
}

#[rstest]
#[tokio::test]
async fn a_count_that_is_wrong_is_told(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = begun(&store, TWENTY).await;
    assert_eq!(miscounted(&mut tx).await.unwrap(), [""; 0]);
    let wrong = "
        UPDATE account_tally SET n = 19;
        INSERT INTO person_tally (directory, org_unit, state, is_guest, n) VALUES ('d', '/', 'active', 1, 3)";
    tx.script("tests::wrong", wrong).await.unwrap();
    let expected = [
        "active people of d in /, guests 1: 3 for 0",
        "active accounts at aws, leaving 0, failing 0: 19 for 20",
    ];
    assert_eq!(miscounted(&mut tx).await.unwrap(), expected);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn lines_do_not_become_more_and_more(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    begun(&store, TWENTY).await.commit().await.unwrap();
    for n in 0..400 {
        let mut tx = store.begin("tests::lines").await.unwrap();
        set_failing(&mut tx, n % 20, (n / 20) % 2 == 0).await;
        match n % 7 {
            0 => tx.rollback().await.unwrap(),
            _ => tx.commit().await.unwrap(),
        }
        // What is put together, and two lines of each of up to 64 statements.
        assert!(n_lines(&store).await <= 4 + 2 * 64, "after {n}");
    }
    n_failing(&store).await;
}

#[rstest]
#[tokio::test]
async fn what_changes_nothing_that_is_counted_leaves_the_counts_alone(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let store = home.open().await;
    begun(&store, TWENTY).await.commit().await.unwrap();
    let lines = "-- tests::lines\nSELECT app, line, state, is_leaving, is_failing, n FROM account_tally";
    let mut tx = store.begin("tests::settled").await.unwrap();
    let before = format!("{:?}", tx.rows(lines, &[]).await.unwrap());
    tx.script("tests::settled", "UPDATE account SET settled = 'f00d', reason = '{}'").await.unwrap();
    assert_eq!(format!("{:?}", tx.rows(lines, &[]).await.unwrap()), before);
    tx.rollback().await.unwrap();
}

// Both change the same two counts, each also after the other, and both put lines together: whoever waited for the other
// would wait for ever, for this test commits neither before both are done. A wait is an error instead.
#[tokio::test]
async fn two_who_write_accounts_at_once_do_not_wait_for_each_others_counts() {
    const NO_WAIT: &str = "SET LOCAL lock_timeout = '1s'";
    let home = Db::Postgres.fresh().await;
    let store = home.open().await;
    begun(&store, TWENTY).await.commit().await.unwrap();
    let (mut one, mut two) = (begun(&store, NO_WAIT).await, begun(&store, NO_WAIT).await);
    for n in 0..100 {
        let is_failing = (n / 10) % 2 == 0;
        set_failing(&mut one, n % 10, is_failing).await;
        set_failing(&mut two, 19 - n % 10, is_failing).await;
        assert_eq!(n_failing(&store).await, 0, "nothing of it is committed");
        assert_eq!(miscounted(&mut one).await.unwrap(), [""; 0]);
    }
    for n in 0..3 {
        set_failing(&mut one, n, true).await;
        set_failing(&mut two, 19 - n, true).await;
    }
    two.commit().await.unwrap();
    assert_eq!(n_failing(&store).await, 3);
    assert_eq!(miscounted(&mut one).await.unwrap(), [""; 0]);
    one.commit().await.unwrap();
    assert_eq!(n_failing(&store).await, 6);
}

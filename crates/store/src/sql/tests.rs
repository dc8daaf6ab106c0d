use rstest::rstest;
use sqlx::{Connection as _, SqliteConnection};

use super::*;
use crate::Store;
use crate::db::{Db, Home};

const INSERT: &str = "\
-- store::things::insert
INSERT INTO thing (id, name, n, mark) VALUES ($1, $2, $3, $4)";

const GET: &str = "\
-- store::things::get
SELECT id, name, n, mark FROM thing WHERE id = $1";

const COUNT: &str = "\
-- store::things::count
SELECT COUNT(*) AS n FROM thing";

const UPSERT: &str = "\
-- store::things::upsert
INSERT INTO thing (id, name, n, mark)
SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), unhex(value ->> 3) FROM json_rows($1) WHERE true
ON CONFLICT (id) DO UPDATE SET name = excluded.name, n = excluded.n, mark = excluded.mark";

const PAGE: &str = "\
-- store::things::page
SELECT id, name, n, mark FROM thing WHERE id > $1 ORDER BY id LIMIT $2";

const PAGE_COLUMNS: &[Column] =
    &[Column::Text("id"), Column::Text("name"), Column::Int("n"), Column::Bytes("mark")];

async fn store_with_things(db: Db) -> (Home, Store) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::create").await.unwrap();
    let table = match tx.dialect() {
        Dialect::Sqlite => {
            "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY, name TEXT, n INTEGER, mark BLOB) STRICT"
        }
        Dialect::Postgres => {
            "CREATE TABLE thing (id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, name TEXT, n BIGINT, mark BYTEA)"
        }
    };
    tx.script("tests::create", table).await.unwrap();
    tx.commit().await.unwrap();
    (home, store)
}

async fn count(store: &Store) -> i64 {
    let mut tx = store.read("tests::count").await.unwrap();
    tx.row(COUNT, &[]).await.unwrap().int("n").unwrap()
}

fn thing(id: &str) -> [Value; 4] {
    [id.into(), "a name".into(), 1.into(), vec![0_u8, 255].into()]
}

#[rstest]
#[tokio::test]
async fn a_null_has_the_type_of_its_column(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.begin("tests::nulls").await.unwrap();
    tx.execute_one(INSERT, &["a".into(), Value::Text(None), Value::Int(None), Value::Bytes(None)])
        .await
        .unwrap();
    tx.execute_one(INSERT, &thing("b")).await.unwrap();

    let empty = tx.row(GET, &["a".into()]).await.unwrap();
    assert_eq!(empty.opt_text("name").unwrap(), None);
    assert_eq!(empty.opt_int("n").unwrap(), None);
    assert_eq!(empty.opt_bytes(3).unwrap(), None);
    let full = tx.row(GET, &["b".into()]).await.unwrap();
    assert_eq!(full.text(1).unwrap(), "a name");
    assert_eq!(full.int("n").unwrap(), 1);
    assert_eq!(full.bytes("mark").unwrap(), [0, 255]);
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn parameters_are_reused_and_reordered(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    const MOVE: &str = "\
-- store::things::move
UPDATE thing SET n = $3, name = $1 WHERE id = $2 AND name <> $1 RETURNING id, n";
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.begin("tests::reuse").await.unwrap();
    tx.execute_one(INSERT, &thing("a")).await.unwrap();
    let moved = tx.opt_row(MOVE, &["new".into(), "a".into(), 5.into()]).await.unwrap().unwrap();
    assert_eq!((moved.text("id").unwrap(), moved.int("n").unwrap()), ("a", 5));
    assert!(tx.opt_row(MOVE, &["new".into(), "a".into(), 5.into()]).await.unwrap().is_none());
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_nobody_committed_never_was(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_things(db).await;
    let mut dropped = store.begin("tests::dropped").await.unwrap();
    dropped.execute_one(INSERT, &thing("a")).await.unwrap();
    drop(dropped);
    assert_eq!(count(&store).await, 0);

    let mut undone = store.begin("tests::undone").await.unwrap();
    undone.execute_one(INSERT, &thing("a")).await.unwrap();
    undone.rollback().await.unwrap();
    assert_eq!(count(&store).await, 0);

    let mut kept = store.begin("tests::kept").await.unwrap();
    kept.execute_one(INSERT, &thing("a")).await.unwrap();
    kept.commit().await.unwrap();
    assert_eq!(count(&store).await, 1);
}

#[rstest]
#[tokio::test]
async fn what_went_well_is_kept_and_of_what_failed_nothing_but_why(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_things(db).await;
    let insert_then = async |outcome: Result<&'static str, StoreError>| {
        let mut tx = store.begin("tests::outcome").await.unwrap();
        tx.execute_one(INSERT, &thing("a")).await.unwrap();
        tx.commit_or_roll_back(outcome).await
    };
    let failed = insert_then(Err(StoreError::DiskFull)).await;
    assert!(matches!(failed, Err(StoreError::DiskFull)), "{failed:?}");
    assert_eq!(count(&store).await, 0);
    assert_eq!(insert_then(Ok("done")).await.unwrap(), "done");
    assert_eq!(count(&store).await, 1);
}

#[rstest]
#[tokio::test]
async fn a_reader_cannot_write(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.read("tests::read").await.unwrap();
    let refused = tx.execute(INSERT, &thing("a")).await.unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn a_reader_sees_one_state_while_others_write(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_things(db).await;
    let mut reader = store.read("tests::reader").await.unwrap();
    assert_eq!(reader.row(COUNT, &[]).await.unwrap().int("n").unwrap(), 0);
    let mut writer = store.begin("tests::writer").await.unwrap();
    writer.execute_one(INSERT, &thing("a")).await.unwrap();
    writer.commit().await.unwrap();
    assert_eq!(reader.row(COUNT, &[]).await.unwrap().int("n").unwrap(), 0);
    drop(reader);
    assert_eq!(count(&store).await, 1);
}

#[rstest]
#[tokio::test]
async fn a_key_that_is_taken_is_told_from_other_errors(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.begin("tests::twice").await.unwrap();
    tx.execute_one(INSERT, &thing("a")).await.unwrap();
    let error = tx.execute_one(INSERT, &thing("a")).await.unwrap_err();
    assert!(error.is_unique_violation(), "{error:?}");
    assert!(error.to_string().starts_with("store::things::insert: a row with the same thing"), "{error}");
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_write_that_met_no_row_is_an_error(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    const RENAME: &str = "\
-- store::things::rename
UPDATE thing SET name = $2 WHERE id = $1";
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.begin("tests::missing").await.unwrap();
    let error = tx.execute_one(RENAME, &["a".into(), "new".into()]).await.unwrap_err();
    assert!(matches!(error, StoreError::RowCount { expected: 1, found: 0, .. }), "{error:?}");
    let error = tx.row(GET, &["a".into()]).await.unwrap_err();
    assert!(matches!(error, StoreError::RowCount { expected: 1, found: 0, .. }), "{error:?}");
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_value_that_does_not_belong_names_statement_row_and_column(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.begin("tests::wrong").await.unwrap();
    tx.execute_one(INSERT, &["a".into(), Value::Text(None), 2.into(), Value::Bytes(None)]).await.unwrap();
    let row = tx.row(GET, &["a".into()]).await.unwrap();
    let said = |error: StoreError| error.to_string();
    assert_eq!(
        said(row.text("name").unwrap_err()),
        "store::things::get: column `name` of row 1 is NULL and must not be"
    );
    assert_eq!(
        said(row.text("n").unwrap_err()),
        "store::things::get: column `n` of row 1 holds an integer where text belongs"
    );
    assert_eq!(
        said(row.int("size").unwrap_err()),
        "store::things::get: column `size` of row 1 is not in the answer"
    );
    assert_eq!(
        said(row.truth("n").unwrap_err()),
        "store::things::get: column `n` of row 1 is neither 0 nor 1"
    );
    assert_eq!(
        said(row.parsed("id", str::parse::<u8>).unwrap_err()),
        "store::things::get: column `id` of row 1 cannot be read: invalid digit found in string"
    );
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn counts_truths_and_sums_are_integers(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    const FIGURES: &str = "\
-- store::things::figures
SELECT COUNT(*) AS count, EXISTS (SELECT 1 FROM thing) AS some, CAST(SUM(n) AS BIGINT) AS sum, 7 AS seven,
       'x' AS letter
FROM thing";
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.begin("tests::figures").await.unwrap();
    tx.execute_one(INSERT, &thing("a")).await.unwrap();
    let row = tx.row(FIGURES, &[]).await.unwrap();
    let figures = ["count", "some", "sum", "seven"].map(|column| row.int(column).unwrap());
    assert_eq!(figures, [1, 1, 1, 7]);
    assert_eq!(row.text("letter").unwrap(), "x");
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn text_sorts_by_its_bytes(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.begin("tests::order").await.unwrap();
    let mut ids = ["b", "B", "a-b", "ab", "ä", "Z", "_", "z"];
    for id in ids {
        tx.execute_one(INSERT, &thing(id)).await.unwrap();
    }
    let rows = tx.rows(PAGE, &["".into(), 100.into()]).await.unwrap();
    let stored: Vec<&str> = rows.iter().map(|row| row.text("id").unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(stored, ids);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn ten_thousand_rows_go_in_by_statements_and_come_out_in_three_pages(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_things(db).await;
    let row_of = |n: i64, name: Option<&str>| -> [Value; 4] {
        let mark = (n % 3 == 0).then(|| n.to_be_bytes().to_vec());
        [format!("{n:05}").into(), name.into(), (n % 2 == 0).then_some(i64::MAX - n).into(), mark.into()]
    };
    let all: Vec<i64> = (0..10_000).collect();
    for name in [None, Some("\"Ünïcode\" \\ \n'")] {
        let mut tx = store.begin("tests::upsert").await.unwrap();
        // As parameters where that is faster, with a remainder, and as JSON.
        let first = all[..5_077].iter().map(|n| row_of(*n, name)).collect();
        assert_eq!(tx.execute_rows(UPSERT, &[], first).await.unwrap(), 5_077);
        for chunk in all.chunks(ROWS_PER_STATEMENT) {
            let rows = Value::rows(chunk.iter().map(|n| row_of(*n, name)));
            assert_eq!(tx.execute(UPSERT, &[rows]).await.unwrap(), 5_000);
        }
        tx.commit().await.unwrap();
    }

    let mut tx = store.read("tests::walk").await.unwrap();
    let (mut after, mut walked, mut pages) = (String::new(), 0, 0);
    loop {
        let limit = i64::try_from(ROWS_PER_STATEMENT).unwrap();
        let page = tx.page(PAGE, PAGE_COLUMNS, &[after.as_str().into(), limit.into()]).await.unwrap();
        pages += 1;
        let Some(last) = page.last() else { break };
        after = last.text("id").unwrap().to_owned();
        for row in &page {
            let [id, name, number, mark] = row_of(walked, Some("\"Ünïcode\" \\ \n'"));
            assert_eq!(Value::from(row.text("id").unwrap()), id);
            assert_eq!(Value::from(row.opt_text("name").unwrap()), name);
            assert_eq!(Value::from(row.opt_int("n").unwrap()), number);
            assert_eq!(Value::from(row.opt_bytes("mark").unwrap().map(<[u8]>::to_vec)), mark);
            walked += 1;
        }
    }
    assert_eq!((walked, pages), (10_000, 3));
}

#[test]
fn a_page_that_is_garbled_is_refused() {
    let columns = [Column::Text("id"), Column::Int("n")];
    let read = |page: &str| super::bulk::rows_of_page("store::tests::garbled", page.to_owned(), &columns);
    let rows = read("3:a:b:0:1:7").unwrap();
    assert_eq!(rows.iter().map(|row| row.text("id").unwrap()).collect::<Vec<_>>(), ["a:b", ""]);
    assert_eq!(rows.iter().map(|row| row.opt_int("n").unwrap()).collect::<Vec<_>>(), [None, Some(7)]);
    for page in ["3", "9:abc:", "x:abc:", "2:aä1:7", "1:a1:x"] {
        assert!(matches!(read(page), Err(StoreError::Column { .. })), "{page}");
    }
}

#[rstest]
#[tokio::test]
async fn rows_that_are_claimed_are_claimed_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    const CLAIM: &str = "\
-- store::things::claim
UPDATE thing SET n = $1
WHERE id IN (SELECT id FROM thing WHERE n = 1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id";
    let (_home, store) = store_with_things(db).await;
    let mut tx = store.begin("tests::claim").await.unwrap();
    tx.execute(UPSERT, &[Value::rows(["a", "b", "c"].map(thing))]).await.unwrap();
    assert_eq!(tx.rows(CLAIM, &[2.into(), 2.into()]).await.unwrap().len(), 2);
    assert_eq!(tx.rows(CLAIM, &[2.into(), 2.into()]).await.unwrap().len(), 1);
    assert_eq!(tx.rows(CLAIM, &[2.into(), 2.into()]).await.unwrap().len(), 0);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_of_the_transaction_stands() {
    let (_home, store) = store_with_things(Db::Sqlite).await;
    let mut tx = store.begin("tests::fill").await.unwrap();
    tx.rows("-- store::tests::limit\nPRAGMA max_page_count = 12", &[]).await.unwrap();
    tx.execute_one(INSERT, &thing("a")).await.unwrap();
    let large = Value::Bytes(Some(vec![1; 100_000]));
    let full = tx.execute_one(INSERT, &["b".into(), "".into(), 1.into(), large]).await.unwrap_err();
    assert_eq!(
        full.to_string(),
        "the disk is full, and nothing of this was written; free some space and run it again"
    );
    drop(tx);
    assert_eq!(count(&store).await, 0);

    // The limit went with the connection: the next transaction has another one, and space.
    let mut tx = store.begin("tests::space").await.unwrap();
    tx.execute_one(INSERT, &thing("a")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn another_programs_lock_is_said() {
    let (home, store) = store_with_things(Db::Sqlite).await;
    let mut tx = store.begin("tests::impatient").await.unwrap();
    tx.rows("-- store::tests::impatient\nPRAGMA busy_timeout = 0", &[]).await.unwrap();
    tx.commit().await.unwrap();

    let Home::Sqlite(directory) = &home else { unreachable!("the home of an SQLite test") };
    let file = format!("sqlite://{}", directory.path().join("usher.db").display());
    let mut other = SqliteConnection::connect(&file).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let busy = store.begin("tests::begin").await.map(drop).unwrap_err();
    assert!(matches!(busy, StoreError::Busy { .. }), "{busy:?}");
}

#[rstest]
#[case("53100", "the disk is full")]
#[case("40001", "another transaction changed the same rows")]
#[case("40P01", "another transaction changed the same rows")]
#[case("55P03", "the database is locked")]
#[case("25006", "the database is read-only")]
#[case("XX001", "the database is damaged")]
#[case("57P01", "the connection to the database is lost")]
#[tokio::test]
async fn what_postgres_answers_is_said_in_our_words(#[case] code: &str, #[case] sentence: &str) {
    let (_home, store) = store_with_things(Db::Postgres).await;
    let mut tx = store.begin("tests::raise").await.unwrap();
    let raise = format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$");
    let error = tx.script("tests::raise", raise.leak()).await.unwrap_err();
    let said = error.to_string();
    assert!(said.trim_start_matches("tests::raise: ").starts_with(sentence), "{said}");
    tx.rollback().await.unwrap();
}

/// A task of the shell is spawned, so what it awaits must be `Send`.
#[test]
fn what_a_task_awaits_is_send() {
    fn is_send<T: Send>(_: impl FnOnce(Store) -> T) {}
    is_send(async |store: Store| -> Result<(), StoreError> {
        let mut tx = store.begin("tests::send").await?;
        for id in ["a", "b"] {
            tx.execute_one(INSERT, &thing(id)).await?;
        }
        let rows = tx.page(PAGE, PAGE_COLUMNS, &["".into(), 1.into()]).await?;
        tx.execute(UPSERT, &[Value::rows(rows.iter().map(|_| thing("c")))]).await?;
        tx.commit().await
    });
}

#[test]
fn sqlite_is_told_nothing_that_it_does_not_know() {
    let sql = "-- store::x::y\nSELECT value ->> 0 FROM json_rows($1) FOR UPDATE SKIP LOCKED";
    assert_eq!(Dialect::Sqlite.text(sql), "-- store::x::y\nSELECT value ->> 0 FROM jsonb_each($1) ");
    assert_eq!(Dialect::Postgres.text(sql), sql);
    let sql = "-- store::x::y\nINSERT INTO x SELECT $1, value ->> 0, CAST(value ->> 11 AS BIGINT), $2 FROM json_rows($3)";
    let expected = "-- store::x::y\nINSERT INTO x SELECT $5, column1, CAST(column12 AS BIGINT), $6 \
                    FROM (VALUES (?, ?), (?, ?))";
    assert_eq!(Dialect::sqlite_rows(sql, 2, 2, 2), expected);
}

use std::collections::BTreeSet;

use rstest::rstest;
use secrecy::ExposeSecret as _;
use usher_model::id::{AppId, DirectoryId, RemoteId, RunId, UserId};
use usher_model::operation::Operation;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;

use super::*;
use crate::db::Db;
use crate::run::{self, RunKind};
use crate::{Store, account, directory, tally};

fn names_in(folder: &str) -> BTreeSet<String> {
    let path = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(path).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn both_databases_have_the_same_migrations_and_all_are_applied() {
    let ours: BTreeSet<String> =
        MIGRATIONS.iter().map(|migration| format!("{}.sql", migration.name)).collect();
    assert_eq!(names_in("sqlite"), ours);
    assert_eq!(names_in("postgres"), ours);
    assert!(MIGRATIONS.is_sorted_by_key(|migration| migration.name));
    for (n, migration) in MIGRATIONS.iter().enumerate() {
        assert!(migration.name.starts_with(&format!("{:04}_", n + 1)), "{}", migration.name);
    }
}

/// Table, column, type, and whether it may be NULL.
type Columns = BTreeSet<(String, String, String, bool)>;

async fn columns(store: Store, sql: &'static str) -> Columns {
    let mut tx = store.read("tests::columns").await.unwrap();
    let rows = tx.rows(sql, &[]).await.unwrap();
    let text = |row: &crate::sql::Row, column: &str| row.text(column).unwrap().to_owned();
    let column = |row| (text(row, "t"), text(row, "c"), text(row, "type"), row.truth("nullable").unwrap());
    rows.iter().map(column).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (Db::Sqlite.fresh().await, Db::Postgres.fresh().await);
    let of_sqlite = columns(
        sqlite.open().await,
        "-- tests::columns::sqlite
         SELECT t.name AS t, c.name AS c, c.type AS type, NOT c.\"notnull\" AS nullable
         FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table'",
    );
    let of_postgres = columns(
        postgres.open().await,
        "-- tests::columns::postgres
         SELECT table_name AS t, column_name AS c, is_nullable = 'YES' AS nullable,
                CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'bytea' THEN 'BLOB' ELSE upper(data_type) END AS type
         FROM information_schema.columns WHERE table_schema = 'public'",
    );
    assert_eq!(of_sqlite.await, of_postgres.await);
}

#[tokio::test]
async fn tables_are_strict_on_sqlite() {
    let home = Db::Sqlite.fresh().await;
    let store = home.open().await;
    let mut tx = store.read("tests::strict").await.unwrap();
    let lax = tx.rows(
        "-- tests::strict
         SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND NOT strict",
        &[],
    );
    let lax = lax.await.unwrap();
    assert!(lax.is_empty(), "{lax:?}");
}

#[tokio::test]
async fn text_is_collated_by_its_bytes_on_postgres() {
    let home = Db::Postgres.fresh().await;
    let store = home.open().await;
    let mut tx = store.read("tests::collation").await.unwrap();
    let otherwise = tx.rows(
        "-- tests::collation
         SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'",
        &[],
    );
    let otherwise = otherwise.await.unwrap();
    assert!(otherwise.is_empty(), "{otherwise:?}");
}

async fn database(home: &crate::db::Home) -> crate::sql::Database {
    match home.location() {
        crate::Location::Sqlite(directory) => {
            let file = directory.join("usher.db");
            std::fs::write(&file, "").unwrap();
            crate::sql::Database::sqlite(&file).await.unwrap()
        }
        crate::Location::Postgres(url) => crate::sql::Database::postgres(url.expose_secret()).await.unwrap(),
        crate::Location::Memory => unreachable!("invariant: a test's home is a file or a server"),
    }
}

/// Applies the migrations before the one of that name, as a version did that did not have it.
async fn bring_up_to_before(tx: &mut Tx, name: &str) {
    for migration in MIGRATIONS.iter().take_while(|migration| migration.name != name) {
        let script = migration.script(tx.dialect());
        tx.script(migration.name, script).await.unwrap();
        tx.execute_one(RECORD, &[migration.name.into(), checksum(script).into()]).await.unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn what_was_begun_before_intents_had_a_table_is_still_looked_at(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let database = database(&home).await;
    let mut tx = database.begin("tests::before").await.unwrap();
    bring_up_to_before(&mut tx, "0005_intents").await;
    let accounts = r#"
        INSERT INTO account (app, user_id, email, user_name, state, remote_id, sent, returned, is_suspended_by_us,
                             intent, intent_until, missed_at, settled)
        VALUES ('aws', '1', 'ada@example.com', 'ada@example.com', 'active', 'r-1', '{"userName":"ada@example.com"}',
                '{}', 0,
                '{"operation":{"operation":"suspend","remote_id":"r-1"},"reason":{"because":"joined"},"run":"run-1","seq":7,"is_released":true}',
                9000000, 8000000, 'f00d'),
               ('aws', '2', NULL, NULL, 'none', NULL, '{}', '{}', 0, NULL, NULL, NULL, NULL)"#;
    tx.script("tests::accounts", accounts).await.unwrap();
    bring_up_to_date(&mut tx, "the database", Migrations::Apply).await.unwrap();

    let app = AppId::new("aws");
    let begun = account::intended(&mut tx, &app, None, 9).await.unwrap().pop().unwrap();
    let intent = begun.intent.clone().unwrap();
    assert_eq!(intent.operation, Operation::Suspend { remote_id: RemoteId::new("r-1") });
    assert_eq!((intent.reason, intent.run, intent.seq), (Reason::Joined, RunId::new("run-1"), 7));
    assert_eq!((intent.until, intent.is_released), (Timestamp::from_micros(9_000_000), true));
    assert_eq!(intent.missed_at, Some(Timestamp::from_micros(8_000_000)));
    assert_eq!((begun.state, begun.settled.as_deref()), (account::RecordState::Active, Some("f00d")));
    let both = account::of(&mut tx, &app, &["1", "2"].map(UserId::new)).await.unwrap();
    assert_eq!(both[&UserId::new("1")], begun);
    assert_eq!(both[&UserId::new("2")], account::AccountRecord::new(UserId::new("2"), None));
    tx.rollback().await.unwrap();
    database.close().await;
}

#[rstest]
#[tokio::test]
async fn runs_from_before_any_could_be_undone_are_kept(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let database = database(&home).await;
    let mut tx = database.begin("tests::before").await.unwrap();
    bring_up_to_before(&mut tx, "0012_undo").await;
    let runs = r#"
        INSERT INTO run (id, app, kind, started_at, ended_at, outcome)
        VALUES ('run-1', 'aws', 'audit', 1000000, 2000000, '{"stopped":null}'),
               ('run-2', 'aws', 'on_demand', 3000000, NULL, NULL)"#;
    tx.script("tests::runs", runs).await.unwrap();
    bring_up_to_date(&mut tx, "the database", Migrations::Apply).await.unwrap();

    let app = AppId::new("aws");
    run::insert(&mut tx, &app, &RunId::new("run-3"), RunKind::Undo, Timestamp::from_micros(4_000_000))
        .await
        .unwrap();
    let runs = run::list(&mut tx, &app, 9).await.unwrap();
    let of = |run: &run::RunRow| (run.id.to_string(), run.kind, run.ended_at, run.outcome.clone());
    assert_eq!(
        runs.iter().map(of).collect::<Vec<_>>(),
        [
            ("run-3".to_owned(), RunKind::Undo, None, None),
            ("run-2".to_owned(), RunKind::OnDemand, None, None),
            (
                "run-1".to_owned(),
                RunKind::Audit,
                Some(Timestamp::from_micros(2_000_000)),
                Some(serde_json::json!({"stopped": null}))
            ),
        ]
    );
    tx.rollback().await.unwrap();
    database.close().await;
}

#[rstest]
#[tokio::test]
async fn people_and_accounts_from_before_any_were_kept_counted_are_counted(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let database = database(&home).await;
    let mut tx = database.begin("tests::before").await.unwrap();
    bring_up_to_before(&mut tx, "0022_tallies").await;
    let rows = r"
        INSERT INTO directory (id, name, kind, created_at) VALUES ('d', 'd', 'embedded', 0);
        INSERT INTO person (directory, id, primary_email, state, org_unit, is_guest, fingerprint)
        VALUES ('d', '1', 'a@example.com', 'active', '/Sales', 0, ''), ('d', '2', 'b@example.com', 'active', '/Sales', 0, ''),
               ('d', '3', 'c@example.com', 'active', '/Sales', 1, ''), ('d', '4', 'd@example.com', 'deleted', '/', 0, '');
        INSERT INTO account (app, user_id, state, remote_id, sent, returned, is_suspended_by_us, causes, failing)
        VALUES ('aws', '1', 'active', 'r-1', '{}', '{}', 0, NULL, NULL), ('aws', '2', 'active', 'r-2', '{}', '{}', 0, '{}', NULL),
               ('aws', '3', 'active', 'r-3', '{}', '{}', 0, '{}', '{}'), ('crm', '1', 'gone', 'r-1', '{}', '{}', 0, NULL, NULL)";
    tx.script("tests::rows", rows).await.unwrap();
    bring_up_to_date(&mut tx, "the database", Migrations::Apply).await.unwrap();

    assert_eq!(tally::miscounted(&mut tx).await.unwrap(), [""; 0]);
    let counts = account::counts(&mut tx, &AppId::new("aws"), Timestamp::from_micros(0)).await.unwrap();
    assert_eq!((counts.active, counts.leaving, counts.failing, counts.gone), (3, 2, 1, 0));
    let people = directory::counts(&mut tx, &DirectoryId::new("d")).await.unwrap();
    assert_eq!((people.users, people.guests, people.deleted), (3, 1, 1));
    let gone = "DELETE FROM account WHERE user_id = '3'; DELETE FROM person WHERE id = '1'";
    tx.script("tests::gone", gone).await.unwrap();
    assert_eq!(tally::miscounted(&mut tx).await.unwrap(), [""; 0]);
    tx.rollback().await.unwrap();
    database.close().await;
}

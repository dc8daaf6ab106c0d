use std::collections::BTreeSet;

use super::*;
use crate::Store;
use crate::db::Db;

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

//! How a store opens, and all the ways in which it must not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rstest::rstest;
use sqlx::{Connection, PgConnection, SqliteConnection};
use usher_store::{Key, KeySource, Location, Migrations, Opening, Place, Purpose, Store, StoreError};

use crate::db::{Db, Home, counting};

const TOKEN: Place<'_> = Place { table: "app", row: "a1", column: "token" };

fn in_directory(path: &Path) -> Opening {
    Opening {
        location: Location::Sqlite(path.to_owned()),
        keys: KeySource::DataDirectory,
        entropy: counting(),
        migrations: Migrations::Apply,
    }
}

async fn refusal(opening: Opening) -> String {
    Store::open(opening).await.map(drop).expect_err("this must not open").to_string()
}

/// Does to a closed database what another version, or another hand, might have done.
async fn meddle(home: &Home, statement: &'static str) {
    match home.location() {
        Location::Sqlite(directory) => {
            let file = format!("sqlite://{}", directory.join("usher.db").display());
            let mut connection = SqliteConnection::connect(&file).await.unwrap();
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        Location::Postgres(url) => {
            let mut connection =
                PgConnection::connect(secrecy::ExposeSecret::expose_secret(&url)).await.unwrap();
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        Location::Memory => unreachable!("a home is a directory or a server"),
    }
}

#[rstest]
#[tokio::test]
async fn a_store_opens_again_with_its_key(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    let sealed = store.keyring().seal(TOKEN, &"t0ken".into());
    store.close().await;
    let again = Store::open(Opening { migrations: Migrations::Refuse, ..home.opening() }).await.unwrap();
    assert!(again.keyring().open(TOKEN, &sealed).is_ok());
}

#[tokio::test]
async fn a_new_data_directory_is_its_owners_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let directory = scratch.path().join("deep/usher-data");
    Store::open(in_directory(&directory)).await.unwrap().close().await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for file in ["usher.db", "key", "lock"] {
        assert_eq!(mode(&directory.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn the_key_that_was_generated_opens_the_store_again() {
    let scratch = tempfile::tempdir().unwrap();
    let store = Store::open(in_directory(scratch.path())).await.unwrap();
    let sealed = store.keyring().seal(TOKEN, &"t0ken".into());
    store.close().await;
    let again = Store::open(in_directory(scratch.path())).await.unwrap();
    assert!(again.keyring().open(TOKEN, &sealed).is_ok());
}

#[tokio::test]
async fn a_second_process_is_told_who_has_the_data_directory() {
    let scratch = tempfile::tempdir().unwrap();
    let first = Store::open(in_directory(scratch.path())).await.unwrap();
    assert_eq!(
        refusal(in_directory(scratch.path())).await,
        format!(
            "{} is in use by another usher process (pid {}); stop it, or use another data directory",
            scratch.path().display(),
            std::process::id()
        )
    );
    first.close().await;
    Store::open(in_directory(scratch.path())).await.unwrap().close().await;
}

#[rstest]
#[tokio::test]
async fn a_wrong_key_opens_nothing_and_changes_nothing(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    home.open().await.close().await;
    let wrong = KeySource::Given(vec![Key::new([8; 32])]);
    let said = refusal(Opening { keys: wrong, ..home.opening() }).await;
    assert!(said.starts_with("the given key does not fit "), "{said}");
    home.open().await.close().await;
}

#[tokio::test]
async fn a_lost_key_file_is_not_replaced() {
    let scratch = tempfile::tempdir().unwrap();
    Store::open(in_directory(scratch.path())).await.unwrap().close().await;
    fs::remove_file(scratch.path().join("key")).unwrap();
    let said = refusal(in_directory(scratch.path())).await;
    assert!(said.ends_with("holds secrets sealed with it; put it back"), "{said}");
    assert!(!scratch.path().join("key").exists());
}

#[tokio::test]
async fn a_key_file_that_others_can_read_is_refused() {
    let scratch = tempfile::tempdir().unwrap();
    Store::open(in_directory(scratch.path())).await.unwrap().close().await;
    let key = scratch.path().join("key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let said = refusal(in_directory(scratch.path())).await;
    assert!(said.ends_with(&format!("run chmod 600 {}", key.display())), "{said}");
}

#[rstest]
#[tokio::test]
async fn a_database_of_a_newer_version_is_refused(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    home.open().await.close().await;
    meddle(&home, "INSERT INTO migration (name, checksum) VALUES ('9999_from_the_future', 'x')").await;
    let said = refusal(home.opening()).await;
    assert!(
        said.contains(" was written by a newer version of usher (its schema is at 9999_from_the_future"),
        "{said}"
    );
}

#[rstest]
#[tokio::test]
async fn a_migration_of_another_form_is_refused(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    home.open().await.close().await;
    meddle(&home, "UPDATE migration SET checksum = 'x'").await;
    let said = refusal(home.opening()).await;
    assert!(said.contains("its migration 0001_foundations differs from ours"), "{said}");
}

#[rstest]
#[tokio::test]
async fn pending_migrations_are_refused_where_asked(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let said = refusal(Opening { migrations: Migrations::Refuse, ..home.opening() }).await;
    assert!(said.contains(" lacks migrations (0001_foundations"), "{said}");
    home.open().await.close().await;
}

#[tokio::test]
async fn replicas_that_start_together_migrate_once() {
    let home = Db::Postgres.fresh().await;
    let (a, b, c) =
        tokio::join!(Store::open(home.opening()), Store::open(home.opening()), Store::open(home.opening()));
    for store in [a, b, c] {
        store.unwrap().close().await;
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("usher.db");
    fs::write(&file, "a letter to my aunt, which is long enough to be looked at".repeat(100)).unwrap();
    let said = refusal(in_directory(scratch.path())).await;
    assert!(
        said.ends_with("usher.db is not a database; move it away, or point to another data directory"),
        "{said}"
    );
    assert!(fs::read_to_string(&file).unwrap().starts_with("a letter"));
}

#[tokio::test]
async fn a_store_in_memory_keeps_what_it_has() {
    let opening = || Opening {
        location: Location::Memory,
        keys: KeySource::Given(vec![Key::new([7; 32])]),
        entropy: counting(),
        migrations: Migrations::Apply,
    };
    let store = Store::open(opening()).await.unwrap();
    store.begin("tests::write").await.unwrap().commit().await.unwrap();
    drop(store.read("tests::read").await.unwrap());
    let refuse = Opening { migrations: Migrations::Refuse, ..opening() };
    assert!(refusal(refuse).await.contains("lacks migrations"), "each store in memory is its own");
}

#[tokio::test]
async fn no_sentence_shows_the_password_of_a_server() {
    let at = |url: &str| Opening {
        location: Location::Postgres(url.to_owned().into()),
        keys: KeySource::Given(vec![Key::new([7; 32])]),
        entropy: counting(),
        migrations: Migrations::Apply,
    };
    let said = refusal(at("postgres://usher:s3cret@127.0.0.1:1/db")).await;
    assert_eq!(
        said,
        "cannot reach the database db at 127.0.0.1:1; check that it runs and that its address is right"
    );
    for url in ["postgres://usher:s3cret@127.0.0.1:port/db", "s3cret", "mysql://u:s3cret@h/db"] {
        let error = Store::open(at(url)).await.map(drop).unwrap_err();
        assert!(matches!(error, StoreError::DatabaseUrl), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_refused_by_name() {
    let home = Db::Postgres.fresh().await;
    let Location::Postgres(url) = home.location() else { unreachable!("the home of a PostgreSQL test") };
    let gone = secrecy::ExposeSecret::expose_secret(&url).replace("usher_test_", "usher_gone_");
    let said = refusal(Opening { location: Location::Postgres(gone.into()), ..home.opening() }).await;
    assert!(
        said.starts_with("the database usher_gone_") && said.contains("refuses the connection"),
        "{said}"
    );
}

#[tokio::test]
async fn replicas_need_a_key_file_and_are_told_how_to_make_one() {
    let home = Db::Postgres.fresh().await;
    let said = refusal(Opening { keys: KeySource::DataDirectory, ..home.opening() }).await;
    assert_eq!(said, "a database outside the data directory needs a key file: name one with key_file");

    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("key");
    let said = refusal(Opening { keys: KeySource::File(path.clone()), ..home.opening() }).await;
    let recipe = said.split_once("make one with: ").unwrap().1;
    assert!(std::process::Command::new("sh").args(["-c", recipe]).status().unwrap().success());
    Store::open(Opening { keys: KeySource::File(path), ..home.opening() }).await.unwrap().close().await;
}

#[rstest]
#[tokio::test]
async fn a_store_opened_for_reading_refuses_to_write(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let writing = home.open().await;
    let reading = Store::open_for(home.opening(), Purpose::Reading).await.unwrap();
    let said = reading.begin("tests::opening").await.map(drop).unwrap_err().to_string();
    assert!(said.contains("opened for reading alone"), "{said}");
    assert!(usher_store::app::list(&mut reading.read("tests::opening").await.unwrap()).await.is_ok());
    writing.begin("tests::opening").await.unwrap().rollback().await.unwrap();
}

#[tokio::test]
async fn whoever_only_reads_makes_no_data_directory() {
    let scratch = tempfile::tempdir().unwrap();
    let directory = scratch.path().join("mistyped");
    let opened = Store::open_for(in_directory(&directory), Purpose::Reading).await;
    let said = opened.map(drop).unwrap_err().to_string();
    assert!(said.starts_with(&format!("there is no usher database in {}: ", directory.display())), "{said}");
    assert!(!directory.exists());
}

//! A database of its own for each test, on SQLite and on PostgreSQL.
//!
//! ```ignore
//! #[rstest]
//! #[tokio::test]
//! async fn a_rule_that_is_protected(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
//!     let home = db.fresh().await;
//!     let store = home.open().await;
//! ```
//!
//! PostgreSQL is the server of `USHER_TEST_POSTGRES`, the URL of a superuser. Where it is missing the tests fail: half
//! of a contract that holds is no contract.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use usher_store::{Entropy, Key, KeySource, Location, Migrations, Opening, Store};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Db {
    Sqlite,
    Postgres,
}

/// Where one test's database lives. It goes when this is dropped.
#[derive(Debug)]
pub(crate) enum Home {
    Sqlite(TempDir),
    Postgres { admin: String, name: String },
}

impl Db {
    pub(crate) async fn fresh(self) -> Home {
        match self {
            Self::Sqlite => Home::Sqlite(tempfile::tempdir().expect("a scratch directory")),
            Self::Postgres => {
                static NEXT: AtomicU64 = AtomicU64::new(0);
                let n = NEXT.fetch_add(1, Ordering::Relaxed);
                let name = format!("usher_test_{}_{n}", std::process::id());
                let admin = postgres_url();
                administer(&admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                administer(&admin, format!("CREATE DATABASE {name} TEMPLATE template0")).await;
                Home::Postgres { admin, name }
            }
        }
    }
}

impl Home {
    pub(crate) fn location(&self) -> Location {
        match self {
            Self::Sqlite(directory) => Location::Sqlite(directory.path().to_owned()),
            Self::Postgres { admin, name } => {
                let (address, query) = admin.split_once('?').unwrap_or((admin, ""));
                let (server, _) = address.rsplit_once('/').expect("USHER_TEST_POSTGRES names a database");
                Location::Postgres(format!("{server}/{name}?{query}").into())
            }
        }
    }

    /// What opens it, each time with the same key.
    pub(crate) fn opening(&self) -> Opening {
        Opening {
            location: self.location(),
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: counting(),
            migrations: Migrations::Apply,
        }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(self.opening()).await.expect("a test's store opens")
    }
}

impl Drop for Home {
    /// On a thread of its own, because a test that failed drops it in the middle of its runtime.
    fn drop(&mut self) {
        if let Self::Postgres { admin, name } = self {
            let drop_database = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                runtime.expect("a runtime to clean up in").block_on(administer(admin, statement));
            };
            std::thread::scope(|scope| scope.spawn(drop_database).join())
                .expect("the test's database is dropped");
        }
    }
}

/// Chance that never repeats, for nonces, and is the same each time, for tests.
pub(crate) fn counting() -> Arc<dyn Entropy> {
    let next = AtomicU64::new(1);
    Arc::new(move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(8) {
            let number = next.fetch_add(1, Ordering::Relaxed).to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    })
}

#[expect(clippy::disallowed_methods, reason = "the server that tests may use is said in the environment")]
fn postgres_url() -> String {
    std::env::var("USHER_TEST_POSTGRES")
        .expect("set USHER_TEST_POSTGRES, or run `cargo xtask test`, which starts one")
}

async fn administer(url: &str, statement: String) {
    let mut connection = PgConnection::connect(url).await.expect("the server of USHER_TEST_POSTGRES answers");
    let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await;
    done.expect("the server of USHER_TEST_POSTGRES lets us make and drop databases");
    connection.close().await.expect("the connection closes");
}

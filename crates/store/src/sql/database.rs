//! Connections: how each database is opened, and how a transaction begins on it.
//!
//! SQLite: one connection that writes and a few that read. The write-ahead log lets both go on at once; `BEGIN
//! IMMEDIATE` takes the one write lock at the start, so that no transaction finds out at its end that it was too late.
//! A commit is on the disk when it returns (`synchronous=FULL`): an intent that is lost in a power cut would be a
//! duplicate account.
//!
//! PostgreSQL: one pool. Writes are `READ COMMITTED`, and statements carry their own conditions (an epoch, a state);
//! reads see one snapshot, as they do on SQLite.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, PgPool, SqlitePool};

use super::fault::Driver;
use super::memory::{Image, Memory};
use super::{AppsChanged, Connection, Tx, fault};
use crate::StoreError;

/// How long SQLite waits for another program's lock on the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a transaction waits for a free connection before it gives up.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// The page cache of the SQLite connection that writes: large enough for the inner pages of a million accounts' indexes.
const SQLITE_CACHE_KIB: i64 = 32 * 1024;
/// How many pages the write-ahead log gathers before they are copied into the database. A run writes the same pages of
/// accounts again and again: at 32 MiB of log they are copied once for it, at SQLite's own 4 MiB many times.
const SQLITE_CHECKPOINT_PAGES: u32 = 8_192;
/// The page cache of one that reads. Walks read each page once, in key order, and need no more.
const SQLITE_READER_CACHE_KIB: i64 = 2 * 1024;

/// An open database.
pub(crate) struct Database {
    /// What it is called in messages: its file, or its server. Never its password.
    name: String,
    pools: Pools,
    /// Kept where nobody else can change what is counted.
    apps: Option<AppsChanged>,
}

enum Pools {
    Sqlite { write: SqlitePool, read: SqlitePool },
    Memory(Memory),
    Postgres(PgPool),
}

impl Database {
    /// Opens a file, which must exist; an empty one is a new database.
    pub(crate) async fn sqlite(file: &Path) -> Result<Self, StoreError> {
        let name = file.display().to_string();
        let options = sqlite_options()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .create_if_missing(false);
        // The first connection alone: it says what is wrong, where a pool would only say that it waited.
        let first = SqliteConnection::connect_with(&options).await;
        let first = first.map_err(|error| fault::of_connecting(&name, error))?;
        first.close().await.map_err(|error| fault::of_connecting(&name, error))?;

        let write = sqlite_pool(1).after_release(is_reusable).connect_lazy_with(options.clone());
        let read = sqlite_pool(SQLITE_READERS).after_release(is_reusable);
        let options = options.pragma("query_only", "ON").pragma("cache_size", kib(SQLITE_READER_CACHE_KIB));
        let read = read.connect_lazy_with(options);
        Ok(Self { name, pools: Pools::Sqlite { write, read }, apps: Some(AppsChanged::default()) })
    }

    /// A database that is gone when it is dropped, on one connection.
    pub(crate) fn memory() -> Result<Self, StoreError> {
        let name = "the database in memory".to_owned();
        let memory =
            Memory::open(&kib(SQLITE_CACHE_KIB)).map_err(|error| fault::of_statement(&name, error))?;
        Ok(Self { name, pools: Pools::Memory(memory), apps: Some(AppsChanged::default()) })
    }

    /// Everything in it; none where it is not in memory.
    pub(crate) async fn image(&self) -> Result<Option<Image>, StoreError> {
        let Pools::Memory(memory) = &self.pools else { return Ok(None) };
        let image = memory.image().await.map_err(|error| fault::of_statement("store::image", error))?;
        Ok(Some(image))
    }

    /// Makes an image everything that is in it; false where it is not in memory.
    pub(crate) async fn restore(&self, image: &Image) -> Result<bool, StoreError> {
        let Pools::Memory(memory) = &self.pools else { return Ok(false) };
        memory.restore(image).await.map_err(|error| fault::of_statement("store::restore", error))?;
        if let Some(apps) = &self.apps {
            apps.begin();
            apps.end();
        }
        Ok(true)
    }

    /// Connects to the server of a `postgres://` URL.
    pub(crate) async fn postgres(url: &str) -> Result<Self, StoreError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(StoreError::DatabaseUrl);
        }
        let options: PgConnectOptions = url.parse().map_err(|_| StoreError::DatabaseUrl)?;
        let options = options.application_name("usher").disable_statement_logging();
        let database = options.get_database().unwrap_or(options.get_username());
        let name = format!("the database {database} at {}:{}", options.get_host(), options.get_port());
        let first = PgConnection::connect_with(&options).await;
        let first = first.map_err(|error| fault::of_connecting(&name, error))?;
        first.close().await.map_err(|error| fault::of_connecting(&name, error))?;

        let pool = PoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT);
        Ok(Self { name, pools: Pools::Postgres(pool.connect_lazy_with(options)), apps: None })
    }

    /// How often anything of any app's row was changed, where one process alone can do so: SQLite's, whose data
    /// directory is locked.
    pub(crate) fn apps_changed(&self) -> Option<u64> {
        self.apps.as_ref().and_then(AppsChanged::so_far)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) async fn begin(&self, name: &'static str) -> Result<Tx, StoreError> {
        let open = match &self.pools {
            Pools::Sqlite { write, read: _ } => {
                let begun = Box::pin(write.begin_with("BEGIN IMMEDIATE")).await;
                begun.map(Connection::Sqlite).map_err(Driver::Pooled)
            }
            Pools::Memory(memory) => {
                memory.begin("BEGIN IMMEDIATE").await.map(Connection::Memory).map_err(Driver::Memory)
            }
            Pools::Postgres(pool) => {
                let begun = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE");
                Box::pin(begun).await.map(Connection::Postgres).map_err(Driver::Pooled)
            }
        };
        let open = open.map_err(|error| fault::of_statement(name, error))?;
        Ok(Tx { name, writes: true, open: Some(open), apps: self.apps.clone(), changes_apps: false })
    }

    pub(crate) async fn read(&self, name: &'static str) -> Result<Tx, StoreError> {
        let open = match &self.pools {
            Pools::Sqlite { write: _, read } => {
                let begun = Box::pin(read.begin_with("BEGIN DEFERRED")).await;
                begun.map(Connection::Sqlite).map_err(Driver::Pooled)
            }
            Pools::Memory(memory) => {
                memory.begin("BEGIN DEFERRED").await.map(Connection::Memory).map_err(Driver::Memory)
            }
            Pools::Postgres(pool) => {
                let begun = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                Box::pin(begun).await.map(Connection::Postgres).map_err(Driver::Pooled)
            }
        };
        let open = open.map_err(|error| fault::of_statement(name, error))?;
        Ok(Tx { name, writes: false, open: Some(open), apps: None, changes_apps: false })
    }

    /// Closes every connection, after the transactions that are open now.
    pub(crate) async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            // Gone with the last clone.
            Pools::Memory(_) => {}
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

fn sqlite_options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", kib(SQLITE_CACHE_KIB))
        .pragma("wal_autocheckpoint", SQLITE_CHECKPOINT_PAGES.to_string())
        .disable_statement_logging()
}

/// A size of a cache as SQLite reads it: what is negative is no number of pages.
fn kib(size: i64) -> String {
    (-size).to_string()
}

/// Connections are never let go for their age: the one in memory *is* the database.
fn sqlite_pool(connections: u32) -> PoolOptions<sqlx::Sqlite> {
    PoolOptions::new()
        .max_connections(connections)
        .min_connections(0)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
}

/// Says whether a connection is good for another transaction.
///
/// When the disk is full SQLite rolls back by itself. The driver's own rollback then fails, the connection counts as
/// one within a transaction for ever, and it has to be closed. The ping is answered after the rollback that may still
/// be under way.
fn is_reusable(
    connection: &mut SqliteConnection,
    _: PoolConnectionMetadata,
) -> Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + '_>> {
    Box::pin(async {
        connection.ping().await?;
        Ok(!connection.is_in_transaction())
    })
}

//! The one dispatch over database drivers: transactions and the statements in them.
//!
//! A statement is a `&'static str` constant whose first line names it (`-- store::accounts::insert`), with `$1`
//! parameters and an explicit column list. It is written as PostgreSQL reads it; [`Dialect`] respells for SQLite the
//! few words that SQLite lacks. What both understand, and what neither may be asked, is listed there.
//!
//! Values go in as [`Value`], answers come back as [`Row`], both limited to text, 64-bit integers and bytes. Work on
//! thousands of rows is one statement: [`Value::rows`] sends them in as one parameter, [`Tx::page`] reads them back.
//!
//! # Invariants
//!
//! 1. Nothing outside this module and its children names a driver.
//! 2. A transaction that nobody decided is rolled back, and says so.
//!
//! Not here: retries, aggregates, and what the tables look like.

mod bulk;
mod database;
mod dialect;
#[cfg(test)]
pub(crate) mod explain;
mod fault;
mod memory;
mod row;
mod value;

pub(crate) use bulk::{Column, ROWS_PER_STATEMENT};
pub(crate) use database::Database;
pub(crate) use dialect::Dialect;
pub use memory::Image;
pub(crate) use row::Row;
pub(crate) use value::Value;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction};

use self::fault::Driver;
use self::memory::MemoryTx;
use crate::StoreError;

/// A named transaction. Nothing in it stands until [`Tx::commit`].
///
/// Dropping it undecided rolls it back. After writes that is a defect, or a task that was cancelled, and is logged.
#[must_use = "a transaction that is neither committed nor rolled back is undone"]
pub struct Tx {
    name: &'static str,
    writes: bool,
    open: Option<Connection>,
    /// Counts what changed of apps, where one process alone writes.
    apps: Option<AppsChanged>,
    changes_apps: bool,
}

/// How often anything of any app's row was changed, the fence aside, since the database was opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppsChanged {
    n: Arc<AtomicU64>,
    /// Commits that began and did not end: under way, or given up in the middle. Then nobody knows any more.
    n_open: Arc<AtomicU64>,
}

impl AppsChanged {
    fn begin(&self) {
        self.n_open.fetch_add(1, Ordering::SeqCst);
    }

    fn end(&self) {
        self.n.fetch_add(1, Ordering::SeqCst);
        self.n_open.fetch_sub(1, Ordering::SeqCst);
    }

    /// None: while something is being changed.
    fn so_far(&self) -> Option<u64> {
        let n = self.n.load(Ordering::SeqCst);
        (self.n_open.load(Ordering::SeqCst) == 0).then_some(n)
    }
}

/// The statements on apps, by their name; and the one among them that changes nothing.
const OF_APPS: &str = "store::app::";
const FENCE: &str = "store::app::fence";

enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Memory(MemoryTx),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes everything in it stand. After an error nothing does, except where the connection broke in the middle of
    /// the commit: then nobody knows, and the task has to look.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let apps = self.apps.take().filter(|_| self.changes_apps);
        if let Some(apps) = &apps {
            apps.begin();
        }
        let done = match self.take() {
            Connection::Sqlite(tx) => Box::pin(tx.commit()).await.map_err(Driver::Pooled),
            Connection::Memory(tx) => tx.commit().map_err(Driver::Memory),
            Connection::Postgres(tx) => Box::pin(tx.commit()).await.map_err(Driver::Pooled),
        };
        // Also where nobody knows whether it stands.
        if let Some(apps) = &apps {
            apps.end();
        }
        done.map_err(|error| fault::of_statement(self.name, error))
    }

    /// Undoes everything in it.
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        let done = match self.take() {
            Connection::Sqlite(tx) => Box::pin(tx.rollback()).await.map_err(Driver::Pooled),
            Connection::Memory(tx) => tx.rollback().map_err(Driver::Memory),
            Connection::Postgres(tx) => Box::pin(tx.rollback()).await.map_err(Driver::Pooled),
        };
        done.map_err(|error| fault::of_statement(self.name, error))
    }

    /// Makes everything in it stand where that went well. Undoes it where something failed, which is handed back: what
    /// is wrong is worth more to whoever reads it than that undoing failed as well.
    pub async fn commit_or_roll_back<T, E: From<StoreError>>(self, outcome: Result<T, E>) -> Result<T, E> {
        match outcome {
            Ok(done) => {
                self.commit().await?;
                Ok(done)
            }
            Err(error) => {
                self.rollback().await.ok();
                Err(error)
            }
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.open.as_ref() {
            Some(Connection::Sqlite(_) | Connection::Memory(_)) => Dialect::Sqlite,
            Some(Connection::Postgres(_)) => Dialect::Postgres,
            None => unreachable!("invariant: a transaction is open until it is decided"),
        }
    }

    /// Runs a statement and returns how many rows it inserted, changed or deleted.
    pub(crate) async fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError> {
        self.note_apps(sql);
        let text = self.dialect().text(sql);
        let done = match self.connection() {
            Connection::Sqlite(tx) => {
                let arguments = value::sqlite_arguments(values.iter().cloned());
                let query = sqlx::query_with(AssertSqlSafe(text), arguments);
                let done = Box::pin(query.execute(&mut **tx)).await;
                done.map(|done| done.rows_affected()).map_err(Driver::Pooled)
            }
            Connection::Memory(tx) => tx.execute(&text, values).map_err(Driver::Memory),
            Connection::Postgres(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(text), value::postgres_arguments(values));
                let done = Box::pin(query.execute(&mut **tx)).await;
                done.map(|done| done.rows_affected()).map_err(Driver::Pooled)
            }
        };
        done.map_err(|error| fault::of_statement(name_of(sql), error))
    }

    /// Runs a statement that must touch exactly one row. Anything else is [`StoreError::RowCount`].
    pub(crate) async fn execute_one(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<(), StoreError> {
        match self.execute(sql, values).await? {
            1 => Ok(()),
            found => Err(StoreError::RowCount { doing: name_of(sql).to_owned(), expected: 1, found }),
        }
    }

    /// All rows of an answer that is known to be small. Every other list is read with [`Tx::page`].
    pub(crate) async fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let name = name_of(sql);
        self.note_apps(sql);
        let text = self.dialect().text(sql);
        match self.connection() {
            Connection::Sqlite(tx) => {
                let arguments = value::sqlite_arguments(values.iter().cloned());
                let query = sqlx::query_with(AssertSqlSafe(text), arguments);
                let rows = Box::pin(query.fetch_all(&mut **tx)).await;
                let rows = rows.map_err(|error| fault::of_statement(name, error))?;
                row::from_sqlite(name, &rows)
            }
            Connection::Memory(tx) => tx.rows(name, &text, values),
            Connection::Postgres(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(text), value::postgres_arguments(values));
                let rows = Box::pin(query.fetch_all(&mut **tx)).await;
                let rows = rows.map_err(|error| fault::of_statement(name, error))?;
                row::from_postgres(name, &rows)
            }
        }
    }

    /// The one row of an answer that must have one.
    pub(crate) async fn row(&mut self, sql: &'static str, values: &[Value]) -> Result<Row, StoreError> {
        let missing = StoreError::RowCount { doing: name_of(sql).to_owned(), expected: 1, found: 0 };
        self.opt_row(sql, values).await?.ok_or(missing)
    }

    /// The one row of an answer that may have none. Two rows are an error: the statement's key is no key.
    pub(crate) async fn opt_row(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let mut rows = self.rows(sql, values).await?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            found => {
                let found = u64::try_from(found).unwrap_or(u64::MAX);
                Err(StoreError::RowCount { doing: name_of(sql).to_owned(), expected: 1, found })
            }
        }
    }

    /// Runs a script of several statements without parameters: migrations alone need that.
    pub(crate) async fn script(&mut self, name: &str, script: &'static str) -> Result<(), StoreError> {
        let done = match self.connection() {
            Connection::Sqlite(tx) => {
                Box::pin(sqlx::raw_sql(script).execute(&mut **tx)).await.map(drop).map_err(Driver::Pooled)
            }
            Connection::Memory(tx) => tx.script(script).map_err(Driver::Memory),
            Connection::Postgres(tx) => {
                Box::pin(sqlx::raw_sql(script).execute(&mut **tx)).await.map(drop).map_err(Driver::Pooled)
            }
        };
        done.map_err(|error| fault::of_statement(name, error))
    }

    fn note_apps(&mut self, sql: &'static str) {
        let name = name_of(sql);
        self.changes_apps |= self.writes && name.starts_with(OF_APPS) && name != FENCE;
    }

    fn connection(&mut self) -> &mut Connection {
        self.open.as_mut().expect("invariant: a transaction is open until it is decided")
    }

    fn take(&mut self) -> Connection {
        self.open.take().expect("invariant: a transaction is decided once")
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.open.is_some() && self.writes {
            tracing::warn!(tx.name = self.name, "transaction dropped undecided: it is rolled back");
        }
    }
}

/// The name in a statement's first line.
fn name_of(sql: &'static str) -> &'static str {
    let named = sql.lines().next().and_then(|line| line.strip_prefix("-- "));
    named.expect("invariant: a statement's first line is `-- ` and its name")
}

#[cfg(test)]
mod tests;

//! SQLite in memory: one connection, one transaction at a time, in the caller's own thread.
//!
//! The driver of the other databases answers from a thread of its own. Whoever is woken by it goes on when that thread
//! was ready, so that the same work is done in another order the next time. Here nobody is woken: a statement is answered
//! before its call returns, and whoever else wants to go on does so where a transaction begins, which yields once. That is
//! for tests and simulation: two runs of the same work take the same steps.
//!
//! It is the same SQLite with the same statements as in a file; what its driver says is told in the same words.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, Statement, ToSql};
use tokio::sync::OwnedMutexGuard;

use super::row::{Answer, Cell, Row};
use super::{Value, fault};
use crate::StoreError;

/// More than the store has statements: each is prepared once.
const STATEMENTS: usize = 500;

/// A database that is gone when it is dropped.
#[derive(Clone)]
pub(crate) struct Memory {
    connection: Arc<tokio::sync::Mutex<Connection>>,
}

/// Everything in a database, as it was at one instant: a backup.
pub struct Image {
    copy: Mutex<Connection>,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Image")
    }
}

impl Memory {
    pub(super) fn open(cache_kib: &str) -> Result<Self, Error> {
        let connection = Connection::open_in_memory()?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "cache_size", cache_kib)?;
        // A statement is prepared once, not again for the values that it is given.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self { connection: Arc::new(tokio::sync::Mutex::new(connection)) })
    }

    pub(super) async fn begin(&self, statement: &str) -> Result<MemoryTx, Error> {
        let connection = self.turn().await;
        connection.execute_batch(statement)?;
        Ok(MemoryTx { connection, is_open: true })
    }

    pub(super) async fn image(&self) -> Result<Image, Error> {
        let connection = self.turn().await;
        let mut copy = Connection::open_in_memory()?;
        copy_all(&connection, &mut copy)?;
        Ok(Image { copy: Mutex::new(copy) })
    }

    pub(super) async fn restore(&self, image: &Image) -> Result<(), Error> {
        let mut connection = self.turn().await;
        copy_all(&image.copy.lock().unwrap_or_else(PoisonError::into_inner), &mut connection)
    }

    async fn turn(&self) -> OwnedMutexGuard<Connection> {
        yield_once().await;
        Arc::clone(&self.connection).lock_owned().await
    }
}

fn copy_all(from: &Connection, to: &mut Connection) -> Result<(), Error> {
    const ALL_PAGES: i32 = -1;
    Backup::new(from, to)?.step(ALL_PAGES).map(drop)
}

/// A transaction. Dropping it undecided rolls it back.
pub(super) struct MemoryTx {
    connection: OwnedMutexGuard<Connection>,
    is_open: bool,
}

impl MemoryTx {
    /// Runs a statement and returns how many rows it inserted, changed or deleted.
    pub(super) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        let n_touched = statement.raw_execute()?;
        Ok(u64::try_from(n_touched).unwrap_or(u64::MAX))
    }

    /// All rows of an answer.
    pub(super) fn rows(
        &mut self,
        name: &'static str,
        sql: &str,
        values: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let failed = |error| fault::of_statement(name, fault::Driver::Memory(error));
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        bind(&mut statement, values).map_err(failed)?;
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let n_columns = columns.len();
        let mut answer = Answer::new(name, columns, String::new());
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            for index in 0..n_columns {
                let cell = match row.get_ref(index).map_err(failed)? {
                    ValueRef::Null => Cell::Null,
                    ValueRef::Integer(number) => Cell::Int(number),
                    ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
                    ValueRef::Text(text) => {
                        let text = str::from_utf8(text).map_err(|_| answer.wrong("is no UTF-8"))?;
                        Cell::Text(answer.add_text(text))
                    }
                    ValueRef::Real(_) => return Err(answer.wrong(super::row::UNKNOWN_TYPE)),
                };
                answer.push(cell);
            }
        }
        Ok(answer.into_rows())
    }

    pub(super) fn script(&mut self, script: &str) -> Result<(), Error> {
        self.connection.execute_batch(script)
    }

    pub(super) fn commit(mut self) -> Result<(), Error> {
        self.is_open = false;
        self.connection.execute_batch("COMMIT")
    }

    pub(super) fn rollback(mut self) -> Result<(), Error> {
        self.undo()
    }

    fn undo(&mut self) -> Result<(), Error> {
        self.is_open = false;
        self.connection.execute_batch("ROLLBACK")
    }
}

impl Drop for MemoryTx {
    fn drop(&mut self) {
        if self.is_open
            && let Err(error) = self.undo()
        {
            tracing::error!(%error, "failed to roll back in memory");
        }
    }
}

/// Gives each parameter its value: `$7` the seventh, and those without a name one after the other.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> Result<(), Error> {
    let mut n_nameless = 0;
    for place in 1..=statement.parameter_count() {
        let named = statement.parameter_name(place).and_then(|name| name.get(1..)?.parse::<usize>().ok());
        let nth = named.unwrap_or_else(|| {
            n_nameless += 1;
            n_nameless
        });
        let value = values.get(nth - 1).ok_or(Error::InvalidParameterCount(values.len(), nth))?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, Error> {
        let value = match self {
            Self::Text(text) => text.as_ref().map(|text| ValueRef::Text(text.as_bytes())),
            Self::Int(number) => number.map(ValueRef::Integer),
            Self::Bytes(bytes) => bytes.as_deref().map(ValueRef::Blob),
        };
        Ok(ToSqlOutput::Borrowed(value.unwrap_or(ValueRef::Null)))
    }
}

/// Lets whoever else is ready go first.
async fn yield_once() {
    let mut has_yielded = false;
    std::future::poll_fn(|context: &mut Context<'_>| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

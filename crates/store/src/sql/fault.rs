//! What the drivers say, in the store's words.
//!
//! Codes are SQLite's result codes (<https://sqlite.org/rescode.html>) and PostgreSQL's SQLSTATE
//! (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).

use rusqlite::ffi;
use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

use crate::StoreError;

/// What a driver said.
pub(super) enum Driver {
    Pooled(sqlx::Error),
    /// The one of [`super::memory`].
    Memory(rusqlite::Error),
}

impl From<sqlx::Error> for Driver {
    fn from(error: sqlx::Error) -> Self {
        Self::Pooled(error)
    }
}

impl From<rusqlite::Error> for Driver {
    fn from(error: rusqlite::Error) -> Self {
        Self::Memory(error)
    }
}

/// What a failed statement, `begin` or `commit` means. `doing` is its name.
pub(super) fn of_statement(doing: &str, error: impl Into<Driver>) -> StoreError {
    match error.into() {
        Driver::Pooled(error) => of_pooled(doing.to_owned(), error),
        Driver::Memory(error) => of_memory(doing.to_owned(), error),
    }
}

/// Unique keys alone have a meaning here: there is no file, no server and no other writer.
fn of_memory(doing: String, error: rusqlite::Error) -> StoreError {
    match answer_of(&error) {
        Some((SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY, message)) => {
            StoreError::UniqueViolation { doing, key: sqlite_key(message) }
        }
        Some(_) | None => StoreError::Statement { doing, source: error.into() },
    }
}

/// The extended result code and the message of what SQLite answered, if it was SQLite that did.
fn answer_of(error: &rusqlite::Error) -> Option<(i32, &str)> {
    let rusqlite::Error::SqliteFailure(ffi::Error { extended_code, .. }, message) = error else {
        return None;
    };
    Some((*extended_code, message.as_deref().unwrap_or_default()))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the driver's errors may grow; we name those that we explain"
)]
fn of_pooled(doing: String, error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(answer) => of_answer(doing, answer),
        lost @ (sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed) => StoreError::Disconnected { doing, source: lost.into() },
        other => StoreError::Statement { doing, source: other.into() },
    }
}

/// What a failed first connection means. `database` is its file, or its server without user and password.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the driver's errors may grow; we name those that we explain"
)]
pub(super) fn of_connecting(database: &str, error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned();
    let database = database.to_owned();
    match error {
        sqlx::Error::Database(answer) if answer.try_downcast_ref::<SqliteError>().is_some() => {
            if primary_code(&code) == Some(SQLITE_NOTADB) {
                return StoreError::NotADatabase { database };
            }
            of_answer(format!("opening {database}"), answer)
        }
        // Invalid authorization (class 28), no such database (3D000), no privilege to connect (42501).
        sqlx::Error::Database(answer) if code.starts_with("28") || code == "3D000" || code == "42501" => {
            StoreError::Refused { database, source: answer.into() }
        }
        other => StoreError::Unreachable { database, source: other.into() },
    }
}

fn of_answer(doing: String, answer: Box<dyn DatabaseError>) -> StoreError {
    if answer.is_unique_violation() {
        let key = answer.constraint().map_or_else(|| sqlite_key(answer.message()), str::to_owned);
        return StoreError::UniqueViolation { doing, key };
    }
    let code = answer.code().unwrap_or_default().into_owned();
    if answer.try_downcast_ref::<SqliteError>().is_some() {
        of_sqlite(doing, &code, answer)
    } else {
        of_postgres(doing, &code, answer)
    }
}

const SQLITE_CONSTRAINT_PRIMARYKEY: i32 = 1555;
const SQLITE_CONSTRAINT_UNIQUE: i32 = 2067;
const SQLITE_BUSY: u32 = 5;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_NOTADB: u32 = 26;
/// The file of the write-ahead log's index could not grow: in practice, for want of space.
const SQLITE_IOERR_SHMSIZE: u32 = 4874;

/// The low byte of an extended result code.
fn primary_code(code: &str) -> Option<u32> {
    code.parse::<u32>().ok().map(|code| code & 0xff)
}

fn of_sqlite(doing: String, code: &str, answer: Box<dyn DatabaseError>) -> StoreError {
    if code.parse() == Ok(SQLITE_IOERR_SHMSIZE) {
        return StoreError::DiskFull;
    }
    match primary_code(code) {
        Some(SQLITE_BUSY) => StoreError::Busy { doing },
        Some(SQLITE_READONLY) => StoreError::ReadOnly { doing },
        Some(SQLITE_IOERR) => StoreError::Io { source: answer.into() },
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => StoreError::Corrupt { doing },
        Some(SQLITE_FULL) => StoreError::DiskFull,
        _ => StoreError::Statement { doing, source: answer.into() },
    }
}

fn of_postgres(doing: String, code: &str, answer: Box<dyn DatabaseError>) -> StoreError {
    match code {
        // disk_full
        "53100" => StoreError::DiskFull,
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => StoreError::Conflict { doing },
        // lock_not_available
        "55P03" => StoreError::Busy { doing },
        // read_only_sql_transaction: also a standby that was taken for the primary
        "25006" => StoreError::ReadOnly { doing },
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => StoreError::Corrupt { doing },
        // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections
        "57P01" | "57P02" | "57P03" | "53300" => StoreError::Disconnected { doing, source: answer.into() },
        _ => StoreError::Statement { doing, source: answer.into() },
    }
}

/// SQLite names the columns instead of the constraint, and does so in its message alone.
fn sqlite_key(message: &str) -> String {
    message.strip_prefix("UNIQUE constraint failed: ").unwrap_or("key").to_owned()
}

//! What can go wrong in the store, in sentences that say what to do about it.
//!
//! Callers match on few of them ([`StoreError::is_unique_violation`], [`StoreError::is_conflict`]); the rest are for
//! people. No sentence holds a value of a statement, a secret, or the password of a connection.

use std::error::Error;
use std::path::PathBuf;

use usher_model::id::AppId;

use crate::secret::SecretError;

/// What failed, where, and what to do.
///
/// `doing` is the name of the statement or of the transaction that failed, such as `store::accounts::insert`.
/// `database` is the file or the server, without user name and password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same key is there already. `key` is the constraint or the columns, as the database names them.
    #[error("{doing}: a row with the same {key} is already there")]
    UniqueViolation { doing: String, key: String },

    /// Another transaction changed the same rows. Nothing of this one was written; run the whole task again.
    #[error(
        "{doing}: another transaction changed the same rows, and nothing of this one was written; run it again"
    )]
    Conflict { doing: String },

    /// A write met fewer or more rows than it must: the row is gone, or somebody else changed it first.
    #[error("{doing}: {expected} row(s) should have been there, and there were {found}")]
    RowCount { doing: String, expected: u64, found: u64 },

    /// Another run has taken the app, or the app is gone. Nothing of this run is written any more.
    #[error("app {app}: another run has taken over, and nothing more of this one is written")]
    Fenced { app: AppId },

    /// A stored value is not what the code expects there. `row` counts from 1 within the answer.
    #[error("{doing}: column `{column}` of row {row} {problem}")]
    Column { doing: String, row: usize, column: String, problem: String },

    /// The disk, or the quota, is used up. The transaction was rolled back.
    #[error("the disk is full, and nothing of this was written; free some space and run it again")]
    DiskFull,

    /// A file of the database could not be read or written. The transaction was rolled back.
    #[error(
        "the database's files cannot be read or written; check the disk, and the limits on the size of files \
         (`ulimit -f`), and run it again"
    )]
    Io {
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },

    /// Another program held the lock of the file for longer than we wait (five seconds).
    #[error(
        "{doing}: the database is locked by another program; close what has it open (a backup, a database browser) \
         and run it again"
    )]
    Busy { doing: String },

    /// The database may not be written to.
    #[error(
        "{doing}: the database is read-only; check the permissions of its files and the disk they are on"
    )]
    ReadOnly { doing: String },

    /// The database's pages contradict each other.
    #[error("{doing}: the database is damaged; restore it from a backup")]
    Corrupt { doing: String },

    /// The file is something else than an SQLite database.
    #[error("{database} is not a database; move it away, or point to another data directory")]
    NotADatabase { database: String },

    /// The database could not be reached at all.
    #[error("cannot reach {database}; check that it runs and that its address is right")]
    Unreachable {
        database: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },

    /// The server answered and said no: wrong user, wrong password, no such database.
    #[error("{database} refuses the connection; check user, password and the name of the database")]
    Refused {
        database: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },

    /// The connection broke, or none became free in time. What was open was rolled back, or will be.
    #[error("{doing}: the connection to the database is lost; run it again when the database is back")]
    Disconnected {
        doing: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },

    /// Not repeated here, because the text may hold a password.
    #[error("the database URL cannot be read; it should look like postgres://user@host:5432/database")]
    DatabaseUrl,

    /// Anything else a database may answer: a defect of ours.
    #[error("{doing} failed")]
    Statement {
        doing: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },

    /// A migration is recorded that this version has never heard of.
    #[error(
        "{database} was written by a newer version of usher (its schema is at {found}, this version knows {known}); \
         use that version, or restore a backup from before it"
    )]
    Newer { database: String, found: String, known: String },

    /// A migration was applied in another form than the one this version carries.
    #[error(
        "{database} is not of this version's making: its migration {migration} differs from ours; use the version \
         that wrote it"
    )]
    Foreign { database: String, migration: String },

    /// Migrations are to be applied, and the caller asked to refuse.
    #[error(
        "{database} lacks migrations ({pending}) and may not be changed; allow migrations, or use an older version"
    )]
    Pending { database: String, pending: String },

    /// There is nothing to read in the data directory, which may not even be there.
    #[error(
        "there is no usher database in {}: check the data directory, or make a database with `usher import`",
        directory.display()
    )]
    NoDatabase { directory: PathBuf },

    /// The store was opened for reading, and somebody wanted to write: a defect of ours.
    #[error("{doing}: the database was opened for reading alone, and nothing is written")]
    OpenedForReading { doing: String },

    /// Another process holds the lock of the data directory.
    #[error("{} is in use by another usher process{}; stop it, or use another data directory",
            directory.display(), pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    DirectoryInUse { directory: PathBuf, pid: Option<u32> },

    /// A file or directory of the data directory could not be used. `problem` reads like "cannot create".
    #[error("{problem} {}", path.display())]
    File {
        path: PathBuf,
        problem: &'static str,
        #[source]
        source: std::io::Error,
    },

    /// The database was sealed with another key. `keys` is the file they came from.
    #[error(
        "{keys} does not fit {database}, whose secrets are sealed with another key; put the right key file back"
    )]
    WrongKey { database: String, keys: String },

    /// A key file that others can read protects nothing.
    #[error("the key file {path} can be read by others than its owner; run chmod 600 {path}", path = path.display())]
    KeyFileExposed { path: PathBuf },

    /// The file holds something else than keys. What it holds is not repeated.
    #[error("line {line} of the key file {} is not a key (usher-key-1: and 32 bytes in base64)", path.display())]
    KeyFileMalformed { path: PathBuf, line: usize },

    /// Only a data directory's own key file is generated.
    #[error(
        "there is no key file {path}; make one with: (umask 077; echo \"usher-key-1:$(head -c 32 /dev/urandom | \
         base64)\" > {path})",
        path = path.display()
    )]
    KeyFileAbsent { path: PathBuf },

    /// The database holds secrets, and their key is gone.
    #[error("the key file {} is gone, and {database} holds secrets sealed with it; put it back", path.display())]
    KeyFileLost { path: PathBuf, database: String },

    /// Without a data directory there is no place for a key of one's own.
    #[error("a database outside the data directory needs a key file: name one with key_file")]
    KeyFileRequired,

    /// A stored secret does not open.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl StoreError {
    /// A row with the same key was there: the caller may know what to do about it.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::UniqueViolation { .. })
    }

    /// Somebody else was faster: the whole task should run again, from its start.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// The run that wrote has lost its app to another one, and has to stop.
    pub fn is_fenced(&self) -> bool {
        matches!(self, Self::Fenced { .. })
    }
}

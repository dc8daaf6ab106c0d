//! The data directory: `usher.db`, `key` and `lock`, for their owner alone.
//!
//! The lock is the operating system's lock on an open file: it goes when the process goes, however that happens, and
//! the file it leaves behind means nothing. What is written in it, the process's id, is for people.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// A data directory, which this process alone writes to while it holds the lock.
pub(super) struct DataDirectory {
    path: PathBuf,
    lock: Option<File>,
}

impl DataDirectory {
    /// Makes the directory where it is missing, and locks it.
    pub(super) fn lock(path: &Path) -> Result<Self, StoreError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|source| failed(path, "cannot create the data directory", source))?;
        let file = path.join("lock");
        let locked = private().truncate(false).open(&file);
        let mut lock = locked.map_err(|source| failed(&file, "cannot open the lock file", source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = fs::read_to_string(&file).ok().and_then(|pid| pid.trim().parse().ok());
                return Err(StoreError::DirectoryInUse { directory: path.to_owned(), pid });
            }
            Err(TryLockError::Error(source)) => return Err(failed(&file, "cannot lock", source)),
        }
        let mut note = || {
            lock.set_len(0)?;
            writeln!(lock, "{}", std::process::id())
        };
        note().map_err(|source| failed(&file, "cannot write the lock file", source))?;
        Ok(Self { path: path.to_owned(), lock: Some(lock) })
    }

    /// Looks into a directory that has a database, without a lock: others may write to it meanwhile.
    pub(super) fn visit(path: &Path) -> Result<Self, StoreError> {
        match path.join("usher.db").try_exists() {
            Ok(true) => Ok(Self { path: path.to_owned(), lock: None }),
            Ok(false) => Err(StoreError::NoDatabase { directory: path.to_owned() }),
            Err(source) => Err(failed(path, "cannot look into the data directory", source)),
        }
    }

    /// The database's file, which is there afterwards. SQLite gives its other files the same permissions.
    pub(super) fn database(&self) -> Result<PathBuf, StoreError> {
        let file = self.path.join("usher.db");
        if self.lock.is_none() {
            return Ok(file);
        }
        let made = private().truncate(false).open(&file);
        made.map_err(|source| failed(&file, "cannot create the database", source))?;
        Ok(file)
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.path.join("key")
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}

fn failed(path: &Path, problem: &'static str, source: io::Error) -> StoreError {
    StoreError::File { path: path.to_owned(), problem, source }
}

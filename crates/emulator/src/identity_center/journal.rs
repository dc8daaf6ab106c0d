//! The state file: every change of tenants, users, groups and memberships, one line of JSON for each request that
//! changed something.
//!
//! # Invariants
//!
//! 1. A change is written before its answer leaves, in one call to the system: a process that is killed loses no
//!    answered change, and at most its last line is cut. What a machine that loses its power had not yet put on its
//!    disk is lost; the file as it was at the start, and at a well-ordered end, is on the disk.
//! 2. After a write that failed there is no other: nothing can stand behind a cut line.
//! 3. One process at a time has the file, for as long as the journal lives.
//! 4. No value of a token is in it, only hashes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::identity_center::journal::entry::Entry;
use crate::identity_center::tenant::Tenant;
use crate::state_file::error::StateError;
use crate::state_file::lock;

mod compact;
pub(crate) mod entry;
mod replay;

/// A file that changes are appended to.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Why nothing can be written any more.
    failure: Option<StateError>,
    /// Held, never looked at.
    _lock: File,
}

/// A state file that was read, and made smaller.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) journal: Journal,
    pub(crate) tenants: BTreeMap<String, Tenant>,
    /// The number of the last line, if it was cut.
    pub(crate) cut_line: Option<u64>,
}

impl Journal {
    /// Takes a file, which need not be there, reads it, and writes it anew without what is over.
    pub(crate) fn open(path: &Path, max_logged: usize) -> Result<Opened, StateError> {
        // The file that a link leads to is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let lock = lock::take(&path)?;
        let replay::Replayed { tenants, cut_line } = replay::read(&path, max_logged)?;
        let file =
            compact::write(&path, &tenants).map_err(|source| StateError::io("write", &path, &source))?;
        let journal = Self { path, file, failure: None, _lock: lock };
        Ok(Opened { journal, tenants, cut_line })
    }

    /// Appends what has changed.
    pub(crate) fn append(&mut self, entry: &Entry<'_>) -> Result<(), StateError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.file.write_all(&entry.line()).map_err(|source| {
            let failure = StateError::io("write", &self.path, &source);
            self.failure = Some(failure.clone());
            failure
        })
    }

    /// Why nothing can be written any more, if that is so.
    pub(crate) fn failure(&self) -> Option<&StateError> {
        self.failure.as_ref()
    }

    /// Puts all that was written on the disk.
    pub(crate) fn sync(&self) -> Result<(), StateError> {
        self.file.sync_all().map_err(|source| StateError::io("write", &self.path, &source))
    }
}

#[cfg(test)]
mod tests;

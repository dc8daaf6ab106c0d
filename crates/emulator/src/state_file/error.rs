//! Why a state file cannot be used.

use std::io;
use std::path::{Path, PathBuf};

/// Why a state file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Another process has it.
    #[error("{} is in use by another emulator{}; stop it, or use another state file", path.display(), pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    InUse {
        /// The state file.
        path: PathBuf,
        /// Whose it is, where that is known.
        pid: Option<u32>,
    },
    /// It is something else, and is left as it is.
    #[error("{} line 1 is not that of an emulator's state file; use another state file", .0.display())]
    Foreign(PathBuf),
    /// It was written by a later version.
    #[error(
        "{} line 1: written by a newer version of usher (format {found}, this one knows {known}); use that version, \
         or another state file",
        path.display()
    )]
    Newer {
        /// The state file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that is known.
        known: u32,
    },
    /// A line of it cannot be read, and it is not a last line that was cut.
    #[error("{} line {line} is damaged ({problem}); restore the file, or use another state file", path.display())]
    Damaged {
        /// The state file.
        path: PathBuf,
        /// Which line, from 1 on.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// The system says no.
    #[error("cannot {doing} the state file {}: {problem}", path.display())]
    Io {
        /// What was tried: read, write, lock.
        doing: &'static str,
        /// The state file.
        path: PathBuf,
        /// What the system said.
        problem: String,
    },
}

impl StateError {
    pub(crate) fn io(doing: &'static str, path: &Path, problem: &io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), problem: problem.to_string() }
    }
}

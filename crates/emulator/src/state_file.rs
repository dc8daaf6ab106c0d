//! A state file: lines of JSON, one for each request that changed something, behind a line that says whose file it is.
//!
//! [`StateFile::take`] takes a file, [`StateFile::read`] reads what is in it, [`StateFile::rewrite`] writes it anew without
//! what is over, and the [`Journal`] that this gives appends to it. What the lines say is each emulator's own.
//!
//! # Invariants
//!
//! 1. A change is written before its answer leaves, in one call to the system: a process that is killed loses no
//!    answered change, and at most its last line is cut. What a machine that loses its power had not yet put on its
//!    disk is lost; the file as it was at the start, and at a well-ordered end, is on the disk.
//! 2. After a write that failed there is no other: nothing can stand behind a cut line.
//! 3. One process at a time has the file, for as long as the journal lives.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::error::StateError;

pub(crate) mod error;
mod lock;

/// The longest line: a group of every user that a tenant may have is far from it.
const MAX_LINE_BYTES: u64 = 256 * 1_048_576;
/// The longest header.
const MAX_HEADER_BYTES: u64 = 4_096;

/// Whose file it is: the first line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) name: &'static str,
    /// The version that is written, and the newest that is read.
    pub(crate) version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
}

/// A state file that is ours alone.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    format: Format,
    lock: File,
}

/// What reading came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// Whether there was nothing, not even a header.
    pub(crate) is_new: bool,
    /// The number of the last line, if it was cut.
    pub(crate) cut_line: Option<u64>,
}

/// A state file that changes are appended to.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Why nothing can be written any more.
    failure: Option<StateError>,
    /// Held, never looked at.
    _lock: File,
}

/// Where a file is written anew, entry by entry.
pub(crate) struct Writing<'f>(BufWriter<&'f File>);

impl StateFile {
    /// Takes a file, which need not be there.
    pub(crate) fn take(path: &Path, format: Format) -> Result<Self, StateError> {
        // The file that a link leads to is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let lock = lock::take(&path)?;
        Ok(Self { path, format, lock })
    }

    /// Reads every entry; a file that is not there, or empty, holds none. A last line without its end was being written
    /// when the process was killed, and nobody was answered for it: it is left out. Any other line that cannot be read,
    /// or that `carry_out` refuses with what is wrong, is damage, and nothing is guessed.
    pub(crate) fn read<E: DeserializeOwned>(
        &self,
        mut carry_out: impl FnMut(E) -> Result<(), String>,
    ) -> Result<Read, StateError> {
        let failed = |source: io::Error| StateError::io("read", &self.path, &source);
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Read { is_new: true, cut_line: None });
            }
            Err(error) => return Err(failed(error)),
        };
        let (mut file, mut line) = (BufReader::new(file), Vec::new());
        file.by_ref().take(MAX_HEADER_BYTES).read_until(b'\n', &mut line).map_err(failed)?;
        if line.is_empty() {
            return Ok(Read { is_new: true, cut_line: None });
        }
        self.check_header(&line)?;
        for number in 2.. {
            line.clear();
            file.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(failed)?;
            if line.is_empty() {
                break;
            }
            let is_last = file.fill_buf().map_err(failed)?.is_empty();
            if is_last && line.last() != Some(&b'\n') {
                return Ok(Read { is_new: false, cut_line: Some(number) });
            }
            let entry = serde_json::from_slice(&line).map_err(|error| error.to_string());
            entry.and_then(&mut carry_out).map_err(|problem| StateError::Damaged {
                path: self.path.clone(),
                line: number,
                problem,
            })?;
        }
        Ok(Read { is_new: false, cut_line: None })
    }

    fn check_header(&self, line: &[u8]) -> Result<(), StateError> {
        let header: Option<Header> = serde_json::from_slice(line).ok();
        let header = header.filter(|header| header.format == self.format.name && line.ends_with(b"\n"));
        let (path, known) = (self.path.clone(), self.format.version);
        match header {
            None => Err(StateError::Foreign(path)),
            Some(Header { version: found, .. }) if found > known => {
                Err(StateError::Newer { path, found, known })
            }
            Some(_) => Ok(()),
        }
    }

    /// Writes the file anew, and gives the journal that appends to it. The old one is there until the new one is complete
    /// and on the disk.
    pub(crate) fn rewrite(
        self,
        write: impl FnOnce(&mut Writing<'_>) -> io::Result<()>,
    ) -> Result<Journal, StateError> {
        let file = self.written(write).map_err(|source| StateError::io("write", &self.path, &source))?;
        Ok(Journal { path: self.path, file, failure: None, _lock: self.lock })
    }

    fn written(&self, write: impl FnOnce(&mut Writing<'_>) -> io::Result<()>) -> io::Result<File> {
        let beside = lock::beside(&self.path, ".new");
        // What an earlier process may have left there.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&beside)?;
        let mut into = Writing(BufWriter::new(&file));
        into.entry(&Header { format: self.format.name.to_owned(), version: self.format.version })?;
        write(&mut into)?;
        into.0.flush()?;
        drop(into);
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file)
    }
}

impl Writing<'_> {
    /// Writes one entry.
    pub(crate) fn entry(&mut self, entry: &impl Serialize) -> io::Result<()> {
        self.0.write_all(&line(entry))
    }
}

impl Journal {
    /// Appends what has changed.
    pub(crate) fn append(&mut self, entry: &impl Serialize) -> Result<(), StateError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.file.write_all(&line(entry)).map_err(|source| {
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

/// An entry with the end of its line.
fn line(of: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(of).expect("invariant: what is kept is JSON");
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests;

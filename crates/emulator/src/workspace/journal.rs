//! The state file: every change of the organisation and of its service accounts, one line of JSON for each request that
//! changed something.
//!
//! # Invariants
//!
//! 1. A change is written before its answer leaves, in one call to the system.
//! 2. After a write that failed there is no other: nothing can stand behind a cut line.
//! 3. One process at a time has the file, for as long as the journal lives.
//! 4. No access token is in it. Private keys are, of service accounts whose keys Google would keep.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::accounts::{Accounts, Federation, ServiceAccount};
use super::directory::Change;
use super::directory::memory::MemoryDirectory;
use super::feed::{Activity, Feed};
use super::settings::Settings;
use crate::state_file::error::StateError;
use crate::state_file::lock;

/// What the first line says of the file.
const FORMAT: &str = "usher-emulator workspace";
/// The version of the format that is written, and the newest that is read.
const VERSION: u32 = 1;
/// The longest line.
const MAX_LINE_BYTES: u64 = 256 * 1_048_576;
/// How many changes or activities a line holds when the file is written anew.
const PER_LINE: usize = 100;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
}

/// What has changed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Entry {
    /// What one edit did.
    Edit { changes: Vec<Change>, activities: Vec<Activity> },
    /// A service account is made, or is another than before.
    ServiceAccount(ServiceAccount),
    /// A service account is gone.
    ServiceAccountGone(String),
    /// Somebody of another identity provider is known.
    Federation(Federation),
    /// Whose machine the metadata server answers for.
    Machine(Option<String>),
    /// How the emulator behaves.
    Settings(Settings),
}

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
    pub(crate) memory: MemoryDirectory,
    pub(crate) accounts: Accounts,
    pub(crate) settings: Settings,
    pub(crate) feed: Feed,
    /// The number of the last line, if it was cut.
    pub(crate) cut_line: Option<u64>,
}

#[derive(Debug, Default)]
struct Replayed {
    memory: MemoryDirectory,
    accounts: Accounts,
    settings: Option<Settings>,
    feed: Feed,
    cut_line: Option<u64>,
    is_new: bool,
}

impl Journal {
    /// Takes a file, which need not be there, reads it, and writes it anew without what is over.
    pub(crate) fn open(
        path: &Path,
        beginning: Vec<Change>,
        settings: &Settings,
    ) -> Result<Opened, StateError> {
        // The file that a link leads to is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let lock = lock::take(&path)?;
        let replayed = read(&path)?;
        if replayed.is_new {
            replayed.memory.apply(beginning);
        }
        let Replayed { memory, accounts, settings: kept, feed, cut_line, is_new: _ } = replayed;
        let settings = kept.unwrap_or_else(|| settings.clone());
        let file = rewrite(&path, &memory, &accounts, &settings, &feed)
            .map_err(|source| StateError::io("write", &path, &source))?;
        let journal = Self { path, file, failure: None, _lock: lock };
        Ok(Opened { journal, memory, accounts, settings, feed, cut_line })
    }

    /// Appends what has changed.
    pub(crate) fn append(&mut self, entry: &Entry) -> Result<(), StateError> {
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

fn line(of: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(of).expect("invariant: what is kept is JSON");
    line.push(b'\n');
    line
}

/// Reads a state file; one that is not there, or empty, holds nothing. A last line without its end was being written
/// when the process was killed: it is left out. Any other line that cannot be read is damage.
fn read(path: &Path) -> Result<Replayed, StateError> {
    let failed = |source: io::Error| StateError::io("read", path, &source);
    let mut replayed = Replayed { is_new: true, ..Replayed::default() };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(replayed),
        Err(error) => return Err(failed(error)),
    };
    let mut file = BufReader::new(file);
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        file.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut text).map_err(failed)?;
        if text.is_empty() {
            break;
        }
        if number == 1 {
            check_header(path, &text)?;
            replayed.is_new = false;
            continue;
        }
        if text.last() != Some(&b'\n') && file.fill_buf().map_err(failed)?.is_empty() {
            replayed.cut_line = Some(number);
            break;
        }
        let entry = serde_json::from_slice(&text).map_err(|error| StateError::Damaged {
            path: path.to_owned(),
            line: number,
            problem: error.to_string(),
        })?;
        replayed.carry_out(entry);
    }
    Ok(replayed)
}

fn check_header(path: &Path, line: &[u8]) -> Result<(), StateError> {
    let header: Option<Header> = serde_json::from_slice(line).ok();
    match header.filter(|header| header.format == FORMAT && line.ends_with(b"\n")) {
        None => Err(StateError::Foreign(path.to_owned())),
        Some(Header { version, .. }) if version > VERSION => {
            Err(StateError::Newer { path: path.to_owned(), found: version, known: VERSION })
        }
        Some(_) => Ok(()),
    }
}

impl Replayed {
    fn carry_out(&mut self, entry: Entry) {
        match entry {
            Entry::Edit { changes, activities } => {
                self.memory.apply(changes);
                let newest = activities.iter().map(|activity| activity.at).max().unwrap_or_default();
                self.feed.add(activities, newest);
            }
            Entry::ServiceAccount(account) => {
                self.accounts.by_email.insert(account.email.clone(), account);
            }
            Entry::ServiceAccountGone(email) => {
                self.accounts.by_email.remove(&email);
            }
            Entry::Federation(federation) => self.accounts.federations.push(federation),
            Entry::Machine(machine) => self.accounts.machine = machine,
            Entry::Settings(settings) => self.settings = Some(settings),
        }
    }
}

/// Writes the file anew. The old one is there until the new one is complete and on the disk.
fn rewrite(
    path: &Path,
    memory: &MemoryDirectory,
    accounts: &Accounts,
    settings: &Settings,
    feed: &Feed,
) -> io::Result<File> {
    let beside = lock::beside(path, ".new");
    // What an earlier process may have left there.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&beside)?;
    let mut into = BufWriter::new(&file);
    into.write_all(&line(&Header { format: FORMAT.to_owned(), version: VERSION }))?;
    into.write_all(&line(&Entry::Settings(settings.clone())))?;
    for account in accounts.by_email.values() {
        into.write_all(&line(&Entry::ServiceAccount(account.clone())))?;
    }
    for federation in &accounts.federations {
        into.write_all(&line(&Entry::Federation(federation.clone())))?;
    }
    into.write_all(&line(&Entry::Machine(accounts.machine.clone())))?;
    for changes in memory.as_changes().chunks(PER_LINE) {
        into.write_all(&line(&Entry::Edit { changes: changes.to_vec(), activities: Vec::new() }))?;
    }
    let activities: Vec<Activity> = feed.all().cloned().collect();
    for activities in activities.chunks(PER_LINE) {
        into.write_all(&line(&Entry::Edit { changes: Vec::new(), activities: activities.to_vec() }))?;
    }
    into.flush()?;
    drop(into);
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(file)
}

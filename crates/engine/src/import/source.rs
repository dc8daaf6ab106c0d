//! The files: opened, told apart, and parsed on a thread of their own.
//!
//! [`Sources::parse`] sends [`Batch`]es through a bounded channel, so the parser is never far ahead of the database.
//! Dropping the receiver stops it.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::error::ImportError;
use super::{bulk_upload, json};

/// How large one user, group, or line of a table may be. Google's largest resources are far smaller.
pub(super) const ENTRY_MAX_BYTES: u64 = 1024 * 1024;

/// How many entries travel together: enough for the database to be quick, few enough to forget about.
pub(super) const ENTRIES_PER_BATCH: usize = 1_000;

/// How many batches may wait for the database.
const BATCHES_WAITING: usize = 4;

const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// An entry of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// Where it starts.
    pub(super) line: u64,
    /// What it says: a change to be laid over what is there, in the Directory API's form.
    pub(super) change: Map<String, Json>,
    /// The address that a line of a table is about. JSON says that by id, or by the address it gives.
    pub(super) address: Option<String>,
    /// What a table says of one value of a list, whose other values stay.
    pub(super) cells: Vec<bulk_upload::Cell>,
}

/// Entries of one kind, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Users(Vec<Entry>),
    Groups(Vec<Entry>),
    OrgUnits(Vec<Entry>),
    Domains(Vec<Entry>),
    Schemas(Vec<Entry>),
    /// Groups whose members are listed, and those members, which may come in several pieces.
    Members {
        groups: Vec<(u64, Arc<str>)>,
        members: Vec<MemberEntry>,
    },
}

/// One member of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MemberEntry {
    pub(super) line: u64,
    /// The group's address as the file has it.
    pub(super) group: Arc<str>,
    /// An address, or an object in the Directory API's form.
    pub(super) member: Json,
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        let n = match self {
            Self::Users(entries)
            | Self::Groups(entries)
            | Self::OrgUnits(entries)
            | Self::Domains(entries)
            | Self::Schemas(entries) => entries.len(),
            Self::Members { groups: _, members } => members.len(),
        };
        u64::try_from(n).unwrap_or(u64::MAX)
    }
}

/// What the parser sends.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) path: Arc<Path>,
    pub(super) piece: Piece,
    /// Of all files so far.
    pub(super) read_bytes: u64,
}

/// A file that can be read.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    file: File,
    size_bytes: u64,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let path = path.to_owned();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ImportError::NoSuchFile { path });
            }
            Err(source) => return Err(ImportError::Unreadable { path, source }),
        };
        match file.metadata() {
            Ok(metadata) if metadata.is_dir() => Err(ImportError::NotAFile { path }),
            Ok(metadata) => Ok(Self { path, file, size_bytes: metadata.len() }),
            Err(source) => Err(ImportError::Unreadable { path, source }),
        }
    }

    pub(super) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

/// Files being parsed.
#[derive(Debug)]
pub(super) struct Sources {
    batches: mpsc::Receiver<Batch>,
    thread: JoinHandle<Result<(), ImportError>>,
}

impl Sources {
    /// Starts to parse, on a thread where waiting for a disk holds nobody up.
    pub(super) fn parse(sources: Vec<Source>) -> Self {
        let (sender, batches) = mpsc::channel(BATCHES_WAITING);
        let thread = tokio::task::spawn_blocking(move || {
            let mut read_bytes = 0;
            for source in sources {
                let Some(read) = parse(source, &sender, read_bytes)? else { return Ok(()) };
                read_bytes += read;
            }
            Ok(())
        });
        Self { batches, thread }
    }

    /// The next batch; none at the end, and after an error, which [`Self::finish`] tells.
    pub(super) async fn next(&mut self) -> Option<Batch> {
        self.batches.recv().await
    }

    pub(super) async fn finish(self) -> Result<(), ImportError> {
        drop(self.batches);
        match self.thread.await {
            Ok(parsed) => parsed,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// Parses one file and says how many bytes it had; nothing if nobody listens any more.
fn parse(source: Source, sender: &mpsc::Sender<Batch>, read_before: u64) -> Result<Option<u64>, ImportError> {
    let path: Arc<Path> = source.path.into();
    let unreadable = |source| ImportError::Unreadable { path: path.to_path_buf(), source };
    let mut reader = BufReader::with_capacity(64 * 1024, source.file);
    let start = reader.fill_buf().map_err(unreadable)?;
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        return Err(ImportError::NotUtf8 { path: path.to_path_buf(), line: 1 });
    }
    if start.starts_with(&UTF8_MARK) {
        reader.consume(UTF8_MARK.len());
    }
    let is_json = is_json(&path, reader.buffer());
    let meter = Rc::new(Meter::default());
    let outlet = Outlet { path: path.clone(), sender: sender.clone(), read_before, meter: meter.clone() };
    let metered = Metered { reader, meter: meter.clone() };
    let goes_on =
        if is_json { json::parse(metered, &outlet)? } else { bulk_upload::parse(metered, &outlet)? };
    Ok(goes_on.then(|| meter.read_bytes.get()))
}

/// By its name, or by its first character.
fn is_json(path: &Path, start: &[u8]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if extension.eq_ignore_ascii_case("json") || extension.eq_ignore_ascii_case("csv") {
        return extension.eq_ignore_ascii_case("json");
    }
    matches!(start.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Where a parser's pieces go.
pub(super) struct Outlet {
    path: Arc<Path>,
    sender: mpsc::Sender<Batch>,
    read_before: u64,
    meter: Rc<Meter>,
}

impl Outlet {
    /// Sends a piece. False: nobody listens any more, and the parser should stop.
    pub(super) fn send(&self, piece: Piece) -> bool {
        let read_bytes = self.read_before + self.meter.read_bytes.get();
        self.sender.blocking_send(Batch { path: self.path.clone(), piece, read_bytes }).is_ok()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    pub(super) fn path(&self) -> PathBuf {
        self.path.to_path_buf()
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }
}

/// How far a parser has read.
#[derive(Debug, Default)]
pub(super) struct Meter {
    read_bytes: Cell<u64>,
    line_breaks: Cell<u64>,
    entry_started: Cell<u64>,
    entry_line: Cell<u64>,
}

impl Meter {
    /// An entry starts here: returns its line.
    pub(super) fn start_entry(&self) -> u64 {
        self.start_entry_at(self.line_breaks.get() + 1)
    }

    pub(super) fn start_entry_at(&self, line: u64) -> u64 {
        self.entry_started.set(self.read_bytes.get());
        self.entry_line.set(line);
        line
    }

    /// The line of the entry under way, if that is larger than any may be.
    pub(super) fn overrun(&self) -> Option<u64> {
        let size = self.read_bytes.get() - self.entry_started.get();
        (size > ENTRY_MAX_BYTES).then(|| self.entry_line.get().max(1))
    }
}

/// A reader that stops in an entry without end.
pub(super) struct Metered<R> {
    reader: R,
    meter: Rc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.meter.overrun().is_some() {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let n = self.reader.read(buffer)?;
        let line_breaks = buffer[..n].split(|byte| *byte == b'\n').count() - 1;
        let add = |cell: &Cell<u64>, n: usize| cell.set(cell.get() + u64::try_from(n).unwrap_or(0));
        add(&self.meter.read_bytes, n);
        add(&self.meter.line_breaks, line_breaks);
        Ok(n)
    }
}

#[cfg(test)]
impl Metered<io::Cursor<Vec<u8>>> {
    /// Bytes as if they came from a file, and where their pieces arrive.
    pub(super) fn of_bytes(bytes: &[u8]) -> (Self, Outlet, mpsc::Receiver<Batch>) {
        let (sender, batches) = mpsc::channel(1_000);
        let meter = Rc::new(Meter::default());
        let path: Arc<Path> = Path::new("people").into();
        let outlet = Outlet { path, sender, read_before: 0, meter: meter.clone() };
        (Self { reader: io::Cursor::new(bytes.to_vec()), meter }, outlet, batches)
    }
}

#[cfg(test)]
mod tests;

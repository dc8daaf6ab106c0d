//! What a parser reads from and sends to: metered, so that an entry without end is stopped and a batch says how far it is.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::entry::{Batch, Piece};

/// How large one user, group, or line of a table may be. Google's largest resources are far smaller.
pub(super) const ENTRY_MAX_BYTES: u64 = 1024 * 1024;

/// Where a parser's pieces go.
pub(super) struct Outlet {
    path: Arc<Path>,
    sender: mpsc::Sender<Batch>,
    read_before: u64,
    meter: Rc<Meter>,
}

impl Outlet {
    /// Where the pieces of this file go; so many bytes of files before it were read.
    pub(super) fn new(path: Arc<Path>, sender: mpsc::Sender<Batch>, read_before: u64) -> Self {
        Self { path, sender, read_before, meter: Rc::default() }
    }

    /// A reader of the file, metered here.
    pub(super) fn metered<R>(&self, reader: R) -> Metered<R> {
        Metered { reader, meter: self.meter.clone() }
    }

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
    pub(super) fn read_bytes(&self) -> u64 {
        self.read_bytes.get()
    }

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

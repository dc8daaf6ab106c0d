//! The files: opened, told apart, and parsed on a thread of their own.
//!
//! [`Sources::parse`] sends [`Batch`]es through a bounded channel, so the parser is never far ahead of the database.
//! Dropping the receiver stops it.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::entry::Batch;
use super::error::ImportError;
use super::outlet::Outlet;
use super::{bulk_upload, json};

/// How many batches may wait for the database.
const BATCHES_WAITING: usize = 4;

const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

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
    let outlet = Outlet::new(path.clone(), sender.clone(), read_before);
    let metered = outlet.metered(reader);
    let goes_on =
        if is_json { json::parse(metered, &outlet)? } else { bulk_upload::parse(metered, &outlet)? };
    Ok(goes_on.then(|| outlet.meter().read_bytes()))
}

/// By its name, or by its first character.
fn is_json(path: &Path, start: &[u8]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if extension.eq_ignore_ascii_case("json") || extension.eq_ignore_ascii_case("csv") {
        return extension.eq_ignore_ascii_case("json");
    }
    matches!(start.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests;

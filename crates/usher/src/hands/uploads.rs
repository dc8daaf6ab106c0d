//! Files that admins send: kept in files of their own until they are forgotten, because a directory of a million people is more
//! than a process keeps in mind.
//!
//! # Invariants
//!
//! 1. A file is no larger than [`MAX_UPLOAD_BYTES`], and there are no more than [`KEPT`].
//! 2. What is forgotten, given up or pushed out is removed from the disk; so is what a former process left.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tempfile::{Builder, NamedTempFile, TempPath};
use usher_engine::clock::{Clock, new_id};
use usher_web::hands::{Incoming, Refused, Upload, UploadId};

use crate::failure::Failure;

/// The largest file: a directory of a million people takes about half of it.
const MAX_UPLOAD_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// How many files are kept; the oldest go first.
const KEPT: usize = 4;
/// What their files are called, at the beginning.
const PREFIX: &str = "upload-";

type Known = Arc<Mutex<BTreeMap<UploadId, Kept>>>;

/// All files of this process.
#[derive(Clone)]
pub(super) struct Uploads {
    directory: PathBuf,
    known: Known,
}

/// A file that is kept.
#[derive(Clone)]
struct Kept {
    upload: Upload,
    /// Removed with the last of those who know it: an import under way keeps its file.
    path: Arc<TempPath>,
}

/// A file that an import reads, kept as long as this is.
pub(super) struct Held {
    path: Arc<TempPath>,
    pub(super) name: String,
}

impl Held {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

struct Receiving {
    uploads: Uploads,
    id: UploadId,
    file: NamedTempFile,
    upload: Upload,
}

impl Uploads {
    /// Files in this directory, which is made with the first one. Those that are left over there are removed.
    pub(super) fn new(directory: PathBuf) -> Self {
        let left = std::fs::read_dir(&directory).into_iter().flatten().flatten();
        for entry in left.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
            if let Err(error) = std::fs::remove_file(entry.path()) {
                tracing::warn!(%error, "a file that was sent for an import is left over, and cannot be removed");
            }
        }
        Self { directory, known: Known::default() }
    }

    /// Begins to take a file in. Its ending says what it is.
    pub(super) fn receive(&self, clock: &dyn Clock, name: &str) -> Result<Box<dyn Incoming>, Refused> {
        let ending = match name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()) {
            Some(ending) if ending == "csv" => ".csv",
            Some(ending) if ending == "json" => ".json",
            _ => {
                return Err(Refused::Because(format!(
                    "“{name}” is neither JSON nor CSV by its name: choose a file that ends in .json or .csv"
                )));
            }
        };
        let cannot = |error: std::io::Error| {
            tracing::warn!(%error, "a file cannot be taken in");
            Refused::Because("the server cannot keep the file: its log says why".to_owned())
        };
        std::fs::create_dir_all(&self.directory).map_err(cannot)?;
        let file =
            Builder::new().prefix(PREFIX).suffix(ending).tempfile_in(&self.directory).map_err(cannot)?;
        let upload = Upload { name: name.to_owned(), n_bytes: 0 };
        Ok(Box::new(Receiving { uploads: self.clone(), id: UploadId(new_id(clock)), file, upload }))
    }

    pub(super) fn find(&self, id: &UploadId) -> Option<Upload> {
        self.known().get(id).map(|kept| kept.upload.clone())
    }

    pub(super) fn forget(&self, id: &UploadId) {
        self.known().remove(id);
    }

    /// The file itself, for whoever reads it.
    pub(super) fn hold(&self, id: &UploadId) -> Result<Held, Failure> {
        let kept = self.known().get(id).cloned();
        let kept = kept.ok_or_else(|| Failure::new("the file is not kept any more: send it once more"))?;
        Ok(Held { path: kept.path, name: kept.upload.name })
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<UploadId, Kept>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Incoming for Receiving {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.upload.n_bytes += bytes.len() as u64;
        if self.upload.n_bytes > MAX_UPLOAD_BYTES {
            return Err(Refused::Because(
                "the file is larger than 4 GiB: split it, or import it with `usher import`".to_owned(),
            ));
        }
        self.file.write_all(bytes).map_err(|error| {
            tracing::warn!(%error, "a file cannot be taken in");
            Refused::Because("the server cannot keep the file: its log says why".to_owned())
        })
    }

    async fn finish(self: Box<Self>) -> Result<UploadId, Refused> {
        let Self { uploads, id, file, upload } = *self;
        let path = Arc::new(file.into_temp_path());
        let mut known = uploads.known();
        known.insert(id.clone(), Kept { upload, path });
        // Ids sort by time.
        while known.len() > KEPT {
            known.pop_first();
        }
        Ok(id)
    }
}

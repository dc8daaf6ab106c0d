//! The key file: one key per line, `usher-key-1:` and 32 bytes in base64.
//!
//! The first line seals, every line opens. Only its owner may read it (mode 0600). Without the file the secrets of the
//! database are lost, so a file that is missing is generated only for a database that has none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::{KEY_BYTES, Key};
use crate::StoreError;

const PREFIX: &str = "usher-key-1:";

/// The keys of a file, in its order; `None` where there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<Key>>, StoreError> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(path, "cannot read the key file", source)),
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(StoreError::KeyFileExposed { path: path.to_owned() });
    }
    let text = fs::read_to_string(path).map_err(|source| failed(path, "cannot read the key file", source))?;
    let text = SecretString::from(text);
    let mut keys = Vec::new();
    for (n, line) in text.expose_secret().lines().enumerate() {
        if !line.trim().is_empty() {
            let malformed = || StoreError::KeyFileMalformed { path: path.to_owned(), line: n + 1 };
            keys.push(parse(line.trim()).ok_or_else(malformed)?);
        }
    }
    if keys.is_empty() {
        return Err(StoreError::KeyFileMalformed { path: path.to_owned(), line: 1 });
    }
    Ok(Some(keys))
}

/// Writes a new key file: whole, or not at all.
pub(crate) fn create(path: &Path, key: &Key) -> Result<(), StoreError> {
    let started = path.with_extension("new");
    let write = || -> io::Result<()> {
        // What an interrupted start left behind sealed nothing.
        match fs::remove_file(&started) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&started)?;
        writeln!(file, "{PREFIX}{}", STANDARD.encode(key.secret.expose_secret()))?;
        file.sync_all()?;
        fs::rename(&started, path)?;
        path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    };
    write().map_err(|source| failed(path, "cannot write the key file", source))
}

fn parse(line: &str) -> Option<Key> {
    let bytes = STANDARD.decode(line.strip_prefix(PREFIX)?).ok()?;
    <[u8; KEY_BYTES]>::try_from(bytes).ok().map(Key::new)
}

fn failed(path: &Path, problem: &'static str, source: io::Error) -> StoreError {
    StoreError::File { path: path.to_owned(), problem, source }
}

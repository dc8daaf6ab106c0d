//! One process at a time: a lock on a file of its own beside the state file, because that one is replaced.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::state_file::error::StateError;

/// The longest process number that is read.
const MAX_PID_DIGITS: u64 = 20;

/// Takes the lock, which ends with the file that is returned.
pub(crate) fn take(state: &Path) -> Result<File, StateError> {
    let failed = |source| StateError::io("lock", state, &source);
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).to_owned();
    let mut lock = options.open(beside(state, ".lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            lock.take(MAX_PID_DIGITS).read_to_string(&mut pid).ok();
            return Err(StateError::InUse { path: state.to_owned(), pid: pid.trim().parse().ok() });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(failed)?;
    Ok(lock)
}

/// The path with something at its end.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

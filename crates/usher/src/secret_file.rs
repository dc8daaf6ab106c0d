//! Secrets that are read from files, so that none is ever on a command line.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;

use crate::failure::Failure;

/// The most of a file that is read, in bytes. AWS's tokens have about 2,000, Google's key files 2,400.
const MAX_BYTES: u64 = 64 * 1024;

/// What messages call a file: its path, or standard input.
pub(crate) fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// Reads a file (`-`: standard input). `what` says what it is, in messages: *the token file*.
pub(crate) fn read(what: &str, path: &Path) -> Result<SecretString, Failure> {
    let shown = shown(path);
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MAX_BYTES + 1).read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text))
    };
    let text = SecretString::from(text);
    match read {
        Ok(n_bytes) if n_bytes as u64 > MAX_BYTES => {
            Err(Failure::new(format!("{what} {shown} is larger than any such file: is it the right one?")))
        }
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::new(format!("cannot read {what} {shown}: {error}"))),
    }
}

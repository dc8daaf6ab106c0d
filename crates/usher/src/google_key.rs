//! Key files of service accounts of a Workspace that this process serves.
//!
//! # Invariants
//!
//! 1. What a file holds is never overwritten. A key that works is used again; anything else is refused.
//! 2. The file can be read by its owner alone, and the key is shown nowhere.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use usher_emulator::workspace::Workspace;

use crate::failure::Failure;

/// The longest file that is looked at for a key.
const MAX_KEY_BYTES: u64 = 65_536;

/// The parts of a key file that say whose it is.
#[derive(Deserialize)]
struct Held {
    private_key_id: String,
    client_email: String,
    token_uri: String,
}

/// The service account whose key the file holds; none where there is no file.
pub(crate) fn holder(workspace: &Workspace, file: &Path) -> Result<Option<String>, Failure> {
    let held = match File::open(file) {
        Ok(held) => held,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display()))?,
    };
    let mut text = String::new();
    let is_text = held.take(MAX_KEY_BYTES).read_to_string(&mut text).is_ok();
    let held: Option<Held> = serde_json::from_str(&text).ok().filter(|_| is_text);
    if let Some(held) = held {
        let accounts = workspace.service_accounts();
        let account = accounts.iter().find(|account| account.email == held.client_email);
        let is_known = account.is_some_and(|account| account.keys.contains_key(&held.private_key_id));
        if is_known && held.token_uri == format!("{}/token", workspace.base_url()) {
            return Ok(Some(held.client_email));
        }
        if is_known {
            return Err(Failure::new(format!(
                "the key in {} was written when the workspace was served elsewhere (its `token_uri` is {}), and now it is \
                 served at {}: listen on the former address, or move the file away for a new key",
                file.display(),
                held.token_uri,
                workspace.base_url()
            )));
        }
    }
    Err(Failure::new(format!(
        "{} is there already and is not overwritten: what it holds is no key of the workspace at {}; move it away, or \
         name another file for the key",
        file.display(),
        workspace.base_url()
    )))
}

/// A new key of a service account, in a new file.
pub(crate) fn create(workspace: &Workspace, account: &str, file: &Path) -> Result<(), Failure> {
    let cannot = || format!("cannot write the key to {}", file.display());
    let mut opened =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).with_context(cannot)?;
    let written =
        key(workspace, account).and_then(|key| Ok(opened.write_all(key.as_bytes()).with_context(cannot)?));
    if written.is_err() {
        // An empty file would be in the way the next time.
        fs::remove_file(file).ok();
    }
    written
}

fn key(workspace: &Workspace, account: &str) -> Result<String, Failure> {
    let key = workspace.create_key(account, None)?;
    Ok(format!("{}\n", serde_json::to_string_pretty(&key)?))
}

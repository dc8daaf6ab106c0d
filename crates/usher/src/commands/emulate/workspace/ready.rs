//! An administrator, a service account that may read everything in that administrator's name, and a file with its key.
//!
//! # Invariants
//!
//! 1. What a file holds is never overwritten. A key that works is used again; anything else is refused.
//! 2. The file can be read by its owner alone, and the key is shown nowhere.
//! 3. An organisation that has somebody in it is given nobody but, where there is none, an administrator.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use usher_emulator::workspace::{READ_ONLY_SCOPES, Workspace};

use crate::failure::Failure;

/// The longest file that is looked at for a key.
const MAX_KEY_BYTES: u64 = 65_536;
/// What the service account is called.
const NAME: &str = "usher";
/// The project of the service account.
const PROJECT: &str = "emulated";
/// A small organisation.
const SAMPLE: &[u8] = include_bytes!("sample.json");

/// What a directory can be read with.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) admin: String,
    pub(super) service_account: String,
    pub(super) key_file: String,
}

/// The parts of a key file that say whose it is.
#[derive(Deserialize)]
struct Held {
    private_key_id: String,
    client_email: String,
    token_uri: String,
}

/// Has all of it, with a key in the file.
pub(super) async fn account(workspace: &Workspace, file: &Path) -> Result<Ready, Failure> {
    let held = match File::open(file) {
        Ok(held) => Some(holder(workspace, &held, file)?),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display()))?,
    };
    let admin = administrator(workspace).await?;
    let service_account = match held {
        Some(account) => account,
        None => create(workspace, file)?,
    };
    Ok(Ready { admin, service_account, key_file: file.display().to_string() })
}

/// The service account whose key the file holds.
fn holder(workspace: &Workspace, held: &File, file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let is_text = held.take(MAX_KEY_BYTES).read_to_string(&mut text).is_ok();
    let held: Option<Held> = serde_json::from_str(&text).ok().filter(|_| is_text);
    if let Some(held) = held {
        let accounts = workspace.service_accounts();
        let account = accounts.iter().find(|account| account.email == held.client_email);
        let is_known = account.is_some_and(|account| account.keys.contains_key(&held.private_key_id));
        if is_known && held.token_uri == format!("{}/token", workspace.base_url()) {
            return Ok(held.client_email);
        }
    }
    Err(Failure::new(format!(
        "{} is there already and is not overwritten: what it holds is no key of this emulator at {}; move it away, or \
         name another --key-file",
        file.display(),
        workspace.base_url()
    )))
}

/// A super administrator; with a small organisation around, where there is nobody.
async fn administrator(workspace: &Workspace) -> Result<String, Failure> {
    if workspace.summary().await?.users == Some(0) {
        workspace.seed(SAMPLE).await?;
    }
    if let Some(admin) = workspace.super_admin().await? {
        return Ok(admin);
    }
    let admin = format!("usher-admin@{}", workspace.summary().await?.domain);
    let seed = serde_json::json!({ "users": [{
        "primaryEmail": admin,
        "name": { "givenName": "Usher", "familyName": "Administrator" },
        "isAdmin": true,
    }] });
    workspace.seed(seed.to_string().as_bytes()).await?;
    Ok(admin)
}

/// A key of the service account, in a new file.
fn create(workspace: &Workspace, file: &Path) -> Result<String, Failure> {
    let cannot = || format!("cannot write the key to {}", file.display());
    let mut opened =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).with_context(cannot)?;
    let written = key(workspace).and_then(|(account, key)| {
        opened.write_all(key.as_bytes()).with_context(cannot)?;
        Ok(account)
    });
    if written.is_err() {
        // An empty file would be in the way the next time.
        fs::remove_file(file).ok();
    }
    written
}

fn key(workspace: &Workspace) -> Result<(String, String), Failure> {
    let account = workspace.create_service_account(NAME, PROJECT)?;
    if account.delegated_scopes.is_empty() {
        workspace.delegate(&account.email, &READ_ONLY_SCOPES)?;
    }
    let key = workspace.create_key(&account.email, None)?;
    Ok((account.email, format!("{}\n", serde_json::to_string_pretty(&key)?)))
}

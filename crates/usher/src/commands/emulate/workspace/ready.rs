//! An administrator, a service account that may read everything in that administrator's name, and a file with its key.
//!
//! An organisation that has somebody in it is given nobody but, where there is none, an administrator.

use std::path::Path;

use usher_emulator::workspace::{READ_ONLY_SCOPES, Workspace};

use crate::failure::Failure;
use crate::google_key;

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

/// Has all of it, with a key in the file.
pub(super) async fn account(workspace: &Workspace, file: &Path) -> Result<Ready, Failure> {
    let held = google_key::holder(workspace, file)?;
    let admin = administrator(workspace).await?;
    let service_account = match held {
        Some(account) => account,
        None => create(workspace, file)?,
    };
    Ok(Ready { admin, service_account, key_file: file.display().to_string() })
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

/// The service account, with the read-only scopes delegated to it, and a key of it in a new file.
fn create(workspace: &Workspace, file: &Path) -> Result<String, Failure> {
    let account = workspace.create_service_account(NAME, PROJECT)?;
    if account.delegated_scopes.is_empty() {
        workspace.delegate(&account.email, &READ_ONLY_SCOPES)?;
    }
    google_key::create(workspace, &account.email, file)?;
    Ok(account.email)
}

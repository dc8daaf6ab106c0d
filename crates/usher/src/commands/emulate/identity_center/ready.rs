//! A tenant that is ready to be provisioned into, and a file with an access token of it.
//!
//! # Invariants
//!
//! 1. What a file holds is never overwritten. A token that works is used again; anything else is refused before
//!    something is made.
//! 2. The file can be read by its owner alone, and the token is shown nowhere.
//! 3. Where there is a tenant, no other is made.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use usher_emulator::identity_center::IdentityCenter;
use usher_emulator::identity_center::admin::{AdminError, Enabled, NewToken, SAMPLE_METADATA};

use crate::failure::Failure;

/// The longest file that is looked at for a token.
const MAX_TOKEN_BYTES: u64 = 4_096;

/// A tenant that can be provisioned into, and where its token is.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) tenant: String,
    pub(super) endpoint: String,
    pub(super) token_file: String,
}

/// Has a tenant that is ready, with an access token in the file.
pub(super) fn tenant(center: &IdentityCenter, file: &Path) -> Result<Ready, Failure> {
    let tenant = match File::open(file) {
        Ok(held) => holder(center, &held, file)?,
        Err(error) if error.kind() == ErrorKind::NotFound => generate(center, file)?,
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display()))?,
    };
    let endpoint = center.endpoint(&tenant);
    Ok(Ready { tenant, endpoint, token_file: file.display().to_string() })
}

/// The tenant whose token the file holds.
fn holder(center: &IdentityCenter, held: &File, file: &Path) -> Result<String, Failure> {
    let mut token = String::new();
    let is_text = held.take(MAX_TOKEN_BYTES).read_to_string(&mut token).is_ok();
    let token = SecretString::from(token.trim());
    for tenant in center.tenants().into_iter().filter(|_| is_text) {
        if center.opens(&tenant.id, &token)? {
            return Ok(tenant.id);
        }
    }
    Err(Failure::new(format!(
        "{} is there already and is not overwritten: what it holds is no access token of this emulator; move it away, \
         or name another --token-file",
        file.display()
    )))
}

/// Generates a token and writes it into a new file.
fn generate(center: &IdentityCenter, file: &Path) -> Result<String, Failure> {
    let cannot = || format!("cannot write the token to {}", file.display());
    let mut opened =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).with_context(cannot)?;
    let written = new_token(center).and_then(|(tenant, token)| {
        opened.write_all(token.value.expose_secret().as_bytes()).with_context(cannot)?;
        Ok(tenant)
    });
    if written.is_err() {
        // An empty file would be in the way the next time.
        fs::remove_file(file).ok();
    }
    written
}

/// A new token of the tenant that is there: one that is provisioned into, else the oldest; of a new tenant, if there is
/// none.
fn new_token(center: &IdentityCenter) -> Result<(String, NewToken), Failure> {
    let there =
        center.tenants().into_iter().min_by_key(|tenant| (!tenant.is_provisioning, tenant.created_at));
    let Some(there) = there else {
        let Enabled { tenant, token, .. } = center.ready_tenant(center.default_settings().clone())?;
        return Ok((tenant, token));
    };
    if !there.is_provisioning {
        center.change_identity_source(&there.id, SAMPLE_METADATA, "ACCEPT")?;
        return Ok((there.id.clone(), center.enable_provisioning(&there.id)?.token));
    }
    match center.generate_token(&there.id) {
        Ok(token) => Ok((there.id, token)),
        Err(AdminError::Refused(_)) => Err(Failure::new(format!(
            "tenant {} has two access tokens already: name the --token-file that holds one of them, or start without \
             --ready and delete one below /admin",
            there.id
        ))),
        Err(error) => Err(error.into()),
    }
}

//! The directory as a SAML identity provider: its certificate, and the key behind that, sealed.

use secrecy::SecretString;
use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;

use crate::columns::instant;
use crate::sql::Tx;
use crate::{Keyring, Place, StoreError};

/// A certificate that apps are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// PEM.
    pub certificate: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

const FIND: &str = "\
-- store::directory::identity_provider
SELECT certificate, created_at, expires_at FROM identity_provider WHERE directory = $1";

/// The directory's certificate, if it has one.
pub async fn identity_provider(
    tx: &mut Tx,
    directory: &DirectoryId,
) -> Result<Option<IdentityProvider>, StoreError> {
    let Some(row) = tx.opt_row(FIND, &[directory.as_str().into()]).await? else { return Ok(None) };
    Ok(Some(IdentityProvider {
        certificate: row.text("certificate")?.to_owned(),
        created_at: row.instant("created_at")?,
        expires_at: row.instant("expires_at")?,
    }))
}

const INSERT: &str = "\
-- store::directory::insert_identity_provider
INSERT INTO identity_provider (directory, certificate, key, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (directory) DO NOTHING";

/// Keeps a certificate and its key, unless the directory has one already: apps were given that.
pub async fn insert_identity_provider(
    tx: &mut Tx,
    keyring: &Keyring,
    directory: &DirectoryId,
    provider: &IdentityProvider,
    key: &SecretString,
) -> Result<(), StoreError> {
    let place = Place { table: "identity_provider", row: directory.as_str(), column: "key" };
    let values = [
        directory.as_str().into(),
        provider.certificate.as_str().into(),
        keyring.seal(place, key).into(),
        instant(provider.created_at),
        instant(provider.expires_at),
    ];
    tx.execute(INSERT, &values).await.map(drop)
}

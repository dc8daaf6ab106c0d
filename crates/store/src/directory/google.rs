//! How a Google Workspace is read: whose it is, where its APIs are, and what signs in.
//!
//! # Invariant
//!
//! The credential is sealed for its directory's row, and is never part of [`Google`].
//!
//! Not here: what a credential is, and whether it signs in (`usher_engine::google`).

use secrecy::SecretString;
use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;

use super::{Directory, DirectoryKind};
use crate::columns::instant;
use crate::sql::Tx;
use crate::{Keyring, Place, StoreError};

/// How a Google Workspace is read, without what signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Google {
    /// Google's id of the customer; none: the administrator's own.
    pub customer: Option<String>,
    /// Where the APIs are; none: at Google.
    pub api_root: Option<String>,
    /// When the credential was given.
    pub credential_set_at: Timestamp,
}

/// How well the mirror of a Google Workspace is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// When the listing that it holds began; none: there is none yet.
    pub listed_from: Option<Timestamp>,
    /// When that listing ended.
    pub listed_at: Option<Timestamp>,
    /// Until when the next listing waits; none: for nothing.
    pub next_listing_at: Option<Timestamp>,
    /// The fields of users that the listing asked for.
    pub listed_fields: Option<String>,
    /// Until when the change feed was read; none: never.
    pub feed_read_to: Option<Timestamp>,
    /// Why it cannot be read at the moment, in a sentence, and since when.
    pub failing: Option<(String, Timestamp)>,
}

const INSERT: &str = "\
-- store::directory::insert_google
INSERT INTO directory (id, name, kind, created_at) VALUES ($1, $2, 'google', $3)";

const SET: &str = "\
-- store::directory::set_google
INSERT INTO google_directory (directory, customer, api_root, credential, credential_set_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (directory) DO UPDATE SET
    customer = excluded.customer, api_root = excluded.api_root, credential = excluded.credential,
    credential_set_at = excluded.credential_set_at";

const GET: &str = "\
-- store::directory::google
SELECT customer, api_root, credential_set_at FROM google_directory WHERE directory = $1";

const CREDENTIAL: &str = "\
-- store::directory::google_credential
SELECT credential FROM google_directory WHERE directory = $1";

const MIRRORED: &str = "\
-- store::directory::mirrored
SELECT listed_from, listed_at, next_listing_at, listed_fields, feed_read_to, failing, failing_since FROM google_directory
WHERE directory = $1";

const CUSTOMER_ID: &str = "\
-- store::directory::google_customer_id
SELECT customer_id FROM google_directory WHERE directory = $1";

const SET_CUSTOMER_ID: &str = "\
-- store::directory::set_google_customer_id
UPDATE google_directory SET customer_id = $2 WHERE directory = $1";

const NEXT_LISTING: &str = "\
-- store::directory::set_next_listing
UPDATE google_directory SET next_listing_at = $2 WHERE directory = $1";

const FAILING: &str = "\
-- store::directory::set_failing
UPDATE google_directory SET failing = $2, failing_since = COALESCE(failing_since, $3) WHERE directory = $1";

const MENDED: &str = "\
-- store::directory::set_mended
UPDATE google_directory SET failing = NULL, failing_since = NULL WHERE directory = $1";

fn place(directory: &DirectoryId) -> Place<'_> {
    Place { table: "google_directory", row: directory.as_str(), column: "credential" }
}

/// Adds a Google Workspace of this name, which no other directory has. Nothing is in its mirror before it is listed.
pub async fn insert_google(
    tx: &mut Tx,
    id: &DirectoryId,
    name: &str,
    now: Timestamp,
) -> Result<Directory, StoreError> {
    tx.execute_one(INSERT, &[id.as_str().into(), name.into(), instant(now)]).await?;
    Ok(Directory { id: id.clone(), name: name.to_owned(), kind: DirectoryKind::Google })
}

/// Sets how it is read, and with what credential.
pub async fn set_google(
    tx: &mut Tx,
    keyring: &Keyring,
    directory: &DirectoryId,
    google: &Google,
    credential: &SecretString,
) -> Result<(), StoreError> {
    let values = [
        directory.as_str().into(),
        google.customer.as_deref().into(),
        google.api_root.as_deref().into(),
        keyring.seal(place(directory), credential).into(),
        instant(google.credential_set_at),
    ];
    tx.execute_one(SET, &values).await
}

/// How it is read; none: it is no Google Workspace.
pub async fn google(tx: &mut Tx, directory: &DirectoryId) -> Result<Option<Google>, StoreError> {
    let row = tx.opt_row(GET, &[directory.as_str().into()]).await?;
    let read = |row: crate::sql::Row| {
        Ok(Google {
            customer: row.opt_text("customer")?.map(str::to_owned),
            api_root: row.opt_text("api_root")?.map(str::to_owned),
            credential_set_at: row.instant("credential_set_at")?,
        })
    };
    row.map(read).transpose()
}

/// What signs in to a Google Workspace.
pub async fn google_credential(
    tx: &mut Tx,
    keyring: &Keyring,
    directory: &DirectoryId,
) -> Result<SecretString, StoreError> {
    let row = tx.row(CREDENTIAL, &[directory.as_str().into()]).await?;
    Ok(keyring.open(place(directory), row.bytes("credential")?)?)
}

/// How well its mirror is known; none: it is no Google Workspace.
pub async fn mirrored(tx: &mut Tx, directory: &DirectoryId) -> Result<Option<Mirrored>, StoreError> {
    let row = tx.opt_row(MIRRORED, &[directory.as_str().into()]).await?;
    let read = |row: crate::sql::Row| {
        let failing = row.opt_text("failing")?.map(str::to_owned);
        Ok(Mirrored {
            listed_from: row.opt_instant("listed_from")?,
            listed_at: row.opt_instant("listed_at")?,
            next_listing_at: row.opt_instant("next_listing_at")?,
            listed_fields: row.opt_text("listed_fields")?.map(str::to_owned),
            feed_read_to: row.opt_instant("feed_read_to")?,
            failing: failing.zip(row.opt_instant("failing_since")?),
        })
    };
    row.map(read).transpose()
}

/// Has the next whole listing wait until then.
pub async fn set_next_listing(tx: &mut Tx, directory: &DirectoryId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute_one(NEXT_LISTING, &[directory.as_str().into(), instant(at)]).await
}

/// Says why it cannot be read; since when stays, as long as it fails.
pub async fn set_failing(
    tx: &mut Tx,
    directory: &DirectoryId,
    why: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute_one(FAILING, &[directory.as_str().into(), why.into(), instant(now)]).await
}

/// Says that it can be read again.
pub async fn set_mended(tx: &mut Tx, directory: &DirectoryId) -> Result<(), StoreError> {
    tx.execute_one(MENDED, &[directory.as_str().into()]).await
}

/// Google's id of the customer that it is the directory of, as Google said it; none: it was not said yet.
pub async fn google_customer_id(tx: &mut Tx, directory: &DirectoryId) -> Result<Option<String>, StoreError> {
    let row = tx.row(CUSTOMER_ID, &[directory.as_str().into()]).await?;
    Ok(row.opt_text("customer_id")?.map(str::to_owned))
}

/// Remembers whose directory it is: people of another customer's are others.
pub async fn set_google_customer_id(
    tx: &mut Tx,
    directory: &DirectoryId,
    customer: &str,
) -> Result<(), StoreError> {
    tx.execute_one(SET_CUSTOMER_ID, &[directory.as_str().into(), customer.into()]).await
}

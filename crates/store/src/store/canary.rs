//! The canary: a sealed word in the database that opens with the right key alone.
//!
//! Without it a wrong key would be noticed only when a token is needed, after new ones had been sealed with it.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use crate::StoreError;
use crate::secret::{Entropy, Key, Keyring, Place, SecretError, key_file};
use crate::sql::Tx;

const PLACE: Place<'_> = Place { table: "meta", row: "canary", column: "value" };

const GET: &str = "\
-- store::canary::get
SELECT value FROM meta WHERE key = 'canary'";

const INSERT: &str = "\
-- store::canary::insert
INSERT INTO meta (key, value) VALUES ('canary', $1)";

/// Where the keys come from, and who may make them.
pub(super) enum Keys {
    /// A file of this process alone: made when the database is new.
    OwnFile(PathBuf),
    SharedFile(PathBuf),
    Given(Vec<Key>),
}

/// The keys, proven on the database's canary. A new database gets its canary, and its own key file where it needs one.
pub(super) async fn unlock(
    tx: &mut Tx,
    database: &str,
    keys: Keys,
    entropy: Arc<dyn Entropy>,
) -> Result<Keyring, StoreError> {
    let sealed = match tx.opt_row(GET, &[]).await? {
        Some(row) => Some(row.bytes("value")?.to_vec()),
        None => None,
    };
    let (keys, source) = load(keys, database, sealed.is_none(), entropy.as_ref())?;
    let keyring = Keyring::new(keys, entropy);
    let Some(sealed) = sealed else {
        let word = SecretString::from("the key fits");
        tx.execute_one(INSERT, &[keyring.seal(PLACE, &word).into()]).await?;
        return Ok(keyring);
    };
    prove(keyring, &sealed, database, source)
}

/// The same for a database that has its canary: nothing is made.
pub(super) async fn unlock_existing(
    tx: &mut Tx,
    database: &str,
    keys: Keys,
    entropy: Arc<dyn Entropy>,
) -> Result<Keyring, StoreError> {
    let row = tx.row(GET, &[]).await?;
    let (keys, source) = load(keys, database, false, entropy.as_ref())?;
    prove(Keyring::new(keys, entropy), row.bytes("value")?, database, source)
}

fn prove(keyring: Keyring, sealed: &[u8], database: &str, source: String) -> Result<Keyring, StoreError> {
    match keyring.open(PLACE, sealed) {
        Ok(_) => Ok(keyring),
        Err(SecretError::UnknownKey { .. } | SecretError::Tampered { .. }) => {
            Err(StoreError::WrongKey { database: database.to_owned(), keys: source })
        }
        Err(error @ SecretError::UnknownForm { .. }) => Err(error.into()),
    }
}

/// The keys, and what they are called in messages.
fn load(
    keys: Keys,
    database: &str,
    is_new: bool,
    entropy: &dyn Entropy,
) -> Result<(Vec<Key>, String), StoreError> {
    let (path, may_make) = match keys {
        Keys::OwnFile(path) => (path, true),
        Keys::SharedFile(path) => (path, false),
        Keys::Given(keys) => return Ok((keys, "the given key".to_owned())),
    };
    let source = path.display().to_string();
    match (key_file::read(&path)?, is_new) {
        (Some(keys), _) => Ok((keys, source)),
        (None, true) if may_make => {
            let key = Key::generate(entropy);
            key_file::create(&path, &key)?;
            Ok((vec![key], source))
        }
        (None, true) => Err(StoreError::KeyFileAbsent { path }),
        (None, false) => Err(StoreError::KeyFileLost { path, database: database.to_owned() }),
    }
}

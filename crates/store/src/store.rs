//! The store: found, brought up to date, unlocked.
//!
//! Opening is one transaction over schema and canary. A database that cannot be opened (newer, foreign, sealed with
//! another key) is left as it was found. Opened for reading, all of it is left so.
//!
//! Not here: what is stored. Each aggregate is a file of its own.

mod canary;
mod data_directory;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::StoreError;
use crate::migrations::{self, Migrations};
use crate::secret::{Entropy, Key, Keyring};
use crate::sql::{Database, Image, Tx};
use data_directory::DataDirectory;

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Location {
    /// `usher.db` in this data directory, which is made if it is missing.
    Sqlite(PathBuf),
    /// A `postgres://` URL, secret for the password that may be in it.
    Postgres(SecretString),
    /// SQLite in memory, for tests and simulation: gone with the store, one transaction at a time, reads included, and
    /// whoever uses it blocks until it has answered.
    Memory,
}

/// Where the keys of the secrets are.
#[derive(Debug)]
pub enum KeySource {
    /// `key` in the data directory, generated with a new database.
    DataDirectory,
    /// This file, which must exist: replicas share it, so none of them may make it.
    File(PathBuf),
    /// These, the first of which seals: for tests and simulation.
    Given(Vec<Key>),
}

/// What a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To read and to write. A data directory is locked, and made where it is missing.
    Writing,
    /// To read alone, also while another process writes. Nothing is made, locked or migrated; a database that lacks
    /// migrations is not opened.
    Reading,
}

/// All that opening a store needs.
pub struct Opening {
    pub location: Location,
    pub keys: KeySource,
    pub entropy: Arc<dyn Entropy>,
    pub migrations: Migrations,
}

/// An open store. Clones are cheap and share its connections.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    // In this order: the connections are gone before the directory is free for others.
    database: Database,
    keyring: Keyring,
    purpose: Purpose,
    _directory: Option<DataDirectory>,
}

/// By its name alone: what a driver prints of its options is not ours to vouch for.
impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.shared.database.name())
    }
}

impl Store {
    /// Opens the database to read and write: applies what it lacks of the schema, and checks that the keys fit.
    pub async fn open(opening: Opening) -> Result<Self, StoreError> {
        Self::open_for(opening, Purpose::Writing).await
    }

    /// Opens the database for a purpose. Whoever only reads applies no migrations, whatever the opening says of them.
    pub async fn open_for(opening: Opening, purpose: Purpose) -> Result<Self, StoreError> {
        let Opening { location, keys, entropy, migrations } = opening;
        let (database, directory) = match location {
            Location::Sqlite(path) => {
                let directory = match purpose {
                    Purpose::Writing => DataDirectory::lock(&path)?,
                    Purpose::Reading => DataDirectory::visit(&path)?,
                };
                let file = directory.database()?;
                (Database::sqlite(&file).await?, Some(directory))
            }
            Location::Postgres(url) => (Database::postgres(url.expose_secret()).await?, None),
            Location::Memory => (Database::memory()?, None),
        };
        let keys = match (keys, &directory) {
            (KeySource::DataDirectory, Some(directory)) => canary::Keys::OwnFile(directory.key_file()),
            (KeySource::DataDirectory, None) => return Err(StoreError::KeyFileRequired),
            (KeySource::File(path), _) => canary::Keys::SharedFile(path),
            (KeySource::Given(keys), _) => canary::Keys::Given(keys),
        };

        let mut tx = match purpose {
            Purpose::Writing => database.begin("store::open").await?,
            Purpose::Reading => database.read("store::open").await?,
        };
        let unlocked = async {
            match purpose {
                Purpose::Writing => {
                    migrations::bring_up_to_date(&mut tx, database.name(), migrations).await?;
                    canary::unlock(&mut tx, database.name(), keys, entropy).await
                }
                Purpose::Reading => {
                    migrations::check_up_to_date(&mut tx, database.name()).await?;
                    canary::unlock_existing(&mut tx, database.name(), keys, entropy).await
                }
            }
        };
        let keyring = match unlocked.await {
            Ok(keyring) => keyring,
            Err(error) => {
                // What stands in the way is worth more to the reader than that undoing failed as well.
                tx.rollback().await.ok();
                return Err(error);
            }
        };
        tx.commit().await?;
        Ok(Self { shared: Arc::new(Shared { database, keyring, purpose, _directory: directory }) })
    }

    /// Begins a transaction that may write. `name` says whose it is: `operations::claim`.
    ///
    /// On SQLite it waits for the one that is under way, so nothing slow belongs in it.
    pub async fn begin(&self, name: &'static str) -> Result<Tx, StoreError> {
        if self.shared.purpose == Purpose::Reading {
            return Err(StoreError::OpenedForReading { doing: name.to_owned() });
        }
        self.shared.database.begin(name).await
    }

    /// Begins a transaction that sees one state of the database and cannot write. It may just be dropped.
    pub async fn read(&self, name: &'static str) -> Result<Tx, StoreError> {
        self.shared.database.read(name).await
    }

    /// How often anything of any app's row was changed, as far as transactions are over; none: another process may
    /// change it, and only a read tells. What was read of an app stands while this stays what it was before the read.
    pub fn apps_changed(&self) -> Option<u64> {
        // Whoever only reads knows nothing of what another process writes.
        (self.shared.purpose == Purpose::Writing).then(|| self.shared.database.apps_changed()).flatten()
    }

    /// A backup of a store in memory; none of any other, which has backups of its own.
    pub async fn image(&self) -> Result<Option<Image>, StoreError> {
        self.shared.database.image().await
    }

    /// Makes a backup everything that is in a store in memory; false, and nothing done, with any other. Nobody may have
    /// a transaction open.
    pub async fn restore(&self, image: &Image) -> Result<bool, StoreError> {
        self.shared.database.restore(image).await
    }

    /// The keys of the secrets in it.
    pub fn keyring(&self) -> &Keyring {
        &self.shared.keyring
    }

    /// Closes every connection, once the transactions under way are decided. Clones of the store are of no use then.
    pub async fn close(self) {
        self.shared.database.close().await;
    }
}

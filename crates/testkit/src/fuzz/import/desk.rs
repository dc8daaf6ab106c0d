//! A store in memory to import into, and files to import.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use usher_engine::import::{Import, ImportError, ImportReport, import};
use usher_model::time::Timestamp;
use usher_store::{Image, Key, KeySource, Location, Migrations, Opening, Store};

use super::mirror::Mirror;
use crate::fuzz::sample;

const BEGINNING: &str = "2026-11-23T09:00:00Z";

/// Where imports are tried.
pub(super) struct Desk {
    runtime: Runtime,
    store: Store,
    /// A new store, with nobody in it.
    nobody: Image,
    /// The store with the people of [`people`].
    somebody: Image,
    files: TempDir,
    now: Timestamp,
    n_ids: u64,
}

impl Desk {
    pub(super) fn new() -> Self {
        let runtime = Builder::new_current_thread().build().expect("a runtime starts");
        let opening = Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: Arc::new(|into: &mut [u8]| into.fill(7)),
            migrations: Migrations::Apply,
        };
        let store = runtime.block_on(Store::open(opening)).expect("a store in memory opens");
        let image = || runtime.block_on(store.image()).expect("it can be copied").expect("it is in memory");
        let (nobody, somebody) = (image(), image());
        let files = tempfile::tempdir().expect("there is room for a file");
        let mut desk = Self { runtime, store, nobody, somebody, files, now: beginning(), n_ids: 0 };
        desk.write("somebody.json", people().to_string().as_bytes());
        desk.import("somebody.json", Import::default()).expect("the people here can be imported");
        let image = desk.runtime.block_on(desk.store.image()).expect("it can be copied");
        desk.somebody = image.expect("it is in memory");
        desk
    }

    /// Puts everything back to how it is before anything is imported.
    pub(super) fn begin(&mut self) {
        self.now = beginning();
        self.n_ids = 100;
        let restored = self.runtime.block_on(self.store.restore(&self.somebody));
        assert!(restored.expect("it can be put back"), "it is in memory");
    }

    pub(super) fn begin_with_nobody(&mut self) {
        let restored = self.runtime.block_on(self.store.restore(&self.nobody));
        assert!(restored.expect("it can be put back"), "it is in memory");
    }

    pub(super) fn a_day_passes(&mut self) {
        self.now = self.now + Duration::from_hours(24);
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.files.path().join(name), content).expect("there is room for a file");
    }

    pub(super) fn import(&mut self, name: &str, options: Import) -> Result<ImportReport, ImportError> {
        let n_ids = &mut self.n_ids;
        // Such as no file names: in earnest they are made of chance.
        let mut new_id = || {
            *n_ids += 1;
            format!("2bc3f1d0-6f0e-4a6b-9d1c-{n_ids:012}")
        };
        let files = [self.files.path().join(name)];
        self.runtime.block_on(import(&self.store, &files, options, self.now, &mut new_id, &|_| {}))
    }

    /// Everything that the directory says.
    pub(super) fn mirror(&self) -> Mirror {
        self.runtime.block_on(Mirror::read(&self.store)).expect("a store in memory can be read")
    }
}

fn beginning() -> Timestamp {
    Timestamp::parse(BEGINNING).expect("invariant: an instant")
}

/// People, groups, units, domains and a custom schema, some of each kind that an import treats in its own way.
fn people() -> Value {
    let mut ada = sample::directory_user();
    ada["id"] = "ada".into();
    ada["primaryEmail"] = "ada@example.com".into();
    json!({
        "domains": [
            {"domainName": "example.com", "isPrimary": true},
            {"domainName": "example.org", "isPrimary": false}
        ],
        "organizationUnits": [
            {"name": "Engineering", "orgUnitPath": "/Engineering", "parentOrgUnitPath": "/"},
            {"name": "East", "orgUnitPath": "/Engineering/East", "parentOrgUnitPath": "/Engineering"}
        ],
        "schemas": [{"schemaName": "Cost-Centers", "fields": [{"fieldName": "code", "fieldType": "INT64"}]}],
        "users": [
            ada,
            {"id": "bob", "primaryEmail": "bob@example.com", "name": {"givenName": "Bob"}, "suspended": true,
             "suspensionTime": "2026-01-01T00:00:00.000Z"},
            {"id": "eve", "primaryEmail": "eve@example.com", "deletionTime": "2026-02-01T00:00:00.000Z"},
            {"id": "guest", "primaryEmail": "guest@elsewhere.example", "isGuestUser": true, "archived": true}
        ],
        "groups": [
            {"id": "all", "email": "all@example.com", "name": "All", "aliases": ["everyone@example.com"]},
            {"id": "eng", "email": "eng@example.com", "name": "Engineers"}
        ],
        "members": {
            "all@example.com": [{"type": "CUSTOMER", "id": "C01"}, "eng@example.com", "friend@elsewhere.example"],
            "eng@example.com": [{"id": "ada", "role": "OWNER"}, "bob@example.com"]
        }
    })
}

//! The rules of an import, each on a store in memory.

mod files;
mod people;
mod rest;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use usher_model::directory::{User, UserState};
use usher_model::id::{DirectoryId, Email, UserId};
use usher_store::directory::Person;
use usher_store::{Key, KeySource, Location, Migrations, Opening};

use super::*;

/// An empty directory, files to import into it, and a clock.
struct Desk {
    store: Store,
    files: TempDir,
    now: Timestamp,
    n_ids: u64,
}

impl Desk {
    async fn new() -> Self {
        let opening = Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: Arc::new(|bytes: &mut [u8]| bytes.fill(1)),
            migrations: Migrations::Apply,
        };
        let store = Store::open(opening).await.unwrap();
        let now = Timestamp::parse("2026-11-23T09:00:00Z").unwrap();
        Self { store, files: tempfile::tempdir().unwrap(), now, n_ids: 0 }
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    async fn import_files(
        &mut self,
        files: &[PathBuf],
        options: Import,
    ) -> Result<ImportReport, ImportError> {
        let n_ids = &mut self.n_ids;
        let mut new_id = || {
            *n_ids += 1;
            format!("new{n_ids}")
        };
        import(&self.store, files, options, self.now, &mut new_id, &|_| {}).await
    }

    async fn try_json(&mut self, document: Value, options: Import) -> Result<ImportReport, ImportError> {
        let file = self.write("people.json", document.to_string());
        self.import_files(&[file], options).await
    }

    async fn json(&mut self, document: Value) -> ImportReport {
        self.try_json(document, Import::default()).await.unwrap()
    }

    async fn replace(&mut self, document: Value) -> ImportReport {
        self.try_json(document, Import { replace: true, preview: false }).await.unwrap()
    }

    /// The sentence of an import that must fail, with the name of the file shortened; nothing was changed by it.
    async fn refusal(&mut self, document: Value) -> String {
        let error = self.try_json(document, Import::default()).await.unwrap_err();
        self.shorten(&error)
    }

    fn shorten(&self, error: &ImportError) -> String {
        error.to_string().replace(&format!("{}/", self.files.path().display()), "")
    }

    async fn csv(&mut self, table: &str) -> Result<ImportReport, ImportError> {
        let file = self.write("people.csv", table);
        self.import_files(&[file], Import::default()).await
    }

    async fn directory(&self) -> DirectoryId {
        let mut tx = self.store.read("tests::directory").await.unwrap();
        directory::list(&mut tx).await.unwrap().remove(0).id
    }

    async fn person(&self, id: &str) -> Person {
        let directory = self.directory().await;
        let mut tx = self.store.read("tests::person").await.unwrap();
        let people = directory::people(&mut tx, &directory, &BTreeSet::from([UserId::new(id)])).await;
        people.unwrap().remove(&UserId::new(id)).unwrap()
    }

    async fn user_with(&self, address: &str) -> Option<User> {
        let directory = self.directory().await;
        let mut tx = self.store.read("tests::user").await.unwrap();
        directory::user_by_email(&mut tx, &directory, &Email::parse(address).unwrap()).await.unwrap()
    }

    async fn id_of(&self, address: &str) -> Option<String> {
        self.user_with(address).await.map(|user| user.id.as_str().to_owned())
    }

    /// The direct groups of a user, by id.
    async fn groups_of(&self, id: &str) -> Vec<String> {
        let directory = self.directory().await;
        let mut tx = self.store.read("tests::groups").await.unwrap();
        let groups = directory::direct_groups_of(&mut tx, &directory, &[UserId::new(id)]).await.unwrap();
        groups.into_values().flatten().map(|group| group.as_str().to_owned()).collect()
    }
}

fn user(id: &str) -> Value {
    json!({"id": id, "primaryEmail": format!("{id}@example.com")})
}

fn group(id: &str) -> Value {
    json!({"id": id, "email": format!("{id}@example.com"), "name": id})
}

fn domains() -> Value {
    json!([{"domainName": "example.com", "isPrimary": true}])
}

const fn added(added: u64) -> KindReport {
    KindReport { added, updated: 0, deleted: 0, restored: 0, unchanged: 0 }
}

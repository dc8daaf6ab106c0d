//! `usher directory`: the directories, and how much is in them.

use serde::Serialize;
use usher_store::directory::{self, Counts, DirectoryKind};
use usher_store::{Store, Tx};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, grouped, table};

pub(super) mod add;
pub(super) mod check;
mod google;

/// Every directory.
#[derive(Debug, Serialize)]
struct Directories {
    directories: Vec<Listed>,
}

/// One directory and how much is in it.
#[derive(Debug, Serialize)]
struct Listed {
    directory: String,
    kind: &'static str,
    users: u64,
    active: u64,
    suspended: u64,
    archived: u64,
    deleted: u64,
    guests: u64,
    groups: u64,
    organizational_units: u64,
    domains: Vec<String>,
}

/// Lists them.
pub(crate) async fn list(context: &Context, store: &Store) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::directory_list").await?;
    let mut directories = Vec::new();
    for found in directory::list(&mut tx).await? {
        directories.push(count(&mut tx, found).await?);
    }
    context.output.answer(&Directories { directories })?;
    Ok(Exit::Ok)
}

async fn count(tx: &mut Tx, found: directory::Directory) -> Result<Listed, Failure> {
    let Counts { users, active, suspended, archived, deleted, guests, groups, org_units, domains: _ } =
        directory::counts(tx, &found.id).await?;
    let mut domains = directory::domains(tx, &found.id).await?;
    domains.sort_by_key(|domain| !domain.is_primary);
    Ok(Listed {
        directory: found.name,
        kind: match found.kind {
            DirectoryKind::Embedded => "embedded",
            DirectoryKind::Google => "google",
        },
        users,
        active,
        suspended,
        archived,
        deleted,
        guests,
        groups,
        organizational_units: org_units,
        domains: domains.into_iter().map(|domain| domain.name).collect(),
    })
}

impl Answer for Directories {
    fn text(&self) -> String {
        if self.directories.is_empty() {
            return "There is no directory yet. `usher import FILE` fills the embedded one.\n".to_owned();
        }
        let rows = self.directories.iter().map(|listed| {
            let Listed { users, suspended, archived, deleted, groups, organizational_units, .. } = listed;
            let counts = [users, suspended, archived, deleted, groups, organizational_units];
            [listed.directory.clone(), listed.kind.to_owned()]
                .into_iter()
                .chain(counts.into_iter().map(|n| grouped(*n)))
                .chain([listed.domains.join(", ")])
        });
        let headings =
            ["DIRECTORY", "KIND", "USERS", "SUSPENDED", "ARCHIVED", "DELETED", "GROUPS", "UNITS", "DOMAINS"];
        table(&headings, rows)
    }
}

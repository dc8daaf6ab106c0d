//! `usher directory`: the directories, and how much is in them.

use serde::Serialize;
use usher_store::directory::{self, Counts, DirectoryKind, Google};
use usher_store::{Store, Tx};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, grouped, instant, quoted, table};

pub(crate) mod add;
pub(crate) mod check;

/// Every directory.
#[derive(Debug, Serialize)]
struct Directories {
    directories: Vec<Shown>,
}

/// One directory and how much is in it.
#[derive(Debug, Serialize)]
struct Shown {
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
    /// When it was listed last; none: it is kept by Usher itself, or was not listed yet.
    listed_at: Option<String>,
    /// Why it cannot be read at the moment.
    failing: Option<String>,
    #[serde(skip)]
    listed: String,
}

/// Lists them.
pub(crate) async fn list(context: &Context, store: &Store) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::directory_list").await?;
    let mut directories = Vec::new();
    for found in directory::list(&mut tx).await? {
        directories.push(count(context, &mut tx, found).await?);
    }
    context.output.answer(&Directories { directories })?;
    Ok(Exit::Ok)
}

/// The Google Workspace that admins call so.
async fn google(tx: &mut Tx, name: &str) -> Result<(directory::Directory, Google), Failure> {
    let Some(found) = directory::by_name(tx, name).await? else {
        let name = quoted(name);
        return Err(Failure::new(format!(
            "there is no directory named {name}: `usher directory list` shows them"
        )));
    };
    match directory::google(tx, &found.id).await? {
        Some(google) => Ok((found, google)),
        None => Err(Failure::new(format!(
            "{} is kept by Usher itself, and nobody signs in to it: `usher directory list` shows what is in it",
            found.name
        ))),
    }
}

async fn count(context: &Context, tx: &mut Tx, found: directory::Directory) -> Result<Shown, Failure> {
    let Counts { users, active, suspended, archived, deleted, guests, groups, org_units, domains: _ } =
        directory::counts(tx, &found.id).await?;
    let mut domains = directory::domains(tx, &found.id).await?;
    domains.sort_by_key(|domain| !domain.is_primary);
    let mirrored = directory::mirrored(tx, &found.id).await?;
    let listed_at = mirrored.as_ref().and_then(|mirrored| mirrored.listed_at);
    let listed = match (&mirrored, listed_at) {
        (None, _) => String::new(),
        (Some(_), None) => "not yet".to_owned(),
        (Some(_), Some(at)) => instant(at, context.now()),
    };
    let failing = mirrored.and_then(|mirrored| mirrored.failing).map(|(why, _)| why);
    Ok(Shown {
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
        listed_at: listed_at.map(|at| at.to_string()),
        failing,
        listed,
    })
}

impl Answer for Directories {
    fn text(&self) -> String {
        if self.directories.is_empty() {
            return "There is no directory yet. `usher import FILE` fills the embedded one.\n".to_owned();
        }
        let rows = self.directories.iter().map(|listed| {
            let Shown { users, suspended, archived, deleted, groups, organizational_units, .. } = listed;
            let counts = [users, suspended, archived, deleted, groups, organizational_units];
            [listed.directory.clone(), listed.kind.to_owned()]
                .into_iter()
                .chain(counts.into_iter().map(|n| grouped(*n)))
                .chain([listed.domains.join(", "), listed.listed.clone()])
        });
        let headings = [
            "DIRECTORY",
            "KIND",
            "USERS",
            "SUSPENDED",
            "ARCHIVED",
            "DELETED",
            "GROUPS",
            "UNITS",
            "DOMAINS",
            "LISTED",
        ];
        let mut text = table(&headings, rows);
        for listed in &self.directories {
            if let Some(why) = &listed.failing {
                text.extend(["\n", &listed.directory, " cannot be read at the moment: ", why, "\n"]);
            }
        }
        text
    }
}

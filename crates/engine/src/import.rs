//! Files into the embedded directory: `usher import`.
//!
//! Files are parsed on a thread of their own and arrive in bounded batches; whatever can be judged at the end alone
//! (whose an address is, who a member is) waits in the database. So an import of a million people needs no more memory
//! than one of a hundred.
//!
//! # Invariants
//!
//! 1. One transaction: an import stands as a whole or not at all. A preview does everything and takes it back.
//! 2. What is the same after merging is not written, so a second import of the same files changes nothing; unless they
//!    name people by addresses that they take from them, for then they are about others the second time.
//! 3. Addresses are unique, units exist and members are somebody at the *end*; on the way there they need not be.
//! 4. The instants of suspension, archiving and deletion are set once. Passwords and their hashes reach no row.
//!
//! Not here: the forms of the resources and what merging means (`usher_protocol::directory`), SQL (`usher-store`).

mod bulk_upload;
mod cell;
mod entry;
mod error;
mod group;
mod json;
mod member;
mod outlet;
mod pass;
pub(crate) mod person;
mod report;
mod shelf;
mod source;
mod user;

use std::path::PathBuf;

use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;
use usher_store::directory::{self, DirectoryKind, stage};
use usher_store::{Store, Tx, app};

pub use error::ImportError;
pub use group::to_group;
pub use person::{addresses, is_deleted, to_person};
pub use report::{ImportReport, KindReport};

use pass::Pass;
use source::{Source, Sources};

/// How to import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// Whatever is missing from the files goes, of each kind that the files have: people become deleted.
    pub replace: bool,
    /// Only say what would change.
    pub preview: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub read_bytes: u64,
    pub total_bytes: u64,
    /// Users, groups, members and the rest, so far.
    pub n_entries: u64,
}

/// Reads `files` into the embedded directory, which is made if there is none.
///
/// `new_id` makes ids for whoever comes without one; it must not repeat itself.
pub async fn import(
    store: &Store,
    files: &[PathBuf],
    options: Import,
    now: Timestamp,
    new_id: &mut (dyn FnMut() -> String + Send),
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<ImportReport, ImportError> {
    let sources: Vec<Source> = files.iter().map(|file| Source::open(file)).collect::<Result<_, _>>()?;
    let mut tx = store.begin("import::import").await?;
    match carry_out(&mut tx, sources, options, now, new_id, progress).await {
        Ok(report) if options.preview => tx.rollback().await.map(|()| report).map_err(ImportError::from),
        Ok(report) => tx.commit().await.map(|()| report).map_err(ImportError::from),
        Err(error) => {
            // What is wrong with the files is worth more to the reader than that undoing failed as well.
            tx.rollback().await.ok();
            Err(error)
        }
    }
}

async fn carry_out(
    tx: &mut Tx,
    sources: Vec<Source>,
    options: Import,
    now: Timestamp,
    new_id: &mut (dyn FnMut() -> String + Send),
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<ImportReport, ImportError> {
    let directory = embedded(tx, new_id, now).await?;
    stage::lock(tx, &directory).await?;
    let total_bytes = sources.iter().map(Source::size_bytes).sum();
    let mut parsing = Sources::parse(sources);
    let mut pass = Pass::new(tx, directory.clone(), options, now, new_id);
    let taken = async {
        let mut n_entries = 0;
        while let Some(batch) = parsing.next().await {
            let read_bytes = batch.read_bytes;
            n_entries += batch.piece.len();
            pass.take(batch).await?;
            progress(Progress { read_bytes, total_bytes, n_entries });
        }
        Ok::<(), ImportError>(())
    };
    let taken = taken.await;
    // Waits for the parser in any case: it is ours, and it may have the better explanation.
    parsing.finish().await?;
    taken?;
    let report = pass.finish().await?;
    stage::clear(tx, &directory).await?;
    if report.is_changed() {
        directory::advance(tx, &directory).await?;
        app::touch(tx, &directory, now).await?;
    }
    Ok(report)
}

async fn embedded(
    tx: &mut Tx,
    new_id: &mut (dyn FnMut() -> String + Send),
    now: Timestamp,
) -> Result<DirectoryId, ImportError> {
    let known = directory::list(tx).await?;
    let known = known.into_iter().find(|directory| directory.kind == DirectoryKind::Embedded);
    Ok(match known {
        Some(directory) => directory.id,
        None => directory::embedded(tx, &DirectoryId::new(new_id()), now).await?.id,
    })
}

#[cfg(test)]
mod tests;

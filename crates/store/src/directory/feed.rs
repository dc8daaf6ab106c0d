//! How far the change feed of a Google Workspace was read, and which of its entries were taken in.
//!
//! Entries come late and twice, so each poll begins a while before the last one ended; what was taken in already is known
//! by its instant and qualifier.

use std::collections::BTreeSet;

use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;

use crate::columns::instant;
use crate::sql::Value;
use crate::{StoreError, Tx};

/// What tells entries of the feed apart.
pub type EntryKey = (Timestamp, String);

const TAKE: &str = "\
-- store::directory::feed::take
INSERT INTO feed_entry (directory, at, qualifier)
SELECT $1, CAST(value ->> 0 AS BIGINT), value ->> 1 FROM json_rows($2) WHERE true
ON CONFLICT (directory, at, qualifier) DO NOTHING";

const TAKEN: &str = "\
-- store::directory::feed::taken
SELECT qualifier FROM feed_entry WHERE directory = $1 AND at = $2 AND qualifier = $3";

const READ_TO: &str = "\
-- store::directory::feed::read_to
UPDATE google_directory SET feed_read_to = $2 WHERE directory = $1";

const FORGET: &str = "\
-- store::directory::feed::forget
DELETE FROM feed_entry WHERE directory = $1 AND at < $2";

/// Which of these entries were not taken in yet.
pub async fn news(
    tx: &mut Tx,
    directory: &DirectoryId,
    entries: &BTreeSet<EntryKey>,
) -> Result<BTreeSet<EntryKey>, StoreError> {
    let mut news = BTreeSet::new();
    for (at, qualifier) in entries {
        let values = [directory.as_str().into(), instant(*at), qualifier.as_str().into()];
        if tx.opt_row(TAKEN, &values).await?.is_none() {
            news.insert((*at, qualifier.clone()));
        }
    }
    Ok(news)
}

/// Remembers that these entries were taken in and that the feed was read until then. Entries from before `since` are
/// not asked for again, and are forgotten.
pub async fn take(
    tx: &mut Tx,
    directory: &DirectoryId,
    entries: &BTreeSet<EntryKey>,
    read_to: Timestamp,
    since: Timestamp,
) -> Result<(), StoreError> {
    let rows =
        entries.iter().map(|(at, qualifier)| -> [Value; 2] { [instant(*at), qualifier.as_str().into()] });
    tx.execute_rows(TAKE, &[directory.as_str().into()], rows.collect()).await?;
    tx.execute_one(READ_TO, &[directory.as_str().into(), instant(read_to)]).await?;
    tx.execute(FORGET, &[directory.as_str().into(), instant(since)]).await.map(drop)
}

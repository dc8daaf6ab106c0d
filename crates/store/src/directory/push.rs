//! Push channels of a Google Workspace, and of whom they said that something changed.
//!
//! # Invariant
//!
//! Of a channel's token there is a hash alone: whoever reads the database cannot send messages in Google's name.

use sha2::{Digest, Sha256};
use usher_model::id::{DirectoryId, Email};
use usher_model::time::Timestamp;

use crate::columns::{instant, limit};
use crate::sql::{Column, Row};
use crate::{StoreError, Tx};

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushChannel {
    /// Ours.
    pub id: String,
    /// What it tells of, as `users.watch` spells it.
    pub event: String,
    /// Where its messages are sent.
    pub address: String,
    pub expires_at: Timestamp,
}

const OPEN: &str = "\
-- store::directory::push::open
INSERT INTO push_channel (id, directory, event, address, token_sha256, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)";

const CLOSE: &str = "\
-- store::directory::push::close
DELETE FROM push_channel WHERE id = $1";

const EXPIRED: &str = "\
-- store::directory::push::forget_expired
DELETE FROM push_channel WHERE directory = $1 AND expires_at <= $2";

const STANDING: &str = "\
-- store::directory::push::standing
SELECT id, event, address, expires_at FROM push_channel WHERE directory = $1 ORDER BY event, expires_at, id";

const WHOSE: &str = "\
-- store::directory::push::whose
SELECT directory FROM push_channel WHERE id = $1 AND token_sha256 = $2 AND expires_at > $3";

const HINT: &str = "\
-- store::directory::push::hint
INSERT INTO hint (directory, address, n, said_at) VALUES ($1, $2, 1, $3)
ON CONFLICT (directory, address) DO UPDATE SET n = hint.n + 1, said_at = excluded.said_at";

const HINTS: &str = "\
-- store::directory::push::hints
SELECT address, n FROM hint WHERE directory = $1 ORDER BY address LIMIT $2";

const HEEDED: &str = "\
-- store::directory::push::heeded
DELETE FROM hint WHERE directory = $1 AND address = $2 AND n = $3";

const HEEDED_BEFORE: &str = "\
-- store::directory::push::heeded_before
DELETE FROM hint WHERE directory = $1 AND said_at < $2";

/// Remembers a channel that is about to be opened, and the hash of its token.
pub async fn open(
    tx: &mut Tx,
    directory: &DirectoryId,
    channel: &PushChannel,
    token: &str,
) -> Result<(), StoreError> {
    let PushChannel { id, event, address, expires_at } = channel;
    let values = [
        id.as_str().into(),
        directory.as_str().into(),
        event.as_str().into(),
        address.as_str().into(),
        hash(token).into(),
        instant(*expires_at),
    ];
    tx.execute_one(OPEN, &values).await
}

/// Forgets a channel: it was not opened, or it is stopped.
pub async fn close(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.execute(CLOSE, &[id.into()]).await.map(drop)
}

/// The channels that stand; those that have ended are forgotten.
pub async fn standing(
    tx: &mut Tx,
    directory: &DirectoryId,
    now: Timestamp,
) -> Result<Vec<PushChannel>, StoreError> {
    tx.execute(EXPIRED, &[directory.as_str().into(), instant(now)]).await?;
    let channel = |row: &Row| {
        Ok(PushChannel {
            id: row.text("id")?.to_owned(),
            event: row.text("event")?.to_owned(),
            address: row.text("address")?.to_owned(),
            expires_at: row.instant("expires_at")?,
        })
    };
    tx.rows(STANDING, &[directory.as_str().into()]).await?.iter().map(channel).collect()
}

/// Whose the channel is that this token belongs to; none: there is no such channel, or not with this token.
pub async fn whose(
    tx: &mut Tx,
    id: &str,
    token: &str,
    now: Timestamp,
) -> Result<Option<DirectoryId>, StoreError> {
    let row = tx.opt_row(WHOSE, &[id.into(), hash(token).into(), instant(now)]).await?;
    row.map(|row| row.text("directory").map(DirectoryId::new)).transpose()
}

/// Remembers that something of whoever has this address changed.
pub async fn hint(
    tx: &mut Tx,
    directory: &DirectoryId,
    address: &Email,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute_one(HINT, &[directory.as_str().into(), address.as_str().into(), instant(now)]).await
}

/// Some of those of whom something changed, and how often that was said.
pub async fn hints(
    tx: &mut Tx,
    directory: &DirectoryId,
    most: usize,
) -> Result<Vec<(Email, u64)>, StoreError> {
    let columns = [Column::Text("address"), Column::Int("n")];
    let rows = tx.page(HINTS, &columns, &[directory.as_str().into(), limit(most)]).await?;
    rows.iter().map(|row| Ok((row.email("address")?, row.count("n")?))).collect()
}

/// Forgets hints that were heeded, but for those that were repeated meanwhile.
pub async fn heeded(tx: &mut Tx, directory: &DirectoryId, hints: &[(Email, u64)]) -> Result<(), StoreError> {
    for (address, n) in hints {
        let values = [directory.as_str().into(), address.as_str().into(), crate::columns::count(*n)];
        tx.execute(HEEDED, &values).await?;
    }
    Ok(())
}

/// Forgets the hints that are older than this instant, from which on everybody was read.
pub async fn heeded_before(tx: &mut Tx, directory: &DirectoryId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(HEEDED_BEFORE, &[directory.as_str().into(), instant(at)]).await.map(drop)
}

fn hash(token: &str) -> String {
    format!("{:x}", Sha256::digest(token.as_bytes()))
}

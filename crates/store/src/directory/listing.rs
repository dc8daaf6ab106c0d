//! A listing of a Google Workspace on its way into the mirror: its pages, and what keeps an older word from undoing a newer
//! one.
//!
//! Pages come over minutes, so each is committed alone; the mirror is not touched before all have come, and then in one
//! transaction ([`super::stage`] holds what that transaction can judge at its end alone).
//!
//! # Invariants
//!
//! 1. A listing that breaks off leaves nothing but pages, which the next one removes.
//! 2. One listing of a directory at a time, in whatever process; one whose pages stay away for five minutes has ended.
//! 3. Somebody who was read alone after a page was asked for is not in that page: [`heard_since`].
//!
//! Not here: what a listing says (`usher_engine::mirror`).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value as Json};
use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;

use super::texts;
use crate::columns::{instant, json};
use crate::sql::{Column, Value};
use crate::{StoreError, Tx};

/// What a page is of, in the order in which pages are taken in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PageOf {
    Domains,
    OrgUnits,
    Schemas,
    Users,
    /// Those who were deleted and can be restored.
    Deleted,
    Groups,
    /// The direct members of the group with this id.
    Members(String),
}

impl PageOf {
    fn columns(&self) -> [Value; 2] {
        let (kind, group) = match self {
            Self::Domains => ("domains", ""),
            Self::OrgUnits => ("org_units", ""),
            Self::Schemas => ("schemas", ""),
            Self::Users => ("users", ""),
            Self::Deleted => ("deleted", ""),
            Self::Groups => ("groups", ""),
            Self::Members(group) => ("members", group.as_str()),
        };
        [kind.into(), group.into()]
    }
}

/// A page of a listing, whose resources are JSON objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingPage {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The Directory API's resources.
    pub resources: Vec<Map<String, Json>>,
}

/// How long after its last page a listing is believed to be under way.
const LEASE: Duration = Duration::from_mins(5);

const BEGIN: &str = "\
-- store::directory::listing::begin
UPDATE google_directory SET listing = $2, listing_until = $4
WHERE directory = $1 AND (listing IS NULL OR listing_until < $3)";

const RENEW: &str = "\
-- store::directory::listing::renew
UPDATE google_directory SET listing_until = $3 WHERE directory = $1 AND listing = $2";

const ABANDON: &str = "\
-- store::directory::listing::abandon
UPDATE google_directory SET listing = NULL WHERE directory = $1 AND listing = $2";

const CLEAR: &str = "\
-- store::directory::listing::clear
DELETE FROM listing_page WHERE directory = $1";

const PUT: &str = "\
-- store::directory::listing::put
INSERT INTO listing_page (directory, listing, kind, group_id, n, asked_at, resources)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const PAGE: &str = "\
-- store::directory::listing::page
SELECT asked_at, resources FROM listing_page
WHERE directory = $1 AND listing = $2 AND kind = $3 AND group_id = $4 AND n = $5";

const CURRENT: &str = "\
-- store::directory::listing::is_current
SELECT COUNT(*) AS n FROM google_directory WHERE directory = $1 AND listing = $2";

const END: &str = "\
-- store::directory::listing::end
UPDATE google_directory SET
    listing = NULL, listed_from = $4, listed_at = $2, listed_fields = $3, failing = NULL, failing_since = NULL
WHERE directory = $1";

const FORGET_HEARD: &str = "\
-- store::directory::listing::forget_heard
DELETE FROM heard WHERE directory = $1 AND at <= $2";

const HEAR: &str = "\
-- store::directory::listing::hear
INSERT INTO heard (directory, kind, id, at) SELECT $1, $2, value ->> 0, $4 FROM json_rows($3) WHERE true
ON CONFLICT (directory, kind, id) DO UPDATE SET
    at = CASE WHEN heard.at < excluded.at THEN excluded.at ELSE heard.at END";

const HEARD: &str = "\
-- store::directory::listing::heard_since
SELECT id FROM heard
WHERE directory = $1 AND kind = $2 AND at >= $4 AND id IN (SELECT value ->> 0 FROM json_rows($3))";

/// Begins a listing. False: another one is under way.
pub async fn begin(
    tx: &mut Tx,
    directory: &DirectoryId,
    listing: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let values = [directory.as_str().into(), listing.into(), instant(now), instant(now + LEASE)];
    if tx.execute(BEGIN, &values).await? == 0 {
        return Ok(false);
    }
    tx.execute(CLEAR, &[directory.as_str().into()]).await?;
    Ok(true)
}

/// Gives up a listing that broke off, so that another one may begin at once.
pub async fn abandon(tx: &mut Tx, directory: &DirectoryId, listing: &str) -> Result<(), StoreError> {
    tx.execute(ABANDON, &[directory.as_str().into(), listing.into()]).await.map(drop)
}

/// Keeps the `n`th page of one list. False: the listing was believed to have ended, and another one began.
pub async fn put(
    tx: &mut Tx,
    directory: &DirectoryId,
    listing: &str,
    of: &PageOf,
    n: u32,
    page: &ListingPage,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let values = [directory.as_str().into(), listing.into(), instant(now + LEASE)];
    if tx.execute(RENEW, &values).await? == 0 {
        return Ok(false);
    }
    let [kind, group] = of.columns();
    let ListingPage { asked_at, resources } = page;
    let values = [
        directory.as_str().into(),
        listing.into(),
        kind,
        group,
        n.into(),
        instant(*asked_at),
        json(resources),
    ];
    tx.execute_one(PUT, &values).await.map(|()| true)
}

/// The `n`th page of one list; none after the last.
pub async fn page(
    tx: &mut Tx,
    directory: &DirectoryId,
    listing: &str,
    of: &PageOf,
    n: u32,
) -> Result<Option<ListingPage>, StoreError> {
    let [kind, group] = of.columns();
    let values = [directory.as_str().into(), listing.into(), kind, group, n.into()];
    let row = tx.opt_row(PAGE, &values).await?;
    let read = |row: crate::sql::Row| {
        Ok(ListingPage { asked_at: row.instant("asked_at")?, resources: row.json("resources")? })
    };
    row.map(read).transpose()
}

/// Whether this listing is the one under way still; as long as the transaction holds [`super::stage::lock`], it stays so.
pub async fn is_current(tx: &mut Tx, directory: &DirectoryId, listing: &str) -> Result<bool, StoreError> {
    Ok(tx.row(CURRENT, &[directory.as_str().into(), listing.into()]).await?.count("n")? == 1)
}

/// Ends a listing that is in the mirror now; with when it began, and which fields of users it asked for.
pub async fn end(
    tx: &mut Tx,
    directory: &DirectoryId,
    began_at: Timestamp,
    now: Timestamp,
    fields: &str,
) -> Result<(), StoreError> {
    tx.execute(CLEAR, &[directory.as_str().into()]).await?;
    tx.execute(FORGET_HEARD, &[directory.as_str().into(), instant(began_at)]).await?;
    let values = [directory.as_str().into(), instant(now), fields.into(), instant(began_at)];
    tx.execute_one(END, &values).await
}

/// Whom a single answer was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// People, by id.
    Users,
    /// Groups and who is in them, by id.
    Groups,
}

impl Heard {
    fn as_str(self) -> &'static str {
        match self {
            Self::Users => "user",
            Self::Groups => "group",
        }
    }
}

/// Remembers that these were read alone, with requests that were sent at `at` or later.
pub async fn hear<'a>(
    tx: &mut Tx,
    directory: &DirectoryId,
    heard: Heard,
    ids: impl IntoIterator<Item = &'a str>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    for ids in texts(ids) {
        tx.execute(HEAR, &[directory.as_str().into(), heard.as_str().into(), ids, instant(at)]).await?;
    }
    Ok(())
}

/// Which of these were read alone since then.
pub async fn heard_since<'a>(
    tx: &mut Tx,
    directory: &DirectoryId,
    heard: Heard,
    ids: impl IntoIterator<Item = &'a str>,
    since: Timestamp,
) -> Result<BTreeSet<String>, StoreError> {
    let mut found = BTreeSet::new();
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    for ids in texts(ids) {
        let values = [directory.as_str().into(), heard.as_str().into(), ids, instant(since)];
        for row in tx.page(HEARD, &[Column::Text("id")], &values).await? {
            found.insert(row.text("id")?.to_owned());
        }
    }
    Ok(found)
}

//! Directories: where people come from, and everything a directory says of them.
//!
//! The rows of one directory are its mirror: people, groups, memberships, organizational units, domains, custom schemas.
//! For the embedded directory they are the directory itself. Runs walk people in id order ([`candidates`]); an import
//! rewrites what it names ([`stage`]).
//!
//! # Invariants
//!
//! 1. A person's row is never removed. Whoever is gone is `deleted`, or `unlisted` until somebody knows.
//! 2. An address belongs to one user or group. Deleted people have none, and are in no group.
//! 3. What is light (state, unit, fingerprint) and the full resource change together, and the fingerprint with them.
//!
//! Not here: who is entitled, what merging means, and what the resources say beyond the few facts in [`Person`].

mod by_address;
mod candidate;
mod counts;
pub mod feed;
mod google;
mod group;
mod identity_provider;
pub mod listing;
mod member;
mod organisation;
mod owner;
mod person;
pub mod push;
mod reach;
mod search;
pub mod stage;
mod structure;

pub use by_address::{Place, Roll, groups_by_address, people_by_address, people_in_unit, units_of_people};
pub use candidate::{Candidate, candidate, candidates, candidates_of};
pub use counts::{Counts, counts, listed};
pub use google::{
    Google, Mirrored, google, google_credential, google_customer_id, insert_google, mirrored, set_failing,
    set_google, set_google_customer_id, set_mended, set_next_listing,
};
pub use group::{
    GroupRecord, direct_groups, direct_groups_of, forget_members_listed, group_by_email, group_by_id,
    group_graph, groups, keep_members_listed, members_below, never_listed, record_groups, remove_groups,
    set_members_listed,
};
pub use identity_provider::{IdentityProvider, identity_provider, insert_identity_provider};
pub use member::{
    KeptBy, KnownMember, MemberRecord, count_members, external_members, groups_of_member, member, members,
    record_member,
};
pub use organisation::{Organisation, organisation, record_organisation};
pub use owner::{Owner, owners};
pub use person::{
    Person, StoredResource, leave_groups, people, record_people, resources, stored_resources, unlisted,
    user_by_email,
};
pub use reach::{people_by_unit, people_in_groups};
pub use search::groups::{count_members_up_to, count_people_below, groups_sought};
pub use search::{Found, Mark, PeopleSought, StateSought, Way, people_sought};
pub use structure::{
    Domain, DomainRecord, OrgUnitRecord, SchemaRecord, domain_records, domains, org_unit_exists,
    org_unit_records, record_domains, record_org_units, record_schemas, remove_domains, remove_org_units,
    remove_schemas, schema_records,
};

use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;

use crate::columns::instant;
use crate::sql::{ROWS_PER_STATEMENT, Row, Value};
use crate::{StoreError, Tx};

/// The name of the directory that Usher keeps itself.
const EMBEDDED: &str = "embedded";

/// A directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    pub id: DirectoryId,
    /// How admins call it; no two have the same name.
    pub name: String,
    pub kind: DirectoryKind,
}

/// Who keeps a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryKind {
    /// Usher, in these very rows.
    Embedded,
    /// Google; the rows are a mirror.
    Google,
}

impl DirectoryKind {
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "embedded" => Ok(Self::Embedded),
            "google" => Ok(Self::Google),
            _ => Err("no such kind of directory"),
        }
    }
}

const INSERT_EMBEDDED: &str = "\
-- store::directory::embedded
INSERT INTO directory (id, name, kind, created_at) VALUES ($1, $2, 'embedded', $3) ON CONFLICT (name) DO NOTHING";

const BY_NAME: &str = "\
-- store::directory::by_name
SELECT id, name, kind FROM directory WHERE name = $1";

const BY_ID: &str = "\
-- store::directory::by_id
SELECT id, name, kind FROM directory WHERE id = $1";

const LIST: &str = "\
-- store::directory::list
SELECT id, name, kind FROM directory ORDER BY name";

const EDITION: &str = "\
-- store::directory::edition
SELECT edition FROM directory WHERE id = $1";

const ADVANCE: &str = "\
-- store::directory::advance
UPDATE directory SET edition = edition + 1 WHERE id = $1";

/// The embedded directory, made with this id if there is none yet.
pub async fn embedded(tx: &mut Tx, new_id: &DirectoryId, now: Timestamp) -> Result<Directory, StoreError> {
    let values = [new_id.as_str().into(), EMBEDDED.into(), instant(now)];
    tx.execute(INSERT_EMBEDDED, &values).await?;
    directory(&tx.row(BY_NAME, &[EMBEDDED.into()]).await?)
}

/// The directory that admins call so.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<Directory>, StoreError> {
    tx.opt_row(BY_NAME, &[name.into()]).await?.as_ref().map(directory).transpose()
}

/// The directory with this id.
pub async fn by_id(tx: &mut Tx, id: &DirectoryId) -> Result<Option<Directory>, StoreError> {
    tx.opt_row(BY_ID, &[id.as_str().into()]).await?.as_ref().map(directory).transpose()
}

/// How often the directory has become another, as those who edit it say with [`advance`].
pub async fn edition(tx: &mut Tx, id: &DirectoryId) -> Result<u64, StoreError> {
    tx.row(EDITION, &[id.as_str().into()]).await?.count("edition")
}

/// The directory is another from this transaction on.
pub async fn advance(tx: &mut Tx, id: &DirectoryId) -> Result<(), StoreError> {
    tx.execute_one(ADVANCE, &[id.as_str().into()]).await
}

/// Every directory, by name.
pub async fn list(tx: &mut Tx) -> Result<Vec<Directory>, StoreError> {
    tx.rows(LIST, &[]).await?.iter().map(directory).collect()
}

fn directory(row: &Row) -> Result<Directory, StoreError> {
    Ok(Directory {
        id: DirectoryId::new(row.text("id")?),
        name: row.text("name")?.to_owned(),
        kind: row.parsed("kind", DirectoryKind::parse)?,
    })
}

/// Texts as the parameters of several statements: `IN (SELECT value ->> 0 FROM json_rows($n))`.
fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    let texts: Vec<&str> = texts.into_iter().collect();
    let chunks = texts.chunks(ROWS_PER_STATEMENT);
    chunks.map(|chunk| Value::rows(chunk.iter().map(|text| [Value::from(*text)]))).collect()
}

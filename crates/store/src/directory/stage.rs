//! What an import said and what can be judged at its end alone, kept in the database so that an import of any size needs
//! no more memory than a small one.
//!
//! An import writes people and groups as it reads them. Addresses and members wait: two people may swap addresses within
//! one import, and a member may be somebody who only comes later. [`restate`] and [`stage_members`] keep what was said;
//! [`settle_addresses`] and [`settle_members`] make it so, or say what contradicts. Until then [`super::owners`] answers
//! as it did before the import began.
//!
//! # Invariants
//!
//! 1. The rows of the stage live in the import's own transaction: [`clear`] ends every import that is committed.
//! 2. One import of a directory at a time: [`lock`] begins each.

mod addresses;
mod members;
mod roster;

pub use addresses::{Addresses, Contested, make_way, restate, settle_addresses, staged_owners};
pub use members::{MemberCounts, SettledMembers, StagedMember, settle_members, stage_members};
pub use roster::{
    GONE_AFTER, MemberKind, Missing, RosterMember, drop_membership, find_membership, miss_groups,
    missing_members, settle_rosters, stage_roster,
};

use std::collections::BTreeSet;

use usher_model::directory::{OrgUnitPath, User};
use usher_model::id::{DirectoryId, GroupId, UserId};

use super::person::{USER_COLUMNS, person, person_columns, user};
use super::{Person, texts};
use crate::columns;
use crate::sql::Column;
use crate::{StoreError, Tx};

/// What was named in an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mention {
    /// A user, by id.
    User,
    /// A group, by id.
    Group,
    /// A group whose members were listed: by its address in an import, by its id where Google lists them.
    Members,
    /// A group of whose members some were listed, by its id.
    SomeMembers,
}

impl Mention {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Members => "members",
            Self::SomeMembers => "some_members",
        }
    }
}

const LOCK: &str = "\
-- store::directory::stage::lock
SELECT id FROM directory WHERE id = $1 FOR UPDATE";

const CLEAR: [&str; 3] = [
    "-- store::directory::stage::clear_mentions\nDELETE FROM import_mention WHERE directory = $1",
    "-- store::directory::stage::clear_addresses\nDELETE FROM import_address WHERE directory = $1",
    "-- store::directory::stage::clear_members\nDELETE FROM import_member WHERE directory = $1",
];

const MENTION: &str = "\
-- store::directory::stage::mention
INSERT INTO import_mention (directory, kind, key, is_restated)
SELECT $1, $2, value ->> 0, 0 FROM json_rows($3) WHERE true
ON CONFLICT (directory, kind, key) DO NOTHING";

// `0 = (SELECT COUNT(*) …)` where `NOT EXISTS` would do: PostgreSQL has no statistics of rows that nobody committed,
// takes the stage for nearly empty, and would compare every row with every other. A count is one look at the key.

const UNMENTIONED_PEOPLE: &str = "\
-- store::directory::stage::unmentioned_people
SELECT p.id AS id, p.primary_email AS primary_email, p.state AS state, p.state_since AS state_since,
       p.org_unit AS org_unit, p.is_guest AS is_guest, p.fingerprint AS fingerprint, r.resource AS resource
FROM person AS p JOIN person_resource AS r ON r.directory = p.directory AND r.id = p.id
WHERE p.directory = $1 AND p.id > $2 AND p.state <> 'deleted' AND 0 = (
    SELECT COUNT(*) FROM import_mention AS m WHERE m.directory = $1 AND m.kind = 'user' AND m.key = p.id)
ORDER BY p.id LIMIT $3";

const UNMENTIONED_GROUPS: &str = "\
-- store::directory::stage::unmentioned_groups
SELECT id FROM directory_group AS g
WHERE directory = $1 AND id > $2 AND 0 = (
    SELECT COUNT(*) FROM import_mention AS m WHERE m.directory = $1 AND m.kind = 'group' AND m.key = g.id)
ORDER BY id LIMIT $3";

const ORG_UNITS_IN_USE: &str = "\
-- store::directory::stage::org_units_in_use
SELECT DISTINCT org_unit FROM person WHERE directory = $1 AND state <> 'deleted'";

const SOMEBODY_IN: &str = "\
-- store::directory::stage::somebody_in
SELECT id, primary_email, state, state_since, org_unit, is_guest FROM person
WHERE directory = $1 AND org_unit = $2 AND state <> 'deleted' ORDER BY id LIMIT 1";

// Ranges of one address each, and a CROSS JOIN, in which SQLite takes what is sought first: it has no statistics, and takes
// an equality for no better than reading everybody.
const DELETED_BY_EMAIL: &str = "\
-- store::directory::stage::deleted_by_email
SELECT id, primary_email, state, state_since, org_unit, is_guest
FROM (SELECT value ->> 0 AS email FROM json_rows($2)) AS sought
CROSS JOIN person
WHERE directory = $1 AND primary_email >= email AND primary_email <= email AND state = 'deleted'
ORDER BY state_since, id";

/// Waits until no other import of this directory is under way.
pub async fn lock(tx: &mut Tx, directory: &DirectoryId) -> Result<(), StoreError> {
    tx.row(LOCK, &[directory.as_str().into()]).await.map(drop)
}

/// Empties the stage.
pub async fn clear(tx: &mut Tx, directory: &DirectoryId) -> Result<(), StoreError> {
    for sql in CLEAR {
        tx.execute(sql, &[directory.as_str().into()]).await?;
    }
    Ok(())
}

/// Remembers that the import named these.
pub async fn mention<'a>(
    tx: &mut Tx,
    directory: &DirectoryId,
    kind: Mention,
    keys: impl IntoIterator<Item = &'a str>,
) -> Result<(), StoreError> {
    let keys: BTreeSet<&str> = keys.into_iter().collect();
    for keys in texts(keys) {
        tx.execute(MENTION, &[directory.as_str().into(), kind.as_str().into(), keys]).await?;
    }
    Ok(())
}

/// One page of the people who are not deleted and whom the import did not name, in id order.
pub async fn unmentioned_people(
    tx: &mut Tx,
    directory: &DirectoryId,
    after: Option<&UserId>,
    limit: usize,
) -> Result<Vec<Person>, StoreError> {
    let after = after.map_or("", UserId::as_str);
    let values = [directory.as_str().into(), after.into(), columns::limit(limit)];
    tx.page(UNMENTIONED_PEOPLE, &person_columns(), &values).await?.iter().map(person).collect()
}

/// One page of the groups that the import did not name, in id order.
pub async fn unmentioned_groups(
    tx: &mut Tx,
    directory: &DirectoryId,
    after: Option<&GroupId>,
    limit: usize,
) -> Result<Vec<GroupId>, StoreError> {
    let after = after.map_or("", GroupId::as_str);
    let values = [directory.as_str().into(), after.into(), columns::limit(limit)];
    let rows = tx.page(UNMENTIONED_GROUPS, &[Column::Text("id")], &values).await?;
    rows.iter().map(|row| Ok(GroupId::new(row.text("id")?))).collect()
}

/// Every unit that somebody who is not deleted is in, as spelled there.
pub async fn org_units_in_use(
    tx: &mut Tx,
    directory: &DirectoryId,
) -> Result<BTreeSet<OrgUnitPath>, StoreError> {
    let rows = tx.page(ORG_UNITS_IN_USE, &[Column::Text("org_unit")], &[directory.as_str().into()]).await?;
    rows.iter().map(|row| row.parsed("org_unit", OrgUnitPath::parse)).collect()
}

/// Somebody in this unit, spelled so, who is not deleted.
pub async fn somebody_in(
    tx: &mut Tx,
    directory: &DirectoryId,
    unit: &OrgUnitPath,
) -> Result<Option<User>, StoreError> {
    let row = tx.opt_row(SOMEBODY_IN, &[directory.as_str().into(), unit.as_str().into()]).await?;
    row.as_ref().map(user).transpose()
}

/// The deleted people whose last primary address is one of these, whoever was deleted last at the end.
pub async fn deleted_people_of<'a>(
    tx: &mut Tx,
    directory: &DirectoryId,
    addresses: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<User>, StoreError> {
    let mut found = Vec::new();
    let addresses: BTreeSet<&str> = addresses.into_iter().collect();
    for addresses in texts(addresses) {
        for row in tx.page(DELETED_BY_EMAIL, USER_COLUMNS, &[directory.as_str().into(), addresses]).await? {
            found.push(user(&row)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::assert_reads_by_key;

    #[tokio::test]
    async fn whoever_is_deleted_is_found_by_their_address_without_reading_everybody() {
        assert_reads_by_key(DELETED_BY_EMAIL, Some(USER_COLUMNS)).await;
    }
}

//! One person: the facts that decisions need, and the resource that attributes are mapped from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::id::{DirectoryId, Email, UserId};
use usher_model::time::Timestamp;

use super::owner::{Owner, owners};
use super::search::sought_names;
use super::texts;
use crate::columns::{json, opt_instant};
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Value};
use crate::{StoreError, Tx};

/// Everything a directory says of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub user: User,
    /// The Directory API's user resource.
    pub resource: Map<String, Json>,
    fingerprint: String,
}

impl Person {
    pub fn new(user: User, resource: Map<String, Json>) -> Self {
        let fingerprint = fingerprint(&user, &resource);
        Self { user, resource, fingerprint }
    }

    /// SHA-256, as hex, of resource, state, its instant, and unit: the same for two people of whom the same is said.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn fingerprint(user: &User, resource: &Map<String, Json>) -> String {
    let (state, since) = to_columns(user.state);
    let resource = serde_json::to_string(resource).expect("invariant: a JSON object can be written");
    let since = since.map(Timestamp::as_micros);
    // No part but the last holds a line break, so no two sets of parts read alike.
    format!("{:x}", Sha256::digest(format!("{state}\n{since:?}\n{}\n{resource}", user.org_unit)))
}

fn to_columns(state: UserState) -> (&'static str, Option<Timestamp>) {
    match state {
        UserState::Active => ("active", None),
        UserState::Suspended { since } => ("suspended", since),
        UserState::Archived { since } => ("archived", since),
        UserState::Deleted { since } => ("deleted", since),
        UserState::Unlisted => ("unlisted", None),
    }
}

pub(super) fn to_state(state: &str, since: Option<Timestamp>) -> Result<UserState, &'static str> {
    match state {
        "active" => Ok(UserState::Active),
        "suspended" => Ok(UserState::Suspended { since }),
        "archived" => Ok(UserState::Archived { since }),
        "deleted" => Ok(UserState::Deleted { since }),
        "unlisted" => Ok(UserState::Unlisted),
        _ => Err("no such state of a user"),
    }
}

/// The columns that [`user`] reads.
pub(super) const USER_COLUMNS: &[Column] = &[
    Column::Text("id"),
    Column::Text("primary_email"),
    Column::Text("state"),
    Column::Int("state_since"),
    Column::Text("org_unit"),
    Column::Int("is_guest"),
];

pub(super) fn user(row: &Row) -> Result<User, StoreError> {
    let since = row.opt_instant("state_since")?;
    Ok(User {
        id: UserId::new(row.text("id")?),
        primary_email: row.email("primary_email")?,
        state: row.parsed("state", |state| to_state(state, since))?,
        org_unit: row.parsed("org_unit", OrgUnitPath::parse)?,
        is_guest: row.truth("is_guest")?,
    })
}

const RESOURCES: &str = "\
-- store::directory::resources
SELECT id, resource FROM person_resource
WHERE directory = $1 AND id IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY id";

const PEOPLE: &str = "\
-- store::directory::people
SELECT p.id AS id, p.primary_email AS primary_email, p.state AS state, p.state_since AS state_since,
       p.org_unit AS org_unit, p.is_guest AS is_guest, p.fingerprint AS fingerprint, r.resource AS resource
FROM person AS p JOIN person_resource AS r ON r.directory = p.directory AND r.id = p.id
WHERE p.directory = $1 AND p.id IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY p.id";

const BY_ID: &str = "\
-- store::directory::user_by_id
SELECT id, primary_email, state, state_since, org_unit, is_guest FROM person WHERE directory = $1 AND id = $2";

// A range of one address: SQLite, which has no statistics, takes an equality for no better than reading everybody.
const DELETED_BY_EMAIL: &str = "\
-- store::directory::deleted_user_by_email
SELECT id, primary_email, state, state_since, org_unit, is_guest FROM person
WHERE directory = $1 AND primary_email >= $2 AND primary_email <= $2 AND state = 'deleted'
ORDER BY state_since DESC NULLS LAST, id LIMIT 1";

const RECORD: &str = "\
-- store::directory::record_people
INSERT INTO person (directory, id, primary_email, state, state_since, org_unit, is_guest, fingerprint)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT), value ->> 4,
       CAST(value ->> 5 AS BIGINT), value ->> 6
FROM json_rows($2) WHERE true
ON CONFLICT (directory, id) DO UPDATE SET
    primary_email = excluded.primary_email, state = excluded.state, state_since = excluded.state_since,
    org_unit = excluded.org_unit, is_guest = excluded.is_guest, fingerprint = excluded.fingerprint";

const RECORD_RESOURCES: &str = "\
-- store::directory::record_resources
INSERT INTO person_resource (directory, id, resource, given_first, family_first)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_rows($2) WHERE true
ON CONFLICT (directory, id) DO UPDATE SET
    resource = excluded.resource, given_first = excluded.given_first, family_first = excluded.family_first";

const UNLISTED: &str = "\
-- store::directory::unlisted
SELECT p.id AS id, p.primary_email AS primary_email, p.state AS state, p.state_since AS state_since,
       p.org_unit AS org_unit, p.is_guest AS is_guest, p.fingerprint AS fingerprint, r.resource AS resource
FROM person AS p JOIN person_resource AS r ON r.directory = p.directory AND r.id = p.id
WHERE p.directory = $1 AND p.state = 'unlisted' ORDER BY p.id LIMIT $2";

const LEAVE_GROUPS: &str = "\
-- store::directory::leave_groups
DELETE FROM membership
WHERE directory = $1 AND member_kind = 'user' AND member_key IN (SELECT value ->> 0 FROM json_rows($2))";

/// The Directory API's resources of these people; whoever the directory never had is left out.
pub async fn resources(
    tx: &mut Tx,
    directory: &DirectoryId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, Map<String, Json>>, StoreError> {
    let stored = stored_resources(tx, directory, users).await?;
    let read = stored.iter().map(|stored| {
        Ok((UserId::new(stored.user()?), stored.read(|resource| serde_json::from_str(resource))?))
    });
    read.collect()
}

/// One person's resource as it is stored, which is not made into JSON before somebody needs it.
#[derive(Clone, Debug)]
pub struct StoredResource(Row);

impl StoredResource {
    /// Whose it is.
    pub fn user(&self) -> Result<&str, StoreError> {
        self.0.text(0)
    }

    /// The Directory API's resource, as `read` understands it.
    pub fn read<T, E: Display>(&self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<T, StoreError> {
        self.0.parsed("resource", read)
    }
}

/// The stored resources of these people, in id order; whoever the directory never had is left out.
pub async fn stored_resources(
    tx: &mut Tx,
    directory: &DirectoryId,
    users: &[UserId],
) -> Result<Vec<StoredResource>, StoreError> {
    let ids: BTreeSet<&str> = users.iter().map(UserId::as_str).collect();
    let mut found = Vec::with_capacity(ids.len());
    for ids in texts(ids) {
        let columns = [Column::Text("id"), Column::Text("resource")];
        let rows = tx.page(RESOURCES, &columns, &[directory.as_str().into(), ids]).await?;
        found.extend(rows.into_iter().map(StoredResource));
    }
    Ok(found)
}

/// Everything the directory says of these people; whoever it never had is left out.
pub async fn people(
    tx: &mut Tx,
    directory: &DirectoryId,
    users: &BTreeSet<UserId>,
) -> Result<BTreeMap<UserId, Person>, StoreError> {
    let mut found = BTreeMap::new();
    for ids in texts(users.iter().map(UserId::as_str)) {
        for row in tx.page(PEOPLE, &person_columns(), &[directory.as_str().into(), ids]).await? {
            let person = person(&row)?;
            found.insert(person.user.id.clone(), person);
        }
    }
    Ok(found)
}

/// The columns that [`person`] reads.
pub(super) fn person_columns() -> Vec<Column> {
    [USER_COLUMNS, &[Column::Text("fingerprint"), Column::Text("resource")]].concat()
}

pub(super) fn person(row: &Row) -> Result<Person, StoreError> {
    let fingerprint = row.text("fingerprint")?.to_owned();
    Ok(Person { user: user(row)?, resource: row.json("resource")?, fingerprint })
}

/// Whoever has this address, primary or alias; if nobody has it, the last one deleted who had it as the primary one.
pub async fn user_by_email(
    tx: &mut Tx,
    directory: &DirectoryId,
    email: &Email,
) -> Result<Option<User>, StoreError> {
    let holders = owners(tx, directory, &BTreeSet::from([email.clone()])).await?;
    let row = match holders.get(email) {
        Some(Owner::User(id)) => tx.opt_row(BY_ID, &[directory.as_str().into(), id.as_str().into()]).await?,
        Some(Owner::Group(_)) => None,
        None => tx.opt_row(DELETED_BY_EMAIL, &[directory.as_str().into(), email.as_str().into()]).await?,
    };
    row.as_ref().map(user).transpose()
}

/// Writes people, each once in `people`, new or not. Their addresses are another matter: [`super::stage`].
pub async fn record_people<'a>(
    tx: &mut Tx,
    directory: &DirectoryId,
    people: impl IntoIterator<Item = &'a Person>,
) -> Result<(), StoreError> {
    let people: Vec<&Person> = people.into_iter().collect();
    for chunk in people.chunks(ROWS_PER_STATEMENT) {
        let rows = chunk.iter().map(|person| -> [Value; 7] {
            let user = &person.user;
            let (state, since) = to_columns(user.state);
            [
                user.id.as_str().into(),
                user.primary_email.as_str().into(),
                state.into(),
                opt_instant(since),
                user.org_unit.as_str().into(),
                user.is_guest.into(),
                person.fingerprint.as_str().into(),
            ]
        });
        tx.execute_rows(RECORD, &[directory.as_str().into()], rows.collect()).await?;
        let rows = chunk.iter().map(|person| -> [Value; 4] {
            let [given_first, family_first] = sought_names(&person.resource);
            let id = person.user.id.as_str();
            [id.into(), json(&person.resource), given_first.as_str().into(), family_first.as_str().into()]
        });
        tx.execute_rows(RECORD_RESOURCES, &[directory.as_str().into()], rows.collect()).await?;
    }
    Ok(())
}

/// Some of those who were in neither the list of users nor that of deleted ones, in id order.
pub async fn unlisted(tx: &mut Tx, directory: &DirectoryId, limit: usize) -> Result<Vec<Person>, StoreError> {
    let values = [directory.as_str().into(), crate::columns::limit(limit)];
    tx.page(UNLISTED, &person_columns(), &values).await?.iter().map(person).collect()
}

/// Takes people out of every group, as deleting them does.
pub async fn leave_groups(tx: &mut Tx, directory: &DirectoryId, users: &[UserId]) -> Result<u64, StoreError> {
    let mut left = 0;
    for ids in texts(users.iter().map(UserId::as_str)) {
        left += tx.execute(LEAVE_GROUPS, &[directory.as_str().into(), ids]).await?;
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::assert_reads_by_key;

    #[tokio::test]
    async fn whoever_is_deleted_is_found_by_their_address_without_reading_everybody() {
        assert_reads_by_key(DELETED_BY_EMAIL, None).await;
    }
}

//! People and groups in the order of their addresses, and people by their unit: the ways in which Google's API walks a
//! directory. Each is read page by page; a page begins behind the last one of the page before.

use std::collections::BTreeSet;

use usher_model::directory::OrgUnitPath;
use usher_model::id::{DirectoryId, UserId};

use super::group::record;
use super::person::{person, person_columns};
use super::{GroupRecord, Person};
use crate::columns::limit;
use crate::sql::Column;
use crate::{StoreError, Tx};

/// Of whom a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roll {
    /// Everybody who is not deleted.
    Living,
    Deleted,
}

/// A place in a list: an address, and the id of whoever has it. The default is before everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place<'a> {
    pub address: &'a str,
    pub id: &'a str,
}

macro_rules! people_where {
    ($name:literal, $condition:literal) => {
        concat!(
            "-- store::directory::",
            $name,
            "
SELECT p.id AS id, p.primary_email AS primary_email, p.state AS state, p.state_since AS state_since,
       p.org_unit AS org_unit, p.is_guest AS is_guest, p.fingerprint AS fingerprint, r.resource AS resource
FROM person AS p JOIN person_resource AS r ON r.directory = p.directory AND r.id = p.id
WHERE p.directory = $1 AND ",
            $condition
        )
    };
}

const LIVING: &str = people_where!(
    "living_by_address",
    "p.state <> 'deleted' AND (p.primary_email, p.id) > ($2, $3) ORDER BY p.primary_email, p.id LIMIT $4"
);

const DELETED: &str = people_where!(
    "deleted_by_address",
    "p.state = 'deleted' AND (p.primary_email, p.id) > ($2, $3) ORDER BY p.primary_email, p.id LIMIT $4"
);

const IN_UNIT: &str = people_where!("people_in_unit", "p.org_unit = $2 AND p.id > $3 ORDER BY p.id LIMIT $4");

const UNITS: &str = "\
-- store::directory::units_of_people
WITH RECURSIVE spelled (unit) AS (
    SELECT MIN(org_unit) FROM person WHERE directory = $1
    UNION ALL
    SELECT (SELECT MIN(org_unit) FROM person WHERE directory = $1 AND org_unit > spelled.unit)
    FROM spelled WHERE spelled.unit IS NOT NULL)
SELECT unit AS org_unit FROM spelled WHERE unit IS NOT NULL";

const GROUPS: &str = "\
-- store::directory::groups_by_address
SELECT id, email, name, resource FROM directory_group
WHERE directory = $1 AND (email, id) > ($2, $3) ORDER BY email, id LIMIT $4";

/// One page of people in the order of their primary addresses; deleted people keep their last one for that.
pub async fn people_by_address(
    tx: &mut Tx,
    directory: &DirectoryId,
    roll: Roll,
    after: Place<'_>,
    most: usize,
) -> Result<Vec<Person>, StoreError> {
    let sql = match roll {
        Roll::Living => LIVING,
        Roll::Deleted => DELETED,
    };
    let values = [directory.as_str().into(), after.address.into(), after.id.into(), limit(most)];
    tx.page(sql, &person_columns(), &values).await?.iter().map(person).collect()
}

/// Every unit that somebody is in, deleted people included, as it is spelled there. Reads as many rows as there are units.
pub async fn units_of_people(
    tx: &mut Tx,
    directory: &DirectoryId,
) -> Result<BTreeSet<OrgUnitPath>, StoreError> {
    let rows = tx.page(UNITS, &[Column::Text("org_unit")], &[directory.as_str().into()]).await?;
    rows.iter().map(|row| row.parsed("org_unit", OrgUnitPath::parse)).collect()
}

/// One page of the people in a unit that is spelled so, deleted people included, in id order.
pub async fn people_in_unit(
    tx: &mut Tx,
    directory: &DirectoryId,
    unit: &OrgUnitPath,
    after: Option<&UserId>,
    most: usize,
) -> Result<Vec<Person>, StoreError> {
    let after = after.map_or("", UserId::as_str);
    let values = [directory.as_str().into(), unit.as_str().into(), after.into(), limit(most)];
    tx.page(IN_UNIT, &person_columns(), &values).await?.iter().map(person).collect()
}

/// One page of groups in the order of their addresses.
pub async fn groups_by_address(
    tx: &mut Tx,
    directory: &DirectoryId,
    after: Place<'_>,
    most: usize,
) -> Result<Vec<GroupRecord>, StoreError> {
    let values = [directory.as_str().into(), after.address.into(), after.id.into(), limit(most)];
    let columns = [Column::Text("id"), Column::Text("email"), Column::Text("name"), Column::Text("resource")];
    tx.page(GROUPS, &columns, &values).await?.iter().map(record).collect()
}

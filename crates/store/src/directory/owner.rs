//! Whose an address is.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::id::{DirectoryId, Email, GroupId, UserId};

use super::texts;
use crate::sql::{Column, Row};
use crate::{StoreError, Tx};

/// Whoever has an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    User(UserId),
    Group(GroupId),
}

impl Owner {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
        }
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Group(id) => id.as_str(),
        }
    }
}

const OWNERS: &str = "\
-- store::directory::owners
SELECT address, owner_kind, owner_id FROM address
WHERE directory = $1 AND address IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY address";

/// Who has these addresses; those that nobody has are left out. Deleted people have none.
pub async fn owners(
    tx: &mut Tx,
    directory: &DirectoryId,
    addresses: &BTreeSet<Email>,
) -> Result<BTreeMap<Email, Owner>, StoreError> {
    owners_by(tx, OWNERS, directory, addresses).await
}

/// Who has these addresses, or wants them, as a statement says.
pub(super) async fn owners_by(
    tx: &mut Tx,
    sql: &'static str,
    directory: &DirectoryId,
    addresses: &BTreeSet<Email>,
) -> Result<BTreeMap<Email, Owner>, StoreError> {
    let mut found = BTreeMap::new();
    for addresses in texts(addresses.iter().map(Email::as_str)) {
        for row in tx.page(sql, OWNER_COLUMNS, &[directory.as_str().into(), addresses]).await? {
            found.insert(row.email("address")?, owner(&row)?);
        }
    }
    Ok(found)
}

/// The columns that [`owner`] reads, after the address.
pub(super) const OWNER_COLUMNS: &[Column] =
    &[Column::Text("address"), Column::Text("owner_kind"), Column::Text("owner_id")];

pub(super) fn owner(row: &Row) -> Result<Owner, StoreError> {
    let id = row.text("owner_id")?;
    row.parsed("owner_kind", |kind| match kind {
        "user" => Ok(Owner::User(UserId::new(id))),
        "group" => Ok(Owner::Group(GroupId::new(id))),
        _ => Err("no such kind of owner"),
    })
}

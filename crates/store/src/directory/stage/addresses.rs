//! Addresses that an import states anew, until its end decides whose they are.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::id::{DirectoryId, Email};

use super::super::owner::{OWNER_COLUMNS, Owner, owner, owners_by};
use super::super::texts;
use crate::sql::Value;
use crate::{StoreError, Tx};

/// All the addresses that somebody has from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    pub owner: Owner,
    /// None for whoever is gone: deleted people and removed groups have no address.
    pub primary: Option<Email>,
    pub aliases: BTreeSet<Email>,
}

/// An address that two want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contested {
    pub address: Email,
    pub holders: [Owner; 2],
}

const FORGET: &str = "\
-- store::directory::stage::restate_forget
DELETE FROM import_address
WHERE directory = $1 AND owner_kind = $2 AND owner_id IN (SELECT value ->> 0 FROM json_rows($3))";

const MENTION: &str = "\
-- store::directory::stage::restate_mention
INSERT INTO import_mention (directory, kind, key, is_restated)
SELECT $1, $2, value ->> 0, 1 FROM json_rows($3) WHERE true
ON CONFLICT (directory, kind, key) DO UPDATE SET is_restated = 1";

const RESTATE: &str = "\
-- store::directory::stage::restate
INSERT INTO import_address (directory, address, owner_kind, owner_id, is_primary)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT) FROM json_rows($2)";

const STAGED_OWNERS: &str = "\
-- store::directory::stage::staged_owners
SELECT address, owner_kind, owner_id FROM import_address
WHERE directory = $1 AND address IN (SELECT value ->> 0 FROM json_rows($2))
ORDER BY address, owner_kind, owner_id";

const FREE: &str = "\
-- store::directory::stage::settle_free
DELETE FROM address WHERE directory = $1 AND (owner_kind, owner_id) IN (
    SELECT kind, key FROM import_mention WHERE directory = $1 AND is_restated = 1)";

const TAKE: &str = "\
-- store::directory::stage::settle_take
INSERT INTO address (directory, address, owner_kind, owner_id, is_primary)
SELECT directory, address, owner_kind, owner_id, is_primary FROM import_address WHERE directory = $1
ORDER BY address, owner_kind, owner_id
ON CONFLICT (directory, address) DO NOTHING";

const STAGED: &str = "\
-- store::directory::stage::settle_count
SELECT COUNT(*) AS n FROM import_address WHERE directory = $1";

const CONTESTED: &str = "\
-- store::directory::stage::settle_contested
SELECT a.address AS address, a.owner_kind AS owner_kind, a.owner_id AS owner_id
FROM import_address AS i JOIN address AS a ON a.directory = i.directory AND a.address = i.address
WHERE i.directory = $1 AND (i.owner_kind <> a.owner_kind OR i.owner_id <> a.owner_id)
ORDER BY a.address, i.owner_kind, i.owner_id LIMIT 1";

const CLAIMANT: &str = "\
-- store::directory::stage::settle_claimant
SELECT address, owner_kind, owner_id FROM import_address
WHERE directory = $1 AND address = $2 AND (owner_kind <> $3 OR owner_id <> $4)
ORDER BY owner_kind, owner_id LIMIT 1";

// Of two who both state an address, the one with the smaller key keeps it; of one who states it and one who had it before
// and states nothing, the one who states it.

const DOUBLY_STATED: &str = "\
-- store::directory::stage::make_way_doubly_stated
SELECT i.address AS address, i.owner_kind AS owner_kind, i.owner_id AS owner_id
FROM import_address AS i
WHERE i.directory = $1 AND 0 < (
    SELECT COUNT(*) FROM import_address AS o
    WHERE o.directory = $1 AND o.address = i.address AND (o.owner_kind, o.owner_id) < (i.owner_kind, i.owner_id))
ORDER BY i.address, i.owner_kind, i.owner_id";

const DROP_STATED: &str = "\
-- store::directory::stage::make_way_drop_stated
DELETE FROM import_address WHERE directory = $1 AND address = $2 AND owner_kind = $3 AND owner_id = $4";

const DROP_KEPT: &str = "\
-- store::directory::stage::make_way_drop_kept
DELETE FROM address WHERE directory = $1 AND address IN (SELECT address FROM import_address WHERE directory = $1)";

/// Settles which of several owners gets an address, where nobody can be told to mend it: a mirror shows what was listed,
/// page by page, while people changed. Returns who lost a stated one. [`settle_addresses`] finds nothing contested then.
pub async fn make_way(tx: &mut Tx, directory: &DirectoryId) -> Result<Vec<(Email, Owner)>, StoreError> {
    let mut lost = Vec::new();
    for row in tx.page(DOUBLY_STATED, OWNER_COLUMNS, &[directory.as_str().into()]).await? {
        lost.push((row.email("address")?, owner(&row)?));
    }
    for (address, owner) in &lost {
        let values =
            [directory.as_str().into(), address.as_str().into(), owner.kind().into(), owner.id().into()];
        tx.execute(DROP_STATED, &values).await?;
    }
    tx.execute(DROP_KEPT, &[directory.as_str().into()]).await?;
    Ok(lost)
}

/// States these owners' addresses anew; what the import said of them before no longer counts. Each owner once.
pub async fn restate(
    tx: &mut Tx,
    directory: &DirectoryId,
    addresses: &[Addresses],
) -> Result<(), StoreError> {
    for kind in ["user", "group"] {
        let of_kind = addresses.iter().map(|addresses| &addresses.owner).filter(|owner| owner.kind() == kind);
        for ids in texts(of_kind.map(Owner::id)) {
            let values = [directory.as_str().into(), kind.into(), ids];
            tx.execute(FORGET, &values).await?;
            tx.execute(MENTION, &values).await?;
        }
    }
    let rows: Vec<[Value; 4]> = addresses.iter().flat_map(rows).collect();
    tx.execute_rows(RESTATE, &[directory.as_str().into()], rows).await.map(drop)
}

/// An address that somebody names twice is one row, primary if it is that once.
fn rows(addresses: &Addresses) -> Vec<[Value; 4]> {
    let Addresses { owner, primary, aliases } = addresses;
    let others = aliases.iter().filter(|alias| Some(*alias) != primary.as_ref());
    let all = primary.iter().map(|primary| (primary, true)).chain(others.map(|alias| (alias, false)));
    let row = |(address, is_primary): (&Email, bool)| -> [Value; 4] {
        [address.as_str().into(), owner.kind().into(), owner.id().into(), is_primary.into()]
    };
    all.map(row).collect()
}

/// Who wants these addresses, as far as the import has said; where two do, one of them.
pub async fn staged_owners(
    tx: &mut Tx,
    directory: &DirectoryId,
    addresses: &BTreeSet<Email>,
) -> Result<BTreeMap<Email, Owner>, StoreError> {
    owners_by(tx, STAGED_OWNERS, directory, addresses).await
}

/// Gives everyone the addresses that the import stated, or says which one two want. Nothing is of use after that.
pub async fn settle_addresses(tx: &mut Tx, directory: &DirectoryId) -> Result<Option<Contested>, StoreError> {
    let values = [directory.as_str().into()];
    tx.execute(FREE, &values).await?;
    let taken = tx.execute(TAKE, &values).await?;
    if taken == tx.row(STAGED, &values).await?.count("n")? {
        return Ok(None);
    }
    let row = tx.row(CONTESTED, &values).await?;
    let holder = owner(&row)?;
    let address = row.email("address")?;
    let values =
        [directory.as_str().into(), address.as_str().into(), holder.kind().into(), holder.id().into()];
    let claimant = owner(&tx.row(CLAIMANT, &values).await?)?;
    Ok(Some(Contested { address, holders: [holder, claimant] }))
}

//! What the last listing of an app showed: the accounts that people could have there already.
//!
//! The listing is a mirror, replaced as a whole: [`clear`], then [`insert`] page by page, then
//! [`crate::app::set_listed`]. While that is not set, nobody may conclude that something is not there.
//!
//! Not here: whose an account is (`usher_model::adoption`).

use std::collections::BTreeMap;

use usher_model::adoption::{Holder, RemoteAccount};
use usher_model::attribute::fold::fold;
use usher_model::id::{AppId, RemoteId, UserId};

use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns::json;
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Tx, Value};

const CLEAR: &str = "\
-- store::remote::clear
DELETE FROM remote_account WHERE app = $1";

/// Forgets what was listed, or says [`StoreError::Fenced`].
pub async fn clear(tx: &mut Tx, lease: &Lease) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    tx.execute(CLEAR, &[lease.app.as_str().into()]).await.map(drop)
}

const INSERT: &str = "\
-- store::remote::insert
INSERT INTO remote_account (app, remote_id, external_id, user_name, folded, is_active, attributes)
SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, CAST(value ->> 4 AS BIGINT), value ->> 5
FROM json_rows($2) WHERE true
ON CONFLICT (app, remote_id) DO UPDATE SET
    external_id = excluded.external_id, user_name = excluded.user_name, folded = excluded.folded,
    is_active = excluded.is_active, attributes = excluded.attributes";

/// Adds accounts to the listing, or says [`StoreError::Fenced`]. An app may show one account twice while it is being
/// paged through: what it said last stands. `holder` is not stored; who holds an account is on record.
pub async fn insert(tx: &mut Tx, lease: &Lease, accounts: &[RemoteAccount]) -> Result<(), StoreError> {
    fence(tx, lease).await?;
    for accounts in accounts.chunks(ROWS_PER_STATEMENT) {
        let last: BTreeMap<&RemoteId, &RemoteAccount> =
            accounts.iter().map(|account| (&account.remote_id, account)).collect();
        let rows = last.into_values().map(values).collect();
        tx.execute_rows(INSERT, &[lease.app.as_str().into()], rows).await?;
    }
    Ok(())
}

fn values(account: &RemoteAccount) -> [Value; 6] {
    [
        account.remote_id.as_str().into(),
        account.external_id.as_deref().into(),
        account.user_name.as_str().into(),
        fold(&account.user_name).into(),
        account.active.into(),
        json(&account.attributes),
    ]
}

// Two searches, because one with OR would read the whole listing for each user. `CROSS JOIN` keeps SQLite from doing the
// opposite: to read all users for each account of the listing.
const MATCHING: &str = "\
-- store::remote::matching
SELECT found.user_id, remote.remote_id, remote.external_id, remote.user_name, remote.is_active, remote.attributes,
       account.user_id AS holder, account.email AS holder_email
FROM (
    SELECT wanted.user_id, remote_account.remote_id
    FROM (SELECT value ->> 0 AS user_id FROM json_rows($2)) AS wanted
    CROSS JOIN remote_account WHERE remote_account.app = $1 AND remote_account.external_id = wanted.user_id
    UNION
    SELECT wanted.user_id, remote_account.remote_id
    FROM (SELECT value ->> 0 AS user_id, value ->> 1 AS folded FROM json_rows($2)) AS wanted
    CROSS JOIN remote_account WHERE remote_account.app = $1 AND remote_account.folded = wanted.folded
) AS found
CROSS JOIN remote_account AS remote
LEFT JOIN account ON account.app = $1 AND account.remote_id = found.remote_id AND account.state <> 'gone'
WHERE remote.app = $1 AND remote.remote_id = found.remote_id
ORDER BY found.user_id, remote.remote_id, account.user_id";

const MATCHING_COLUMNS: &[Column] = &[
    Column::Text("user_id"),
    Column::Text("remote_id"),
    Column::Text("external_id"),
    Column::Text("user_name"),
    Column::Int("is_active"),
    Column::Text("attributes"),
    Column::Text("holder"),
    Column::Text("holder_email"),
];

/// The listed accounts that could be these users' own: by `externalId` equal to the user's id, or by folded
/// `userName`. Each says who holds it on our record. Users for whom nothing fits are left out.
pub async fn matching(
    tx: &mut Tx,
    app: &AppId,
    users: &[(UserId, String)],
) -> Result<BTreeMap<UserId, Vec<RemoteAccount>>, StoreError> {
    let mut matching: BTreeMap<UserId, Vec<RemoteAccount>> = BTreeMap::new();
    for users in users.chunks(ROWS_PER_STATEMENT) {
        let wanted =
            Value::rows(users.iter().map(|(user, folded)| [user.as_str().into(), folded.as_str().into()]));
        for row in &tx.page(MATCHING, MATCHING_COLUMNS, &[app.as_str().into(), wanted]).await? {
            let (user, account) = (UserId::new(row.text("user_id")?), remote_account(row)?);
            let accounts = matching.entry(user).or_default();
            // An account that two records claim is still one account.
            if accounts.last().is_none_or(|last| last.remote_id != account.remote_id) {
                accounts.push(account);
            }
        }
    }
    Ok(matching)
}

const LISTED: &str = "\
-- store::remote::listed
SELECT remote.remote_id, remote.external_id, remote.user_name, remote.is_active, remote.attributes,
       NULL AS holder, NULL AS holder_email
FROM remote_account AS remote
WHERE remote.app = $1 AND remote.remote_id IN (SELECT value ->> 0 FROM json_rows($2))
ORDER BY remote.remote_id";

/// The same without the user.
const LISTED_COLUMNS: &[Column] = MATCHING_COLUMNS.split_at(1).1;

/// These accounts as the listing showed them, without their holders; those that it did not show are left out.
pub async fn listed(
    tx: &mut Tx,
    app: &AppId,
    ids: &[RemoteId],
) -> Result<BTreeMap<RemoteId, RemoteAccount>, StoreError> {
    let mut listed = BTreeMap::new();
    for ids in ids.chunks(ROWS_PER_STATEMENT) {
        let keys = Value::rows(ids.iter().map(|id| [id.as_str().into()]));
        for row in &tx.page(LISTED, LISTED_COLUMNS, &[app.as_str().into(), keys]).await? {
            let account = remote_account(row)?;
            listed.insert(account.remote_id.clone(), account);
        }
    }
    Ok(listed)
}

fn remote_account(row: &Row) -> Result<RemoteAccount, StoreError> {
    let holder = match row.opt_text("holder")? {
        Some(user) => Some(Holder { user: UserId::new(user), email: row.opt_email("holder_email")? }),
        None => None,
    };
    Ok(RemoteAccount {
        remote_id: RemoteId::new(row.text("remote_id")?),
        external_id: row.opt_text("external_id")?.map(str::to_owned),
        user_name: row.text("user_name")?.to_owned(),
        active: row.truth("is_active")?,
        attributes: row.json("attributes")?,
        holder,
    })
}

const COUNT: &str = "\
-- store::remote::count
SELECT COUNT(*) AS n FROM remote_account WHERE app = $1";

/// How many accounts the listing showed.
pub async fn count(tx: &mut Tx, app: &AppId) -> Result<u64, StoreError> {
    tx.row(COUNT, &[app.as_str().into()]).await?.count("n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::assert_reads_by_key;

    #[tokio::test]
    async fn whoever_is_looked_for_in_a_listing_costs_what_is_found() {
        assert_reads_by_key(MATCHING, Some(MATCHING_COLUMNS)).await;
    }
}

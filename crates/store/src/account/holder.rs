//! Who holds an account, or a name, at an app.

use std::collections::BTreeMap;

use usher_model::adoption::Holder;
use usher_model::id::{AppId, RemoteId, UserId};

use crate::StoreError;
use crate::sql::{Column, ROWS_PER_STATEMENT, Row, Tx, Value};

fn holder(row: &Row) -> Result<Holder, StoreError> {
    Ok(Holder { user: UserId::new(row.text("user_id")?), email: row.opt_email("email")? })
}

const HOLDER_OF_NAME: &str = "\
-- store::account::holder_of_name
SELECT user_id, email FROM account WHERE app = $1 AND user_name = $2 AND state <> 'gone'
ORDER BY user_id LIMIT 1";

/// The user whose account has this folded name at the app.
pub async fn holder_of_name(tx: &mut Tx, app: &AppId, folded: &str) -> Result<Option<Holder>, StoreError> {
    let row = tx.opt_row(HOLDER_OF_NAME, &[app.as_str().into(), folded.into()]).await?;
    row.as_ref().map(holder).transpose()
}

const HOLDERS: &str = "\
-- store::account::holders
SELECT remote_id, user_id, email FROM account
WHERE app = $1 AND state <> 'gone' AND remote_id IN (SELECT value ->> 0 FROM json_rows($2))
ORDER BY remote_id, user_id";

const HOLDERS_COLUMNS: &[Column] =
    &[Column::Text("remote_id"), Column::Text("user_id"), Column::Text("email")];

/// The users whose accounts these are on our record; accounts that are nobody's are left out.
pub async fn holders(
    tx: &mut Tx,
    app: &AppId,
    accounts: &[RemoteId],
) -> Result<BTreeMap<RemoteId, Holder>, StoreError> {
    let mut holders = BTreeMap::new();
    for accounts in accounts.chunks(ROWS_PER_STATEMENT) {
        let keys = Value::rows(accounts.iter().map(|account| [account.as_str().into()]));
        for row in &tx.page(HOLDERS, HOLDERS_COLUMNS, &[app.as_str().into(), keys]).await? {
            holders.entry(RemoteId::new(row.text("remote_id")?)).or_insert(holder(row)?);
        }
    }
    Ok(holders)
}

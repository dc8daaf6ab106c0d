//! An access token between the page that asks for it and the one that checks it: sealed, and one admin's alone.

use secrecy::SecretString;
use usher_model::id::{AdminId, AppId};
use usher_model::time::Timestamp;

use crate::columns::instant;
use crate::sql::Tx;
use crate::{Keyring, Place, StoreError};

fn row_of(app: &AppId, admin: &AdminId) -> String {
    format!("{app} {admin}")
}

fn place(row: &str) -> Place<'_> {
    Place { table: "app_draft", row, column: "token" }
}

const KEEP: &str = "\
-- store::app::keep_draft
INSERT INTO app_draft (app, admin, token, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (app, admin) DO UPDATE SET token = excluded.token, at = excluded.at";

/// Keeps a token that an admin gave and that nobody has checked.
pub async fn keep_draft(
    tx: &mut Tx,
    keyring: &Keyring,
    app: &AppId,
    admin: &AdminId,
    token: &SecretString,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sealed = keyring.seal(place(&row_of(app, admin)), token);
    tx.execute_one(KEEP, &[app.as_str().into(), admin.as_str().into(), sealed.into(), instant(now)]).await
}

const FIND: &str = "\
-- store::app::draft
SELECT token FROM app_draft WHERE app = $1 AND admin = $2 AND at > $3";

/// The token that an admin gave after this instant.
pub async fn draft(
    tx: &mut Tx,
    keyring: &Keyring,
    app: &AppId,
    admin: &AdminId,
    after: Timestamp,
) -> Result<Option<SecretString>, StoreError> {
    let values = [app.as_str().into(), admin.as_str().into(), instant(after)];
    let Some(row) = tx.opt_row(FIND, &values).await? else { return Ok(None) };
    let place_of = row_of(app, admin);
    let open = |sealed| keyring.open(place(&place_of), sealed);
    Ok(row.opt_bytes("token")?.map(open).transpose()?)
}

const DROP: &str = "\
-- store::app::drop_drafts
DELETE FROM app_draft WHERE app = $1 OR at <= $2";

/// Forgets what was given for an app, and whatever is as old as this.
pub async fn drop_drafts(tx: &mut Tx, app: &AppId, old: Timestamp) -> Result<(), StoreError> {
    tx.execute(DROP, &[app.as_str().into(), instant(old)]).await.map(drop)
}

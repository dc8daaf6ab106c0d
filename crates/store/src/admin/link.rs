//! Links that work once and for a while: the first set-up, invitations, new passwords.

use usher_model::id::AdminId;
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::columns::instant;
use crate::sql::Tx;

const INSERT: &str = "\
-- store::admin::link::insert
INSERT INTO admin_link (digest, admin, expires_at) VALUES ($1, $2, $3)";

const REPLACE: &str = "\
-- store::admin::link::replace
DELETE FROM admin_link WHERE COALESCE(admin, '') = COALESCE($1, '')";

/// Makes a link, by the digest of what it holds. None: whoever follows it becomes the first super admin. A link that was
/// made for the same person before works no more.
pub async fn make(
    tx: &mut Tx,
    digest: &str,
    admin: Option<&AdminId>,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let admin = admin.map(AdminId::as_str);
    tx.execute(REPLACE, &[admin.into()]).await?;
    tx.execute_one(INSERT, &[digest.into(), admin.into(), instant(expires_at)]).await
}

const FIND: &str = "\
-- store::admin::link::find
SELECT admin FROM admin_link WHERE digest = $1 AND expires_at > $2";

/// For whom a link is that works now. The inner none: for the first super admin. The outer one: there is no such link.
pub async fn find(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<Option<AdminId>>, StoreError> {
    let row = tx.opt_row(FIND, &[digest.into(), instant(now)]).await?;
    row.map(|row| Ok(row.opt_text("admin")?.map(AdminId::new))).transpose()
}

const USE: &str = "\
-- store::admin::link::use
DELETE FROM admin_link WHERE digest = $1 AND expires_at > $2";

/// Uses a link up. False: it works no more.
pub async fn use_up(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(USE, &[digest.into(), instant(now)]).await? > 0)
}

const USE_OF: &str = "\
-- store::admin::link::use_up_of
DELETE FROM admin_link WHERE admin = $1 AND expires_at > $2";

/// Uses up the link that somebody was given and has not followed. False: they have none that works.
pub async fn use_up_of(tx: &mut Tx, admin: &AdminId, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(USE_OF, &[admin.as_str().into(), instant(now)]).await? > 0)
}

const FORGET: &str = "\
-- store::admin::link::forget
DELETE FROM admin_link WHERE expires_at <= $1";

/// Forgets the links that work no more. Returns how many.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, &[instant(now)]).await
}

//! Sessions: whoever has the cookie is that admin, until it expires or ends.

use usher_model::admin::Role;
use usher_model::id::{AdminId, Email};
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::columns::{instant, limit};
use crate::sql::{Column, Row, Tx};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The digest of its cookie.
    pub digest: String,
    pub admin: AdminId,
    pub created_at: Timestamp,
    /// When it was last used, as far as that is written down.
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// From where it was begun.
    pub address: String,
    /// With which browser.
    pub agent: String,
}

const INSERT: &str = "\
-- store::admin::session::insert
INSERT INTO admin_session (digest, admin, created_at, seen_at, expires_at, address, agent)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

/// Begins a session.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    let Session { digest, admin, created_at, seen_at, expires_at, address, agent } = session;
    let values = [
        digest.as_str().into(),
        admin.as_str().into(),
        instant(*created_at),
        instant(*seen_at),
        instant(*expires_at),
        address.as_str().into(),
        agent.as_str().into(),
    ];
    tx.execute_one(INSERT, &values).await
}

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub session: Session,
    pub email: Email,
    pub role: Role,
}

const FIND: &str = "\
-- store::admin::session::find
SELECT session.digest AS digest, session.admin AS admin, session.created_at AS created_at, session.seen_at AS seen_at,
       session.expires_at AS expires_at, session.address AS address, session.agent AS agent,
       admin.email AS email, admin.role AS role
FROM admin_session AS session JOIN admin ON admin.id = session.admin
WHERE session.digest = $1 AND session.expires_at > $2";

/// Whose session has this digest, if it counts now; the role is the one that they have now.
pub async fn find(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<SignedIn>, StoreError> {
    let Some(row) = tx.opt_row(FIND, &[digest.into(), instant(now)]).await? else { return Ok(None) };
    let role = row.named("role", Role::from_name)?;
    Ok(Some(SignedIn { session: session(&row)?, email: row.email("email")?, role }))
}

const SEEN: &str = "\
-- store::admin::session::seen
UPDATE admin_session SET seen_at = $2, expires_at = $3 WHERE digest = $1";

/// Writes down that a session was used, and until when it counts by that. False: it has ended meanwhile.
pub async fn seen(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(SEEN, &[digest.into(), instant(now), instant(expires_at)]).await? > 0)
}

const OF_ADMIN: &str = "\
-- store::admin::session::of_admin
SELECT digest, admin, created_at, seen_at, expires_at, address, agent FROM admin_session
WHERE admin = $1 AND expires_at > $2 ORDER BY seen_at DESC, digest LIMIT $3";

const COLUMNS: &[Column] = &[
    Column::Text("digest"),
    Column::Text("admin"),
    Column::Int("created_at"),
    Column::Int("seen_at"),
    Column::Int("expires_at"),
    Column::Text("address"),
    Column::Text("agent"),
];

/// Somebody's sessions that count now, the one that was used last first.
pub async fn of_admin(
    tx: &mut Tx,
    admin: &AdminId,
    now: Timestamp,
    at_most: usize,
) -> Result<Vec<Session>, StoreError> {
    let values = [admin.as_str().into(), instant(now), limit(at_most)];
    tx.page(OF_ADMIN, COLUMNS, &values).await?.iter().map(session).collect()
}

const END: &str = "\
-- store::admin::session::end
DELETE FROM admin_session WHERE digest = $1";

/// Ends a session, if it has not ended.
pub async fn end(tx: &mut Tx, digest: &str) -> Result<(), StoreError> {
    tx.execute(END, &[digest.into()]).await.map(drop)
}

const END_ALL: &str = "\
-- store::admin::session::end_all
DELETE FROM admin_session WHERE admin = $1 AND digest <> $2";

/// Ends all sessions of somebody, but the one with this digest. Returns how many.
pub async fn end_all(tx: &mut Tx, admin: &AdminId, but: Option<&str>) -> Result<u64, StoreError> {
    tx.execute(END_ALL, &[admin.as_str().into(), but.unwrap_or_default().into()]).await
}

const FORGET: &str = "\
-- store::admin::session::forget
DELETE FROM admin_session WHERE expires_at <= $1";

/// Forgets the sessions that count no more. Returns how many.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, &[instant(now)]).await
}

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        digest: row.text("digest")?.to_owned(),
        admin: AdminId::new(row.text("admin")?),
        created_at: row.instant("created_at")?,
        seen_at: row.instant("seen_at")?,
        expires_at: row.instant("expires_at")?,
        address: row.text("address")?.to_owned(),
        agent: row.text("agent")?.to_owned(),
    })
}

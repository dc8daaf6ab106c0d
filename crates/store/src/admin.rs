//! Who may sign in to the console, the links that let them in the first time, their sessions, what went wrong when
//! somebody tried, and what they did.
//!
//! # Invariants
//!
//! 1. What opens something (a link's secret, a session's cookie) is never stored, but a digest of it.
//! 2. There is always a super admin once there is anybody: the last one is neither removed nor given another role.
//!
//! Not here: how passwords are hashed and checked, and who may do what (`usher_model::admin`).

pub mod action;
pub mod failures;
pub mod link;
pub mod openid;
pub mod session;

use usher_model::admin::Role;
use usher_model::id::{AdminId, Email};
use usher_model::time::Timestamp;

use self::openid::Identity;
use crate::StoreError;
use crate::columns::{instant, limit};
use crate::sql::{Column, Row, Tx};

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    pub id: AdminId,
    pub email: Email,
    pub role: Role,
    /// Whether they have a password; without one they have a link, or sign in elsewhere.
    pub has_password: bool,
    /// Who they are at the provider where they have signed in; nobody else signs in there with their address.
    pub openid: Option<Identity>,
    pub created_at: Timestamp,
    pub signed_in_at: Option<Timestamp>,
}

impl Admin {
    /// Whether they have ever been in, and not only invited.
    pub fn has_joined(&self) -> bool {
        self.has_password || self.openid.is_some()
    }
}

const INSERT: &str = "\
-- store::admin::insert
INSERT INTO admin (id, email, role, created_at) VALUES ($1, $2, $3, $4)";

/// Lets somebody in, once they have a password or sign in elsewhere. Their address is nobody else's
/// ([`StoreError::is_unique_violation`]).
pub async fn insert(
    tx: &mut Tx,
    id: &AdminId,
    email: &Email,
    role: Role,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = [id.as_str().into(), email.as_str().into(), role.as_str().into(), instant(now)];
    tx.execute_one(INSERT, &values).await
}

const ANY: &str = "\
-- store::admin::any
SELECT COUNT(*) AS n FROM (SELECT 1 FROM admin LIMIT 1) AS one";

/// Whether there is anybody who may sign in.
pub async fn any(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(tx.row(ANY, &[]).await?.count("n")? > 0)
}

/// A macro, because a statement is one literal and four share these columns.
macro_rules! select {
    () => {
        "SELECT id, email, role, created_at, signed_in_at, CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password,
       openid_issuer, openid_subject
FROM admin"
    };
}

const COLUMNS: &[Column] = &[
    Column::Text("id"),
    Column::Text("email"),
    Column::Text("role"),
    Column::Int("created_at"),
    Column::Int("signed_in_at"),
    Column::Int("has_password"),
    Column::Text("openid_issuer"),
    Column::Text("openid_subject"),
];

const BY_ID: &str = concat!("-- store::admin::by_id\n", select!(), " WHERE id = $1");

/// The admin with this id.
pub async fn by_id(tx: &mut Tx, id: &AdminId) -> Result<Option<Admin>, StoreError> {
    tx.opt_row(BY_ID, &[id.as_str().into()]).await?.as_ref().map(admin).transpose()
}

const BY_EMAIL: &str = concat!("-- store::admin::by_email\n", select!(), " WHERE email = $1");

/// The admin with this address.
pub async fn by_email(tx: &mut Tx, email: &Email) -> Result<Option<Admin>, StoreError> {
    tx.opt_row(BY_EMAIL, &[email.as_str().into()]).await?.as_ref().map(admin).transpose()
}

const BY_IDENTITY: &str =
    concat!("-- store::admin::by_identity\n", select!(), " WHERE openid_issuer = $1 AND openid_subject = $2");

/// The admin who is this at their provider.
pub async fn by_identity(tx: &mut Tx, identity: &Identity) -> Result<Option<Admin>, StoreError> {
    let values = [identity.issuer.as_str().into(), identity.subject.as_str().into()];
    tx.opt_row(BY_IDENTITY, &values).await?.as_ref().map(admin).transpose()
}

const LIST: &str = concat!("-- store::admin::list\n", select!(), " WHERE email > $1 ORDER BY email LIMIT $2");

/// One page of everybody who may sign in, by address.
pub async fn list(tx: &mut Tx, after: Option<&Email>, at_most: usize) -> Result<Vec<Admin>, StoreError> {
    let values = [after.map_or("", Email::as_str).into(), limit(at_most)];
    tx.page(LIST, COLUMNS, &values).await?.iter().map(admin).collect()
}

const PASSWORD: &str = "\
-- store::admin::password
SELECT password FROM admin WHERE id = $1";

/// The hash of somebody's password, if they have one.
pub async fn password(tx: &mut Tx, id: &AdminId) -> Result<Option<String>, StoreError> {
    let row = tx.opt_row(PASSWORD, &[id.as_str().into()]).await?;
    row.map(|row| Ok(row.opt_text("password")?.map(str::to_owned))).transpose().map(Option::flatten)
}

const SET_PASSWORD: &str = "\
-- store::admin::set_password
UPDATE admin SET password = $2 WHERE id = $1";

/// Gives somebody a password, by its hash.
pub async fn set_password(tx: &mut Tx, id: &AdminId, hash: &str) -> Result<(), StoreError> {
    tx.execute_one(SET_PASSWORD, &[id.as_str().into(), hash.into()]).await
}

const BIND: &str = "\
-- store::admin::bind
UPDATE admin SET openid_issuer = $2, openid_subject = $3 WHERE id = $1 AND openid_issuer IS NULL";

/// Writes down who somebody is at their provider, once and for all. It is nobody else's
/// ([`StoreError::is_unique_violation`]).
pub async fn bind(tx: &mut Tx, id: &AdminId, identity: &Identity) -> Result<(), StoreError> {
    let values = [id.as_str().into(), identity.issuer.as_str().into(), identity.subject.as_str().into()];
    tx.execute_one(BIND, &values).await
}

const SIGNED_IN: &str = "\
-- store::admin::signed_in
UPDATE admin SET signed_in_at = $2 WHERE id = $1";

/// Writes down that somebody signed in.
pub async fn signed_in(tx: &mut Tx, id: &AdminId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute_one(SIGNED_IN, &[id.as_str().into(), instant(now)]).await
}

// Whoever is the only super admin stays one. Rows of another writer are seen once it has decided: both databases let one
// of two who would take each other's rights away wait for the other.
const LOCK: &str = "\
-- store::admin::lock
SELECT id FROM admin WHERE role = 'super_admin' FOR UPDATE";

const SET_ROLE: &str = "\
-- store::admin::set_role
UPDATE admin SET role = $2
WHERE id = $1 AND ($2 = 'super_admin' OR 0 < (SELECT COUNT(*) FROM admin WHERE role = 'super_admin' AND id <> $1))";

/// Gives somebody another role. False: there is no such admin, or no other super admin.
pub async fn set_role(tx: &mut Tx, id: &AdminId, role: Role) -> Result<bool, StoreError> {
    tx.rows(LOCK, &[]).await?;
    Ok(tx.execute(SET_ROLE, &[id.as_str().into(), role.as_str().into()]).await? > 0)
}

const REMOVE: &str = "\
-- store::admin::remove
DELETE FROM admin
WHERE id = $1 AND 0 < (SELECT COUNT(*) FROM admin WHERE role = 'super_admin' AND id <> $1)";

/// Lets somebody sign in no more; their sessions and links end with that. False: there is no such admin, or no other
/// super admin.
pub async fn remove(tx: &mut Tx, id: &AdminId) -> Result<bool, StoreError> {
    tx.rows(LOCK, &[]).await?;
    Ok(tx.execute(REMOVE, &[id.as_str().into()]).await? > 0)
}

fn admin(row: &Row) -> Result<Admin, StoreError> {
    let openid = row.opt_text("openid_issuer")?.zip(row.opt_text("openid_subject")?);
    let openid =
        openid.map(|(issuer, subject)| Identity { issuer: issuer.to_owned(), subject: subject.to_owned() });
    Ok(Admin {
        id: AdminId::new(row.text("id")?),
        email: row.email("email")?,
        role: row.named("role", Role::from_name)?,
        has_password: row.truth("has_password")?,
        openid,
        created_at: row.instant("created_at")?,
        signed_in_at: row.opt_instant("signed_in_at")?,
    })
}

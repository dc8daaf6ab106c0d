//! People as a run meets them: what decisions need, joined with how their account stood when it was last settled.
//!
//! Light columns alone. Full resources are read for those who need a decision ([`super::resources`]).

use std::collections::BTreeSet;

use usher_model::directory::User;
use usher_model::id::{AppId, DirectoryId, UserId};
use usher_model::time::Timestamp;

use super::person::{USER_COLUMNS, user};
use super::texts;
use crate::columns;
use crate::sql::{Column, Row, Value};
use crate::{StoreError, Tx};

/// A person, and whether the app has to look at them at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub user: User,
    /// Changes whenever the directory says something else of them.
    pub fingerprint: String,
    /// What the app's last decision about them was made of, if it left nothing to do.
    pub settled: Option<String>,
    /// When time alone gives them something to do.
    pub wake_at: Option<Timestamp>,
    /// Whether anything is on record of an account of theirs, in whatever state.
    pub has_account: bool,
}

macro_rules! candidates_where {
    ($name:literal, $condition:literal) => {
        concat!(
            "-- store::directory::",
            $name,
            "
SELECT p.id AS id, p.primary_email AS primary_email, p.state AS state, p.state_since AS state_since,
       p.org_unit AS org_unit, p.is_guest AS is_guest, p.fingerprint AS fingerprint, a.settled AS settled,
       a.wake_at AS wake_at,
       CASE WHEN a.user_id IS NOT NULL THEN 1
            WHEN EXISTS (SELECT 1 FROM intent WHERE intent.app = $2 AND intent.user_id = p.id) THEN 1
            ELSE 0 END AS has_account
FROM person AS p LEFT JOIN account AS a ON a.app = $2 AND a.user_id = p.id
WHERE p.directory = $1 AND ",
            $condition,
            " ORDER BY p.id"
        )
    };
}

const FIRST_PAGE: &str = concat!(candidates_where!("candidates", "p.id >= ''"), " LIMIT $3");
const NEXT_PAGE: &str = concat!(candidates_where!("candidates_after", "p.id > $4"), " LIMIT $3");
const OF: &str = candidates_where!("candidates_of", "p.id IN (SELECT value ->> 0 FROM json_rows($3))");

/// One page of everybody, deleted people included, in id order: those after `after`, at most `limit`.
pub async fn candidates(
    tx: &mut Tx,
    directory: &DirectoryId,
    app: &AppId,
    after: Option<&UserId>,
    limit: usize,
) -> Result<Vec<Candidate>, StoreError> {
    let mut values = vec![directory.as_str().into(), app.as_str().into(), columns::limit(limit)];
    let sql = match after {
        None => FIRST_PAGE,
        Some(after) => {
            values.push(after.as_str().into());
            NEXT_PAGE
        }
    };
    read(tx, sql, &values).await
}

/// One person.
pub async fn candidate(
    tx: &mut Tx,
    directory: &DirectoryId,
    app: &AppId,
    user: &UserId,
) -> Result<Option<Candidate>, StoreError> {
    Ok(candidates_of(tx, directory, app, std::slice::from_ref(user)).await?.pop())
}

/// These people, in id order, each once; whoever the directory never had is left out.
pub async fn candidates_of(
    tx: &mut Tx,
    directory: &DirectoryId,
    app: &AppId,
    users: &[UserId],
) -> Result<Vec<Candidate>, StoreError> {
    let ids: BTreeSet<&str> = users.iter().map(UserId::as_str).collect();
    let mut found = Vec::with_capacity(ids.len());
    for ids in texts(ids) {
        found.extend(read(tx, OF, &[directory.as_str().into(), app.as_str().into(), ids]).await?);
    }
    Ok(found)
}

async fn read(tx: &mut Tx, sql: &'static str, values: &[Value]) -> Result<Vec<Candidate>, StoreError> {
    let mut columns = USER_COLUMNS.to_vec();
    columns.extend([
        Column::Text("fingerprint"),
        Column::Text("settled"),
        Column::Int("wake_at"),
        Column::Int("has_account"),
    ]);
    tx.page(sql, &columns, values).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Candidate, StoreError> {
    Ok(Candidate {
        user: user(row)?,
        fingerprint: row.text("fingerprint")?.to_owned(),
        settled: row.opt_text("settled")?.map(str::to_owned),
        wake_at: row.opt_instant("wake_at")?,
        has_account: row.truth("has_account")?,
    })
}

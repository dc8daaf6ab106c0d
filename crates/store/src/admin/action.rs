//! What admins did, on any face: who, what, to what, from where, what it was before and what it is now.

use serde_json::Value as Json;
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::columns::{instant, limit, opt_json};
use crate::sql::{Column, Row, Tx};

/// Where something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    Console,
    CommandLine,
}

impl Face {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Console, Self::CommandLine];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::CommandLine => "command_line",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|face| face.as_str() == name)
    }
}

/// One thing that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Sorts by time.
    pub id: String,
    pub at: Timestamp,
    /// Their address, or the name that was given.
    pub who: String,
    pub face: Face,
    /// Where the request came from; none: from this machine.
    pub address: Option<String>,
    /// What was done, in snake case: `sign_in`, `app_enable`.
    pub kind: String,
    /// What it was done to: an app's name, somebody's address.
    pub subject: String,
    /// What it was; no secrets.
    pub before: Option<Json>,
    /// What it is.
    pub after: Option<Json>,
}

const APPEND: &str = "\
-- store::admin::action::append
INSERT INTO admin_action (id, at, who, face, address, kind, subject, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Writes down what somebody did, in the transaction that does it.
pub async fn append(tx: &mut Tx, action: &Action) -> Result<(), StoreError> {
    let Action { id, at, who, face, address, kind, subject, before, after } = action;
    let values = [
        id.as_str().into(),
        instant(*at),
        who.as_str().into(),
        face.as_str().into(),
        address.as_deref().into(),
        kind.as_str().into(),
        subject.as_str().into(),
        opt_json(before.as_ref()),
        opt_json(after.as_ref()),
    ];
    tx.execute_one(APPEND, &values).await
}

const LIST: &str = "\
-- store::admin::action::list
SELECT id, at, who, face, address, kind, subject, before, after FROM admin_action
WHERE at < $1 OR (at = $1 AND id < $2) ORDER BY at DESC, id DESC LIMIT $3";

const COLUMNS: &[Column] = &[
    Column::Text("id"),
    Column::Int("at"),
    Column::Text("who"),
    Column::Text("face"),
    Column::Text("address"),
    Column::Text("kind"),
    Column::Text("subject"),
    Column::Text("before"),
    Column::Text("after"),
];

/// One page, the newest first, of what was done before this; none: of all.
pub async fn list(
    tx: &mut Tx,
    before: Option<(Timestamp, &str)>,
    at_most: usize,
) -> Result<Vec<Action>, StoreError> {
    let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.as_micros(), id));
    tx.page(LIST, COLUMNS, &[at.into(), id.into(), limit(at_most)]).await?.iter().map(action).collect()
}

fn action(row: &Row) -> Result<Action, StoreError> {
    Ok(Action {
        id: row.text("id")?.to_owned(),
        at: row.instant("at")?,
        who: row.text("who")?.to_owned(),
        face: row.named("face", Face::from_name)?,
        address: row.opt_text("address")?.map(str::to_owned),
        kind: row.text("kind")?.to_owned(),
        subject: row.text("subject")?.to_owned(),
        before: row.opt_json("before")?,
        after: row.opt_json("after")?,
    })
}

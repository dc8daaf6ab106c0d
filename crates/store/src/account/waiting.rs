//! Who waits for a person's decision, told so that an admin sees it.

use usher_model::account::Choice;
use usher_model::id::{AppId, Email, UserId};
use usher_model::reason::Reason;

use super::admin::choice_name;
use crate::StoreError;
use crate::columns::{json, limit};
use crate::sql::{Column, Row, Tx, Value};

/// How many failing people are looked through for conflicts, so that an app at which everybody fails costs no more than
/// that.
pub const CONFLICTS_LOOKED_THROUGH: usize = 10_000;

/// People for whom nothing happens until somebody chooses, and who has chosen nothing yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Entitled, and somebody else switched their account off.
    pub switched_off: Deciding,
    /// The account that has their name carries a foreign `externalId`. Counted among the first
    /// [`CONFLICTS_LOOKED_THROUGH`] people who fail.
    pub conflicts: Deciding,
}

/// How many there are, and the first of them in user order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deciding {
    pub n: u64,
    pub first: Vec<(UserId, Option<Email>)>,
}

/// A macro, because a statement is one literal and both of these select from the same rows.
macro_rules! switched_off {
    () => {
        "FROM account
         WHERE app = $1 AND state = 'suspended' AND is_suspended_by_us = 0 AND reason = $2
           AND COALESCE(choice, '') <> $3"
    };
}

const N_SWITCHED_OFF: &str =
    concat!("-- store::account::n_switched_off\nSELECT COUNT(*) AS n ", switched_off!());

const SWITCHED_OFF: &str = concat!(
    "-- store::account::switched_off\nSELECT user_id, email ",
    switched_off!(),
    " ORDER BY user_id LIMIT $4"
);

/// A macro, because a statement is one literal and both of these select from the same rows. A failing account's record
/// begins with the failure and what it is in conflict with, as `Failing` is stored.
macro_rules! conflicts {
    () => {
        "FROM (SELECT user_id, email, failing, choice FROM account
               WHERE app = $1 AND failing IS NOT NULL ORDER BY user_id LIMIT $2) AS failing
         WHERE choice IS NULL
           AND substr(failing, 1, 74) = '{\"failure\":{\"failure\":\"conflict\",\"with\":{\"conflict\":\"foreign_external_id\",'"
    };
}

const N_CONFLICTS: &str = concat!("-- store::account::n_conflicts\nSELECT COUNT(*) AS n ", conflicts!());

const CONFLICTS: &str = concat!(
    "-- store::account::conflicts\nSELECT user_id, email ",
    conflicts!(),
    " ORDER BY user_id LIMIT $3"
);

const COLUMNS: &[Column] = &[Column::Text("user_id"), Column::Text("email")];

/// Who waits for a decision; of each kind the first `at_most` by name.
pub async fn waiting(tx: &mut Tx, app: &AppId, at_most: usize) -> Result<Waiting, StoreError> {
    let off: [Value; 3] =
        [app.as_str().into(), json(&Reason::SwitchedOffAtApp), choice_name(Choice::SwitchOn).into()];
    let failing: [Value; 2] = [app.as_str().into(), limit(CONFLICTS_LOOKED_THROUGH)];
    Ok(Waiting {
        switched_off: deciding(tx, N_SWITCHED_OFF, SWITCHED_OFF, &off, at_most).await?,
        conflicts: deciding(tx, N_CONFLICTS, CONFLICTS, &failing, at_most).await?,
    })
}

async fn deciding(
    tx: &mut Tx,
    count: &'static str,
    first: &'static str,
    of: &[Value],
    at_most: usize,
) -> Result<Deciding, StoreError> {
    let n = tx.row(count, of).await?.count("n")?;
    let values: Vec<_> = of.iter().cloned().chain([limit(at_most)]).collect();
    let rows = tx.page(first, COLUMNS, &values).await?;
    Ok(Deciding { n, first: rows.iter().map(who).collect::<Result<_, _>>()? })
}

fn who(row: &Row) -> Result<(UserId, Option<Email>), StoreError> {
    Ok((UserId::new(row.text("user_id")?), row.opt_email("email")?))
}

//! What a person said of the holds of groups ([`usher_model::guard::Tripped::is_of_groups`]).
//!
//! Whom such a hold told of counts while it is open ([`super::told`]). What was discarded of it is remembered by its number
//! and names nobody, for as long as plans want members to
//! leave that group, or groups deleted: it becomes 0 with the first plan that does not, or when somebody lets them go after
//! all.

use usher_model::id::AppId;

use super::{Hold, hold};
use crate::StoreError;
use crate::sql::{Tx, Value};

/// What the key of a hold of a group begins with, and of no other ([`usher_model::guard::Tripped::key`]).
macro_rules! of_groups {
    () => {
        "app = $1 AND state = 'discarded' AND n_operations > 0 AND (key LIKE 'members of %' OR key IN ('groups deleted', 'memberships ended'))"
    };
}

const DISCARDED: &str = concat!(
    "-- store::hold::discarded_of_groups
SELECT id, app, key, tripped, state, opened_at, decided_at, decided_by, n_operations
FROM hold WHERE ",
    of_groups!(),
    " ORDER BY key, id"
);

/// The holds of groups that somebody discarded and that were wanted by every plan since.
pub async fn discarded_of_groups(tx: &mut Tx, app: &AppId) -> Result<Vec<Hold>, StoreError> {
    tx.rows(DISCARDED, &[app.as_str().into()]).await?.iter().map(hold).collect()
}

const FORGET: &str = concat!(
    "-- store::hold::forget_discarded_of_groups\nUPDATE hold SET n_operations = 0 WHERE ",
    of_groups!(),
    " AND key IN (SELECT value ->> 0 FROM json_rows($2))"
);

/// Forgets what was discarded under these keys: the same wish, come again later, is a new one.
pub async fn forget_discarded_of_groups(tx: &mut Tx, app: &AppId, keys: &[String]) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let keys = Value::rows(keys.iter().map(|key| [key.as_str().into()]));
    tx.execute(FORGET, &[app.as_str().into(), keys]).await.map(drop)
}

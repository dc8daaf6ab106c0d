//! Accounts counted and listed, for guards and for people.

use usher_model::account::Pin;
use usher_model::id::{AppId, Email, UserId};
use usher_model::reason::{Failing, Reason};
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::columns::limit;
use crate::sql::{Column, Tx};

const MANAGED: &str = "\
-- store::account::managed
SELECT COUNT(*) AS n FROM account WHERE app = $1 AND state = 'active'";

/// How many accounts are on, counted one by one: a guard goes by it. What the guard's window removed is not among them.
pub async fn managed(tx: &mut Tx, app: &AppId) -> Result<u64, StoreError> {
    tx.row(MANAGED, &[app.as_str().into()]).await?.count("n")
}

const AT_LEAST: &str = "\
-- store::account::at_least
SELECT COUNT(*) AS n FROM (
    SELECT 1 FROM account WHERE app = $1 AND state IN ('active', 'suspended') LIMIT $2) AS found";

/// Whether so many accounts are on record, on or off.
pub async fn at_least(tx: &mut Tx, app: &AppId, n: u64) -> Result<bool, StoreError> {
    let at_most = usize::try_from(n).unwrap_or(usize::MAX);
    Ok(tx.row(AT_LEAST, &[app.as_str().into(), limit(at_most)]).await?.count("n")? >= n)
}

/// How many accounts there are. One may count several times: a leaving account is active, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountCounts {
    pub active: u64,
    pub suspended: u64,
    /// Active, and a cause to lose it is on record; not those who are pinned, whom nothing is taken from.
    pub leaving: u64,
    /// A write was begun and its answer is not on record.
    pub unknown: u64,
    pub failing: u64,
    /// Gone at the app, and the record is still open.
    pub gone: u64,
    /// None is known, and a write that may have made one has no answer on record.
    pub begun: u64,
}

impl AccountCounts {
    /// How many accounts are on record at the app, or may be there by our doing.
    pub fn total(&self) -> u64 {
        self.active + self.suspended + self.gone + self.begun
    }
}

const COUNTS: &str = "\
-- store::account::counts
SELECT CAST(COALESCE(SUM(CASE WHEN state = 'active' THEN n END), 0) AS BIGINT) AS active,
       CAST(COALESCE(SUM(CASE WHEN state = 'suspended' THEN n END), 0) AS BIGINT) AS suspended,
       CAST(COALESCE(SUM(CASE WHEN state = 'gone' THEN n END), 0) AS BIGINT) AS gone,
       CAST(COALESCE(SUM(CASE WHEN state = 'active' AND is_leaving = 1 THEN n END), 0) AS BIGINT) AS leaving,
       (SELECT COUNT(*) FROM intent WHERE app = $1) AS unknown,
       CAST(COALESCE(SUM(CASE WHEN is_failing = 1 THEN n END), 0) AS BIGINT) AS failing,
       (SELECT COUNT(*) FROM intent LEFT JOIN account ON account.app = $1 AND account.user_id = intent.user_id
        WHERE intent.app = $1 AND COALESCE(account.state, 'none') = 'none') AS begun
FROM account_tally WHERE app = $1";

// Whether a pin still holds is not in the tally: it ends by itself. Who is leaving is no condition, because SQLite would read
// all of these, of whom there may be many more than are pinned.
const PINS: &str = "\
-- store::account::pins
SELECT pin, CASE WHEN state = 'active' AND causes IS NOT NULL THEN 1 ELSE 0 END AS is_leaving
FROM account WHERE app = $1 AND pin IS NOT NULL";

/// How many accounts there are in each state: as they are kept counted ([`crate::tally`]), but for what was begun and for
/// whoever is pinned.
pub async fn counts(tx: &mut Tx, app: &AppId, now: Timestamp) -> Result<AccountCounts, StoreError> {
    let row = tx.row(COUNTS, &[app.as_str().into()]).await?;
    let mut n_pinned = 0;
    for pinned in &tx.rows(PINS, &[app.as_str().into()]).await? {
        let pin: Pin = pinned.json("pin")?;
        n_pinned += u64::from(pinned.truth("is_leaving")? && pin.holds(now));
    }
    Ok(AccountCounts {
        active: row.count("active")?,
        suspended: row.count("suspended")?,
        leaving: row.count("leaving")?.saturating_sub(n_pinned),
        unknown: row.count("unknown")?,
        failing: row.count("failing")?,
        gone: row.count("gone")?,
        begun: row.count("begun")?,
    })
}

/// Somebody to decide upon again although nothing changed: who, their address, when, and why.
pub type DueAccount = (UserId, Option<Email>, Timestamp, Option<Reason>);

const DUE_LIST: &str = "\
-- store::account::due_list
SELECT user_id, email, wake_at, reason FROM account WHERE app = $1 AND wake_at IS NOT NULL
ORDER BY wake_at, user_id LIMIT $2";

const DUE_COLUMNS: &[Column] =
    &[Column::Text("user_id"), Column::Text("email"), Column::Int("wake_at"), Column::Text("reason")];

/// Those whose time comes next, the soonest first.
pub async fn due_list(tx: &mut Tx, app: &AppId, at_most: usize) -> Result<Vec<DueAccount>, StoreError> {
    let rows = tx.page(DUE_LIST, DUE_COLUMNS, &[app.as_str().into(), limit(at_most)]).await?;
    rows.iter()
        .map(|row| {
            let user = UserId::new(row.text("user_id")?);
            Ok((user, row.opt_email("email")?, row.instant("wake_at")?, row.opt_json("reason")?))
        })
        .collect()
}

/// Somebody whose account failed: who, their address, and how.
pub type FailingAccount = (UserId, Option<Email>, Failing);

const FAILING_LIST: &str = "\
-- store::account::failing_list
SELECT user_id, email, failing FROM account WHERE app = $1 AND failing IS NOT NULL ORDER BY user_id LIMIT $2";

const FAILING_COLUMNS: &[Column] = &[Column::Text("user_id"), Column::Text("email"), Column::Text("failing")];

/// Those whose accounts fail, in user order.
pub async fn failing_list(
    tx: &mut Tx,
    app: &AppId,
    at_most: usize,
) -> Result<Vec<FailingAccount>, StoreError> {
    let rows = tx.page(FAILING_LIST, FAILING_COLUMNS, &[app.as_str().into(), limit(at_most)]).await?;
    rows.iter()
        .map(|row| Ok((UserId::new(row.text("user_id")?), row.opt_email("email")?, row.json("failing")?)))
        .collect()
}

/// Somebody whom Usher must not touch: who, their address where it is known, and what was said.
pub type PinnedAccount = (UserId, Option<Email>, Pin);

const PINNED_LIST: &str = "\
-- store::account::pinned_list
SELECT a.user_id AS user_id, COALESCE(p.primary_email, a.email) AS email, a.pin AS pin
FROM account AS a
JOIN app ON app.id = a.app
LEFT JOIN person AS p ON p.directory = app.directory AND p.id = a.user_id
WHERE a.app = $1 AND a.pin IS NOT NULL AND a.user_id > $2 ORDER BY a.user_id LIMIT $3";

const PINNED_COLUMNS: &[Column] = &[Column::Text("user_id"), Column::Text("email"), Column::Text("pin")];

/// One page of those who are pinned, in user order, whether or not the pin still holds.
pub async fn pinned_list(
    tx: &mut Tx,
    app: &AppId,
    after: Option<&UserId>,
    at_most: usize,
) -> Result<Vec<PinnedAccount>, StoreError> {
    let after = after.map_or("", UserId::as_str);
    let rows =
        tx.page(PINNED_LIST, PINNED_COLUMNS, &[app.as_str().into(), after.into(), limit(at_most)]).await?;
    rows.iter()
        .map(|row| Ok((UserId::new(row.text("user_id")?), row.opt_email("email")?, row.json("pin")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::explain::explain;

    #[tokio::test]
    async fn accounts_are_kept_counted() {
        let steps = explain(COUNTS, None).await;
        let of_accounts: Vec<_> = steps.lines().filter(|step| step.contains(" account ")).collect();
        let by_intent = of_accounts.iter().all(|step| step.contains("(app=? AND user_id=?)"));
        assert!(steps.contains("account_tally") && by_intent, "{steps}");
        let steps = explain(PINS, None).await;
        assert!(steps.contains("account_pinned"), "{steps}");
    }
}

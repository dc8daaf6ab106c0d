//! Counts that are kept beside the rows, so that no page of the console has to read a million of them: people by unit and
//! state, accounts by state.
//!
//! The database keeps them by triggers (`migrations/…/0022_tallies.sql`), whatever statement writes the rows.
//! [`crate::directory::people_by_unit`], [`crate::directory::counts`] and [`crate::account::counts`] read them.
//!
//! # Invariants
//!
//! 1. After every statement, in its own transaction and in what is committed, a count is what a count of the rows gives.
//! 2. What is counted of accounts makes no transaction wait for another: on PostgreSQL, where there may be two, each
//!    statement writes lines of its own, which add up. What is counted of a directory's people is written by whoever holds
//!    [`crate::directory::stage::lock`].
//! 3. The lines of accounts do not become more and more: every 32nd statement puts an app's together.
//!
//! Not here: what guards go by. They count the rows.

use crate::StoreError;
use crate::sql::Tx;

const PEOPLE: &str = "\
-- store::tally::people
SELECT directory, org_unit, state, is_guest, CAST(SUM(n_kept) AS BIGINT) AS kept, CAST(SUM(n_found) AS BIGINT) AS found
FROM (SELECT directory, org_unit, state, is_guest, n AS n_kept, 0 AS n_found FROM person_tally
      UNION ALL SELECT directory, org_unit, state, is_guest, 0 AS n_kept, 1 AS n_found FROM person) AS counted
GROUP BY directory, org_unit, state, is_guest HAVING SUM(n_kept) <> SUM(n_found)
ORDER BY directory, org_unit, state, is_guest LIMIT 100";

const ACCOUNTS: &str = "\
-- store::tally::accounts
SELECT app, state, CAST(is_leaving AS BIGINT) AS is_leaving, CAST(is_failing AS BIGINT) AS is_failing,
       CAST(SUM(n_kept) AS BIGINT) AS kept, CAST(SUM(n_found) AS BIGINT) AS found
FROM (SELECT app, state, is_leaving, is_failing, n AS n_kept, 0 AS n_found FROM account_tally
      UNION ALL
      SELECT app, state, CASE WHEN causes IS NULL THEN 0 ELSE 1 END AS is_leaving,
             CASE WHEN failing IS NULL THEN 0 ELSE 1 END AS is_failing, 0 AS n_kept, 1 AS n_found
      FROM account) AS counted
GROUP BY app, state, is_leaving, is_failing HAVING SUM(n_kept) <> SUM(n_found)
ORDER BY app, state, is_leaving, is_failing LIMIT 100";

/// Counts all rows again and says in which way the kept counts are not right: nothing, always. For tests and simulation.
pub async fn miscounted(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    for row in tx.rows(PEOPLE, &[]).await? {
        let (directory, unit, state) = (row.text("directory")?, row.text("org_unit")?, row.text("state")?);
        let (is_guest, kept, found) = (row.int("is_guest")?, row.int("kept")?, row.int("found")?);
        wrong.push(format!("{state} people of {directory} in {unit}, guests {is_guest}: {kept} for {found}"));
    }
    for row in tx.rows(ACCOUNTS, &[]).await? {
        let (app, state) = (row.text("app")?, row.text("state")?);
        let (is_leaving, is_failing) = (row.int("is_leaving")?, row.int("is_failing")?);
        let (kept, found) = (row.int("kept")?, row.int("found")?);
        wrong.push(format!(
            "{state} accounts at {app}, leaving {is_leaving}, failing {is_failing}: {kept} for {found}"
        ));
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests;

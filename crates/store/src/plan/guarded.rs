//! What people said of a plan's operations before, and what guards stop now.

use usher_model::guard::{Class, Tally};
use usher_model::id::{AppId, HoldId, RunId};

use super::key;
use crate::StoreError;
use crate::columns::{class_bits, classes_of};
use crate::sql::{Tx, Value};

const MARK_RELEASED: &str = "\
-- store::plan::mark_released
UPDATE plan_operation SET is_released = 1
WHERE app = $1 AND run = $2 AND state = 'planned' AND EXISTS (
    SELECT 1 FROM hold_operation AS held JOIN hold ON hold.id = held.hold
    WHERE held.app = plan_operation.app AND held.user_id = plan_operation.user_id
      AND held.kind = plan_operation.kind AND hold.state IN ('open', 'released')
      AND hold.id IN (SELECT value ->> 0 FROM json_rows($3))
)";

const MARK_DISCARDED: &str = "\
-- store::plan::mark_discarded
UPDATE plan_operation
SET state = 'held', hold = (
    SELECT MIN(hold.id) FROM hold_operation AS held JOIN hold ON hold.id = held.hold
    WHERE held.app = plan_operation.app AND held.user_id = plan_operation.user_id
      AND held.kind = plan_operation.kind AND hold.state = 'discarded'
)
WHERE app = $1 AND run = $2 AND state = 'planned' AND is_released = 0 AND EXISTS (
    SELECT 1 FROM hold_operation AS held JOIN hold ON hold.id = held.hold
    WHERE held.app = plan_operation.app AND held.user_id = plan_operation.user_id
      AND held.kind = plan_operation.kind AND hold.state = 'discarded'
)";

/// Marks what people said of the same wishes (same user, same kind of operation) before.
///
/// What is part of the holds in `releasing` is let through; of the rest, what was discarded is held again. Returns how
/// many operations are held for that: they name the discarded hold until [`hold_discarded`] gives them an open one.
pub async fn mark_words(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    releasing: &[HoldId],
) -> Result<u64, StoreError> {
    if !releasing.is_empty() {
        let [app, run] = key(app, run);
        let holds = Value::rows(releasing.iter().map(|hold| [hold.as_str().into()]));
        tx.execute(MARK_RELEASED, &[app, run, holds]).await?;
    }
    tx.execute(MARK_DISCARDED, &key(app, run)).await
}

const TALLY: &str = "\
-- store::plan::tally
SELECT classes, COUNT(*) AS n FROM plan_operation
WHERE app = $1 AND run = $2 AND state = 'planned' AND is_released = 0 AND classes <> 0
GROUP BY classes";

/// How many operations of each class are to be done that nobody released.
pub async fn tally(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<Tally, StoreError> {
    let mut tally = Tally::new();
    for row in &tx.rows(TALLY, &key(app, run)).await? {
        for class in classes_of(row.int("classes")?) {
            *tally.entry(class).or_default() += row.count("n")?;
        }
    }
    Ok(tally)
}

const HOLD: &str = "\
-- store::plan::hold
UPDATE plan_operation SET state = 'held', hold = $3
WHERE app = $1 AND run = $2 AND state = 'planned' AND is_released = 0 AND (classes & $4) <> 0
  AND (is_app_off = 1 OR $5 = 0)";

/// Holds what is to be done of any of these classes and was not released; with `only_app_off`, of that only what
/// removes somebody because the app was turned off for them. Returns how many operations are held by this.
pub async fn hold(
    tx: &mut Tx,
    app: &AppId,
    run: &RunId,
    hold: &HoldId,
    classes: &[Class],
    only_app_off: bool,
) -> Result<u64, StoreError> {
    let [app, run] = key(app, run);
    let values = [app, run, hold.as_str().into(), class_bits(classes).into(), only_app_off.into()];
    tx.execute(HOLD, &values).await
}

const HELD_BY_WORD: &str = "\
-- store::plan::held_by_word
SELECT hold, COUNT(*) AS n FROM plan_operation
WHERE app = $1 AND run = $2 AND state = 'held'
  AND hold IN (SELECT id FROM hold WHERE app = $1 AND state = 'discarded')
GROUP BY hold ORDER BY hold";

/// The discarded holds by which [`mark_words`] held operations, and how many each.
pub async fn held_by_word(tx: &mut Tx, app: &AppId, run: &RunId) -> Result<Vec<(HoldId, u64)>, StoreError> {
    let rows = tx.rows(HELD_BY_WORD, &key(app, run)).await?;
    rows.iter().map(|row| Ok((HoldId::new(row.text("hold")?), row.count("n")?))).collect()
}

const HOLD_DISCARDED: &str = "\
-- store::plan::hold_discarded
UPDATE plan_operation SET hold = $3
WHERE app = $1 AND run = $2 AND state = 'held'
  AND hold IN (SELECT id FROM hold WHERE app = $1 AND state = 'discarded')";

/// Puts what [`mark_words`] held into this open hold, so that a person may think again. Returns how many those are.
pub async fn hold_discarded(tx: &mut Tx, app: &AppId, run: &RunId, hold: &HoldId) -> Result<u64, StoreError> {
    let [app, run] = key(app, run);
    tx.execute(HOLD_DISCARDED, &[app, run, hold.as_str().into()]).await
}

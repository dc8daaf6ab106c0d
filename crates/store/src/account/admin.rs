//! What an admin says of one person at one app, and what a run may change of it.

use std::collections::BTreeSet;

use usher_model::account::{Choice, Pin};
use usher_model::id::{AppId, UserId};
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::app::{Lease, fence};
use crate::columns::{instant, json, opt_json};
use crate::sql::Tx;

const SET_PIN: &str = "\
-- store::account::set_pin
INSERT INTO account (app, user_id, state, sent, returned, is_suspended_by_us, pin)
VALUES ($1, $2, 'none', '{}', '{}', 0, $3)
ON CONFLICT (app, user_id) DO UPDATE SET pin = excluded.pin, settled = NULL";

const UNPIN: &str = "\
-- store::account::unpin
UPDATE account SET pin = NULL, settled = NULL WHERE app = $1 AND user_id = $2";

/// Says that Usher must not touch this person's account, or that it may again. They are decided upon anew.
pub async fn set_pin(tx: &mut Tx, app: &AppId, user: &UserId, pin: Option<&Pin>) -> Result<(), StoreError> {
    let (app, user) = (app.as_str().into(), user.as_str().into());
    match pin {
        Some(pin) => tx.execute_one(SET_PIN, &[app, user, json(pin)]).await,
        // Nobody is on record who was never pinned: that is as good as unpinned.
        None => tx.execute(UNPIN, &[app, user]).await.map(drop),
    }
}

const CHANGE_PIN: &str = "\
-- store::account::change_pin
UPDATE account SET pin = $4, settled = NULL WHERE app = $1 AND user_id = $2 AND pin IS NOT DISTINCT FROM $3";

/// A pin to be put in the place of another, or of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinChange {
    pub user: UserId,
    /// As it was read.
    pub before: Option<Pin>,
    pub after: Option<Pin>,
}

/// Changes pins of people on record that are as they were read, or says [`StoreError::Fenced`]. Returns whose was
/// changed: where an admin spoke meanwhile, that stands. They are decided upon anew.
pub async fn change_pins(
    tx: &mut Tx,
    lease: &Lease,
    changes: &[PinChange],
) -> Result<BTreeSet<UserId>, StoreError> {
    let mut done = BTreeSet::new();
    if changes.is_empty() {
        return Ok(done);
    }
    fence(tx, lease).await?;
    for PinChange { user, before, after } in changes {
        let [before, after] = [before, after].map(|pin| opt_json(pin.as_ref()));
        let values = [lease.app.as_str().into(), user.as_str().into(), before, after];
        if tx.execute(CHANGE_PIN, &values).await? > 0 {
            done.insert(user.clone());
        }
    }
    Ok(done)
}

const SET_CHOICE: &str = "\
-- store::account::set_choice
INSERT INTO account (app, user_id, state, sent, returned, is_suspended_by_us, choice)
VALUES ($1, $2, 'none', '{}', '{}', 0, $3)
ON CONFLICT (app, user_id) DO UPDATE SET choice = excluded.choice, failing = NULL, settled = NULL";

const UNCHOOSE: &str = "\
-- store::account::unchoose
UPDATE account SET choice = NULL, failing = NULL, settled = NULL WHERE app = $1 AND user_id = $2";

/// Says what is to be done where Usher may not choose by itself, or takes that back. They are decided upon anew, and
/// what failed for want of a choice is not waited out.
pub async fn set_choice(
    tx: &mut Tx,
    app: &AppId,
    user: &UserId,
    choice: Option<Choice>,
) -> Result<(), StoreError> {
    let (app, user) = (app.as_str().into(), user.as_str().into());
    match choice {
        Some(choice) => tx.execute_one(SET_CHOICE, &[app, user, choice_name(choice).into()]).await,
        None => tx.execute(UNCHOOSE, &[app, user]).await.map(drop),
    }
}

const BRING_FORWARD: &str = "\
-- store::account::bring_forward
UPDATE account SET brought_forward = $3, settled = NULL, wake_at = $3
WHERE app = $1 AND user_id = $2 AND state = 'active' AND causes IS NOT NULL";

/// Says of somebody who is losing their account that the delay is not waited for. They are decided upon anew. Returns
/// whether they are losing one.
pub async fn bring_forward(
    tx: &mut Tx,
    app: &AppId,
    user: &UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let values = [app.as_str().into(), user.as_str().into(), instant(now)];
    Ok(tx.execute(BRING_FORWARD, &values).await? > 0)
}

const RETRY: &str = "\
-- store::account::retry
UPDATE account SET failing = NULL, settled = NULL WHERE app = $1 AND failing IS NOT NULL AND ($2 = '' OR user_id = $2)";

/// Pauses after failures are waited out no longer: of one person, or of everybody. Returns how many are decided upon anew.
pub async fn retry(tx: &mut Tx, app: &AppId, user: Option<&UserId>) -> Result<u64, StoreError> {
    tx.execute(RETRY, &[app.as_str().into(), user.map_or("", UserId::as_str).into()]).await
}

pub(crate) fn choice_name(choice: Choice) -> &'static str {
    match choice {
        Choice::TakeOver => "take_over",
        Choice::Wait => "wait",
        Choice::SwitchOn => "switch_on",
    }
}

pub(crate) fn choice_from_name(name: &str) -> Option<Choice> {
    [Choice::TakeOver, Choice::Wait, Choice::SwitchOn].into_iter().find(|choice| choice_name(*choice) == name)
}

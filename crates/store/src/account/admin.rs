//! What an admin says of one person at one app.

use usher_model::account::{Choice, Pin};
use usher_model::id::{AppId, UserId};

use crate::StoreError;
use crate::columns::json;
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

//! What an admin says of one group at one app.

use usher_model::account::{Choice, Pin};
use usher_model::id::{AppId, GroupId};

use crate::StoreError;
use crate::account::choice_name;
use crate::columns::json;
use crate::sql::Tx;

const SET_PIN: &str = "\
-- store::group::set_pin
INSERT INTO group_account (app, group_id, state, sent, returned, is_unread, pin)
VALUES ($1, $2, 'none', '{}', '{}', 0, $3)
ON CONFLICT (app, group_id) DO UPDATE SET pin = excluded.pin";

const UNPIN: &str = "\
-- store::group::unpin
UPDATE group_account SET pin = NULL WHERE app = $1 AND group_id = $2";

/// Says that Usher must not touch this group at the app, or that it may again.
pub async fn set_pin(tx: &mut Tx, app: &AppId, group: &GroupId, pin: Option<&Pin>) -> Result<(), StoreError> {
    let (app, group) = (app.as_str().into(), group.as_str().into());
    match pin {
        Some(pin) => tx.execute_one(SET_PIN, &[app, group, json(pin)]).await,
        // A group that was never pinned is on no record: that is as good as unpinned.
        None => tx.execute(UNPIN, &[app, group]).await.map(drop),
    }
}

const SET_CHOICE: &str = "\
-- store::group::set_choice
INSERT INTO group_account (app, group_id, state, sent, returned, is_unread, choice)
VALUES ($1, $2, 'none', '{}', '{}', 0, $3)
ON CONFLICT (app, group_id) DO UPDATE SET choice = excluded.choice, failing = NULL";

const UNCHOOSE: &str = "\
-- store::group::unchoose
UPDATE group_account SET choice = NULL, failing = NULL WHERE app = $1 AND group_id = $2";

/// Says what is to be done where Usher may not choose by itself, or takes that back. What failed for want of a choice is
/// not waited out. A group has nothing to switch on: that choice is refused.
pub async fn set_choice(
    tx: &mut Tx,
    app: &AppId,
    group: &GroupId,
    choice: Option<Choice>,
) -> Result<(), StoreError> {
    let (app, group) = (app.as_str().into(), group.as_str().into());
    match choice {
        Some(choice) => tx.execute_one(SET_CHOICE, &[app, group, choice_name(choice).into()]).await,
        None => tx.execute(UNCHOOSE, &[app, group]).await.map(drop),
    }
}

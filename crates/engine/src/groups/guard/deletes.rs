//! Too many groups that are to be deleted: one hold for all of them.

use usher_model::guard::{Deleting, Tripped, WINDOW, trip_groups};
use usher_model::hold::HoldState;
use usher_store::group::{self, event, plan as rows};
use usher_store::hold::{self, Hold};
use usher_store::{StoreError, Tx};

use super::{GroupGuarding, held_as, is_released};
use crate::clock::{Clock, new_hold_id};
use crate::groups::pass::GroupPass;
use crate::guard::Held;
use crate::setting::Setting;

/// What becomes of the groups that a plan wants deleted.
#[derive(Debug)]
pub(super) enum Deletes {
    /// There is none.
    None,
    /// They are few: each is judged by its members.
    Few,
    /// A person has let them go.
    Released,
    /// They wait for a person.
    Held(Held),
}

/// Judges them by how many they are. Whoever releases them releases no more than the hold told of.
pub(super) async fn judge(
    tx: &mut Tx,
    setting: &Setting,
    clock: &dyn Clock,
    pass: &GroupPass<'_>,
    guarding: &GroupGuarding<'_>,
    (open, discarded): (&[Hold], &[Hold]),
) -> Result<Deletes, StoreError> {
    let app = &setting.app.id;
    let wanted = rows::n_deletes(tx, app, pass.run).await?;
    if wanted == 0 {
        return Ok(Deletes::None);
    }
    // All of them wait for that, or somebody has answered for it.
    if guarding.shrunk.is_some() {
        return Ok(Deletes::Few);
    }
    let done = event::deleted(tx, app, pass.now.before(WINDOW)).await?;
    let of = group::n_known(tx, app).await?.saturating_add(done);
    let key = Tripped::KEY_OF_DELETED_GROUPS;
    let is_discarded = discarded.iter().any(|hold| hold.key == key);
    let deleting = Deleting { wanted, done, of, is_discarded };
    let Some(tripped) = trip_groups(&deleting, &setting.settings.guards) else { return Ok(Deletes::Few) };
    let known = open.iter().find(|hold| hold.key == key);
    if let Some(known) = known.filter(|known| is_released(known, wanted, guarding)) {
        let holds = [known.id.clone()];
        hold::decide(tx, app, &holds, HoldState::Released, "usher sync --release", pass.now).await?;
        hold::forget_discarded_of_groups(tx, app, &[key.to_owned()]).await?;
        return Ok(Deletes::Released);
    }
    let id = known.map_or_else(|| new_hold_id(clock), |known| known.id.clone());
    let id = held_as(tx, pass, setting, &tripped, wanted, id).await?;
    Ok(Deletes::Held(Held { id, tripped, n_operations: wanted }))
}

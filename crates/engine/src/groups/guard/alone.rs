//! Too much out of one group, by itself.

use usher_model::guard::{Leaving, Tripped, WINDOW, trip_members};
use usher_model::hold::HoldState;
use usher_model::id::HoldId;
use usher_store::group::plan::{self as rows, Removal};
use usher_store::group::{event, member};
use usher_store::{StoreError, Tx, hold};

use super::many::Judge;
use super::{held_as, told};
use crate::clock::new_hold_id;
use crate::guard::Held;

/// What becomes of what is wanted of one group.
pub(super) enum Alone {
    /// It is done unasked.
    Unasked,
    /// A person has let it go, with this hold.
    LetGo(HoldId),
    /// It waits for a person; where one has released it, others are to leave by now than it told of.
    Held { held: Held, is_outdated: bool },
}

impl Judge<'_> {
    /// Judges the members who are to leave one group, and marks the plan's rows.
    pub(super) async fn alone(&self, tx: &mut Tx, removal: &Removal) -> Result<Alone, StoreError> {
        let (app, pass) = (&self.setting.app.id, self.pass);
        let Removal { group, email, n_members: wanted, .. } = removal;
        let key = Tripped::key_of_group(group);
        let done = event::removed(tx, app, group, pass.now.before(WINDOW)).await?;
        let of = member::count(tx, app, group).await?.saturating_add(done);
        let is_discarded = self.is_discarded(&key);
        let leaving = Leaving { group, email, wanted: *wanted, done, of, is_discarded };
        let Some(tripped) = trip_members(&leaving, &self.setting.settings.guards) else {
            return Ok(Alone::Unasked);
        };
        let known = self.open.iter().find(|hold| hold.key == key);
        let asked = known.filter(|known| self.guarding.releasing.holds.contains(&known.id));
        let is_told = match asked {
            // A group that is to be deleted may have more members by now.
            Some(asked) if *wanted <= asked.n_operations => {
                told::is_told(tx, app, pass.run, (&asked.id, group)).await?
            }
            Some(_) | None => false,
        };
        if let Some(known) = asked.filter(|_| is_told) {
            rows::release(tx, app, pass.run, group).await?;
            let (holds, by) = ([known.id.clone()], &self.guarding.releasing.by);
            hold::decide(tx, app, &holds, HoldState::Released, by, pass.now).await?;
            hold::forget_discarded_of_groups(tx, app, &[key]).await?;
            return Ok(Alone::LetGo(known.id.clone()));
        }
        let id = known.map_or_else(|| new_hold_id(self.clock), |known| known.id.clone());
        let id = held_as(tx, pass, self.setting, &tripped, *wanted, id).await?;
        if pass.lease.is_some() {
            let leaving = told::leaving(tx, app, pass.run, group).await?;
            hold::forget_told(tx, &id).await?;
            hold::tell(tx, app, &id, &leaving).await?;
        }
        rows::hold(tx, app, pass.run, group, &id).await?;
        let held = Held { id, tripped, n_operations: *wanted };
        Ok(Alone::Held { held, is_outdated: asked.is_some() })
    }
}

//! Too much at once, over all groups: groups that are to be deleted, members who are to leave. One hold for all of each.

use usher_model::guard::{Deleting, Emptying, Tripped, WINDOW, trip_groups, trip_memberships};
use usher_model::hold::HoldState;
use usher_store::group::plan::{self as rows, Removal};
use usher_store::group::{self, event, member};
use usher_store::hold::{self, Hold};
use usher_store::{StoreError, Tx};

use super::{GroupGuarding, PAGE, held_as, is_released};
use crate::clock::{Clock, new_hold_id};
use crate::groups::pass::GroupPass;
use crate::guard::Held;
use crate::setting::Setting;

/// What becomes of all that a plan wants of one sort.
#[derive(Debug)]
pub(super) enum Many {
    /// There is nothing.
    None,
    /// It is little: each group is judged by itself.
    Few,
    /// A person has let it go.
    Released,
    /// It waits for a person.
    Held(Held),
}

/// What is judged by, in one transaction.
pub(super) struct Judge<'a> {
    pub(super) setting: &'a Setting,
    pub(super) clock: &'a dyn Clock,
    pub(super) pass: &'a GroupPass<'a>,
    pub(super) guarding: &'a GroupGuarding<'a>,
    pub(super) open: &'a [Hold],
    pub(super) discarded: &'a [Hold],
}

impl Judge<'_> {
    /// Judges groups that are to be deleted, by how many they are.
    pub(super) async fn deletes(&self, tx: &mut Tx) -> Result<Many, StoreError> {
        let app = &self.setting.app.id;
        let wanted = rows::n_deletes(tx, app, self.pass.run).await?;
        if wanted == 0 {
            return Ok(Many::None);
        }
        let done = event::deleted(tx, app, self.pass.now.before(WINDOW)).await?;
        let of = group::n_known(tx, app).await?.saturating_add(done);
        let is_discarded = self.is_discarded(Tripped::KEY_OF_DELETED_GROUPS);
        let deleting = Deleting { wanted, done, of, is_discarded };
        self.settle(tx, trip_groups(&deleting, &self.setting.settings.guards), wanted).await
    }

    /// Judges members who are to leave, by how many memberships end in all groups together.
    pub(super) async fn memberships(&self, tx: &mut Tx) -> Result<Many, StoreError> {
        let app = &self.setting.app.id;
        let wanted = self.n_leaving(tx).await?;
        if wanted == 0 {
            return Ok(Many::None);
        }
        let limits = &self.setting.settings.guards;
        let done = event::removed_in_all(tx, app, self.pass.now.before(WINDOW)).await?;
        let is_discarded = self.is_discarded(Tripped::KEY_OF_MEMBERSHIPS);
        // Whatever the app has, so few are no mass: and to count all that it has takes reading it.
        if wanted.saturating_add(done) <= limits.memberships.floor && !is_discarded {
            return Ok(Many::Few);
        }
        let of = member::count_all(tx, app).await?.saturating_add(done);
        let emptying = Emptying { wanted, done, of, is_discarded };
        self.settle(tx, trip_memberships(&emptying, limits), wanted).await
    }

    async fn n_leaving(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let (mut n_leaving, mut after) = (0_u64, None);
        loop {
            let page = rows::removals(tx, &self.setting.app.id, self.pass.run, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(n_leaving) };
            after = Some(last.group.clone());
            // Those of a group that a person has let go are none of those who are to be let go.
            let is_open = |removal: &&Removal| !self.guarding.let_go.contains(&removal.group);
            n_leaving += page.iter().filter(is_open).map(|removal| removal.n_members).sum::<u64>();
        }
    }

    fn is_discarded(&self, key: &str) -> bool {
        self.discarded.iter().any(|hold| hold.key == key)
    }

    /// What becomes of it. Whoever releases it releases no more than the hold told of.
    async fn settle(&self, tx: &mut Tx, tripped: Option<Tripped>, wanted: u64) -> Result<Many, StoreError> {
        // All of it waits for a directory that shrank, or somebody has answered for that.
        let Some(tripped) = tripped.filter(|_| self.guarding.shrunk.is_none()) else { return Ok(Many::Few) };
        let (app, key) = (&self.setting.app.id, tripped.key());
        let known = self.open.iter().find(|hold| hold.key == key);
        if let Some(known) = known.filter(|known| is_released(known, wanted, self.guarding)) {
            let holds = [known.id.clone()];
            let (by, now) = (&self.guarding.releasing.by, self.pass.now);
            hold::decide(tx, app, &holds, HoldState::Released, by, now).await?;
            hold::forget_discarded_of_groups(tx, app, &[key]).await?;
            return Ok(Many::Released);
        }
        let id = known.map_or_else(|| new_hold_id(self.clock), |known| known.id.clone());
        let id = held_as(tx, self.pass, self.setting, &tripped, wanted, id).await?;
        Ok(Many::Held(Held { id, tripped, n_operations: wanted }))
    }
}

//! Too much at once, over all groups: groups that are to be deleted, members who are to leave. One hold for all of each.

use usher_model::guard::{Deleting, Emptying, Tripped, WINDOW, trip_groups, trip_memberships};
use usher_model::hold::HoldState;
use usher_model::id::{GroupId, HoldId};
use usher_store::group::plan::{self as rows, Removal};
use usher_store::group::{self, event, member};
use usher_store::hold::{self, Hold};
use usher_store::{StoreError, Tx};

use super::{GroupGuarding, PAGE, held_as, told};
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
    /// A person has let it go, with this hold.
    Released(HoldId),
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
        let tripped = trip_groups(&deleting, &self.setting.settings.guards);
        self.settle(tx, tripped, wanted, |removal| removal.is_delete).await
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
        self.settle(tx, trip_memberships(&emptying, limits), wanted, |_| true).await
    }

    async fn n_leaving(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let (mut n_leaving, mut after) = (0_u64, None);
        while let Some(removals) = self.removals(tx, &mut after).await? {
            n_leaving += removals.iter().map(|removal| removal.n_members).sum::<u64>();
        }
        Ok(n_leaving)
    }

    /// The next groups out of which members are to be taken. Those whom a person has let go before are none of those who
    /// are to be let go.
    async fn removals(
        &self,
        tx: &mut Tx,
        after: &mut Option<GroupId>,
    ) -> Result<Option<Vec<Removal>>, StoreError> {
        let page = rows::removals(tx, &self.setting.app.id, self.pass.run, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        *after = Some(last.group.clone());
        let mut removals = Vec::new();
        for removal in page {
            if self.let_go_before(tx, &removal.group).await?.is_none() {
                removals.push(removal);
            }
        }
        Ok(Some(removals))
    }

    /// The hold with which a person has let go, in an earlier round of this run, all that is wanted of a group.
    pub(super) async fn let_go_before(
        &self,
        tx: &mut Tx,
        group: &GroupId,
    ) -> Result<Option<&HoldId>, StoreError> {
        let Some(hold) = self.guarding.let_go.get(group) else { return Ok(None) };
        let is_told = told::is_told(tx, &self.setting.app.id, self.pass.run, (hold, group)).await?;
        Ok(is_told.then_some(hold))
    }

    /// Whether somebody discarded this, and plans want it still.
    pub(super) fn is_discarded(&self, key: &str) -> bool {
        self.discarded.iter().any(|hold| hold.key == key)
    }

    /// What becomes of it. Whoever releases it releases nobody but whom the hold told of.
    async fn settle(
        &self,
        tx: &mut Tx,
        tripped: Option<Tripped>,
        wanted: u64,
        is_of_it: fn(&Removal) -> bool,
    ) -> Result<Many, StoreError> {
        // All of it waits for a directory that shrank, or somebody has answered for that.
        let Some(tripped) = tripped.filter(|_| self.guarding.shrunk.is_none()) else { return Ok(Many::Few) };
        let (app, key) = (&self.setting.app.id, tripped.key());
        let known = self.open.iter().find(|hold| hold.key == key);
        let asked = known.filter(|known| self.guarding.releasing.holds.contains(&known.id));
        let is_told = match asked {
            // Groups that are to be deleted may have more members by now.
            Some(asked) if wanted <= asked.n_operations => self.are_told(tx, &asked.id, is_of_it).await?,
            Some(_) | None => false,
        };
        if let Some(known) = asked.filter(|_| is_told) {
            let holds = [known.id.clone()];
            let (by, now) = (&self.guarding.releasing.by, self.pass.now);
            hold::decide(tx, app, &holds, HoldState::Released, by, now).await?;
            hold::forget_discarded_of_groups(tx, app, &[key]).await?;
            return Ok(Many::Released(known.id.clone()));
        }
        let id = known.map_or_else(|| new_hold_id(self.clock), |known| known.id.clone());
        let id = held_as(tx, self.pass, self.setting, &tripped, wanted, id).await?;
        if self.pass.lease.is_some() {
            self.tell(tx, &id, is_of_it).await?;
        }
        Ok(Many::Held(Held { id, tripped, n_operations: wanted }))
    }

    async fn are_told(
        &self,
        tx: &mut Tx,
        hold: &HoldId,
        is_of_it: fn(&Removal) -> bool,
    ) -> Result<bool, StoreError> {
        let mut after = None;
        while let Some(removals) = self.removals(tx, &mut after).await? {
            for removal in removals.iter().filter(|removal| is_of_it(removal)) {
                let of = (hold, &removal.group);
                if !told::is_told(tx, &self.setting.app.id, self.pass.run, of).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Has a hold tell of all that is wanted.
    async fn tell(
        &self,
        tx: &mut Tx,
        hold: &HoldId,
        is_of_it: fn(&Removal) -> bool,
    ) -> Result<(), StoreError> {
        let (app, mut after) = (&self.setting.app.id, None);
        // A round about some groups knows nothing of the others that the hold told of.
        if self.guarding.is_whole {
            hold::forget_told(tx, hold).await?;
        }
        while let Some(removals) = self.removals(tx, &mut after).await? {
            for removal in removals.iter().filter(|removal| is_of_it(removal)) {
                let leaving = told::leaving(tx, app, self.pass.run, &removal.group).await?;
                hold::tell(tx, app, hold, &leaving).await?;
            }
        }
        Ok(())
    }
}

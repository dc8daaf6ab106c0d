//! Takes a run's suspensions back, a page at a time: judged by what is on record, read at the app, pinned and planned in
//! one transaction, and carried out.

use std::collections::BTreeSet;

use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use usher_model::attribute::changes::Changes;
use usher_model::guard::classes;
use usher_model::id::UserId;
use usher_model::operation::Operation;
use usher_model::pin::Pin;
use usher_model::reason::Reason;
use usher_model::undo::LeftAlone;
use usher_store::StoreError;
use usher_store::account::{self, PinChange};
use usher_store::event::{self, Event, EventKind};
use usher_store::plan::{self, PlanRow, PlanState};

use super::Undoing;
use super::judged::{self, Page, Suspended};
use crate::ask::{self, ById};
use crate::calls::CallError;
use crate::execute;
use crate::stop::Stop;
use crate::work::Work;

impl Undoing<'_> {
    /// Takes back the suspensions of these people, or of everybody whom the run suspended.
    pub(super) async fn take_back_suspensions(
        &mut self,
        users: Option<&BTreeSet<UserId>>,
    ) -> Result<Option<Stop>, StoreError> {
        if users.is_none() {
            self.progress.total(self.n_suspended().await?);
        }
        let mut after = -1;
        while let Some(page) = self.next_page(after).await? {
            after = page.last;
            let is_asked_for = |user: &UserId| users.is_none_or(|users| users.contains(user));
            for (whom, why) in page.left_alone.into_iter().filter(|(whom, _)| is_asked_for(&whom.user)) {
                // It may be known after the next look.
                if why == LeftAlone::Unknown {
                    self.again.insert(whom.user);
                } else {
                    self.leave(whom, why);
                }
            }
            let mut to_take_back = page.to_take_back;
            to_take_back.retain(|suspended| is_asked_for(&suspended.record.user));
            if let Some(stop) = self.take_back(to_take_back).await? {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }

    /// Says of everybody who was to be judged once more, and was not, and of whoever is unknown still, how it stands.
    pub(super) async fn tell_rest_of_suspensions(&mut self) -> Result<(), StoreError> {
        let rest = std::mem::take(&mut self.again);
        let mut after = -1;
        while let Some(page) = self.next_page(after).await? {
            after = page.last;
            for (whom, why) in page.left_alone {
                match (&whom.email, &why) {
                    // It is to be undone once more: whoever could not be looked at is told so already.
                    (Some(email), LeftAlone::Unknown) => self.recorder.fail(email.clone(), why.to_string()),
                    _ if rest.contains(&whom.user) => self.leave(whom, why),
                    _ => {}
                }
            }
            for suspended in page.to_take_back {
                if rest.contains(&suspended.record.user) {
                    let why = "something came between with each try: undo the run again".to_owned();
                    self.recorder.fail(suspended.email, why);
                }
            }
        }
        Ok(())
    }

    async fn n_suspended(&self) -> Result<u64, StoreError> {
        let mut tx = self.work.store.read("engine::undo").await?;
        let counts = event::counts_of_run(&mut tx, self.work.app(), &self.request.run).await?;
        Ok(counts.get(&EventKind::Suspend).copied().unwrap_or(0))
    }

    async fn next_page(&self, after: i64) -> Result<Option<Page>, StoreError> {
        let mut tx = self.work.store.read("engine::undo").await?;
        let of = (self.work.app(), Some(self.work.run()));
        judged::page(&mut tx, of, &self.request.run, after, self.work.clock.now()).await
    }

    async fn take_back(&mut self, page: Vec<Suspended>) -> Result<Option<Stop>, StoreError> {
        self.progress.step("reading");
        // All at once: the limiter lets as many through as the app takes.
        let reads: FuturesUnordered<_> =
            page.into_iter().map(|suspended| read(self.work, suspended).boxed()).collect();
        let mut reads: Vec<_> = reads.collect().await;
        reads.sort_by_key(|(suspended, _)| suspended.event.seq);
        let (mut off, mut stop) = (Vec::new(), None);
        for (suspended, shown) in reads {
            match shown {
                Ok(Shown::Off) => off.push(suspended),
                // An undo that broke off may have done it: it is told when it is done once more.
                Ok(Shown::On) if self.is_begun(&suspended) => off.push(suspended),
                Ok(Shown::On) if is_fresh(self.work, &suspended.event) => {
                    let why = "the app may still show the account as it was before it was suspended: undo the run again";
                    self.recorder.fail(suspended.email, why.to_owned());
                }
                Ok(Shown::On) => self.leave(suspended.whom(), LeftAlone::SwitchedOn),
                Ok(Shown::Gone) => self.leave(suspended.whom(), LeftAlone::Gone),
                Err(error) => {
                    if Stop::of(&error).is_none() {
                        self.recorder.fail(suspended.email, error.to_string());
                    }
                    stop = stop.or(self.work.health.look_failed(&error));
                }
            }
        }
        if stop.is_some() || off.is_empty() {
            return Ok(stop);
        }
        let rows = self.plan(off).await?;
        self.progress.step("writing");
        let stop = execute::execute(self.work, &mut self.recorder).await?;
        if stop.is_none() {
            self.take_dropped(&rows).await?;
        }
        Ok(stop)
    }

    /// Pins them and plans their return, in one transaction. Whose pin is not what it was is judged once more. Returns the
    /// places of the rows.
    async fn plan(&mut self, off: Vec<Suspended>) -> Result<Vec<i64>, StoreError> {
        let pins: Vec<_> = off.iter().map(|suspended| self.pinned(suspended)).collect();
        let mut tx = self.work.store.begin("engine::undo").await?;
        let pinned = account::change_pins(&mut tx, self.work.lease, &pins).await?;
        let (planned, others): (Vec<_>, Vec<_>) =
            off.into_iter().partition(|suspended| pinned.contains(&suspended.record.user));
        let rows: Vec<_> =
            (self.next_seq..).zip(planned).map(|(seq, suspended)| row(seq, suspended)).collect();
        plan::append(&mut tx, self.work.app(), self.work.run(), &rows).await?;
        tx.commit().await?;
        self.again.extend(others.into_iter().map(|suspended| suspended.record.user));
        let seqs: Vec<_> = rows.into_iter().map(|row| row.seq).collect();
        self.next_seq = seqs.last().map_or(self.next_seq, |last| last + 1);
        Ok(seqs)
    }

    fn pinned(&self, suspended: &Suspended) -> PinChange {
        let before = suspended.record.pin.clone();
        // That of an undo that broke off says since when.
        let own = before.clone().filter(|_| self.is_begun(suspended));
        let after = own.unwrap_or_else(|| Pin {
            by: self.request.by.clone(),
            why: format!("the run had suspended the account ({})", suspended.event.reason),
            since: self.work.clock.now(),
            until: None,
            undone: Some(self.request.run.clone()),
        });
        PinChange { user: suspended.record.user.clone(), before, after: Some(after) }
    }

    /// Whether an undo of the same run has pinned them before.
    fn is_begun(&self, suspended: &Suspended) -> bool {
        suspended.record.pin.as_ref().is_some_and(|pin| pin.is_undo_of(&self.request.run))
    }

    /// Whose row was dropped is judged once more: an admin spoke meanwhile, or the account is gone.
    async fn take_dropped(&mut self, rows: &[i64]) -> Result<(), StoreError> {
        let mut tx = self.work.store.read("engine::undo").await?;
        let rows = plan::by_seq(&mut tx, self.work.app(), self.work.run(), rows).await?;
        let dropped = rows.into_iter().filter(|row| row.state == PlanState::Dropped);
        self.again.extend(dropped.map(|row| row.user));
        Ok(())
    }
}

fn row(seq: i64, suspended: Suspended) -> PlanRow {
    let operation = Operation::Unsuspend { remote_id: suspended.remote_id, changes: Changes::default() };
    let reason = Reason::Undone { run: suspended.event.run };
    PlanRow {
        seq,
        classes: classes(&operation, &reason),
        ..PlanRow::new(suspended.record.user, suspended.email, operation, reason)
    }
}

/// What the app shows of an account.
enum Shown {
    Off,
    On,
    Gone,
}

async fn read(work: &Work<'_>, suspended: Suspended) -> (Suspended, Result<Shown, CallError>) {
    let shown = match ask::by_id(work, &suspended.remote_id).await {
        Ok(ById::There(seen, _)) if seen.active == Some(false) => Ok(Shown::Off),
        // One that does not say whether it is on is on.
        Ok(ById::There(..)) => Ok(Shown::On),
        Ok(ById::Gone) => Ok(Shown::Gone),
        Err(error) => Err(error),
    };
    (suspended, shown)
}

/// Whether somebody was suspended so lately that what the app shows may be older.
fn is_fresh(work: &Work<'_>, suspended: &Event) -> bool {
    suspended.at > work.clock.now().before(work.setting.policy.look_again_after)
}

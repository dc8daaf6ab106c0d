//! A month behind a company whose accounts are on record: runs, a log, timers, failures, and a hold.
//!
//! # Invariants
//!
//! 1. Everybody was created, or switched off, once within the last thirty days: the log holds a line for everybody.
//! 2. One person in a hundred fails, another is leaving, and of the rest one in fifty waits in an open hold.
//! 3. The app is off, and was on: nothing runs while its pages are looked at.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use usher_engine::clock::{Clock as _, new_hold_id, new_run_id};
use usher_model::cause::{Causes, Due, Trigger};
use usher_model::guard::{Class, Tripped, classes};
use usher_model::id::{Email, HoldId, RemoteId, RunId, UserId};
use usher_model::operation::{Kind, Operation};
use usher_model::reason::{Failing, Failure, Reason};
use usher_model::time::Timestamp;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::app::Lease;
use usher_store::event::{Event, EventKind, Wrote};
use usher_store::plan::PlanRow;
use usher_store::run::RunKind;
use usher_store::{Store, account, app, directory, event, hold, plan, run};

use crate::world::{APP, MachineClock, store};

/// How many people are looked at at once.
const PAGE: usize = 5_000;
/// How many runs there were, one a day.
const RUNS: u32 = 30;
const DAY: Duration = Duration::from_hours(24);
/// Of so many people one fails, and another is leaving.
const ONE_OF: usize = 100;
/// Of so many people one waits in the hold.
const HELD_ONE_OF: usize = 50;

/// Writes it down, and says how many events there are.
pub(crate) async fn set_up(data_dir: &Path) -> anyhow::Result<Value> {
    let store = store(data_dir).await?;
    let now = MachineClock.now();
    let mut tx = store.begin("bench::history").await?;
    let app = app::by_name(&mut tx, APP).await?.context("the data directory has no such app")?;
    app::enable(&mut tx, &app.id, now.before(DAY * RUNS)).await?;
    app::disable(&mut tx, &app.id, now).await?;
    let mut runs = Vec::new();
    for day in (0..RUNS).rev() {
        let (run, at) = (new_run_id(&MachineClock), now.before(DAY * day + Duration::from_mins(10)));
        run::insert(&mut tx, &app.id, &run, RunKind::Full, at).await?;
        let outcome = json!({ "operations": { "create": 1 }, "failures": 0, "held": 0, "seconds": 1.0 });
        run::end(&mut tx, &app.id, &run, at + Duration::from_mins(1), &outcome).await?;
        runs.push((run, at));
    }
    let (last, _) = runs.last().context("there was no run")?;
    let lease = app::begin_run(&mut tx, &app.id, last.clone()).await?;
    plan::start(&mut tx, &app.id, last).await?;
    tx.commit().await?;
    let mut month = Month { runs, now, n_events: 0, n_held: 0, hold: new_hold_id(&MachineClock) };
    month.pass(&store, &app, &lease).await?;
    month.hold(&store, &lease).await?;
    store.close().await;
    Ok(json!({ "events": month.n_events, "held": month.n_held }))
}

/// The last thirty days.
struct Month {
    /// Every run, and when it began.
    runs: Vec<(RunId, Timestamp)>,
    now: Timestamp,
    n_events: usize,
    n_held: u64,
    hold: HoldId,
}

impl Month {
    async fn pass(&mut self, store: &Store, app: &app::App, lease: &Lease) -> anyhow::Result<()> {
        let mut after: Option<UserId> = None;
        loop {
            let mut tx = store.begin("bench::month").await?;
            let page = directory::candidates(&mut tx, &app.directory, &app.id, after.as_ref(), PAGE).await?;
            let ids: Vec<_> = page.into_iter().map(|candidate| candidate.user.id).collect();
            let Some(last) = ids.last() else { return Ok(()) };
            after = Some(last.clone());
            let records = account::of(&mut tx, &app.id, &ids).await?;
            let (mut events, mut changed, mut held) = (Vec::new(), Vec::new(), Vec::new());
            for record in records.into_values() {
                let n = self.n_events;
                self.n_events += 1;
                let record = self.stands(record, n);
                events.push(self.happened(&record, n));
                if let Some(row) = self.waits(&record, n) {
                    held.push(row);
                }
                changed.extend(Some(record).filter(|_| n % ONE_OF < 2));
            }
            event::append(&mut tx, lease, &events).await?;
            account::record(&mut tx, lease, &changed).await?;
            plan::append(&mut tx, &app.id, &lease.run, &held).await?;
            tx.commit().await?;
        }
    }

    /// One person in a hundred fails, and the next one is leaving.
    fn stands(&self, record: AccountRecord, n: usize) -> AccountRecord {
        match n % ONE_OF {
            0 => AccountRecord {
                failing: Some(Failing {
                    failure: refused(),
                    kind: Some(Kind::Update),
                    n_attempts: 3,
                    retry_at: self.now + Duration::from_hours(1),
                }),
                ..record
            },
            1 if record.state == RecordState::Active => {
                let since = self.now.before(DAY);
                let due =
                    Due { trigger: Trigger::Suspended, since, at: self.now + DAY * days(n / ONE_OF % 7) };
                AccountRecord {
                    causes: Causes { suspended: Some(since), ..Causes::default() },
                    reason: Some(Reason::Leaving { due, app_off: None }),
                    wake_at: Some(due.at),
                    ..record
                }
            }
            _ => record,
        }
    }

    /// What the log says of them.
    fn happened(&self, record: &AccountRecord, n: usize) -> Event {
        let (run, at) = &self.runs[n % self.runs.len()];
        let operation = Operation::Create { attributes: record.sent.clone(), ask_first: false };
        let (kind, reason) = match n % ONE_OF {
            0 => (EventKind::Failure, Reason::Failed { failure: refused() }),
            _ if record.state == RecordState::Suspended => (EventKind::Suspend, Reason::Joined),
            _ => (EventKind::Create, Reason::Joined),
        };
        Event {
            run: run.clone(),
            seq: i64::try_from(n).unwrap_or(i64::MAX),
            kind,
            at: *at,
            user: record.user.clone(),
            email: record.email.clone(),
            reason,
            detail: None,
            classes: Vec::new(),
            is_released: false,
            wrote: Some(Wrote { operation, before: usher_model::attribute::Attributes::new() }),
        }
    }

    /// Of some, that they are to be suspended, once a person says so.
    fn waits(&mut self, record: &AccountRecord, n: usize) -> Option<PlanRow> {
        let remote_id = record.remote_id.clone().filter(|_| n % HELD_ONE_OF == 7)?;
        let email = record.email.clone().filter(|_| record.state == RecordState::Active)?;
        self.n_held += 1;
        let due = Due { trigger: Trigger::AppOff, since: self.now.before(DAY), at: self.now };
        Some(held_row(n, record.user.clone(), email, remote_id, Reason::Due(due)))
    }

    /// Holds what waits.
    async fn hold(&self, store: &Store, lease: &Lease) -> anyhow::Result<()> {
        let mut tx = store.begin("bench::hold").await?;
        let tripped = Tripped::TooMany {
            class: Class::Removals,
            wanted: self.n_held,
            done: 0,
            limit: self.n_held / 2,
            of: u64::try_from(self.n_events).unwrap_or(u64::MAX),
        };
        let key = tripped.key();
        let hold = self.hold.clone();
        let hold = hold::upsert_open(&mut tx, &lease.app, &key, &tripped, hold, self.now).await?;
        plan::hold(&mut tx, &lease.app, &lease.run, &hold, &[Class::Removals], false).await?;
        hold::take_operations(&mut tx, &lease.app, &lease.run, &hold).await?;
        Ok(tx.commit().await?)
    }
}

fn held_row(n: usize, user: UserId, email: Email, remote_id: RemoteId, reason: Reason) -> PlanRow {
    let operation = Operation::Suspend { remote_id };
    PlanRow {
        seq: i64::try_from(n).unwrap_or(i64::MAX),
        classes: classes(&operation, &reason),
        is_app_off: true,
        ..PlanRow::new(user, email, operation, reason)
    }
}

fn refused() -> Failure {
    Failure::Refused { status: 400, message: "the app did not take the address".to_owned() }
}

fn days(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(0) + 1
}

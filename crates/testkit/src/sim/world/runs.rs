//! Replicas: their runs begin, go on by steps, are left alone, end or crash; the store is copied and put back.

#![expect(clippy::wildcard_enum_match_arm, reason = "what is not about runs is done elsewhere")]

use std::sync::{Arc, Mutex};
use std::task::Poll;

use usher_engine::progress::Progress;
use usher_engine::report::{RunError, RunRequest};
use usher_engine::run::run;
use usher_engine::undo::{UndoError, UndoRequest, undo};
use usher_model::id::Email;
use usher_store::app;

use super::{Backup, Ended, MAX_STEPS, NAME, NotRun, World};
use crate::sim::actor::Actor;
use crate::sim::directory::address;
use crate::sim::ledger::{Ledger, View};
use crate::sim::op::part::Request;
use crate::sim::op::{Op, REPLICAS};

/// The replica that runs when none is named.
const FIRST: u8 = 0;

/// Tells the ledger how far a replica's run is.
struct Told {
    actor: u8,
    clock: crate::sim::clock::Clock,
    ledger: Arc<Mutex<Ledger>>,
}

impl Progress for Told {
    fn step(&self, step: &str) {
        let mut ledger = self.ledger.lock().expect("invariant: nobody panics with it");
        ledger.step(self.actor, step, self.clock.now());
    }

    fn total(&self, _n_operations: u64) {}

    fn done(&self, _n_operations: u64) {}
}

impl World<'_> {
    /// A replica does something, or is done something to.
    pub(super) async fn run_op(&mut self, op: &Op) {
        match *op {
            Op::Run { request } => self.run(request).await,
            Op::Begin { r, request, steps } => {
                self.begin(r, request);
                self.steps(r, steps);
            }
            Op::Step { r, steps } => self.steps(r, steps),
            Op::Mingle { steps } => {
                for _ in 0..steps {
                    let r = self.chance.small(REPLICAS);
                    self.steps(r, 1);
                }
            }
            Op::Finish { r } => self.end(r).await,
            Op::Crash { r } => self.crash(r),
            Op::Backup => {
                let image = self.store.image().await.expect("it can be copied").expect("it is in memory");
                let ledger = self.ledger();
                let (mind, accounts) = (ledger.mind.clone(), ledger.accounts.clone());
                let groups = ledger.groups.clone();
                drop(ledger);
                self.backup = Some(Backup { image, mind, accounts, groups });
            }
            Op::Approve => self.approve().await,
            Op::PutBack => self.put_back().await,
            _ => unreachable!("invariant: only what is about runs comes here"),
        }
    }

    /// A whole run of the first replica.
    pub(super) async fn run(&mut self, request: Request) {
        self.begin(FIRST, request);
        self.end(FIRST).await;
    }

    /// A replica begins a run; what it ran before is gone, as after a crash.
    fn begin(&mut self, r: u8, request: Request) {
        self.crash(r);
        let now = self.now();
        let (store, environment) = (self.store.clone(), self.environment(r));
        let clock: Arc<dyn usher_engine::clock::Clock> = Arc::new(self.clock.clone());
        let told = Told { actor: r, clock: self.clock.clone(), ledger: Arc::clone(&self.ledger) };
        let actor = if request == Request::Undo {
            let Some(last) = self.last.as_ref().map(|report| report.run.clone()) else { return };
            let asked = UndoRequest { run: last, by: "sim".to_owned(), is_alone: true };
            let undoing = async move { undo(&store, &clock, &environment, &asked, &told).await };
            Actor::new(async move { undoing.await.map_err(NotRun::from) })
        } else {
            let Some(asked) = self.asked(request) else { return };
            let running = async move { run(&store, &clock, &environment, NAME, &asked, &told).await };
            Actor::new(async move { running.await.map_err(NotRun::from) })
        };
        self.actors.insert(r, actor);
        let mut ledger = self.ledger();
        ledger.n_runs += 1;
        let view = View {
            request,
            n_run: ledger.n_runs,
            config: ledger.mind.config.clone(),
            approved: (request == Request::Approved).then(|| ledger.approved.clone()),
            begun: ledger.mind.version,
            is_begun: false,
            planned: None,
            planned_at: now,
            is_planning: false,
            closed: None,
            n_polls: 0,
            touched: std::collections::BTreeSet::new(),
            seen_on: std::collections::BTreeMap::new(),
        };
        ledger.views.insert(r, view);
    }

    fn asked(&self, request: Request) -> Option<RunRequest> {
        let mut asked = RunRequest::default();
        match request {
            Request::Full | Request::Undo => {}
            Request::Audit => asked.audit = true,
            Request::Insist => asked.insist = true,
            Request::Release => asked.release = true,
            Request::Person { p } => {
                let person = self.directory.person(p)?;
                asked.user = Some(Email::parse(&address(person.address)).expect("invariant: an address"));
            }
            Request::Approved => asked.approved = Some(self.approved.clone()?),
        }
        Some(asked)
    }

    /// A replica takes steps, as long as it has something to go on with.
    fn steps(&mut self, r: u8, steps: u16) {
        for _ in 0..steps {
            let Some(actor) = self.actors.get_mut(&r).filter(|actor| actor.is_ready()) else { return };
            if let Some(view) =
                self.ledger.lock().expect("invariant: nobody panics with it").views.get_mut(&r)
            {
                view.n_polls = actor.n_polls;
            }
            let n_drawn = self.clock.n_drawn();
            let polled = actor.poll();
            // The first that a run draws is its own id, in the transaction in which it takes the app.
            let is_begun = self.ledger().views.get(&r).is_none_or(|view| view.is_begun);
            if !is_begun && self.clock.n_drawn() > n_drawn {
                self.ledger().took_over(r);
            }
            if let Poll::Ready(ended) = polled {
                self.actors.remove(&r);
                let begun = self.ledger().views.get(&r).map(|view| view.begun);
                let held = self.ledger().holder == Some(r);
                self.ended(r, &ended);
                self.is_late = held && begun.is_some_and(|begun| begun < self.ledger().mind.told_of);
            }
        }
    }

    /// What Usher was told of while a run was under way has the next one begin at once.
    pub(in crate::sim) async fn wakes(&mut self) {
        if !std::mem::take(&mut self.is_late) {
            return;
        }
        let mut tx = self.store.read("sim::wakes").await.expect("the store can be read");
        let app = app::by_name(&mut tx, NAME).await.expect("apps can be read").expect("it is there");
        drop(tx);
        let is_free = app.is_enabled && app.refused_at.is_none() && app.quarantine.is_none();
        if is_free && app.next_run_at.is_none_or(|at| at > self.now()) {
            let next = format!("{:?}", app.next_run_at);
            self.ledger().breaks(format!("told while a run was under way, and the next is due at {next}"));
        }
    }

    fn ended(&mut self, r: u8, ended: &Ended) {
        let mut ledger = self.ledger();
        ledger.trace.note(&|| match ended {
            Ok(report) => format!("replica {r} ended: {report:?}"),
            Err(error) => format!("replica {r} did not run: {error}"),
        });
        ledger.ended(r, ended.as_ref().map_or(true, |report| report.stopped.is_some()));
        if let Err(NotRun(UndoError::Run(RunError::Store(error)))) = ended {
            ledger.breaks(format!("a run failed at the store: {error:?}"));
        }
        drop(ledger);
        self.last = ended.as_ref().ok().cloned();
    }

    /// A replica goes on to the end of its run, and time with it.
    pub(super) async fn end(&mut self, r: u8) {
        for _ in 0..MAX_STEPS {
            let Some(actor) = self.actors.get(&r) else { return };
            if actor.is_ready() {
                self.steps(r, 1);
            } else {
                self.sleep().await;
            }
            if self.ledger().broken.is_some() {
                return;
            }
        }
        self.ledger().breaks("a run does not end".to_owned());
    }

    /// Time passes until somebody who sleeps wakes.
    async fn sleep(&mut self) {
        let Some(at) = self.clock.next_wake() else {
            return self.ledger().breaks("everybody waits for nothing".to_owned());
        };
        self.pass(at).await;
    }

    /// Drives something that is no run to its end.
    pub(super) async fn drive<T>(&mut self, mut actor: Actor<T>) -> T {
        for _ in 0..MAX_STEPS {
            if actor.is_ready() {
                if let Poll::Ready(done) = actor.poll() {
                    return done;
                }
            } else {
                self.sleep().await;
            }
        }
        panic!("it does not end");
    }

    /// A replica ends in the middle of what it does.
    pub(super) fn crash(&mut self, r: u8) {
        if self.actors.remove(&r).is_some() {
            self.ledger().crashed(r);
        }
    }

    /// An old backup is put back. Nobody runs meanwhile.
    async fn put_back(&mut self) {
        let Some(Backup { image, mind, accounts, groups }) = self.backup.take() else { return };
        for r in 0..REPLICAS {
            self.crash(r);
        }
        let is_done = self.store.restore(&image).await.expect("it can be put back");
        assert!(is_done, "it is in memory");
        let now = self.now();
        let mut ledger = self.ledger();
        let was = std::mem::replace(&mut ledger.mind, mind);
        ledger.holder = None;
        ledger.mind.version = was.version + 1;
        // What was done since then is not on record, and what is on record was done.
        let later = was.effects.iter().filter(|(key, n)| ledger.mind.effects.get(*key) != Some(*n));
        let blurred: Vec<_> = later
            .map(|((user, _), _)| user.clone())
            .chain(was.blurred.into_keys())
            .chain(was.unknown.into_keys())
            .collect();
        for user in blurred {
            ledger.mind.blurred.insert(user, "an old backup was put back");
        }
        let ledger = &mut *ledger;
        let on = ledger.mind.on(now);
        for (id, entry) in &mut ledger.accounts {
            let known = accounts.get(id);
            entry.owner = known.and_then(|known| known.owner.clone());
            let suspended_on = known.and_then(|known| known.suspended_on);
            // What Usher forgot is as if somebody else had done it.
            entry.off_by_hand = entry.off_by_hand.or(entry.suspended_on.filter(|_| suspended_on.is_none()));
            entry.is_on_by_hand |= entry.suspended_on.is_none() && suspended_on.is_some();
            // And it has been on for as long as it was then.
            entry.off_by_hand = entry.off_by_hand.map(|off| off.min(on));
            entry.suspended_on = suspended_on;
            entry.ours = known.map(|known| known.ours.clone()).unwrap_or_default();
        }
        let mind = &mut ledger.mind;
        (mind.hands, mind.lost_deletes, mind.off_already) = (was.hands, was.lost_deletes, was.off_already);
        ledger.mind.accepted = None;
        ledger.removed_at.clear();
        ledger.groups.put_back(&groups);
        ledger.told_anew(now);
        ledger.mind.reconfigured();
    }
}

//! A simulated world: a directory, Usher's own store and engine, an app, replicas, and somebody who watches.
//!
//! [`World::apply`] makes one op happen. Ops of the admin and of the directory are whole; runs of replicas are futures that
//! are polled a step at a time, so that everything else can happen between two steps of theirs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use usher_engine::approval::Approval;
use usher_engine::endpoint::Reachable;
use usher_engine::environment::{Environment, NoWorkspaces};
use usher_engine::report::RunReport;
use usher_engine::undo::UndoError;
use usher_model::id::{AppId, DirectoryId};
use usher_model::time::Timestamp;
use usher_store::{Image, Key, KeySource, Location, Migrations, Opening, Store};

use self::feed::Feed;
use super::LOOK_AGAIN_AFTER;
use super::actor::Actor;
use super::app::way::Ways;
use super::app::{App, REQUEST_TIMEOUT};
use super::chance::Chance;
use super::clock::Clock;
use super::directory::Directory;
use super::ledger::groups::Groups;
use super::ledger::{Entry, Ledger};
use super::mind::Mind;
use super::op::Op;
use super::op::part::{Fault, Span};

mod approve;
mod compare;
mod compare_groups;
mod configure;
mod feed;
mod hand;
mod log;
mod log_groups;
mod people;
mod quiet;
mod runs;
mod told;
mod words;

/// What a run came to.
type Ended = Result<RunReport, NotRun>;

/// Why there was none.
#[derive(Debug)]
struct NotRun(UndoError);

impl<E: Into<UndoError>> From<E> for NotRun {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl std::fmt::Display for NotRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The app's name.
pub(super) const NAME: &str = "aws";
/// More steps than this, and a run does not end.
const MAX_STEPS: u64 = 50_000;

/// A store that worlds are played in, one after the other: each begins with it as it was when it was made.
#[derive(Debug)]
pub struct Ground {
    store: Store,
    fresh: Image,
    files: tempfile::TempDir,
}

/// What is played in.
pub(super) struct World<'a> {
    store: Store,
    file: PathBuf,
    _ground: &'a Ground,
    clock: Clock,
    chance: Chance,
    app: Arc<App>,
    id: AppId,
    directory_id: DirectoryId,
    ledger: Arc<Mutex<Ledger>>,
    directory: Directory,
    feed: Feed,
    actors: BTreeMap<u8, Actor<Ended>>,
    backup: Option<Backup>,
    /// What the last run came to.
    last: Option<RunReport>,
    /// The plan that was approved last.
    approved: Option<Approval>,
    n_plans: u64,
    n_new_ids: u64,
    /// Whether a run has ended during which Usher was told of something.
    is_late: bool,
    /// For whom a person decided at the end.
    decided: BTreeMap<String, usize>,
}

/// A backup, and what it knows.
struct Backup {
    image: Image,
    mind: Mind,
    accounts: BTreeMap<String, Entry>,
    groups: Groups,
}

impl Ground {
    /// A new store, in memory.
    pub async fn new() -> Self {
        let entropy = |into: &mut [u8]| into.fill(7);
        let opening = Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: Arc::new(entropy),
            migrations: Migrations::Apply,
        };
        let store = Store::open(opening).await.expect("a store in memory opens");
        let fresh = store.image().await.expect("it can be copied").expect("it is in memory");
        let files = tempfile::tempdir().expect("there is room for a file");
        Self { store, fresh, files }
    }
}

/// When every world begins.
fn beginning() -> Timestamp {
    Timestamp::parse("2026-11-23T09:00:00Z").expect("invariant: an instant")
}

impl<'a> World<'a> {
    pub(super) async fn new(ground: &'a Ground, seed: u64, is_told: bool) -> Self {
        let store = ground.store.clone();
        assert!(store.restore(&ground.fresh).await.expect("it can be put back"), "it is in memory");
        let clock = Clock::new(beginning(), seed);
        let mut ledger = Ledger::new(clock.now());
        ledger.trace.is_told = is_told;
        let ledger = Arc::new(Mutex::new(ledger));
        let app = Arc::new(App::new(&clock, seed, Arc::clone(&ledger)));
        let mut world = Self {
            store,
            file: ground.files.path().join("directory.json"),
            _ground: ground,
            clock,
            chance: Chance::seeded(seed.wrapping_add(1)),
            app,
            id: AppId::new("aws-id"),
            directory_id: DirectoryId::new("d"),
            ledger,
            directory: Directory::new(),
            feed: Feed::default(),
            actors: BTreeMap::new(),
            backup: None,
            last: None,
            approved: None,
            n_plans: 0,
            n_new_ids: 0,
            is_late: false,
            decided: BTreeMap::new(),
        };
        world.set_up().await;
        world
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the replicas' runs are given. Days pass between two runs that nobody asks for.
    fn environment(&self, actor: u8) -> Environment {
        Environment {
            request_timeout: REQUEST_TIMEOUT,
            look_again_after: LOOK_AGAIN_AFTER,
            cycle: Duration::from_hours(24 * 10),
            limits: None,
            reachable: Reachable::default(),
            transports: Arc::new(Ways { app: Arc::clone(&self.app), actor }),
            workspaces: Arc::new(NoWorkspaces),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes one op happen.
    pub(super) async fn apply(&mut self, op: &Op) {
        self.ledger().trace.note(&|| format!("-- {op:?}"));
        self.feed.count_op();
        match op {
            Op::Wait { span } => self.wait(*span).await,
            Op::Fault { fault, on, when } => {
                let is_stale = |seconds: u32| Duration::from_secs(seconds.into()) > LOOK_AGAIN_AFTER;
                self.ledger().is_stale |= matches!(fault, Fault::StaleRead { seconds } if is_stale(*seconds));
                self.app.fault(*fault, *on, *when);
            }
            Op::EndFaults => self.app.end_faults(),
            Op::Panic => panic!("as it was asked to"),
            Op::Hand { p, hand } => self.hand(*p, *hand),
            Op::GroupHand { g, p, does } => self.group_hand(*g, *p, *does),
            Op::Run { .. }
            | Op::Begin { .. }
            | Op::Step { .. }
            | Op::Mingle { .. }
            | Op::Finish { .. }
            | Op::Crash { .. }
            | Op::Approve
            | Op::Backup
            | Op::PutBack => self.run_op(op).await,
            Op::Feed { fate } => self.feed.next_fate(*fate),
            Op::List { listing } => self.list(*listing).await,
            Op::Join { .. }
            | Op::Call { .. }
            | Op::Title { .. }
            | Op::Address { .. }
            | Op::Swap { .. }
            | Op::Suspend { .. }
            | Op::Archive { .. }
            | Op::Activate { .. }
            | Op::Delete { .. }
            | Op::Restore { .. }
            | Op::Recreate { .. }
            | Op::Guest { .. }
            | Op::Move { .. }
            | Op::Spoil { .. }
            | Op::Enter { .. }
            | Op::Leave { .. }
            | Op::Nest { .. }
            | Op::Unnest { .. }
            | Op::Empty { .. }
            | Op::Vanish { .. }
            | Op::NameGroup { .. }
            | Op::SwapNames { .. }
            | Op::RecreateGroup { .. } => self.live(op),
            Op::Unit { .. }
            | Op::Group { .. }
            | Op::Scope { .. }
            | Op::Delays { .. }
            | Op::HardDelete { .. }
            | Op::Archived { .. }
            | Op::Drifts { .. }
            | Op::Leavers { .. }
            | Op::Map { .. }
            | Op::SecondDomain { .. }
            | Op::Select { .. }
            | Op::SuspendedMembers { .. }
            | Op::ForeignMembers { .. }
            | Op::Deselected { .. }
            | Op::Enable
            | Op::Disable
            | Op::Unconfigure
            | Op::Configure
            | Op::RevokeToken
            | Op::RenewToken
            | Op::Pin { .. }
            | Op::Unpin { .. }
            | Op::SwitchOn { .. }
            | Op::TakeOver { .. }
            | Op::BringForward { .. }
            | Op::PinGroup { .. }
            | Op::UnpinGroup { .. }
            | Op::TakeOverGroup { .. }
            | Op::Discard => self.configure(op).await,
        }
    }

    /// Time passes. What was on its way arrives; nobody sleeps through it who is not asked to go on.
    async fn wait(&mut self, span: Span) {
        let by = match span {
            Span::Seconds { n } => Duration::from_secs(n.into()),
            Span::Minutes { n } => Duration::from_mins(n.into()),
            Span::Hours { n } => Duration::from_hours(n.into()),
            Span::Days { n } => Duration::from_hours(24 * u64::from(n)),
        };
        self.pass(self.now() + by).await;
    }

    async fn pass(&mut self, until: Timestamp) {
        while let Some(at) = self.app.lands_at().filter(|at| *at <= until) {
            self.clock.advance_to(at);
            self.app.land().await;
        }
        self.clock.advance_to(until);
    }
}

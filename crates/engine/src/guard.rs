//! Holds what a plan may not do unasked, and puts the rest in order.
//!
//! What trips a guard is [`usher_model::guard`]'s; this counts, asks it, and
//! marks the plan's rows. Rows that take a name somebody holds get their turn
//! here too ([`usher_model::order`]), after the holds: a name whose owner's
//! rename is held is not free.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::guard::{Class, Managed, Tally, Tripped, WINDOW, classes, shrank, trip};
use usher_model::hold::HoldState;
use usher_model::id::{AppId, Email, HoldId, RunId, UserId};
use usher_model::mutant::{self, Mutant};
use usher_model::reason::Failure;
use usher_model::time::Timestamp;
use usher_store::account::RecordState;
use usher_store::app::Lease;
use usher_store::{Store, StoreError, Tx, account, app, directory, event, hold, plan};

use crate::clock::{Clock, new_hold_id};
use crate::releasing::Releasing;
use crate::setting::{self, Setting};

mod turns;

/// How many lost writes are read at once.
const UNKNOWN_AT_ONCE: usize = 500;

/// What is held, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The hold.
    pub id: HoldId,
    /// Why.
    pub tripped: Tripped,
    /// How many operations.
    pub n_operations: u64,
}

/// What guards and order made of a plan.
#[derive(Clone, Debug, Default)]
pub struct Guarded {
    /// The holds.
    pub held: Vec<Held>,
    /// Rows that cannot be done, because the name they take stays with somebody.
    pub blocked: Vec<(UserId, Email, Failure)>,
    /// How many people the directory listed when the guards looked.
    pub listed: u64,
    /// The guards that tripped, by key, whether or not anything was to be held for them yet.
    pub tripped: BTreeSet<String>,
    /// The holds that a person released with this run, by key.
    pub released: BTreeSet<String>,
    /// The number after the plan's last row.
    pub next_seq: i64,
}

/// How a plan is guarded.
#[derive(Debug)]
pub struct Guarding<'a> {
    /// The plan.
    pub run: &'a RunId,
    /// The run's hold on its app; none: a preview, which opens and closes no holds.
    pub lease: Option<&'a Lease>,
    /// Holds that a person releases with this run.
    pub releasing: &'a Releasing,
    /// Whether the plan is about everybody, so that a hold nothing is wanted of any more may close.
    pub is_whole: bool,
    /// The number after the plan's last row; failures have taken some that are no row's.
    pub next_seq: i64,
    /// The instant.
    pub now: Timestamp,
}

/// Holds, orders, and says what came of it.
pub async fn guard(
    store: &Store,
    setting: &Setting,
    clock: &dyn Clock,
    guarding: &Guarding<'_>,
) -> Result<Guarded, StoreError> {
    let app = &setting.app.id;
    // Counted before anybody's turn to write is taken: it takes as long as there are people.
    let mut tx = store.read("engine::guard_counts").await?;
    let listed = directory::listed(&mut tx, &setting.app.directory).await?;
    let n = account::managed(&mut tx, app).await?;
    let are_few = if mutant::lives(Mutant::OffAreNotCounted) {
        n < Managed::MANY
    } else {
        !account::at_least(&mut tx, app, Managed::MANY).await?
    };
    let managed = Managed { n, are_few };
    drop(tx);
    let mut tx = store.begin("engine::guard").await?;
    plan::mark_words(&mut tx, app, guarding.run, &guarding.releasing.holds).await?;
    let released =
        if guarding.lease.is_some() { release(&mut tx, app, guarding).await? } else { BTreeSet::new() };
    let tripped = tripped(&mut tx, setting, guarding, listed, managed).await?;
    let open: BTreeMap<_, _> =
        hold::open(&mut tx, app).await?.into_iter().map(|hold| (hold.key, hold.id)).collect();
    let mut held = Vec::new();
    let tripped_keys: BTreeSet<String> = tripped.iter().map(Tripped::key).collect();
    for tripped in tripped {
        let fresh = open.get(&tripped.key()).cloned().unwrap_or_else(|| new_hold_id(clock));
        let concern = tripped.concern();
        let n_operations =
            plan::hold(&mut tx, app, guarding.run, &fresh, concern.classes, concern.only_app_off).await?;
        if n_operations == 0 {
            continue;
        }
        let id = match guarding.lease {
            Some(_) => hold::upsert_open(&mut tx, app, &tripped.key(), &tripped, fresh, guarding.now).await?,
            None => fresh,
        };
        // A run for a few people knows nothing of the others that a hold is about.
        if guarding.lease.is_some() && (guarding.is_whole || !open.contains_key(&tripped.key())) {
            hold::take_operations(&mut tx, app, guarding.run, &id).await?;
        }
        held.push(Held { id, tripped, n_operations });
    }
    held.extend(held_again(&mut tx, setting, clock, guarding).await?);
    if guarding.lease.is_some() && guarding.is_whole {
        // What is held of groups is decided about with the groups.
        let is_of_groups = |hold: &hold::Hold| {
            // While the directory is so, members of groups may wait for it although no account does.
            let of_directory =
                matches!(hold.tripped, Tripped::DirectoryShrank(_) | Tripped::GroupEmptied { .. });
            let stands = of_directory && tripped_keys.contains(&hold.key);
            hold.tripped.is_of_groups() || stands && setting.settings.groups.selection.is_on()
        };
        let of_groups = hold::open(&mut tx, app).await?.into_iter().filter(is_of_groups);
        let of_groups: Vec<_> = of_groups.map(|hold| hold.id).collect();
        let keep: Vec<_> = held.iter().map(|held| held.id.clone()).chain(of_groups).collect();
        hold::close_others(&mut tx, app, &keep, guarding.now).await?;
        hold::forget_discarded(&mut tx, app, guarding.run).await?;
    }
    let (blocked, next_seq) = turns::take(&mut tx, setting, guarding).await?;
    tx.commit().await?;
    Ok(Guarded { held, blocked, listed, tripped: tripped_keys, released, next_seq })
}

/// Closes the holds that this run releases; those that an earlier round released are closed already.
async fn release(tx: &mut Tx, app: &AppId, guarding: &Guarding<'_>) -> Result<BTreeSet<String>, StoreError> {
    let mut open = hold::open(tx, app).await?;
    open.retain(|hold| guarding.releasing.holds.contains(&hold.id) && !hold.tripped.is_of_groups());
    let releasing: Vec<_> = open.iter().map(|hold| hold.id.clone()).collect();
    hold::decide(tx, app, &releasing, HoldState::Released, &guarding.releasing.by, guarding.now).await?;
    Ok(open.into_iter().map(|hold| hold.key).collect())
}

/// Every guard that trips on what the plan wants and on what was done in the window.
async fn tripped(
    tx: &mut Tx,
    setting: &Setting,
    guarding: &Guarding<'_>,
    listed: u64,
    managed: Managed,
) -> Result<Vec<Tripped>, StoreError> {
    if mutant::lives(Mutant::GuardsSkipped) {
        return Ok(Vec::new());
    }
    let app = &setting.app.id;
    let limits = &setting.settings.guards;
    let wanted = plan::tally(tx, app, guarding.run).await?;
    let mut done = event::done(tx, app, guarding.now.before(WINDOW)).await?;
    // What may have been done leaves its account counted among those that are on.
    let n = managed.n + removed(&done);
    // What a person let through counts for no limit: its account may be off by now.
    let n_off = add_unknown(tx, app, &mut done).await?;
    let managed = Managed { n: n.saturating_sub(n_off), ..managed };
    let mut tripped: Vec<_> = shrunk(setting, listed).into_iter().collect();
    let mut emptied = setting.emptied.clone();
    if let Some(lease) = guarding.lease
        && app::is_told(tx, lease).await?
        && !mutant::lives(Mutant::EmptiedMeanwhileBelieved)
    {
        emptied.extend(setting::emptied_by_now(tx, &setting.app).await?);
    }
    let mut keys = BTreeSet::new();
    tripped.extend(emptied.into_iter().filter(|emptied| keys.insert(emptied.key())));
    tripped.extend(trip(&wanted, &done, managed, limits));
    Ok(tripped)
}

/// Whether the directory lists far fewer people than when that was last accepted.
pub(crate) fn shrunk(setting: &Setting, listed: u64) -> Option<Tripped> {
    let limits = &setting.settings.guards.shrink;
    let shrink = setting.app.accepted_people.and_then(|accepted| shrank(accepted, listed, limits));
    shrink.filter(|_| !mutant::lives(Mutant::ShrinkBelieved)).map(Tripped::DirectoryShrank)
}

/// What was sent and never answered may have been done: it counts until somebody has looked. Returns how many of those
/// that a person let through, and that count for no limit, may have removed somebody.
async fn add_unknown(tx: &mut Tx, app: &AppId, done: &mut Tally) -> Result<u64, StoreError> {
    let mut n_let_through = 0;
    if mutant::lives(Mutant::LostAreNotCounted) {
        return Ok(n_let_through);
    }
    let mut after = None;
    loop {
        let page = account::intended(tx, app, after.as_ref(), UNKNOWN_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(n_let_through) };
        after = Some(last.user.clone());
        for record in &page {
            let Some(intent) = &record.intent else { continue };
            let classes = classes(&intent.operation, &intent.reason);
            if !intent.is_released {
                for class in classes {
                    *done.entry(class).or_default() += 1;
                }
            } else if record.state == RecordState::Active
                && classes.contains(&Class::Removals)
                && !mutant::lives(Mutant::ReleasedCountAsOn)
            {
                n_let_through += 1;
            }
        }
    }
}

fn removed(done: &Tally) -> u64 {
    done.get(&Class::Removals).copied().unwrap_or(0)
}

/// Operations that are held because somebody discarded the same wish before; they wait in a hold of their own.
async fn held_again(
    tx: &mut Tx,
    setting: &Setting,
    clock: &dyn Clock,
    guarding: &Guarding<'_>,
) -> Result<Option<Held>, StoreError> {
    let app = &setting.app.id;
    let n_operations = plan::held_by_word(tx, app, guarding.run).await?.into_iter().map(|(_, n)| n).sum();
    if n_operations == 0 {
        return Ok(None);
    }
    let mut id = new_hold_id(clock);
    if guarding.lease.is_some() {
        let tripped = Tripped::Discarded;
        id = hold::upsert_open(tx, app, &tripped.key(), &tripped, id, guarding.now).await?;
        plan::hold_discarded(tx, app, guarding.run, &id).await?;
        hold::take_operations(tx, app, guarding.run, &id).await?;
    }
    Ok(Some(Held { id, tripped: Tripped::Discarded, n_operations }))
}

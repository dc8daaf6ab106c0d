//! Decides about everybody, and writes down what is to be done.
//!
//! One pass over mirror and accounts in id order, a page at a time. One page is read while another is decided about and
//! a third is written, and no more than that: memory does not grow with the directory. Whoever was settled by an earlier
//! pass and has not changed since costs one comparison. Nothing is sent from here, and a
//! preview records nothing but the plan itself.
//!
//! Not here: what is decided ([`usher_model::lifecycle`]), what is held
//! ([`crate::guard`]).

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::mpsc;
use usher_model::id::{Email, RunId, UserId};
use usher_model::reason::{Failure, Reason};
use usher_model::time::Timestamp;
use usher_store::account::{self, AccountRecord, PinChange};
use usher_store::app::Lease;
use usher_store::event::{self, Event};
use usher_store::plan::{self, PlanRow};
use usher_store::{Store, StoreError};

use crate::setting::Setting;

mod consider;
mod person;
mod read;

pub use consider::{Considered, consider};
pub use person::{LISTING_TRUSTED, Person, Settled, settled_key};
pub use read::one;

use read::Page;

/// How many people are decided about before others have their turn.
const AT_A_STRETCH: usize = 50;
/// How many failures a report tells in full.
const REPORTED: usize = 100;

/// About whom, and how.
#[derive(Debug)]
pub struct Pass<'a> {
    /// These alone; none: everybody.
    pub users: Option<&'a BTreeSet<UserId>>,
    /// The plan that is written.
    pub run: &'a RunId,
    /// The run's hold on its app; none: a preview, which records nothing of anybody.
    pub lease: Option<&'a Lease>,
    /// Failures' pauses are not waited out.
    pub insist: bool,
    /// When the app was last listed as a whole, if what it showed then can be used.
    pub listed_at: Option<Timestamp>,
    /// The number of the plan's first row.
    pub first_seq: i64,
    /// The instant of the decisions.
    pub now: Timestamp,
}

/// What a pass came to.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    /// The number after the plan's last row.
    pub next_seq: i64,
    /// People about whom a decision was made; the others were settled by an earlier one.
    pub n_decided: u64,
    /// People for whom nothing can be done now.
    pub n_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(Email, Failure)>,
    /// People for whom nothing is done, by why.
    pub skipped: BTreeMap<String, u64>,
    /// Of those about whom a decision was made, the people whose timer runs then.
    pub n_leaving: u64,
    /// The first of them, and why.
    pub leaving: Vec<(Email, Reason)>,
}

impl Planned {
    /// People for whom nothing is done.
    pub fn n_skipped(&self) -> u64 {
        self.skipped.values().sum()
    }

    fn skip(&mut self, why: &str) {
        *self.skipped.entry(why.to_owned()).or_default() += 1;
    }
}

/// Decides about everybody the pass is for.
pub async fn pass(store: &Store, setting: &Setting, pass: &Pass<'_>) -> Result<Planned, StoreError> {
    let (pages, read) = mpsc::channel(read::AHEAD);
    let (decisions, decided) = mpsc::channel(1);
    let reading = read::pages(store, setting, pass, pages);
    let deciding = decide(setting, pass, read, decisions);
    let writing = write(store, setting, pass, decided);
    // All to their end, whatever becomes of the others: none is broken off within a transaction.
    let (read, (), planned) = tokio::join!(reading, deciding, writing);
    read.and(planned)
}

/// A page whose people have been decided about.
struct Decided {
    considered: Vec<Considered>,
    /// How many are skipped for what was settled before, by why.
    skipped: BTreeMap<String, u64>,
}

/// Decides page by page, until nobody takes any more.
async fn decide(
    setting: &Setting,
    pass: &Pass<'_>,
    mut pages: mpsc::Receiver<Page>,
    decisions: mpsc::Sender<Decided>,
) {
    while let Some(Page { undecided, skipped }) = pages.recv().await {
        let mut considered = Vec::with_capacity(undecided.len());
        for (n, person) in undecided.into_iter().enumerate() {
            considered.push(consider(setting, pass, person));
            if n % AT_A_STRETCH == AT_A_STRETCH - 1 {
                // Whoever reads or writes asks for what comes next meanwhile.
                tokio::task::yield_now().await;
            }
        }
        if decisions.send(Decided { considered, skipped }).await.is_err() {
            return;
        }
    }
}

/// Stores what was decided, page by page.
async fn write(
    store: &Store,
    setting: &Setting,
    pass: &Pass<'_>,
    mut decided: mpsc::Receiver<Decided>,
) -> Result<Planned, StoreError> {
    let mut planned = Planned { next_seq: pass.first_seq, ..Planned::default() };
    while let Some(Decided { considered, skipped }) = decided.recv().await {
        for (why, n_people) in skipped {
            *planned.skipped.entry(why).or_default() += n_people;
        }
        planned.n_decided += considered.len() as u64;
        write_page(store, setting, pass, considered, &mut planned).await?;
    }
    Ok(planned)
}

/// Stores one page's outcome: rows of the plan, and in a run also what is to be remembered of each person.
async fn write_page(
    store: &Store,
    setting: &Setting,
    pass: &Pass<'_>,
    considered: Vec<Considered>,
    planned: &mut Planned,
) -> Result<(), StoreError> {
    let mut rows: Vec<PlanRow> = Vec::new();
    let mut records: Vec<AccountRecord> = Vec::new();
    let mut forgotten: Vec<UserId> = Vec::new();
    let mut unpinned: Vec<PinChange> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    for one in considered {
        if let Some(why) = &one.skipped {
            planned.skip(why);
        }
        if let Reason::Leaving { .. } = one.reason {
            planned.n_leaving += 1;
            if planned.leaving.len() < REPORTED {
                planned.leaving.push((one.email.clone(), one.reason.clone()));
            }
        }
        if let Some(failure) = &one.failure {
            planned.n_failures += 1;
            if planned.failures.len() < REPORTED {
                planned.failures.push((one.email.clone(), failure.clone()));
            }
            events.push(Event::failure(pass.run, planned.next_seq, &one.user, &one.email, failure, pass.now));
            planned.next_seq += 1;
        }
        if let Some(mut row) = one.row {
            row.seq = planned.next_seq;
            planned.next_seq += 1;
            rows.push(row);
        }
        records.extend(one.record);
        let is_over = |pin| PinChange { user: one.user.clone(), before: Some(pin), after: None };
        unpinned.extend(one.unpinned.map(is_over));
        forgotten.extend(one.is_forgotten.then_some(one.user));
    }
    let is_nothing_learned = records.is_empty() && forgotten.is_empty() && unpinned.is_empty();
    if rows.is_empty() && (pass.lease.is_none() || is_nothing_learned) {
        return Ok(());
    }
    let mut tx = store.begin("engine::plan").await?;
    plan::append(&mut tx, &setting.app.id, pass.run, &rows).await?;
    if let Some(lease) = pass.lease {
        // Before their records are closed, which a pin outlives. Whom an admin pinned meanwhile stays pinned.
        account::change_pins(&mut tx, lease, &unpinned).await?;
        account::record(&mut tx, lease, &records).await?;
        account::forget(&mut tx, lease, &forgotten).await?;
        event::append(&mut tx, lease, &events).await?;
    }
    tx.commit().await
}

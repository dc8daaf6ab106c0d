//! Decides about everybody, and writes down what is to be done.
//!
//! One pass over mirror and accounts in id order, a page at a time: memory does
//! not grow with the directory. Whoever was settled by an earlier pass and has
//! not changed since costs one comparison. Nothing is sent from here, and a
//! preview records nothing but the plan itself.
//!
//! Not here: what is decided ([`usher_model::lifecycle`]), what is held
//! ([`crate::guard`]).

use std::collections::{BTreeMap, BTreeSet};

use usher_model::id::{Email, RunId, UserId};
use usher_model::reason::Failure;
use usher_model::time::Timestamp;
use usher_store::account::{self, AccountRecord};
use usher_store::app::Lease;
use usher_store::directory::{self, Candidate};
use usher_store::event::{self, Event};
use usher_store::plan::{self, PlanRow};
use usher_store::{Store, StoreError, Tx, remote};

use crate::setting::Setting;

mod consider;
mod person;

pub use consider::{Considered, consider};
pub use person::{LISTING_TRUSTED, Person, Settled, settled_key};

/// How many people are decided about at once.
const PAGE: usize = 2_000;
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
    /// People for whom nothing can be done now.
    pub n_failures: u64,
    /// The first of them, and why.
    pub failures: Vec<(Email, Failure)>,
    /// People for whom nothing is done, by why.
    pub skipped: BTreeMap<String, u64>,
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
    let mut planned = Planned { next_seq: pass.first_seq, ..Planned::default() };
    let mut after: Option<UserId> = None;
    loop {
        let mut tx = store.read("engine::plan").await?;
        let page = next_page(&mut tx, setting, pass, after.as_ref()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.user.id.clone());
        let people = people(&mut tx, setting, pass, page, &mut planned).await?;
        drop(tx);
        let considered: Vec<_> = people.into_iter().map(|person| consider(setting, pass, person)).collect();
        write(store, setting, pass, considered, &mut planned).await?;
    }
    Ok(planned)
}

/// The one person a pass is for, ready for their decision; none if the directory has no such person.
pub async fn one(tx: &mut Tx, setting: &Setting, pass: &Pass<'_>) -> Result<Option<Person>, StoreError> {
    let page = next_page(tx, setting, pass, None).await?;
    Ok(people(tx, setting, pass, page, &mut Planned::default()).await?.pop())
}

async fn next_page(
    tx: &mut Tx,
    setting: &Setting,
    pass: &Pass<'_>,
    after: Option<&UserId>,
) -> Result<Vec<Candidate>, StoreError> {
    let (directory, app) = (&setting.app.directory, &setting.app.id);
    match pass.users {
        None => directory::candidates(tx, directory, app, after, PAGE).await,
        Some(users) => {
            let left = users.iter().filter(|user| after.is_none_or(|after| *user > after));
            let next: Vec<_> = left.take(PAGE).cloned().collect();
            directory::candidates_of(tx, directory, app, &next).await
        }
    }
}

/// Those of a page who need a decision, with all that it depends on.
async fn people(
    tx: &mut Tx,
    setting: &Setting,
    pass: &Pass<'_>,
    page: Vec<Candidate>,
    planned: &mut Planned,
) -> Result<Vec<Person>, StoreError> {
    let groups = if let (None, Some(first), Some(last)) = (pass.users, page.first(), page.last()) {
        directory::direct_groups(tx, &setting.app.directory, &first.user.id, &last.user.id).await?
    } else {
        let ids: Vec<_> = page.iter().map(|candidate| candidate.user.id.clone()).collect();
        directory::direct_groups_of(tx, &setting.app.directory, &ids).await?
    };
    let mut people = Vec::new();
    for candidate in page {
        match person::stand(setting, candidate, &groups, pass) {
            person::Stand::Settled(Settled::Rests) => {}
            person::Stand::Settled(Settled::Skipped(why)) => planned.skip(&why),
            person::Stand::Undecided(person) => people.push(*person),
        }
    }
    let ids: Vec<_> = people.iter().map(|person| person.user.id.clone()).collect();
    let mut resources = directory::resources(tx, &setting.app.directory, &ids).await?;
    let mut accounts = account::of(tx, &setting.app.id, &ids).await?;
    for person in &mut people {
        person.map(setting, &resources.remove(&person.user.id).unwrap_or_default());
        person.record = accounts.remove(&person.user.id);
    }
    let unknown: Vec<_> = people.iter().filter_map(|person| person.unknown_name(pass)).collect();
    let mut remotes = remote::matching(tx, &setting.app.id, &unknown).await?;
    for person in &mut people {
        person.find(&remotes.remove(&person.user.id).unwrap_or_default(), pass);
    }
    Ok(people)
}

/// Stores one page's outcome: rows of the plan, and in a run also what is to be remembered of each person.
async fn write(
    store: &Store,
    setting: &Setting,
    pass: &Pass<'_>,
    considered: Vec<Considered>,
    planned: &mut Planned,
) -> Result<(), StoreError> {
    let mut rows: Vec<PlanRow> = Vec::new();
    let mut records: Vec<AccountRecord> = Vec::new();
    let mut forgotten: Vec<UserId> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    for one in considered {
        if let Some(why) = &one.skipped {
            planned.skip(why);
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
        forgotten.extend(one.is_forgotten.then_some(one.user));
    }
    if rows.is_empty() && (pass.lease.is_none() || (records.is_empty() && forgotten.is_empty())) {
        return Ok(());
    }
    let mut tx = store.begin("engine::plan").await?;
    plan::append(&mut tx, &setting.app.id, pass.run, &rows).await?;
    if let Some(lease) = pass.lease {
        account::record(&mut tx, lease, &records).await?;
        account::forget(&mut tx, lease, &forgotten).await?;
        event::append(&mut tx, lease, &events).await?;
    }
    tx.commit().await
}

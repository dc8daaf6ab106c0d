//! Reads people for a pass, a page at a time, ahead of whoever decides about them.
//!
//! # Invariants
//!
//! 1. Each page is read in one transaction, which is over before the page is handed on: whoever decides may write.
//! 2. At most [`AHEAD`] pages wait, so memory does not grow with the directory.
//!
//! Not here: decisions.

use std::collections::BTreeMap;

use tokio::sync::mpsc;
use usher_model::id::UserId;
use usher_store::directory::{self, Candidate, StoredResource};
use usher_store::{Store, StoreError, Tx, account, remote};

use super::person::{self, Settled, Stand};
use super::{Pass, Person};
use crate::setting::Setting;

/// How many people are read at once.
const PAGE: usize = 500;
/// How many pages are read before they are asked for.
pub(super) const AHEAD: usize = 1;

/// A page of people, as far as they matter.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Those who need a decision, with all that it depends on.
    pub(super) undecided: Vec<Person>,
    /// How many are skipped for what was settled before, by why.
    pub(super) skipped: BTreeMap<String, u64>,
}

/// Reads everybody whom the pass is for, in id order, until nobody takes any more.
pub(super) async fn pages(
    store: &Store,
    setting: &Setting,
    pass: &Pass<'_>,
    pages: mpsc::Sender<Page>,
) -> Result<(), StoreError> {
    let mut after: Option<UserId> = None;
    loop {
        let mut tx = store.read("engine::plan").await?;
        let candidates = next(&mut tx, setting, pass, after.as_ref()).await?;
        let Some(last) = candidates.last() else { return Ok(()) };
        after = Some(last.user.id.clone());
        let page = page(&mut tx, setting, pass, candidates).await?;
        drop(tx);
        if pages.send(page).await.is_err() {
            return Ok(());
        }
    }
}

/// The one person a pass is for, ready for their decision; none if the directory has no such person.
pub async fn one(tx: &mut Tx, setting: &Setting, pass: &Pass<'_>) -> Result<Option<Person>, StoreError> {
    let candidates = next(tx, setting, pass, None).await?;
    Ok(page(tx, setting, pass, candidates).await?.undecided.pop())
}

async fn next(
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

async fn page(
    tx: &mut Tx,
    setting: &Setting,
    pass: &Pass<'_>,
    candidates: Vec<Candidate>,
) -> Result<Page, StoreError> {
    let groups = if let (None, Some(first), Some(last)) = (pass.users, candidates.first(), candidates.last())
    {
        directory::direct_groups(tx, &setting.app.directory, &first.user.id, &last.user.id).await?
    } else {
        let ids: Vec<_> = candidates.iter().map(|candidate| candidate.user.id.clone()).collect();
        directory::direct_groups_of(tx, &setting.app.directory, &ids).await?
    };
    let mut page = Page::default();
    for candidate in candidates {
        match person::stand(setting, candidate, &groups, pass) {
            Stand::Settled(Settled::Rests) => {}
            Stand::Settled(Settled::Skipped(why)) => *page.skipped.entry(why).or_default() += 1,
            Stand::Undecided(person) => page.undecided.push(*person),
        }
    }
    read_rest(tx, setting, pass, &mut page.undecided).await?;
    Ok(page)
}

/// Reads what decisions about these people depend on: their resources, their accounts, and what the app's listing shows
/// of those who have none.
async fn read_rest(
    tx: &mut Tx,
    setting: &Setting,
    pass: &Pass<'_>,
    people: &mut [Person],
) -> Result<(), StoreError> {
    if people.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = people.iter().map(|person| person.user.id.clone()).collect();
    let mut resources =
        directory::stored_resources(tx, &setting.app.directory, &ids).await?.into_iter().peekable();
    let mut accounts = account::of(tx, &setting.app.id, &ids).await?;
    for person in &mut *people {
        // Both are in id order, and every resource is one of these people's.
        person.resource = resources.next_if(|stored| is_of(stored, &person.user.id));
        person.record = accounts.remove(&person.user.id);
    }
    let mut unknown = Vec::new();
    for person in &mut *people {
        unknown.extend(person.unknown_name(setting, pass));
    }
    let mut remotes = remote::matching(tx, &setting.app.id, &unknown).await?;
    for person in people {
        person.find(&remotes.remove(&person.user.id).unwrap_or_default(), pass);
    }
    Ok(())
}

fn is_of(stored: &StoredResource, user: &UserId) -> bool {
    stored.user().is_ok_and(|id| id == user.as_str())
}

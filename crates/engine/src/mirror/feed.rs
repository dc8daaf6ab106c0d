//! The administrators' log as change feed: it says of whom something is new, and nothing else is taken from it.
//!
//! Entries come late and twice, and some never: so each poll begins a while before the last one, what was taken in is
//! dropped, and a whole listing stays the authority (reference, google.md §2.5).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use usher_model::id::Email;
use usher_model::time::Timestamp;
use usher_protocol::reports::activity::{Activity, Touched as Said};
use usher_store::Store;
use usher_store::directory::feed::EntryKey;
use usher_store::directory::{self, Directory, feed};

use super::refresh::{Touched, refresh};
use super::{MirrorError, open_with};
use crate::clock::Clock;
use crate::environment::Environment;
use crate::google::client::GoogleClient;
use crate::google::method::ApiMethod;

/// How far each poll reaches back behind the last one.
const OVERLAP: Duration = Duration::from_mins(10);
/// Whom to read one by one at most: where more changed, a whole listing costs less.
const MAX_TOUCHED: usize = 200;

/// How many entries are read at most, for the same reason.
const MAX_ENTRIES: usize = 5_000;

/// What a poll came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    /// Entries that were new.
    pub n_entries: u64,
    /// Whether the mirror says anything else than it did.
    pub is_changed: bool,
    /// Whether what is new can only be seen in a whole listing.
    pub wants_listing: bool,
}

/// The way to the log.
pub async fn open(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    directory: &Directory,
) -> Result<GoogleClient, MirrorError> {
    open_with(store, clock, environment, directory, vec![ApiMethod::ActivitiesList.scope()]).await
}

/// Reads what is new in the log, and whoever it names. `log` reads the log, `people` the directory. Nothing is taken for
/// read that was not, so a poll that fails is made good by the next one.
pub async fn poll(
    store: &Store,
    clock: &dyn Clock,
    (log, people): (&GoogleClient, &GoogleClient),
    directory: &Directory,
) -> Result<Polled, MirrorError> {
    let now = clock.now();
    let since = {
        let mut tx = store.read("engine::mirror::feed").await?;
        let mirrored = directory::mirrored(&mut tx, &directory.id).await?.unwrap_or_default();
        // What came before the listing that the mirror holds began is in it.
        let read_to = mirrored.feed_read_to.max(mirrored.listed_from);
        read_to.unwrap_or(now).before(OVERLAP)
    };
    let Some(news) = news(store, log, directory, since).await? else {
        // So much happened that a whole listing says it sooner.
        let mut tx = store.begin("engine::mirror::feed").await?;
        directory::set_next_listing(&mut tx, &directory.id, now).await?;
        tx.commit().await?;
        return Ok(Polled { wants_listing: true, ..Polled::default() });
    };
    let said: BTreeSet<Said> = news
        .values()
        .flat_map(|entry| entry.events.iter().flat_map(usher_protocol::reports::activity::Event::touched))
        .collect();
    let touched = touched(&said);
    let wants_listing = said.contains(&Said::Everything) || touched.len() > MAX_TOUCHED;
    let is_changed = if touched.is_empty() || wants_listing {
        false
    } else {
        refresh(store, clock, people, directory, &touched).await?
    };
    let entries: BTreeSet<EntryKey> = news.into_keys().collect();
    let mut tx = store.begin("engine::mirror::feed").await?;
    if wants_listing {
        directory::set_next_listing(&mut tx, &directory.id, now).await?;
    }
    feed::take(&mut tx, &directory.id, &entries, now, since).await?;
    tx.commit().await?;
    Ok(Polled { n_entries: entries.len() as u64, is_changed, wants_listing })
}

/// The entries that were not taken in yet; none: there are too many to read.
async fn news(
    store: &Store,
    log: &GoogleClient,
    directory: &Directory,
    since: Timestamp,
) -> Result<Option<BTreeMap<EntryKey, Activity>>, MirrorError> {
    let mut entries = BTreeMap::new();
    let mut pages = log.activities(since);
    while let Some(page) = pages.next().await? {
        entries.extend(page.items.into_iter().map(|entry| (key(&entry), entry)));
        if entries.len() > MAX_ENTRIES {
            return Ok(None);
        }
    }
    let keys = entries.keys().cloned().collect();
    let mut tx = store.read("engine::mirror::news").await?;
    let news = feed::news(&mut tx, &directory.id, &keys).await?;
    entries.retain(|key, _| news.contains(key));
    Ok(Some(entries))
}

fn key(entry: &Activity) -> EntryKey {
    (Timestamp::from_micros(entry.id.time.as_microsecond()), entry.id.unique_qualifier.clone())
}

/// Whom entries name. An address that is none is nobody's.
fn touched(said: &BTreeSet<Said>) -> Touched {
    let mut touched = Touched::default();
    for said in said {
        match said {
            Said::User(user) => touched.users.extend(Email::parse(user)),
            Said::Group(group) => touched.groups.extend(Email::parse(group)),
            Said::Left { group, member } => {
                touched.left.extend(Email::parse(group).ok().zip(Email::parse(member).ok()));
            }
            Said::Everything => {}
        }
    }
    touched
}

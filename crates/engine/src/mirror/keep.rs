//! When mirrors are brought up to date: the log every half minute, everything every quarter of an hour, and at once when
//! an app needs to know what was not listed.
//!
//! # Invariants
//!
//! 1. One thing at a time is done with a directory. A listing waits a whole cycle from the end of the one before.
//! 2. A directory that cannot be read is tried again after growing pauses, and says so meanwhile; runs go on with what
//!    the mirror holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;
use usher_store::directory::{self, Directory, DirectoryKind, push as store_push};
use usher_store::{Store, StoreError};

use super::needs::Needs;
use super::{Listed, MirrorError, feed, list, open, push};
use crate::clock::Clock;
use crate::environment::Environment;
use crate::google::client::GoogleClient;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(1);
/// The time between the end of a poll of the log and the next.
pub const POLL_EVERY: Duration = Duration::from_secs(30);
/// Listings for the sake of many messages are so far apart; people are read one by one meanwhile.
const APART: Duration = Duration::from_mins(5);
/// How often it is looked whether channels end, and how long Google is left alone after it refused one.
const CHANNELS_EVERY: Duration = Duration::from_mins(15);
/// The pauses after failures: the first and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_mins(1), Duration::from_mins(15));

/// The way to a directory, with its tokens, kept from one time to the next.
#[derive(Debug)]
struct Ways {
    /// With what credential.
    credential_set_at: Timestamp,
    people: GoogleClient,
    log: GoogleClient,
}

/// A directory as its keeper remembers it.
#[derive(Debug, Default)]
struct Kept {
    ways: Option<Arc<Ways>>,
    n_failures: u32,
    /// Nothing is done with it before.
    rests_until: Option<Timestamp>,
    /// Until when the next poll of the log waits.
    next_poll_at: Option<Timestamp>,
    /// Until when it is not looked whether channels end.
    next_channels_at: Option<Timestamp>,
    is_under_way: bool,
    /// What was done with it last.
    last: Option<Due>,
    /// What apps needed to know when it was listed last: it is not listed again for the same.
    listed_for: Option<Needs>,
}

/// What is to be done with a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Listing,
    /// Whoever Google said something of.
    Hints,
    /// Push channels that end, or are not there yet.
    Channels,
    Poll,
}

/// What became of it.
type Ended = (Directory, Due, Result<Arc<Ways>, MirrorError>);

/// Keeps every Google Workspace's mirror until told to stop. `push_address` is where Google can send messages; none: it
/// sends none.
pub async fn serve(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    push_address: Option<&str>,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let (kept, under_way) = (BTreeMap::new(), JoinSet::new());
    let whose = BTreeMap::new();
    let mut keeper = Keeper { store, clock, environment, push_address, kept, under_way, whose };
    while !stop.is_cancelled() {
        // A database that does not answer now may in a second.
        if let Err(error) = keeper.begin_due().await {
            tracing::error!(%error, "nobody knows what is due to be listed");
        }
        let tick = clock.now() + TICK;
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = keeper.under_way.join_next_with_id(), if !keeper.under_way.is_empty() => {
                if let Err(error) = keeper.note(ended).await {
                    tracing::error!(%error, "what became of a directory could not be kept");
                }
            }
            () = clock.sleep_until(tick) => {}
        }
    }
    // A listing that is not over leaves nothing behind, so nobody waits for it.
    keeper.under_way.abort_all();
    Ok(())
}

struct Keeper<'a> {
    store: &'a Store,
    clock: &'a Arc<dyn Clock>,
    environment: &'a Environment,
    push_address: Option<&'a str>,
    kept: BTreeMap<DirectoryId, Kept>,
    under_way: JoinSet<Ended>,
    /// Which directory each task is about.
    whose: BTreeMap<Id, DirectoryId>,
}

impl Keeper<'_> {
    async fn begin_due(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.read("engine::mirror::keep").await?;
        let mut begin = Vec::new();
        for found in directory::list(&mut tx).await? {
            if found.kind != DirectoryKind::Google {
                continue;
            }
            let kept = self.kept.entry(found.id.clone()).or_default();
            if kept.is_under_way || kept.rests_until.is_some_and(|until| until > now) {
                continue;
            }
            let mirrored = directory::mirrored(&mut tx, &found.id).await?.unwrap_or_default();
            let is_old = mirrored.next_listing_at.is_none_or(|at| at <= now);
            let needs = Needs::of(&mut tx, &found.id).await?;
            let has_channels = self.push_address.is_some();
            let is_news = needs.is_news && kept.listed_for.as_ref() != Some(&needs);
            let n_hints = store_push::hints(&mut tx, &found.id, push::MAX_WAITING + 1).await?.len();
            let is_poll_due = kept.next_poll_at.is_none_or(|at| at <= now);
            // Messages about people do not keep the log from being read, which alone tells of groups.
            let is_logs_turn = is_poll_due && kept.last == Some(Due::Hints);
            let was_long_ago = mirrored.listed_at.is_none_or(|at| now.since(at) >= APART);
            let due = if is_old || is_news || n_hints > push::MAX_WAITING && was_long_ago {
                kept.listed_for = Some(needs);
                Due::Listing
            } else if n_hints > 0 && !is_logs_turn {
                Due::Hints
            } else if has_channels && kept.next_channels_at.is_none_or(|at| at <= now) {
                Due::Channels
            } else if is_poll_due {
                Due::Poll
            } else {
                continue;
            };
            begin.push((found, due));
        }
        drop(tx);
        for (found, due) in begin {
            let kept = self.kept.entry(found.id.clone()).or_default();
            (kept.is_under_way, kept.last) = (true, Some(due));
            let ways = kept.ways.clone();
            let (store, clock, environment) =
                (self.store.clone(), Arc::clone(self.clock), self.environment.clone());
            let push_address = self.push_address.map(str::to_owned);
            let whose = found.id.clone();
            let task = self.under_way.spawn(async move {
                let todo = ToDo { found: &found, due, push_address: push_address.as_deref() };
                let done = carry_out(&store, &clock, &environment, &todo, ways).await;
                (found, due, done)
            });
            self.whose.insert(task.id(), whose);
        }
        Ok(())
    }

    async fn note(&mut self, ended: Result<(Id, Ended), JoinError>) -> Result<(), StoreError> {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let whose = self.whose.remove(&id);
        let (found, due, done) = match ended {
            Ok((_, ended)) => ended,
            Err(error) => {
                tracing::error!(%error, "a listing broke off");
                if let Some(kept) = whose.and_then(|whose| self.kept.get_mut(&whose)) {
                    kept.is_under_way = false;
                    kept.rests_until = Some(self.clock.now() + PAUSES.1);
                }
                return Ok(());
            }
        };
        let now = self.clock.now();
        let kept = self.kept.entry(found.id.clone()).or_default();
        kept.is_under_way = false;
        match due {
            Due::Poll => kept.next_poll_at = Some(now + POLL_EVERY),
            Due::Channels => kept.next_channels_at = Some(now + CHANNELS_EVERY),
            Due::Listing | Due::Hints => {}
        }
        match done {
            Ok(ways) => {
                (kept.ways, kept.n_failures, kept.rests_until) = (Some(ways), 0, None);
                let mut tx = self.store.begin("engine::mirror::keep").await?;
                if due == Due::Listing {
                    directory::set_next_listing(&mut tx, &found.id, now + self.environment.cycle).await?;
                }
                tx.commit().await
            }
            // Another process does it.
            Err(MirrorError::UnderWay(_)) => {
                kept.rests_until = Some(now + PAUSES.0);
                Ok(())
            }
            // Messages are hints: without them everything goes on as ever.
            Err(error) if due == Due::Channels => {
                kept.ways = None;
                tracing::warn!(directory.id = %found.id, directory.name = found.name, %error, "Google sends no messages: changes are heard of with the log");
                Ok(())
            }
            Err(error) => {
                kept.ways = None;
                kept.n_failures = kept.n_failures.saturating_add(1);
                kept.next_poll_at = Some(now + pause(kept.n_failures));
                if due != Due::Poll {
                    kept.rests_until = Some(now + pause(kept.n_failures));
                }
                if due == Due::Listing {
                    kept.listed_for = None;
                    tracing::error!(directory.id = %found.id, directory.name = found.name, %error, "the directory cannot be read");
                    return fails(self.store, &found, &error, now).await;
                }
                // The log alone is no reason to leave everything else: the next listing says what it would have.
                tracing::warn!(directory.id = %found.id, directory.name = found.name, %error, "changes are heard of with the next listing only");
                Ok(())
            }
        }
    }
}

/// What is to be done, and with which directory.
struct ToDo<'a> {
    found: &'a Directory,
    due: Due,
    push_address: Option<&'a str>,
}

async fn carry_out(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    todo: &ToDo<'_>,
    ways: Option<Arc<Ways>>,
) -> Result<Arc<Ways>, MirrorError> {
    let ToDo { found, due, push_address } = *todo;
    let ways = way(store, clock, environment, found, ways).await?;
    match due {
        Due::Listing => {
            let listed = list(store, clock.as_ref(), &ways.people, found).boxed().await?;
            tell(found, &listed);
        }
        Due::Hints => {
            let is_changed = push::heed(store, clock.as_ref(), &ways.people, found).boxed().await?;
            tracing::info!(directory.id = %found.id, changed = is_changed, "Google's messages were heeded");
        }
        Due::Channels => {
            if let Some(address) = push_address {
                push::renew(store, clock.as_ref(), &ways.people, found, address).boxed().await?;
            }
        }
        Due::Poll => {
            let polled = feed::poll(store, clock.as_ref(), (&ways.log, &ways.people), found).boxed().await?;
            if polled.n_entries > 0 {
                tracing::info!(directory.id = %found.id, entries = polled.n_entries, changed = polled.is_changed, "the directory's log was read");
            }
        }
    }
    Ok(ways)
}

/// The way that is known, or another one if the credential is.
async fn way(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    found: &Directory,
    ways: Option<Arc<Ways>>,
) -> Result<Arc<Ways>, MirrorError> {
    let mut tx = store.read("engine::mirror::way").await?;
    let Some(google) = directory::google(&mut tx, &found.id).await? else {
        return Err(MirrorError::NotGoogle(found.name.clone()));
    };
    drop(tx);
    if let Some(ways) = ways.filter(|ways| ways.credential_set_at == google.credential_set_at) {
        return Ok(ways);
    }
    let people = open(store, clock, environment, found).await?;
    let log = feed::open(store, clock, environment, found).await?;
    Ok(Arc::new(Ways { credential_set_at: google.credential_set_at, people, log }))
}

/// Says in the log what a listing came to.
fn tell(found: &Directory, listed: &Listed) {
    let Listed { n_people, n_deleted, n_groups, n_unlisted, n_asked, is_changed, .. } = listed;
    tracing::info!(
        directory.id = %found.id, directory.name = found.name, people = n_people, deleted = n_deleted, groups = n_groups,
        unlisted = n_unlisted, asked = n_asked, changed = is_changed, calls = listed.n_calls(), "the directory was listed"
    );
    for warning in &listed.warnings {
        tracing::warn!(directory.id = %found.id, directory.name = found.name, "{warning}");
    }
}

/// Remembers why a directory cannot be read, for whoever asks how it is.
pub async fn fails(
    store: &Store,
    found: &Directory,
    error: &MirrorError,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = store.begin("engine::mirror::fails").await?;
    directory::set_failing(&mut tx, &found.id, &error.to_string(), now).await?;
    tx.commit().await
}

fn pause(n_failures: u32) -> Duration {
    let (first, longest) = PAUSES;
    first.saturating_mul(1 << n_failures.saturating_sub(1).min(10)).min(longest)
}

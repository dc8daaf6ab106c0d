//! What an edit did is kept, as long as its turn lasts: in the journal, in the directory, in the audit log; and who listens
//! is told.

use std::time::Duration;

use usher_model::time::Timestamp;

use crate::exchange::Request;
use crate::workspace::auth::Caller;
use crate::workspace::call::Done;
use crate::workspace::directory::{Change, NotCommitted, Unavailable};
use crate::workspace::feed::{self, Activity, Origin};
use crate::workspace::journal::Entry;
use crate::workspace::refusal::Refusal;
use crate::workspace::{Inner, Turn};

/// Why something was not kept.
#[derive(Debug)]
pub(crate) enum NotKept {
    /// Nothing was done.
    Refused(Refusal),
    /// The state file is lost; nobody is answered.
    Lost,
}

/// Keeps what a request did.
pub(crate) async fn keep(
    inner: &Inner,
    turn: &Turn<'_>,
    done: Done,
    caller: &Caller,
    now: Timestamp,
    request: &Request,
) -> Result<(), NotKept> {
    let Done { changes, events, notices } = done;
    if changes.is_empty() && events.is_empty() && notices.is_empty() {
        return Ok(());
    }
    let unavailable = |gone: Unavailable| NotKept::Refused(Refusal::from(gone));
    note_history(inner, &changes, now).await.map_err(unavailable)?;
    let activities = {
        let mut state = inner.state();
        let lag = Duration::from_secs(u64::from(state.settings.feed_lag_seconds));
        let ip_address = request.source.map(|source| source.to_string());
        let origin = Origin { caller, at: now, lag, ip_address };
        feed::written(events, &origin, &mut state.faults, &*inner.clock)
    };
    // Before it is kept: what is kept is answered.
    let views = views(inner, activities.clone()).await.map_err(unavailable)?;
    commit(inner, turn, changes, activities).await?;
    let mut state = inner.state();
    state.channels.tell_of_users(&notices, now);
    state.channels.tell_of_activities(&views, now);
    drop(state);
    inner.messages.notify_one();
    Ok(())
}

/// Keeps changes and activities.
pub(crate) async fn commit(
    inner: &Inner,
    turn: &Turn<'_>,
    changes: Vec<Change>,
    activities: Vec<Activity>,
) -> Result<(), NotKept> {
    let refused = |why: NotCommitted| NotKept::Refused(Refusal::from(why));
    if inner.memory.is_some() {
        note(inner, changes.clone(), activities)?;
        return inner.directory.commit(changes, turn.edition).await.map_err(refused);
    }
    // A directory that somebody else keeps may refuse, and then nothing has happened.
    if !changes.is_empty() {
        inner.directory.commit(changes, turn.edition).await.map_err(refused)?;
    }
    note(inner, Vec::new(), activities)
}

/// Writes down what happened: in the journal, if there is one, and in the audit log.
fn note(inner: &Inner, changes: Vec<Change>, activities: Vec<Activity>) -> Result<(), NotKept> {
    if changes.is_empty() && activities.is_empty() {
        return Ok(());
    }
    let mut state = inner.state();
    if let Some(journal) = &mut state.journal {
        let entry = Entry::Edit { changes, activities: activities.clone() };
        if journal.append(&entry).is_err() {
            inner.state_lost.cancel();
            return Err(NotKept::Lost);
        }
    }
    state.feed.add(activities, inner.clock.now());
    Ok(())
}

/// Notes what users were, if searches lag.
async fn note_history(inner: &Inner, changes: &[Change], now: Timestamp) -> Result<(), Unavailable> {
    let Some(lag) = inner.state().settings.search_lag_seconds else { return Ok(()) };
    for change in changes {
        let (Change::User(crate::workspace::directory::User { id, .. }) | Change::UserGone(id)) = change
        else {
            continue;
        };
        let before = inner.directory.user(id).await?;
        let lag = Duration::from_secs(u64::from(lag));
        inner.state().history.note(id, before, now, lag);
    }
    Ok(())
}

/// Activities with their bodies, for channels.
async fn views(inner: &Inner, activities: Vec<Activity>) -> Result<Vec<(Activity, String)>, Unavailable> {
    if activities.is_empty() {
        return Ok(Vec::new());
    }
    let customer = inner.directory.customer().await?;
    let domains = inner.directory.domains().await?;
    let domain = domains.iter().find(|domain| domain.is_primary).map_or("", |domain| domain.name.as_str());
    let body = |activity: &Activity| activity.view(&customer.id, domain).to_string();
    Ok(activities.into_iter().map(|activity| (activity.clone(), body(&activity))).collect())
}

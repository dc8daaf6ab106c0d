//! Whom a run suspended, a page at a time, each judged by what is on record: as the run left them, or why not.

use usher_model::adoption::Found;
use usher_model::id::{AppId, Email, RemoteId, RunId};
use usher_model::time::Timestamp;
use usher_model::undo::{LeftAlone, Since, as_it_was_left};
use usher_store::account::{self, AccountRecord};
use usher_store::event::{self, Event, EventKind};
use usher_store::{StoreError, Tx};

use crate::report::Whom;

/// How many people are judged, read and written to in one go.
const PAGE: usize = 500;

/// Somebody whose account is suspended as the run left it, as far as the record says.
pub(super) struct Suspended {
    /// What the run did.
    pub(super) event: Event,
    pub(super) email: Email,
    pub(super) record: AccountRecord,
    pub(super) remote_id: RemoteId,
}

impl Suspended {
    pub(super) fn whom(&self) -> Whom {
        Whom { user: self.record.user.clone(), email: Some(self.email.clone()) }
    }
}

/// A page of those whom a run suspended.
#[derive(Default)]
pub(super) struct Page {
    /// The place of its last one in the run's plan.
    pub(super) last: i64,
    /// As the run left them.
    pub(super) to_take_back: Vec<Suspended>,
    /// Everybody else, but those whom the run itself did something to after that, or this undo already has.
    pub(super) left_alone: Vec<(Whom, LeftAlone)>,
}

/// The page after this place in the run's plan; none: there are no more. Beside the app, the undo's own run is given
/// where there is one.
pub(super) async fn page(
    tx: &mut Tx,
    (app, own): (&AppId, Option<&RunId>),
    run: &RunId,
    after: i64,
    now: Timestamp,
) -> Result<Option<Page>, StoreError> {
    let events = event::of_run(tx, app, run, EventKind::Suspend, after, PAGE).await?;
    let Some(last) = events.last().map(|event| event.seq) else { return Ok(None) };
    let users: Vec<_> = events.iter().map(|event| event.user.clone()).collect();
    let mut newest = event::newest_of(tx, app, &users).await?;
    let mut records = account::of(tx, app, &users).await?;
    let mut page = Page { last, ..Page::default() };
    for event in events {
        let since = newest.remove(&event.user).filter(|newest| place(newest) != place(&event));
        // What the run went on to do is told, or taken back, by itself.
        let is_dealt_with = |since: &Event| {
            since.run == *run && matches!(since.kind, EventKind::Suspend | EventKind::HardDelete)
        };
        if since.as_ref().is_some_and(|since| is_dealt_with(since) || Some(&since.run) == own) {
            continue;
        }
        let whom = Whom { user: event.user.clone(), email: event.email.clone() };
        match judge(run, event, since.as_ref(), records.remove(&whom.user), now) {
            Ok(suspended) => page.to_take_back.push(suspended),
            Err(why) => page.left_alone.push((whom, why)),
        }
    }
    Ok(Some(page))
}

fn place(event: &Event) -> (&RunId, i64, EventKind) {
    (&event.run, event.seq, event.kind)
}

fn judge(
    run: &RunId,
    event: Event,
    since: Option<&Event>,
    record: Option<AccountRecord>,
    now: Timestamp,
) -> Result<Suspended, LeftAlone> {
    let record = record.unwrap_or_else(|| AccountRecord::new(event.user.clone(), event.email.clone()));
    let since = since.and_then(|since| {
        let kind = since.kind.operation()?;
        Some(Since { run: &since.run, kind, reason: &since.reason })
    });
    let remote_id = as_it_was_left(run, since, &record.to_account(Found::NotLooked), now)?;
    // Whoever has an account has an address on record.
    let email = event.email.clone().or_else(|| record.email.clone()).ok_or(LeftAlone::Unrecorded)?;
    Ok(Suspended { event, email, record, remote_id })
}

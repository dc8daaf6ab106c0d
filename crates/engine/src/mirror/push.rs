//! Google's push channels: it says of people that something of them changed, and they are read anew.
//!
//! Only for whoever has a public address. A message is a hint (some never come), so the log and whole listings go on as
//! ever; what it brings along is an address to ask about, and nothing else of it is believed.
//!
//! # Invariants
//!
//! 1. A message counts only with the token of the channel that it says it came by.
//! 2. A channel that is about to end is replaced before it does: for an hour there are two.

use std::time::Duration;

use usher_model::id::Email;
use usher_model::time::Timestamp;
use usher_protocol::directory::channel::{Channel, MAX_TTL_SECONDS, Message, UserEvent};
use usher_store::Store;
use usher_store::directory::Directory;
use usher_store::directory::push::{self, PushChannel};

use super::MirrorError;
use super::refresh::{Touched, refresh};
use crate::clock::{Clock, new_id};
use crate::google::client::GoogleClient;

/// How long before its end a channel is replaced.
const LEAD: Duration = Duration::from_hours(1);
/// How many people are read for hints at once.
const MAX_HINTS: usize = 50;
/// Of how many people hints may wait: where more changed, a whole listing costs less.
pub(super) const MAX_WAITING: usize = 200;
/// The path below the public address to which Google sends its messages.
pub const PATH: &str = "/google/notifications";

/// What a message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notified {
    /// It came by no channel of ours, or not with its token.
    Stranger,
    /// The first of a channel, which says nothing.
    Opened,
    /// Somebody is going to be read anew.
    Hint,
}

/// Opens every channel that does not stand for another hour. `address` is where Google sends its messages; a channel to
/// another one stands for nothing. What Google refuses does not keep the others from being opened.
pub async fn renew(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    address: &str,
) -> Result<(), MirrorError> {
    let now = clock.now();
    let mut tx = store.begin("engine::mirror::channels").await?;
    let standing = push::standing(&mut tx, &directory.id, now).await?;
    tx.commit().await?;
    let mut ended = Ok(());
    for event in UserEvent::ALL {
        let stands = |channel: &PushChannel| {
            channel.event == event.as_str() && channel.address == address && channel.expires_at > now + LEAD
        };
        if !standing.iter().any(stands) {
            let opened = open(store, clock, client, directory, event, address).await;
            ended = ended.and(opened);
        }
    }
    ended
}

async fn open(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    event: UserEvent,
    address: &str,
) -> Result<(), MirrorError> {
    let channel = Channel {
        id: new_id(clock),
        address: address.to_owned(),
        // Two ids hold more chance than anybody guesses.
        token: format!("{}-{}", new_id(clock), new_id(clock)),
        ttl_seconds: MAX_TTL_SECONDS,
    };
    let expires_at = clock.now() + Duration::from_secs(MAX_TTL_SECONDS.into());
    let (id, event_name) = (channel.id.clone(), event.as_str().to_owned());
    let kept = PushChannel { id, event: event_name, address: address.to_owned(), expires_at };
    // Before it is opened: its first message may be here before the answer.
    let mut tx = store.begin("engine::mirror::open_channel").await?;
    push::open(&mut tx, &directory.id, &kept, &channel.token).await?;
    tx.commit().await?;
    if let Err(error) = client.watch_users(event, &channel).await {
        let mut tx = store.begin("engine::mirror::close_channel").await?;
        push::close(&mut tx, &channel.id).await?;
        tx.commit().await?;
        return Err(error.into());
    }
    Ok(())
}

/// Takes a message of Google's: the id and the token that it names, its state, and its body.
pub async fn notified(
    store: &Store,
    now: Timestamp,
    (channel, token): (&str, &str),
    state: &str,
    body: &[u8],
) -> Result<Notified, MirrorError> {
    let mut tx = store.begin("engine::mirror::notified").await?;
    let Some(directory) = push::whose(&mut tx, channel, token, now).await? else {
        tx.rollback().await?;
        return Ok(Notified::Stranger);
    };
    if state == "sync" {
        tx.rollback().await?;
        return Ok(Notified::Opened);
    }
    let message: Option<Message> = serde_json::from_slice(body).ok();
    let email = message.and_then(|message| message.primary_email).and_then(|email| Email::parse(&email).ok());
    match email {
        Some(email) => push::hint(&mut tx, &directory, &email, now).await?,
        // Nobody knows of whom: the next listing does.
        None => usher_store::directory::set_next_listing(&mut tx, &directory, now).await?,
    }
    tx.commit().await?;
    Ok(Notified::Hint)
}

/// Reads those anew of whom a message came. Whether the mirror says anything else than it did.
pub async fn heed(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
) -> Result<bool, MirrorError> {
    let hints = {
        let mut tx = store.read("engine::mirror::hints").await?;
        push::hints(&mut tx, &directory.id, MAX_HINTS).await?
    };
    let users = hints.iter().map(|(email, _)| email.clone()).collect();
    let touched = Touched { users, ..Touched::default() };
    let is_changed = refresh(store, clock, client, directory, &touched).await?;
    let mut tx = store.begin("engine::mirror::heeded").await?;
    push::heeded(&mut tx, &directory.id, &hints).await?;
    tx.commit().await?;
    Ok(is_changed)
}

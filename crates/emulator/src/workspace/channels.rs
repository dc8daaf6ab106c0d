//! Push channels: who is told of what, and the messages that wait to be carried.
//!
//! Delivery is never waited for by a request: messages are put in a queue, and whoever owns the emulator has them
//! carried ([`super::Workspace::deliver`]).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use usher_model::time::Timestamp;

use super::courier::{Delivery, Notification};
use super::directory::User;
use super::feed::Activity;
use super::wire;

/// How long a channel lives unless it is said.
pub(crate) const USUAL_LIFE: Duration = Duration::from_hours(2);
/// The longest life of a channel.
pub(crate) const LONGEST_LIFE: Duration = Duration::from_hours(48);
/// The most channels at a time.
const MAX_CHANNELS: usize = 1_000;
/// The most messages that wait; the oldest are lost beyond it.
const MAX_WAITING: usize = 100_000;
/// How often a message is tried.
const MAX_TRIES: u32 = 6;

/// What happens to a user, as channels call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserEvent {
    Add,
    Delete,
    MakeAdmin,
    Undelete,
    Update,
}

impl UserEvent {
    pub(crate) const ALL: [Self; 5] =
        [Self::Add, Self::Delete, Self::MakeAdmin, Self::Undelete, Self::Update];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Delete => "delete",
            Self::MakeAdmin => "makeAdmin",
            Self::Undelete => "undelete",
            Self::Update => "update",
        }
    }
}

/// Something that happened to a user.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) event: UserEvent,
    pub(crate) user: Arc<User>,
}

/// What a channel is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// One thing that happens to users, of one domain or of all.
    Users { event: UserEvent, domain: Option<String> },
    /// Activities, of one event or of all, by one actor or by all.
    Activities { event: Option<String>, actor: Option<String> },
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) resource_id: String,
    pub(crate) resource_uri: String,
    pub(crate) token: Option<String>,
    pub(crate) address: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) topic: Topic,
    /// The number of the next message.
    pub(crate) next: u64,
}

/// A message that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) notification: Notification,
    pub(crate) due_at: Timestamp,
    tries: u32,
}

/// Every channel, and what waits.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    channels: BTreeMap<String, Channel>,
    waiting: VecDeque<Waiting>,
}

impl Channels {
    /// Opens a channel and sends its first message; whether there was a place for it.
    pub(crate) fn open(&mut self, mut channel: Channel, now: Timestamp) -> bool {
        self.channels.retain(|_, channel| channel.expires_at > now);
        if self.channels.len() >= MAX_CHANNELS || self.channels.contains_key(&channel.id) {
            return false;
        }
        let first = message(&mut channel, "sync", Vec::new());
        self.wait(first, now);
        self.channels.insert(channel.id.clone(), channel);
        true
    }

    /// Stops a channel; whether there was one.
    pub(crate) fn stop(&mut self, id: &str, resource_id: &str) -> bool {
        let is_there = self.channels.get(id).is_some_and(|channel| channel.resource_id == resource_id);
        if is_there {
            self.channels.remove(id);
        }
        is_there
    }

    pub(crate) fn list(&self, now: Timestamp) -> Vec<Channel> {
        self.channels.values().filter(|channel| channel.expires_at > now).cloned().collect()
    }

    /// Tells of users.
    pub(crate) fn tell_of_users(&mut self, notices: &[Notice], now: Timestamp) {
        for notice in notices {
            let user = &notice.user;
            let domain = user.email().rsplit_once('@').map_or("", |(_, domain)| domain);
            let body = json!({
                "kind": "admin#directory#user",
                "id": user.id,
                "etag": wire::etag(&json!(user.fields)),
                "primaryEmail": user.email(),
            });
            self.tell(now, notice.event.name(), &body.to_string(), |topic| match topic {
                Topic::Users { event, domain: wanted } => {
                    *event == notice.event && wanted.as_deref().is_none_or(|wanted| wanted == domain)
                }
                Topic::Activities { .. } => false,
            });
        }
    }

    /// Tells of activities.
    pub(crate) fn tell_of_activities(&mut self, activities: &[(Activity, String)], now: Timestamp) {
        for (activity, body) in activities {
            self.tell(now, &activity.name, body, |topic| match topic {
                Topic::Activities { event, actor } => {
                    event.as_ref().is_none_or(|event| *event == activity.name)
                        && actor.as_ref().is_none_or(|actor| *actor == activity.actor_id)
                }
                Topic::Users { .. } => false,
            });
        }
    }

    fn tell(&mut self, now: Timestamp, state: &str, body: &str, concerns: impl Fn(&Topic) -> bool) {
        let mut messages = Vec::new();
        for channel in self.channels.values_mut() {
            if channel.expires_at > now && concerns(&channel.topic) {
                messages.push(message(channel, state, body.as_bytes().to_vec()));
            }
        }
        for message in messages {
            self.wait(message, now);
        }
    }

    fn wait(&mut self, notification: Notification, now: Timestamp) {
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(Waiting { notification, due_at: now, tries: 0 });
    }

    /// The next message that is due.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Waiting> {
        let due = self.waiting.iter().position(|waiting| waiting.due_at <= now)?;
        self.waiting.remove(due)
    }

    /// When the next message is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|waiting| waiting.due_at).min()
    }

    /// What follows from a delivery: Google tries again after 500, 502, 503 and 504 alone.
    pub(crate) fn settle(&mut self, waiting: Waiting, delivery: Delivery, now: Timestamp) {
        let Waiting { notification, tries, .. } = waiting;
        let is_over = !matches!(delivery, Delivery::Answered(500 | 502..=504)) || tries + 1 >= MAX_TRIES;
        if !is_over {
            let due_at = now + Duration::from_secs(1 << tries);
            self.waiting.push_back(Waiting { notification, due_at, tries: tries + 1 });
        }
    }
}

fn message(channel: &mut Channel, state: &str, body: Vec<u8>) -> Notification {
    let number = channel.next;
    channel.next += 1;
    let mut headers = vec![
        ("X-Goog-Channel-ID", channel.id.clone()),
        ("X-Goog-Channel-Expiration", http_date(channel.expires_at)),
        ("X-Goog-Resource-ID", channel.resource_id.clone()),
        ("X-Goog-Resource-URI", channel.resource_uri.clone()),
        ("X-Goog-Resource-State", state.to_owned()),
        ("X-Goog-Message-Number", number.to_string()),
    ];
    if let Some(token) = &channel.token {
        headers.push(("X-Goog-Channel-Token", token.clone()));
    }
    if !body.is_empty() {
        headers.push(("Content-Type", "application/json; charset=UTF-8".to_owned()));
    }
    Notification { address: channel.address.clone(), headers, body }
}

/// An instant as HTTP writes it: `Mon, 09 Dec 2013 22:24:23 GMT`.
fn http_date(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.to_string();
    let day = at.as_micros().div_euclid(86_400_000_000).rem_euclid(7);
    let weekday = usize::try_from(day).ok().and_then(|day| DAYS.get(day)).unwrap_or(&"Thu");
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse().ok().and_then(|month: usize| MONTHS.get(month.checked_sub(1)?));
    format!("{weekday}, {} {} {} {} GMT", part(8, 10), month.unwrap_or(&"Jan"), part(0, 4), part(11, 19))
}

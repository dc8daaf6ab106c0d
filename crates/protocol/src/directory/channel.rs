//! Push channels: asking to be told of changes, and reading what comes (reference §2.4).
//!
//! A message is a hint: some are lost, some come late. It names the person, and nobody believes more of it.

use serde::Deserialize;

/// What a channel is asked for with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// A UUID of ours; never used twice.
    pub id: String,
    /// Where messages are sent: HTTPS with a certificate that the public trusts.
    pub address: String,
    /// What each message has to bring along, so that nobody else's is believed.
    pub token: String,
    /// How long it stands, in seconds; two days at most.
    pub ttl_seconds: u32,
}

/// The longest that a channel of users stands.
pub const MAX_TTL_SECONDS: u32 = 2 * 24 * 3_600;

/// A kind of change that may concern an account. Each needs a channel of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserEvent {
    /// Somebody was created.
    Add,
    /// Somebody was deleted.
    Delete,
    /// Somebody was restored.
    Undelete,
    /// Something of somebody changed.
    Update,
}

impl UserEvent {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Add, Self::Delete, Self::Undelete, Self::Update];

    /// As `users.watch` spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Delete => "delete",
            Self::Undelete => "undelete",
            Self::Update => "update",
        }
    }
}

/// The answer to `users.watch` (`Channel` in the discovery document).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// Our id of the channel.
    pub id: String,
    /// Google's id of what is watched; stopping needs it.
    pub resource_id: String,
    /// When it ends, in milliseconds since 1970, as text.
    #[serde(default)]
    pub expiration: Option<String>,
}

/// What a message's body says of a person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The person's id.
    pub id: String,
    /// Their address.
    #[serde(default)]
    pub primary_email: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_person() {
        let body = r#"{"kind":"admin#directory#user","id":"111","etag":"e","primaryEmail":"a@example.com"}"#;
        let message: Message = serde_json::from_str(body).unwrap();
        assert_eq!((message.id.as_str(), message.primary_email.as_deref()), ("111", Some("a@example.com")));
    }

    #[test]
    fn an_opened_channel_needs_the_id_that_stops_it() {
        assert!(serde_json::from_str::<Opened>(r#"{"id":"c"}"#).is_err());
        let opened: Opened =
            serde_json::from_str(r#"{"kind":"api#channel","id":"c","resourceId":"r","expiration":"17"}"#)
                .unwrap();
        assert_eq!(opened.expiration.as_deref(), Some("17"));
    }
}

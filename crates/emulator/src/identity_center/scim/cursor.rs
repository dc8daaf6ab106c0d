//! Cursors: where a list goes on, for which filter, since when. Opaque, and in an alphabet that has to be encoded in a
//! URL.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use usher_model::time::Timestamp;

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::store::Key;

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    Users,
    Groups,
}

/// Where a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    listed: Listed,
    filter: [u8; 8],
    after: Key,
    made_at: Timestamp,
}

impl Cursor {
    pub(crate) fn new(listed: Listed, filter: Option<&str>, after: Key, now: Timestamp) -> Self {
        Self { listed, filter: fingerprint(filter), after, made_at: now }
    }

    pub(crate) fn encode(&self) -> String {
        let mut bytes = vec![match self.listed {
            Listed::Users => 1,
            Listed::Groups => 2,
        }];
        bytes.extend(self.filter);
        bytes.extend(self.after.to_be_bytes());
        bytes.extend(self.made_at.as_micros().to_be_bytes());
        STANDARD.encode(bytes)
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes: [u8; 25] = STANDARD.decode(text).ok()?.try_into().ok()?;
        let eight = |from: usize| -> Option<[u8; 8]> { bytes.get(from..from + 8)?.try_into().ok() };
        let listed = match bytes[0] {
            1 => Listed::Users,
            2 => Listed::Groups,
            _ => return None,
        };
        Some(Self {
            listed,
            filter: eight(1)?,
            after: Key::from_be_bytes(eight(9)?),
            made_at: Timestamp::from_micros(i64::from_be_bytes(eight(17)?)),
        })
    }

    /// Where the list of this cursor goes on, if it is a cursor of that list with that filter and still good.
    pub(crate) fn resume(
        text: &str,
        listed: Listed,
        filter: Option<&str>,
        life: Option<Duration>,
        now: Timestamp,
    ) -> Result<Key, Refusal> {
        let cursor = Self::decode(text).ok_or_else(Refusal::unparsable)?;
        let is_over = life.is_some_and(|life| now.since(cursor.made_at) > life);
        if cursor.listed != listed || cursor.filter != fingerprint(filter) || is_over {
            return Err(Refusal::unparsable());
        }
        Ok(cursor.after)
    }
}

fn fingerprint(filter: Option<&str>) -> [u8; 8] {
    let hash = Sha256::digest(filter.unwrap_or_default().as_bytes());
    hash[..8].try_into().expect("invariant: eight bytes are eight bytes")
}

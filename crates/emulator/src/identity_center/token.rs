//! Access tokens: at most two, a year's life, their values known to nobody but whoever was shown them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use usher_model::time::Timestamp;

/// The most tokens of one tenant.
pub(crate) const MAX_TOKENS: usize = 2;
/// How long a token is good for.
pub(crate) const LIFE: Duration = Duration::from_hours(24 * 365);

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) id: String,
    /// SHA-256 of the value, in hexadecimal digits.
    pub(crate) hash: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Token {
    pub(crate) fn new(id: String, value: &str, now: Timestamp) -> Self {
        Self { id, hash: hash(value), created_at: now, expires_at: now + LIFE }
    }
}

/// The hash by which a token's value is recognized.
pub(crate) fn hash(value: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(value.as_bytes()) {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).expect("invariant: four bits are a digit"));
        }
    }
    text
}

//! Page tokens: where a listing goes on. One is good for three days and for the listing that it was given out for.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use usher_model::time::Timestamp;

use super::directory::Place;
use super::refusal::Refusal;
use super::wire;

/// How long a token is good for.
const LIFE: Duration = Duration::from_hours(24 * 3);
/// How much of a hash makes a token that was tampered with none.
const SEAL: usize = 16;

/// A token, once it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageToken {
    /// What the listing is of.
    listing: String,
    /// The last one that was shown.
    pub(crate) after: Place,
    /// Which page comes next, from 2 on.
    pub(crate) page: u64,
    issued_at: Timestamp,
}

impl PageToken {
    pub(crate) fn new(listing: &str, after: Place, page: u64, now: Timestamp) -> Self {
        Self { listing: wire::hash(listing), after, page, issued_at: now }
    }

    /// The token as a client sees it.
    pub(crate) fn text(&self) -> String {
        let json = serde_json::to_string(self).expect("invariant: a token is JSON");
        let hash = wire::hash(&json);
        let (seal, _) = hash.split_at(SEAL);
        URL_SAFE_NO_PAD.encode(format!("{seal}{json}"))
    }

    /// Reads a token of whatever listing.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (seal, json) = decoded.split_at_checked(SEAL)?;
        let is_ours = wire::hash(json).starts_with(seal);
        is_ours.then(|| serde_json::from_str(json).ok()).flatten()
    }

    /// Reads a token of this listing that is still good.
    pub(crate) fn accept(text: &str, listing: &str, now: Timestamp) -> Result<Self, Refusal> {
        let token = Self::read(text).filter(|token| token.listing == wire::hash(listing));
        token.filter(|token| now.since(token.issued_at) < LIFE).ok_or_else(Refusal::page_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_listing_for_three_days() {
        let now = Timestamp::from_micros(1_000_000);
        let place = Place { key: "a@x.example".to_owned(), id: "1".to_owned() };
        let token = PageToken::new("users", place, 2, now);
        let text = token.text();
        assert_eq!(PageToken::accept(&text, "users", now), Ok(token));
        assert!(PageToken::accept(&text, "users", now + Duration::from_hours(71)).is_ok());
        assert!(PageToken::accept(&text, "users", now + Duration::from_hours(72)).is_err());
        assert!(PageToken::accept(&text, "groups", now).is_err());
        for wrong in ["", "x", &text[1..], &text[..text.len() - 4]] {
            assert!(PageToken::accept(wrong, "users", now).is_err());
        }
    }
}

//! How Google writes instants, etags and ids.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use usher_model::time::Timestamp;

use crate::clock::Clock;

const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// When somebody who never signed in signed in last.
pub(crate) const NEVER: &str = "1970-01-01T00:00:00.000Z";

/// An instant to the millisecond: `2026-11-23T09:30:00.000Z`.
pub(crate) fn instant(at: Timestamp) -> String {
    let millis = at.as_micros().div_euclid(1_000).rem_euclid(1_000);
    let whole = Timestamp::from_micros(at.as_micros().div_euclid(1_000_000) * 1_000_000);
    let text = whole.to_string();
    format!("{}.{millis:03}Z", text.trim_end_matches('Z'))
}

/// Milliseconds since 1970, as a text.
pub(crate) fn millis(at: Timestamp) -> String {
    at.as_micros().div_euclid(1_000).to_string()
}

/// What tells two versions of a resource apart, in quotation marks.
pub(crate) fn etag(of: &Value) -> String {
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(of.to_string().as_bytes()));
    let (version, _) = digest.split_at(27);
    format!("\"usher-emulator-of-the-directory-api-v1-0000/{version}\"")
}

/// An id of a user: 21 digits.
pub(crate) fn user_id(clock: &dyn Clock) -> String {
    digits(&drawn(clock))
}

/// The id of somebody of elsewhere, which is the same each time.
pub(crate) fn external_id(address: &str) -> String {
    let digest = Sha256::digest(address.to_lowercase().as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    digits(&bytes)
}

fn digits(bytes: &[u8; 16]) -> String {
    format!("1{:020}", u128::from_be_bytes(*bytes) % 100_000_000_000_000_000_000)
}

/// An id of a group: 15 letters and digits.
pub(crate) fn group_id(clock: &dyn Clock) -> String {
    format!("0{}", letters(&drawn(clock), 14))
}

/// An id of an organizational unit.
pub(crate) fn org_unit_id(clock: &dyn Clock) -> String {
    format!("id:03{}", letters(&drawn(clock), 13))
}

/// An id of the organisation.
pub(crate) fn customer_id(clock: &dyn Clock) -> String {
    format!("C0{}", letters(&drawn(clock), 7))
}

/// Anything else that is drawn: schemas, channels, keys, tokens.
pub(crate) fn opaque(clock: &dyn Clock) -> String {
    URL_SAFE_NO_PAD.encode(drawn(clock))
}

/// The value of a token, which cannot be guessed.
pub(crate) fn secret(clock: &dyn Clock) -> String {
    let mut bytes = [0; 64];
    clock.entropy(&mut bytes);
    format!("ya29.{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The id of a key: 40 hexadecimal digits.
pub(crate) fn key_id(clock: &dyn Clock) -> String {
    let mut bytes = [0; 20];
    clock.entropy(&mut bytes);
    hex(&bytes)
}

/// What a secret is recognized by.
pub(crate) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |bits: u8| char::from_digit(u32::from(bits), 16).expect("invariant: four bits are a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn drawn(clock: &dyn Clock) -> [u8; 16] {
    let mut bytes = [0; 16];
    clock.entropy(&mut bytes);
    bytes
}

fn letters(bytes: &[u8; 16], most: usize) -> String {
    bytes.iter().take(most).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

//! What opens something: the secret of a session's cookie or of a link, and the digest under which it is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize as _, Deserializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::clock::Clock;

/// As many as nobody can guess.
const BYTES: usize = 32;

/// Makes one.
pub(crate) fn generate(clock: &dyn Clock) -> SecretString {
    let mut bytes = [0; BYTES];
    clock.entropy(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes).into()
}

/// Reads what somebody typed, or what a link holds.
pub(crate) fn typed<'de, D: Deserializer<'de>>(typed: D) -> Result<SecretString, D::Error> {
    String::deserialize(typed).map(SecretString::from)
}

/// What the store knows it by.
pub(crate) fn digest(secret: &SecretString) -> String {
    hashed("usher stored secret", secret)
}

/// What a form of this session carries: whoever cannot read our pages cannot know it.
pub(crate) fn form_token(session: &SecretString) -> String {
    hashed("usher form token", session)
}

/// Whether a form carries the token of its session.
pub(crate) fn is_form_token(given: &str, session: &SecretString) -> bool {
    given.as_bytes().ct_eq(form_token(session).as_bytes()).into()
}

fn hashed(purpose: &str, secret: &SecretString) -> String {
    let digest = Sha256::new().chain_update(purpose).chain_update([0]).chain_update(secret.expose_secret());
    hexadecimal(&digest.finalize())
}

/// Bytes in hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).expect("invariant: half a byte is a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_and_what_a_form_carries_are_two_things_and_neither_is_the_secret() {
        let secret = SecretString::from("s");
        assert_ne!(digest(&secret), form_token(&secret));
        assert_eq!(digest(&secret).len(), 64);
        assert!(is_form_token(&form_token(&secret), &secret));
        assert!(!is_form_token(&digest(&secret), &secret) && !is_form_token("", &secret));
    }
}

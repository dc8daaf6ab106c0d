//! Secrets at rest: sealed with a key that is not in the database, to the one place where they are stored.
//!
//! XChaCha20-Poly1305, with a random nonce of 24 bytes for each sealing. The place (table, row, column) and the key's
//! id are authenticated, so that a sealed secret that is moved to another row, or another column, does not open.
//!
//! A sealed secret is: version (1 byte, `1`), key id (4), nonce (24), ciphertext and tag (plain length + 16).
//!
//! # Invariants
//!
//! 1. The first key seals, every key of the ring opens: that is how keys are rotated.
//! 2. Plain secrets are `SecretString`s; no error says more of one than its place.
//!
//! Not here: where keys come from (`key_file`), and which columns are secret (their aggregates know).

pub(crate) mod key_file;

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + ID_BYTES + NONCE_BYTES;

/// Chance that nobody can guess, for keys and nonces: the operating system's, or a test's.
pub trait Entropy: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

impl<F: Fn(&mut [u8]) + Send + Sync> Entropy for F {
    fn fill(&self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// A key of 32 bytes. Its id is made from it, and stands in front of everything it sealed.
pub struct Key {
    id: [u8; ID_BYTES],
    secret: SecretBox<[u8; KEY_BYTES]>,
}

impl Key {
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        let digest = Sha256::new().chain_update(b"usher key id").chain_update(bytes).finalize();
        let id = [digest[0], digest[1], digest[2], digest[3]];
        Self { id, secret: SecretBox::new(Box::new(bytes)) }
    }

    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; KEY_BYTES];
        entropy.fill(&mut bytes);
        Self::new(bytes)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.secret.expose_secret().into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Where a sealed secret is stored, which is the only place where it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    pub table: &'static str,
    /// The row's key.
    pub row: &'a str,
    pub column: &'static str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of {}", self.table, self.column, self.row)
    }
}

impl Place<'_> {
    /// What is authenticated along with the secret: each part with its length, so that no two places are spelled alike.
    fn authenticated(&self, header: &[u8]) -> Vec<u8> {
        let mut bytes = header.to_vec();
        for part in [self.table, self.row, self.column] {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// Why a sealed secret does not open. `place` is its table, column and row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error(
        "the secret {place} is sealed with a key that is not in the key file; add that key as another line"
    )]
    UnknownKey { place: String },

    #[error("the secret {place} was altered, or moved there from another place; enter it again")]
    Tampered { place: String },

    #[error("the secret {place} is of a form that this version does not know; use the version that wrote it")]
    UnknownForm { place: String },
}

/// The keys that are known, and the chance for nonces.
#[derive(Clone)]
pub struct Keyring {
    keys: Arc<[Key]>,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

impl Keyring {
    /// The first key seals, all of them open. `keys` must not be empty.
    pub fn new(keys: Vec<Key>, entropy: Arc<dyn Entropy>) -> Self {
        assert!(!keys.is_empty(), "invariant: a key ring holds at least one key");
        Self { keys: keys.into(), entropy }
    }

    /// The secret as it may be stored at `place`, and nowhere else.
    pub fn seal(&self, place: Place<'_>, plain: &SecretString) -> Vec<u8> {
        let key = &self.keys[0];
        let mut nonce = [0; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&key.id);
        let payload = Payload { msg: plain.expose_secret().as_bytes(), aad: &place.authenticated(&sealed) };
        let hidden = key.cipher().encrypt(&XNonce::from(nonce), payload);
        sealed.extend_from_slice(&nonce);
        sealed.extend(hidden.expect("invariant: a secret is shorter than the cipher's 256 GiB"));
        sealed
    }

    /// The secret that was sealed for `place`.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretString, SecretError> {
        let unknown_form = || SecretError::UnknownForm { place: place.to_string() };
        let tampered = || SecretError::Tampered { place: place.to_string() };
        if sealed.first() != Some(&VERSION) || sealed.len() < HEADER_BYTES {
            return Err(unknown_form());
        }
        let (header, rest) = sealed.split_at(1 + ID_BYTES);
        let (nonce, hidden) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(unknown_form)?;
        let key = self.keys.iter().find(|key| key.id == header[1..]);
        let key = key.ok_or_else(|| SecretError::UnknownKey { place: place.to_string() })?;
        let payload = Payload { msg: hidden, aad: &place.authenticated(header) };
        let plain = key.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| tampered())?;
        // It opened, so it is what we sealed, and that was a string.
        String::from_utf8(plain).map(SecretString::from).map_err(|_| tampered())
    }
}

#[cfg(test)]
mod tests;

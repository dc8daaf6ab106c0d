//! A service account's private key, which signs claims (RFC 7515, RS256) and is never shown.

use std::fmt;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// A private key that has signed something once.
#[derive(Clone)]
pub struct PrivateKey {
    id: Option<String>,
    pem: SecretString,
    key: EncodingKey,
}

/// A key that does not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the private key is not an RSA key in PEM form")]
pub struct NotAKey;

impl PrivateKey {
    /// Reads a key in PEM form (PKCS #8, as Google writes it, or PKCS #1), and tries it.
    pub fn parse(pem: &SecretString, id: Option<String>) -> Result<Self, NotAKey> {
        let key = EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes()).map_err(|_| NotAKey)?;
        let key = Self { id, pem: pem.clone(), key };
        key.sign(&json!({})).map(|_| key)
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Value) -> Result<SecretString, NotAKey> {
        let header = Header { kid: self.id.clone(), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.key).map(SecretString::from).map_err(|_| NotAKey)
    }

    /// The id by which Google knows the key.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The key itself.
    pub(super) fn pem(&self) -> &SecretString {
        &self.pem
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("id", &self.id).finish_non_exhaustive()
    }
}

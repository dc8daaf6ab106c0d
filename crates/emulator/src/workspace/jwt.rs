//! JSON Web Tokens, as a service account signs them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::keys::{self, PrivateKey};

/// What a token says of itself.
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

/// What a token claims.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: Option<String>,
    pub(crate) sub: Option<String>,
    pub(crate) aud: Option<Value>,
    pub(crate) scope: Option<String>,
    pub(crate) iat: Option<f64>,
    pub(crate) exp: Option<f64>,
}

impl Claims {
    /// Whether it is for this audience.
    pub(crate) fn is_for(&self, audience: &str) -> bool {
        let Some(aud) = &self.aud else { return false };
        aud.as_str() == Some(audience)
            || aud.as_array().is_some_and(|all| all.iter().any(|one| one.as_str() == Some(audience)))
    }

    /// The scopes that it asks for.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.as_deref().unwrap_or_default().split_whitespace()
    }
}

/// A token that was taken apart, its signature not yet looked at.
#[derive(Debug)]
pub(crate) struct Jwt<'a> {
    header: Header,
    pub(crate) claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// Takes a token apart.
    pub(crate) fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self {
            header: part(header)?,
            claims: part(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Whether one of these keys has signed it: the one that it names, or any where it names none.
    pub(crate) fn is_signed_by<'k>(&self, keys: impl IntoIterator<Item = (&'k str, &'k str)>) -> bool {
        self.header.alg == "RS256"
            && keys.into_iter().any(|(id, public)| {
                self.header.kid.as_deref().is_none_or(|kid| kid == id)
                    && keys::verifies(public, self.signed.as_bytes(), &self.signature)
            })
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// Signs claims, as they are.
pub(crate) fn signed(key: &PrivateKey, key_id: &str, claims: &str) -> String {
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key_id }).to_string();
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

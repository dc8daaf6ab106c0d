//! A key that tokens are signed with, and its public part as a JSON Web Key (RFC 7517).

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// A key with its id.
pub(super) struct SigningKey {
    id: String,
    key: EncodingKey,
}

impl SigningKey {
    /// Makes a key of 2,048 bits.
    pub(super) fn generate(id: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("the library makes keys");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("the library writes keys");
        let body = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("the library reads keys");
        Self { id: id.to_owned(), key }
    }

    /// Its public part.
    pub(super) fn public(&self) -> Value {
        let mut public =
            Jwk::from_encoding_key(&self.key, Algorithm::RS256).expect("an RSA key has a public part");
        public.common.key_id = Some(self.id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        serde_json::to_value(public).expect("a key serializes")
    }

    /// A token with these claims, signed with RS256.
    pub(super) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.key).expect("claims that serialize")
    }
}

/// A token with these claims, signed with a secret that both sides know.
pub(super) fn signed_with_secret(claims: &Value, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("claims that serialize")
}

/// A token with these claims that nobody has signed.
pub(super) fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(claims))
}

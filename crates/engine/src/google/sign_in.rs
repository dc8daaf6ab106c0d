//! Signing in: one access token for some scopes, by whichever way the credential has (reference §3).
//!
//! - A key file with delegated scopes: claims, signed with the key, exchanged at the key's own `token_uri`.
//! - A key file of an account with a role of its own: claims, signed; they are the token. It names scopes, or else, where
//!   Google does not take it so, an audience ([`OwnForm`]).
//! - No key: an ambient token, with which IAM Credentials signs the claims; exchanged at the token endpoint.
//!
//! Not here: keeping tokens ([`crate::google::token`]).

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use usher_model::time::Timestamp;
use usher_protocol::http::Method;
use usher_protocol::oauth::{self, keyless};

pub mod error;

use crate::carrier::{Carrier, Message};
use crate::clock::Clock;
use crate::google::address::Roots;
use crate::google::ambient::Ambient;
use crate::google::ambient::error::AmbientError;
use crate::google::backoff;
use crate::google::credential::Credential;
use crate::google::credential::key_file::ServiceAccountKey;
use crate::google::form;
use error::{Asked, SignInError};

/// How often signing in is tried, where it may help.
const MAX_TRIES: u32 = 4;

/// What signs in, and where.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// How requests are carried.
    pub carrier: Arc<dyn Carrier>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Who signs in.
    pub credential: Credential,
    /// What the process has by being where it is, or why nothing; only asked by a credential without a key.
    pub ambient: Result<Ambient, AmbientError>,
    /// Where IAM Credentials and the token endpoint are.
    pub roots: Roots,
    /// How long each request may take.
    pub timeout: Duration,
}

/// How a token that an account signs for itself says what it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnForm {
    /// With scopes, so that it opens no more than is used.
    #[default]
    Scopes,
    /// With an audience: whatever the account's role opens.
    Audience,
}

impl OwnForm {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Scopes => Self::Audience,
            Self::Audience => Self::Scopes,
        }
    }
}

/// An access token and its end.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The bearer token.
    pub value: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl SignIn {
    /// A token for these scopes (names without their common beginning); what may pass is tried again.
    pub async fn token(&self, scopes: &[&str], form: OwnForm) -> Result<AccessToken, SignInError> {
        let mut n_failed = 0;
        loop {
            match self.once(scopes, form).await {
                Err(error) if error.is_passing() && n_failed + 1 < MAX_TRIES => {
                    n_failed += 1;
                    let pause = backoff::pause(&*self.clock, n_failed, None);
                    self.clock.sleep_until(self.clock.now() + pause).await;
                }
                answer => return answer,
            }
        }
    }

    async fn once(&self, scopes: &[&str], form: OwnForm) -> Result<AccessToken, SignInError> {
        let now = self.clock.now();
        let now_seconds = now.as_micros().div_euclid(1_000_000);
        match &self.credential {
            Credential::Delegated { key, admin } => {
                let uri = key.token_uri.as_str();
                let claims = oauth::delegated_claims(&key.account, admin, scopes, uri, now_seconds);
                let assertion = signed(key, &claims)?;
                self.exchanged(&assertion, uri, scopes, now).await
            }
            Credential::Role { key } => {
                let claims = match form {
                    OwnForm::Scopes => oauth::own_claims(&key.account, scopes, now_seconds),
                    OwnForm::Audience => oauth::own_claims_by_audience(&key.account, now_seconds),
                };
                let value = signed(key, &claims)?;
                let life = Duration::from_secs(oauth::ASSERTION_SECONDS.unsigned_abs());
                Ok(AccessToken { value, expires_at: now + life })
            }
            Credential::Keyless { account, admin } => {
                let uri = self.roots.token.as_str();
                let claims = oauth::delegated_claims(account, admin, scopes, uri, now_seconds);
                let assertion = self.signed_by_google(account, &claims).await?;
                self.exchanged(&assertion, uri, scopes, now).await
            }
        }
    }

    /// Has IAM Credentials sign.
    async fn signed_by_google(&self, account: &str, claims: &Value) -> Result<SecretString, SignInError> {
        let ambient = self.ambient.as_ref().map_err(Clone::clone)?;
        let token = ambient.token(&*self.carrier, self.timeout).await?;
        let url = keyless::sign_jwt_url(self.roots.iam.as_str(), account);
        let body = SecretString::from(keyless::sign_jwt_body(claims).to_string());
        let message = Message {
            bearer: Some(&token),
            body: Some(("application/json", &body)),
            ..Message::new(Method::Post, &url)
        };
        let answer = self.carrier.carry(&message, self.timeout).await;
        let answer = answer.map_err(|error| SignInError::unreached("IAM Credentials".to_owned(), error))?;
        let signed =
            keyless::read_signed(&answer).map_err(|error| SignInError::of_signing(account, error))?;
        Ok(signed.into())
    }

    /// Exchanges an assertion for a token.
    async fn exchanged(
        &self,
        assertion: &SecretString,
        uri: &str,
        scopes: &[&str],
        now: Timestamp,
    ) -> Result<AccessToken, SignInError> {
        let body = form::encoded(&oauth::exchange_form(assertion.expose_secret()));
        let message = Message {
            body: Some((form::CONTENT_TYPE, &body)),
            hidden: &[assertion],
            ..Message::new(Method::Post, uri)
        };
        let answer = self.carrier.carry(&message, self.timeout).await;
        let what = || format!("the token endpoint {uri}");
        let answer = answer.map_err(|error| SignInError::unreached(what(), error))?;
        let asked = Asked { credential: &self.credential, scopes, uri, now };
        let token = oauth::read_token(&answer).map_err(|error| SignInError::of_exchange(&asked, error))?;
        let life = Duration::from_secs(token.expires_in_seconds);
        Ok(AccessToken { value: token.value.into(), expires_at: now + life })
    }
}

fn signed(key: &ServiceAccountKey, claims: &Value) -> Result<SecretString, SignInError> {
    key.key.sign(claims).map_err(|_| SignInError::NoSignature { account: key.account.clone() })
}

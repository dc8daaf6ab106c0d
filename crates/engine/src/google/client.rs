//! Calls of Google's APIs: paced, signed in, made again where that may help, and counted.
//!
//! # Invariants
//!
//! 1. A call ends: each is made at most so often, and no pause is longer than five minutes.
//! 2. Every request is counted before it is sent, so that the count is never too low.
//! 3. No error holds a secret.
//!
//! Not here: what the answers hold ([`crate::google::listing`], [`crate::google::lookup`]).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;
use serde_json::Value;
use usher_protocol::directory::error::ApiError;
use usher_protocol::directory::request::MY_CUSTOMER;
use usher_protocol::http::{Request, Response};

use super::backoff;
use super::error::GoogleError;
use super::judge::{Again, Verdict, judge};
use super::method::ApiMethod;
use super::pace::Pace;
use super::sign_in::SignIn;
use super::token::Tokens;
use crate::carrier::Message;
use crate::transport::TransportError;

/// Google compresses only for whoever says `gzip` in its name as well.
const USER_AGENT: (&str, &str) = ("User-Agent", concat!("usher/", env!("CARGO_PKG_VERSION"), " (gzip)"));

/// A directory of Google Workspace, as its calls see it.
#[derive(Debug)]
pub struct GoogleClient {
    tokens: Tokens,
    pace: Pace,
    customer: String,
    counts: Mutex<BTreeMap<ApiMethod, u64>>,
}

/// Why there is no way to a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A service account with a role of its own is nobody's.
    #[error(
        "a service account with a role of its own belongs to no customer: name the customer with --customer (Admin \
         console, Account > Account settings > Profile > Customer ID)"
    )]
    NoCustomer,
    /// A text that is no customer's id.
    #[error(
        "that is not a customer ID: it looks like C03az79cb (Admin console, Account > Account settings > Profile)"
    )]
    NotACustomer,
}

impl GoogleClient {
    /// The directory of a customer (none: the administrator's own), with tokens for these scopes.
    pub fn open(
        sign_in: SignIn,
        scopes: Vec<&'static str>,
        customer: Option<&str>,
    ) -> Result<Self, OpenError> {
        let customer = match (customer, sign_in.credential.admin()) {
            (Some(id), _) if is_customer(id) => id.to_owned(),
            (Some(_), _) => return Err(OpenError::NotACustomer),
            (None, Some(_)) => MY_CUSTOMER.to_owned(),
            (None, None) => return Err(OpenError::NoCustomer),
        };
        let pace = Pace::new(std::sync::Arc::clone(&sign_in.clock));
        Ok(Self { tokens: Tokens::new(sign_in, scopes), pace, customer, counts: Mutex::default() })
    }

    /// The customer, as it is asked about.
    pub fn customer_key(&self) -> &str {
        &self.customer
    }

    /// What signs in.
    pub fn sign_in(&self) -> &SignIn {
        self.tokens.sign_in()
    }

    /// How many requests were sent so far, by method; those made again are counted again.
    pub fn counts(&self) -> BTreeMap<ApiMethod, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a call and gives the answer's JSON; none of an answer without a body is `null`.
    pub async fn call(&self, method: ApiMethod, request: &Request) -> Result<Value, GoogleError> {
        // What a URL's reader would resolve leads to something else than was meant.
        if request.path.iter().any(|segment| matches!(segment.as_str(), "" | "." | "..")) {
            return Err(GoogleError::NoKey { method });
        }
        let (mut n_tries, mut is_token_new) = (0, false);
        loop {
            let turn = self.pace.turn().await;
            let token = self.tokens.get().await?;
            n_tries += 1;
            let answer = self.send(method, request, &token).await;
            drop(turn);
            match judge(method, answer) {
                Verdict::Answer(body) => return Ok(body),
                Verdict::Refused(error) => return Err(self.refused(method, error)),
                Verdict::Unauthorized => {
                    self.tokens.refused(&token).await;
                    if is_token_new {
                        return Err(self.unauthorized(method));
                    }
                    is_token_new = true;
                }
                Verdict::Again(again) => self.wait(method, again, n_tries).await?,
            }
        }
    }

    async fn send(
        &self,
        method: ApiMethod,
        request: &Request,
        token: &SecretString,
    ) -> Result<Response, TransportError> {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(method).or_default() += 1;
        let sign_in = self.sign_in();
        let url = request.url(sign_in.roots.api.as_str());
        let body = request.body.as_ref().map(|body| SecretString::from(body.to_string()));
        let message = Message {
            headers: &[USER_AGENT],
            bearer: Some(token),
            body: body.as_ref().map(|body| ("application/json", body)),
            ..Message::new(request.method, &url)
        };
        sign_in.carrier.carry(&message, sign_in.timeout).await
    }

    /// Waits until a call may be made again, or says why it is not.
    async fn wait(&self, method: ApiMethod, again: Again, n_tries: u32) -> Result<(), GoogleError> {
        let Again { why, after, is_throttled, most_tries } = again;
        let clock = &*self.sign_in().clock;
        let pause = backoff::pause(clock, n_tries, after);
        if n_tries >= most_tries || pause > backoff::MAX_ASKED_PAUSE {
            return Err(why.given_up(method, n_tries));
        }
        let until = clock.now() + pause;
        if is_throttled {
            self.pace.hold(until);
        }
        clock.sleep_until(until).await;
        Ok(())
    }

    fn unauthorized(&self, method: ApiMethod) -> GoogleError {
        GoogleError::Unauthorized { method, account: self.sign_in().credential.account().to_owned() }
    }

    /// Who it is that calls.
    fn actor(&self) -> &str {
        let credential = &self.sign_in().credential;
        credential.admin().unwrap_or_else(|| credential.account())
    }

    /// What a refusal means, and what mends it.
    fn refused(&self, method: ApiMethod, error: ApiError) -> GoogleError {
        let said = |error: &ApiError| error.to_string();
        let message = error.message.as_deref().unwrap_or_default();
        let reason = error.reason.as_deref().unwrap_or_default();
        let has = |part: &str| message.to_ascii_lowercase().contains(part);
        match (error.status, reason) {
            (403, "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT") => {
                GoogleError::Scope { method }
            }
            (403, _) if has("authentication scopes") => GoogleError::Scope { method },
            (403, "accessNotConfigured" | "SERVICE_DISABLED") => GoogleError::ApiOff { said: said(&error) },
            (403, "domainCannotUseApis") => GoogleError::DomainOff,
            (403, "forbidden" | "authError" | "") => GoogleError::Privilege {
                method,
                actor: self.actor().to_owned(),
                customer: Some(self.customer.clone())
                    .filter(|customer| method.names_customer() && customer != MY_CUSTOMER),
            },
            (400, "invalid") if has("pagetoken") || has("page token") => GoogleError::PageToken { method },
            (400, "invalid" | "badRequest")
                if method.names_customer() && (message == "Invalid Input" || has("customer")) =>
            {
                self.no_customer(said(&error))
            }
            (404, "notFound")
                if method.names_customer() && (has("customer") || message == "Domain not found") =>
            {
                self.no_customer(said(&error))
            }
            (404, "notFound") => GoogleError::NotFound { method, said: said(&error) },
            (_, _) => GoogleError::Refused { method, error },
        }
    }

    fn no_customer(&self, said: String) -> GoogleError {
        GoogleError::Customer { customer: self.customer.clone(), actor: self.actor().to_owned(), said }
    }
}

/// `my_customer`, or an id as Google makes them.
fn is_customer(id: &str) -> bool {
    id == MY_CUSTOMER
        || ((2..=64).contains(&id.len())
            && id.starts_with('C')
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

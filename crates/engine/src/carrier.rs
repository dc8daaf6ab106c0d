//! Carries a whole request to its address and the answer back.
//!
//! The one place that knows HTTP. It follows no redirects, reads no more of an
//! answer than [`MAX_BODY_BYTES`], and calls no address that
//! [`crate::endpoint`] refuses, also after name resolution. What went along as a
//! secret is taken out of the answer, should it come back: what a server says is
//! shown, logged and stored. Retries, rates and meaning are elsewhere.

use std::error::Error as _;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use secrecy::{ExposeSecret, SecretString};
use usher_protocol::http::retry_after::RetryAfter;
use usher_protocol::http::{Method, Response};

use crate::endpoint::{self, Reachable};

/// No answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request cannot have arrived.
    #[error("the app cannot be reached: {0}")]
    NotSent(String),
    /// The request may have arrived.
    #[error("the app did not answer: {0}")]
    NoAnswer(String),
}

/// The most of an answer that is read. A page of a hundred users is a tenth of a megabyte.
pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// How long connecting may take, of a request's whole time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A whole request.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: &'a str,
    /// What is understood.
    pub accept: &'a str,
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The bearer token.
    pub bearer: Option<&'a SecretString>,
    /// The body, with its content type.
    pub body: Option<(&'a str, &'a SecretString)>,
    /// What else is secret in it, beside the bearer token.
    pub hidden: &'a [&'a SecretString],
}

/// Carries requests. A simulation's leads to servers in the same process.
#[async_trait]
pub trait Carrier: Send + Sync + fmt::Debug {
    /// Sends a request and returns the answer, whatever its status.
    async fn carry(&self, message: &Message<'_>, timeout: Duration) -> Result<Response, TransportError>;
}

/// Carries requests over HTTP, through one client and its connections.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("Message").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

impl<'a> Message<'a> {
    /// A request without anything that goes along.
    pub fn new(method: Method, url: &'a str) -> Self {
        Self { method, url, accept: "application/json", headers: &[], bearer: None, body: None, hidden: &[] }
    }
}

impl Http {
    /// A client of its own. Building it fails only where TLS cannot be set up.
    pub fn new(reachable: Reachable) -> Result<Self, TransportError> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place where the client is built")]
        let builder = reqwest::Client::builder();
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(64)
            .user_agent(concat!("usher/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .dns_resolver(Arc::new(Resolver { reachable }))
            .build()
            .map_err(|error| TransportError::NotSent(chain(&error)))?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Carrier for Http {
    async fn carry(&self, message: &Message<'_>, timeout: Duration) -> Result<Response, TransportError> {
        let method = match message.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut sending = self
            .client
            .request(method, message.url)
            .timeout(timeout)
            .header(reqwest::header::ACCEPT, message.accept);
        for (name, value) in message.headers {
            sending = sending.header(*name, *value);
        }
        if let Some(token) = message.bearer {
            sending = sending.bearer_auth(token.expose_secret());
        }
        if let Some((content_type, body)) = message.body {
            let body = body.expose_secret().to_owned();
            sending = sending.header(reqwest::header::CONTENT_TYPE, content_type).body(body);
        }
        let answer = sending.send().await.map_err(|error| classify(&error))?;
        let mut answer = read(answer).await?;
        for secret in message.bearer.into_iter().chain(message.hidden.iter().copied()) {
            answer.body = without(answer.body, secret.expose_secret());
        }
        Ok(answer)
    }
}

/// An answer's body without the token, should the app repeat it: what an app says is shown, logged and stored.
fn without(body: Vec<u8>, token: &str) -> Vec<u8> {
    let token = token.as_bytes();
    if token.is_empty() || !body.windows(token.len()).any(|part| part == token) {
        return body;
    }
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body.as_slice();
    while let Some(byte) = rest.first() {
        if let Some(after) = rest.strip_prefix(token) {
            kept.extend_from_slice("…".as_bytes());
            rest = after;
        } else {
            kept.push(*byte);
            rest = &rest[1..];
        }
    }
    kept
}

async fn read(mut answer: reqwest::Response) -> Result<Response, TransportError> {
    let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header(reqwest::header::RETRY_AFTER).and_then(RetryAfter::parse);
    let content_type = header(reqwest::header::CONTENT_TYPE).map(str::to_owned);
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| TransportError::NoAnswer(chain(&error)))? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(TransportError::NoAnswer(format!(
                "its answer is larger than {MAX_BODY_BYTES} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, content_type, retry_after, body })
}

fn classify(error: &reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() {
        return TransportError::NotSent(chain(error));
    }
    if error.is_timeout() {
        return TransportError::NoAnswer("it took too long".to_owned());
    }
    TransportError::NoAnswer(chain(error))
}

/// The innermost cause, which is the one that says something; never the URL, which reqwest puts outermost.
fn chain(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if error.source().is_none() { "the request could not be made".to_owned() } else { innermost.to_string() }
}

/// Resolves names as the system does, and passes on only addresses that may be called.
#[derive(Debug)]
struct Resolver {
    reachable: Reachable,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reachable = self.reachable;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let mut refused = None;
            let mut permitted = Vec::new();
            for address in found {
                match endpoint::permit(address.ip(), reachable) {
                    Ok(()) => permitted.push(address),
                    Err(error) => refused = Some(error),
                }
            }
            match refused {
                Some(error) if permitted.is_empty() => Err(error.into()),
                _ => Ok(Box::new(permitted.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_the_app_repeats_is_taken_out() {
        let said = without(b"bad token s3cret: s3cret is not known".to_vec(), "s3cret");
        assert_eq!(String::from_utf8(said).unwrap(), "bad token …: … is not known");
        assert_eq!(without(b"nothing of it".to_vec(), "s3cret"), b"nothing of it");
        assert_eq!(without(b"anything".to_vec(), ""), b"anything");
    }
}

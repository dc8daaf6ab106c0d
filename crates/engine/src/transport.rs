//! The way to an app's SCIM API: a request goes there with the app's token, the answer comes back.
//!
//! A way knows its endpoint and its token, and nothing of HTTP, which is
//! [`crate::carrier`]'s. Retries, rates and meaning are elsewhere.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use usher_protocol::http::{Request, Response};

pub use crate::carrier::TransportError;
use crate::carrier::{Carrier, Http, Message};
use crate::endpoint::Endpoint;

/// A way to an app's SCIM API.
#[async_trait]
pub trait Transport: Send + Sync + Debug {
    /// Sends a request and returns the answer, whatever its status.
    async fn send(&self, request: &Request, timeout: Duration) -> Result<Response, TransportError>;
}

/// HTTP to an app, with its token.
#[derive(Debug)]
pub struct HttpTransport {
    http: Http,
    endpoint: Endpoint,
    token: SecretString,
}

impl HttpTransport {
    /// A way to this endpoint, with this token.
    pub fn new(http: Http, endpoint: Endpoint, token: SecretString) -> Self {
        Self { http, endpoint, token }
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: &Request, timeout: Duration) -> Result<Response, TransportError> {
        let url = request.url(self.endpoint.as_str());
        let body = request.body.as_ref().map(|body| SecretString::from(body.to_string()));
        let message = Message {
            accept: "application/scim+json, application/json",
            bearer: Some(&self.token),
            body: body.as_ref().map(|body| ("application/scim+json", body)),
            ..Message::new(request.method, &url)
        };
        self.http.carry(&message, timeout).await
    }
}

//! The way to the emulated IAM Identity Center without a connection: a request is a value, and so is its answer.
//!
//! So nothing waits for a socket while the clock of the demo runs, and thirty days pass in seconds.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use usher_emulator::exchange::{self, Outcome};
use usher_emulator::identity_center::IdentityCenter;
use usher_engine::endpoint::Endpoint;
use usher_engine::environment::Transports;
use usher_engine::transport::{Transport, TransportError};
use usher_protocol::http::retry_after::RetryAfter;
use usher_protocol::http::{Request, Response};

/// Opens ways to an emulator in this process, whatever the address.
#[derive(Clone, Debug)]
pub(super) struct InProcess(pub(super) IdentityCenter);

impl Transports for InProcess {
    fn open(&self, endpoint: Endpoint, token: SecretString) -> Arc<dyn Transport> {
        Arc::new(Way { center: self.0.clone(), endpoint, token })
    }
}

#[derive(Debug)]
struct Way {
    center: IdentityCenter,
    endpoint: Endpoint,
    token: SecretString,
}

#[async_trait]
impl Transport for Way {
    async fn send(&self, request: &Request, _timeout: Duration) -> Result<Response, TransportError> {
        match self.center.answer(self.outgoing(request)).await {
            Outcome::Answered(answer) => Ok(incoming(answer)),
            Outcome::Dropped => Err(TransportError::NoAnswer("the connection was closed".to_owned())),
        }
    }
}

impl Way {
    /// The request as it would arrive over HTTP.
    fn outgoing(&self, request: &Request) -> exchange::Request {
        let url = request.url(self.endpoint.as_str());
        let authority_and_target = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let path = authority_and_target.find('/').unwrap_or(authority_and_target.len());
        let (authority, target) = authority_and_target.split_at(path);
        let arriving = exchange::Request::new(request.method.as_str(), target)
            .with_header("host", authority)
            .with_header("authorization", &format!("Bearer {}", self.token.expose_secret()));
        match &request.body {
            Some(body) => arriving
                .with_header("content-type", "application/scim+json")
                .with_body(body.to_string().into_bytes()),
            None => arriving,
        }
    }
}

fn incoming(answer: exchange::Response) -> Response {
    let retry_after = answer.header("retry-after").and_then(RetryAfter::parse);
    let content_type = answer.header("content-type").map(str::to_owned);
    Response { status: answer.status, content_type, retry_after, body: answer.body }
}

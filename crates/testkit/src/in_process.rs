//! What the emulators in this process have in common: a request is answered as over HTTP, or in vain.

use usher_emulator::exchange::{self, Outcome};
use usher_engine::transport::TransportError;
use usher_model::time::Timestamp;
use usher_protocol::http::Response;
use usher_protocol::http::retry_after::RetryAfter;

use crate::clock::SimClock;

/// The beginning of a request to a URL, which names the host.
pub(crate) fn request(method: &str, url: &str) -> exchange::Request {
    let (_, rest) = url.split_once("://").expect("invariant: what is called is a URL");
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    exchange::Request::new(method, path).with_header("Host", host)
}

/// What the sender sees of an outcome. One that waited until `late` is gone, and learns nothing.
pub(crate) fn answer(
    clock: &SimClock,
    late: Timestamp,
    outcome: Outcome,
) -> Result<Response, TransportError> {
    match outcome {
        Outcome::Answered(response) if clock.now() <= late => Ok(Response {
            status: response.status,
            content_type: response.header("Content-Type").map(str::to_owned),
            retry_after: response.header("Retry-After").and_then(RetryAfter::parse),
            body: response.body.clone(),
        }),
        Outcome::Answered(_) => Err(TransportError::NoAnswer("it took too long".to_owned())),
        Outcome::Dropped => Err(TransportError::NoAnswer("the connection was closed".to_owned())),
    }
}

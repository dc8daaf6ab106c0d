//! What is said between Usher and an app, kept for whoever asked for one person and wants to see each step.
//!
//! A way to an app that notes what goes over it. A request holds no token (the way behind adds it), so nothing that is
//! noted is a secret; an answer is what the app says of the person.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use usher_protocol::http::{Method, Request, Response};

use crate::endpoint::Endpoint;
use crate::environment::{Environment, Transports};
use crate::transport::{Transport, TransportError};

/// The most that is kept: a run for one person asks a handful.
const MAX_KEPT: usize = 100;
/// The longest text that is kept of an answer that is no JSON, in characters.
const MAX_TEXT_CHARS: usize = 500;

/// A request and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The method.
    pub method: Method,
    /// Path and query below the endpoint, encoded.
    pub target: String,
    /// The body, if there was one.
    pub body: Option<Value>,
    /// The status and the body; or why there was no answer.
    pub answer: Result<(u16, Value), TransportError>,
}

/// What was said so far.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Mutex<Vec<Exchange>>>);

impl Watch {
    /// The same environment, whose ways to apps note what goes over them.
    pub fn over(&self, environment: &Environment) -> Environment {
        let behind = Arc::clone(&environment.transports);
        Environment { transports: Arc::new(Watched { behind, watch: self.clone() }), ..environment.clone() }
    }

    /// What was said, in the order of the answers.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, exchange: Exchange) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MAX_KEPT {
            kept.push(exchange);
        }
    }
}

#[derive(Debug)]
struct Watched {
    behind: Arc<dyn Transports>,
    watch: Watch,
}

impl Transports for Watched {
    fn open(&self, endpoint: Endpoint, token: SecretString) -> Arc<dyn Transport> {
        Arc::new(WatchedWay { behind: self.behind.open(endpoint, token), watch: self.watch.clone() })
    }
}

#[derive(Debug)]
struct WatchedWay {
    behind: Arc<dyn Transport>,
    watch: Watch,
}

#[async_trait]
impl Transport for WatchedWay {
    async fn send(&self, request: &Request, timeout: Duration) -> Result<Response, TransportError> {
        let answer = self.behind.send(request, timeout).await;
        let said = answer.as_ref().map(|response| (response.status, shown(response))).map_err(Clone::clone);
        // What is below an empty endpoint is the target alone.
        let target = request.url("");
        self.watch.note(Exchange {
            method: request.method,
            target,
            body: request.body.clone(),
            answer: said,
        });
        answer
    }
}

/// A body as it is shown: JSON as it is, and anything else as the beginning of a text.
fn shown(response: &Response) -> Value {
    if response.body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(&response.body).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(&response.body);
        Value::String(text.chars().take(MAX_TEXT_CHARS).collect())
    })
}

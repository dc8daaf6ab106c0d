//! A loopback proxy before any HTTP server: it counts and records what passes, and acts at a chosen request.
//!
//! With it a test counts what a server got that others wrote, kills the client at its nth request, and loses requests
//! and answers of servers that cannot be told to.
//!
//! # Invariants
//!
//! 1. Requests are numbered from 1 in the order in which they come; a hook is called once.
//! 2. Every body passes whole; only the record of it is bounded.
//! 3. A connection stays open for as long as the client and its behaviour let it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, TRANSFER_ENCODING};
use hyper::http::request;
use hyper::service::service_fn;
use hyper::{Request, Response};
use tokio::sync::watch;

mod upstream;

use crate::http::authority_and_path;
use crate::listen::{Listening, NoAnswer, Reply};
use upstream::Upstream;

/// How much of each body is recorded, in bytes.
pub const RECORDED_BODY_BYTES: usize = 64 * 1024;

/// A running proxy. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    listening: Listening,
    /// The path of the upstream's base URL.
    base_path: String,
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Counted from 1.
    pub number: u64,
    /// The method.
    pub method: String,
    /// Path and query, encoded as they came.
    pub target: String,
    /// The request's body, up to [`RECORDED_BODY_BYTES`].
    pub body: Vec<u8>,
    /// What the server answered; none where it was not asked, or has not answered yet.
    pub answer: Option<PassedAnswer>,
}

/// What the server answered, whether or not the client got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedAnswer {
    /// The status.
    pub status: u16,
    /// The body, up to [`RECORDED_BODY_BYTES`].
    pub body: Vec<u8>,
}

/// When a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Before the request goes to the server.
    Before,
    /// When the server has answered, before the answer goes to the client.
    After,
}

/// What becomes of a request after its hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// It goes on.
    On,
    /// The client's connection is closed. Before: the server never learns of the request. After: it has done it.
    Break,
}

type Hook = Box<dyn FnOnce(&Passed) -> Pass + Send>;

#[derive(Default)]
struct State {
    passed: Vec<Passed>,
    hooks: BTreeMap<(u64, Moment), Hook>,
}

#[derive(Debug)]
struct Shared {
    authority: String,
    state: Mutex<State>,
    /// How many requests have come.
    asked: watch::Sender<u64>,
}

impl Proxy {
    /// Starts a proxy before the server of this `http://` base URL.
    pub async fn start(upstream: &str) -> Self {
        let (authority, base_path) = authority_and_path(upstream);
        let shared = Shared { authority, state: Mutex::default(), asked: watch::Sender::default() };
        let shared = Arc::new(shared);
        let serving = shared.clone();
        let listening = Listening::start(move || {
            let shared = serving.clone();
            let upstream = Arc::new(Upstream::new(shared.authority.clone()));
            service_fn(move |request| -> Answering {
                Box::pin(pass(shared.clone(), upstream.clone(), request))
            })
        });
        Self { shared, listening: listening.await, base_path }
    }

    /// The upstream's base URL, by way of the proxy.
    pub fn endpoint(&self) -> String {
        format!("http://{}{}", self.listening.address(), self.base_path)
    }

    /// Calls the hook at the nth request, counted from 1 since the proxy was started.
    pub fn at(&self, n: u64, moment: Moment, hook: impl FnOnce(&Passed) -> Pass + Send + 'static) {
        let before = self.state().hooks.insert((n, moment), Box::new(hook));
        assert!(before.is_none(), "there is a hook {moment:?} request {n} already");
    }

    /// Every request since the start.
    pub fn requests(&self) -> Vec<Passed> {
        self.state().passed.clone()
    }

    /// How many requests there were with this method.
    pub fn count(&self, method: &str) -> usize {
        self.counts().get(method).copied().unwrap_or(0)
    }

    /// How many requests there were, by method.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for passed in &self.state().passed {
            *counts.entry(passed.method.clone()).or_default() += 1;
        }
        counts
    }

    /// Completes when at least so many requests have come.
    pub async fn asked(&self, n: u64) {
        let mut asked = self.shared.asked.subscribe();
        asked.wait_for(|&asked| asked >= n).await.expect("invariant: whoever waits holds the proxy");
    }

    /// Takes no more requests and returns when those under way are answered.
    pub async fn stop(self) {
        self.listening.stop().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request that came, and numbers it.
    fn record(&self, head: &request::Parts, body: &Bytes) -> u64 {
        let mut state = self.state();
        let number = state.passed.len() as u64 + 1;
        state.passed.push(Passed {
            number,
            method: head.method.as_str().to_owned(),
            target: head.uri.path_and_query().map_or_else(String::new, |target| target.as_str().to_owned()),
            body: bounded(body),
            answer: None,
        });
        drop(state);
        self.asked.send_modify(|asked| *asked = number);
        number
    }

    fn record_answer(&self, number: u64, answer: &Response<Bytes>) {
        let answer = PassedAnswer { status: answer.status().as_u16(), body: bounded(answer.body()) };
        let at = usize::try_from(number - 1).expect("invariant: a place in a list");
        self.state().passed[at].answer = Some(answer);
    }

    /// Calls the hook of this moment, if there is one. The lock is open meanwhile: a hook may ask the proxy.
    fn call(&self, number: u64, moment: Moment) -> Result<(), NoAnswer> {
        let (hook, passed) = {
            let mut state = self.state();
            let Some(hook) = state.hooks.remove(&(number, moment)) else { return Ok(()) };
            let at = usize::try_from(number - 1).expect("invariant: a place in a list");
            (hook, state.passed[at].clone())
        };
        match hook(&passed) {
            Pass::On => Ok(()),
            Pass::Break => Err(NoAnswer),
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests passed, {} hooks set", self.passed.len(), self.hooks.len())
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Reply>, NoAnswer>> + Send>>;

/// One request, from its coming to its answer.
async fn pass(
    shared: Arc<Shared>,
    upstream: Arc<Upstream>,
    request: Request<Incoming>,
) -> Result<Response<Reply>, NoAnswer> {
    let (mut head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
    let number = shared.record(&head, &body);
    shared.call(number, Moment::Before)?;
    drop_hop_by_hop(&mut head.headers);
    let mut answer = upstream.forward(Request::from_parts(head, body)).await?;
    shared.record_answer(number, &answer);
    shared.call(number, Moment::After)?;
    drop_hop_by_hop(answer.headers_mut());
    Ok(answer.map(Reply::whole))
}

/// Bodies are forwarded whole and connections are each side's own matter (RFC 9110 §7.6.1).
fn drop_hop_by_hop(headers: &mut hyper::HeaderMap) {
    headers.remove(CONNECTION);
    headers.remove(TRANSFER_ENCODING);
}

fn bounded(body: &Bytes) -> Vec<u8> {
    body[..body.len().min(RECORDED_BODY_BYTES)].to_vec()
}

#[cfg(test)]
mod tests;

//! A small OpenID provider on a port of 127.0.0.1: discovery, keys, authorization with PKCE, tokens; honest until a test
//! says how it is to lie.
//!
//! It signs with RSA keys of its own, made when they are needed, and shares no code with the relying party: a provider
//! that reads OpenID Connect as the product does would share its misreadings.

mod answer;
mod key;
mod lie;
mod person;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};

use self::key::SigningKey;
pub use self::lie::Lie;
pub use self::person::Person;
use crate::listen::{Listening, NoAnswer, Reply};

/// The client's id.
pub const CLIENT_ID: &str = "usher";
/// The client's secret, with what has to be escaped in it.
pub const CLIENT_SECRET: &str = "s3cret of:the client%";

/// A provider that runs until it is stopped or dropped.
pub struct OpenIdProvider {
    listening: Listening,
    state: Arc<Mutex<State>>,
}

/// What it knows.
struct State {
    /// What it says it is called, and what the addresses that it names begin with.
    issuer: String,
    now: i64,
    keys: Vec<SigningKey>,
    person: Person,
    lies: Vec<Lie>,
    /// By code, what it was given for; none: it was used.
    codes: BTreeMap<String, Option<Grant>>,
    n_requests: BTreeMap<String, u64>,
}

/// What a code was given for.
struct Grant {
    redirect_uri: String,
    nonce: Option<String>,
    challenge: String,
    person: Person,
}

impl fmt::Debug for OpenIdProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenIdProvider").field("address", &self.listening.address()).finish_non_exhaustive()
    }
}

impl OpenIdProvider {
    /// Starts one, at this time (seconds since 1970), where this person is signed in.
    pub async fn start(now: i64, person: Person) -> Self {
        let state = Arc::new(Mutex::new(State {
            issuer: String::new(),
            now,
            keys: vec![SigningKey::generate("first")],
            person,
            lies: Vec::new(),
            codes: BTreeMap::new(),
            n_requests: BTreeMap::new(),
        }));
        let answering = Arc::clone(&state);
        let listening = Listening::start(move || {
            let state = Arc::clone(&answering);
            service_fn(move |request| answer(Arc::clone(&state), request))
        });
        let listening = listening.await;
        let provider = Self { listening, state };
        provider.call_itself(&provider.base_url());
        provider
    }

    /// Where it listens, which is what it calls itself unless a test says otherwise.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// Calls itself otherwise, with all that it names, though it listens where it listens.
    pub fn call_itself(&self, issuer: &str) {
        issuer.clone_into(&mut self.state().issuer);
    }

    /// What time it is there, in seconds since 1970.
    pub fn set_now(&self, now: i64) {
        self.state().now = now;
    }

    /// Who is signed in there.
    pub fn set_person(&self, person: Person) {
        self.state().person = person;
    }

    /// Lies so from now on.
    pub fn lie(&self, lie: Lie) {
        self.state().lies.push(lie);
    }

    /// Lies no more.
    pub fn be_honest(&self) {
        self.state().lies.clear();
    }

    /// Signs with another key from now on, and shows that one alone.
    pub fn change_key(&self, id: &str) {
        self.state().keys = vec![SigningKey::generate(id)];
    }

    /// How many requests have come for a path.
    pub fn n_requests(&self, path: &str) -> u64 {
        self.state().n_requests.get(path).copied().unwrap_or(0)
    }

    /// Takes no more requests, and lets go of its port.
    pub async fn stop(self) {
        self.listening.stop().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the state")
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Reply>, NoAnswer> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
    let mut state = state.lock().expect("no test panics while it holds the state");
    let path = head.uri.path().to_owned();
    *state.n_requests.entry(path.clone()).or_default() += 1;
    Ok(match (&head.method, path.as_str()) {
        (&Method::GET, "/.well-known/openid-configuration") => state.discovery(),
        (&Method::GET, "/keys") => state.keys(),
        (&Method::GET, "/authorize") => state.authorize(head.uri.query().unwrap_or_default()),
        (&Method::POST, "/token") => state.token(&head.headers, &body),
        _ => answer::status(404),
    })
}

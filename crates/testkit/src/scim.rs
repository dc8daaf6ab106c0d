//! A SCIM 2.0 app in this process, small and honest until a test tells it how to lie.
//!
//! It knows Users and Groups: create, read, list (by index and by cursor), filter by equality, PATCH, PUT, delete, and
//! `ServiceProviderConfig`. Its reading of RFC 7643 and RFC 7644 is its own: it shares nothing with `usher-protocol`,
//! so that client and app cannot agree on one misreading. What it does not know, it refuses; it never guesses.
//!
//! [Behaviours](behaviour::Behaviour) are switched on with [`ScimServer::behave`], for every request or for chosen ones ([`Rule`]), and
//! are each named after what real apps do. A test looks into the app with [`ScimServer::users`] and its siblings, and
//! at what it was asked with [`ScimServer::log`].
//!
//! # Invariants
//!
//! 1. Requests are done one at a time, in the order in which they pass their gates.
//! 2. A request is logged when it comes, whatever becomes of it.
//! 3. What a test edits is stored as it is: no behaviour and no check applies.
//!
//! Not here: `attributes`, sorting, versions, bulk, `/Me`, `/Schemas`, and the times in `meta`, for which the app would
//! need a clock.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::service::service_fn;
use hyper::{Request, Response};
use serde_json::Value;
use tokio::sync::watch;

mod answer;
mod app;
pub mod behaviour;
mod disguise;
mod filter;
pub mod gate;
mod keys;
mod list;
pub mod log;
mod members;
mod patch;
mod request;
mod resources;
pub mod rule;
pub mod setup;
mod shape;
mod state;

use crate::http::Client;
use crate::listen::{Listening, NoAnswer, Reply};
use log::Logged;
use request::{Asked, BASE_PATH};
use resources::Kind;
use rule::{Rule, RuleId};
use setup::Setup;
use state::State;

/// A running app. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct ScimServer {
    shared: Arc<Shared>,
    listening: Listening,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// How many requests have come.
    asked: watch::Sender<u64>,
}

impl ScimServer {
    /// Starts an app that can do everything.
    pub async fn start() -> Self {
        Self::start_with(Setup::default()).await
    }

    /// Starts an app that can do what is said.
    pub async fn start_with(setup: Setup) -> Self {
        let shared =
            Arc::new(Shared { state: Mutex::new(State::new(setup)), asked: watch::Sender::default() });
        let serving = shared.clone();
        let listening = Listening::start(move || {
            let shared = serving.clone();
            service_fn(move |request| -> Answering { Box::pin(serve(shared.clone(), request)) })
        });
        let server = Self { shared, listening: listening.await };
        let base = format!("http://{}{}", server.listening.address(), BASE_PATH);
        server.state().app.base = base;
        server
    }

    /// Takes no more requests and returns when those under way are answered. Gates have to be open.
    pub async fn stop(self) {
        self.listening.stop().await;
    }

    /// The base URL, without a slash at its end.
    pub fn endpoint(&self) -> String {
        self.state().app.base.clone()
    }

    /// The bearer token that the app takes.
    pub fn token(&self) -> String {
        self.state().app.setup.token.clone()
    }

    /// Takes another token from now on.
    pub fn set_token(&self, token: &str) {
        token.clone_into(&mut self.state().app.setup.token);
    }

    /// A client with the app's token, for a test's own look at the app.
    pub fn client(&self) -> Client {
        Client::new(&self.endpoint(), Some(&self.token()))
    }

    /// Sets a rule. Its requests are counted from now.
    pub fn behave(&self, rule: impl Into<Rule>) -> RuleId {
        self.state().behave(rule.into())
    }

    /// Takes a rule away.
    pub fn forget(&self, rule: RuleId) {
        self.state().rules.forget(rule);
    }

    /// Takes every rule away.
    pub fn behave_well(&self) {
        self.state().rules.clear();
    }

    /// All users, the oldest first, as they are stored.
    pub fn users(&self) -> Vec<Value> {
        self.state().all(Kind::User)
    }

    /// All groups, the oldest first, as they are stored.
    pub fn groups(&self) -> Vec<Value> {
        self.state().all(Kind::Group)
    }

    /// The user or group with this id.
    pub fn by_id(&self, id: &str) -> Option<Value> {
        self.state().by_id(id)
    }

    /// The user with this `userName`, without regard to case. Panics if there are several.
    pub fn user_by_name(&self, user_name: &str) -> Option<Value> {
        self.state().user_by_name(user_name)
    }

    /// Adds a user and returns its id, which is made where there is none.
    pub fn insert_user(&self, user: Value) -> String {
        self.state().insert(Kind::User, user)
    }

    /// Adds a group and returns its id, which is made where there is none.
    pub fn insert_group(&self, group: Value) -> String {
        self.state().insert(Kind::Group, group)
    }

    /// Changes the user or group with this id behind everybody's back. Panics if there is none.
    pub fn edit(&self, id: &str, change: impl FnOnce(&mut Value)) {
        self.state().edit(id, change);
    }

    /// Removes the user or group with this id behind everybody's back, and its memberships; whether there was one.
    pub fn remove(&self, id: &str) -> bool {
        self.state().remove(id)
    }

    /// Every request since the start, or since the log was last cleared.
    pub fn log(&self) -> Vec<Logged> {
        self.state().log.clone()
    }

    /// The requests of the log that asked to change something.
    pub fn writes(&self) -> Vec<Logged> {
        self.state().log.iter().filter(|logged| logged.is_write()).cloned().collect()
    }

    /// Empties the log. Numbers go on.
    pub fn clear_log(&self) {
        self.state().log.clear();
    }

    /// How many requests of the log have this method.
    pub fn count(&self, method: &str) -> usize {
        self.counts().get(method).copied().unwrap_or(0)
    }

    /// How many requests of the log there are, by method.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        log::counts(&self.state().log)
    }

    /// How many requests have come since the start.
    pub fn n_asked(&self) -> u64 {
        *self.shared.asked.borrow()
    }

    /// Completes when at least so many requests have come since the start.
    pub async fn asked(&self, n: u64) {
        let mut asked = self.shared.asked.subscribe();
        asked.wait_for(|&asked| asked >= n).await.expect("invariant: whoever waits holds the app");
    }

    /// Completes when something holds of the app; it is looked at after every request.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let mut asked = self.shared.asked.subscribe();
        while !holds(self) {
            asked.changed().await.expect("invariant: whoever waits holds the app");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Reply>, NoAnswer>> + Send>>;

/// One request, from its coming to its answer.
async fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Reply>, NoAnswer> {
    let asked = read(request).await?;
    let (number, mood) = shared.state().arrive(&asked);
    shared.asked.send_modify(|asked| *asked = number);
    if let Some(gate) = mood.gate_before() {
        gate.pass().await;
    }
    let response = shared.state().work(number, &asked, &mood);
    shared.asked.send_modify(|_| ());
    if let Some(gate) = mood.gate_after() {
        gate.pass().await;
    }
    let response = response.ok_or(NoAnswer)?;
    shared.state().sent(number, response.status().as_u16());
    Ok(response)
}

async fn read(request: Request<Incoming>) -> Result<Asked, NoAnswer> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
    let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    Ok(Asked {
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or_else(String::new, |target| target.as_str().to_owned()),
        authorization: authorization.map(str::to_owned),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

#[cfg(test)]
mod tests;

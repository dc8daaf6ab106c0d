//! The emulated Google Workspace, under a clock that a test moves: on a port of 127.0.0.1, or without HTTP.
//!
//! It begins with one administrator, and with a service account that may act as them for every read-only scope. What else
//! a test needs (people, roles, faults, limits) it says to [`WorkspaceServer::workspace`] itself.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use usher_emulator::exchange;
use usher_emulator::server::Listening;
use usher_emulator::workspace::{MAX_BODY_BYTES, Options, READ_ONLY_SCOPES, Workspace};
use usher_engine::carrier::{Carrier, Message};
use usher_engine::transport::TransportError;
use usher_protocol::http::Response;

use crate::clock::SimClock;
use crate::in_process;

/// The administrator.
pub const ADMIN: &str = "admin@example.com";
/// The service account.
pub const ACCOUNT: &str = "usher@emulated.iam.gserviceaccount.com";
/// A key, so that no test has to make one.
const KEY: &str = include_str!("../../emulator/tests/workspace/key.pem");

/// An emulated Workspace that is served until it is dropped.
#[derive(Debug)]
pub struct WorkspaceServer {
    /// The emulator.
    pub workspace: Workspace,
    clock: SimClock,
    stopping: CancellationToken,
    _tasks: TaskTracker,
}

impl WorkspaceServer {
    /// Starts one with the limits that Google publishes.
    pub async fn start(clock: &SimClock) -> Self {
        let listening = Listening::on(0).await.expect("a free port of 127.0.0.1").taking(MAX_BODY_BYTES);
        let options = Options::at(listening.base_url());
        let workspace = Workspace::new(Arc::new(clock.clone()), options);
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (answering, stop) = (workspace.clone(), stopping.clone());
        tasks.spawn(async move {
            let answer = move |request| {
                let workspace = answering.clone();
                async move { workspace.answer(request).await }
            };
            listening.serve(answer, stop).await.expect("a listening socket accepts");
        });
        let server = Self { workspace, clock: clock.clone(), stopping, _tasks: tasks };
        server.begin().await;
        server
    }

    async fn begin(&self) {
        let name = json!({ "givenName": "Ann", "familyName": "Admin" });
        self.seed(&json!({ "users": [{ "primaryEmail": ADMIN, "isAdmin": true, "name": name }] })).await;
        self.workspace.create_service_account("usher", "emulated").expect("a new account");
        self.workspace.delegate(ACCOUNT, &READ_ONLY_SCOPES).expect("invariant: the account is there");
    }

    /// What URLs of it begin with.
    pub fn base_url(&self) -> &str {
        self.workspace.base_url()
    }

    /// A way to it without HTTP, so that simulated time and requests cannot race, and many requests take no time.
    pub fn in_process(&self) -> Arc<dyn Carrier> {
        Arc::new(InProcess { workspace: self.workspace.clone(), clock: self.clock.clone() })
    }

    /// Takes in people, groups, members and units, as the emulator's seeds are written.
    pub async fn seed(&self, seed: &Value) {
        self.workspace.seed(seed.to_string().as_bytes()).await.expect("a seed that can be taken in");
    }

    /// A key file of the service account, as Google's console would write it.
    pub fn key_file(&self) -> Value {
        self.key_file_of(ACCOUNT)
    }

    /// A key file of another service account.
    pub fn key_file_of(&self, account: &str) -> Value {
        self.workspace.create_key(account, Some(KEY)).expect("a service account that is there")
    }

    /// The same as the secret text that a file holds.
    pub fn key_text(&self) -> SecretString {
        self.key_file().to_string().into()
    }

    /// Lets a caller of Google Cloud sign as the service account, with a key that Google keeps.
    pub fn allow_signing(&self, caller: &str) {
        let allowed = self.workspace.allow_signing(ACCOUNT, caller, Some(KEY));
        allowed.expect("invariant: the account is there");
    }
}

/// The way to an emulated Workspace in this process. A request that takes longer than its sender waits is answered in
/// vain, as over HTTP.
#[derive(Debug)]
struct InProcess {
    workspace: Workspace,
    clock: SimClock,
}

#[async_trait]
impl Carrier for InProcess {
    async fn carry(&self, message: &Message<'_>, timeout: Duration) -> Result<Response, TransportError> {
        let late = self.clock.now() + timeout;
        in_process::answer(&self.clock, late, self.workspace.answer(asked(message)).await)
    }
}

fn asked(message: &Message<'_>) -> exchange::Request {
    let mut asked = in_process::request(message.method.as_str(), message.url);
    for (name, value) in message.headers {
        asked = asked.with_header(name, value);
    }
    if let Some(token) = message.bearer {
        asked = asked.with_header("Authorization", &format!("Bearer {}", token.expose_secret()));
    }
    match message.body {
        Some((kind, body)) => asked.with_header("Content-Type", kind).with_body(body.expose_secret()),
        None => asked,
    }
}

impl Drop for WorkspaceServer {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

//! An emulated Workspace, and clients of it.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use usher_emulator::exchange::{Outcome, Request, Response};
use usher_emulator::server::Listening;
use usher_emulator::when::When;
use usher_emulator::workspace::fault::{ErrorReason, Fault, FaultRule};
use usher_emulator::workspace::settings::Settings;
use usher_engine::carrier::Http;
use usher_engine::endpoint::Reachable;
use usher_engine::google::address::Roots;
use usher_engine::google::ambient::{Ambient, Surroundings};
use usher_engine::google::client::GoogleClient;
use usher_engine::google::credential::Credential;
use usher_engine::google::error::GoogleError;
use usher_engine::google::listing::{Identified, Pages};
use usher_engine::google::sign_in::SignIn;
use usher_model::time::Timestamp;
use usher_protocol::oauth::SCOPES;
use usher_testkit::clock::SimClock;
use usher_testkit::workspace::{ADMIN, WorkspaceServer};

/// One emulated Workspace, with the clock that it and its clients share.
pub struct Scene {
    pub sim: SimClock,
    pub server: WorkspaceServer,
}

impl Scene {
    /// With the limits that Google publishes, on a clock that whoever waits moves.
    pub async fn new() -> Self {
        let beginning = Timestamp::parse("2026-11-23T09:00:00Z").unwrap();
        Self::under(SimClock::at(beginning).auto_advancing()).await
    }

    /// The same under this clock.
    pub async fn under(sim: SimClock) -> Self {
        // Another test of this process may have done it.
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let server = WorkspaceServer::start(&sim).await;
        Self { sim, server }
    }

    /// With so many people beside the administrator, so many groups, and so many of the people in each.
    pub async fn of(n_users: usize, n_groups: usize, n_members: usize) -> Self {
        let scene = Self::new().await;
        let users: Vec<_> = (0..n_users).map(|n| user(&format!("u{n}"))).collect();
        let groups: Vec<_> = (0..n_groups).map(|n| json!({ "email": group(n) })).collect();
        let members: Vec<_> =
            (0..n_members).map(|n| json!({ "email": format!("u{n}@example.com") })).collect();
        let members: serde_json::Map<_, _> =
            (0..n_groups).map(|n| (group(n), Value::from(members.clone()))).collect();
        scene.server.seed(&json!({ "users": users, "groups": groups, "members": members })).await;
        scene.server.workspace.clear_log();
        scene
    }

    /// The credential of a key file, for the administrator.
    pub fn delegated(&self) -> Credential {
        Credential::delegated(&self.server.key_text(), ADMIN, Reachable::default()).unwrap()
    }

    /// What signs in with this credential, in these surroundings.
    pub fn sign_in_within(&self, credential: Credential, surroundings: &Surroundings) -> SignIn {
        let reachable = Reachable::default();
        SignIn {
            carrier: Arc::new(Http::new(reachable).unwrap()),
            clock: Arc::new(self.sim.clone()),
            credential,
            ambient: Ambient::of(surroundings, reachable),
            roots: Roots::of(Some(self.server.base_url()), reachable).unwrap(),
            timeout: Duration::from_secs(20),
        }
    }

    /// What signs in with this credential, on a machine whose metadata server is the emulator.
    pub fn sign_in(&self, credential: Credential) -> SignIn {
        self.sign_in_within(credential, &self.machine())
    }

    /// The environment of such a machine.
    pub fn machine(&self) -> Surroundings {
        let host = self.server.base_url().trim_start_matches("http://").to_owned();
        Surroundings { metadata_host: Some(host), application_credentials: None }
    }

    /// A client with this credential.
    pub fn client_of(&self, credential: Credential) -> GoogleClient {
        GoogleClient::open(self.sign_in(credential), SCOPES.to_vec(), None).unwrap()
    }

    /// A client for the administrator.
    pub fn client(&self) -> GoogleClient {
        self.client_of(self.delegated())
    }

    /// Changes how the emulator behaves.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.server.workspace.settings();
        change(&mut settings);
        self.server.workspace.change_settings(settings).unwrap();
    }

    /// Something goes wrong with the next so many requests of a method.
    pub fn break_next(&self, method: &str, n: u64, fault: Fault) {
        let rule = FaultRule { when: When::Next { n }, ..FaultRule::always(method, fault) };
        self.server.workspace.add_fault(rule).unwrap();
    }

    /// Something goes wrong with every request of a method.
    pub fn break_always(&self, method: &str, fault: Fault) {
        self.server.workspace.add_fault(FaultRule::always(method, fault)).unwrap();
    }

    /// How many requests of a method came.
    pub fn asked(&self, method: &str) -> u64 {
        self.server.workspace.counters().of(method)
    }
}

/// Serves whatever answers, on a free port, for as long as the test goes on; gives what its URLs begin with.
pub async fn serve<A>(answer: A) -> String
where
    A: Fn(Request) -> Response + Clone + Send + Sync + 'static,
{
    let listening = Listening::on(0).await.unwrap();
    let base_url = listening.base_url();
    let answer = move |request| std::future::ready(Outcome::Answered(answer(request)));
    let tasks = TaskTracker::new();
    tasks.spawn(listening.serve(answer, CancellationToken::new()));
    base_url
}

/// An error in Google's envelope.
pub fn error(status: u16, reason: ErrorReason) -> Fault {
    Fault::Error { status, reason }
}

/// A person, as a seed has it.
pub fn user(name: &str) -> Value {
    json!({
        "primaryEmail": format!("{name}@example.com"),
        "name": { "givenName": name, "familyName": "Test" },
    })
}

/// The address of the nth group.
pub fn group(n: usize) -> String {
    format!("g{n}@example.com")
}

/// Reads a list to its end, and says how much was in it.
pub async fn count<T: Identified>(mut pages: Pages<'_, T>) -> Result<usize, GoogleError> {
    let mut n = 0;
    while let Some(page) = pages.next().await? {
        n += page.items.len();
    }
    Ok(n)
}

/// Asserts that a text shows neither the key nor a token.
pub fn assert_no_secret(shown: &str, key_file: &SecretString) {
    let file: Value = serde_json::from_str(key_file.expose_secret()).unwrap();
    let key = file["private_key"].as_str().unwrap();
    let line = key.lines().nth(1).unwrap();
    for secret in [line, "PRIVATE KEY", "ya29.", "eyJ"] {
        assert!(!shown.contains(secret), "`{secret}` is shown: {shown}");
    }
}

impl Scene {
    /// A client of a service account with a role of its own.
    pub async fn role_client(&self, account: &str) -> GoogleClient {
        let file = SecretString::from(self.server.key_file_of(account).to_string());
        let credential = Credential::role(&file, Reachable::default()).unwrap();
        let customer = self.server.workspace.summary().await.unwrap().customer;
        GoogleClient::open(self.sign_in(credential), SCOPES.to_vec(), Some(&customer)).unwrap()
    }
}

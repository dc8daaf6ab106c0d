//! The emulated IAM Identity Center as an app in this process: no HTTP, so that simulated time and requests cannot race.
//!
//! A request that takes longer than its sender waits is answered in vain, as over HTTP: the sender learns nothing.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use usher_emulator::exchange::{self, Outcome};
use usher_emulator::identity_center::admin::Enabled;
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Options};
use usher_engine::endpoint::Endpoint;
use usher_engine::environment::Transports;
use usher_engine::transport::{Transport, TransportError};
use usher_protocol::http::{Request, Response};

use crate::clock::SimClock;
use crate::in_process;

/// Where the emulator says that it is. Nothing listens there.
const CONSOLE: &str = "http://127.0.0.1:8081";

/// An emulated Identity Center with one tenant that is provisioned into.
#[derive(Clone, Debug)]
pub struct EmulatedCenter {
    /// The emulator.
    pub center: IdentityCenter,
    /// The tenant, its endpoint and its first token.
    pub enabled: Enabled,
    clock: SimClock,
}

impl EmulatedCenter {
    /// One that behaves as `settings` say, under this clock.
    pub fn new(clock: &SimClock, settings: Settings) -> Self {
        let options = Options { max_logged: usize::MAX, ..Options::at(CONSOLE) };
        let center = IdentityCenter::new(Arc::new(clock.clone()), options);
        let enabled = center.ready_tenant(settings).expect("invariant: a new emulator makes a tenant");
        Self { center, enabled, clock: clock.clone() }
    }

    /// The token's value.
    pub fn token(&self) -> &str {
        self.enabled.token.value.expose_secret()
    }
}

impl EmulatedCenter {
    /// Everybody who is there, as the SCIM side lists them.
    pub async fn users(&self) -> Vec<Value> {
        let mut users = Vec::new();
        let mut cursor = String::new();
        loop {
            let target = format!("/{}/scim/v2/Users?cursor={}", self.enabled.tenant, encoded(&cursor));
            let page = match self.center.answer(self.request("GET", &target)).await {
                Outcome::Answered(page) => page,
                Outcome::Dropped => panic!("a listing by the test is not to be lost: end the faults first"),
            };
            let page: Value =
                serde_json::from_slice(&page.body).expect("invariant: the emulator answers JSON");
            users.extend(page["Resources"].as_array().expect("a list").iter().cloned());
            match page["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return users,
            }
        }
    }

    fn request(&self, method: &str, target: &str) -> exchange::Request {
        exchange::Request::new(method, target)
            .with_header("Host", CONSOLE.trim_start_matches("http://"))
            .with_header("Authorization", &format!("Bearer {}", self.token()))
    }
}

fn encoded(cursor: &str) -> String {
    cursor.replace('%', "%25").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace(':', "%3A")
}

impl Transports for EmulatedCenter {
    fn open(&self, endpoint: Endpoint, token: SecretString) -> Arc<dyn Transport> {
        Arc::new(Way { center: self.clone(), endpoint, token })
    }
}

/// The way to an endpoint, with a token.
#[derive(Debug)]
struct Way {
    center: EmulatedCenter,
    endpoint: Endpoint,
    token: SecretString,
}

#[async_trait]
impl Transport for Way {
    async fn send(&self, request: &Request, timeout: Duration) -> Result<Response, TransportError> {
        let EmulatedCenter { center, clock, .. } = &self.center;
        let late = clock.now() + timeout;
        in_process::answer(clock, late, center.answer(asked(request, &self.endpoint, &self.token)).await)
    }
}

fn asked(request: &Request, endpoint: &Endpoint, token: &SecretString) -> exchange::Request {
    let asked = in_process::request(request.method.as_str(), &request.url(endpoint.as_str()))
        .with_header("Authorization", &format!("Bearer {}", token.expose_secret()));
    match &request.body {
        Some(body) => asked.with_header("Content-Type", "application/scim+json").with_body(body.to_string()),
        None => asked,
    }
}

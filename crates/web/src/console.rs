//! The console as a whole: what its pages are given, and which page is behind which right.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use usher_model::admin::Right;
use usher_model::time::Timestamp;
use usher_store::Store;

use crate::clock::Clock;
use crate::failure::Failure;
use crate::hands::Hands;
use crate::page::{account, admins, apps, audit_log, home, join, set_up, sign_in, sign_out};
use crate::{assets, crossing, headers, session};

/// The largest form.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// What every page is given.
#[derive(Clone, Debug)]
pub struct Console {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    hands: Arc<dyn Hands>,
    options: Options,
}

/// How the console is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where browsers find it, without a slash at the end: `https://usher.example.com`. Links that are given to people begin
    /// with it, and cookies are for TLS alone where it has that.
    pub address: String,
}

impl Console {
    /// A console on what the store knows.
    pub fn new(store: Store, clock: Arc<dyn Clock>, hands: Arc<dyn Hands>, options: Options) -> Self {
        Self { inner: Arc::new(Inner { store, clock, hands, options }) }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.inner.clock.as_ref()
    }

    /// What does the rest.
    pub(crate) fn hands(&self) -> &dyn Hands {
        self.inner.hands.as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Where browsers find it.
    pub(crate) fn address(&self) -> &str {
        &self.inner.options.address
    }

    pub(crate) fn is_https(&self) -> bool {
        self.address().starts_with("https://")
    }

    /// The name of the session's cookie: under TLS one that no other host can set (RFC 6265bis §4.1.3.2).
    pub(crate) fn cookie(&self) -> &'static str {
        if self.is_https() { "__Host-usher_session" } else { "usher_session" }
    }
}

/// Every page. Those for anybody are named here; every other one is behind a right.
pub fn router(console: Console) -> Router {
    let anybody = Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/set-up", get(set_up::show).post(set_up::set_up))
        .route("/join", get(join::show).post(join::join))
        .route("/assets/{version}/{name}", get(assets::send));
    let reads = Router::new()
        .route("/", get(home::show))
        .route("/apps", get(apps::show))
        .route("/account", get(account::show))
        .route("/account/sign-out-elsewhere", post(account::sign_out_elsewhere))
        .route("/account/password", post(account::change_password))
        .route("/sign-out", post(sign_out::sign_out))
        .route("/audit-log", get(audit_log::show));
    let configures = Router::new()
        .route("/admins", get(admins::show).post(admins::invite))
        .route("/admins/role", post(admins::change_role))
        .route("/admins/link", post(admins::new_link))
        .route("/admins/remove", post(admins::remove));
    anybody
        .merge(behind(&console, Right::Read, reads))
        .merge(behind(&console, Right::Configure, configures))
        .fallback(async || Failure::NotFound)
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(from_fn(crossing::refuse))
        .layer(from_fn(headers::add))
        .with_state(console)
}

/// Puts pages behind a session whose role has a right.
fn behind(console: &Console, right: Right, pages: Router<Console>) -> Router<Console> {
    pages.route_layer(from_fn_with_state((console.clone(), right), session::guard))
}

//! IAM Identity Center: its SCIM endpoint, and what an administrator does in its console.
//!
//! [`IdentityCenter::answer`] takes a request and says what becomes of it, whoever carries it: a socket
//! ([`crate::server`]) or a test. The methods of `admin` are the console; the same for programs is below `/admin`, and for
//! people with a browser at `/` and below `/console`.
//!
//! # Invariants
//!
//! 1. One lock, never held while something is waited for.
//! 2. What is answered has been kept: a change is in the journal, if there is one, before its answer leaves.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::exchange::{Outcome, Request, Response};
use crate::identity_center::admin::AdminError;
use crate::identity_center::answer::{Arrival, unauthorized};
use crate::identity_center::fault::{Fault, Struck};
use crate::identity_center::journal::entry::Entry;
use crate::identity_center::record::Record;
use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::scim::reply::Reply;
use crate::identity_center::settings::Settings;
use crate::identity_center::store::Change;
use crate::identity_center::tenant::Tenant;
use crate::server;
use crate::state_file::Journal;

pub mod admin;
mod answer;
mod bucket;
mod chance;
mod console;
pub mod edit;
pub mod fault;
pub mod find;
mod journal;
pub mod log;
mod metadata;
mod pattern;
pub mod people;
mod record;
mod replica;
mod scim;
pub mod service_provider;
pub mod settings;
pub mod source;
mod store;
mod tenant;
mod token;

pub use crate::state_file::error::StateError;
pub use metadata::{BadMetadata, Provider};
pub use record::IdentitySource;
pub use scim::route::Operation;

/// How many requests a tenant's log keeps, unless another number is asked for.
const MAX_LOGGED: usize = 10_000;

/// What an emulator is made with.
#[derive(Clone, Debug)]
pub struct Options {
    /// What endpoints begin with, without a slash at its end: `http://127.0.0.1:8081`.
    pub base_url: String,
    /// How many requests a tenant's log keeps; counters go on.
    pub max_logged: usize,
    /// How new tenants behave unless it is said.
    pub settings: Settings,
}

impl Options {
    /// The usual, at this address.
    pub fn at(base_url: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), max_logged: MAX_LOGGED, settings: Settings::default() }
    }
}

/// The emulator. Clones are handles of the same one.
#[derive(Clone)]
pub struct IdentityCenter {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    options: Options,
    state: Mutex<State>,
    /// Cancelled once the state file cannot be written any more.
    state_lost: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    tenants: BTreeMap<String, Tenant>,
    /// None: everything is in memory alone.
    journal: Option<Journal>,
}

/// An emulator whose state is kept in a file.
#[derive(Debug)]
pub struct Opened {
    /// The emulator.
    pub center: IdentityCenter,
    /// The number of the file's last line, if it was cut by the end of an earlier process and left out. Nobody was
    /// answered for it.
    pub cut_line: Option<u64>,
}

impl fmt::Debug for IdentityCenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityCenter")
            .field("base_url", &self.inner.options.base_url)
            .finish_non_exhaustive()
    }
}

impl IdentityCenter {
    /// An emulator without tenants that keeps everything in memory.
    pub fn new(clock: Arc<dyn Clock>, options: Options) -> Self {
        Self::with(clock, options, State::default())
    }

    /// An emulator that keeps tenants, users, groups and memberships in a file, and has what is in it. Faults, the
    /// request log and what is left of limits are not kept.
    pub fn open(clock: Arc<dyn Clock>, options: Options, file: &Path) -> Result<Opened, StateError> {
        let journal::Opened { journal, tenants, cut_line } = journal::open(file, options.max_logged)?;
        let center = Self::with(clock, options, State { tenants, journal: Some(journal) });
        Ok(Opened { center, cut_line })
    }

    fn with(clock: Arc<dyn Clock>, options: Options, state: State) -> Self {
        let state_lost = CancellationToken::new();
        Self { inner: Arc::new(Inner { clock, options, state: Mutex::new(state), state_lost }) }
    }

    /// Returns, with the reason, once the state file cannot be written any more. Until the emulator is opened anew,
    /// whatever would change something is not answered.
    pub async fn state_lost(&self) -> StateError {
        loop {
            self.inner.state_lost.cancelled().await;
            if let Some(failure) = self.state().journal.as_ref().and_then(Journal::failure) {
                return failure.clone();
            }
        }
    }

    /// Puts the state file on the disk, if there is one.
    pub fn sync(&self) -> Result<(), StateError> {
        self.state().journal.as_ref().map_or(Ok(()), Journal::sync)
    }

    /// What is answered to a request that nobody looks at: a page where a page was asked for.
    pub fn refuse(path: &str, status: u16, sentence: &str) -> Response {
        if console::is_console(path) {
            console::refuse(status, sentence)
        } else {
            server::plain(status, sentence)
        }
    }

    /// Says what becomes of a request.
    pub async fn answer(&self, request: Request) -> Outcome {
        let (path, _) = request.path_and_query();
        if admin::http::is_admin(path) {
            return Outcome::Answered(admin::http::answer(self, &request));
        }
        if console::is_console(path) {
            return Outcome::Answered(console::answer(self, &request).await);
        }
        let request_id = chance::uuid(self.clock());
        let at = self.clock().now();
        let Some((tenant, path)) = scim::route::tenant(path) else {
            let arrival = Arrival { request: &request, path, request_id, at };
            let refusal = Refusal::not_found("Endpoint not found.");
            return Outcome::Answered(arrival.response(Err(refusal), &self.inner.options.settings, at));
        };
        let arrival = Arrival { request: &request, path, request_id, at };
        let fault = match self.enter(tenant, &arrival) {
            Ok(fault) => fault,
            Err(response) => return Outcome::Answered(response),
        };
        if let Some(Struck { fault: Fault::Slow { millis }, .. }) = fault {
            self.clock().sleep_until(at + Duration::from_millis(u64::from(millis))).await;
        }
        self.carry_out(tenant, &arrival, fault.as_ref())
    }

    fn enter(&self, tenant: &str, arrival: &Arrival<'_>) -> Result<Option<Struck>, Response> {
        let mut state = self.state();
        let Some(tenant) = state.tenants.get_mut(tenant) else {
            return Err(arrival.response(Err(unauthorized()), &self.inner.options.settings, arrival.at));
        };
        arrival.enter(tenant).map_err(|refusal| {
            let exception = refusal.exception;
            let response = arrival.response(Err(refusal), &tenant.record.settings, arrival.at);
            let outcome = Outcome::Answered(response.clone());
            tenant.log.record(arrival.logged(&outcome, Some(exception), None, arrival.at));
            response
        })
    }

    fn carry_out(&self, tenant: &str, arrival: &Arrival<'_>, fault: Option<&Struck>) -> Outcome {
        let mut state = self.state();
        let acted = self.act(&mut state, tenant, |tenant, changes| {
            arrival.carry_out(tenant, fault, self.clock(), changes)
        });
        let Some(tenant) = state.tenants.get_mut(tenant) else { return Outcome::Dropped };
        // What was done and not kept is not answered.
        let done = acted.unwrap_or(None);
        let now = self.clock().now();
        let exception = match &done {
            Some(Err(refusal)) => Some(refusal.exception),
            Some(Ok(Reply { .. })) | None => None,
        };
        let outcome = match done {
            Some(done) => Outcome::Answered(arrival.response(done, &tenant.record.settings, now)),
            None => Outcome::Dropped,
        };
        tenant.log.record(arrival.logged(&outcome, exception, fault, now));
        outcome
    }

    /// Does something to people of a tenant and keeps what has changed.
    fn act<T>(
        &self,
        state: &mut State,
        tenant: &str,
        act: impl FnOnce(&mut Tenant, &mut Vec<Change>) -> T,
    ) -> Result<T, AdminError> {
        let State { tenants, journal } = state;
        let tenant = tenants.get_mut(tenant).ok_or_else(|| AdminError::NoTenant(tenant.to_owned()))?;
        let mut changes = Vec::new();
        let acted = act(tenant, &mut changes);
        tenant.note(&changes, self.clock().now());
        if !changes.is_empty() {
            let id = Cow::Borrowed(tenant.record.id.as_str());
            self.keep(journal, &Entry::People { tenant: id, changes: Cow::Owned(changes) })?;
        }
        Ok(acted)
    }

    fn keep(&self, journal: &mut Option<Journal>, entry: &Entry<'_>) -> Result<(), AdminError> {
        let Some(journal) = journal else { return Ok(()) };
        journal.append(entry).map_err(|failure| {
            self.inner.state_lost.cancel();
            AdminError::State(failure)
        })
    }

    /// The SCIM endpoint of a tenant.
    pub fn endpoint(&self, tenant: &str) -> String {
        format!("{}/{tenant}/scim/v2", self.inner.options.base_url)
    }

    /// How new tenants behave unless it is said.
    pub fn default_settings(&self) -> &Settings {
        &self.inner.options.settings
    }

    fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a tenant, or changes what is not kept of it.
    fn look<T>(
        &self,
        tenant: &str,
        look: impl FnOnce(&mut Tenant) -> Result<T, AdminError>,
    ) -> Result<T, AdminError> {
        let mut state = self.state();
        let tenant = state.tenants.get_mut(tenant).ok_or_else(|| AdminError::NoTenant(tenant.to_owned()))?;
        look(tenant)
    }

    /// Changes what is kept of a tenant beside its users and groups.
    fn change_record<T>(
        &self,
        tenant: &str,
        change: impl FnOnce(&mut Record) -> Result<T, AdminError>,
    ) -> Result<T, AdminError> {
        let State { tenants, journal } = &mut *self.state();
        let tenant = tenants.get_mut(tenant).ok_or_else(|| AdminError::NoTenant(tenant.to_owned()))?;
        let mut record = tenant.record.clone();
        let changed = change(&mut record)?;
        self.keep(journal, &Entry::Tenant(Cow::Borrowed(&record)))?;
        tenant.set_record(record);
        Ok(changed)
    }

    fn put_tenant(&self, record: Record) -> Result<(), AdminError> {
        let State { tenants, journal } = &mut *self.state();
        self.keep(journal, &Entry::Tenant(Cow::Borrowed(&record)))?;
        let tenant = Tenant::new(record, self.inner.options.max_logged);
        tenants.insert(tenant.record.id.clone(), tenant);
        Ok(())
    }
}

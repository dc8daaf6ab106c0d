//! What Google's consoles do, and what makes things go wrong: the methods of an administrator of the emulator.

use std::sync::Arc;

use serde::Serialize;

use super::catalog::catalog;
use super::directory::{Change, Customer, Domain, OrgUnit, Unavailable, User, Which, flag};
use super::fault::{ActiveFault, FaultRule};
use super::journal::Entry;
use super::keys::KeyError;
use super::log::{Counters, LoggedRequest};
use super::settings::Settings;
use super::{State, StateError, Workspace, oauth, wire};
use crate::clock::Clock;

mod accounts;
mod deliver;
pub(crate) mod http;
mod key_file;
mod seed;

pub use seed::Seeded;

/// How many users are looked at at a time.
const LOOKED_AT: usize = 1_000;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is no such thing.
    #[error("there is no {kind} `{id}`")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// Which one.
        id: String,
    },
    /// It is not done now.
    #[error("{0}")]
    Refused(String),
    /// What is asked for is not understood.
    #[error("{0}")]
    BadRequest(String),
    /// A key cannot be made or read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The directory cannot be reached.
    #[error(transparent)]
    Directory(#[from] Unavailable),
    /// The state file cannot be written.
    #[error(transparent)]
    State(#[from] StateError),
}

/// How much there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The customer id.
    pub customer: String,
    /// The primary domain.
    pub domain: String,
    /// Living users; unknown where somebody else keeps them.
    pub users: Option<usize>,
    /// Deleted users.
    pub deleted_users: Option<usize>,
    /// Groups.
    pub groups: Option<usize>,
}

/// A push channel that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelInfo {
    /// Its id.
    pub id: String,
    /// What its messages are sent to.
    pub address: String,
    /// What it is about.
    pub resource_uri: String,
    /// When it ends, as Google writes instants.
    pub expires_at: String,
    /// How many messages it has had.
    pub messages: u64,
}

/// What a new organisation has: itself, a domain, the root unit.
pub(crate) fn beginning(clock: &dyn Clock, domain: &str) -> Vec<Change> {
    let now = clock.now();
    let customer = Customer::founded(clock);
    let domain = Domain {
        name: domain.to_lowercase(),
        is_primary: true,
        is_verified: true,
        created_at: now,
        aliases: Vec::new(),
    };
    vec![Change::Customer(customer), Change::Domain(domain), Change::OrgUnit(OrgUnit::root(clock))]
}

impl Workspace {
    /// How much there is.
    pub async fn summary(&self) -> Result<Summary, AdminError> {
        let directory = &self.inner.directory;
        let domains = directory.domains().await?;
        let domain = domains.iter().find(|domain| domain.is_primary);
        let counts = self.inner.memory.as_ref().map(|memory| memory.counts());
        Ok(Summary {
            customer: directory.customer().await?.id.clone(),
            domain: domain.map(|domain| domain.name.clone()).unwrap_or_default(),
            users: counts.map(|(users, _, _)| users),
            deleted_users: counts.map(|(_, deleted, _)| deleted),
            groups: counts.map(|(_, _, groups)| groups),
        })
    }

    /// The address of a super administrator who is not suspended, the first in the order of addresses.
    pub async fn super_admin(&self) -> Result<Option<String>, AdminError> {
        let mut after = None;
        loop {
            let some = self.inner.directory.users(Which::Living, after.as_ref(), LOOKED_AT).await?;
            let Some(last) = some.last() else { return Ok(None) };
            after = Some(last.place());
            let is_able =
                |user: &&Arc<User>| flag(&user.fields, "isAdmin") && !flag(&user.fields, "suspended");
            if let Some(admin) = some.iter().find(is_able) {
                return Ok(Some(admin.email().to_owned()));
            }
        }
    }

    /// Puts a fault in force and gives its number.
    pub fn add_fault(&self, rule: FaultRule) -> Result<u64, AdminError> {
        let is_event = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let is_known = |name: &String| {
            catalog().has(name)
                || oauth::Place::NAMES.contains(&name.as_str())
                || name == "discovery"
                || is_event(name)
        };
        if let Some(unknown) = rule.methods.iter().find(|name| !is_known(name)) {
            return Err(AdminError::BadRequest(format!("there is no method `{unknown}`")));
        }
        Ok(self.inner.state().faults.add(rule))
    }

    /// The faults in force.
    pub fn faults(&self) -> Vec<ActiveFault> {
        self.inner.state().faults.list()
    }

    /// Ends a fault.
    pub fn end_fault(&self, id: u64) -> Result<(), AdminError> {
        if self.inner.state().faults.end(id) { Ok(()) } else { Err(missing("fault", &id.to_string())) }
    }

    /// Ends every fault.
    pub fn end_faults(&self) {
        self.inner.state().faults.clear();
    }

    /// How it behaves.
    pub fn settings(&self) -> Settings {
        self.inner.state().settings.clone()
    }

    /// Changes how it behaves.
    pub fn change_settings(&self, settings: Settings) -> Result<(), AdminError> {
        let mut state = self.inner.state();
        self.keep(&mut state, &Entry::Settings(settings.clone()))?;
        state.settings = settings;
        Ok(())
    }

    /// Requests after a number, oldest first.
    pub fn requests(&self, after: u64, most: usize) -> Vec<LoggedRequest> {
        self.inner.state().log.after(after, most)
    }

    /// The counters of requests.
    pub fn counters(&self) -> Counters {
        self.inner.state().log.counters.clone()
    }

    /// Forgets requests and counters.
    pub fn clear_log(&self) {
        self.inner.state().log.clear();
    }

    /// The push channels that are open.
    pub fn channels(&self) -> Vec<ChannelInfo> {
        let channels = self.inner.state().channels.list(self.inner.clock.now());
        let info = |channel: super::channels::Channel| ChannelInfo {
            id: channel.id,
            address: channel.address,
            resource_uri: channel.resource_uri,
            expires_at: wire::instant(channel.expires_at),
            messages: channel.next - 1,
        };
        channels.into_iter().map(info).collect()
    }

    fn keep(&self, state: &mut State, entry: &Entry) -> Result<(), AdminError> {
        let Some(journal) = &mut state.journal else { return Ok(()) };
        journal.append(entry).map_err(|failure| {
            self.inner.state_lost.cancel();
            AdminError::State(failure)
        })
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }
}

fn missing(kind: &'static str, id: &str) -> AdminError {
    AdminError::NotFound { kind, id: id.to_owned() }
}

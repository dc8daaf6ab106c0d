//! What Google's consoles do, and what makes things go wrong: the methods of an administrator of the emulator.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::accounts::{Federation, Grant, Principal, Role, ServiceAccount, TOKEN_LIFE};
use super::catalog::catalog;
use super::directory::{Change, Customer, Domain, Holder, OrgUnit, Unavailable, User, Which, flag};
use super::fault::{ActiveFault, FaultRule};
use super::journal::Entry;
use super::keys::{KeyError, PrivateKey};
use super::log::{Counters, LoggedRequest};
use super::settings::Settings;
use super::{State, StateError, Workspace, oauth, wire};
use crate::clock::Clock;

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
    let customer = Customer {
        id: wire::customer_id(clock),
        alternate_email: None,
        created_at: now,
        language: "en".to_owned(),
        phone_number: None,
        postal_address: Map::new(),
    };
    let domain = Domain {
        name: domain.to_lowercase(),
        is_primary: true,
        is_verified: true,
        created_at: now,
        aliases: Vec::new(),
    };
    let root = OrgUnit {
        id: wire::org_unit_id(clock),
        name: String::new(),
        parent: None,
        description: String::new(),
    };
    vec![Change::Customer(customer), Change::Domain(domain), Change::OrgUnit(root)]
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

    /// Makes a service account, `name@project.iam.gserviceaccount.com`. One that is there already is given.
    pub fn create_service_account(&self, name: &str, project: &str) -> Result<ServiceAccount, AdminError> {
        let is_name = |text: &str| {
            (1..=63).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if !is_name(name) || !is_name(project) {
            return Err(AdminError::BadRequest(
                "the name and the project are made of small letters, digits and hyphens".to_owned(),
            ));
        }
        let email = format!("{name}@{project}.iam.gserviceaccount.com");
        if let Some(there) = self.inner.state().accounts.by_email.get(&email) {
            return Ok(there.clone());
        }
        let account = ServiceAccount {
            email,
            client_id: wire::user_id(&*self.inner.clock),
            project: project.to_owned(),
            keys: std::collections::BTreeMap::new(),
            delegated_scopes: BTreeSet::new(),
            role: None,
            token_creators: BTreeSet::new(),
            signing_key: None,
        };
        self.put_account(&mut self.inner.state(), account.clone())?;
        Ok(account)
    }

    /// Every service account.
    pub fn service_accounts(&self) -> Vec<ServiceAccount> {
        self.inner.state().accounts.by_email.values().cloned().collect()
    }

    /// Deletes a service account; its keys and its tokens open nothing any more.
    pub fn delete_service_account(&self, email: &str) -> Result<(), AdminError> {
        let mut state = self.inner.state();
        if state.accounts.by_email.remove(email).is_none() {
            return Err(missing("service account", email));
        }
        state.accounts.revoke_of(email);
        self.keep(&mut state, &Entry::ServiceAccountGone(email.to_owned()))
    }

    /// Adds a key to a service account, a new one or the one in a PEM file, and gives Google's key file for it. The
    /// private part is kept nowhere.
    pub fn create_key(&self, email: &str, pem: Option<&str>) -> Result<Value, AdminError> {
        let key = pem.map_or_else(PrivateKey::generate, PrivateKey::from_pem)?;
        let key_id = wire::key_id(&*self.inner.clock);
        let account = self.edit_account(email, |account| {
            account.keys.insert(key_id.clone(), key.public());
            Ok(())
        })?;
        Ok(key_file::of(&account, &key_id, &key, &self.inner.base_url))
    }

    /// Takes a key from a service account.
    pub fn delete_key(&self, email: &str, key_id: &str) -> Result<(), AdminError> {
        self.edit_account(email, |account| {
            account.keys.remove(key_id).map(drop).ok_or_else(|| missing("key", key_id))
        })?;
        Ok(())
    }

    /// Delegates scopes to a service account, for all users: exactly these, none of them takes all back. Access tokens
    /// that are out stay good until their time is over, as at Google.
    pub fn delegate(&self, email: &str, scopes: &[&str]) -> Result<(), AdminError> {
        let scopes: BTreeSet<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.edit_account(email, |account| {
            account.delegated_scopes = scopes;
            Ok(())
        })?;
        Ok(())
    }

    /// Gives a service account an administrator's role of its own, or takes it.
    pub fn set_role(&self, email: &str, role: Option<Role>) -> Result<(), AdminError> {
        self.edit_account(email, |account| {
            account.role = role;
            Ok(())
        })?;
        Ok(())
    }

    /// Lets a caller (a service account's address, or the name of a federated caller) sign in the name of a service
    /// account; a key is kept for it from then on, the one in a PEM file or a new one.
    pub fn allow_signing(&self, email: &str, caller: &str, pem: Option<&str>) -> Result<(), AdminError> {
        let key = pem.map_or_else(PrivateKey::generate, PrivateKey::from_pem)?;
        let key_id = wire::key_id(&*self.inner.clock);
        self.edit_account(email, |account| {
            account.token_creators.insert(caller.to_owned());
            if account.signing_key.is_none() {
                account.keys.insert(key_id.clone(), key.public());
                account.signing_key = Some((key_id, key.to_base64()));
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Knows a token of another identity provider: whoever exchanges it for this audience is this caller.
    pub fn federate(&self, audience: &str, principal: &str, subject_token: &str) -> Result<(), AdminError> {
        let federation = Federation {
            audience: audience.to_owned(),
            principal: principal.to_owned(),
            subject_token_hash: wire::hash(subject_token),
        };
        let mut state = self.inner.state();
        state.accounts.federations.push(federation.clone());
        self.keep(&mut state, &Entry::Federation(federation))
    }

    /// Says whose machine the metadata server answers for.
    pub fn set_machine(&self, email: Option<&str>) -> Result<(), AdminError> {
        let mut state = self.inner.state();
        if let Some(email) = email.filter(|email| state.accounts.find(email).is_none()) {
            return Err(missing("service account", email));
        }
        state.accounts.machine = email.map(str::to_owned);
        let machine = state.accounts.machine.clone();
        self.keep(&mut state, &Entry::Machine(machine))
    }

    /// An access token of a user, as after a consent in a browser.
    pub async fn access_token(&self, user: &str, scopes: &[&str]) -> Result<String, AdminError> {
        let holder = self.inner.directory.holder(&user.to_lowercase()).await?;
        let Some(Holder::User(id)) = holder else { return Err(missing("user", user)) };
        let (clock, now) = (&*self.inner.clock, self.inner.clock.now());
        let value = wire::secret(clock);
        let grant = Grant {
            principal: Principal::User { id, through: None },
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expires_at: now + TOKEN_LIFE,
        };
        self.inner.state().accounts.grant(&value, grant, now);
        Ok(value)
    }

    /// Ends every access token, as though their time were over.
    pub fn revoke_tokens(&self) {
        self.inner.state().accounts.revoke_all();
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

    fn edit_account(
        &self,
        email: &str,
        edit: impl FnOnce(&mut ServiceAccount) -> Result<(), AdminError>,
    ) -> Result<ServiceAccount, AdminError> {
        let mut state = self.inner.state();
        let account = state.accounts.find(email).cloned();
        let mut account = account.ok_or_else(|| missing("service account", email))?;
        edit(&mut account)?;
        self.put_account(&mut state, account.clone())?;
        Ok(account)
    }

    fn put_account(&self, state: &mut State, account: ServiceAccount) -> Result<(), AdminError> {
        self.keep(state, &Entry::ServiceAccount(account.clone()))?;
        state.accounts.by_email.insert(account.email.clone(), account);
        Ok(())
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

//! Service accounts and who acts in their names, as an administrator of the cloud and of the organisation sees to them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{AdminError, key_file, missing};
use crate::workspace::accounts::{Federation, Grant, Principal, Role, ServiceAccount, TOKEN_LIFE};
use crate::workspace::directory::Holder;
use crate::workspace::journal::Entry;
use crate::workspace::keys::PrivateKey;
use crate::workspace::{State, Workspace, wire};

impl Workspace {
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
}

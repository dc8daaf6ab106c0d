//! Service accounts, what an administrator has allowed them, and the access tokens that are out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use usher_model::time::Timestamp;

use super::wire;

/// How long an access token is good for.
pub(crate) const TOKEN_LIFE: Duration = Duration::from_secs(3_599);
/// The most access tokens that are remembered; the oldest are forgotten beyond it.
const MAX_TOKENS: usize = 10_000;

/// An administrator's role that a service account has of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads and edits everything.
    Administrator,
    /// Reads everything.
    Reader,
    /// Reads users and organizational units.
    UsersReader,
    /// Reads groups and members.
    GroupsReader,
}

impl Role {
    /// Whether it opens a method, by the method's name.
    pub(crate) fn opens(self, method: &str, is_read: bool) -> bool {
        let is_of = |resources: &[&str]| {
            let resource = method.split('.').nth(1).unwrap_or_default();
            resources.contains(&resource)
        };
        match self {
            Self::Administrator => true,
            Self::Reader => is_read,
            Self::UsersReader => is_read && is_of(&["users", "orgunits", "channels"]),
            Self::GroupsReader => is_read && is_of(&["groups", "members"]),
        }
    }
}

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// `name@project.iam.gserviceaccount.com`.
    pub email: String,
    /// 21 digits, by which an administrator delegates scopes.
    pub client_id: String,
    /// The project.
    pub project: String,
    /// Its keys: public parts by key id, in base64.
    pub keys: BTreeMap<String, String>,
    /// The scopes that are delegated to it, for all users of the domain.
    pub delegated_scopes: BTreeSet<String>,
    /// The administrator's role that it has of its own.
    pub role: Option<Role>,
    /// Who may sign in its name: addresses of service accounts, or names of federated callers.
    pub token_creators: BTreeSet<String>,
    /// The private key that Google keeps for it, as PKCS #8 in base64, and its id.
    pub(crate) signing_key: Option<(String, String)>,
}

/// Somebody of another identity provider who may exchange a token of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federation {
    /// `//iam.googleapis.com/projects/…/workloadIdentityPools/…/providers/…`.
    pub audience: String,
    /// What the caller is called where it is granted something.
    pub principal: String,
    /// The hash of the token that is taken for the other provider's.
    pub(crate) subject_token_hash: String,
}

/// Whose an access token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// A user's, by id, through a service account or none.
    User { id: String, through: Option<String> },
    /// A service account's own.
    ServiceAccount(String),
    /// Somebody's of another identity provider.
    Federated(String),
}

/// An access token that is out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) principal: Principal,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) expires_at: Timestamp,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    pub(crate) by_email: BTreeMap<String, ServiceAccount>,
    pub(crate) federations: Vec<Federation>,
    /// The service account of the machine that the metadata server answers for.
    pub(crate) machine: Option<String>,
    grants: BTreeMap<String, Grant>,
}

impl Accounts {
    /// Gives out an access token.
    pub(crate) fn grant(&mut self, value: &str, grant: Grant, now: Timestamp) {
        if self.grants.len() >= MAX_TOKENS {
            self.grants.retain(|_, grant| grant.expires_at > now);
        }
        if self.grants.len() >= MAX_TOKENS {
            let oldest = self.grants.iter().min_by_key(|(_, grant)| grant.expires_at);
            if let Some(hash) = oldest.map(|(hash, _)| hash.clone()) {
                self.grants.remove(&hash);
            }
        }
        self.grants.insert(wire::hash(value), grant);
    }

    /// Whose a token is, while it is good.
    pub(crate) fn granted(&self, value: &str, now: Timestamp) -> Option<&Grant> {
        self.grants.get(&wire::hash(value)).filter(|grant| grant.expires_at > now)
    }

    /// Ends every access token.
    pub(crate) fn revoke_all(&mut self) {
        self.grants.clear();
    }

    /// Ends the access tokens of a service account.
    pub(crate) fn revoke_of(&mut self, email: &str) {
        self.grants.retain(|_, grant| match &grant.principal {
            Principal::User { through, .. } => through.as_deref() != Some(email),
            Principal::ServiceAccount(own) => own != email,
            Principal::Federated(_) => true,
        });
    }

    /// A service account by its address, or by its client id.
    pub(crate) fn find(&self, key: &str) -> Option<&ServiceAccount> {
        let by_id = || self.by_email.values().find(|account| account.client_id == key);
        self.by_email.get(key).or_else(by_id)
    }
}

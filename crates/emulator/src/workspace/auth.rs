//! Whose a request is, and whether they may.

use std::collections::BTreeSet;
use std::sync::Arc;

use usher_model::time::Timestamp;

use super::accounts::{Accounts, Principal, Role};
use super::catalog::Endpoint;
use super::directory::{Directory, User, flag};
use super::oauth::assertion;
use super::refusal::Refusal;
use super::settings::Settings;

/// The audience of a self-signed token, at Google.
const GOOGLE: &str = "https://admin.googleapis.com/";

/// Whose a request is.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    /// None: a self-signed token without scopes, which is held to the role alone.
    scopes: Option<BTreeSet<String>>,
    /// Whose quota it uses up beside the user's.
    pub(crate) project: String,
}

/// Who it is.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// A user, by a token of their own or one that a service account has for them.
    User(Arc<User>),
    /// A service account in its own name.
    ServiceAccount { email: String, client_id: String, role: Option<Role> },
}

impl Who {
    pub(crate) fn email(&self) -> &str {
        match self {
            Self::User(user) => user.email(),
            Self::ServiceAccount { email, .. } => email,
        }
    }

    pub(crate) fn id(&self) -> &str {
        match self {
            Self::User(user) => &user.id,
            Self::ServiceAccount { client_id, .. } => client_id,
        }
    }
}

/// What a token alone says, before the directory is asked.
#[derive(Debug)]
pub(crate) enum Bearer {
    User { id: String, scopes: BTreeSet<String>, project: String },
    Account(Caller),
}

/// The token of an `Authorization` header.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Reads a token.
pub(crate) fn read(
    token: &str,
    accounts: &Accounts,
    settings: &Settings,
    base_url: &str,
    now: Timestamp,
) -> Result<Bearer, Refusal> {
    let Some(grant) = accounts.granted(token, now) else {
        return self_signed(token, accounts, settings, base_url, now);
    };
    let project =
        |email: &str| accounts.find(email).map(|account| account.project.clone()).unwrap_or_default();
    match &grant.principal {
        Principal::User { id, through } => Ok(Bearer::User {
            id: id.clone(),
            scopes: grant.scopes.clone(),
            project: through.as_deref().map(project).unwrap_or_default(),
        }),
        Principal::ServiceAccount(email) => {
            own(accounts, email, Some(grant.scopes.clone())).ok_or_else(Refusal::credentials)
        }
        Principal::Federated(_) => Err(Refusal::forbidden()),
    }
}

fn self_signed(
    token: &str,
    accounts: &Accounts,
    settings: &Settings,
    base_url: &str,
    now: Timestamp,
) -> Result<Bearer, Refusal> {
    let checked = assertion::check(token, accounts, settings.clock_skew_seconds, now);
    let (account, claims) = checked.map_err(|_| Refusal::credentials())?;
    if claims.sub.as_deref().is_some_and(|sub| sub != account.email) {
        return Err(Refusal::credentials());
    }
    let scopes = match claims.scope {
        Some(_) => Some(claims.scopes().map(str::to_owned).collect()),
        None if claims.is_for(GOOGLE) || claims.is_for(&format!("{base_url}/")) => None,
        None => return Err(Refusal::credentials()),
    };
    own(accounts, &account.email, scopes).ok_or_else(Refusal::credentials)
}

fn own(accounts: &Accounts, email: &str, scopes: Option<BTreeSet<String>>) -> Option<Bearer> {
    let account = accounts.find(email)?;
    let who = Who::ServiceAccount {
        email: account.email.clone(),
        client_id: account.client_id.clone(),
        role: account.role,
    };
    Some(Bearer::Account(Caller { who, scopes, project: account.project.clone() }))
}

/// Who it is, once the directory was asked.
pub(crate) async fn resolve(bearer: Bearer, directory: &dyn Directory) -> Result<Caller, Refusal> {
    match bearer {
        Bearer::Account(caller) => Ok(caller),
        Bearer::User { id, scopes, project } => {
            let user = directory.user(&id).await?;
            let user = user.filter(|user| user.deleted_at.is_none() && !flag(&user.fields, "suspended"));
            let who = Who::User(user.ok_or_else(Refusal::credentials)?);
            Ok(Caller { who, scopes: Some(scopes), project })
        }
    }
}

impl Caller {
    /// Whoever keeps the directory: nobody asks them for a scope or a role.
    pub(crate) fn own(by: &str) -> Self {
        let who = Who::ServiceAccount { email: by.to_owned(), client_id: String::new(), role: None };
        Self { who, scopes: None, project: String::new() }
    }

    /// Whether the token opens a method.
    pub(crate) fn check_scopes(&self, endpoint: &Endpoint) -> Result<(), Refusal> {
        let Some(scopes) = &self.scopes else { return Ok(()) };
        if endpoint.scopes.iter().any(|scope| scopes.contains(scope)) {
            return Ok(());
        }
        Err(Refusal::scopes(&endpoint.id))
    }

    /// Whether the person or the account may use a method. What everybody of the domain may see of users, all users may
    /// read.
    pub(crate) fn check_rights(&self, endpoint: &Endpoint, is_public_view: bool) -> Result<(), Refusal> {
        let is_read = endpoint.http == "GET" || matches!(endpoint.verb(), "watch" | "stop");
        let may = match &self.who {
            Who::User(user) if flag(&user.fields, "isAdmin") => true,
            Who::User(user) if flag(&user.fields, "isDelegatedAdmin") => is_read,
            Who::User(_) => {
                is_public_view
                    && matches!(endpoint.id.as_str(), "directory.users.get" | "directory.users.list")
            }
            Who::ServiceAccount { role, .. } => role.is_some_and(|role| role.opens(&endpoint.id, is_read)),
        };
        if may { Ok(()) } else { Err(Refusal::forbidden()) }
    }
}

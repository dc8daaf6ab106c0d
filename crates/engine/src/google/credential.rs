//! What signs in to Google: who acts, as whom, and with what signature (reference §3).
//!
//! # Invariants
//!
//! 1. A credential that was read can sign: its key has signed something, its addresses may be called.
//! 2. Neither its [`Debug`](std::fmt::Debug) nor any error shows a secret.
//! 3. It is one secret text, and the same again when read from it.
//!
//! Not here: asking for a token ([`crate::google::token`]), and what a machine or a workload has by being where it is
//! ([`crate::google::ambient`]): that is found anew each time, and never kept.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub mod key_file;
pub mod private_key;

use crate::endpoint::Reachable;
use key_file::{KeyFileError, ServiceAccountKey};

/// What signs in to a directory.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A service account acts as an administrator, who has delegated scopes to it; its key is in a file.
    Delegated {
        /// The account's key.
        key: ServiceAccountKey,
        /// The administrator's address.
        admin: String,
    },
    /// A service account has an administrator's role of its own; its key is in a file.
    Role {
        /// The account's key.
        key: ServiceAccountKey,
    },
    /// A service account acts as an administrator; IAM Credentials signs for it, for whoever may ask that.
    Keyless {
        /// The account's address.
        account: String,
        /// The administrator's address.
        admin: String,
    },
}

/// Why something does not sign in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The file is no service account's key.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The administrator has no address.
    #[error("the administrator `{0}` is not an e-mail address: name a person of the directory with --admin")]
    Admin(String),
    /// The administrator is a service account.
    #[error(
        "the administrator `{0}` is a service account: name a person of the directory with --admin, or use \
         --role-key-file for a service account with a role of its own"
    )]
    AdminIsAccount(String),
    /// The service account has no address.
    #[error(
        "`{0}` is not a service account's address: it looks like name@project.iam.gserviceaccount.com \
         (Google Cloud console, IAM & Admin > Service Accounts)"
    )]
    Account(String),
    /// What was kept is no credential.
    #[error("what is kept of the directory's credential cannot be read: give the credential again")]
    Sealed,
}

/// How a credential is kept.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Sealed {
    Delegated { key_file: Value, admin: String },
    Role { key_file: Value },
    Keyless { account: String, admin: String },
}

impl Credential {
    /// A key file, and the administrator whom its account acts as.
    pub fn delegated(
        key_file: &SecretString,
        admin: &str,
        reachable: Reachable,
    ) -> Result<Self, CredentialError> {
        let admin = administrator(admin)?;
        Ok(Self::Delegated { key: ServiceAccountKey::parse(key_file, reachable)?, admin })
    }

    /// A key file of an account that has a role of its own.
    pub fn role(key_file: &SecretString, reachable: Reachable) -> Result<Self, CredentialError> {
        Ok(Self::Role { key: ServiceAccountKey::parse(key_file, reachable)? })
    }

    /// An account whose key Google keeps, and the administrator whom it acts as.
    pub fn keyless(account: &str, admin: &str) -> Result<Self, CredentialError> {
        let admin = administrator(admin)?;
        let account = address(account).map_err(CredentialError::Account)?;
        if is_account(&account) {
            Ok(Self::Keyless { account, admin })
        } else {
            Err(CredentialError::Account(account))
        }
    }

    /// The service account.
    pub fn account(&self) -> &str {
        match self {
            Self::Delegated { key, .. } | Self::Role { key } => &key.account,
            Self::Keyless { account, .. } => account,
        }
    }

    /// The administrator whom it acts as; none: it acts for itself.
    pub fn admin(&self) -> Option<&str> {
        match self {
            Self::Delegated { admin, .. } | Self::Keyless { admin, .. } => Some(admin),
            Self::Role { .. } => None,
        }
    }

    /// By what an administrator knows the account where scopes are delegated: its client id, or else its address.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Delegated { key, .. } | Self::Role { key } => key.client_id.as_deref(),
            Self::Keyless { .. } => None,
        }
    }

    /// All of it as one secret text.
    pub fn seal(&self) -> SecretString {
        let sealed = match self {
            Self::Delegated { key, admin } => {
                Sealed::Delegated { key_file: key.to_file(), admin: admin.clone() }
            }
            Self::Role { key } => Sealed::Role { key_file: key.to_file() },
            Self::Keyless { account, admin } => {
                Sealed::Keyless { account: account.clone(), admin: admin.clone() }
            }
        };
        serde_json::to_string(&sealed).expect("invariant: a credential is written as JSON").into()
    }

    /// Reads what [`Self::seal`] wrote.
    pub fn unseal(text: &SecretString, reachable: Reachable) -> Result<Self, CredentialError> {
        let sealed = serde_json::from_str(text.expose_secret()).map_err(|_| CredentialError::Sealed)?;
        let file = |key_file: Value| SecretString::from(key_file.to_string());
        match sealed {
            Sealed::Delegated { key_file, admin } => Self::delegated(&file(key_file), &admin, reachable),
            Sealed::Role { key_file } => Self::role(&file(key_file), reachable),
            Sealed::Keyless { account, admin } => Self::keyless(&account, &admin),
        }
    }
}

fn administrator(text: &str) -> Result<String, CredentialError> {
    let admin = address(text).map_err(CredentialError::Admin)?;
    if is_account(&admin) { Err(CredentialError::AdminIsAccount(admin)) } else { Ok(admin) }
}

fn is_account(address: &str) -> bool {
    address.ends_with(".gserviceaccount.com")
}

/// An e-mail address, or the text as it can be shown.
fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '/' | '?' | '#' | ':');
    let is_address = text.len() <= 320
        && text.chars().all(is_plain)
        && text
            .split_once('@')
            .is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !domain.contains('@'));
    if is_address {
        return Ok(text.to_owned());
    }
    Err(text.chars().filter(|c| !c.is_control()).take(120).collect())
}

#[cfg(test)]
mod tests;

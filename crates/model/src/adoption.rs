//! Whether an account that the app already holds is a person's own.
//!
//! By `externalId` equal to the user's id; else by `userName`, case folded, if
//! that account's `externalId` is empty and no other user holds it. Anything
//! else is a conflict: that person fails alone, and the reason names the holder.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::attribute::Attributes;
use crate::attribute::fold::fold;
use crate::id::{Email, RemoteId, UserId};
use crate::mutant::{self, Mutant};

/// An account as the app shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteAccount {
    /// The app's id of it.
    pub remote_id: RemoteId,
    /// Its `externalId`, if it has one that is not empty.
    pub external_id: Option<String>,
    /// Its `userName` as the app spells it.
    pub user_name: String,
    /// Whether it is on.
    pub active: bool,
    /// What it says about the mapped attributes.
    pub attributes: Attributes,
    /// The user whose account it is on our record, if it is anybody's.
    pub holder: Option<Holder>,
}

/// A user who holds an account or a name that somebody else needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The directory's id.
    pub user: UserId,
    /// Their address, as last known.
    pub email: Option<Email>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.email {
            Some(email) => write!(f, "{email} (id {})", self.user),
            None => write!(f, "the user with id {}", self.user),
        }
    }
}

/// What the app holds that could be a person's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody looked yet, or the app could not really be asked, and something may be there: a create asks first.
    NotLooked,
    /// The app was read, and there is nothing.
    Nothing,
    /// Theirs.
    Own(Box<RemoteAccount>, MatchedBy),
    /// Something is in the way.
    Conflict(Conflict),
}

/// What made an account somebody's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// Its `externalId` is the user's id.
    ExternalId,
    /// Its `userName` is the user's, and it has no `externalId`.
    UserName,
    /// An admin chose to take it over.
    Choice,
}

/// What stands between a person and an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "conflict", rename_all = "snake_case")]
pub enum Conflict {
    /// The account of that name carries the `externalId` of somebody we do not know.
    ForeignExternalId {
        /// The app's id of the account in the way.
        remote_id: RemoteId,
        /// Its `userName`.
        user_name: String,
        /// Its `externalId`.
        external_id: String,
    },
    /// The name, or the account, is another user's: recreated, recycled, or renamed onto a
    /// leaver's old address.
    Held {
        /// The name in question.
        user_name: String,
        /// Who holds it.
        holder: Holder,
    },
    /// Several accounts could be theirs.
    Ambiguous {
        /// The `userName` that they share.
        user_name: String,
        /// How many there are.
        n_accounts: usize,
    },
    /// The app refused the account as a duplicate, and shows none that it duplicates.
    Invisible {
        /// The `userName` that was refused.
        user_name: String,
    },
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForeignExternalId { remote_id, user_name, external_id } => write!(
                f,
                "the app's account {user_name} (id {remote_id}) belongs to somebody else: its externalId is {external_id}; take it over or wait"
            ),
            Self::Held { user_name, holder } => write!(
                f,
                "{user_name} is held at the app by the account of {holder}; give one of them another address, or wait until it is free"
            ),
            Self::Ambiguous { user_name, n_accounts } => {
                write!(f, "{n_accounts} accounts at the app could be {user_name}; leave one of them there")
            }
            Self::Invisible { user_name } => write!(
                f,
                "the app says that {user_name} exists already, but shows no such account; look for one with this name or address at the app"
            ),
        }
    }
}

/// Says which of the app's accounts is a person's own.
///
/// `candidates` are the accounts whose `externalId` or `userName` fits, as a listing or look-ups
/// showed them; what does not fit is passed over, because some apps ignore filters.
pub fn find_own(user: &UserId, user_name: &str, candidates: &[RemoteAccount], take_over: bool) -> Found {
    let ours = |account: &&RemoteAccount| account.external_id.as_deref() == Some(user.as_str());
    let named = |account: &&RemoteAccount| fold(&account.user_name) == fold(user_name);
    let by_id: Vec<_> = candidates.iter().filter(ours).collect();
    match by_id.as_slice() {
        [account] => return unless_held(account, user, MatchedBy::ExternalId),
        [] => {}
        several => return ambiguous(user_name, several.len()),
    }
    let by_name: Vec<_> = candidates.iter().filter(named).collect();
    match by_name.as_slice() {
        [] => Found::Nothing,
        [account] => match &account.external_id {
            None => unless_held(account, user, MatchedBy::UserName),
            Some(_) if account.holder.is_none() && (take_over || mutant::lives(Mutant::ForeignTakenOver)) => {
                Found::Own(Box::new((*account).clone()), MatchedBy::Choice)
            }
            Some(external_id) if account.holder.is_none() => Found::Conflict(Conflict::ForeignExternalId {
                remote_id: account.remote_id.clone(),
                user_name: account.user_name.clone(),
                external_id: external_id.clone(),
            }),
            Some(_) => unless_held(account, user, MatchedBy::UserName),
        },
        several => ambiguous(user_name, several.len()),
    }
}

fn ambiguous(user_name: &str, n_accounts: usize) -> Found {
    Found::Conflict(Conflict::Ambiguous { user_name: user_name.to_owned(), n_accounts })
}

fn unless_held(account: &RemoteAccount, user: &UserId, by: MatchedBy) -> Found {
    match &account.holder {
        Some(holder) if holder.user != *user => {
            Found::Conflict(Conflict::Held { user_name: account.user_name.clone(), holder: holder.clone() })
        }
        _ => Found::Own(Box::new(account.clone()), by),
    }
}

#[cfg(test)]
mod tests;

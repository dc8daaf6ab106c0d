//! What can be done to an account: one SCIM write each.
//!
//! An operation is complete: whoever executes it has nothing left to choose. It
//! serializes as it is, because a plan is rows that hold operations.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::adoption::RemoteAccount;
use crate::attribute::Attributes;
use crate::attribute::changes::Changes;
use crate::attribute::path::AttributePath;
use crate::id::RemoteId;

/// One write to the app. The executor has nothing left to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum Operation {
    /// Create the account.
    Create {
        /// Its attributes; it is made active.
        attributes: Attributes,
        /// Whether the app is asked first if it holds an account of theirs already.
        ask_first: bool,
    },
    /// Take over an account that the app holds.
    Adopt {
        /// The account as the app showed it.
        account: Box<RemoteAccount>,
        /// What differs. May be empty: then nothing is sent.
        changes: Changes,
    },
    /// Change exactly what differs.
    Update {
        /// The app's id of the account.
        remote_id: RemoteId,
        /// What differs.
        changes: Changes,
    },
    /// Switch it off.
    Suspend {
        /// The app's id of the account.
        remote_id: RemoteId,
    },
    /// Switch it on, and change what differs.
    Unsuspend {
        /// The app's id of the account.
        remote_id: RemoteId,
        /// What differs.
        changes: Changes,
    },
    /// Delete it, if a read just before still shows it off.
    Delete {
        /// The app's id of the account.
        remote_id: RemoteId,
    },
}

/// The write whose answer never came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Creating it.
    Creating,
    /// Taking it over.
    Adopting,
    /// Changing attributes.
    Updating,
    /// Switching it off.
    Suspending,
    /// Switching it on.
    Unsuspending,
    /// Deleting it.
    Deleting,
}

/// The kinds of operations, as plans and summaries count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An account is made.
    Create,
    /// An account that the app holds becomes ours.
    Adopt,
    /// Attributes change.
    Update,
    /// An account is switched off.
    Suspend,
    /// An account is switched on.
    Unsuspend,
    /// An account is deleted.
    Delete,
}

impl Kind {
    /// All of them, in the order in which summaries print them.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Adopt, Self::Update, Self::Suspend, Self::Unsuspend, Self::Delete];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Adopt => "adopt",
            Self::Update => "update",
            Self::Suspend => "suspend",
            Self::Unsuspend => "unsuspend",
            Self::Delete => "delete",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Operation {
    /// What is being done, should the answer never come.
    pub fn doing(&self) -> Doing {
        match self {
            Self::Create { .. } => Doing::Creating,
            Self::Adopt { .. } => Doing::Adopting,
            Self::Update { .. } => Doing::Updating,
            Self::Suspend { .. } => Doing::Suspending,
            Self::Unsuspend { .. } => Doing::Unsuspending,
            Self::Delete { .. } => Doing::Deleting,
        }
    }

    /// The attributes it changes; none for those that change only whether the account is there or on.
    pub fn changes(&self) -> Option<&Changes> {
        match self {
            Self::Adopt { changes, .. } | Self::Update { changes, .. } | Self::Unsuspend { changes, .. } => {
                Some(changes)
            }
            Self::Create { .. } | Self::Suspend { .. } | Self::Delete { .. } => None,
        }
    }

    /// The attributes that it is about.
    pub fn paths(&self) -> Vec<&AttributePath> {
        match self {
            Self::Create { attributes, .. } => attributes.paths().collect(),
            Self::Adopt { changes, .. } | Self::Update { changes, .. } | Self::Unsuspend { changes, .. } => {
                changes.iter().map(|change| &change.path).collect()
            }
            Self::Suspend { .. } | Self::Delete { .. } => Vec::new(),
        }
    }

    /// Whether it decides what the account holds at this path; a create decides all of it.
    pub fn writes(&self, path: &AttributePath) -> bool {
        match self {
            Self::Create { .. } => true,
            Self::Adopt { changes, .. } | Self::Update { changes, .. } | Self::Unsuspend { changes, .. } => {
                changes.iter().any(|change| change.path == *path)
            }
            Self::Suspend { .. } | Self::Delete { .. } => false,
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Create { .. } => Kind::Create,
            Self::Adopt { .. } => Kind::Adopt,
            Self::Update { .. } => Kind::Update,
            Self::Suspend { .. } => Kind::Suspend,
            Self::Unsuspend { .. } => Kind::Unsuspend,
            Self::Delete { .. } => Kind::Delete,
        }
    }
}

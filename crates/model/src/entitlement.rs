//! Who is entitled to an account, and what somebody who is not has lost.
//!
//! Entitled: active, has access, in scope, in a provisioned domain, not a
//! guest. This is the only place that says so.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::access::{Access, Switch};
use crate::directory::{OrgUnitPath, User, UserState};
use crate::id::GroupId;
use crate::mutant::{self, Mutant};
use crate::scope::Reach;
use crate::time::Timestamp;

/// What an app's configuration says of who is entitled.
#[derive(Clone, Debug)]
pub struct Entitling<'a> {
    /// Units and groups the app is on for.
    pub access: &'a Access,
    /// Where the chosen groups lead.
    pub reach: &'a Reach,
    /// The domains whose people are provisioned, in lower case. Empty is refused before planning.
    pub domains: &'a BTreeSet<String>,
    /// What archived people are.
    pub archived: ArchivedPolicy,
}

/// What archiving somebody does to their account. Google's own feature leaves archived people alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchivedPolicy {
    /// Archiving starts nothing and stops nothing.
    #[default]
    Leave,
    /// Archiving counts as suspending, since the directory's `archivalTime`.
    TreatAsSuspended,
}

/// Where a person stands towards one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Ought to have an account that is on.
    Entitled,
    /// Has lost it, or never had a claim to it.
    Lost(Losses),
    /// Archived, and the policy leaves archived people alone.
    Archived,
    /// In neither the list of users nor that of deleted users, and not yet asked for by id.
    Unlisted,
}

/// Every trigger that holds for a person, with the directory's own instant where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// The app is off for them, and why.
    pub app_off: Option<AppOff>,
    /// They are suspended.
    pub suspended: Option<Since>,
    /// They are deleted. Then nothing else counts: deleted people leave groups and units too.
    pub deleted: Option<Since>,
}

/// When the directory says that something began, if it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since(pub Option<Timestamp>);

/// Why the app is off for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "off", rename_all = "snake_case")]
pub enum AppOff {
    /// Their unit is off and no group turns it on for them.
    NoAccess {
        /// Their unit.
        unit: OrgUnitPath,
    },
    /// They have access, but are in none of the groups of the provisioning scope.
    OutOfScope,
    /// Their primary address is in a domain that is not provisioned.
    OtherDomain {
        /// The domain.
        domain: String,
    },
    /// A guest of the organisation.
    Guest,
}

impl fmt::Display for AppOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAccess { unit } => write!(f, "the app is off for {unit} and for all of their groups"),
            Self::OutOfScope => f.write_str("in none of the groups of the provisioning scope"),
            Self::OtherDomain { domain } => write!(f, "{domain} is not a provisioned domain"),
            Self::Guest => f.write_str("a guest of the organisation"),
        }
    }
}

/// Says where a person stands. `direct` are the groups they are a member of themselves.
pub fn standing(user: &User, direct: &BTreeSet<GroupId>, entitling: &Entitling<'_>) -> Standing {
    let suspended = match user.state {
        UserState::Active => None,
        UserState::Suspended { since } => Some(Since(since)),
        UserState::Archived { since } => match entitling.archived {
            ArchivedPolicy::Leave if mutant::lives(Mutant::ArchivedRemoved) => Some(Since(since)),
            ArchivedPolicy::Leave => return Standing::Archived,
            ArchivedPolicy::TreatAsSuspended => Some(Since(since)),
        },
        UserState::Deleted { since } => {
            return Standing::Lost(Losses { deleted: Some(Since(since)), ..Losses::default() });
        }
        UserState::Unlisted => return Standing::Unlisted,
    };
    let app_off = app_off(user, direct, entitling);
    if suspended.is_none() && app_off.is_none() {
        return Standing::Entitled;
    }
    Standing::Lost(Losses { app_off, suspended, deleted: None })
}

fn app_off(user: &User, direct: &BTreeSet<GroupId>, entitling: &Entitling<'_>) -> Option<AppOff> {
    if user.is_guest {
        return Some(AppOff::Guest);
    }
    let domain = user.primary_email.domain();
    if !entitling.domains.contains(domain) {
        return Some(AppOff::OtherDomain { domain: domain.to_owned() });
    }
    let has_access = entitling.access.of_unit(&user.org_unit) == Switch::On
        || entitling.reach.access_through(direct).is_some();
    if !has_access {
        return Some(AppOff::NoAccess { unit: user.org_unit.clone() });
    }
    (!entitling.reach.in_scope(direct)).then_some(AppOff::OutOfScope)
}

#[cfg(test)]
mod tests;

//! People and where they stand in the directory, as far as decisions need it.
//!
//! The Directory API's full resources are `usher-protocol`'s; what is mapped to
//! an app's attributes is read from the user's JSON by [`crate::mapping`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{Email, GroupId, UserId};
use crate::time::Timestamp;

/// A person in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The directory's immutable id.
    pub id: UserId,
    /// The address that people know them by; may change hands.
    pub primary_email: Email,
    /// Whether they are there, and since when not.
    pub state: UserState,
    /// The organizational unit they are in.
    pub org_unit: OrgUnitPath,
    /// A guest of the organisation (`isGuestUser`): never provisioned.
    pub is_guest: bool,
}

/// Whether a person is there. Suspended, archived and deleted are different facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum UserState {
    /// At work.
    Active,
    /// Suspended, since the directory's `suspensionTime` where it has one.
    Suspended {
        /// The directory's own instant.
        since: Option<Timestamp>,
    },
    /// Archived, since the directory's `archivalTime` where it has one. Archived people may carry
    /// `suspended` too; archived is what counts.
    Archived {
        /// The directory's own instant.
        since: Option<Timestamp>,
    },
    /// Deleted, at the directory's `deletionTime` where it has one; restorable for 20 days.
    Deleted {
        /// The directory's own instant.
        since: Option<Timestamp>,
    },
    /// In neither the list of users nor the list of deleted users, and not yet asked for by id.
    /// Absent is not deleted.
    Unlisted,
}

/// The path of an organizational unit: `/`, `/Sales`, `/Sales/East`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct OrgUnitPath(String);

/// A text that is no path of an organizational unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the path of an organizational unit: it starts with / and has no empty part, for example /Sales/East"
)]
pub struct NotAnOrgUnitPath(String);

impl OrgUnitPath {
    /// The root, which always exists.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Reads a path; a trailing slash is dropped.
    pub fn parse(text: &str) -> Result<Self, NotAnOrgUnitPath> {
        let refuse = || NotAnOrgUnitPath(text.chars().filter(|c| !c.is_control()).take(80).collect());
        let rest = text.strip_prefix('/').ok_or_else(refuse)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty() {
            return Ok(Self::root());
        }
        if rest.split('/').any(|part| part.trim().is_empty()) {
            return Err(refuse());
        }
        Ok(Self(format!("/{rest}")))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The unit above; none above the root.
    pub fn parent(&self) -> Option<Self> {
        if self.0 == "/" {
            return None;
        }
        let (above, _) = self.0.rsplit_once('/').expect("invariant: every path starts with a slash");
        Some(if above.is_empty() { Self::root() } else { Self(above.to_owned()) })
    }

    /// Compares as Google does: the case of a unit's name does not matter.
    #[must_use]
    pub fn folded(&self) -> Self {
        Self(self.0.to_lowercase())
    }
}

impl fmt::Display for OrgUnitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OrgUnitPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A group as decisions see it: who it is, not who is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The directory's immutable id.
    pub id: GroupId,
    /// Its address.
    pub email: Email,
    /// Its name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_leads_up_to_the_root() {
        let path = OrgUnitPath::parse("/Sales/East/").unwrap();
        assert_eq!(path.as_str(), "/Sales/East");
        assert_eq!(path.parent().unwrap().as_str(), "/Sales");
        assert_eq!(path.parent().unwrap().parent(), Some(OrgUnitPath::root()));
        assert_eq!(OrgUnitPath::root().parent(), None);
    }

    #[test]
    fn a_path_without_a_leading_slash_or_with_an_empty_part_is_refused() {
        for text in ["", "Sales", "/Sales//East", "/Sales//"] {
            assert!(OrgUnitPath::parse(text).is_err(), "{text:?}");
        }
    }
}

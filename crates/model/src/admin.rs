//! Who may do what on Usher's own faces.
//!
//! The words are Google's where it has them: only a super admin configures an app's provisioning.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What somebody who signs in may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads everything, and changes nothing.
    Auditor,
    /// Reads, and keeps things going: releases and discards holds, tries again, provisions on demand.
    Operator,
    /// All of it: configures apps and directories, and says who may sign in.
    SuperAdmin,
}

/// What a page or a button is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// To look.
    Read,
    /// To decide what waits for a person, and to have things done again or at once.
    Operate,
    /// To say what is to be: configurations, directories, admins.
    Configure,
}

impl Role {
    /// All of them, the one with the fewest rights first.
    pub const ALL: [Self; 3] = [Self::Auditor, Self::Operator, Self::SuperAdmin];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::SuperAdmin => "super_admin",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether it has a right.
    pub fn has(self, right: Right) -> bool {
        match (self, right) {
            (Self::SuperAdmin, Right::Read | Right::Operate | Right::Configure) => true,
            (Self::Operator, Right::Read | Right::Operate) => true,
            (Self::Operator, Right::Configure) => false,
            (Self::Auditor, Right::Read) => true,
            (Self::Auditor, Right::Operate | Right::Configure) => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::SuperAdmin => "super admin",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_the_rights_of_those_below_it_and_more() {
        let rights = [Right::Read, Right::Operate, Right::Configure];
        let n_rights = |role: Role| rights.into_iter().filter(|right| role.has(*right)).count();
        assert_eq!(Role::ALL.map(n_rights), [1, 2, 3]);
        assert!(Role::ALL.is_sorted());
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert_eq!(Role::from_name("root"), None);
    }
}

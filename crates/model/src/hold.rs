//! Operations that a guard stopped, and what becomes of them.
//!
//! Released by id: those of a hold's operations that a fresh decision still
//! wants are done; new ones form a new hold. Discarded: nothing is done, and
//! the same wish is held again. A hold that nothing is wanted of any more closes.

use serde::{Deserialize, Serialize};

use crate::guard::{Class, Tripped};

/// What became of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Waits for a person.
    Open,
    /// A person let its operations through.
    Released,
    /// A person refused its operations.
    Discarded,
    /// Its cause went away.
    Closed,
}

impl HoldState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Released, Self::Discarded, Self::Closed];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Released => "released",
            Self::Discarded => "discarded",
            Self::Closed => "closed",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Which of a plan's operations a tripped guard holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concern {
    /// Those of any of these classes.
    pub classes: &'static [Class],
    /// Of them, only those that remove somebody because the app was turned off for them.
    pub only_app_off: bool,
}

impl Concern {
    /// Whether it holds an operation of these classes.
    pub fn holds(&self, classes: &[Class], is_app_off: bool) -> bool {
        (is_app_off || !self.only_app_off) && classes.iter().any(|class| self.classes.contains(class))
    }
}

impl Tripped {
    /// Which operations it holds. What is of groups is held with the groups, and discarded wishes one by one.
    pub fn concern(&self) -> Concern {
        let (classes, only_app_off): (&'static [Class], bool) = match self {
            Self::TooMany { class: Class::Removals, .. } | Self::DirectoryShrank(_) => {
                (&[Class::Removals], false)
            }
            Self::TooMany { class: Class::Recreations, .. } => (&[Class::Recreations], false),
            Self::TooMany { class: Class::Renames, .. } => (&[Class::Renames], false),
            Self::TooMany { class: Class::Clearings, .. } => (&[Class::Clearings], false),
            Self::GroupEmptied { .. } => (&[Class::Removals], true),
            Self::TooManyMembers { .. }
            | Self::TooManyMemberships { .. }
            | Self::TooManyGroups { .. }
            | Self::Discarded => (&[], false),
        };
        Concern { classes, only_app_off }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Shrink;
    use crate::id::{Email, GroupId};

    fn too_many(class: Class) -> Concern {
        Tripped::TooMany { class, wanted: 50, done: 0, limit: 10, of: 100 }.concern()
    }

    #[test]
    fn a_tripped_guard_holds_the_operations_concerned_and_the_rest_goes_on() {
        for class in Class::ALL {
            for other in Class::ALL {
                assert_eq!(too_many(class).holds(&[other], false), class == other, "{class:?} {other:?}");
            }
            assert!(!too_many(class).holds(&[], true));
        }
    }

    #[test]
    fn a_directory_that_shrank_holds_every_removal_and_an_emptied_group_those_through_it() {
        let shrank = Tripped::DirectoryShrank(Shrink { from: 100, to: 10 }).concern();
        assert!(shrank.holds(&[Class::Removals], false) && shrank.holds(&[Class::Removals], true));
        let emptied = Tripped::GroupEmptied {
            group: GroupId::new("g"),
            email: Email::parse("g@example.com").unwrap(),
            had: 5,
        }
        .concern();
        assert!(emptied.holds(&[Class::Removals], true) && !emptied.holds(&[Class::Removals], false));
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for state in HoldState::ALL {
            assert_eq!(HoldState::from_name(state.as_str()), Some(state));
        }
    }
}

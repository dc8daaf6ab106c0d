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

/// What a person said of the same wish (same user, same kind of operation) before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Nothing.
    None,
    /// Go on: it is part of a hold that this run releases.
    Released,
    /// No.
    Discarded,
}

/// Whether one operation of a plan goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It is done.
    Go,
    /// It waits for a person.
    Hold(&'a Tripped),
}

/// Judges one operation. `classes` are those it is of, `app_off` says that it removes somebody only
/// because the app was turned off for them.
pub fn judge<'a>(classes: &[Class], app_off: bool, word: Word, tripped: &'a [Tripped]) -> Verdict<'a> {
    match word {
        Word::Released => return Verdict::Go,
        Word::Discarded => return Verdict::Hold(&Tripped::Discarded),
        Word::None => {}
    }
    let removes = classes.contains(&Class::Removals);
    let concerns = |tripped: &&Tripped| match tripped {
        Tripped::TooMany { class, .. } => classes.contains(class),
        Tripped::DirectoryShrank(_) => removes,
        Tripped::GroupEmptied { .. } => removes && app_off,
        Tripped::TooManyMembers { .. } | Tripped::Discarded => false,
    };
    tripped.iter().find(concerns).map_or(Verdict::Go, Verdict::Hold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Shrink;
    use crate::id::GroupId;

    fn too_many(class: Class) -> Tripped {
        Tripped::TooMany { class, wanted: 50, done: 0, limit: 10, of: 100 }
    }

    #[test]
    fn a_tripped_guard_holds_the_operations_concerned_and_the_rest_goes_on() {
        let tripped = [too_many(Class::Renames)];
        assert_eq!(judge(&[Class::Renames], false, Word::None, &tripped), Verdict::Hold(&tripped[0]));
        assert_eq!(judge(&[Class::Removals], false, Word::None, &tripped), Verdict::Go);
        assert_eq!(judge(&[], false, Word::None, &tripped), Verdict::Go);
    }

    #[test]
    fn a_directory_that_shrank_holds_every_removal_and_an_emptied_group_those_through_it() {
        let shrank = [Tripped::DirectoryShrank(Shrink { from: 100, to: 10 })];
        assert_eq!(judge(&[Class::Removals], false, Word::None, &shrank), Verdict::Hold(&shrank[0]));
        let emptied = [Tripped::GroupEmptied { group: GroupId::new("g"), had: 5 }];
        assert_eq!(judge(&[Class::Removals], true, Word::None, &emptied), Verdict::Hold(&emptied[0]));
        assert_eq!(judge(&[Class::Removals], false, Word::None, &emptied), Verdict::Go);
    }

    #[test]
    fn what_was_released_goes_and_what_was_discarded_is_held_again() {
        let tripped = [too_many(Class::Removals)];
        assert_eq!(judge(&[Class::Removals], false, Word::Released, &tripped), Verdict::Go);
        assert_eq!(
            judge(&[Class::Removals], false, Word::Discarded, &[]),
            Verdict::Hold(&Tripped::Discarded)
        );
    }
}

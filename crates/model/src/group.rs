//! Groups at an app: which ones it gets, who is in them, and what is done next about each (DESIGN §3).
//!
//! In reading order: which of a directory's groups an app gets ([`selection`]), what a group is called there ([`name`]),
//! whether a group that the app holds already is one of them ([`adoption`]), what is decided about one group ([`decide`]),
//! what can be done to it ([`operation`]) and why ([`reason`]).
//!
//! A group's members are the people below it in the directory, however deep, who have an account at the app. They may
//! be hundreds of thousands, so no decision holds them: it is told how many are to be added and to be taken out, and who
//! they are is read where the plan is written.
//!
//! # Invariants
//!
//! 1. A group that Usher did not create or adopt is never written to.
//! 2. Whose membership Usher did not add stays, unless the app's settings say that foreign members go.
//! 3. A group whose members are not known for sure is read before it is written to.

use serde::{Deserialize, Serialize};

use crate::cause::Delay;

pub mod adoption;
pub mod decide;
pub mod name;
pub mod operation;
pub mod reason;
pub mod selection;

use self::selection::Selection;

/// The most memberships that one request changes (AWS: `CreateGroup`, `PatchGroup`).
pub const MEMBERS_AT_ONCE: usize = 100;

/// What an app's configuration says of groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GroupSettings {
    /// Which groups the app gets.
    pub selection: Selection,
    /// What becomes of the memberships of accounts that are off.
    pub suspended: SuspendedMembers,
    /// What becomes of members that Usher did not add.
    pub foreign: ForeignMembers,
    /// After how long outside the selection a group is deleted at the app; none: it is left alone.
    pub deselected: Option<Delay>,
}

/// What becomes of the memberships of accounts that are off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspendedMembers {
    /// They stay: the account is off anyway.
    #[default]
    Stay,
    /// They leave the app's groups, and come back with the account.
    Leave,
}

/// What becomes of members of a group that Usher did not add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignMembers {
    /// They stay.
    #[default]
    Keep,
    /// They are taken out: the group is what the directory says, and nothing else.
    Remove,
}

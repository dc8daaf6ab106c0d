//! Writes on their way to the app, to accounts and to groups, as they are seen from outside.

use usher_model::time::Timestamp;

use super::directory::groups::group_id;
use super::mind::Kind;

/// A write on its way.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) actor: u8,
    pub(super) kind: Kind,
    /// Whose account; none: nobody's that is known.
    pub(super) user: Option<String>,
    /// The account's id at the app; none: it is to be made.
    pub(super) id: Option<String>,
    /// The name that an account is to be made with.
    pub(super) name: Option<String>,
    pub(super) sent_at: Timestamp,
    /// The version at which its run began.
    pub(super) begun: u64,
    pub(super) is_released: bool,
    /// Whether it says whose the account is.
    pub(super) is_claim: bool,
    /// Whether the app did what it says it refused.
    pub(super) is_lie: bool,
}

/// A write, to an account or to a group.
#[derive(Clone, Debug)]
pub(super) enum Sent {
    Account(Write),
    Group(GroupWrite),
}

/// What a write does to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Create,
    /// Its name or its external id changes.
    Change,
    Members,
    Delete,
}

/// A write to a group on its way.
#[derive(Clone, Debug)]
pub(super) struct GroupWrite {
    pub(super) actor: u8,
    pub(super) doing: Doing,
    /// The directory's group that it is for; none: for none that is known.
    pub(super) group: Option<u8>,
    /// The group's id at the app; none: it is to be made.
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    /// Whether it says whose the group is.
    pub(super) is_claim: bool,
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
    pub(super) sent_at: Timestamp,
    /// Who else at the app has the name that it gives.
    pub(super) name_of: Option<String>,
    /// Its run, and the version at which that began.
    pub(super) n_run: u64,
    pub(super) begun: u64,
    pub(super) is_released: bool,
    pub(super) is_undo: bool,
}

impl GroupWrite {
    /// What tells it from the other writes of its run.
    pub(super) fn key(&self) -> String {
        self.id.clone().or_else(|| self.group.map(group_id)).unwrap_or_default()
    }
}

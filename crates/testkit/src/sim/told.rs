//! What Usher was told of a person.

use std::collections::BTreeSet;

use usher_model::time::Timestamp;

/// What Usher was told of a person.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) address: String,
    pub(super) given: String,
    /// None: what is mandatory is missing.
    pub(super) family: Option<String>,
    pub(super) full: String,
    pub(super) title: Option<String>,
    pub(super) unit: String,
    pub(super) state: State,
    pub(super) is_guest: bool,
    pub(super) groups: BTreeSet<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Active,
    Suspended(Timestamp),
    Archived(Timestamp),
    Deleted(Timestamp),
}

//! Groups at an app: what is on record of each, and of who is in it.
//!
//! A [`GroupRecord`] is a row; who is in the group is rows of their own ([`member`]). A run and an admin write it at the
//! same time: [`record`] what the run learned, [`set_pin`] and [`set_choice`] what the admin said. What the app listed of
//! its groups is a mirror ([`remote`]); what is to be done to them a plan ([`plan`]); what was done a log ([`event`]).
//!
//! # Invariants
//!
//! 1. An intent is on record before its request is sent. While it is there, or the group is unread, the group is unknown.
//! 2. No run overwrites a pin. A choice answers the state that the group is in; it is spent when that state changes.
//! 3. A group that is there at the app has a remote id.
//!
//! Not here: what follows from a record (`usher_model::group`).

mod admin;
pub mod event;
mod holder;
mod listing;
mod lookup;
pub mod member;
pub mod plan;
pub mod refusal;
pub mod remote;
mod row;
mod walk;
mod write;

use std::collections::BTreeMap;

use usher_model::account::{Choice, Known, Pin};
use usher_model::attribute::Attributes;
use usher_model::group::adoption::FoundGroup;
use usher_model::group::decide::{AppGroup, GroupState};
use usher_model::group::reason::{GroupFailings, GroupReason};
use usher_model::id::{AppId, Email, GroupId, RemoteId, RunId};
use usher_model::time::Timestamp;

use crate::sql::{ROWS_PER_STATEMENT, Tx};
use crate::{StoreError, columns};

pub use admin::{set_choice, set_pin};
pub use holder::holders_of_names;
pub use listing::{
    FailingGroup, GroupCounts, PinnedGroup, counts, due_at, failing_list, is_intended_by,
    latest_intent_until, pinned_list, unsure,
};
pub use lookup::{of_address, takers};
pub use walk::{Walked, walk};
pub use write::{forget, record, take_from_others};

/// Everything that is on record of one of the directory's groups at one app, but for who is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRecord {
    pub group: GroupId,
    /// Its address, as last known.
    pub email: Option<Email>,
    /// As the app has it, folded ([`usher_model::attribute::fold::fold`]).
    pub display_name: Option<String>,
    pub state: GroupRecordState,
    /// The app's id of it. Always there while the group is known.
    pub remote_id: Option<RemoteId>,
    /// What our last write made it.
    pub sent: Attributes,
    /// What the app returned to that.
    pub returned: Attributes,
    /// What an audit saw instead of `returned`.
    pub drifted: Option<Attributes>,
    /// A write that was begun and whose answer is not on record.
    pub intent: Option<GroupIntent>,
    /// Nobody knows what it is like, or who is in it, until it is read.
    pub is_unread: bool,
    /// When it was last read, its members included.
    pub read_at: Option<Timestamp>,
    /// Since when the app is not to have it.
    pub left_at: Option<Timestamp>,
    pub failing: GroupFailings,
    pub pin: Option<Pin>,
    pub choice: Option<Choice>,
    /// Why the last decision was as it was.
    pub reason: Option<GroupReason>,
    /// When to decide again although nothing changed.
    pub wake_at: Option<Timestamp>,
}

/// What was last learned of a group, less what an intent says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupRecordState {
    /// No group is known.
    None,
    /// There.
    Known,
    /// The app said that there is no such group any more.
    Gone,
}

impl GroupRecordState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Known, Self::Gone];

    /// The name that the store uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Known => "known",
            Self::Gone => "gone",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A write that was begun. What it was is in that run's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupIntent {
    /// The run that began it.
    pub run: RunId,
    /// No request of it is in flight after this.
    pub until: Timestamp,
    /// When a look last found nothing.
    pub missed_at: Option<Timestamp>,
}

impl GroupRecord {
    /// The record of a group of which nothing is known yet.
    pub fn new(group: GroupId, email: Option<Email>) -> Self {
        Self {
            group,
            email,
            display_name: None,
            state: GroupRecordState::None,
            remote_id: None,
            sent: Attributes::new(),
            returned: Attributes::new(),
            drifted: None,
            intent: None,
            is_unread: false,
            read_at: None,
            left_at: None,
            failing: GroupFailings::new(),
            pin: None,
            choice: None,
            reason: None,
            wake_at: None,
        }
    }

    /// The group as decisions see it. `found` is what the app holds that could be it; it counts only where no group is on
    /// record, or where it says that another's is in the way.
    pub fn to_group(&self, found: FoundGroup) -> AppGroup {
        AppGroup {
            state: self.to_state(found),
            left_at: self.left_at,
            failing: self.failing.clone(),
            pin: self.pin.clone(),
        }
    }

    fn to_state(&self, found: FoundGroup) -> GroupState {
        if self.intent.is_some() || self.is_unread {
            let missed_at = self.intent.as_ref().and_then(|intent| intent.missed_at);
            return GroupState::Unknown { missed_at };
        }
        match self.state {
            GroupRecordState::None => GroupState::None { found },
            GroupRecordState::Known => GroupState::Known(self.to_known()),
            // Its name is another's by now: before that is settled none is made anew.
            GroupRecordState::Gone if matches!(found, FoundGroup::Conflict(_)) => GroupState::None { found },
            GroupRecordState::Gone => GroupState::Gone,
        }
    }

    fn to_known(&self) -> Known {
        let remote_id = self.remote_id.clone();
        Known {
            remote_id: remote_id.expect("invariant: a group that is known has a remote id"),
            sent: self.sent.clone(),
            returned: self.returned.clone(),
            drifted: self.drifted.clone(),
            switched_on: false,
        }
    }
}

const OF: &str = concat!(
    "-- store::group::of\n",
    row::select!(),
    " WHERE record.app = $1 AND record.group_id IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY record.group_id"
);

/// What is on record of these groups; those of which nothing is are left out.
pub async fn of(
    tx: &mut Tx,
    app: &AppId,
    groups: &[GroupId],
) -> Result<BTreeMap<GroupId, GroupRecord>, StoreError> {
    let mut found = BTreeMap::new();
    for groups in groups.chunks(ROWS_PER_STATEMENT) {
        for row in &tx.page(OF, row::COLUMNS, &[app.as_str().into(), columns::groups(groups)]).await? {
            let record = row::record(row)?;
            found.insert(record.group.clone(), record);
        }
    }
    Ok(found)
}

const N_KNOWN: &str = "\
-- store::group::n_known
SELECT COUNT(*) AS n FROM group_account WHERE app = $1 AND state = 'known'";

/// How many groups of Usher's the app has.
pub async fn n_known(tx: &mut Tx, app: &AppId) -> Result<u64, StoreError> {
    tx.row(N_KNOWN, &[app.as_str().into()]).await?.count("n")
}

#[cfg(test)]
mod tests;

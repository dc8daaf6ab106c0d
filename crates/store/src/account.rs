//! Accounts: what is on record of each user's account at an app.
//!
//! An [`AccountRecord`] is a row, and another one while a write is under way (`intent`). A run and an admin write it at
//! the same time: [`record`] what the run learned, [`set_pin`] and [`set_choice`] what the admin said.
//!
//! # Invariants
//!
//! 1. An intent is on record before its request is sent. While it is there the account is unknown.
//! 2. No run overwrites a pin but one that it read ([`change_pins`]). A choice answers the state that the account is in; it is spent when that state changes.
//! 3. An account that is on or off at the app has a remote id.
//!
//! Not here: what follows from a record (`usher_model::lifecycle`).

mod admin;
mod compare;
mod holder;
mod intent;
mod listing;
mod row;
mod waiting;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use usher_model::account::{Account, AccountState, Choice, Known, Pin, SuspendedBy};
use usher_model::adoption::Found;
use usher_model::attribute::Attributes;
use usher_model::cause::Causes;
use usher_model::id::{AppId, Email, RemoteId, RunId, UserId};
use usher_model::operation::Operation;
use usher_model::reason::{Failing, Reason};
use usher_model::time::Timestamp;

use crate::sql::{ROWS_PER_STATEMENT, Tx};
use crate::{StoreError, columns};

pub use admin::{PinChange, bring_forward, change_pins, retry, set_choice, set_pin};
pub(crate) use admin::{choice_from_name, choice_name};
pub use compare::{comparable, differing, unheld};
pub use holder::{holder_of_name, holders};
pub(crate) use intent::keep as keep_intents;
pub use intent::{intend, intended, is_intended_by, latest_intent_until};
pub use listing::{
    AccountCounts, DueAccount, FailingAccount, PinnedAccount, at_least, counts, due_list, failing_list,
    managed, pinned_list,
};
pub use waiting::{CONFLICTS_LOOKED_THROUGH, Deciding, Waiting, waiting};
pub use write::{forget, record};

/// Everything that is on record of one user's account at one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    pub user: UserId,
    /// Their address, as last known.
    pub email: Option<Email>,
    /// As the app has it, folded ([`usher_model::attribute::fold::fold`]).
    pub user_name: Option<String>,
    pub state: RecordState,
    /// The app's id of it. Always there while the account is active or suspended.
    pub remote_id: Option<RemoteId>,
    /// What our last write made it.
    pub sent: Attributes,
    /// What the app returned to that.
    pub returned: Attributes,
    /// What an audit saw instead of `returned`.
    pub drifted: Option<Attributes>,
    /// Whether it was us who switched it off. Of an active account: somebody else switched it on again since.
    pub suspended_by_us: bool,
    /// How long provisioning had been on when the account was seen suspended.
    pub seen_on: Option<Duration>,
    /// A write that was begun and whose answer is not on record.
    pub intent: Option<Intent>,
    pub causes: Causes,
    pub failing: Option<Failing>,
    pub pin: Option<Pin>,
    pub choice: Option<Choice>,
    /// When an admin said not to wait for the delay of what they are losing.
    pub brought_forward: Option<Timestamp>,
    /// Why the last decision was as it was.
    pub reason: Option<Reason>,
    /// What was compared when nothing was left to do; none: to be decided again.
    pub settled: Option<String>,
    /// When to decide again although nothing changed.
    pub wake_at: Option<Timestamp>,
}

/// What was last learned of an account, less what an intent says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordState {
    /// No account is known.
    None,
    /// On.
    Active,
    /// Off.
    Suspended,
    /// The app said that there is no such account any more.
    Gone,
}

impl RecordState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Active, Self::Suspended, Self::Gone];

    /// The name that the store uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Gone => "gone",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A write that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub operation: Operation,
    pub reason: Reason,
    /// The run that began it, and its place in that run's plan: the key of its event.
    pub run: RunId,
    pub seq: i64,
    /// No request of it is in flight after this.
    pub until: Timestamp,
    /// When a look last found nothing.
    pub missed_at: Option<Timestamp>,
    /// Whether a person released it from a hold.
    pub is_released: bool,
}

impl AccountRecord {
    /// The record of somebody of whom nothing is known yet.
    pub fn new(user: UserId, email: Option<Email>) -> Self {
        Self {
            user,
            email,
            user_name: None,
            state: RecordState::None,
            remote_id: None,
            sent: Attributes::new(),
            returned: Attributes::new(),
            drifted: None,
            suspended_by_us: false,
            seen_on: None,
            intent: None,
            causes: Causes::default(),
            failing: None,
            pin: None,
            choice: None,
            brought_forward: None,
            reason: None,
            settled: None,
            wake_at: None,
        }
    }

    /// The account as decisions see it. `found` is what the app holds that could be theirs; it counts only where no
    /// account is on record.
    pub fn to_account(&self, found: Found) -> Account {
        Account {
            state: self.to_state(found),
            causes: self.causes,
            failing: self.failing.clone(),
            pin: self.pin.clone(),
            choice: self.choice,
            brought_forward: self.brought_forward,
        }
    }

    fn to_state(&self, found: Found) -> AccountState {
        if let Some(intent) = &self.intent {
            return AccountState::Unknown { doing: intent.operation.doing(), missed_at: intent.missed_at };
        }
        match self.state {
            RecordState::None => AccountState::None { found },
            RecordState::Active => AccountState::Active(self.to_known()),
            RecordState::Suspended => {
                let by = if self.suspended_by_us {
                    SuspendedBy::Us { seen: self.seen_on }
                } else {
                    SuspendedBy::Other
                };
                AccountState::Suspended { known: self.to_known(), by }
            }
            RecordState::Gone => AccountState::Gone,
        }
    }

    fn to_known(&self) -> Known {
        let remote_id = self.remote_id.clone();
        Known {
            remote_id: remote_id.expect("invariant: an account that is on or off has a remote id"),
            sent: self.sent.clone(),
            returned: self.returned.clone(),
            drifted: self.drifted.clone(),
            switched_on: self.state == RecordState::Active && self.suspended_by_us,
        }
    }
}

const OF: &str = concat!(
    "-- store::account::of\n",
    row::select!(),
    " WHERE app = $1 AND user_id IN (SELECT value ->> 0 FROM json_rows($2)) ORDER BY user_id"
);

/// What is on record of these users; those of whom nothing is are left out.
pub async fn of(
    tx: &mut Tx,
    app: &AppId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, AccountRecord>, StoreError> {
    let mut found = without_intents(tx, app, users).await?;
    for users in users.chunks(ROWS_PER_STATEMENT) {
        intent::join(&mut found, intent::of(tx, app, users).await?);
    }
    Ok(found)
}

async fn without_intents(
    tx: &mut Tx,
    app: &AppId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, AccountRecord>, StoreError> {
    let mut found = BTreeMap::new();
    for users in users.chunks(ROWS_PER_STATEMENT) {
        for row in &tx.page(OF, row::COLUMNS, &[app.as_str().into(), columns::users(users)]).await? {
            let record = row::account(row)?;
            found.insert(record.user.clone(), record);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;

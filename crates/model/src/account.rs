//! One user's account at one app, and what Usher knows of it.
//!
//! What we know is one of five states. *Unknown* is a state of its own: a write
//! whose answer never came is neither done nor undone, and only a look can say.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::adoption::Found;
use crate::attribute::Attributes;
use crate::cause::Causes;
use crate::id::RemoteId;
use crate::operation::Doing;
pub use crate::pin::Pin;
use crate::reason::Failing;
use crate::time::Timestamp;

/// Everything that a decision may know of one user's account at one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What we last learned of it.
    pub state: AccountState,
    /// Since when its user has been losing it.
    pub causes: Causes,
    /// A failure that is being waited out.
    pub failing: Option<Failing>,
    /// An admin said: hands off.
    pub pin: Option<Pin>,
    /// What an admin chose where Usher may not choose by itself.
    pub choice: Option<Choice>,
    /// When an admin said not to wait for the delay. It is said of the causes that had begun then, and of no later one.
    pub brought_forward: Option<Timestamp>,
}

/// What we last learned of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// We keep no account for this person. What the app holds that could be theirs is in `found`.
    None {
        /// What a listing or a look-up of the app found.
        found: Found,
    },
    /// A write was begun and its answer never came.
    Unknown {
        /// What was being written.
        doing: Doing,
        /// When a look last found nothing. Once is not enough to believe it.
        missed_at: Option<Timestamp>,
    },
    /// On.
    Active(Known),
    /// Off.
    Suspended {
        /// What we know of it.
        known: Known,
        /// Who switched it off.
        by: SuspendedBy,
    },
    /// The app answered, as SCIM says it must, that there is no such account.
    Gone,
}

/// What we know of an account that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The app's id of it.
    pub remote_id: RemoteId,
    /// What our last write made it, as we sent it.
    pub sent: Attributes,
    /// What the app returned to that write. Apps normalize values; comparing with this is what
    /// keeps us from writing the same thing for ever.
    pub returned: Attributes,
    /// What an audit saw instead of `returned`: somebody else wrote. None: nothing else was seen.
    pub drifted: Option<Attributes>,
    /// It is on because somebody else switched it on after we had suspended it.
    pub switched_on: bool,
}

/// Who switched an account off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendedBy {
    /// We did.
    Us {
        /// How long provisioning had been on when we *saw* the account suspended, counted as
        /// [`crate::lifecycle::Case::provisioning_on`]. None: not seen yet.
        seen: Option<Duration>,
    },
    /// Somebody else: at the app, or before it was adopted.
    Other,
}

/// What an admin chose for one person where Usher may not choose by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Adopt the account although it carries a foreign `externalId`.
    TakeOver,
    /// Leave it; ask the app again with growing pauses.
    Wait,
    /// Switch an account on again that somebody switched off at the app.
    SwitchOn,
}

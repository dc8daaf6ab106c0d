//! Why something is done to a group at an app, or is not.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::adoption::{GroupConflict, GroupMatchedBy};
use super::operation::GroupKind;
use crate::attribute::path::AttributePath;
use crate::id::RunId;
use crate::pin::Pin;
use crate::time::Timestamp;

/// Why something is done to a group, or is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum GroupReason {
    /// Selected, and the app has no such group.
    Selected,
    /// Selected, and somebody deleted the group at the app.
    GoneAtApp,
    /// Selected, and the app has a group that is it.
    Adopted {
        /// What made it ours.
        by: GroupMatchedBy,
    },
    /// These attributes differ from what the app has.
    Differs {
        /// The attributes.
        paths: Vec<AttributePath>,
    },
    /// Somebody else changed these attributes at the app, and the policy repairs them.
    Repaired {
        /// The attributes.
        paths: Vec<AttributePath>,
    },
    /// People are in the directory's group who are not in the app's.
    Joined {
        /// How many.
        n: u64,
    },
    /// Members are in the app's group who are not in the directory's, or whose account is off where such ones leave.
    Left {
        /// How many.
        n: u64,
    },
    /// Not selected for so long that it is deleted.
    Deselected {
        /// Since when.
        since: Timestamp,
    },
    /// A run had removed these members, and somebody takes that back.
    Undone {
        /// Which run.
        run: RunId,
    },

    /// The app has the group as it should be.
    Converged,
    /// Not selected, or gone from the directory: left as it is at the app.
    LeftAlone {
        /// Whether the directory still has it.
        is_there: bool,
    },
    /// Not selected, or gone from the directory, and deleted at this instant if that stays so.
    DeletedLater {
        /// Since when.
        since: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Not selected, or gone from the directory, for so long that it would be deleted; but somebody in it is pinned.
    KeptForPinned {
        /// Since when it is not selected.
        since: Timestamp,
    },
    /// Missing in the directory's last listing. Absent is not deleted.
    Unlisted,
    /// Somebody else changed these attributes at the app; the policy only reports it.
    Drifted {
        /// The attributes.
        paths: Vec<AttributePath>,
    },
    /// A write was begun or failed, and nobody knows what came of it: the group is read first.
    Unknown,
    /// The group was looked for after a lost answer and not found; it is looked for once more.
    MissedOnce {
        /// When.
        again_at: Timestamp,
    },
    /// An admin said: hands off.
    Pinned(Pin),
    /// Failed before, and the next try is not due.
    RetryLater {
        /// What failed.
        kind: GroupKind,
        /// How, and when it is tried again.
        failing: GroupFailing,
    },
    /// Cannot be done now.
    Failed {
        /// What is in the way.
        failure: GroupFailure,
    },
    /// Gone at the app, and not selected: the record is closed.
    Closed,
}

/// What of a group fails, by what was to be done. Each wish waits for itself alone: members leave whatever became of a new
/// name.
pub type GroupFailings = BTreeMap<GroupKind, GroupFailing>;

/// A failure that is being waited out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFailing {
    /// What was in the way last time.
    pub failure: GroupFailure,
    /// How often in a row.
    pub n_attempts: u32,
    /// Not tried again before this instant.
    pub retry_at: Timestamp,
}

impl GroupFailing {
    /// Whether the wish waits as a whole. Where some members are refused, they alone do.
    pub fn waits(&self, now: Timestamp) -> bool {
        match self.failure {
            GroupFailure::Members { .. } => false,
            GroupFailure::Name { .. }
            | GroupFailure::Conflict { .. }
            | GroupFailure::Refused { .. }
            | GroupFailure::NoAnswer { .. }
            | GroupFailure::NotApproved
            | GroupFailure::Disobeyed { .. } => now < self.retry_at,
        }
    }
}

/// What is in the way of one group. No other is stopped by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum GroupFailure {
    /// The app takes no such name.
    Name {
        /// A sentence.
        message: String,
    },
    /// A group or a name at the app is another's.
    Conflict {
        /// Whose.
        #[serde(rename = "with")]
        conflict: GroupConflict,
    },
    /// The app said no.
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, as far as it can be shown.
        message: String,
    },
    /// No answer that could be understood.
    NoAnswer {
        /// A sentence.
        message: String,
    },
    /// Some of its members: each waits by themselves, and nobody else for them.
    Members {
        /// A sentence.
        message: String,
    },
    /// More is to be done than the plan that somebody approved says.
    NotApproved,
    /// The app said yes and did something else.
    Disobeyed {
        /// A sentence.
        message: String,
    },
}

impl GroupFailure {
    /// Whether it is about what the group is to be called, and about nothing else of it.
    pub fn is_of_name(&self) -> bool {
        match self {
            Self::Name { .. } | Self::Conflict { .. } => true,
            Self::Refused { .. }
            | Self::NoAnswer { .. }
            | Self::Members { .. }
            | Self::NotApproved
            | Self::Disobeyed { .. } => false,
        }
    }
}

impl fmt::Display for GroupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { message }
            | Self::NoAnswer { message }
            | Self::Members { message }
            | Self::Disobeyed { message } => f.write_str(message),
            Self::Conflict { conflict } => conflict.fmt(f),
            Self::NotApproved => {
                f.write_str("what is to be done with the group now is not what was approved")
            }
            Self::Refused { status, message } => write!(f, "the app answered {status}: {message}"),
        }
    }
}

impl fmt::Display for GroupReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Selected => f.write_str("selected, and the app has no such group yet"),
            Self::GoneAtApp => f.write_str("selected, and the group was deleted at the app"),
            Self::Adopted { by } => write!(f, "selected, and the app has a group with {by}"),
            Self::Differs { paths } => write!(f, "differs in {}", Listed(paths)),
            Self::Repaired { paths } => write!(f, "somebody else changed {} at the app", Listed(paths)),
            Self::Joined { n: 1 } => f.write_str("1 person is in the group and not yet in the app's"),
            Self::Joined { n } => write!(f, "{n} people are in the group and not yet in the app's"),
            Self::Left { n: 1 } => f.write_str("1 member of the app's group is not in the directory's"),
            Self::Left { n } => write!(f, "{n} members of the app's group are not in the directory's"),
            Self::Deselected { since } => write!(f, "not selected since {}", since.minute()),
            Self::Undone { run } => write!(f, "taken back: the run {run} had removed them"),
            Self::Converged => f.write_str("selected, and the app has it as it should be"),
            Self::LeftAlone { is_there: true } => f.write_str("not selected: left as it is at the app"),
            Self::LeftAlone { is_there: false } => {
                f.write_str("gone from the directory: left as it is at the app")
            }
            Self::DeletedLater { since, at } => {
                write!(
                    f,
                    "not selected since {}; to be deleted at the app on {} if it stays so",
                    since.minute(),
                    at.minute()
                )
            }
            Self::KeptForPinned { since } => {
                write!(
                    f,
                    "not selected since {}; not deleted, because somebody in it is pinned",
                    since.minute()
                )
            }
            Self::Unlisted => {
                f.write_str("missing in the directory's last listing: nothing is done before that is certain")
            }
            Self::Drifted { paths } => {
                write!(f, "somebody else changed {} at the app; reported, not repaired", Listed(paths))
            }
            Self::Unknown => f.write_str("nobody knows what came of the last write; the group is read first"),
            Self::MissedOnce { again_at } => {
                write!(f, "not found after a lost answer; looked for once more at {}", again_at.minute())
            }
            Self::Pinned(pin) => pin.fmt(f),
            Self::RetryLater { kind, failing } => write!(
                f,
                "{kind}: {}; tried again at {} (failed {})",
                failing.failure,
                failing.retry_at.minute(),
                if failing.n_attempts == 1 {
                    "once".to_owned()
                } else {
                    format!("{} times", failing.n_attempts)
                }
            ),
            Self::Failed { failure } => failure.fmt(f),
            Self::Closed => f.write_str("gone at the app, and not selected"),
        }
    }
}

struct Listed<'a>(&'a [AttributePath]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, path) in self.0.iter().enumerate() {
            write!(f, "{}{path}", if n == 0 { "" } else { " and " })?;
        }
        Ok(())
    }
}

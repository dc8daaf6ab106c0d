//! Why something is done to an account, or is not.
//!
//! Reasons are data: they are stored, and the console, the API, `usher plan`
//! and `usher explain` print them. They serialize as they are, because a
//! second set of structs would only repeat them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::adoption::{Conflict, MatchedBy};
use crate::attribute::path::AttributePath;
use crate::cause::{Due, Trigger};
use crate::entitlement::AppOff;
use crate::id::RunId;
use crate::operation::Kind;
use crate::pin::Pin;
use crate::time::Timestamp;

/// Why something is done, or is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Reason {
    /// Entitled, and there is no account.
    Joined,
    /// Entitled, and somebody deleted the account at the app.
    GoneAtApp,
    /// The app holds an account that is theirs.
    Adopted {
        /// What made it theirs.
        by: MatchedBy,
    },
    /// The app holds an account of somebody who is not entitled; the policy brings leavers in.
    AdoptedLeaver {
        /// What made it theirs.
        by: MatchedBy,
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
    /// Gives up a name for a moment, so that two people can swap theirs.
    StepsAside,
    /// Entitled again after we suspended it.
    Returned,
    /// An admin chose to switch it on again.
    SwitchedOnByAdmin,
    /// An admin took back what a run did.
    Undone {
        /// The run.
        run: RunId,
    },
    /// The account is due to be suspended.
    Due(Due),
    /// The account was suspended by us when it was due, and somebody else switched it on at the app.
    SwitchedOnAtApp(Due),
    /// Suspended by us for long enough.
    HardDelete {
        /// The cause that it was suspended for.
        due: Due,
    },

    /// Entitled, and the app has what it should have.
    Converged,
    /// Not entitled, and has no account.
    NotEntitled {
        /// Why the app is off for them, if it is.
        app_off: Option<AppOff>,
        /// Every trigger that holds.
        triggers: Vec<Trigger>,
    },
    /// Archived people are not operated on.
    Archived {
        /// Whether an account of theirs is still on: worth a warning.
        active: bool,
    },
    /// In neither of the directory's lists; it is asked by id first. Absent is not deleted.
    Unlisted,
    /// Losing the account; a timer runs.
    Leaving {
        /// What comes due, and when.
        due: Due,
        /// Why the app is off for them, if it is.
        app_off: Option<AppOff>,
    },
    /// Has lost the account, but by triggers that are not selected.
    NotSelected {
        /// The triggers that hold.
        triggers: Vec<Trigger>,
    },
    /// Suspended by us, and nothing more is to come.
    Suspended {
        /// The triggers that hold.
        triggers: Vec<Trigger>,
    },
    /// Suspended by us; to be deleted at this instant if provisioning stays on.
    DeletedLater {
        /// The earliest instant.
        at: Timestamp,
    },
    /// Entitled, but somebody switched the account off at the app. It stays off until a person decides.
    SwitchedOffAtApp,
    /// Not entitled, and switched off at the app by somebody else.
    OffAlready,
    /// Somebody else changed these attributes at the app; the policy only reports it.
    Drifted {
        /// The attributes.
        paths: Vec<AttributePath>,
    },
    /// A write was begun and its answer never came: the app is asked first.
    Unknown,
    /// The app was asked after a lost answer and found nothing; it is asked once more.
    MissedOnce {
        /// When.
        again_at: Timestamp,
    },
    /// An admin said: hands off.
    Pinned(Pin),
    /// Failed before, and the next try is not due.
    RetryLater(Failing),
    /// Cannot be done now.
    Failed {
        /// What is in the way.
        failure: Failure,
    },
    /// The account is gone at the app and nobody is entitled to it: the record is closed.
    Closed,
}

/// A failure that is being waited out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// What was in the way last time.
    pub failure: Failure,
    /// The kind of operation that failed; none: nothing could even be planned. Only the same wish waits.
    pub kind: Option<Kind>,
    /// How often in a row it failed.
    pub n_attempts: u32,
    /// Not tried again before this instant.
    pub retry_at: Timestamp,
}

/// What is in the way of one person's account. Nobody else is stopped by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum Failure {
    /// The mapping makes nothing valid of this person.
    Mapping {
        /// A sentence that names attribute and person.
        message: String,
    },
    /// An account or a name is somebody else's.
    Conflict {
        /// Whose.
        #[serde(rename = "with")]
        conflict: Conflict,
    },
    /// The app said no.
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, as far as it can be shown.
        message: String,
    },
    /// No answer that could be understood: not reached, timed out, cut off, or not SCIM.
    NoAnswer {
        /// A sentence.
        message: String,
    },
    /// An account was there, where the plan that somebody approved makes one.
    NotApproved,
    /// The app said yes and did something else.
    Disobeyed {
        /// A sentence.
        message: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mapping { message } | Self::NoAnswer { message } | Self::Disobeyed { message } => {
                f.write_str(message)
            }
            Self::Conflict { conflict } => conflict.fmt(f),
            Self::NotApproved => {
                f.write_str("the app has an account of theirs by now, and to adopt it was not approved")
            }
            Self::Refused { status, message } => write!(f, "the app answered {status}: {message}"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined => f.write_str("entitled, and has no account yet"),
            Self::GoneAtApp => f.write_str("entitled, and the account was deleted at the app"),
            Self::Adopted { by } => write!(f, "entitled, and the app has an account with {by}"),
            Self::AdoptedLeaver { by } => write!(f, "not entitled, but the app has an account with {by} and leavers are brought in"),
            Self::Differs { paths } => write!(f, "differs in {}", Listed(paths)),
            Self::Repaired { paths } => write!(f, "somebody else changed {} at the app", Listed(paths)),
            Self::StepsAside => f.write_str("gives up the name for a moment, so that it can be swapped"),
            Self::Returned => f.write_str("entitled again"),
            Self::SwitchedOnByAdmin => f.write_str("an admin chose to switch it on again"),
            Self::Undone { run } => write!(f, "taken back: the run {run} had suspended the account"),
            Self::Due(due) => write!(f, "{} since {}, due {}", due.trigger, due.since.minute(), due.at.minute()),
            Self::SwitchedOnAtApp(due) => write!(f, "somebody else switched the account on at the app, and it is switched off again: {} since {}", due.trigger, due.since.minute()),
            Self::HardDelete { due } => write!(f, "{} since {}, and suspended for the time set", due.trigger, due.since.minute()),
            Self::Converged => f.write_str("entitled, and the account is as it should be"),
            Self::NotEntitled { app_off: Some(app_off), .. } => write!(f, "not entitled: {app_off}"),
            Self::NotEntitled { app_off: None, triggers } => write!(f, "not entitled: {}", Listed(triggers)),
            Self::Archived { active: false } => f.write_str("archived: archived people are not operated on"),
            Self::Archived { active: true } => f.write_str("archived: archived people are not operated on, and the account is still on"),
            Self::Unlisted => f.write_str("in none of the directory's lists: asked for by id before anything is done"),
            Self::Leaving { due, app_off: Some(app_off) } if due.trigger == Trigger::AppOff => {
                write!(f, "leaving: {app_off}, since {}; to be suspended on {}", due.since.minute(), due.at.minute())
            }
            Self::Leaving { due, .. } => write!(f, "leaving: {} since {}; to be suspended on {}", due.trigger, due.since.minute(), due.at.minute()),
            Self::NotSelected { triggers } => write!(f, "kept: {} is not selected as a reason to suspend", Listed(triggers)),
            Self::Suspended { triggers } => write!(f, "suspended by Usher: {}", Listed(triggers)),
            Self::DeletedLater { at } => write!(f, "suspended by Usher; to be deleted on {} if provisioning stays on", at.minute()),
            Self::SwitchedOffAtApp => f.write_str("entitled, but somebody switched the account off at the app; it stays off until a person decides (`usher choose`)"),
            Self::OffAlready => f.write_str("not entitled, and already off at the app"),
            Self::Drifted { paths } => write!(f, "somebody else changed {} at the app; reported, not repaired", Listed(paths)),
            Self::Unknown => f.write_str("the answer to the last write never came; the app is asked first"),
            Self::MissedOnce { again_at } => write!(f, "not found after a lost answer; looked for once more at {}", again_at.minute()),
            Self::Pinned(pin) => pin.fmt(f),
            Self::RetryLater(failing) => write!(f, "{}; tried again at {} (failed {})", failing.failure, failing.retry_at.minute(), Times(failing.n_attempts)),
            Self::Failed { failure } => failure.fmt(f),
            Self::Closed => f.write_str("gone at the app, and nobody is entitled to it"),
        }
    }
}

impl fmt::Display for MatchedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExternalId => "their externalId",
            Self::UserName => "their userName",
            Self::Choice => "their userName, taken over by an admin",
        })
    }
}

/// So many times, in words.
struct Times(u32);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("once"),
            n => write!(f, "{n} times"),
        }
    }
}

struct Listed<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, item) in self.0.iter().enumerate() {
            match n {
                0 => {}
                _ if n + 1 == self.0.len() => f.write_str(" and ")?,
                _ => f.write_str(", ")?,
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

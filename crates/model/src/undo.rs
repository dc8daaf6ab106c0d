//! Whether a suspension is still as the run left it that made it, so that it can be taken back.
//!
//! Pure, and asked twice: with what is on record, and again with what a read of
//! the account shows. Whoever differs in anything is left alone, because
//! somebody has decided otherwise since.

use std::fmt;

use crate::account::{Account, AccountState, SuspendedBy};
use crate::id::{RemoteId, RunId};
use crate::operation::Kind;
use crate::pin::Pin;
use crate::reason::Reason;
use crate::time::Timestamp;

/// What was done last to somebody's account, where it was not the suspension itself.
#[derive(Clone, Copy, Debug)]
pub struct Since<'a> {
    /// By which run.
    pub run: &'a RunId,
    /// What.
    pub kind: Kind,
    /// Why.
    pub reason: &'a Reason,
}

/// Why somebody is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftAlone {
    /// A later run did something to the account.
    Since {
        /// The run.
        run: RunId,
        /// What it did.
        kind: Kind,
    },
    /// An undo was there before.
    TakenBack {
        /// The undo's own run.
        run: RunId,
    },
    /// Nothing is on record of an account of theirs.
    Unrecorded,
    /// The answer to the last write never came, and no look has told what became of it.
    Unknown,
    /// Somebody deleted the account at the app.
    Gone,
    /// Somebody switched it on at the app.
    SwitchedOn,
    /// Somebody else switched it off at the app.
    SwitchedOff,
    /// An admin said: hands off.
    Pinned(Pin),
}

/// The account to switch on, if its suspension by this run is on record as the run left it; or why not.
pub fn as_it_was_left(
    run: &RunId,
    since: Option<Since<'_>>,
    account: &Account,
    now: Timestamp,
) -> Result<RemoteId, LeftAlone> {
    if let Some(Since { run: by, kind, reason }) = since {
        let is_undo = *reason == Reason::Undone { run: run.clone() };
        let by = by.clone();
        return Err(if is_undo {
            LeftAlone::TakenBack { run: by }
        } else {
            LeftAlone::Since { run: by, kind }
        });
    }
    let known = match &account.state {
        AccountState::None { .. } => return Err(LeftAlone::Unrecorded),
        AccountState::Unknown { .. } => return Err(LeftAlone::Unknown),
        AccountState::Gone => return Err(LeftAlone::Gone),
        AccountState::Active(_) => return Err(LeftAlone::SwitchedOn),
        AccountState::Suspended { by: SuspendedBy::Other, .. } => return Err(LeftAlone::SwitchedOff),
        AccountState::Suspended { known, by: SuspendedBy::Us { .. } } => known,
    };
    // The pin of an undo that was broken off is this one's own.
    match account.pin.as_ref().filter(|pin| pin.holds(now) && !pin.is_undo_of(run)) {
        Some(pin) => Err(LeftAlone::Pinned(pin.clone())),
        None => Ok(known.remote_id.clone()),
    }
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Since { run, kind } => {
                let done = match kind {
                    Kind::Create => "made anew",
                    Kind::Adopt => "taken over",
                    Kind::Update => "changed",
                    Kind::Suspend => "suspended again",
                    Kind::Unsuspend => "switched on again",
                    Kind::Delete => "deleted",
                };
                write!(f, "{done} since, by the run {run}")
            }
            Self::TakenBack { run } => write!(f, "taken back already, by the run {run}"),
            Self::Unrecorded => f.write_str("no account of theirs is on record any more"),
            Self::Unknown => f.write_str(
                "the answer to the last write never came, and the app has not said yet what became of it",
            ),
            Self::Gone => f.write_str("somebody deleted the account at the app"),
            Self::SwitchedOn => {
                f.write_str("somebody switched the account on at the app; `usher pin` keeps it so")
            }
            Self::SwitchedOff => f.write_str("somebody else switched the account off at the app since"),
            Self::Pinned(pin) => pin.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Known;
    use crate::adoption::Found;
    use crate::attribute::Attributes;
    use crate::cause::Causes;
    use crate::operation::Doing;

    fn run() -> RunId {
        RunId::new("run-7")
    }

    fn known() -> Known {
        Known {
            remote_id: RemoteId::new("r-1"),
            sent: Attributes::new(),
            returned: Attributes::new(),
            drifted: None,
            switched_on: false,
        }
    }

    fn suspended(by: SuspendedBy) -> AccountState {
        AccountState::Suspended { known: known(), by }
    }

    fn by_us() -> AccountState {
        suspended(SuspendedBy::Us { seen: None })
    }

    fn says(state: AccountState, since: Option<Since<'_>>, pin: Option<Pin>) -> String {
        let account = Account {
            state,
            causes: Causes::default(),
            failing: None,
            pin,
            choice: None,
            brought_forward: None,
        };
        let now = Timestamp::from_micros(9_000_000);
        as_it_was_left(&run(), since, &account, now)
            .map_or_else(|left| left.to_string(), |id| format!("take back {id}"))
    }

    fn pin(undone: Option<&str>) -> Pin {
        let undone = undone.map(RunId::new);
        Pin {
            by: "grace".into(),
            why: "because".into(),
            since: Timestamp::from_micros(0),
            until: None,
            undone,
        }
    }

    #[test]
    fn only_what_we_switched_off_and_nobody_touched_since_is_taken_back() {
        assert_eq!(says(by_us(), None, None), "take back r-1");
        let unknown = AccountState::Unknown { doing: Doing::Unsuspending, missed_at: None };
        for (state, why) in [
            (AccountState::None { found: Found::NotLooked }, LeftAlone::Unrecorded),
            (unknown, LeftAlone::Unknown),
            (AccountState::Gone, LeftAlone::Gone),
            (AccountState::Active(known()), LeftAlone::SwitchedOn),
            (suspended(SuspendedBy::Other), LeftAlone::SwitchedOff),
        ] {
            assert_eq!(says(state, None, None), why.to_string());
        }
    }

    #[test]
    fn whatever_a_later_run_did_stands_and_is_named() {
        let later = RunId::new("run-8");
        for (kind, done) in [
            (Kind::Unsuspend, "switched on again since, by the run run-8"),
            (Kind::Suspend, "suspended again since, by the run run-8"),
            (Kind::Delete, "deleted since, by the run run-8"),
            (Kind::Create, "made anew since, by the run run-8"),
            (Kind::Adopt, "taken over since, by the run run-8"),
            (Kind::Update, "changed since, by the run run-8"),
        ] {
            let since = Since { run: &later, kind, reason: &Reason::Returned };
            assert_eq!(says(by_us(), Some(since), None), done);
        }
        let taken_back = Reason::Undone { run: run() };
        let since = Since { run: &later, kind: Kind::Unsuspend, reason: &taken_back };
        assert_eq!(says(by_us(), Some(since), None), "taken back already, by the run run-8");
        let another = Reason::Undone { run: RunId::new("run-6") };
        let since = Since { run: &later, kind: Kind::Unsuspend, reason: &another };
        assert_eq!(says(by_us(), Some(since), None), "switched on again since, by the run run-8");
    }

    #[test]
    fn a_pin_that_holds_is_in_the_way_unless_it_is_this_undos_own() {
        let admins = pin(None);
        assert_eq!(says(by_us(), None, Some(admins.clone())), admins.to_string());
        let others = pin(Some("run-6"));
        assert_eq!(says(by_us(), None, Some(others.clone())), others.to_string());
        assert_eq!(says(by_us(), None, Some(pin(Some("run-7")))), "take back r-1");
        let over = Pin { until: Some(Timestamp::from_micros(8_000_000)), ..admins };
        assert_eq!(says(by_us(), None, Some(over)), "take back r-1");
    }
}

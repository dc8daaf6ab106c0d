//! Decides what one account at one app should have done to it next.
//!
//! [`decide`] is the only place where what is wanted and what is known meet.
//! It is a pure function: no clock, no I/O, no randomness, no logging.
//! Everything it knows is in its argument, so a recorded call replays any
//! decision. Its match reads like a table, one cell a line.
//!
//! # Invariants
//!
//! 1. Unknown is not absent: while an account is unknown, the only step is to look.
//! 2. No suspension before its due date, which an admin may bring forward; no delete of an account that was not
//!    seen suspended; no delete at all unless switched on.
//! 3. Converged means silent: carrying the step out and deciding again yields none.
//! 4. What Usher did not create or adopt is never written to: every write but
//!    create and adopt needs a [`Known`] account.
//! 5. A pin outranks everything; an undo's everything but the directory, once that agrees.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::account::{Account, AccountState, Choice, Known, SuspendedBy};
use crate::adoption::{Found, MatchedBy, RemoteAccount};
use crate::attribute::Attributes;
use crate::attribute::changes::{Changes, changes};
use crate::attribute::drift::{as_if_sent, drifted};
use crate::attribute::path::AttributePath;
use crate::cause::{Causes, Delay, Deprovisioning};
use crate::entitlement::{Losses, Standing};
use crate::mutant::{self, Mutant};
use crate::operation::{Kind, Operation};
use crate::pin::Pin;
use crate::reason::{Failing, Failure, Reason};
use crate::time::Timestamp;

#[cfg(feature = "mutants")]
mod arms;
mod causes;

/// How long after a look that found nothing the second one comes.
pub const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What an app's configuration says of accounts' lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Which triggers suspend, and after how long.
    pub deprovisioning: Deprovisioning,
    /// After how long suspended an account is deleted; none: never. Some only where the template allows it.
    pub hard_delete: Option<Delay>,
    /// What happens to changes that somebody else made at the app.
    pub drift: DriftPolicy,
    /// Whether accounts of people who are not entitled are brought in.
    pub adopt_leavers: bool,
    /// How long an app may take to show what was written: so long after a look that found nothing the second one comes.
    pub look_again_after: Duration,
}

/// What happens to changes that somebody else made at the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftPolicy {
    /// Written over.
    #[default]
    Repair,
    /// Reported.
    Report,
    /// Neither.
    Ignore,
}

/// All that a decision may depend on.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Where the person stands.
    pub standing: &'a Standing,
    /// What their account's attributes should be, or what is wrong with them.
    pub want: Result<&'a Attributes, &'a str>,
    /// What is known of their account.
    pub account: &'a Account,
    /// What the app's configuration says.
    pub policy: &'a Policy,
    /// How long provisioning of this app has been on in all, up to now. The time before a hard
    /// delete is counted on this clock.
    pub provisioning_on: Duration,
    /// A failure's pause is not waited out (on demand).
    pub insist: bool,
    /// The instant of the decision.
    pub now: Timestamp,
}

/// What to do, why, and what to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to do.
    pub next: Next,
    /// Why.
    pub reason: Reason,
    /// The causes to remember.
    pub causes: Causes,
    /// When to decide again although nothing changed. Never slept on: stored as a due date.
    pub wake_at: Option<Timestamp>,
    /// The account's pin is over, because the directory agrees with the undo that set it: it is to be taken away.
    pub is_pin_over: bool,
}

/// What to do with one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    Rest,
    /// Ask the app what became of the last write.
    Look,
    /// Write.
    Do(Operation),
    /// Nothing can be done for this person now; it counts as a failure of theirs alone.
    Fail(Failure),
    /// Close the record.
    Forget,
}

/// Decides what one account should have done to it next.
pub fn decide(case: &Case<'_>) -> Decision {
    let causes = causes::now(case.standing, &case.account.causes, case.now);
    let decided = pinned(case).unwrap_or_else(|| table(case, &causes));
    let decided = wait_out_failure(case, decided);
    // Leavers who are brought in have their time from now, however long ago they left.
    let is_brought_in = matches!(decided.reason, Reason::AdoptedLeaver { .. });
    let causes = if is_brought_in { causes::from(causes, case.now) } else { causes };
    let Decided { next, reason, wake_at } = decided;
    let is_pin_over = case.account.pin.as_ref().is_some_and(|pin| pin.is_agreed_with(case.standing));
    let decision = Decision { next, reason, causes, wake_at, is_pin_over };
    #[cfg(feature = "mutants")]
    arms::take(case, &decision);
    decision
}

/// A decision before its causes are put in.
struct Decided {
    next: Next,
    reason: Reason,
    wake_at: Option<Timestamp>,
}

fn rest(reason: Reason) -> Decided {
    Decided { next: Next::Rest, reason, wake_at: None }
}

fn rest_until(at: Timestamp, reason: Reason) -> Decided {
    Decided { next: Next::Rest, reason, wake_at: Some(at) }
}

fn write(operation: Operation, reason: Reason) -> Decided {
    Decided { next: Next::Do(operation), reason, wake_at: None }
}

fn fail(failure: Failure) -> Decided {
    Decided { next: Next::Fail(failure.clone()), reason: Reason::Failed { failure }, wake_at: None }
}

fn forget() -> Decided {
    Decided { next: Next::Forget, reason: Reason::Closed, wake_at: None }
}

fn table(case: &Case<'_>, causes: &Causes) -> Decided {
    let account = case.account;
    match (case.standing, &account.state) {
        // Whatever is wanted: unknown leads only to look.
        (_, AccountState::Unknown { missed_at, .. }) => look(case, *missed_at),

        (Standing::Entitled, AccountState::None { found }) => join(case, found),
        (Standing::Entitled, AccountState::Active(known)) => keep(case, known),
        (Standing::Entitled, AccountState::Suspended { known, by }) => come_back(case, known, *by),
        (Standing::Entitled, AccountState::Gone) => recreate(case),

        (Standing::Lost(losses), AccountState::None { found }) => stay_out(case, losses, found, causes),
        (Standing::Lost(losses), AccountState::Active(known)) => leave(case, known, causes, Some(losses)),
        (Standing::Lost(_), AccountState::Suspended { known, by }) => be_gone(case, known, *by, causes),

        // A running timer goes on; archiving itself starts nothing and stops nothing.
        (Standing::Archived, AccountState::None { .. }) => rest(Reason::Archived { active: false }),
        (Standing::Archived, AccountState::Active(known)) if !causes.is_empty() => {
            leave(case, known, causes, None)
        }
        (Standing::Archived, AccountState::Active(_)) => rest(Reason::Archived { active: true }),
        (Standing::Archived, AccountState::Suspended { known, by }) => be_gone(case, known, *by, causes),

        // Absent is not deleted: the directory is asked by id first.
        (
            Standing::Unlisted,
            AccountState::None { .. } | AccountState::Active(_) | AccountState::Suspended { .. },
        ) => rest(Reason::Unlisted),

        (Standing::Lost(_) | Standing::Archived | Standing::Unlisted, AccountState::Gone) => forget(),
    }
}

fn pinned(case: &Case<'_>) -> Option<Decided> {
    let holds = |pin: &&Pin| pin.holds(case.now) && !pin.is_agreed_with(case.standing);
    let pin = case.account.pin.as_ref().filter(holds)?;
    let reason = Reason::Pinned(pin.clone());
    Some(Decided { next: Next::Rest, reason, wake_at: pin.until })
}

fn look(case: &Case<'_>, missed_at: Option<Timestamp>) -> Decided {
    let again_at = missed_at.map(|missed_at| missed_at + case.policy.look_again_after);
    match again_at {
        Some(again_at) if case.now < again_at => rest_until(again_at, Reason::MissedOnce { again_at }),
        _ => Decided { next: Next::Look, reason: Reason::Unknown, wake_at: None },
    }
}

fn wanted<'a>(case: &Case<'a>) -> Result<&'a Attributes, Box<Decided>> {
    case.want.map_err(|message| Box::new(fail(Failure::Mapping { message: message.to_owned() })))
}

/// Entitled, no account.
fn join(case: &Case<'_>, found: &Found) -> Decided {
    let attributes = match wanted(case) {
        Ok(attributes) => attributes,
        Err(failed) => return *failed,
    };
    match found {
        Found::NotLooked => create(attributes, true, Reason::Joined),
        Found::Nothing => create(attributes, false, Reason::Joined),
        Found::Own(account, by) => adopt(attributes, account, Reason::Adopted { by: *by }),
        Found::Conflict(conflict) => fail(Failure::Conflict { conflict: conflict.clone() }),
    }
}

fn create(attributes: &Attributes, ask_first: bool, reason: Reason) -> Decided {
    write(Operation::Create { attributes: attributes.clone(), ask_first }, reason)
}

fn adopt(want: &Attributes, account: &RemoteAccount, reason: Reason) -> Decided {
    // Nothing was sent yet, so nothing is cleared: what the app holds beyond what is wanted stays.
    let differing = changes(want, &Attributes::new(), &account.attributes);
    let mut account = Box::new(account.clone());
    // From now on it counts as if we had sent what is wanted, and that alone.
    account.attributes.retain(|path| want.get(path).is_some());
    write(Operation::Adopt { account, changes: differing }, reason)
}

/// Entitled, and the account is on.
fn keep(case: &Case<'_>, known: &Known) -> Decided {
    match wanted(case) {
        Ok(want) => update(case, known, want).unwrap_or_else(|| rest(Reason::Converged)),
        Err(failed) => *failed,
    }
}

/// What differs, as an update; or what drifted, as a report; or nothing.
fn update(case: &Case<'_>, known: &Known, want: &Attributes) -> Option<Decided> {
    let theirs = drifted_paths(known);
    let ours = changes(want, &known.sent, &known.returned);
    let remote_id = known.remote_id.clone();
    match case.policy.drift {
        DriftPolicy::Repair if !theirs.is_empty() => {
            let (sent, seen) = as_seen(known);
            let all = changes(want, &sent, &seen);
            let reason = if ours.is_empty() {
                Reason::Repaired { paths: paths(&all) }
            } else {
                Reason::Differs { paths: paths(&all) }
            };
            (!all.is_empty()).then(|| write(Operation::Update { remote_id, changes: all }, reason))
        }
        DriftPolicy::Repair | DriftPolicy::Report | DriftPolicy::Ignore if !ours.is_empty() => {
            let reason = Reason::Differs { paths: paths(&ours) };
            Some(write(Operation::Update { remote_id, changes: ours }, reason))
        }
        DriftPolicy::Report if !theirs.is_empty() => Some(rest(Reason::Drifted { paths: theirs })),
        DriftPolicy::Repair | DriftPolicy::Report | DriftPolicy::Ignore => None,
    }
}

fn paths(changes: &Changes) -> Vec<AttributePath> {
    changes.iter().map(|change| change.path.clone()).collect()
}

/// The attributes in which an audit saw something else than the app returned to our last write.
fn drifted_paths(known: &Known) -> Vec<AttributePath> {
    known.drifted.as_ref().map_or_else(Vec::new, |seen| drifted(&known.sent, &known.returned, seen))
}

/// `sent` and `returned` as they would be if what an audit saw had been our own last write.
fn as_seen(known: &Known) -> (Attributes, Attributes) {
    let seen = known.drifted.clone().unwrap_or_default();
    (as_if_sent(&known.sent, &drifted_paths(known), &seen), seen)
}

/// Entitled, and the account is off.
fn come_back(case: &Case<'_>, known: &Known, by: SuspendedBy) -> Decided {
    let reason = match (by, case.account.choice) {
        (SuspendedBy::Us { .. }, _) if mutant::lives(Mutant::NeverUnsuspended) => {
            return rest(Reason::Converged);
        }
        (SuspendedBy::Us { .. }, _) => Reason::Returned,
        (SuspendedBy::Other, _) if mutant::lives(Mutant::SwitchedOffIsOverruled) => Reason::Returned,
        (SuspendedBy::Other, Some(Choice::SwitchOn)) => Reason::SwitchedOnByAdmin,
        (SuspendedBy::Other, None | Some(Choice::TakeOver | Choice::Wait)) => {
            return rest(Reason::SwitchedOffAtApp);
        }
    };
    match wanted(case) {
        Ok(want) => {
            let (sent, seen) = if known.drifted.is_some() && case.policy.drift == DriftPolicy::Repair {
                as_seen(known)
            } else {
                (known.sent.clone(), known.returned.clone())
            };
            let differing = changes(want, &sent, &seen);
            write(Operation::Unsuspend { remote_id: known.remote_id.clone(), changes: differing }, reason)
        }
        Err(failed) => *failed,
    }
}

/// Entitled, and the app says there is no such account any more.
fn recreate(case: &Case<'_>) -> Decided {
    match wanted(case) {
        Ok(attributes) => create(attributes, true, Reason::GoneAtApp),
        Err(failed) => *failed,
    }
}

/// Not entitled, no account.
fn stay_out(case: &Case<'_>, losses: &Losses, found: &Found, causes: &Causes) -> Decided {
    if let (true, Found::Own(account, by), None) = (case.policy.adopt_leavers, found, losses.deleted) {
        return bring_in(case, account, *by);
    }
    rest(Reason::NotEntitled { app_off: losses.app_off.clone(), triggers: causes.triggers() })
}

fn bring_in(case: &Case<'_>, account: &RemoteAccount, by: MatchedBy) -> Decided {
    match wanted(case) {
        Ok(want) => adopt(want, account, Reason::AdoptedLeaver { by }),
        Err(failed) => *failed,
    }
}

/// Not entitled, and the account is on. `losses` are those of somebody whom the directory still keeps.
fn leave(case: &Case<'_>, known: &Known, causes: &Causes, losses: Option<&Losses>) -> Decided {
    let Some(due) = causes.due(&case.policy.deprovisioning) else {
        return rest(Reason::NotSelected { triggers: causes.triggers() });
    };
    let due = due.brought_forward(case.account.brought_forward);
    if due.at <= case.now || mutant::lives(Mutant::DueDateIgnored) {
        if mutant::lives(Mutant::DeletedBeforeSuspended) && case.policy.hard_delete.is_some() {
            return write(Operation::Delete { remote_id: known.remote_id.clone() }, Reason::Due(due));
        }
        let reason = if known.switched_on { Reason::SwitchedOnAtApp(due) } else { Reason::Due(due) };
        return write(Operation::Suspend { remote_id: known.remote_id.clone() }, reason);
    }
    // Kept up to date while the user exists; a mapping that fails them now stops no timer.
    let exists = losses.is_some_and(|losses| losses.deleted.is_none());
    let up_to_date = case.want.ok().filter(|_| exists).and_then(|want| update(case, known, want));
    if let Some(decided) = up_to_date {
        return Decided { wake_at: Some(due.at), ..decided };
    }
    let app_off = losses.and_then(|losses| losses.app_off.clone());
    rest_until(due.at, Reason::Leaving { due, app_off })
}

/// Not entitled, and the account is off.
fn be_gone(case: &Case<'_>, known: &Known, by: SuspendedBy, causes: &Causes) -> Decided {
    let seen = match by {
        SuspendedBy::Other => return rest(Reason::OffAlready),
        SuspendedBy::Us { seen } => seen,
    };
    let triggers = causes.triggers();
    let (Some(delay), Some(seen)) = (case.policy.hard_delete, seen) else {
        return rest(Reason::Suspended { triggers });
    };
    let Some(due) = causes.due(&case.policy.deprovisioning) else {
        return rest(Reason::NotSelected { triggers });
    };
    let left = delay.span().saturating_sub(case.provisioning_on.saturating_sub(seen));
    let at = due.at.max(case.now + left);
    if at > case.now {
        return rest_until(at, Reason::DeletedLater { at });
    }
    write(Operation::Delete { remote_id: known.remote_id.clone() }, Reason::HardDelete { due })
}

/// What failed before is not tried again before its pause is over. Another wish does not wait for it: a leaver
/// is suspended whatever became of their last update. A look never waits.
fn wait_out_failure(case: &Case<'_>, decided: Decided) -> Decided {
    let wish = match &decided.next {
        Next::Do(operation) => Some(operation.kind()),
        Next::Fail(_) => None,
        Next::Rest | Next::Look | Next::Forget => return decided,
    };
    // Whether an account is made or found is the same wish.
    let same = |kind: Option<Kind>| if kind == Some(Kind::Adopt) { Some(Kind::Create) } else { kind };
    let is_same = |failing: &&Failing| same(failing.kind) == same(wish) && case.now < failing.retry_at;
    let failing = case.account.failing.as_ref().filter(is_same);
    match failing {
        Some(failing) if !case.insist => rest_until(failing.retry_at, Reason::RetryLater(failing.clone())),
        _ => decided,
    }
}

#[cfg(test)]
mod tests;

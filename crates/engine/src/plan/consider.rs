//! Turns one person's decision into what is stored of it.

use usher_model::attribute::changes::{Change, Changes};
use usher_model::attribute::fold::fold;
use usher_model::cause::Trigger;
use usher_model::guard::classes;
use usher_model::id::{Email, UserId};
use usher_model::lifecycle::{Case, Decision, Next, decide};
use usher_model::mapping::cleaning::Cleaned;
use usher_model::mutant::{self, Mutant};
use usher_model::operation::Operation;
use usher_model::pin::Pin;
use usher_model::reason::{Failure, Reason};
use usher_store::account::{AccountRecord, RecordState};
use usher_store::plan::PlanRow;

use super::person::{inputs, is_blank, unsettled};
use super::{Pass, Person};
use crate::learn;
use crate::setting::Setting;

/// What a decision leaves behind.
#[derive(Debug)]
pub struct Considered {
    /// About whom it was.
    pub user: UserId,
    /// Their address.
    pub email: Email,
    /// What is to be done.
    pub row: Option<PlanRow>,
    /// What is to be remembered.
    pub record: Option<AccountRecord>,
    /// Their record is closed.
    pub is_forgotten: bool,
    /// The pin that is over for them, as it was read.
    pub unpinned: Option<Pin>,
    /// What is in the way.
    pub failure: Option<Failure>,
    /// Why nothing is done, where that is worth counting.
    pub skipped: Option<String>,
    /// Why, in full.
    pub reason: Reason,
}

/// Decides about one person.
pub fn consider(setting: &Setting, pass: &Pass<'_>, mut person: Person) -> Considered {
    let want = person.want(setting).clone();
    let Person { user, standing, settled_key, record, found, .. } = person;
    let cleaned = want.as_ref().map_or_else(|_| Vec::new(), |mapped| mapped.cleaned.clone());
    let want = want.map(|mapped| mapped.attributes);
    let is_on_record = record.is_some();
    let mut known =
        record.unwrap_or_else(|| AccountRecord::new(user.id.clone(), Some(user.primary_email.clone())));
    if known.settled.as_deref().is_some_and(|stored| inputs(stored) != settled_key) {
        // Whatever failed may have been mended: the person, or the configuration, is not what it was.
        known.failing = None;
    }
    let mut account = known.to_account(found);
    restrict_to_mapped(&mut account, setting);
    let decision = decide(&Case {
        standing: &standing,
        want: want.as_ref().map_err(String::as_str),
        account: &account,
        policy: &setting.policy,
        provisioning_on: setting.app.provisioning_on(pass.now),
        insist: pass.insist,
        now: pass.now,
    });
    let unpinned = known.pin.take_if(|_| decision.is_pin_over);
    let before = known.clone();
    let mut considered = Considered {
        user: user.id,
        email: user.primary_email.clone(),
        row: None,
        record: None,
        is_forgotten: false,
        unpinned,
        failure: None,
        skipped: None,
        reason: decision.reason.clone(),
    };
    let unsettled = unsettled(&settled_key);
    let after = remember(known, &decision, user.primary_email, settled_key);
    match decision.next {
        Next::Rest if mutant::lives(Mutant::NeverSettled) && decision.reason == Reason::Converged => {
            considered.row = again(&before, &considered, &after);
            considered.record = Some(AccountRecord { settled: Some(unsettled), ..after });
        }
        Next::Rest | Next::Look => {
            considered.skipped = worth_telling(&decision.reason);
            considered.record = Some(after);
        }
        Next::Forget => considered.is_forgotten = true,
        Next::Fail(failure) => {
            let failed = learn::failed(after, failure.clone(), None, pass.now);
            considered.record = Some(AccountRecord { settled: Some(unsettled), ..failed });
            considered.failure = Some(failure);
        }
        Next::Do(operation) => {
            let row = row(&before, &considered, operation, decision.reason, cleaned);
            let settled = (!is_on_record).then(|| unsettled.clone());
            considered.row = Some(PlanRow { settled, ..row });
            considered.record = Some(AccountRecord { settled: Some(unsettled), ..after });
        }
    }
    // Nothing is kept of people for whom nothing is to be done and of whom nothing is known, and nothing is written
    // that is written already. What the decision rested on is kept of whoever is to be written to: of people of whom
    // nothing is on record, the plan keeps it.
    let rests = considered.row.is_none() && considered.failure.is_none();
    if rests && considered.record.as_ref().is_some_and(|after| is_blank(after) && after.failing.is_none()) {
        considered.record = None;
        considered.is_forgotten = is_on_record;
    } else if considered.record.as_ref() == Some(&before) || is_kept_by_plan(&considered) {
        considered.record = None;
    }
    considered
}

fn is_kept_by_plan(considered: &Considered) -> bool {
    considered.row.as_ref().is_some_and(|row| considered.record.as_ref() == Some(&row.to_record()))
}

/// An attribute that the mapping no longer names stays as it is at the app.
fn restrict_to_mapped(account: &mut usher_model::account::Account, setting: &Setting) {
    use usher_model::account::AccountState::{Active, Gone, None as Absent, Suspended, Unknown};
    let known = match &mut account.state {
        Active(known) | Suspended { known, .. } => known,
        Absent { .. } | Unknown { .. } | Gone => return,
    };
    if mutant::lives(Mutant::UnmappedCleared) {
        return;
    }
    known.sent.retain(|path| setting.paths.contains(path));
    known.returned.retain(|path| setting.paths.contains(path));
    if let Some(drifted) = &mut known.drifted {
        drifted.retain(|path| setting.paths.contains(path));
    }
}

fn remember(record: AccountRecord, decision: &Decision, email: Email, settled_key: String) -> AccountRecord {
    let settled = match worth_telling(&decision.reason) {
        Some(why) => format!("{settled_key}|{why}"),
        None => settled_key,
    };
    // What is as it should be, or waits for something else, fails no more.
    let is_over = matches!(decision.next, Next::Rest)
        && !matches!(decision.reason, Reason::RetryLater(_) | Reason::MissedOnce { .. } | Reason::Pinned(_));
    // Whoever keeps an account that is on does so by right now, whoever switched it on.
    let is_kept = record.state == RecordState::Active && decision.causes.is_empty();
    AccountRecord {
        suspended_by_us: record.suspended_by_us && !is_kept,
        failing: record.failing.filter(|_| !is_over),
        email: Some(email),
        causes: decision.causes,
        reason: Some(decision.reason.clone()),
        settled: Some(settled),
        wake_at: decision.wake_at,
        ..record
    }
}

/// The reasons that summaries count as skipped, in a few words each.
fn worth_telling(reason: &Reason) -> Option<String> {
    let why = match reason {
        Reason::NotEntitled { .. } => "not entitled",
        Reason::Archived { .. } => "archived",
        Reason::Unlisted => "not listed by the directory",
        Reason::NotSelected { .. } => "kept, because the trigger is not selected",
        Reason::SwitchedOffAtApp => "switched off at the app by somebody else",
        Reason::Drifted { .. } => "changed at the app by somebody else",
        Reason::MissedOnce { .. } | Reason::Unknown => "looked for again after a lost answer",
        Reason::Pinned(_) => "pinned",
        Reason::RetryLater(_) => "failed before, waiting to be tried again",
        Reason::Joined
        | Reason::GoneAtApp
        | Reason::Adopted { .. }
        | Reason::AdoptedLeaver { .. }
        | Reason::Differs { .. }
        | Reason::Repaired { .. }
        | Reason::StepsAside
        | Reason::Returned
        | Reason::SwitchedOnByAdmin
        | Reason::Undone { .. }
        | Reason::Due(_)
        | Reason::SwitchedOnAtApp(_)
        | Reason::HardDelete { .. }
        | Reason::Converged
        | Reason::Leaving { .. }
        | Reason::Suspended { .. }
        | Reason::DeletedLater { .. }
        | Reason::OffAlready
        | Reason::Failed { .. }
        | Reason::Closed => return None,
    };
    Some(why.to_owned())
}

/// The last thing that was sent, once more.
fn again(before: &AccountRecord, considered: &Considered, after: &AccountRecord) -> Option<PlanRow> {
    let remote_id = after.remote_id.clone()?;
    let (path, value) = after.sent.iter().next()?;
    let changes = [Change { path: path.clone(), to: Some(value.clone()) }].into_iter().collect();
    let operation = Operation::Update { remote_id, changes };
    Some(row(before, considered, operation, Reason::Converged, Vec::new()))
}

fn row(
    before: &AccountRecord,
    considered: &Considered,
    operation: Operation,
    reason: Reason,
    cleaned: Vec<Cleaned>,
) -> PlanRow {
    let renamed = operation.changes().and_then(new_name);
    let (takes, frees) = match &operation {
        Operation::Create { attributes, .. } => (attributes.user_name().map(fold), None),
        Operation::Adopt { account, .. } => (renamed, Some(fold(&account.user_name))),
        Operation::Update { .. } | Operation::Unsuspend { .. } => (renamed, before.user_name.clone()),
        Operation::Suspend { .. } => (None, None),
        Operation::Delete { .. } => (None, before.user_name.clone()),
    };
    let frees = frees.filter(|_| takes.is_some() || matches!(operation, Operation::Delete { .. }));
    PlanRow {
        classes: classes(&operation, &reason),
        is_app_off: is_app_off(&reason),
        takes,
        frees,
        // What is not written now was said when it was.
        cleaned: cleaned.into_iter().filter(|cleaned| operation.writes(&cleaned.attribute)).collect(),
        ..PlanRow::new(considered.user.clone(), considered.email.clone(), operation, reason)
    }
}

/// Whether somebody loses their account only because the app was turned off for them.
fn is_app_off(reason: &Reason) -> bool {
    let (Reason::Due(due) | Reason::SwitchedOnAtApp(due)) = reason else { return false };
    due.trigger == Trigger::AppOff
}

/// The folded `userName` that changes set, if they set one.
fn new_name(changes: &Changes) -> Option<String> {
    let change = changes.iter().find(|change| change.path.is("userName"))?;
    change.to.as_ref().and_then(serde_json::Value::as_str).map(fold)
}

//! The table of an account's life, cell by cell, and the eight rules of ARCHITECTURE.md as properties.

use insta::assert_snapshot;

use super::*;
use crate::adoption::{Conflict, Holder};
use crate::cause::{Due, Trigger};
use crate::directory::OrgUnitPath;
use crate::entitlement::{AppOff, Since};
use crate::id::{RemoteId, RunId, UserId};
use crate::operation::{Doing, Kind};
use crate::reason::Failing;

mod brought_forward;
mod other_hands;
mod rules;

const DAY: Duration = Duration::from_hours(24);

fn day(n: u32) -> Timestamp {
    Timestamp::parse("2026-11-01T00:00:00Z").unwrap() + DAY * n
}

fn days(n: u16) -> Option<Delay> {
    Delay::parse(&format!("{n}d")).ok()
}

fn attributes(name: &str) -> Attributes {
    let value = |text: &str| serde_json::Value::from(text);
    [("userName", "ada@example.com"), ("externalId", "7"), ("displayName", name)]
        .into_iter()
        .map(|(path, text)| (AttributePath::parse(path).unwrap(), value(text)))
        .collect()
}

fn known(name: &str) -> Known {
    Known {
        remote_id: RemoteId::new("r1"),
        sent: attributes(name),
        returned: attributes(name),
        drifted: None,
        switched_on: false,
    }
}

fn drifted(name: &str, seen: &str) -> Known {
    Known { drifted: Some(attributes(seen)), ..known(name) }
}

fn active(name: &str) -> AccountState {
    AccountState::Active(known(name))
}

fn suspended(by: SuspendedBy) -> AccountState {
    AccountState::Suspended { known: known("Ada"), by }
}

fn by_us() -> SuspendedBy {
    SuspendedBy::Us { seen: Some(DAY * 10) }
}

fn remote(active: bool) -> RemoteAccount {
    RemoteAccount {
        remote_id: RemoteId::new("r1"),
        external_id: None,
        user_name: "ADA@example.com".into(),
        active,
        attributes: [(AttributePath::parse("userName").unwrap(), "ADA@example.com".into())]
            .into_iter()
            .collect(),
        holder: None,
    }
}

fn lost(losses: Losses) -> Standing {
    Standing::Lost(losses)
}

fn app_off() -> Losses {
    Losses {
        app_off: Some(AppOff::NoAccess { unit: OrgUnitPath::parse("/Sales").unwrap() }),
        ..Losses::default()
    }
}

fn in_directory_suspended(since: Option<Timestamp>) -> Losses {
    Losses { suspended: Some(Since(since)), ..Losses::default() }
}

fn deleted(since: Option<Timestamp>) -> Losses {
    Losses { deleted: Some(Since(since)), ..Losses::default() }
}

/// One line of the table; what a test does not set is as plain as can be. Today is day 20.
#[derive(Debug)]
struct Line {
    standing: Standing,
    state: AccountState,
    causes: Causes,
    want: Result<Attributes, &'static str>,
    policy: Policy,
    failing: Option<Failing>,
    pin: Option<Pin>,
    choice: Option<Choice>,
    brought_forward: Option<Timestamp>,
    insist: bool,
    provisioning_on: Duration,
}

fn line(standing: Standing, state: AccountState) -> Line {
    Line {
        standing,
        state,
        causes: Causes::default(),
        want: Ok(attributes("Ada")),
        policy: Policy {
            deprovisioning: Deprovisioning { app_off: days(7), suspended: days(1), deleted: days(30) },
            hard_delete: None,
            drift: DriftPolicy::Repair,
            adopt_leavers: false,
            look_again_after: LOOK_AGAIN_AFTER,
        },
        failing: None,
        pin: None,
        choice: None,
        brought_forward: None,
        insist: false,
        provisioning_on: DAY * 15,
    }
}

impl Line {
    fn decide(&self) -> Decision {
        let account = Account {
            state: self.state.clone(),
            causes: self.causes,
            failing: self.failing.clone(),
            pin: self.pin.clone(),
            choice: self.choice,
            brought_forward: self.brought_forward,
        };
        decide(&Case {
            standing: &self.standing,
            want: self.want.as_ref().map_err(|message| *message),
            account: &account,
            policy: &self.policy,
            provisioning_on: self.provisioning_on,
            insist: self.insist,
            now: day(20),
        })
    }

    /// What happens, and why, in one line.
    fn says(&self) -> String {
        let decision = self.decide();
        let next = match &decision.next {
            Next::Rest => "rest".to_owned(),
            Next::Look => "look".to_owned(),
            Next::Forget => "forget".to_owned(),
            Next::Fail(_) => "fail".to_owned(),
            Next::Do(operation) => match operation.changes() {
                Some(changes) if !changes.is_empty() => {
                    let paths: Vec<_> =
                        changes.iter().map(|change| change.path.as_str().to_owned()).collect();
                    format!("{} {}", operation.kind(), paths.join(" "))
                }
                _ => operation.kind().to_string(),
            },
        };
        let wake = decision.wake_at.map(|at| format!(" | wake {at}")).unwrap_or_default();
        format!("{next}: {}{wake}", decision.reason)
    }
}

#[test]
fn entitled_without_an_account_is_created() {
    let line = line(Standing::Entitled, AccountState::None { found: Found::Nothing });
    assert_snapshot!(line.says(), @"create: entitled, and has no account yet");
    let Next::Do(Operation::Create { ask_first, .. }) = line.decide().next else { panic!("a create") };
    assert!(!ask_first, "the app was read and holds nothing: nobody is asked for");
}

#[test]
fn where_something_may_be_there_a_create_asks_first() {
    let line = line(Standing::Entitled, AccountState::None { found: Found::NotLooked });
    assert!(matches!(line.decide().next, Next::Do(Operation::Create { ask_first: true, .. })));
}

#[test]
fn entitled_with_an_account_of_their_own_at_the_app_adopts_it() {
    let found = Found::Own(Box::new(remote(true)), MatchedBy::UserName);
    let line = line(Standing::Entitled, AccountState::None { found });
    assert_snapshot!(line.says(), @"adopt displayName externalId: entitled, and the app has an account with their userName");
}

#[test]
fn somebody_elses_account_in_the_way_fails_that_person_and_names_the_holder() {
    let holder = Holder { user: UserId::new("3"), email: None };
    let found = Found::Conflict(Conflict::Held { user_name: "ada@example.com".into(), holder });
    let line = line(Standing::Entitled, AccountState::None { found });
    assert_snapshot!(line.says(), @"fail: ada@example.com is held at the app by the account of the user with id 3; give one of them another address, or wait until it is free");
}

#[test]
fn a_mapping_that_makes_nothing_valid_fails_that_person() {
    let mut line = line(Standing::Entitled, active("Ada"));
    line.want = Err("ada@example.com has no name.familyName");
    assert_snapshot!(line.says(), @"fail: ada@example.com has no name.familyName");
}

#[test]
fn entitled_and_active_is_updated_where_attributes_differ_and_silent_where_not() {
    assert_snapshot!(line(Standing::Entitled, active("Old")).says(), @"update displayName: differs in displayName");
    assert_snapshot!(line(Standing::Entitled, active("Ada")).says(), @"rest: entitled, and the account is as it should be");
}

#[test]
fn an_app_that_normalizes_values_is_not_written_to_for_ever() {
    let known = Known { returned: attributes("ADA"), ..known("Ada") };
    assert_snapshot!(line(Standing::Entitled, AccountState::Active(known)).says(), @"rest: entitled, and the account is as it should be");
}

#[test]
fn entitled_and_suspended_by_us_is_unsuspended_with_what_differs() {
    assert_snapshot!(line(Standing::Entitled, suspended(by_us())).says(), @"unsuspend: entitled again");
    let mut renamed = line(Standing::Entitled, suspended(by_us()));
    renamed.want = Ok(attributes("Ada B."));
    assert_snapshot!(renamed.says(), @"unsuspend displayName: entitled again");
}

#[test]
fn entitled_while_leaving_drops_the_cause_and_sends_nothing() {
    let mut line = line(Standing::Entitled, active("Ada"));
    line.causes.suspended = Some(day(19));
    assert_snapshot!(line.says(), @"rest: entitled, and the account is as it should be");
    assert_eq!(line.decide().causes, Causes::default());
}

#[test]
fn losing_it_again_later_is_a_new_cause() {
    let back = line(lost(app_off()), active("Ada"));
    assert_eq!(back.decide().causes.app_off, Some(day(20)));
}

#[test]
fn lost_and_active_with_a_selected_trigger_runs_a_timer() {
    let mut line = line(lost(app_off()), active("Ada"));
    line.causes.app_off = Some(day(18));
    assert_snapshot!(line.says(), @"rest: leaving: the app is off for /Sales and for all of their groups, since 2026-11-19T00:00:00Z; suspended on 2026-11-26T00:00:00Z | wake 2026-11-26T00:00:00Z");
}

#[test]
fn the_directorys_own_time_is_the_cause_where_it_has_one_and_is_kept_once_known() {
    let since = |line: &Line| line.decide().causes.suspended;
    let mut own = line(lost(in_directory_suspended(Some(day(3)))), active("Ada"));
    assert_eq!(since(&own), Some(day(3)));
    own.standing = lost(in_directory_suspended(None));
    assert_eq!(since(&own), Some(day(20)), "else when we first saw it");
    own.causes.suspended = Some(day(5));
    own.standing = lost(in_directory_suspended(Some(day(19))));
    assert_eq!(since(&own), Some(day(5)), "a known cause restarts no timer");
}

#[test]
fn lost_and_leaving_is_suspended_when_due() {
    let mut due = line(lost(in_directory_suspended(Some(day(19)))), active("Ada"));
    assert_snapshot!(due.says(), @"suspend: suspended since 2026-11-20T00:00:00Z, due 2026-11-21T00:00:00Z");
    due.standing = lost(in_directory_suspended(Some(day(20))));
    assert!(matches!(due.decide().next, Next::Rest), "not before its due date");
}

#[test]
fn somebody_leaving_is_kept_up_to_date_while_they_exist() {
    let mut leaving = line(lost(app_off()), active("Old"));
    leaving.causes.app_off = Some(day(18));
    assert_snapshot!(leaving.says(), @"update displayName: differs in displayName | wake 2026-11-26T00:00:00Z");
    leaving.standing = lost(deleted(Some(day(18))));
    assert_snapshot!(leaving.says(), @"rest: leaving: deleted since 2026-11-19T00:00:00Z; suspended on 2026-12-19T00:00:00Z | wake 2026-12-19T00:00:00Z");
}

#[test]
fn a_mapping_error_of_somebody_leaving_stops_no_timer() {
    let mut leaving = line(lost(app_off()), active("Ada"));
    leaving.want = Err("broken");
    assert!(matches!(leaving.decide().reason, Reason::Leaving { .. }));
}

#[test]
fn of_somebody_deleted_only_the_trigger_deleted_counts() {
    let mut line = line(lost(deleted(Some(day(1)))), active("Ada"));
    line.causes = Causes { app_off: Some(day(0)), suspended: Some(day(0)), deleted: None };
    assert_eq!(line.decide().causes, Causes { deleted: Some(day(1)), ..Causes::default() });
    assert!(matches!(line.decide().reason, Reason::Leaving { .. }));
}

#[test]
fn suspended_and_without_access_the_earliest_selected_due_date_wins() {
    let both = Losses { suspended: Some(Since(Some(day(19)))), ..app_off() };
    let mut line = line(lost(both), active("Ada"));
    line.causes.app_off = Some(day(12));
    assert_snapshot!(line.says(), @"suspend: app turned off since 2026-11-13T00:00:00Z, due 2026-11-20T00:00:00Z");
    line.policy.deprovisioning.app_off = None;
    assert_snapshot!(line.says(), @"suspend: suspended since 2026-11-20T00:00:00Z, due 2026-11-21T00:00:00Z");
}

#[test]
fn a_trigger_that_is_not_selected_changes_nothing_and_keeps_the_cause() {
    let mut line = line(lost(app_off()), active("Old"));
    line.causes.app_off = Some(day(1));
    line.policy.deprovisioning.app_off = None;
    assert_snapshot!(line.says(), @"rest: kept: app turned off is not selected as a reason to suspend");
    assert_eq!(line.decide().causes.app_off, Some(day(1)));
}

#[test]
fn lost_and_suspended_by_us_rests_unless_hard_delete_is_switched_on() {
    let mut gone = line(lost(app_off()), suspended(by_us()));
    gone.causes.app_off = Some(day(1));
    assert_snapshot!(gone.says(), @"rest: suspended by Usher: app turned off");
    gone.policy.hard_delete = days(7);
    assert_snapshot!(gone.says(), @"rest: suspended by Usher; deleted on 2026-11-23T00:00:00Z if provisioning stays on | wake 2026-11-23T00:00:00Z");
    gone.policy.hard_delete = days(5);
    assert_snapshot!(gone.says(), @"delete: app turned off since 2026-11-02T00:00:00Z, and suspended for the time set");
}

#[test]
fn the_time_before_a_delete_counts_only_while_provisioning_is_on() {
    let mut gone = line(lost(app_off()), suspended(SuspendedBy::Us { seen: Some(DAY * 10) }));
    gone.causes.app_off = Some(day(1));
    gone.policy.hard_delete = days(5);
    gone.provisioning_on = DAY * 14;
    assert!(matches!(gone.decide().next, Next::Rest), "four days on, whatever the calendar says");
}

#[test]
fn an_account_that_was_not_seen_suspended_is_never_deleted() {
    let mut gone = line(lost(app_off()), suspended(SuspendedBy::Us { seen: None }));
    gone.causes.app_off = Some(day(1));
    gone.policy.hard_delete = Some(Delay::Within24Hours);
    assert_snapshot!(gone.says(), @"rest: suspended by Usher: app turned off");
}

#[test]
fn an_account_that_somebody_else_switched_off_is_never_deleted() {
    let mut off = line(lost(app_off()), suspended(SuspendedBy::Other));
    off.causes.app_off = Some(day(1));
    off.policy.hard_delete = Some(Delay::Within24Hours);
    assert_snapshot!(off.says(), @"rest: not entitled, and already off at the app");
}

#[test]
fn archiving_starts_nothing_and_stops_nothing() {
    assert_snapshot!(line(Standing::Archived, AccountState::None { found: Found::Nothing }).says(), @"rest: archived: archived people are not operated on");
    assert_snapshot!(line(Standing::Archived, active("Old")).says(), @"rest: archived: archived people are not operated on, and the account is still on");
    let mut running = line(Standing::Archived, active("Old"));
    running.causes.app_off = Some(day(13));
    assert_snapshot!(running.says(), @"suspend: app turned off since 2026-11-14T00:00:00Z, due 2026-11-21T00:00:00Z");
}

#[test]
fn absent_is_not_deleted() {
    let mut absent = line(Standing::Unlisted, active("Ada"));
    absent.causes.app_off = Some(day(0));
    assert_snapshot!(absent.says(), @"rest: in none of the directory's lists: asked for by id before anything is done");
}

#[test]
fn unknown_leads_only_to_look_and_not_found_counts_the_second_time() {
    let unknown = |missed_at| AccountState::Unknown { doing: Doing::Creating, missed_at };
    for standing in [Standing::Entitled, lost(app_off()), Standing::Archived, Standing::Unlisted] {
        let says = line(standing, unknown(None)).says();
        assert_eq!(says, "look: the answer to the last write never came; the app is asked first");
    }
    let just_now = day(20).before(Duration::from_secs(1));
    assert_snapshot!(line(Standing::Entitled, unknown(Some(just_now))).says(), @"rest: not found after a lost answer; looked for once more at 2026-11-21T00:00:04Z | wake 2026-11-21T00:00:04Z");
    let earlier = day(20).before(LOOK_AGAIN_AFTER);
    assert!(matches!(line(Standing::Entitled, unknown(Some(earlier))).decide().next, Next::Look));
}

#[test]
fn entitled_and_gone_at_the_app_is_recreated_and_logged_as_such() {
    assert_snapshot!(line(Standing::Entitled, AccountState::Gone).says(), @"create: entitled, and the account was deleted at the app");
}

#[test]
fn not_entitled_and_gone_at_the_app_closes_the_record() {
    for standing in [lost(app_off()), Standing::Archived, Standing::Unlisted] {
        let says = line(standing, AccountState::Gone).says();
        assert_eq!(says, "forget: gone at the app, and nobody is entitled to it");
    }
}

/// One of each state.
fn every_state() -> [AccountState; 5] {
    [
        AccountState::None { found: Found::Nothing },
        AccountState::Unknown { doing: Doing::Creating, missed_at: None },
        active("Old"),
        suspended(by_us()),
        AccountState::Gone,
    ]
}

#[test]
fn a_pin_outranks_every_cell() {
    let pin = Pin {
        by: "grace".into(),
        why: "break-glass account".into(),
        since: day(1),
        until: Some(day(30)),
        undone: None,
    };
    let everyone = [Standing::Entitled, lost(app_off()), Standing::Archived, Standing::Unlisted];
    for standing in everyone {
        for state in &every_state() {
            let mut line = line(standing.clone(), state.clone());
            line.pin = Some(pin.clone());
            let expected = "rest: pinned by grace from 2026-11-02T00:00:00Z until 2026-12-01T00:00:00Z: break-glass account | wake 2026-12-01T00:00:00Z";
            assert_eq!(line.says(), expected);
            line.pin = Some(Pin { until: Some(day(20)), ..pin.clone() });
            let decision = line.decide();
            assert!(!matches!(decision.reason, Reason::Pinned { .. }), "a pin that ended holds nothing");
            assert!(!decision.is_pin_over, "an admin's own pin is never taken away");
        }
    }
}

/// The pin that an undo of `run-7` set.
fn undone() -> Pin {
    let undone = Some(RunId::new("run-7"));
    Pin { by: "grace".into(), why: "suspended since day 9".into(), since: day(10), until: None, undone }
}

#[test]
fn the_pin_of_an_undo_outranks_every_cell_of_whoever_is_not_entitled() {
    let everyone = [
        lost(app_off()),
        lost(in_directory_suspended(Some(day(1)))),
        lost(deleted(Some(day(1)))),
        Standing::Archived,
        Standing::Unlisted,
    ];
    for standing in everyone {
        for state in every_state() {
            let mut line = line(standing.clone(), state);
            line.pin = Some(undone());
            line.policy.hard_delete = days(1);
            let expected = "rest: pinned by undo of run run-7 (by grace) since 2026-11-11T00:00:00Z, until unpinned or the \
                            directory agrees: suspended since day 9";
            assert_eq!((line.says().as_str(), line.decide().is_pin_over), (expected, false));
        }
    }
}

#[test]
fn the_pin_of_an_undo_is_over_once_the_directory_agrees_and_the_decision_is_as_if_there_were_none() {
    for state in every_state() {
        let unpinned = line(Standing::Entitled, state.clone()).decide();
        let mut line = line(Standing::Entitled, state);
        line.pin = Some(undone());
        assert!(!unpinned.is_pin_over);
        assert_eq!(line.decide(), Decision { is_pin_over: true, ..unpinned });
    }
}

#[test]
fn whoever_is_pinned_by_an_undo_keeps_their_cause_until_the_directory_agrees() {
    let since = Causes { suspended: Some(day(9)), ..Causes::default() };
    let mut pinned = line(lost(in_directory_suspended(None)), active("Ada"));
    (pinned.pin, pinned.causes) = (Some(undone()), since);
    assert_eq!(pinned.decide().causes, since);
    pinned.standing = Standing::Entitled;
    assert_eq!(pinned.decide().causes, Causes::default(), "losing it again later is a new cause");
}

#[test]
fn a_pin_from_before_there_were_undos_is_read_as_it_was_written() {
    let stored = r#"{"by":"grace","why":"break-glass","since":1000000,"until":null}"#;
    let pin: Pin = serde_json::from_str(stored).unwrap();
    assert_eq!((pin.undone.clone(), serde_json::to_string(&pin).unwrap().as_str()), (None, stored));
    let undone = undone();
    let stored = serde_json::to_string(&undone).unwrap();
    assert_eq!(serde_json::from_str::<Pin>(&stored).unwrap(), undone);
}

#[test]
fn leavers_accounts_are_brought_in_only_where_the_policy_says_so() {
    let found = Found::Own(Box::new(remote(true)), MatchedBy::UserName);
    let mut leaver = line(lost(app_off()), AccountState::None { found });
    assert_snapshot!(leaver.says(), @"rest: not entitled: the app is off for /Sales and for all of their groups");
    leaver.policy.adopt_leavers = true;
    assert_snapshot!(leaver.says(), @"adopt displayName externalId: not entitled, but the app has an account with their userName and leavers are brought in");
}

#[test]
fn a_failure_is_waited_out_unless_somebody_insists() {
    let failure = Failure::Refused { status: 400, message: "no such locale".into() };
    let mut failed = line(Standing::Entitled, active("Old"));
    failed.failing = Some(Failing { failure, kind: Some(Kind::Update), n_attempts: 3, retry_at: day(21) });
    assert_snapshot!(failed.says(), @"rest: the app answered 400: no such locale; tried again at 2026-11-22T00:00:00Z (failed 3 times) | wake 2026-11-22T00:00:00Z");
    failed.insist = true;
    assert_snapshot!(failed.says(), @"update displayName: differs in displayName");
}

#[test]
fn a_leaver_is_suspended_whatever_failed_before() {
    let failure = Failure::Mapping { message: "no displayName".into() };
    let mut leaver = line(lost(in_directory_suspended(Some(day(1)))), active("Ada"));
    for kind in [None, Some(Kind::Create), Some(Kind::Update), Some(Kind::Unsuspend)] {
        leaver.failing = Some(Failing { failure: failure.clone(), kind, n_attempts: 9, retry_at: day(21) });
        assert!(matches!(leaver.decide().next, Next::Do(Operation::Suspend { .. })), "{kind:?}");
    }
    leaver.failing = Some(Failing { failure, kind: Some(Kind::Suspend), n_attempts: 9, retry_at: day(21) });
    assert!(matches!(leaver.decide().reason, Reason::RetryLater(_)));
}

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
mod losing;
mod other_hands;
mod pins;
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
fn archiving_starts_nothing_and_stops_nothing() {
    assert_snapshot!(line(Standing::Archived, AccountState::None { found: Found::Nothing }).says(), @"rest: archived: archived people are not operated on");
    assert_snapshot!(line(Standing::Archived, active("Old")).says(), @"rest: archived: archived people are not operated on, and the account is still on");
    let mut running = line(Standing::Archived, active("Old"));
    running.causes.app_off = Some(day(13));
    assert_snapshot!(running.says(), @"suspend: app turned off since 2026-11-14 00:00 UTC, due 2026-11-21 00:00 UTC");
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
    assert_snapshot!(line(Standing::Entitled, unknown(Some(just_now))).says(), @"rest: not found after a lost answer; looked for once more at 2026-11-21 00:00 UTC | wake 2026-11-21T00:00:04Z");
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
    assert_snapshot!(failed.says(), @"rest: the app answered 400: no such locale; tried again at 2026-11-22 00:00 UTC (failed 3 times) | wake 2026-11-22T00:00:00Z");
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

use serde_json::json;
use usher_model::attribute::changes::Change;
use usher_model::id::{Email, RunId, UserId};
use usher_model::reason::Reason;
use usher_store::account::Intent;

use super::*;

const ON: Duration = Duration::from_hours(100);

fn path(text: &str) -> AttributePath {
    AttributePath::parse(text).unwrap()
}

fn attributes(name: &str) -> Attributes {
    [(path("userName"), json!("ada@example.com")), (path("displayName"), json!(name))].into_iter().collect()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-23T09:00:00Z").unwrap()
}

fn seen(name: &str, active: Option<bool>) -> Seen {
    Seen {
        remote_id: RemoteId::new("r1"),
        external_id: Some("7".into()),
        user_name: Some("Ada@example.com".into()),
        active,
        attributes: attributes(name),
    }
}

fn record(state: RecordState) -> AccountRecord {
    let mut record = AccountRecord::new(UserId::new("7"), Email::parse("ada@example.com").ok());
    record.state = state;
    if state != RecordState::None {
        record.remote_id = Some(RemoteId::new("r1"));
        record.sent = attributes("Ada");
        record.returned = attributes("Ada");
    }
    record
}

fn create() -> Operation {
    Operation::Create { attributes: attributes("Ada"), ask_first: false }
}

fn rename() -> Operation {
    let change = Change { path: path("displayName"), to: Some(json!("Ada B.")) };
    Operation::Update { remote_id: RemoteId::new("r1"), changes: [change].into_iter().collect() }
}

fn suspend() -> Operation {
    Operation::Suspend { remote_id: RemoteId::new("r1") }
}

fn delete() -> Operation {
    Operation::Delete { remote_id: RemoteId::new("r1") }
}

fn lost(state: RecordState, operation: Operation, missed_at: Option<Timestamp>) -> AccountRecord {
    let intent = Intent {
        operation,
        reason: Reason::Joined,
        run: RunId::new("run"),
        seq: 1,
        until: now(),
        missed_at,
        is_released: false,
    };
    AccountRecord { intent: Some(intent), ..record(state) }
}

fn known(looked: Looked) -> (AccountRecord, Option<EventKind>) {
    let Looked::Known(record, event) = looked else { panic!("expected a known outcome, got {looked:?}") };
    (*record, event)
}

#[test]
fn what_the_app_returned_is_remembered_beside_what_was_sent() {
    let record = written(record(RecordState::Active), &rename(), &seen("ADA B.", Some(true)), ON).unwrap();
    assert_eq!(record.sent.get(&path("displayName")), Some(&json!("Ada B.")));
    assert_eq!(record.returned.get(&path("displayName")), Some(&json!("ADA B.")));
    assert_eq!(record.user_name.as_deref(), Some("ada@example.com"), "names are compared folded");
}

#[test]
fn a_suspension_counts_from_when_it_was_seen() {
    let shown = written(record(RecordState::Active), &suspend(), &seen("Ada", Some(false)), ON).unwrap();
    assert_eq!((shown.state, shown.suspended_by_us, shown.seen_on), (RecordState::Suspended, true, Some(ON)));
    let hidden = written(record(RecordState::Active), &suspend(), &seen("Ada", None), ON).unwrap();
    assert_eq!((hidden.state, hidden.suspended_by_us, hidden.seen_on), (RecordState::Suspended, true, None));
}

#[test]
fn an_app_that_says_yes_and_leaves_the_account_on_has_not_suspended_it() {
    let (record, failure) =
        written(record(RecordState::Active), &suspend(), &seen("Ada", Some(true)), ON).unwrap_err();
    assert_eq!(record.state, RecordState::Active);
    assert!(matches!(failure, Failure::Disobeyed { .. }));
}

#[test]
fn an_adopted_account_that_is_off_stays_off_and_is_not_ours_to_delete() {
    let operation = Operation::Adopt {
        account: Box::new(seen("Ada", Some(false)).to_remote_account()),
        changes: Changes::default(),
    };
    let record = written(record(RecordState::None), &operation, &seen("Ada", Some(false)), ON).unwrap();
    assert_eq!((record.state, record.suspended_by_us), (RecordState::Suspended, false));
}

#[test]
fn failures_are_retried_with_growing_pauses_of_a_minute_to_a_day() {
    let failure = Failure::Refused { status: 400, message: "no".into() };
    let mut record = record(RecordState::Active);
    let mut pauses = Vec::new();
    for _ in 0..14 {
        record = failed(record, failure.clone(), Some(Kind::Update), now());
        let retry_at = record.failing.as_ref().unwrap().retry_at;
        pauses.push(retry_at.since(now()).as_secs() / 60);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]);
}

#[test]
fn a_lost_create_that_is_found_with_our_external_id_happened() {
    let look = Look::Found(Box::new(seen("Ada", Some(true))), MatchedBy::ExternalId);
    let (record, event) =
        known(looked(lost(RecordState::None, create(), None), look, &RunId::new("run"), now(), ON));
    assert_eq!((record.state, event), (RecordState::Active, Some(EventKind::Create)));
    assert_eq!((record.intent, record.sent), (None, attributes("Ada")));
}

#[test]
fn what_the_app_made_of_a_lost_create_is_written_once_more_and_then_taken_for_its_own_form() {
    let look = Look::Found(Box::new(seen("ÁDA", Some(true))), MatchedBy::ExternalId);
    let (record, event) =
        known(looked(lost(RecordState::None, create(), None), look, &RunId::new("run"), now(), ON));
    assert_eq!((record.state, event), (RecordState::Active, Some(EventKind::Create)));
    assert_eq!(record.sent.get(&path("displayName")), None, "nobody knows whose form that is");
    let change = Change { path: path("displayName"), to: Some(json!("Ada")) };
    let again = Operation::Update { remote_id: RemoteId::new("r1"), changes: [change].into_iter().collect() };
    let record = written(record, &again, &seen("ÁDA", Some(true)), ON).unwrap();
    assert_eq!((record.sent, record.returned), (attributes("Ada"), attributes("ÁDA")));
    assert_eq!(record.drifted, None);
}

#[test]
fn a_lost_adoption_of_an_account_that_says_by_now_that_it_is_somebody_elses_is_decided_anew() {
    let account = seen("Ada", Some(true)).to_remote_account();
    let adopt = Operation::Adopt { account: Box::new(account), changes: Changes::default() };
    let theirs = Seen { external_id: Some("8".into()), ..seen("Ada", Some(true)) };
    let look = Look::Found(Box::new(theirs), MatchedBy::ExternalId);
    let (record, event) =
        known(looked(lost(RecordState::None, adopt, None), look, &RunId::new("run"), now(), ON));
    assert_eq!((record.state, record.remote_id, event), (RecordState::None, None, None));
}

#[test]
fn an_account_found_by_name_alone_is_left_to_adoption() {
    let look = Look::Found(Box::new(seen("Ada", Some(true))), MatchedBy::UserName);
    let (record, event) =
        known(looked(lost(RecordState::None, create(), None), look, &RunId::new("run"), now(), ON));
    assert_eq!((record.state, record.remote_id, event), (RecordState::None, None, None));
}

#[test]
fn not_found_counts_the_second_time() {
    let first = looked(lost(RecordState::None, create(), None), Look::Nothing, &RunId::new("run"), now(), ON);
    let Looked::Missed(missed) = first else { panic!("expected a miss, got {first:?}") };
    assert_eq!(missed.intent.as_ref().unwrap().missed_at, Some(now()));
    let (record, event) = known(looked(*missed, Look::Nothing, &RunId::new("run"), now(), ON));
    assert_eq!((record.state, record.intent, event), (RecordState::None, None, None));
}

#[test]
fn a_known_account_that_is_not_found_twice_is_gone() {
    let (record, _) = known(looked(
        lost(RecordState::Active, rename(), Some(now())),
        Look::Nothing,
        &RunId::new("run"),
        now(),
        ON,
    ));
    assert_eq!(record.state, RecordState::Gone);
}

#[test]
fn a_lost_update_happened_if_the_app_shows_it() {
    let look = |name| Look::Found(Box::new(seen(name, Some(true))), MatchedBy::ExternalId);
    let (done, event) = known(looked(
        lost(RecordState::Active, rename(), None),
        look("Ada B."),
        &RunId::new("run"),
        now(),
        ON,
    ));
    assert_eq!(event, Some(EventKind::Update));
    assert_eq!(done.sent.get(&path("displayName")), Some(&json!("Ada B.")));
    let (not_done, event) =
        known(looked(lost(RecordState::Active, rename(), None), look("Ada"), &RunId::new("run"), now(), ON));
    assert_eq!((event, not_done.sent), (None, attributes("Ada")));
}

#[test]
fn a_lost_suspension_happened_if_the_account_is_off() {
    let look = |active| Look::Found(Box::new(seen("Ada", Some(active))), MatchedBy::ExternalId);
    let (off, event) =
        known(looked(lost(RecordState::Active, suspend(), None), look(false), &RunId::new("run"), now(), ON));
    assert_eq!(
        (off.state, off.suspended_by_us, off.seen_on, event),
        (RecordState::Suspended, true, Some(ON), Some(EventKind::Suspend))
    );
    let (on, event) =
        known(looked(lost(RecordState::Active, suspend(), None), look(true), &RunId::new("run"), now(), ON));
    assert_eq!((on.state, event), (RecordState::Active, None));
}

#[test]
fn an_account_that_somebody_switched_off_meanwhile_is_not_ours() {
    let look = Look::Found(Box::new(seen("Ada B.", Some(false))), MatchedBy::ExternalId);
    let (record, event) =
        known(looked(lost(RecordState::Active, rename(), None), look, &RunId::new("run"), now(), ON));
    assert_eq!(
        (record.state, record.suspended_by_us, event),
        (RecordState::Suspended, false, Some(EventKind::Update))
    );
}

#[test]
fn a_lost_delete_that_finds_nothing_is_done() {
    let looked =
        looked(lost(RecordState::Suspended, delete(), None), Look::Nothing, &RunId::new("run"), now(), ON);
    assert!(matches!(looked, Looked::Deleted(_)));
}

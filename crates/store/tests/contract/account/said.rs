//! What admins say of an account: pins, choices, and due dates that are brought forward.

use rstest::rstest;
use usher_model::account::{Choice, Pin};
use usher_model::adoption::Conflict;
use usher_model::cause::Causes;
use usher_model::id::{RemoteId, RunId};
use usher_model::reason::{Failing, Failure, Reason};
use usher_store::account::{self, AccountRecord, Deciding, PinChange, RecordState, Waiting};
use usher_store::app;

use super::{begin, failing, full, one, pin};
use crate::apps::{active, address, at, aws, create, intent, other, user};
use crate::db::Db;

/// What is in the way where the app's account of that name is somebody's of whom nobody here knows.
fn foreign() -> Failure {
    let conflict = Conflict::ForeignExternalId {
        remote_id: RemoteId::new("r-foreign"),
        user_name: "ada@example.com".to_owned(),
        external_id: "hr-7".to_owned(),
    };
    Failure::Conflict { conflict }
}

#[rstest]
#[tokio::test]
async fn who_waits_for_a_decision_is_whoever_one_could_help_and_for_whom_none_was_made(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::record").await.unwrap();
    let off = |id: &str, reason| AccountRecord {
        state: RecordState::Suspended,
        suspended_by_us: false,
        reason: Some(reason),
        ..active(id)
    };
    let ours = AccountRecord { suspended_by_us: true, ..off("3", Reason::SwitchedOffAtApp) };
    let failed = |id: &str, failure| AccountRecord {
        failing: Some(Failing { failure, ..failing(1) }),
        ..AccountRecord::new(user(id), Some(address(id)))
    };
    let name = Conflict::Invisible { user_name: "ada@example.com".to_owned() };
    let records = [
        off("1", Reason::SwitchedOffAtApp),
        off("2", Reason::OffAlready),
        ours,
        off("4", Reason::SwitchedOffAtApp),
        off("5", Reason::SwitchedOffAtApp),
        failed("6", foreign()),
        failed("7", Failure::Conflict { conflict: name }),
        failed("8", failing(1).failure),
        failed("9", foreign()),
    ];
    account::record(&mut tx, &lease, &records).await.unwrap();
    account::set_choice(&mut tx, &aws(), &user("4"), Some(Choice::SwitchOn)).await.unwrap();
    let decided = AccountRecord { choice: Some(Choice::Wait), ..failed("9a", foreign()) };
    account::record(&mut tx, &lease, &[decided]).await.unwrap();
    let waiting = account::waiting(&mut tx, &aws(), 1).await.unwrap();
    let first = |id: &str, n| Deciding { n, first: vec![(user(id), Some(address(id)))] };
    assert_eq!(waiting, Waiting { switched_off: first("1", 2), conflicts: first("6", 2) });
    assert_eq!(account::waiting(&mut tx, &other(), 1).await.unwrap(), Waiting::default());
}

#[rstest]
#[tokio::test]
async fn whoever_is_pinned_is_not_leaving(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let causes = Causes { suspended: Some(at(1)), ..Causes::default() };
    let leaving = ["1", "2", "3"].map(|id| AccountRecord { causes, ..active(id) });
    let mut tx = store.begin("tests::leaving").await.unwrap();
    account::record(&mut tx, &lease, &leaving).await.unwrap();
    account::record(&mut tx, &lease, &[active("4")]).await.unwrap();
    for id in ["3", "4", "5"] {
        account::set_pin(&mut tx, &aws(), &user(id), Some(&pin())).await.unwrap();
    }
    let ends = Pin { until: Some(at(9)), ..pin() };
    account::set_pin(&mut tx, &aws(), &user("2"), Some(&ends)).await.unwrap();
    for (now, leaving) in [(8, 1), (9, 2)] {
        let counts = account::counts(&mut tx, &aws(), at(now)).await.unwrap();
        assert_eq!((counts.active, counts.leaving), (4, leaving), "a pin ends by itself");
    }
}

#[rstest]
#[tokio::test]
async fn no_run_overwrites_a_pin(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::record").await.unwrap();
    let settled = AccountRecord { settled: Some("f00d".to_owned()), ..active("1") };
    account::record(&mut tx, &lease, std::slice::from_ref(&settled)).await.unwrap();
    account::set_pin(&mut tx, &aws(), &user("1"), Some(&pin())).await.unwrap();
    assert_eq!(one(&mut tx, "1").await.settled, None, "they are decided upon anew");
    // The run read the record before the pin was set.
    account::record(&mut tx, &lease, std::slice::from_ref(&settled)).await.unwrap();
    assert_eq!(one(&mut tx, "1").await, AccountRecord { pin: Some(pin()), ..settled });
    account::set_pin(&mut tx, &aws(), &user("1"), None).await.unwrap();
    assert_eq!((one(&mut tx, "1").await.pin, one(&mut tx, "1").await.settled), (None, None));
}

#[rstest]
#[tokio::test]
async fn a_run_changes_a_pin_that_is_as_it_read_it_and_no_other(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::change_pins").await.unwrap();
    let settled = |id: &str| AccountRecord { settled: Some("f00d".to_owned()), ..active(id) };
    account::record(&mut tx, &lease, &["1", "2", "3", "4"].map(settled)).await.unwrap();
    let undone = Pin { undone: Some(RunId::new("run-0")), ..pin() };
    // An admin's word for one of them, which the run has not heard.
    account::set_pin(&mut tx, &aws(), &user("2"), Some(&pin())).await.unwrap();
    let change = |id: &str, before: Option<&Pin>, after: Option<&Pin>| PinChange {
        user: user(id),
        before: before.cloned(),
        after: after.cloned(),
    };
    let wanted = ["1", "2", "3", "nobody"].map(|id| change(id, None, Some(&undone)));
    let changed = account::change_pins(&mut tx, &lease, &wanted).await.unwrap();
    assert_eq!(changed, [user("1"), user("3")].into());
    for (id, expected, settled) in [
        ("1", Some(undone.clone()), None),
        ("2", Some(pin()), None),
        ("3", Some(undone.clone()), None),
        ("4", None, Some("f00d".to_owned())),
    ] {
        let record = one(&mut tx, id).await;
        assert_eq!((record.pin, record.settled), (expected, settled), "{id}");
    }
    // And back; only of the third an admin has said something else meanwhile.
    account::set_pin(&mut tx, &aws(), &user("3"), Some(&pin())).await.unwrap();
    let over = ["1", "2", "3"].map(|id| change(id, Some(&undone), None));
    assert_eq!(account::change_pins(&mut tx, &lease, &over).await.unwrap(), [user("1")].into());
    assert_eq!((one(&mut tx, "1").await.pin, one(&mut tx, "3").await.pin), (None, Some(pin())));
    tx.commit().await.unwrap();
    // Whoever lost the app changes none.
    let mut tx = store.begin("tests::change_pins").await.unwrap();
    app::begin_run(&mut tx, &aws(), RunId::new("run-2")).await.unwrap();
    let fenced =
        account::change_pins(&mut tx, &lease, &[change("1", None, Some(&undone))]).await.unwrap_err();
    assert!(fenced.is_fenced(), "{fenced}");
}

#[rstest]
#[tokio::test]
async fn the_pinned_are_listed_page_by_page(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::pinned").await.unwrap();
    account::record(&mut tx, &lease, &[active("2"), active("4")]).await.unwrap();
    for id in ["3", "2", "1"] {
        account::set_pin(&mut tx, &aws(), &user(id), Some(&pin())).await.unwrap();
    }
    let (mut met, mut after) = (Vec::new(), None);
    while let Some((id, email, said)) =
        account::pinned_list(&mut tx, &aws(), after.as_ref(), 1).await.unwrap().pop()
    {
        assert_eq!(said, pin());
        met.push((id.to_string(), email.is_some()));
        after = Some(id);
    }
    assert_eq!(met, [("1", false), ("2", true), ("3", false)].map(|(id, known)| (id.to_owned(), known)));
    assert!(account::pinned_list(&mut tx, &other(), None, 9).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_pin_needs_no_account_and_outlives_it(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::pin").await.unwrap();
    account::set_pin(&mut tx, &aws(), &user("1"), Some(&pin())).await.unwrap();
    let pinned = AccountRecord { pin: Some(pin()), ..AccountRecord::new(user("1"), None) };
    assert_eq!(one(&mut tx, "1").await, pinned);
    account::record(&mut tx, &lease, &[full(), active("2")]).await.unwrap();
    account::forget(&mut tx, &lease, &[user("1"), user("2")]).await.unwrap();
    assert_eq!(one(&mut tx, "1").await, AccountRecord { email: Some(address("1")), ..pinned });
    assert!(account::of(&mut tx, &aws(), &[user("2")]).await.unwrap().is_empty());
    account::set_pin(&mut tx, &aws(), &user("9"), None).await.unwrap();
    assert!(account::of(&mut tx, &aws(), &[user("9")]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_choice_is_spent_when_the_state_that_it_answers_is_over(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::choice").await.unwrap();
    account::set_choice(&mut tx, &aws(), &user("1"), Some(Choice::TakeOver)).await.unwrap();
    assert_eq!(one(&mut tx, "1").await.choice, Some(Choice::TakeOver));
    // The run read the record before the choice was made, and records its intent.
    let begun =
        AccountRecord { intent: Some(intent(create("1"), 1, at(1))), ..AccountRecord::new(user("1"), None) };
    account::record(&mut tx, &lease, &[begun]).await.unwrap();
    assert_eq!(one(&mut tx, "1").await.choice, Some(Choice::TakeOver));
    let chosen = AccountRecord { choice: Some(Choice::TakeOver), ..active("1") };
    account::record(&mut tx, &lease, &[chosen]).await.unwrap();
    assert_eq!(one(&mut tx, "1").await.choice, None);
    account::set_choice(&mut tx, &aws(), &user("1"), Some(Choice::Wait)).await.unwrap();
    account::set_choice(&mut tx, &aws(), &user("1"), None).await.unwrap();
    assert_eq!(one(&mut tx, "1").await.choice, None);
}

#[rstest]
#[tokio::test]
async fn what_is_brought_forward_stays_so_until_it_is_done_or_nothing_is_lost(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let leaving = AccountRecord {
        causes: Causes { suspended: Some(at(1)), ..Causes::default() },
        settled: Some("settled".to_owned()),
        wake_at: Some(at(900)),
        ..active("1")
    };
    let suspended = AccountRecord { state: RecordState::Suspended, suspended_by_us: true, ..leaving.clone() };
    let entitled = AccountRecord { causes: Causes::default(), wake_at: None, ..leaving.clone() };
    let mut tx = store.begin("tests::brought_forward").await.unwrap();
    for over in [suspended, entitled] {
        account::record(&mut tx, &lease, std::slice::from_ref(&leaving)).await.unwrap();
        assert!(account::bring_forward(&mut tx, &aws(), &user("1"), at(5)).await.unwrap());
        // The run had read the record before that was said, and records what it decided.
        account::record(&mut tx, &lease, std::slice::from_ref(&leaving)).await.unwrap();
        let record = one(&mut tx, "1").await;
        assert_eq!(record.brought_forward, Some(at(5)));
        assert_eq!((record.settled, record.wake_at), (None, Some(at(5))), "they are decided about again");

        account::record(&mut tx, &lease, std::slice::from_ref(&over)).await.unwrap();
        let record = one(&mut tx, "1").await;
        assert_eq!((record.brought_forward, record.wake_at), (None, over.wake_at));
    }
    assert!(!account::bring_forward(&mut tx, &aws(), &user("1"), at(5)).await.unwrap(), "nothing is lost");
    assert!(!account::bring_forward(&mut tx, &aws(), &user("2"), at(5)).await.unwrap(), "nobody is there");
}

use super::*;

fn on_record(state: RecordState) -> AccountRecord {
    let new = AccountRecord::new(UserId::new("1"), None);
    AccountRecord { state, remote_id: Some(RemoteId::new("r1")), ..new }
}

#[test]
fn a_write_without_an_answer_makes_the_account_unknown_whatever_was_known_before() {
    for state in RecordState::ALL {
        let missed_at = Some(Timestamp::from_micros(7));
        let intent = Intent {
            operation: Operation::Suspend { remote_id: RemoteId::new("r1") },
            reason: Reason::Joined,
            run: RunId::new("run"),
            seq: 1,
            until: Timestamp::from_micros(9),
            missed_at,
            is_released: false,
        };
        let record = AccountRecord { intent: Some(intent), ..on_record(state) };
        let doing = usher_model::operation::Doing::Suspending;
        assert_eq!(
            record.to_account(Found::NotLooked).state,
            AccountState::Unknown { doing, missed_at },
            "{state:?}"
        );
    }
}

#[test]
fn who_switched_an_account_off_is_kept_apart() {
    let by_us = AccountRecord { suspended_by_us: true, ..on_record(RecordState::Suspended) };
    let by = |record: &AccountRecord| match record.to_account(Found::Nothing).state {
        AccountState::Suspended { by, .. } => by,
        state @ (AccountState::None { .. }
        | AccountState::Unknown { .. }
        | AccountState::Active(_)
        | AccountState::Gone) => panic!("{state:?}"),
    };
    assert_eq!(by(&by_us), SuspendedBy::Us { seen: None });
    assert_eq!(by(&on_record(RecordState::Suspended)), SuspendedBy::Other);
}

#[test]
fn what_the_app_holds_counts_only_where_nothing_is_on_record() {
    assert_eq!(
        on_record(RecordState::None).to_account(Found::Nothing).state,
        AccountState::None { found: Found::Nothing }
    );
    assert_eq!(on_record(RecordState::Gone).to_account(Found::Nothing).state, AccountState::Gone);
}

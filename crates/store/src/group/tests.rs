use super::*;
use crate::sql::explain::{assert_reads_by_key, explain};

fn on_record(state: GroupRecordState) -> GroupRecord {
    let new = GroupRecord::new(GroupId::new("g1"), None);
    GroupRecord { state, remote_id: Some(RemoteId::new("r1")), ..new }
}

#[test]
fn a_write_without_an_answer_makes_the_group_unknown_whatever_was_known_before() {
    for state in GroupRecordState::ALL {
        let missed_at = Some(Timestamp::from_micros(7));
        let intent = GroupIntent { run: RunId::new("run"), until: Timestamp::from_micros(9), missed_at };
        let record = GroupRecord { intent: Some(intent), ..on_record(state) };
        assert_eq!(
            record.to_group(FoundGroup::NotLooked).state,
            GroupState::Unknown { missed_at },
            "{state:?}"
        );
        let unread = GroupRecord { is_unread: true, ..on_record(state) };
        assert_eq!(unread.to_group(FoundGroup::Nothing).state, GroupState::Unknown { missed_at: None });
    }
}

#[test]
fn what_the_app_holds_counts_only_where_nothing_is_on_record() {
    let state = |state| on_record(state).to_group(FoundGroup::Nothing).state;
    assert_eq!(state(GroupRecordState::None), GroupState::None { found: FoundGroup::Nothing });
    assert_eq!(state(GroupRecordState::Gone), GroupState::Gone);
    assert!(matches!(state(GroupRecordState::Known), GroupState::Known(_)));
}

#[test]
fn names_are_read_as_they_are_written() {
    for state in GroupRecordState::ALL {
        assert_eq!(GroupRecordState::from_name(state.as_str()), Some(state));
    }
}

#[tokio::test]
async fn a_page_of_groups_costs_a_page() {
    assert_reads_by_key(walk::WALK, Some(&walk::walk_columns())).await;
    assert_reads_by_key(remote::MATCHING, Some(remote::MATCHING_COLUMNS)).await;
    assert_reads_by_key(holder::HOLDERS_OF_NAMES, Some(holder::COLUMNS)).await;
    assert_reads_by_key(listing::UNSURE, Some(row::COLUMNS)).await;
    assert_reads_by_key(listing::DUE_AT, None).await;
    assert!(explain(listing::UNSURE, Some(row::COLUMNS)).await.contains("group_account_unsure"));
}

use super::*;
use crate::sql::explain::{assert_reads_by_key, explain};

const USER: &[Column] = &[Column::Text("user_id")];

#[tokio::test]
async fn nobody_is_looked_for_in_the_whole_app_or_the_whole_directory() {
    for sql in [joining::TO_ADD, joining::TO_ADD_EVERYONE] {
        assert_reads_by_key(sql, Some(USER)).await;
    }
    assert_reads_by_key(leaving::TO_REMOVE, Some(leaving::COLUMNS)).await;
    for sql in [joining::N_TO_ADD, joining::N_TO_ADD_EVERYONE, leaving::N_TO_REMOVE, claim::CLAIM] {
        assert_reads_by_key(sql, None).await;
    }
    assert_reads_by_key(ACCOUNTS, None).await;
    assert_reads_by_key(GROUPS_OF, Some(GROUPS_OF_COLUMNS)).await;
    assert_reads_by_key(told::NAMED, Some(told::NAMED_COLUMNS)).await;
    assert_reads_by_key(told::HAS_ANY, None).await;
}

#[tokio::test]
async fn members_are_read_in_order_and_no_further_than_the_page() {
    let pages =
        [(joining::TO_ADD, USER), (joining::TO_ADD_EVERYONE, USER), (leaving::TO_REMOVE, leaving::COLUMNS)];
    for (sql, columns) in pages {
        let steps = explain(sql, Some(columns)).await;
        assert!(!steps.contains("TEMP B-TREE"), "{steps}");
    }
}

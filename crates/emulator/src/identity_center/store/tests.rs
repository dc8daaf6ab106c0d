use serde_json::{Map, Value};

use super::*;

fn user(key: Key) -> Change {
    let attributes = Map::from_iter([("userName".to_owned(), Value::from(format!("u{key}")))]);
    let at = usher_model::time::Timestamp::default();
    let id = format!("user-{key}");
    Change::User(Arc::new(User { key, id, created_at: at, modified_at: at, attributes }))
}

fn group(key: Key) -> Change {
    let at = usher_model::time::Timestamp::default();
    Change::Group(Arc::new(Group {
        key,
        id: format!("group-{key}"),
        created_at: at,
        modified_at: at,
        display_name: format!("g{key}"),
        external_id: None,
        description: None,
    }))
}

fn store() -> IdentityStore {
    let mut store = IdentityStore::new(true);
    for change in [user(1), user(2), group(3), group(4)] {
        store.apply(change);
    }
    for group in [3, 4] {
        store.apply(Change::Members { group, added: vec![1, 2], removed: Vec::new() });
    }
    store
}

#[test]
fn no_membership_outlives_its_user_or_its_group() {
    let mut store = store();
    store.apply(Change::UserGone { key: 1 });
    store.apply(Change::GroupGone { key: 4 });
    let rest: Vec<Change> = store.as_changes().collect();
    let members = Change::Members { group: 3, added: vec![2], removed: Vec::new() };
    assert_eq!(rest, [user(2), group(3), members]);
    assert!(!store.is_member(3, 1) && !store.is_member(4, 2));
    assert_eq!(store.groups_of_after(2, 0).map(|group| group.key).collect::<Vec<_>>(), [3]);
}

#[test]
fn what_a_store_is_made_of_makes_it_anew() {
    let store = store();
    let again = store.reindexed(false);
    assert!(again.as_changes().eq(store.as_changes()));
    assert_eq!(
        (again.next_key(), again.user_named("U1").is_some(), store.user_named("U1").is_some()),
        (5, false, true)
    );
}

//! What an app listed of its groups.

use rstest::rstest;
use usher_model::group::adoption::{GroupHolder, RemoteGroup};
use usher_model::id::RemoteId;
use usher_store::group::{self as store_group, GroupRecord, GroupRecordState, remote};

use super::*;
use crate::apps::other;

fn listed(id: &str, external_id: Option<&str>, display_name: &str) -> RemoteGroup {
    RemoteGroup {
        remote_id: RemoteId::new(id),
        external_id: external_id.map(str::to_owned),
        display_name: display_name.to_owned(),
        holder: None,
    }
}

#[rstest]
#[tokio::test]
async fn what_could_be_a_groups_own_is_found_by_id_and_by_folded_name(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remote").await.unwrap();
    have_groups(&mut tx, &["g8", "g9"]).await;
    let holding =
        |id: &str, remote: &str| GroupRecord { remote_id: Some(RemoteId::new(remote)), ..known(id) };
    let gone = GroupRecord { state: GroupRecordState::Gone, ..holding("g7", "r1") };
    let records = [gone, holding("g9", "r2"), holding("g6", "r3"), holding("g8", "r3")];
    store_group::record(&mut tx, &lease, &records).await.unwrap();
    let by_id = listed("r1", Some("g1"), "Old name");
    let by_name = listed("r2", None, "ÄDMINS");
    let both = listed("r3", Some("g3"), "Three");
    let nobodys = listed("r4", Some("foreign"), "Foreign \0");
    let all = [by_id.clone(), by_name.clone(), both.clone(), nobodys];
    remote::insert(&mut tx, &lease, &all).await.unwrap();
    assert_eq!(remote::count(&mut tx, &aws()).await.unwrap(), 4);
    let wanted = [
        (group("g1"), "ädmins".to_owned()),
        (group("g3"), "three".to_owned()),
        (group("g4"), "four".to_owned()),
    ];
    let found = remote::matching(&mut tx, &d1(), &aws(), &wanted, at(9)).await.unwrap();
    let holder = |id: &str, is_there| {
        Some(GroupHolder { group: group(id), email: Some(address(id)), is_there, is_pinned: false })
    };
    let expected = [
        (group("g1"), vec![by_id, RemoteGroup { holder: holder("g9", true), ..by_name }]),
        (group("g3"), vec![RemoteGroup { holder: holder("g6", false), ..both }]),
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    assert!(remote::matching(&mut tx, &d1(), &other(), &wanted, at(9)).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_group_on_nobodys_record_is_held_by_the_other_group_of_the_directory_that_it_says_it_is(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remote").await.unwrap();
    have_groups(&mut tx, &["g1", "g2"]).await;
    let (its, own) = (listed("r1", Some("g2"), "Ops"), listed("r2", Some("g1"), "Ops"));
    let nobodys = listed("r3", Some("elsewhere"), "Ops");
    remote::insert(&mut tx, &lease, &[its.clone(), own.clone(), nobodys.clone()]).await.unwrap();
    let wanted = [(group("g1"), "ops".to_owned())];
    let found = remote::matching(&mut tx, &d1(), &aws(), &wanted, at(9)).await.unwrap();
    let holder =
        GroupHolder { group: group("g2"), email: Some(address("g2")), is_there: true, is_pinned: false };
    let its = RemoteGroup { holder: Some(holder), ..its };
    assert_eq!(found[&group("g1")], [its, own, nobodys]);
}

#[rstest]
#[tokio::test]
async fn a_listing_that_shows_a_group_twice_keeps_what_it_said_last(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remote").await.unwrap();
    let (old, new) = (listed("r1", None, "Old"), listed("r1", Some("x"), "New"));
    remote::insert(&mut tx, &lease, &[old.clone(), listed("r2", None, "B"), new.clone()]).await.unwrap();
    remote::insert(&mut tx, &lease, std::slice::from_ref(&old)).await.unwrap();
    remote::insert(&mut tx, &lease, std::slice::from_ref(&new)).await.unwrap();
    assert_eq!(remote::count(&mut tx, &aws()).await.unwrap(), 2);
    let wanted = [(group("g7"), "old".to_owned()), (group("g8"), "new".to_owned())];
    let found = remote::matching(&mut tx, &d1(), &aws(), &wanted, at(9)).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(group("g8"), vec![new])]);
    remote::clear(&mut tx, &lease).await.unwrap();
    assert_eq!(remote::count(&mut tx, &aws()).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn groups_on_nobodys_record_are_counted_and_the_first_are_named(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remote").await.unwrap();
    store_group::record(&mut tx, &lease, &[known("g1")]).await.unwrap();
    let all = [listed("r-g1", Some("g1"), "The g1"), listed("r2", None, "b"), listed("r3", None, "A")];
    remote::insert(&mut tx, &lease, &all).await.unwrap();
    assert_eq!(remote::unheld(&mut tx, &aws(), 1).await.unwrap(), (2, vec!["A".to_owned()]));
    assert_eq!(remote::unheld(&mut tx, &other(), 1).await.unwrap(), (0, Vec::new()));
}

#[rstest]
#[tokio::test]
async fn thousands_are_listed_and_matched_at_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let all: Vec<_> = (0..5_001).map(|n| listed(&format!("r{n}"), None, &format!("Name {n}"))).collect();
    let wanted: Vec<_> = (0..5_001).map(|n| (group(&n.to_string()), format!("name {n}"))).collect();
    let mut tx = store.begin("tests::remote").await.unwrap();
    remote::insert(&mut tx, &lease, &all).await.unwrap();
    let found = remote::matching(&mut tx, &d1(), &aws(), &wanted, at(9)).await.unwrap();
    assert_eq!(found.len(), 5_001);
    assert!(found.values().all(|groups| groups.len() == 1));
}

//! Walking the directory's groups and those on record.

use rstest::rstest;
use usher_model::directory::Group;
use usher_model::group::adoption::GroupHolder;
use usher_store::directory::stage::{self, Mention};
use usher_store::group::{self as store_group, GroupRecord, GroupRecordState, Walked};

use super::*;
use crate::apps::other;

fn of_directory(id: &str) -> Group {
    Group { id: group(id), email: address(id), name: format!("The {id}") }
}

async fn walk(tx: &mut Tx, at_most: usize) -> Vec<Walked> {
    let mut met: Vec<Walked> = Vec::new();
    loop {
        let after = met.last().map(|last| last.id.clone());
        let page = store_group::walk(tx, &d1(), &aws(), after.as_ref(), at_most).await.unwrap();
        if page.is_empty() {
            return met;
        }
        met.extend(page);
    }
}

#[rstest]
#[tokio::test]
async fn every_group_is_met_once_whether_the_directory_has_it_or_the_record(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::walk").await.unwrap();
    assert!(walk(&mut tx, 2).await.is_empty());
    have_groups(&mut tx, &["b-both", "c-new", "e-missing"]).await;
    let of_old = GroupRecord { email: Some(address("old")), ..known("b-both") };
    let records = [known("a-gone"), of_old.clone(), known("d-gone"), known("f-gone")];
    store_group::record(&mut tx, &lease, &records).await.unwrap();
    stage::mention(&mut tx, &d1(), Mention::Group, ["b-both", "c-new"]).await.unwrap();
    stage::miss_groups(&mut tx, &d1(), at(0), 9).await.unwrap();
    let gone = |id: &str| Walked { id: group(id), group: None, is_missing: false, record: Some(known(id)) };
    let there =
        |id: &str, record: Option<GroupRecord>| Walked { group: Some(of_directory(id)), record, ..gone(id) };
    let expected = [
        gone("a-gone"),
        there("b-both", Some(of_old)),
        there("c-new", None),
        gone("d-gone"),
        Walked { is_missing: true, ..there("e-missing", None) },
        gone("f-gone"),
    ];
    for at_most in [1, 2, 3, 100] {
        assert_eq!(walk(&mut tx, at_most).await, expected, "{at_most}");
    }
    let of_other = store_group::walk(&mut tx, &d1(), &other(), None, 100).await.unwrap();
    assert_eq!(
        of_other.iter().map(|walked| walked.id.as_str()).collect::<Vec<_>>(),
        ["b-both", "c-new", "e-missing"]
    );
}

#[rstest]
#[tokio::test]
async fn a_name_is_held_by_the_groups_that_have_it_at_the_app(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::names").await.unwrap();
    have_groups(&mut tx, &["g1"]).await;
    let named = |id: &str, name: &str| GroupRecord { display_name: Some(name.to_owned()), ..known(id) };
    let gone = GroupRecord { state: GroupRecordState::Gone, ..named("g4", "admins") };
    let records = [named("g2", "admins"), named("g1", "admins"), named("g3", "ünïcode"), gone, known("g5")];
    store_group::record(&mut tx, &lease, &records).await.unwrap();
    let wanted = ["ünïcode", "admins", "nobody's"].map(str::to_owned);
    let holders = store_group::holders_of_names(&mut tx, &d1(), &aws(), &wanted, at(9)).await.unwrap();
    let holder = |id: &str, is_there| GroupHolder {
        group: group(id),
        email: Some(address(id)),
        is_there,
        is_pinned: false,
    };
    let expected = [
        ("admins".to_owned(), vec![holder("g1", true), holder("g2", false)]),
        ("ünïcode".to_owned(), vec![holder("g3", false)]),
    ];
    assert_eq!(holders.into_iter().collect::<Vec<_>>(), expected);
    assert!(
        store_group::holders_of_names(&mut tx, &d1(), &other(), &wanted, at(9)).await.unwrap().is_empty()
    );
}

//! What an app listed.

use rstest::rstest;
use usher_model::adoption::{Holder, RemoteAccount};
use usher_model::id::RemoteId;
use usher_store::account::{self, AccountRecord, RecordState};
use usher_store::remote;

use crate::apps::{
    active, address, at, attributes, aws, intent, lease, other, store_with_apps, suspend, user,
};
use crate::db::Db;

fn listed(id: &str, external_id: Option<&str>, user_name: &str) -> RemoteAccount {
    RemoteAccount {
        remote_id: RemoteId::new(id),
        external_id: external_id.map(str::to_owned),
        user_name: user_name.to_owned(),
        active: true,
        attributes: attributes(&[("userName", user_name)]),
        holder: None,
    }
}

#[rstest]
#[tokio::test]
async fn what_could_be_somebodys_own_is_found_by_id_and_by_folded_name(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::remote").await.unwrap();
    let gone =
        AccountRecord { state: RecordState::Gone, remote_id: Some(RemoteId::new("r1")), ..active("8") };
    let holding = AccountRecord { remote_id: Some(RemoteId::new("r2")), ..active("9") };
    account::record(&mut tx, &lease, &[gone, holding]).await.unwrap();
    let by_id = RemoteAccount { active: false, ..listed("r1", Some("1"), "old@example.com") };
    let by_name = listed("r2", None, "ÄDA@Example.com");
    let both = listed("r3", Some("3"), "3@example.com");
    let nobodys = listed("r4", Some("foreign"), "foreign@example.com");
    remote::insert(&mut tx, &lease, &[by_id.clone(), by_name.clone(), both.clone(), nobodys]).await.unwrap();
    assert_eq!(remote::count(&mut tx, &aws()).await.unwrap(), 4);
    let wanted = [
        (user("1"), "äda@example.com".to_owned()),
        (user("3"), "3@example.com".to_owned()),
        (user("4"), "4@example.com".to_owned()),
    ];
    let found = remote::matching(&mut tx, &aws(), &wanted).await.unwrap();
    let holder = Some(Holder { user: user("9"), email: Some(address("9")) });
    let expected = [(user("1"), vec![by_id, RemoteAccount { holder, ..by_name }]), (user("3"), vec![both])];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    assert!(remote::matching(&mut tx, &other(), &wanted).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_listing_that_shows_an_account_twice_keeps_what_it_said_last(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::remote").await.unwrap();
    let (old, new) = (listed("r1", None, "old@example.com"), listed("r1", Some("1"), "new@example.com"));
    remote::insert(&mut tx, &lease, &[old.clone(), listed("r2", None, "2@example.com"), new.clone()])
        .await
        .unwrap();
    remote::insert(&mut tx, &lease, std::slice::from_ref(&old)).await.unwrap();
    remote::insert(&mut tx, &lease, std::slice::from_ref(&new)).await.unwrap();
    assert_eq!(remote::count(&mut tx, &aws()).await.unwrap(), 2);
    let wanted = [(user("7"), "old@example.com".to_owned()), (user("8"), "new@example.com".to_owned())];
    let found = remote::matching(&mut tx, &aws(), &wanted).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(user("8"), vec![new])]);
    remote::clear(&mut tx, &lease).await.unwrap();
    assert_eq!(remote::count(&mut tx, &aws()).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn a_name_that_no_database_can_hold_keeps_nobody_from_being_listed(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::remote").await.unwrap();
    let strange = listed("r1", Some("1"), "a\0da@example.com");
    remote::insert(&mut tx, &lease, std::slice::from_ref(&strange)).await.unwrap();
    let found =
        remote::matching(&mut tx, &aws(), &[(user("1"), "ada@example.com".to_owned())]).await.unwrap();
    let expected = RemoteAccount { user_name: "a\u{FFFD}da@example.com".to_owned(), ..strange };
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(user("1"), vec![expected])]);
}

#[rstest]
#[tokio::test]
async fn thousands_are_listed_and_matched_at_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let name = |n: i32| format!("{n}@example.com");
    let accounts: Vec<_> = (0..5_001).map(|n| listed(&format!("r{n}"), None, &name(n))).collect();
    let wanted: Vec<_> = (0..5_001).map(|n| (user(&n.to_string()), name(n))).collect();
    let mut tx = store.begin("tests::remote").await.unwrap();
    remote::insert(&mut tx, &lease, &accounts).await.unwrap();
    let found = remote::matching(&mut tx, &aws(), &wanted).await.unwrap();
    assert_eq!(found.len(), 5_001);
    assert!(found.values().all(|accounts| accounts.len() == 1));
}

/// Everybody whose account the listing shows otherwise, whatever the size of a page.
async fn differing(tx: &mut usher_store::Tx, at_most: usize) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = account::differing(tx, &aws(), after.as_ref(), at_most).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(last.clone());
        all.extend(page.iter().map(ToString::to_string));
    }
}

#[rstest]
#[tokio::test]
async fn accounts_that_the_listing_shows_otherwise_are_found_and_no_others(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let same = |id: &str| AccountRecord {
        returned: attributes(&[("userName", address(id).as_str())]),
        ..active(id)
    };
    let off = |id: &str| AccountRecord { state: RecordState::Suspended, ..same(id) };
    let records = [
        same("1-same"),
        AccountRecord { returned: attributes(&[("userName", "else")]), ..same("2-changed") },
        AccountRecord { user_name: Some("else@example.com".into()), ..same("3-renamed") },
        off("4-on"),
        same("5-missing"),
        AccountRecord { state: RecordState::Gone, ..same("6-gone") },
        AccountRecord { state: RecordState::Gone, ..same("7-back") },
        AccountRecord { intent: Some(intent(suspend("8"), 1, at(9))), ..off("8-under-way") },
        AccountRecord { drifted: Some(attributes(&[("title", "x")])), ..same("9-drifted") },
        AccountRecord { suspended_by_us: true, ..off("a-not-seen-off") },
        off("b-off"),
        AccountRecord::new(user("c-none"), None),
    ];
    let mut tx = store.begin("tests::remote").await.unwrap();
    account::record(&mut tx, &lease, &records).await.unwrap();
    let missing = ["5-missing", "6-gone", "c-none"];
    let listed: Vec<_> = records
        .iter()
        .filter(|record| !missing.contains(&record.user.as_str()))
        .map(|record| {
            let id = record.user.as_str();
            let active = !matches!(id, "a-not-seen-off" | "b-off");
            RemoteAccount { active, ..listed(&format!("r-{id}"), None, address(id).as_str()) }
        })
        .chain([listed("r-nobody", None, "Nobody@example.com"), listed("r-nil", None, "nil@example.com")])
        .collect();
    remote::insert(&mut tx, &lease, &listed).await.unwrap();
    let expected = ["2-changed", "3-renamed", "4-on", "5-missing", "7-back", "9-drifted", "a-not-seen-off"];
    assert_eq!(differing(&mut tx, 3).await, expected);
    assert_eq!(differing(&mut tx, 100).await, expected);
    assert_eq!(account::comparable(&mut tx, &aws()).await.unwrap(), 8);
    assert_eq!(account::comparable(&mut tx, &other()).await.unwrap(), 0);
    let (n, names) = account::unheld(&mut tx, &aws(), 1).await.unwrap();
    assert_eq!((n, names), (2, vec!["nil@example.com".to_owned()]));
    let ids = [RemoteId::new("r-nil"), RemoteId::new("r-5-missing")];
    let shown = remote::listed(&mut tx, &aws(), &ids).await.unwrap();
    assert_eq!(shown.into_keys().collect::<Vec<_>>(), [RemoteId::new("r-nil")]);
}

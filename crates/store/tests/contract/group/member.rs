//! Who is in a group at an app.

use rstest::rstest;
use usher_model::id::RemoteId;
use usher_store::account::{self, AccountRecord, RecordState};
use usher_store::group::member::{self, MemberStanding, ReadOver, Unseen};
use usher_store::group::{self as store_group};

use super::*;
use crate::apps::{active, other};

use MemberStanding::{Foreign, Missing, Ours};

async fn set(tx: &mut Tx, lease: &Lease, id: &str, members: &[&str], standing: MemberStanding) {
    member::set(tx, lease, &group(id), &remotes(members), standing).await.unwrap();
}

async fn all(tx: &mut Tx, id: &str) -> Vec<(String, MemberStanding)> {
    let list = member::list(tx, &aws(), &group(id), None, 100).await.unwrap();
    list.into_iter().map(|(member, standing)| (member.to_string(), standing)).collect()
}

fn as_listed(members: &[(&str, MemberStanding)]) -> Vec<(String, MemberStanding)> {
    members.iter().map(|(member, standing)| ((*member).to_owned(), *standing)).collect()
}

#[test]
fn names_are_read_as_they_are_written() {
    for standing in MemberStanding::ALL {
        assert_eq!(MemberStanding::from_name(standing.as_str()), Some(standing));
    }
}

#[rstest]
#[tokio::test]
async fn members_come_and_go_and_are_listed_page_by_page(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::member").await.unwrap();
    set(&mut tx, &lease, "g1", &["r-1", "r-2", "r-1", "r-3"], Ours).await;
    set(&mut tx, &lease, "g1", &["r-3", "r-4"], Foreign).await;
    set(&mut tx, &lease, "g1", &["r-5"], Missing).await;
    set(&mut tx, &lease, "g2", &["r-1"], Ours).await;
    assert_eq!(member::count(&mut tx, &aws(), &group("g1")).await.unwrap(), 4);
    let first = member::list(&mut tx, &aws(), &group("g1"), None, 2).await.unwrap();
    assert_eq!(first, [(RemoteId::new("r-1"), Ours), (RemoteId::new("r-2"), Ours)]);
    let after = Some(RemoteId::new("r-2"));
    let rest = member::list(&mut tx, &aws(), &group("g1"), after.as_ref(), 9).await.unwrap();
    let expected = [("r-3", Foreign), ("r-4", Foreign), ("r-5", Missing)];
    assert_eq!(rest, expected.map(|(id, standing)| (RemoteId::new(id), standing)));
    member::remove(&mut tx, &lease, &group("g1"), &remotes(&["r-1", "r-5", "r-9"])).await.unwrap();
    let left = [("r-2", Ours), ("r-3", Foreign), ("r-4", Foreign)];
    assert_eq!(all(&mut tx, "g1").await, as_listed(&left));
    assert_eq!(all(&mut tx, "g2").await, as_listed(&[("r-1", Ours)]));
    assert_eq!(member::count(&mut tx, &other(), &group("g1")).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn a_read_that_shows_less_than_ours_finds_them_missing(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::read").await.unwrap();
    let g1 = group("g1");
    set(&mut tx, &lease, "g1", &["r-1", "r-2"], Ours).await;
    set(&mut tx, &lease, "g1", &["r-3", "r-4"], Foreign).await;
    set(&mut tx, &lease, "g1", &["r-5", "r-6"], Missing).await;
    set(&mut tx, &lease, "g2", &["r-2"], Ours).await;
    member::see(&mut tx, &lease, &g1, &remotes(&["r-1", "r-3", "r-1"]), 7).await.unwrap();
    member::see(&mut tx, &lease, &g1, &remotes(&["r-5", "r-7"]), 7).await.unwrap();
    let over = member::end_read(&mut tx, &lease, &g1, 7, Unseen::Missing).await.unwrap();
    assert_eq!(over, ReadOver { members: 4, foreign: 2, missing: 1, absent: 2 });
    let expected = [
        ("r-1", Ours),
        ("r-2", Missing),
        ("r-3", Foreign),
        ("r-5", Ours),
        ("r-6", Missing),
        ("r-7", Foreign),
    ];
    assert_eq!(all(&mut tx, "g1").await, as_listed(&expected));
    assert_eq!(all(&mut tx, "g2").await, as_listed(&[("r-2", Ours)]), "another group's are not read");

    member::see(&mut tx, &lease, &g1, &remotes(&["r-1", "r-3"]), 8).await.unwrap();
    let over = member::end_read(&mut tx, &lease, &g1, 8, Unseen::Forgotten).await.unwrap();
    assert_eq!(over, ReadOver { members: 2, foreign: 1, missing: 1, absent: 2 });
    let expected = [("r-1", Ours), ("r-2", Missing), ("r-3", Foreign), ("r-6", Missing)];
    assert_eq!(all(&mut tx, "g1").await, as_listed(&expected), "who was missing before is so still");

    member::clear(&mut tx, &lease, &g1).await.unwrap();
    assert!(all(&mut tx, "g1").await.is_empty());
    assert_eq!(all(&mut tx, "g2").await, as_listed(&[("r-2", Ours)]));
}

#[rstest]
#[tokio::test]
async fn whom_an_undo_put_back_is_kept_until_an_admin_lets_them_go_or_a_read_does_not_show_them(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::kept").await.unwrap();
    set(&mut tx, &lease, "g1", &["r-1", "r-2", "r-3"], MemberStanding::Kept).await;
    let standings =
        member::standings_of(&mut tx, &lease.app, &group("g1"), &remotes(&["r-1", "r-9"])).await.unwrap();
    assert_eq!(standings, [(RemoteId::new("r-1"), MemberStanding::Kept)].into());
    member::see(&mut tx, &lease, &group("g1"), &remotes(&["r-1", "r-2"]), 3).await.unwrap();
    let over = member::end_read(&mut tx, &lease, &group("g1"), 3, Unseen::Missing).await.unwrap();
    assert_eq!(over, ReadOver { members: 2, foreign: 0, missing: 0, absent: 0 });
    let expected = [("r-1", MemberStanding::Kept), ("r-2", MemberStanding::Kept)];
    assert_eq!(all(&mut tx, "g1").await, as_listed(&expected));
}

#[rstest]
#[tokio::test]
async fn who_was_put_back_is_listed_by_person_or_account_and_let_go_as_what_they_were(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::kept_list").await.unwrap();
    account::record(&mut tx, &lease, &[active("1")]).await.unwrap();
    store_group::record(&mut tx, &lease, &[known("g1")]).await.unwrap();
    set(&mut tx, &lease, "g1", &["r-1", "r-9"], MemberStanding::Kept).await;
    let kept = member::kept_list(&mut tx, &aws(), 9).await.unwrap();
    let listed: Vec<_> = kept.iter().map(|kept| (kept.account.as_str(), kept.user.clone())).collect();
    assert_eq!(listed, [("r-9", None), ("r-1", Some(user("1")))]);
    assert!(kept.iter().all(|kept| kept.group_email == Some(address("g1"))));
    assert_eq!(
        member::let_go_account(&mut tx, &aws(), &RemoteId::new("r-1")).await.unwrap(),
        0,
        "it is somebody's"
    );
    assert_eq!(member::let_go_account(&mut tx, &aws(), &RemoteId::new("r-9")).await.unwrap(), 1);
    assert_eq!(member::let_go(&mut tx, &aws(), &user("1")).await.unwrap(), 1);
    assert_eq!(all(&mut tx, "g1").await, as_listed(&[("r-1", Ours), ("r-9", Foreign)]));
    assert!(member::kept_list(&mut tx, &aws(), 9).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn thousands_are_seen_and_set_at_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::read").await.unwrap();
    let members: Vec<_> = (0..5_001).map(|n| RemoteId::new(format!("r-{n:05}"))).collect();
    member::set(&mut tx, &lease, &group("g1"), &members, Ours).await.unwrap();
    member::see(&mut tx, &lease, &group("g1"), &members[..5_000], 1).await.unwrap();
    let over = member::end_read(&mut tx, &lease, &group("g1"), 1, Unseen::Missing).await.unwrap();
    assert_eq!(over, ReadOver { members: 5_000, foreign: 0, missing: 1, absent: 1 });
    member::remove(&mut tx, &lease, &group("g1"), &members).await.unwrap();
    assert!(all(&mut tx, "g1").await.is_empty());
}

#[rstest]
#[tokio::test]
async fn whose_account_is_gone_is_in_no_group(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::gone").await.unwrap();
    let records = [
        active("1"),
        AccountRecord { state: RecordState::Suspended, ..active("2") },
        AccountRecord { state: RecordState::Gone, ..active("3") },
    ];
    account::record(&mut tx, &lease, &records).await.unwrap();
    set(&mut tx, &lease, "g1", &["r-1", "r-2", "r-3", "r-4"], Ours).await;
    set(&mut tx, &lease, "g2", &["r-3"], Missing).await;
    set(&mut tx, &lease, "g2", &["r-4"], Foreign).await;
    set(&mut tx, &lease, "g3", &["r-1", "r-3", "r-4"], MemberStanding::Kept).await;
    assert_eq!(member::forget_without_account(&mut tx, &lease).await.unwrap(), 4);
    let kept = as_listed(&[("r-1", MemberStanding::Kept), ("r-4", MemberStanding::Kept)]);
    assert_eq!(all(&mut tx, "g3").await, kept, "an undo may have put back whom we never knew");
    assert_eq!(all(&mut tx, "g1").await, as_listed(&[("r-1", Ours), ("r-2", Ours)]));
    assert_eq!(all(&mut tx, "g2").await, as_listed(&[("r-4", Foreign)]), "whose it is we never knew");
    let accounts = member::accounts(&mut tx, &aws(), &["3", "2", "1", "9"].map(user)).await.unwrap();
    let expected = [("1", "r-1"), ("2", "r-2")].map(|(id, remote)| (user(id), RemoteId::new(remote)));
    assert_eq!(accounts.into_iter().collect::<Vec<_>>(), expected);
    assert!(member::accounts(&mut tx, &other(), &[user("1")]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn the_groups_of_an_account_are_those_it_is_in_or_was(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::groups_of").await.unwrap();
    store_group::record(&mut tx, &lease, &[known("g1"), known("g2")]).await.unwrap();
    set(&mut tx, &lease, "g2", &["r-1"], Ours).await;
    set(&mut tx, &lease, "g1", &["r-1", "r-2"], Foreign).await;
    set(&mut tx, &lease, "g3", &["r-1"], Missing).await;
    let groups = member::groups_of(&mut tx, &aws(), &RemoteId::new("r-1")).await.unwrap();
    let expected = [
        (group("g1"), Some(address("g1")), Foreign),
        (group("g2"), Some(address("g2")), Ours),
        (group("g3"), None, Missing),
    ];
    assert_eq!(groups, expected);
    assert!(member::groups_of(&mut tx, &other(), &RemoteId::new("r-1")).await.unwrap().is_empty());
}

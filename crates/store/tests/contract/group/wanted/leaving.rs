//! Who is to leave a group at an app: whoever left it in the directory, and nobody of whom that is not known.

use super::*;

/// A wish by which members go that Usher did not add.
fn with_foreign(facts: &Facts) -> Wanted<'_> {
    Wanted { remove_foreign: true, ..facts.wanted() }
}

#[rstest]
#[tokio::test]
async fn members_who_left_the_group_in_the_directory_leave_it_at_the_app(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remove").await.unwrap();
    let ids = ["1", "2", "3", "4", "5", "6"];
    have_people(&mut tx, &ids, UserState::Active).await;
    have_members(&mut tx, "g1", MemberKind::User, &["1"]).await;
    have_members(&mut tx, "g2", MemberKind::User, &["2"]).await;
    // A group that has somebody's id is not that person.
    have_members(&mut tx, "g1", MemberKind::Group, &["3", "g2"]).await;
    have_accounts(&mut tx, &lease, &ids.map(active)).await;
    set(&mut tx, &lease, &["r-1", "r-2", "r-3", "r-4"], Ours).await;
    set(&mut tx, &lease, &["r-5"], Foreign).await;
    set(&mut tx, &lease, &["r-6"], Missing).await;
    let facts = Facts::of(&["g1", "g2"]);
    assert_eq!(removes(&mut tx, facts.wanted()).await, ["r-3", "r-4"]);
    assert_eq!(removes(&mut tx, Facts::of(&["g1"]).wanted()).await, ["r-2", "r-3", "r-4"]);
    let strict = with_foreign(&facts);
    assert_eq!(removes(&mut tx, strict).await, ["r-3", "r-4", "r-5"]);
    let pinned = Facts { pinned: vec![user("3")], ..Facts::of(&["g1", "g2"]) };
    assert_eq!(removes(&mut tx, pinned.wanted()).await, ["r-4"]);
    let only = |id: &str| Facts { only: Some(user(id)), ..Facts::of(&["g1", "g2"]) };
    assert_eq!(removes(&mut tx, only("4").wanted()).await, ["r-4"]);
    assert!(removes(&mut tx, only("1").wanted()).await.is_empty());
    assert!(removes(&mut tx, only("9").wanted()).await.is_empty(), "who has no account");
    let leavers = member::to_remove(&mut tx, &facts.wanted(), None, 1).await.unwrap();
    assert_eq!(leavers, [Leaver { account: RemoteId::new("r-3"), user: Some(user("3")) }]);
    let elsewhere = Facts { app: other(), ..Facts::of(&[]) };
    assert!(removes(&mut tx, elsewhere.wanted()).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn a_member_whose_account_is_on_no_record_goes_only_where_foreign_ones_do(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remove").await.unwrap();
    let gone = AccountRecord { state: RecordState::Gone, ..active("2") };
    have_accounts(&mut tx, &lease, &[gone]).await;
    set(&mut tx, &lease, &["r-1", "r-2"], Ours).await;
    set(&mut tx, &lease, &["r-3"], Foreign).await;
    let facts = Facts::of(&["g1"]);
    assert!(removes(&mut tx, facts.wanted()).await.is_empty());
    let strict = with_foreign(&facts);
    assert_eq!(removes(&mut tx, strict).await, ["r-1", "r-2", "r-3"]);
    assert_eq!(removes(&mut tx, Wanted { is_everyone: true, ..strict }).await, ["r-1", "r-2", "r-3"]);
    let leavers = member::to_remove(&mut tx, &strict, None, 1).await.unwrap();
    assert_eq!(leavers, [Leaver { account: RemoteId::new("r-1"), user: None }]);
}

#[rstest]
#[tokio::test]
async fn whose_account_is_off_leaves_only_where_such_ones_do(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remove").await.unwrap();
    have_people(&mut tx, &["1", "2"], UserState::Active).await;
    have_members(&mut tx, "g1", MemberKind::User, &["1", "2"]).await;
    have_accounts(&mut tx, &lease, &[active("1"), off("2")]).await;
    set(&mut tx, &lease, &["r-1", "r-2"], Ours).await;
    let facts = Facts { pinned: Vec::new(), ..Facts::of(&["g1"]) };
    assert!(removes(&mut tx, facts.wanted()).await.is_empty());
    let leaving = Wanted { leave_suspended: true, ..facts.wanted() };
    assert_eq!(removes(&mut tx, leaving).await, ["r-2"]);
    assert!(adds(&mut tx, leaving).await.is_empty());
    let pinned = Facts { pinned: vec![user("2")], ..Facts::of(&["g1"]) };
    assert!(removes(&mut tx, Wanted { leave_suspended: true, ..pinned.wanted() }).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn of_whom_nobody_knows_whether_they_left_stay_until_their_account_is_off(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remove").await.unwrap();
    have_people(&mut tx, &["1", "2"], DELETED).await;
    have_people(&mut tx, &["3", "4"], UserState::Unlisted).await;
    have_people(&mut tx, &["6"], UserState::Archived { since: None }).await;
    let records = [active("1"), off("2"), active("3"), off("4"), active("5"), active("6")];
    have_accounts(&mut tx, &lease, &records).await;
    set(&mut tx, &lease, &["r-1", "r-3", "r-5", "r-6"], Ours).await;
    set(&mut tx, &lease, &["r-2", "r-4"], Foreign).await;
    let facts = Facts::of(&["g1"]);
    let strict = with_foreign(&facts);
    assert_eq!(removes(&mut tx, strict).await, ["r-6"], "the archived are known to have left");
    let leaving = Wanted { leave_suspended: true, ..strict };
    assert_eq!(removes(&mut tx, leaving).await, ["r-2", "r-4", "r-6"]);
}

#[rstest]
#[tokio::test]
async fn a_member_that_two_records_claim_stays_if_one_of_them_keeps_it(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::remove").await.unwrap();
    have_people(&mut tx, &["1", "2"], UserState::Active).await;
    have_members(&mut tx, "g2", MemberKind::User, &["2"]).await;
    let claims = AccountRecord { remote_id: Some(RemoteId::new("r-1")), ..active("2") };
    have_accounts(&mut tx, &lease, &[active("1"), claims]).await;
    set(&mut tx, &lease, &["r-1"], Ours).await;
    assert!(removes(&mut tx, Facts::of(&["g1", "g2"]).wanted()).await.is_empty());
    assert_eq!(removes(&mut tx, Facts::of(&["g1"]).wanted()).await, ["r-1"]);
}

#[rstest]
#[tokio::test]
async fn an_account_that_could_be_that_of_somebody_who_is_pinned_is_never_taken_out(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::protected").await.unwrap();
    set(&mut tx, &lease, &["r-1", "r-2", "r-9"], Foreign).await;
    let listed = |id: &str| RemoteAccount {
        remote_id: RemoteId::new(format!("r-{id}")),
        external_id: None,
        user_name: format!("{id}@example.com"),
        active: true,
        attributes: attributes(&[]),
        holder: None,
    };
    usher_store::remote::insert(&mut tx, &lease, &[listed("1"), listed("2")]).await.unwrap();
    let facts = Facts::of(&["g1"]);
    assert_eq!(removes(&mut tx, with_foreign(&facts)).await, ["r-1", "r-2", "r-9"]);
    let facts = Facts { protected: vec![RemoteId::new("r-1")], ..facts };
    assert_eq!(removes(&mut tx, with_foreign(&facts)).await, ["r-2", "r-9"]);
    let facts = Facts { is_any_unknown: true, ..facts };
    assert_eq!(removes(&mut tx, with_foreign(&facts)).await, ["r-2"], "whose account r-9 is, nobody knows");
    assert!(member::has_any(&mut tx, &aws(), &group("g1"), &facts.protected).await.unwrap());
    assert!(member::has_unknown(&mut tx, &aws(), &group("g1")).await.unwrap());
    member::remove(&mut tx, &lease, &group("g1"), &[RemoteId::new("r-9")]).await.unwrap();
    assert!(!member::has_unknown(&mut tx, &aws(), &group("g1")).await.unwrap());
}

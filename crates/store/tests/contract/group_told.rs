//! Groups at an app as people ask after them, and what was said of their holds.

use std::collections::BTreeMap;

use rstest::rstest;
use usher_model::adoption::RemoteAccount;
use usher_model::group::operation::GroupOperation;
use usher_model::group::reason::GroupReason;
use usher_model::guard::Tripped;
use usher_model::hold::HoldState;
use usher_model::id::{GroupId, HoldId, RemoteId, RunId};
use usher_store::account::AccountRecord;
use usher_store::group::member::{self, MemberStanding, NamedMember};
use usher_store::group::plan::{self, GroupRow};
use usher_store::group::{self, GroupRecord};
use usher_store::plan::PlanState;
use usher_store::{Tx, account, hold, remote};

use crate::apps::{active, address, at, attributes, aws, lease, other, store_with_apps, user};
use crate::db::Db;

use MemberStanding::{Foreign, Missing, Ours};

fn id(text: &str) -> GroupId {
    GroupId::new(text)
}

fn remotes(ids: &[&str]) -> Vec<RemoteId> {
    ids.iter().map(|id| RemoteId::new(*id)).collect()
}

#[rstest]
#[tokio::test]
async fn a_group_is_found_by_the_address_that_it_had(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::group_told").await.unwrap();
    let records = [("g1", "ops"), ("g2", "all"), ("g3", "ops")]
        .map(|(group, name)| GroupRecord::new(id(group), Some(address(name))));
    group::record(&mut tx, &lease, &records).await.unwrap();
    let found = group::of_address(&mut tx, &aws(), &address("ops"), 9).await.unwrap();
    assert_eq!(found, [records[0].clone(), records[2].clone()]);
    assert_eq!(group::of_address(&mut tx, &aws(), &address("ops"), 1).await.unwrap().len(), 1);
    assert!(group::of_address(&mut tx, &other(), &address("ops"), 9).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn members_are_counted_by_standing_and_named_as_far_as_they_are_known(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::group_told").await.unwrap();
    let accounts = [active("1"), active("2")];
    account::record(&mut tx, &lease, &accounts).await.unwrap();
    let robot = RemoteAccount {
        remote_id: RemoteId::new("r-8"),
        external_id: None,
        user_name: "Robot".to_owned(),
        active: true,
        attributes: attributes(&[]),
        holder: None,
    };
    remote::insert(&mut tx, &lease, &[robot]).await.unwrap();
    for (members, standing) in [(&["r-1"][..], Ours), (&["r-2", "r-8", "r-9"], Foreign), (&["r-5"], Missing)]
    {
        member::set(&mut tx, &lease, &id("g1"), &remotes(members), standing).await.unwrap();
    }
    let standings = member::standings(&mut tx, &aws(), &id("g1")).await.unwrap();
    assert_eq!(standings, BTreeMap::from([(Ours, 1), (Foreign, 3), (Missing, 1)]));
    assert_eq!(member::standings(&mut tx, &aws(), &id("g2")).await.unwrap(), BTreeMap::new());

    let foreign = member::named(&mut tx, &aws(), &id("g1"), Foreign, 9).await.unwrap();
    let nobody = |account: &str, user_name: Option<&str>| NamedMember {
        account: RemoteId::new(account),
        user: None,
        user_name: user_name.map(str::to_owned),
    };
    let two = (user("2"), accounts[1].email.clone());
    let of_two = NamedMember { account: RemoteId::new("r-2"), user: Some(two), user_name: None };
    assert_eq!(foreign, [of_two, nobody("r-8", Some("Robot")), nobody("r-9", None)]);
    assert_eq!(member::named(&mut tx, &aws(), &id("g1"), Foreign, 1).await.unwrap(), foreign[..1]);
    let missing = member::named(&mut tx, &aws(), &id("g1"), Missing, 9).await.unwrap();
    assert_eq!(missing, [nobody("r-5", None)]);

    // Two records claim one account.
    account::record(
        &mut tx,
        &lease,
        &[AccountRecord { remote_id: Some(RemoteId::new("r-2")), ..active("3") }],
    )
    .await
    .unwrap();
    assert_eq!(member::named(&mut tx, &aws(), &id("g1"), Foreign, 9).await.unwrap(), foreign);
}

#[rstest]
#[tokio::test]
async fn somebodys_account_is_in_a_group_or_not(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::group_told").await.unwrap();
    account::record(&mut tx, &lease, &[active("1"), active("2")]).await.unwrap();
    member::set(&mut tx, &lease, &id("g1"), &remotes(&["r-1"]), Foreign).await.unwrap();
    member::set(&mut tx, &lease, &id("g1"), &remotes(&["r-2"]), Missing).await.unwrap();
    for (accounts, expected) in
        [(&["r-1", "r-2"][..], true), (&["r-2"], false), (&["r-9"], false), (&[], false)]
    {
        let has = member::has_any(&mut tx, &aws(), &id("g1"), &remotes(accounts)).await.unwrap();
        assert_eq!(has, expected, "{accounts:?}");
    }
    assert!(!member::has_any(&mut tx, &aws(), &id("g2"), &remotes(&["r-1"])).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn groups_are_counted_once_however_much_is_done_to_them(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let run = RunId::new("run-1");
    let row = |seq, group: &str, state| GroupRow {
        seq,
        group: id(group),
        email: address(group),
        operation: GroupOperation::RemoveMembers { members: Vec::new() },
        reason: GroupReason::Left { n: 1 },
        state,
        hold: None,
        is_released: false,
        failure: None,
    };
    let rows = [
        row(0, "g1", PlanState::Planned),
        row(1, "g1", PlanState::Planned),
        row(2, "g2", PlanState::Planned),
        row(3, "g2", PlanState::Done),
    ];
    let mut tx = store.begin("tests::group_told").await.unwrap();
    plan::append(&mut tx, &aws(), &run, &rows).await.unwrap();
    for (state, expected) in [(PlanState::Planned, 2), (PlanState::Done, 1), (PlanState::Held, 0)] {
        assert_eq!(plan::n_groups(&mut tx, &aws(), &run, state).await.unwrap(), expected, "{state:?}");
    }
    assert_eq!(plan::n_groups(&mut tx, &other(), &run, PlanState::Planned).await.unwrap(), 0);
}

async fn discarded(tx: &mut Tx) -> Vec<String> {
    let holds = hold::discarded_of_groups(tx, &aws()).await.unwrap();
    holds.into_iter().map(|hold| hold.id.to_string()).collect()
}

#[rstest]
#[tokio::test]
async fn what_was_discarded_of_a_group_is_remembered_until_it_is_forgotten(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::group_told").await.unwrap();
    let of_group = |group: &str| Tripped::TooManyMembers {
        group: id(group),
        email: Some(address(group)),
        wanted: 11,
        done: 0,
        limit: 10,
        of: 30,
        is_discarded: false,
    };
    let holds =
        [("h1", of_group("g1")), ("h2", of_group("g2")), ("h3", of_group("g3")), ("h4", Tripped::Discarded)];
    for (hold_id, tripped) in &holds {
        let hold_id = HoldId::new(*hold_id);
        hold::upsert_open(&mut tx, &aws(), &tripped.key(), tripped, hold_id.clone(), at(1)).await.unwrap();
        hold::set_n_operations(&mut tx, &hold_id, 11).await.unwrap();
    }
    let decide = async |tx: &mut Tx, hold: &str, state| {
        let holds = [HoldId::new(hold)];
        hold::decide(tx, &aws(), &holds, state, "grace", at(2)).await.unwrap();
    };
    assert_eq!(discarded(&mut tx).await, [""; 0], "they are open");
    for hold in ["h1", "h2", "h4"] {
        decide(&mut tx, hold, HoldState::Discarded).await;
    }
    decide(&mut tx, "h3", HoldState::Released).await;
    assert_eq!(discarded(&mut tx).await, ["h1", "h2"], "of groups alone, and what was not released");
    assert!(hold::discarded_of_groups(&mut tx, &other()).await.unwrap().is_empty());
    let keys = [of_group("g1").key(), of_group("g9").key()];
    hold::forget_discarded_of_groups(&mut tx, &aws(), &keys).await.unwrap();
    hold::forget_discarded_of_groups(&mut tx, &aws(), &[]).await.unwrap();
    assert_eq!(discarded(&mut tx).await, ["h2"]);
    let first = hold::by_id(&mut tx, &HoldId::new("h1")).await.unwrap().unwrap();
    assert_eq!((first.state, first.decided_by.as_deref()), (HoldState::Discarded, Some("grace")));
}

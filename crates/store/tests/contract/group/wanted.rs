//! Who is to be added to a group at an app, and who is to leave it.

use std::collections::BTreeSet;

use rstest::rstest;
use usher_model::adoption::RemoteAccount;
use usher_model::attribute::changes::Changes;
use usher_model::directory::UserState;
use usher_model::group::operation::Leaver;
use usher_model::id::{AppId, GroupId, RemoteId, RunId, UserId};
use usher_model::operation::Operation;
use usher_store::account::{self, AccountRecord, RecordState};
use usher_store::app;
use usher_store::group::member::{self, MemberStanding, Wanted};
use usher_store::group::refusal::{self, Refusal};
use usher_store::plan::{self, PlanRow, PlanState};

use super::*;
use crate::apps::{active, create, other, row, suspend};

use MemberStanding::{Foreign, Missing, Ours};

mod leaving;

const SUSPENDED: UserState = UserState::Suspended { since: None };
const DELETED: UserState = UserState::Deleted { since: None };

/// What a wish refers to.
struct Facts {
    app: AppId,
    directory: DirectoryId,
    group: GroupId,
    below: BTreeSet<GroupId>,
    plan: RunId,
    pinned: Vec<UserId>,
    protected: Vec<RemoteId>,
    is_any_unknown: bool,
    only: Option<UserId>,
}

impl Facts {
    /// Of the group g1, with these below it.
    fn of(below: &[&str]) -> Self {
        Self {
            app: aws(),
            directory: d1(),
            group: group("g1"),
            below: groups(below).into_iter().collect(),
            plan: RunId::new("run-1"),
            pinned: Vec::new(),
            protected: Vec::new(),
            is_any_unknown: false,
            only: None,
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            app: &self.app,
            directory: &self.directory,
            group: &self.group,
            below: &self.below,
            is_everyone: false,
            leave_suspended: false,
            remove_foreign: false,
            readd_missing: false,
            pinned: &self.pinned,
            protected: &self.protected,
            is_any_unknown: self.is_any_unknown,
            tried_at: at(50),
            plan: &self.plan,
            only: self.only.as_ref(),
        }
    }
}

/// Everybody to be added, whatever the size of a page; and the count agrees.
async fn adds(tx: &mut Tx, wanted: Wanted<'_>) -> Vec<String> {
    let whole: Vec<UserId> = member::to_add(tx, &wanted, None, 100).await.unwrap();
    for at_most in [1, 2, 3] {
        let mut met: Vec<UserId> = Vec::new();
        loop {
            let page = member::to_add(tx, &wanted, met.last(), at_most).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= at_most);
            met.extend(page);
        }
        assert_eq!(met, whole, "pages of {at_most}");
    }
    let n = u64::try_from(whole.len()).unwrap();
    assert_eq!(member::n_to_add(tx, &wanted).await.unwrap(), n, "{whole:?}");
    whole.iter().map(ToString::to_string).collect()
}

/// Everybody to be taken out, whatever the size of a page; and the count agrees.
async fn removes(tx: &mut Tx, wanted: Wanted<'_>) -> Vec<String> {
    let whole: Vec<Leaver> = member::to_remove(tx, &wanted, None, 100).await.unwrap();
    for at_most in [1, 2, 3] {
        let mut met: Vec<Leaver> = Vec::new();
        loop {
            let after = met.last().map(|last| &last.account);
            let page = member::to_remove(tx, &wanted, after, at_most).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= at_most);
            met.extend(page);
        }
        assert_eq!(met, whole, "pages of {at_most}");
    }
    let n = u64::try_from(whole.len()).unwrap();
    assert_eq!(member::n_to_remove(tx, &wanted).await.unwrap(), n, "{whole:?}");
    whole.iter().map(|leaver| leaver.account.to_string()).collect()
}

fn off(id: &str) -> AccountRecord {
    AccountRecord { state: RecordState::Suspended, suspended_by_us: true, ..active(id) }
}

async fn have_accounts(tx: &mut Tx, lease: &Lease, records: &[AccountRecord]) {
    account::record(tx, lease, records).await.unwrap();
}

async fn set(tx: &mut Tx, lease: &Lease, members: &[&str], standing: MemberStanding) {
    member::set(tx, lease, &group("g1"), &remotes(members), standing).await.unwrap();
}

async fn have_plan(tx: &mut Tx, rows: &[PlanRow]) {
    plan::append(tx, &aws(), &RunId::new("run-1"), rows).await.unwrap();
}

fn unsuspend(id: &str) -> Operation {
    Operation::Unsuspend { remote_id: RemoteId::new(format!("r-{id}")), changes: Changes::default() }
}

#[rstest]
#[tokio::test]
async fn members_of_the_group_and_of_groups_in_it_are_added_once_if_they_have_an_account(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::add").await.unwrap();
    have_members(&mut tx, "g1", MemberKind::User, &["1", "2", "3", "4", "5"]).await;
    have_members(&mut tx, "g2", MemberKind::User, &["0", "2", "6"]).await;
    have_members(&mut tx, "g3", MemberKind::User, &["7"]).await;
    have_members(&mut tx, "g1", MemberKind::Group, &["g2", "8"]).await;
    have_members(&mut tx, "g1", MemberKind::External, &["9"]).await;
    let records = [
        active("0"),
        active("1"),
        active("2"),
        off("3"),
        AccountRecord { state: RecordState::Gone, ..active("4") },
        AccountRecord::new(user("5"), None),
        active("6"),
        active("7"),
        active("8"),
        active("9"),
    ];
    have_accounts(&mut tx, &lease, &records).await;
    let both = Facts::of(&["g1", "g2"]);
    assert_eq!(adds(&mut tx, both.wanted()).await, ["0", "1", "2", "3", "6"]);
    assert_eq!(adds(&mut tx, Facts::of(&["g1"]).wanted()).await, ["1", "2", "3"]);
    assert!(adds(&mut tx, Facts::of(&[]).wanted()).await.is_empty());
    let on = Wanted { leave_suspended: true, ..both.wanted() };
    assert_eq!(adds(&mut tx, on).await, ["0", "1", "2", "6"]);
    let pinned = Facts { pinned: vec![user("2"), user("7")], ..Facts::of(&["g1", "g2"]) };
    assert_eq!(adds(&mut tx, pinned.wanted()).await, ["0", "1", "3", "6"]);
    let only = |id: &str| Facts { only: Some(user(id)), ..Facts::of(&["g1", "g2"]) };
    assert_eq!(adds(&mut tx, only("2").wanted()).await, ["2"]);
    assert!(adds(&mut tx, only("7").wanted()).await.is_empty());
    let elsewhere = Facts { app: other(), ..Facts::of(&["g1", "g2"]) };
    assert!(adds(&mut tx, elsewhere.wanted()).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn whoever_is_a_member_already_is_not_added(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::add").await.unwrap();
    have_members(&mut tx, "g1", MemberKind::User, &["1", "2", "3", "4"]).await;
    have_accounts(&mut tx, &lease, &["1", "2", "3", "4"].map(active)).await;
    set(&mut tx, &lease, &["r-1"], Ours).await;
    set(&mut tx, &lease, &["r-2"], Foreign).await;
    set(&mut tx, &lease, &["r-3"], Missing).await;
    member::set(&mut tx, &lease, &group("g2"), &remotes(&["r-4"]), Ours).await.unwrap();
    let facts = Facts::of(&["g1"]);
    assert_eq!(adds(&mut tx, facts.wanted()).await, ["4"]);
    let repaired = Wanted { readd_missing: true, ..facts.wanted() };
    assert_eq!(adds(&mut tx, repaired).await, ["3", "4"]);
}

#[rstest]
#[tokio::test]
async fn what_is_planned_of_an_account_counts_as_done(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::add").await.unwrap();
    have_members(&mut tx, "g1", MemberKind::User, &["1", "2", "3", "4", "5", "6", "7"]).await;
    have_people(&mut tx, &["1", "2", "3", "4", "5", "6", "7"], UserState::Active).await;
    let gone = AccountRecord { state: RecordState::Gone, ..active("2") };
    have_accounts(&mut tx, &lease, &[gone, active("5"), off("6"), off("7")]).await;
    // The account that is made anew is in no group, although the one that is gone was.
    set(&mut tx, &lease, &["r-2"], Ours).await;
    let held = |row: PlanRow| PlanRow { state: PlanState::Held, ..row };
    let adopt = Operation::Adopt {
        account: Box::new(RemoteAccount {
            remote_id: RemoteId::new("r-3"),
            external_id: None,
            user_name: "3@example.com".to_owned(),
            active: true,
            attributes: attributes(&[]),
            holder: None,
        }),
        changes: Changes::default(),
    };
    let rows = [
        row(1, "1", create("1"), &[]),
        row(2, "2", create("2"), &[]),
        row(3, "3", adopt, &[]),
        held(row(4, "4", create("4"), &[])),
        row(5, "5", suspend("5"), &[]),
        row(6, "6", unsuspend("6"), &[]),
        held(row(7, "7", unsuspend("7"), &[])),
    ];
    have_plan(&mut tx, &rows).await;
    let facts = Facts::of(&["g1"]);
    assert_eq!(adds(&mut tx, facts.wanted()).await, ["1", "2", "3", "5", "6", "7"]);
    let on = |facts| Wanted { leave_suspended: true, ..Facts::wanted(facts) };
    assert_eq!(adds(&mut tx, on(&facts)).await, ["1", "2", "3", "6"]);
    let another = Facts { plan: RunId::new("run-2"), ..Facts::of(&["g1"]) };
    assert_eq!(adds(&mut tx, on(&another)).await, ["5"]);

    set(&mut tx, &lease, &["r-5", "r-6", "r-7"], Ours).await;
    assert_eq!(removes(&mut tx, on(&facts)).await, ["r-5", "r-7"]);
    assert_eq!(removes(&mut tx, on(&another)).await, ["r-6", "r-7"]);
    assert!(removes(&mut tx, facts.wanted()).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn everybody_of_the_directory_is_a_member_but_for_the_deleted(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::everyone").await.unwrap();
    have_people(&mut tx, &["1", "2"], UserState::Active).await;
    have_people(&mut tx, &["3"], SUSPENDED).await;
    have_people(&mut tx, &["4"], DELETED).await;
    have_people(&mut tx, &["5"], UserState::Active).await;
    have_accounts(&mut tx, &lease, &[active("1"), active("2"), off("3"), active("4")]).await;
    let facts = Facts::of(&["g1"]);
    let everyone = Wanted { is_everyone: true, ..facts.wanted() };
    assert_eq!(adds(&mut tx, everyone).await, ["1", "2", "3"]);
    let only = Facts { only: Some(user("2")), ..Facts::of(&["g1"]) };
    assert_eq!(adds(&mut tx, Wanted { is_everyone: true, ..only.wanted() }).await, ["2"]);
    set(&mut tx, &lease, &["r-1", "r-3", "r-4"], Ours).await;
    assert_eq!(adds(&mut tx, everyone).await, ["2"]);
    assert!(removes(&mut tx, everyone).await.is_empty());
    assert_eq!(removes(&mut tx, Wanted { leave_suspended: true, ..everyone }).await, ["r-3"]);
}

#[rstest]
#[tokio::test]
async fn deleted_people_are_not_added_although_a_group_has_them(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::deleted").await.unwrap();
    have_people(&mut tx, &["1"], DELETED).await;
    have_people(&mut tx, &["2"], UserState::Unlisted).await;
    have_members(&mut tx, "g1", MemberKind::User, &["1", "2"]).await;
    have_accounts(&mut tx, &lease, &["1", "2"].map(active)).await;
    assert_eq!(adds(&mut tx, Facts::of(&["g1"]).wanted()).await, ["2"]);
}

#[rstest]
#[tokio::test]
async fn foreign_members_whom_the_directory_has_in_the_group_become_ours(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::claim").await.unwrap();
    let ids = ["1", "2", "3", "4", "5"];
    have_people(&mut tx, &ids, UserState::Active).await;
    have_people(&mut tx, &["6"], DELETED).await;
    have_members(&mut tx, "g1", MemberKind::User, &["1", "2", "4"]).await;
    have_members(&mut tx, "g2", MemberKind::User, &["5"]).await;
    have_accounts(&mut tx, &lease, &ids.map(active)).await;
    have_accounts(&mut tx, &lease, &[active("6")]).await;
    set(&mut tx, &lease, &["r-1", "r-2", "r-3", "r-5", "r-6", "r-9"], Foreign).await;
    set(&mut tx, &lease, &["r-4"], Missing).await;
    let only = |id: &str| Facts { only: Some(user(id)), ..Facts::of(&["g1", "g2"]) };
    for (facts, n) in [
        (Facts { pinned: vec![user("2")], ..only("2") }, 0),
        (only("3"), 0),
        (only("2"), 1),
        (Facts::of(&["g1", "g2"]), 2),
        (Facts::of(&["g1", "g2"]), 0),
    ] {
        assert_eq!(member::claim(&mut tx, &lease, &facts.wanted()).await.unwrap(), n);
    }
    let standings = async |tx: &mut Tx| {
        let list = member::list(tx, &aws(), &group("g1"), None, 100).await.unwrap();
        list.into_iter().map(|(_, standing)| standing).collect::<Vec<_>>()
    };
    assert_eq!(standings(&mut tx).await, [Ours, Ours, Foreign, Missing, Ours, Foreign, Foreign]);
    let facts = Facts::of(&["g1"]);
    let everyone = Wanted { is_everyone: true, ..facts.wanted() };
    assert_eq!(member::claim(&mut tx, &lease, &everyone).await.unwrap(), 1);
    assert_eq!(standings(&mut tx).await, [Ours, Ours, Ours, Missing, Ours, Foreign, Foreign]);
    app::begin_run(&mut tx, &aws(), RunId::new("run-2")).await.unwrap();
    assert!(member::claim(&mut tx, &lease, &everyone).await.unwrap_err().is_fenced());
}

#[rstest]
#[tokio::test]
async fn thousands_are_added_page_by_page_whatever_groups_they_are_in(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::add").await.unwrap();
    let ids: Vec<String> = (0..3_000).map(|n| format!("{n:04}")).collect();
    let records: Vec<_> = ids.iter().map(|id| active(id)).collect();
    have_accounts(&mut tx, &lease, &records).await;
    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
    have_members(&mut tx, "g1", MemberKind::User, &names[..2_000]).await;
    have_members(&mut tx, "g2", MemberKind::User, &names[1_500..]).await;
    let facts = Facts::of(&["g1", "g2"]);
    let (mut met, mut after): (Vec<UserId>, Option<UserId>) = (Vec::new(), None);
    loop {
        let page = member::to_add(&mut tx, &facts.wanted(), after.as_ref(), 700).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        met.extend(page);
    }
    assert_eq!(met, names.iter().map(|id| user(id)).collect::<Vec<_>>());
    assert_eq!(member::n_to_add(&mut tx, &facts.wanted()).await.unwrap(), 3_000);
}

#[rstest]
#[tokio::test]
async fn whoever_was_refused_waits_by_themselves(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store, lease) = begin(db).await;
    let mut tx = store.begin("tests::refused").await.unwrap();
    have_people(&mut tx, &["1", "2", "3", "4"], UserState::Active).await;
    have_members(&mut tx, "g1", MemberKind::User, &["1", "2"]).await;
    have_accounts(&mut tx, &lease, &["1", "2", "3", "4"].map(active)).await;
    set(&mut tx, &lease, &["r-3", "r-4"], Ours).await;
    let refusal = |id: &str, is_added, n_attempts, retry_at| Refusal {
        member: RemoteId::new(id),
        is_added,
        n_attempts,
        retry_at: at(retry_at),
    };
    let (g1, r1, r3) = (group("g1"), RemoteId::new("r-1"), RemoteId::new("r-3"));
    let refusals = [refusal("r-1", true, 1, 51), refusal("r-3", false, 2, 51), refusal("r-4", true, 1, 51)];
    refusal::record(&mut tx, &lease, &g1, &refusals).await.unwrap();
    let facts = Facts::of(&["g1"]);
    assert_eq!(adds(&mut tx, facts.wanted()).await, ["2"]);
    assert_eq!(removes(&mut tx, facts.wanted()).await, ["r-4"], "to join was refused, not to leave");
    let later = Wanted { tried_at: at(51), ..facts.wanted() };
    assert_eq!(adds(&mut tx, later).await, ["1", "2"]);
    assert_eq!(removes(&mut tx, later).await, ["r-3", "r-4"]);
    let both = [r1, r3.clone()];
    let attempts = refusal::attempts(&mut tx, &lease, &g1, &both, false).await.unwrap();
    assert_eq!(attempts, [(r3, 2)].into());
    refusal::record(&mut tx, &lease, &g1, &[refusal("r-3", false, 3, 99)]).await.unwrap();
    assert_eq!(removes(&mut tx, later).await, ["r-4"]);
    refusal::clear(&mut tx, &lease, &g1, &both, false).await.unwrap();
    assert_eq!(removes(&mut tx, facts.wanted()).await, ["r-3", "r-4"]);
    assert_eq!(adds(&mut tx, facts.wanted()).await, ["2"], "that is another wish");
    usher_store::group::forget(&mut tx, &lease, std::slice::from_ref(&g1)).await.unwrap();
    assert!(refusal::attempts(&mut tx, &lease, &g1, &both, true).await.unwrap().is_empty());
}

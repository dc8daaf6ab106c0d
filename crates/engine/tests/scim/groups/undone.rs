//! What a run took out of groups is put back, where it is as the run left it.

use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::fault::Fault;
use usher_emulator::when::When;
use usher_engine::progress::Silent;
use usher_engine::report::RunReport;
use usher_engine::undo::left_out::LeftOut;
use usher_engine::undo::{UndoError, UndoRequest, preview, undo};
use usher_model::account::Pin;
use usher_model::cause::Delay;
use usher_model::group::reason::GroupReason;
use usher_model::group::selection::Selection;
use usher_model::group::{ForeignMembers, GroupSettings};
use usher_model::id::{GroupId, RunId, UserId};
use usher_store::account;
use usher_store::group::event::{self, GroupEvent, GroupEventKind};
use usher_store::group::member;
use usher_testkit::builders::{Directory, User, id_of};

use super::{Cloud, all_groups, did_all, people, team, with_groups};
use crate::world::{World, days};

impl Cloud {
    fn asked(run: &RunId) -> UndoRequest {
        UndoRequest { run: run.clone(), by: "ada@example.com".into(), is_alone: true }
    }

    async fn undo(&self, run: &RunId) -> RunReport {
        self.try_undo(run).await.unwrap()
    }

    async fn try_undo(&self, run: &RunId) -> Result<RunReport, UndoError> {
        let World { store, clock, environment, .. } = &self.world;
        undo(store, clock, environment, &Self::asked(run), &Silent).await
    }
}

/// Ops without Ada, and everybody without her as well.
fn without_ada() -> Directory {
    people()
        .group("ops@example.com", &["bob@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"])
}

/// A team from whose groups a run has taken Ada.
async fn taken_out() -> (Cloud, RunReport) {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.world.has(&without_ada()).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.members.removed), ("members_remove 2", 2));
    (cloud, report)
}

#[tokio::test]
async fn whom_a_run_took_out_is_put_back_and_stays_whatever_the_next_runs_do() {
    let (cloud, run) = taken_out().await;
    let shown =
        preview(&cloud.world.store, cloud.world.clock.as_ref(), &Cloud::asked(&run.run)).await.unwrap();
    assert_eq!((shown.n_put_back, shown.undone.members.n_left_out), (2, 0));
    assert_eq!(cloud.members("Ops"), ["bob"], "a preview does nothing");
    let report = cloud.undo(&run.run).await;
    assert_eq!((report.members.added, report.n_failures), (2, 0), "{report:?}");
    assert_eq!((cloud.members("Ops"), cloud.members("All").len()), (vec!["ada".into(), "bob".into()], 3));
    cloud.is_converged().await;
    cloud.world.wait(std::time::Duration::from_mins(1));
    assert_eq!(did_all(&cloud.audit().await), "nothing");
    assert_eq!(did_all(&cloud.world.release().await), "nothing");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
}

#[tokio::test]
async fn once_the_directory_agrees_the_membership_is_like_any_other() {
    let (cloud, run) = taken_out().await;
    cloud.undo(&run.run).await;
    cloud.world.has(&team()).await;
    cloud.is_converged().await;
    cloud.world.has(&without_ada()).await;
    assert_eq!(cloud.sync().await.members.removed, 2);
    assert_eq!(cloud.members("Ops"), ["bob"]);
}

#[tokio::test]
async fn an_admin_may_let_them_go() {
    let (cloud, run) = taken_out().await;
    cloud.undo(&run.run).await;
    let app = cloud.world.app().await.id;
    let mut tx = cloud.world.store.begin("test").await.unwrap();
    let kept = member::kept_list(&mut tx, &app, 10).await.unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(member::let_go(&mut tx, &app, kept[0].user.as_ref().unwrap()).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(cloud.sync().await.members.removed, 2);
}

#[tokio::test]
async fn what_was_done_since_stands() {
    let (cloud, run) = taken_out().await;
    // Another hand puts her into one group again, which an audit has seen; a later run has done so in the other.
    cloud.edit(&Edit::AddMember { group: "Ops".into(), user: "ada@example.com".into() });
    cloud.world.wait(std::time::Duration::from_mins(1));
    cloud.audit().await;
    let only_all = people()
        .group("ops@example.com", &["bob@example.com"])
        .group("all@example.com", &["ada@example.com", "eve@example.com", "ops@example.com"]);
    cloud.world.has(&only_all).await;
    let later = cloud.sync().await;
    let report = cloud.undo(&run.run).await;
    assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0));
    let undone = report.undone.unwrap().members;
    let mut why: Vec<_> = undone.left_out.into_iter().map(|(_, _, why)| why).collect();
    why.sort_by_key(|why| matches!(why, LeftOut::MemberAgain));
    assert_eq!(why, [LeftOut::Since(later.run), LeftOut::MemberAgain]);
}

async fn pin_ada(cloud: &Cloud) -> Pin {
    let app = cloud.world.app().await.id;
    let pin = Pin {
        by: "eve@example.com".into(),
        why: "under investigation".into(),
        since: cloud.world.clock.now(),
        until: None,
        undone: None,
    };
    let mut tx = cloud.world.store.begin("test").await.unwrap();
    let ada = UserId::new(id_of("ada@example.com"));
    account::set_pin(&mut tx, &app, &ada, Some(&pin)).await.unwrap();
    tx.commit().await.unwrap();
    pin
}

#[tokio::test]
async fn an_admins_pin_outranks_an_undo() {
    let (cloud, run) = taken_out().await;
    let pin = pin_ada(&cloud).await;
    let report = cloud.undo(&run.run).await;
    assert_eq!(report.requests.writes, 0);
    let undone = report.undone.unwrap().members;
    assert_eq!(undone.n_left_out, 2);
    assert!(undone.left_out.iter().all(|(.., why)| *why == LeftOut::Pinned(pin.clone())));
}

#[tokio::test]
async fn an_admins_pin_outranks_an_undo_of_an_account_that_is_on_nobodys_record() {
    let only_ours = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    let directory = Directory::new("example.com")
        .people(["bob@example.com", "eve@example.com"])
        .user(User::new("ada@example.com").suspended())
        .group("ops@example.com", &["bob@example.com", "eve@example.com"]);
    let emulated = usher_emulator::identity_center::settings::Settings::default().unlimited();
    let cloud = Cloud::with(&directory, only_ours, emulated).await;
    cloud.edit(&Edit::CreateGroup { display_name: "Ops".into(), description: None });
    for name in ["ada", "bob", "eve", "zoe"] {
        let user = format!("{name}@example.com");
        let attributes = serde_json::json!({"userName": user, "displayName": name, "name": {"givenName": name, "familyName": "X"}});
        cloud.edit(&Edit::CreateUser { attributes: attributes.as_object().unwrap().clone() });
        cloud.edit(&Edit::AddMember { group: "Ops".into(), user });
    }
    let run = cloud.sync().await;
    assert_eq!((run.members.removed, cloud.members("Ops")), (2, vec!["bob".to_owned(), "eve".to_owned()]));
    pin_ada(&cloud).await;
    let report = cloud.undo(&run.run).await;
    assert_eq!(cloud.members("Ops"), ["bob", "eve", "zoe"]);
    let why: Vec<_> = report.undone.unwrap().members.left_out.into_iter().map(|(.., why)| why).collect();
    assert_eq!(why, [LeftOut::MayBePinned]);
}

#[tokio::test]
async fn a_lost_answer_to_an_undo_is_looked_at_and_who_was_put_back_stays() {
    for fault in [Fault::LostAnswer, Fault::LostRequest] {
        let (cloud, run) = taken_out().await;
        cloud.fails(&[Operation::PatchGroup], fault.clone(), When::Next { n: 2 });
        let report = cloud.undo(&run.run).await;
        if fault == Fault::LostRequest {
            assert_eq!(cloud.members("Ops"), ["bob"], "{report:?}");
            cloud.undo(&run.run).await;
        }
        assert_eq!(cloud.members("Ops"), ["ada", "bob"], "{fault:?}: {report:?}");
        cloud.is_converged().await;
        assert_eq!(
            cloud.undo(&run.run).await.requests.writes,
            0,
            "{fault:?}: twice undone does nothing more"
        );
    }
}

#[tokio::test]
async fn a_group_that_a_run_deleted_is_told_as_lost_with_what_it_was() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let gone =
        GroupSettings { selection: Selection::Scope, deselected: Some(Delay::Within24Hours), ..all_groups() };
    cloud.world.configure(&with_groups(gone)).await;
    let run = cloud.sync().await;
    assert_eq!(did_all(&run), "group_delete 2");
    let report = cloud.undo(&run.run).await;
    let lost = report.undone.unwrap().members;
    assert_eq!((lost.n_lost, report.requests.writes), (2, 0));
    let mut sizes: Vec<_> =
        lost.lost.iter().map(|lost| (lost.email.as_ref().unwrap().as_str(), lost.n_members)).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [("all@example.com", 3), ("ops@example.com", 2)]);
    assert_eq!(cloud.names(), Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_took_nobody_out_has_nothing_to_take_back() {
    let cloud = Cloud::new(&team()).await;
    let run = cloud.sync().await;
    let refused = cloud.try_undo(&run.run).await.unwrap_err();
    assert!(matches!(refused, UndoError::NothingToTakeBack { .. }), "{refused}");
}

#[tokio::test]
async fn whoever_is_on_again_by_an_undo_is_back_in_the_groups_as_well() {
    let leave = GroupSettings { suspended: usher_model::group::SuspendedMembers::Leave, ..all_groups() };
    let settings = usher_emulator::identity_center::settings::Settings::default().unlimited();
    let cloud = Cloud::with(&team(), leave, settings).await;
    cloud.sync().await;
    let off = Directory::new("example.com")
        .people(["bob@example.com", "eve@example.com"])
        .user(usher_testkit::builders::User::new("ada@example.com").suspended())
        .group("ops@example.com", &["ada@example.com", "bob@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"]);
    cloud.world.has(&off).await;
    let run = cloud.sync().await;
    assert_eq!(did_all(&run), "suspend 1, members_remove 2");
    let report = cloud.undo(&run.run).await;
    assert_eq!(did_all(&report), "unsuspend 1, members_add 2", "{report:?}");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn where_groups_are_off_nobody_is_put_back() {
    let (cloud, run) = taken_out().await;
    cloud.world.configure(&with_groups(GroupSettings::default())).await;
    let report = cloud.undo(&run.run).await;
    assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0));
    let undone = report.undone.unwrap().members;
    assert!(undone.left_out.iter().all(|(.., why)| *why == LeftOut::Off), "{undone:?}");
    assert_eq!((undone.n_left_out, cloud.members("Ops")), (2, vec!["bob".to_owned()]));
}

/// A team at an app where members that Usher did not add are taken out, and the run that took out one whose account nobody
/// here knows, and Eve, whose account we made.
async fn foreigners_taken_out() -> (Cloud, RunReport) {
    let settings = usher_emulator::identity_center::settings::Settings::default().unlimited();
    let cloud = Cloud::with(&team(), all_groups(), settings).await;
    cloud.sync().await;
    let contractor = serde_json::json!({
        "userName": "contractor@elsewhere.example",
        "displayName": "Contractor",
        "name": {"givenName": "Con", "familyName": "Tractor"},
    });
    cloud.edit(&Edit::CreateUser { attributes: contractor.as_object().unwrap().clone() });
    for user in ["contractor@elsewhere.example", "eve@example.com"] {
        cloud.edit(&Edit::AddMember { group: "Ops".into(), user: user.into() });
    }
    cloud.world.wait(std::time::Duration::from_mins(1));
    let strict = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    cloud.world.configure(&with_groups(strict)).await;
    let report = cloud.audit().await;
    assert_eq!(report.members.removed, 2, "{report:?}");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
    (cloud, report)
}

#[tokio::test]
async fn members_who_are_nobodys_on_our_record_are_put_back_by_their_account_and_stay() {
    let (cloud, run) = foreigners_taken_out().await;
    let shown =
        preview(&cloud.world.store, cloud.world.clock.as_ref(), &Cloud::asked(&run.run)).await.unwrap();
    assert_eq!((shown.n_put_back, shown.undone.members.n_left_out), (2, 0));
    let report = cloud.undo(&run.run).await;
    assert_eq!((report.members.added, report.n_failures), (2, 0), "{report:?}");
    let all = ["ada", "bob", "contractor", "eve"];
    assert_eq!(cloud.members("Ops"), all);
    cloud.is_converged().await;
    cloud.world.wait(std::time::Duration::from_mins(1));
    assert_eq!(did_all(&cloud.audit().await), "nothing");
    assert_eq!(cloud.members("Ops"), all);
    let again = cloud.undo(&run.run).await;
    assert_eq!(again.requests.writes, 0, "{again:?}");

    let app = cloud.world.app().await.id;
    let mut tx = cloud.world.store.begin("test").await.unwrap();
    let kept = member::kept_list(&mut tx, &app, 10).await.unwrap();
    let nobodys: Vec<_> = kept.iter().filter(|kept| kept.user.is_none()).collect();
    assert_eq!((kept.len(), nobodys.len()), (2, 1));
    assert_eq!(member::let_go_account(&mut tx, &app, &nobodys[0].account).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(cloud.sync().await.members.removed, 1, "once they are let go, the policy is for them as well");
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"]);
}

#[tokio::test]
async fn a_lost_answer_about_somebody_whom_nobody_knows_is_looked_at_as_well() {
    let (cloud, run) = foreigners_taken_out().await;
    cloud.fails(&[Operation::PatchGroup], Fault::LostAnswer, When::Next { n: 1 });
    let report = cloud.undo(&run.run).await;
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "contractor", "eve"], "{report:?}");
    cloud.is_converged().await;
}

#[tokio::test]
async fn whoever_is_nobodys_and_is_gone_at_the_app_is_told_and_the_others_are_put_back() {
    let (cloud, run) = foreigners_taken_out().await;
    cloud.edit(&Edit::DeleteUser { user: "contractor@elsewhere.example".into() });
    let report = cloud.undo(&run.run).await;
    assert_eq!((report.members.added, report.n_failures), (1, 1), "{report:?}");
    assert!(report.failures[0].1.contains("the account "), "{:?}", report.failures);
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn what_later_runs_did_stands_however_much_has_been_logged_of_the_group_since() {
    let (cloud, run) = taken_out().await;
    let a_minute = std::time::Duration::from_mins(1);
    cloud.world.wait(a_minute);
    cloud.world.has(&team()).await;
    cloud.sync().await;
    cloud.world.wait(a_minute);
    cloud.world.has(&without_ada()).await;
    cloud.sync().await;
    cloud.world.wait(a_minute);
    let (app, now) = (cloud.world.app().await.id, cloud.world.clock.now());
    let busy = |seq: i64, address: &str| GroupEvent {
        run: RunId::new("busy"),
        seq,
        kind: GroupEventKind::Failure,
        at: now,
        group: GroupId::new(id_of(address)),
        email: None,
        reason: GroupReason::Joined { n: 1 },
        detail: None,
        members: Vec::new(),
        n_members: 0,
        is_released: false,
    };
    let events: Vec<_> = (0..1_001).map(|seq| busy(seq, "ops@example.com")).collect();
    let mut tx = cloud.world.store.begin("test").await.unwrap();
    let lease = usher_store::app::begin_run(&mut tx, &app, RunId::new("busy")).await.unwrap();
    event::append(&mut tx, &lease, &events).await.unwrap();
    tx.commit().await.unwrap();
    cloud.world.wait(days(1));
    let report = cloud.undo(&run.run).await;
    assert_eq!((report.requests.writes, cloud.members("Ops")), (0, vec!["bob".to_owned()]), "{report:?}");
    let left_out = report.undone.unwrap().members.left_out;
    assert!(left_out.iter().all(|(.., why)| matches!(why, LeftOut::Since(_))), "{left_out:?}");
}

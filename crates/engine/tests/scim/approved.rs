//! A plan that somebody approved is carried out as it is, or not at all.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use usher_engine::approval::{self, Approval, ApprovalError};
use usher_engine::report::{RunReport, RunRequest};
use usher_model::account::Pin;
use usher_model::app::Status;
use usher_model::id::UserId;
use usher_store::account;
use usher_testkit::builders::{Directory, User, id_of};
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::rule::Rule;

use crate::scene::{Scene, ada, company, crowd, married, with_ada};
use crate::world::{count, did};

const ADA: &str = "ada@example.com";

/// A file with the plan of this moment.
pub struct Approved {
    _files: tempfile::TempDir,
    path: PathBuf,
}

impl Scene {
    pub async fn approve(&self) -> Approved {
        let files = tempfile::tempdir().unwrap();
        let path = files.path().join("plan.ndjson");
        let mut text = Vec::new();
        let report = self.world.preview().await;
        let made_at = self.world.clock.now().to_string();
        let plan = (&report.app, &report.run);
        approval::write(&self.world.store, plan, &made_at, &mut text).await.unwrap();
        std::fs::write(&path, text).unwrap();
        Approved { _files: files, path }
    }

    pub async fn carry_out(&self, approved: &Approved) -> RunReport {
        let approval = Approval::open(&approved.path, &self.world.app().await).unwrap();
        let request = RunRequest { approved: Some(approval), ..RunRequest::default() };
        self.world.try_run(&request).await.unwrap()
    }

    /// The run by an approved plan does nothing, and names what is different.
    pub async fn refuses(&self, approved: &Approved, differences: &[&str]) {
        self.app.clear_log();
        let report = self.carry_out(approved).await;
        assert_eq!((did(&report).as_str(), self.app.writes().len()), ("nothing", 0), "{report:?}");
        assert_eq!(report.differences, differences);
        let stopped = report.stopped.unwrap();
        assert!(stopped.starts_with("the plan is not the one that was approved any more: "), "{stopped}");
    }
}

#[tokio::test]
async fn what_was_approved_is_done_and_nothing_else() {
    let scene = Scene::settled().await;
    scene.world.has(&with_ada(married()).user(User::new("new@example.com"))).await;
    let approved = scene.approve().await;
    let report = scene.carry_out(&approved).await;
    assert_eq!((did(&report).as_str(), report.differences.len()), ("create 1, update 1", 0), "{report:?}");
    scene.is_silent().await;
    scene.refuses(
        &approved,
        &[
            "ada@example.com: update (differs in displayName and name.familyName) is not to be done any more: entitled, and the \
             account is as it should be",
            "new@example.com: create (entitled, and has no account yet) is not to be done any more: entitled, and the account is \
             as it should be",
        ],
    )
    .await;
}

#[tokio::test]
async fn whatever_changed_since_is_named_and_nothing_is_done() {
    let scene = Scene::settled().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    let approved = scene.approve().await;
    // Somebody else has come, whom nobody approved.
    scene.world.has(&with_ada(ada().suspended()).user(User::new("new@example.com"))).await;
    scene
        .refuses(&approved, &["new@example.com: create (entitled, and has no account yet) is to be done now"])
        .await;
    scene.world.has(&with_ada(ada().suspended())).await;
    assert_eq!(did(&scene.carry_out(&approved).await), "suspend 1", "it is as it was");
}

#[tokio::test]
async fn a_pin_outranks_an_approved_plan() {
    let scene = Scene::settled().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    let approved = scene.approve().await;
    let since = scene.world.clock.now();
    let pin = Pin { by: "grace".to_owned(), why: "break-glass".to_owned(), since, until: None, undone: None };
    let app = scene.world.app().await.id;
    let mut tx = scene.world.store.begin("test").await.unwrap();
    account::set_pin(&mut tx, &app, &UserId::new(id_of(ADA)), Some(&pin)).await.unwrap();
    tx.commit().await.unwrap();
    scene
        .refuses(
            &approved,
            &["ada@example.com: suspend (suspended since 2026-11-23 09:00 UTC, due 2026-11-23 09:00 UTC) is not to be done any more: \
          pinned by grace since 2026-11-23 09:00 UTC: break-glass"],
        )
        .await;
}

#[tokio::test]
async fn the_same_operation_with_other_values_is_another() {
    let scene = Scene::settled().await;
    scene.world.has(&with_ada(married())).await;
    let approved = scene.approve().await;
    scene.world.has(&with_ada(ada().named("Ada", "King"))).await;
    scene.app.clear_log();
    let report = scene.carry_out(&approved).await;
    assert_eq!((report.differences.len(), scene.app.writes().len()), (1, 0), "{report:?}");
    assert!(report.differences[0].ends_with(", with other values"), "{report:?}");
}

#[tokio::test]
async fn what_a_guard_holds_is_in_no_plan_and_a_run_by_one_releases_nothing() {
    let scene = Scene::new().await;
    scene.world.has(&crowd(50)).await;
    assert_eq!(count(&scene.world.sync().await, usher_model::operation::Kind::Create), 50);
    let left = (1..=50).fold(Directory::new("example.com"), |directory, n| {
        let user = User::new(&format!("p{n}@example.com"));
        directory.user(if n <= 20 { user.suspended() } else { user })
    });
    scene.world.has(&left.user(User::new("new@example.com"))).await;
    let approved = scene.approve().await;
    let report = scene.carry_out(&approved).await;
    assert_eq!((did(&report).as_str(), report.held.len()), ("create 1", 1), "{report:?}");
}

#[tokio::test]
async fn a_lost_answer_is_looked_at_by_the_next_run_and_nothing_more_is_decided_in_this_one() {
    let scene = Scene::new().await;
    let approved = scene.approve().await;
    scene.app.behave(Rule::from(Behaviour::LostAnswer).at(1));
    let report = scene.carry_out(&approved).await;
    assert_eq!((did(&report).as_str(), scene.app.count("POST")), ("create 2", 3), "{report:?}");
    scene.world.wait(Duration::from_mins(1));
    assert_eq!(did(&scene.world.sync().await), "create 1", "it is known to be there now");
    assert_eq!((scene.names().len(), scene.app.count("POST")), (3, 3), "nobody is there twice");
}

#[tokio::test]
async fn an_account_that_turns_up_is_not_adopted_by_a_plan_that_makes_one() {
    let scene = Scene::new().await;
    let approved = scene.approve().await;
    scene.insert(json!({"userName": "ada@example.com", "displayName": "Break Glass"}));
    let report = scene.carry_out(&approved).await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("create 2", 1), "{report:?}");
    assert!(report.failures[0].1.contains("to adopt it was not approved"), "{report:?}");
    assert_eq!(scene.user(ADA)["displayName"], "Break Glass");
    scene.world.wait(Duration::from_mins(2));
    assert_eq!(did(&scene.world.sync().await), "adopt 1", "any other run does");
}

#[tokio::test]
async fn a_refused_plan_opens_no_hold_and_puts_off_no_run() {
    let scene = Scene::new().await;
    scene.world.has(&crowd(50)).await;
    scene.world.sync().await;
    let but = |n_suspended: usize| {
        (1..=50).fold(Directory::new("example.com"), |directory, n| {
            let user = User::new(&format!("p{n}@example.com"));
            directory.user(if n <= n_suspended { user.suspended() } else { user })
        })
    };
    scene.world.has(&but(1)).await;
    let approved = scene.approve().await;
    scene.world.has(&but(20)).await;
    let due_at = scene.world.app().await.next_run_at;
    let report = scene.carry_out(&approved).await;
    assert_eq!((did(&report).as_str(), report.held.len()), ("nothing", 0), "{report:?}");
    let told = "is not to be done any more: a guard holds it now";
    assert!(report.differences[0].ends_with(told), "{report:?}");
    let app = scene.world.app().await;
    assert_eq!((app.status(), app.next_run_at), (Status::Active, due_at));
}

#[tokio::test]
async fn a_file_that_is_cut_or_something_else_is_no_plan() {
    let scene = Scene::new().await;
    let approved = scene.approve().await;
    let app = scene.world.app().await;
    let text = std::fs::read_to_string(&approved.path).unwrap();
    let open = |text: &str| {
        std::fs::write(&approved.path, text).unwrap();
        Approval::open(&approved.path, &app)
    };
    assert_eq!(open(&text).unwrap().n_operations(), 3);
    let cut = text.lines().take(3).collect::<Vec<_>>().join("\n");
    assert!(matches!(open(&cut), Err(ApprovalError::Cut { expected: 3, found: 2, .. })));
    assert!(matches!(open(&text[..text.len() - 9]), Err(ApprovalError::NoPlan { line: 4, .. })));
    for other in ["", "{}", "[]\n", "{\"usher_plan\": 3}\n"] {
        assert!(matches!(open(other), Err(ApprovalError::NoPlan { line: 1, .. })), "{other}");
    }
    let others = text.replacen(app.id.as_str(), "another", 1);
    let refused = open(&others).unwrap_err().to_string();
    assert!(refused.contains("is a plan of"), "{refused}");
    std::fs::remove_file(&approved.path).unwrap();
    assert!(matches!(Approval::open(&approved.path, &app), Err(ApprovalError::Unreadable { .. })));
    scene.world.has(&company()).await;
}

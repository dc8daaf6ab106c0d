//! What a run did is taken back where it is still as the run left it, and stays so until the directory agrees.

use std::time::Duration;

use usher_engine::report::{RunReport, RunRequest};
use usher_model::account::Pin;
use usher_model::app::Settings;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::id::{Email, RunId, UserId};
use usher_model::reason::Reason;
use usher_store::account::{self, AccountRecord, RecordState};
use usher_store::event::{self, Event, EventKind};
use usher_testkit::builders::{Directory, User, id_of};
use usher_testkit::scim::ScimServer;

use crate::scene::{Scene, ada, company, married, with_ada};
use crate::world::{World, days, did};

mod agreed;
mod broken_off;
mod left_alone;
mod many;
mod refused;

const ADA: &str = "ada@example.com";

/// Two who are active, and Ada suspended.
fn ada_left() -> Directory {
    with_ada(ada().suspended())
}

/// Eve and seven others, so that two may leave unasked.
fn more() -> Directory {
    let others: Vec<_> = (1..=7).map(|n| format!("p{n}@example.com")).collect();
    Directory::new("example.com").people(["eve@example.com"]).people(others.iter().map(String::as_str))
}

impl Scene {
    /// A settled company and the run that suspended Ada.
    async fn left() -> (Self, RunId) {
        let scene = Self::settled().await;
        scene.world.has(&ada_left()).await;
        let report = scene.next(RunRequest::default()).await;
        assert_eq!(did(&report), "suspend 1");
        scene.world.wait(Duration::from_mins(1));
        scene.app.clear_log();
        (scene, report.run)
    }

    /// The same, and the suspension taken back.
    async fn undone() -> (Self, RunId) {
        let (scene, run) = Self::left().await;
        let report = scene.world.undo(&run).await;
        assert_eq!((did(&report).as_str(), report.n_failures, &report.stopped), ("unsuspend 1", 0, &None));
        scene.world.wait(Duration::from_mins(1));
        scene.app.clear_log();
        (scene, run)
    }

    async fn next(&self, request: RunRequest) -> RunReport {
        self.world.wait(Duration::from_mins(1));
        self.world.try_run(&request).await.unwrap()
    }

    fn is_on(&self, email: &str) -> bool {
        self.user(email)["active"] == true
    }

    /// What is on record of somebody, also of whoever has no address any more.
    async fn record(&self, email: &str) -> AccountRecord {
        let user = UserId::new(id_of(email));
        let app = self.world.app().await.id;
        let mut tx = self.world.store.read("test").await.unwrap();
        account::of(&mut tx, &app, std::slice::from_ref(&user)).await.unwrap().remove(&user).unwrap()
    }

    async fn pin_of(&self, email: &str) -> Option<Pin> {
        self.record(email).await.pin
    }

    async fn set_pin(&self, email: &str, pin: Option<&Pin>) {
        let app = self.world.app().await.id;
        let mut tx = self.world.store.begin("test").await.unwrap();
        account::set_pin(&mut tx, &app, &UserId::new(id_of(email)), pin).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Everything that happened to somebody, the newest first.
    async fn events_of(&self, email: &str) -> Vec<Event> {
        let app = self.world.app().await.id;
        let mut tx = self.world.store.read("test").await.unwrap();
        event::of_user(&mut tx, &app, &UserId::new(id_of(email)), 99).await.unwrap()
    }
}

/// An admin's own word.
fn admins_pin(scene: &Scene) -> Pin {
    let since = scene.world.clock.now();
    Pin { by: "heidi".to_owned(), why: "break-glass account".to_owned(), since, until: None, undone: None }
}

/// Who was left alone and why, a line each.
fn left_alone(report: &RunReport) -> Vec<String> {
    let undone = report.undone.as_ref().unwrap();
    assert_eq!(undone.n_left_alone, undone.left_alone.len() as u64);
    undone.left_alone.iter().map(|(whom, why)| format!("{whom}: {why}")).collect()
}

#[tokio::test]
async fn whoever_was_suspended_is_on_again_and_pinned_and_the_log_says_why() {
    let (scene, run) = Scene::left().await;
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures, &report.stopped), ("unsuspend 1", 0, &None));
    assert_eq!((report.requests.reads, report.requests.writes), (1, 1), "a read just before, and the write");
    let undone = report.undone.clone().unwrap();
    assert_eq!((undone.run, undone.n_left_alone, undone.n_lost), (run.clone(), 0, 0));
    assert!(scene.is_on(ADA));
    let record = scene.record(ADA).await;
    assert_eq!((record.state, record.suspended_by_us), (RecordState::Active, false));
    let pin = record.pin.unwrap();
    assert_eq!((pin.by.as_str(), &pin.undone, pin.until), ("grace", &Some(run.clone()), None));
    assert!(pin.why.contains("suspended since 2026-11-23 09:00 UTC"), "{}", pin.why);
    let told = scene.events_of(ADA).await.remove(0);
    assert_eq!((told.kind, &told.run), (EventKind::Unsuspend, &report.run));
    assert_eq!(told.reason, Reason::Undone { run });
    assert_eq!(scene.n_events(EventKind::Unsuspend).await, 1);
}

#[tokio::test]
async fn no_run_takes_away_again_what_an_undo_gave_back() {
    let (scene, _) = Scene::undone().await;
    let user = Some(Email::parse(ADA).unwrap());
    let requests = [
        RunRequest::default(),
        RunRequest { insist: true, ..RunRequest::default() },
        RunRequest { audit: true, ..RunRequest::default() },
        RunRequest { release: true, ..RunRequest::default() },
        RunRequest { user, ..RunRequest::default() },
    ];
    for request in requests {
        let report = scene.next(request).await;
        assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 0), "{report:?}");
    }
    // Everybody is decided about anew, and the person has changed, but not in that.
    scene.world.map(&["title = user.organizations[0].title"]).await;
    assert_eq!(scene.next(RunRequest::default()).await.skipped.get("pinned"), Some(&1));
    scene.world.has(&with_ada(married().suspended())).await;
    assert_eq!(scene.next(RunRequest::default()).await.skipped.get("pinned"), Some(&1));
    // Whoever is deleted meanwhile has not come back either.
    scene.world.has(&Directory::new("example.com").people(["bob@example.com", "eve@example.com"])).await;
    assert_eq!(scene.next(RunRequest::default()).await.skipped.get("pinned"), Some(&1));
    assert_eq!(scene.app.writes(), []);
    assert!(scene.is_on(ADA));
}

#[tokio::test]
async fn once_an_admin_unpins_them_the_next_run_does_what_it_would_have_done() {
    let (scene, _) = Scene::undone().await;
    scene.set_pin(ADA, None).await;
    assert_eq!(did(&scene.next(RunRequest::default()).await), "suspend 1");
    assert!(!scene.is_on(ADA));
}

#[tokio::test]
async fn an_undo_after_that_is_of_the_later_run() {
    let (scene, run) = Scene::undone().await;
    scene.set_pin(ADA, None).await;
    let later = scene.next(RunRequest::default()).await.run;
    scene.world.wait(Duration::from_mins(1));
    let report = scene.world.undo(&run).await;
    assert_eq!(left_alone(&report), [format!("{ADA}: suspended again since, by the run {later}")]);
    assert_eq!(did(&scene.world.undo(&later).await), "unsuspend 1");
    assert_eq!(scene.pin_of(ADA).await.unwrap().undone, Some(later));
}

#[tokio::test]
async fn undone_twice_nothing_more_is_done() {
    let (scene, run) = Scene::undone().await;
    let by = scene.events_of(ADA).await.remove(0).run;
    let before = scene.record(ADA).await;
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures, report.requests.reads), ("nothing", 0, 0));
    assert_eq!(left_alone(&report), [format!("{ADA}: taken back already, by the run {by}")]);
    assert_eq!(scene.record(ADA).await, before);
    // Nor of whoever was unpinned meanwhile: that is an admin's word.
    scene.set_pin(ADA, None).await;
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), scene.pin_of(ADA).await), ("nothing", None));
    assert_eq!(scene.app.writes(), []);
}

#[tokio::test]
async fn what_was_deleted_is_told_as_lost_and_not_made_again() {
    let scene = Scene::settled().await;
    let hard_delete = Delay::parse("1d").ok();
    scene.world.configure(&Settings { hard_delete, ..World::settings() }).await;
    scene.world.has(&more().people(["bob@example.com"]).user(ada().suspended())).await;
    assert_eq!(did(&scene.next(RunRequest::default()).await), "create 7, suspend 1");
    scene.world.wait(days(2));
    // Bob is suspended by the run that deletes Ada's account.
    let bob = User::new("bob@example.com").suspended();
    scene.world.has(&more().user(ada().suspended()).user(bob)).await;
    scene.app.clear_log();
    let deleting = scene.next(RunRequest::default()).await;
    assert_eq!(did(&deleting), "suspend 1, delete 1");
    let at = scene.events_of(ADA).await.remove(0).at;
    scene.world.wait(Duration::from_mins(1));
    let report = scene.world.undo(&deleting.run).await;
    assert_eq!((did(&report).as_str(), left_alone(&report)), ("unsuspend 1", vec![]));
    let undone = report.undone.unwrap();
    let lost = &undone.lost[0];
    assert_eq!((undone.n_lost, undone.lost.len()), (1, 1));
    assert_eq!((lost.whom.to_string().as_str(), lost.at), (ADA, at));
    assert!(lost.reason.to_string().starts_with("suspended since 2026-11-23 09:00 UTC"), "{}", lost.reason);
    assert!(!scene.names().contains(&ADA.to_owned()));
    assert_eq!((scene.is_on("bob@example.com"), scene.app.count("POST")), (true, 0));
}

#[tokio::test]
async fn an_undo_opens_and_closes_no_hold_and_puts_off_no_run() {
    let but = |n_suspended: usize| {
        (0..50).fold(Directory::new("example.com"), |directory, n| {
            let user = User::new(&format!("p{n}@example.com"));
            directory.user(if n < n_suspended { user.suspended() } else { user })
        })
    };
    let scene = Scene::new().await;
    scene.world.has(&but(0)).await;
    scene.world.sync().await;
    scene.world.has(&but(5)).await;
    let run = scene.next(RunRequest::default()).await.run;
    scene.world.has(&but(25)).await;
    assert_eq!(scene.next(RunRequest::default()).await.held[0].n_operations, 20);
    let before = scene.world.app().await;
    scene.world.wait(Duration::from_mins(1));
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.held.len()), ("unsuspend 5", 0), "{report:?}");
    let app = scene.world.app().await;
    assert_eq!((app.n_open_holds, app.next_run_at), (1, before.next_run_at));
    // What is released after it is what was held, less nobody and plus nobody.
    scene.app.clear_log();
    scene.world.wait(Duration::from_mins(1));
    let report = scene.world.release().await;
    assert_eq!((did(&report).as_str(), report.skipped.get("pinned")), ("suspend 20", Some(&5)));
    assert!((0..5).all(|n| scene.is_on(&format!("p{n}@example.com"))));
}

#[tokio::test]
async fn at_another_app_the_same_person_stays_as_that_apps_run_left_them() {
    let (scene, run) = Scene::left().await;
    let (other, server) = second_app(&scene).await;
    assert_eq!(scene.world.undo(&run).await.app, crate::world::NAME);
    let user = server.user_by_name(ADA).unwrap();
    assert_eq!((scene.is_on(ADA), &user["active"]), (true, &false.into()));
    let report = scene.world.undo(&other).await;
    assert_eq!((did(&report).as_str(), report.app.as_str()), ("unsuspend 1", "blog"));
    assert_eq!(server.user_by_name(ADA).unwrap()["active"], true);
}

/// Another app, at which the same company was provisioned, and the run that suspended Ada there.
async fn second_app(scene: &Scene) -> (RunId, ScimServer) {
    let server = ScimServer::start().await;
    let world = &scene.world;
    world.add_app("blog", "scim").await;
    world.has(&company()).await;
    world.connect_app("blog", &server.endpoint(), &server.token()).await;
    assert_eq!(did(&world.sync_app("blog").await), "create 3");
    world.has(&ada_left()).await;
    world.wait(Duration::from_mins(1));
    let report = world.sync_app("blog").await;
    assert_eq!(did(&report), "suspend 1");
    world.wait(Duration::from_mins(1));
    (report.run, server)
}

#[tokio::test]
async fn a_preview_says_the_same_and_does_nothing() {
    let (scene, run) = Scene::left().await;
    let request = World::undoing(&run);
    let preview = async || {
        let clock = scene.world.clock.as_ref();
        usher_engine::undo::preview(&scene.world.store, clock, &request).await.unwrap()
    };
    let before = scene.record(ADA).await;
    let shown = preview().await;
    assert_eq!((shown.n_taken_back, shown.undone.n_left_alone), (1, 0));
    let (whom, reason) = &shown.taken_back[0];
    assert!(matches!(reason, Reason::Due(_)), "why she was suspended: {reason}");
    assert_eq!(whom.to_string(), ADA);
    assert_eq!((scene.record(ADA).await, scene.app.log().len()), (before, 0));
    scene.set_pin(ADA, Some(&admins_pin(&scene))).await;
    let shown = preview().await;
    assert_eq!((shown.n_taken_back, shown.undone.n_left_alone), (0, 1));
}

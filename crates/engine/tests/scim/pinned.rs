//! Whoever is pinned is not touched, on no path, and nobody else has a disadvantage by it.

use std::time::Duration;

use usher_engine::report::{RunReport, RunRequest};
use usher_model::account::{Choice, Pin};
use usher_model::app::Settings;
use usher_model::id::{Email, UserId};
use usher_store::account;
use usher_testkit::builders::{Directory, User, id_of};
use usher_testkit::scim::ScimServer;

use crate::scene::{Scene, ada, company, married, with_ada};
use crate::world::{World, days, did};

const ADA: &str = "ada@example.com";

impl Scene {
    async fn pin(&self, email: &str, until: Option<Duration>) {
        pin(&self.world, email, until).await;
    }

    async fn unpin(&self, email: &str) {
        let app = self.world.app().await.id;
        let mut tx = self.world.store.begin("test").await.unwrap();
        account::set_pin(&mut tx, &app, &UserId::new(id_of(email)), None).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn run(&self, request: RunRequest) -> RunReport {
        self.world.wait(Duration::from_mins(1));
        self.world.try_run(&request).await.unwrap()
    }

    /// Nothing was written about anybody, and one person was passed over because of the pin.
    fn is_untouched(&self, report: &RunReport) {
        assert_eq!((did(report).as_str(), report.skipped.get("pinned")), ("nothing", Some(&1)), "{report:?}");
        assert_eq!(self.app.writes(), []);
    }
}

async fn pin(world: &World, email: &str, until: Option<Duration>) {
    let app = world.app().await.id;
    let since = world.clock.now();
    let until = until.map(|until| since + until);
    let pin =
        Pin { by: "grace".to_owned(), why: "break-glass account".to_owned(), since, until, undone: None };
    let mut tx = world.store.begin("test").await.unwrap();
    account::set_pin(&mut tx, &app, &UserId::new(id_of(email)), Some(&pin)).await.unwrap();
    tx.commit().await.unwrap();
}

/// Bob and Eve, and not Ada.
fn without_ada() -> Directory {
    Directory::new("example.com").people(["bob@example.com", "eve@example.com"])
}

#[tokio::test]
async fn a_run_for_what_changed_leaves_them_as_they_are() {
    let scene = Scene::settled().await;
    scene.pin(ADA, None).await;
    for changed in [with_ada(married()), with_ada(ada().suspended()), without_ada()] {
        scene.world.has(&changed).await;
        scene.is_untouched(&scene.run(RunRequest::default()).await);
    }
}

#[tokio::test]
async fn a_full_run_leaves_them_as_they_are_and_does_what_there_is_to_do_once_they_are_unpinned() {
    let scene = Scene::settled().await;
    scene.pin(ADA, None).await;
    scene.world.has(&with_ada(ada().suspended())).await;
    scene.is_untouched(&scene.run(RunRequest { insist: true, ..RunRequest::default() }).await);
    // Another mapping means that everybody is decided about anew.
    scene.world.map(&["title = user.organizations[0].title"]).await;
    scene.is_untouched(&scene.run(RunRequest { insist: true, ..RunRequest::default() }).await);
    scene.unpin(ADA).await;
    assert_eq!(did(&scene.run(RunRequest::default()).await), "suspend 1");
}

#[tokio::test]
async fn a_run_for_them_alone_leaves_them_as_they_are() {
    let scene = Scene::settled().await;
    scene.pin(ADA, None).await;
    scene.world.has(&with_ada(married())).await;
    let user = Some(Email::parse(ADA).unwrap());
    scene.is_untouched(&scene.run(RunRequest { user, ..RunRequest::default() }).await);
}

#[tokio::test]
async fn a_hold_that_is_released_leaves_them_as_they_are() {
    let address = |n: usize| format!("p{n}@example.com");
    let company = |n_suspended: usize| {
        (0..50).fold(Directory::new("example.com"), |directory, n| {
            let user = User::new(&address(n));
            directory.user(if n < n_suspended { user.suspended() } else { user })
        })
    };
    let server = ScimServer::start().await;
    let world = World::new().await;
    world.has(&company(0)).await;
    world.connect(&server.endpoint(), &server.token()).await;
    world.sync().await;
    world.has(&company(20)).await;
    assert_eq!(did(&world.sync().await), "nothing", "it is held");
    pin(&world, &address(0), None).await;
    let report = world.release().await;
    assert_eq!((did(&report).as_str(), report.skipped.get("pinned")), ("suspend 19", Some(&1)));
    let account = server.user_by_name(&address(0)).unwrap();
    assert_eq!(account["active"], true);
}

#[tokio::test]
async fn an_audit_leaves_them_as_they_are() {
    let scene = Scene::settled().await;
    scene.pin(ADA, None).await;
    scene.app.edit(&scene.id(ADA), |account| account["displayName"] = "Eve".into());
    let audit = || RunRequest { audit: true, ..RunRequest::default() };
    scene.is_untouched(&scene.run(audit()).await);
    scene.app.remove(&scene.id(ADA));
    scene.is_untouched(&scene.run(audit()).await);
}

#[tokio::test]
async fn a_choice_for_them_waits_until_they_are_unpinned() {
    let scene = Scene::settled().await;
    scene.app.edit(&scene.id(ADA), |account| account["active"] = false.into());
    scene.run(RunRequest { audit: true, ..RunRequest::default() }).await;
    scene.pin(ADA, None).await;
    let app = scene.world.app().await.id;
    let mut tx = scene.world.store.begin("test").await.unwrap();
    let user = UserId::new(id_of(ADA));
    account::set_choice(&mut tx, &app, &user, Some(Choice::SwitchOn)).await.unwrap();
    tx.commit().await.unwrap();
    scene.is_untouched(&scene.run(RunRequest::default()).await);
    scene.unpin(ADA).await;
    assert_eq!(did(&scene.run(RunRequest::default()).await), "unsuspend 1");
}

#[tokio::test]
async fn no_account_is_made_for_somebody_who_is_pinned_and_none_is_deleted() {
    let scene = Scene::new().await;
    scene.pin(ADA, None).await;
    assert_eq!(did(&scene.run(RunRequest::default()).await), "create 2");
    scene.unpin(ADA).await;
    assert_eq!(did(&scene.run(RunRequest::default()).await), "create 1");
    let hard_delete = usher_model::cause::Delay::parse("1d").ok();
    scene.world.configure(&Settings { hard_delete, ..World::settings() }).await;
    scene.world.has(&without_ada()).await;
    assert_eq!(did(&scene.run(RunRequest::default()).await), "suspend 1");
    scene.pin(ADA, None).await;
    scene.app.clear_log();
    scene.world.wait(days(30));
    scene.is_untouched(&scene.run(RunRequest::default()).await);
}

#[tokio::test]
async fn a_pin_ends_by_itself_and_the_run_that_is_due_then_does_what_there_is_to_do() {
    let scene = Scene::settled().await;
    scene.pin(ADA, Some(days(7))).await;
    scene.world.has(&with_ada(married())).await;
    scene.is_untouched(&scene.run(RunRequest::default()).await);
    scene.world.wait(days(7));
    assert_eq!(did(&scene.run(RunRequest::default()).await), "update 1");
    scene.world.has(&company()).await;
}

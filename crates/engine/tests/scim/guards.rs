//! Mass changes are held, whatever they come from, until a person has looked.

use usher_model::app::Settings;
use usher_model::app::Status;
use usher_model::guard::{Class, Tripped};
use usher_testkit::builders::{Directory, User};
use usher_testkit::scim::ScimServer;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::rule::Rule;

use crate::world::{World, days, did};

fn address(n: usize) -> String {
    format!("p{n}@example.com")
}

/// So many people, of whom the first `n_suspended` are suspended.
fn company(n_people: usize, n_suspended: usize) -> Directory {
    (0..n_people).fold(Directory::new("example.com"), |directory, n| {
        let user = User::new(&address(n));
        directory.user(if n < n_suspended { user.suspended() } else { user })
    })
}

async fn scene(n_people: usize) -> (World, ScimServer) {
    let server = ScimServer::start().await;
    let world = World::new().await;
    world.has(&company(n_people, 0)).await;
    world.connect(&server.endpoint(), &server.token()).await;
    world.sync().await;
    server.clear_log();
    (world, server)
}

fn n_off(server: &ScimServer) -> usize {
    server.users().iter().filter(|user| user["active"] == false).count()
}

#[tokio::test]
async fn one_plan_of_too_many_is_held_as_a_whole_and_the_rest_goes_on() {
    let (world, server) = scene(50).await;
    let changed = (0..49).fold(Directory::new("example.com"), |directory, n| {
        let user = User::new(&address(n));
        directory.user(if n < 11 { user.suspended() } else { user })
    });
    world.has(&changed.user(User::new(&address(49)).named("New", "Name"))).await;
    let preview = world.preview().await;
    assert_eq!(preview.held.iter().map(|held| held.n_operations).sum::<u64>(), 11);
    assert_eq!(world.app().await.status(), Status::Active, "a preview opens no hold");
    let report = world.sync().await;
    assert_eq!(did(&report), "update 1");
    assert_eq!(report.held[0].n_operations, 11);
    assert!(matches!(report.held[0].tripped, Tripped::TooMany { class: Class::Removals, .. }));
    assert_eq!((n_off(&server), world.app().await.status()), (0, Status::Held));
}

#[tokio::test]
async fn many_small_plans_pass_no_more_than_one_large_one_within_24_hours() {
    let (world, server) = scene(50).await;
    for n_suspended in 1..=20 {
        world.has(&company(50, n_suspended)).await;
        world.sync().await;
        world.wait(std::time::Duration::from_mins(30));
    }
    assert_eq!(n_off(&server), 10);
    // The window has moved on: what was done a day ago counts no more.
    world.wait(days(1));
    world.sync().await;
    assert_eq!(n_off(&server), 20);
}

#[tokio::test]
async fn a_release_lets_exactly_the_held_operations_through_that_are_still_wanted() {
    let (world, server) = scene(50).await;
    world.has(&company(50, 20)).await;
    world.sync().await;
    assert_eq!(n_off(&server), 0);
    // Two come back before anybody looks, and twelve more leave after the hold was made.
    let moved = (0..50).fold(Directory::new("example.com"), |directory, n| {
        let user = User::new(&address(n));
        directory.user(if (2..32).contains(&n) { user.suspended() } else { user })
    });
    world.has(&moved).await;
    let report = world.release().await;
    assert_eq!(did(&report), "suspend 18");
    assert_eq!(n_off(&server), 18);
    assert_eq!(report.held.iter().map(|held| held.n_operations).sum::<u64>(), 12, "new ones form a new hold");
    assert_eq!(world.app().await.status(), Status::Held);
    assert_eq!(did(&world.release().await), "suspend 12");
    assert_eq!(world.app().await.status(), Status::Active);
}

#[tokio::test]
async fn a_hold_whose_cause_went_away_closes() {
    let (world, server) = scene(50).await;
    world.has(&company(50, 20)).await;
    world.sync().await;
    assert_eq!(world.app().await.status(), Status::Held);
    world.has(&company(50, 0)).await;
    assert_eq!(did(&world.sync().await), "nothing");
    assert_eq!((n_off(&server), world.app().await.status()), (0, Status::Active));
    assert_eq!(server.writes().len(), 0);
}

#[tokio::test]
async fn half_of_a_small_company_is_never_removed_unasked() {
    let (world, server) = scene(4).await;
    world.has(&company(4, 3)).await;
    assert_eq!(world.sync().await.held.len(), 1);
    assert_eq!(n_off(&server), 0);
    world.has(&company(4, 2)).await;
    assert_eq!(did(&world.sync().await), "suspend 2");
}

#[tokio::test]
async fn the_last_who_is_on_may_go_as_the_others_did() {
    let (world, server) = scene(3).await;
    for n_suspended in 1..=3 {
        world.has(&company(3, n_suspended)).await;
        assert_eq!(did(&world.sync().await), "suspend 1");
        world.wait(days(2));
    }
    assert_eq!(n_off(&server), 3);
}

#[tokio::test]
async fn a_suspension_that_was_lost_counts_as_done_and_its_account_once() {
    let (world, server) = scene(3).await;
    server.behave(Rule::from(Behaviour::LostAnswer).on("PATCH"));
    server.behave(Rule::from(Behaviour::Fails { status: 503, is_done: false }).on("GET"));
    world.has(&company(3, 1)).await;
    world.sync().await;
    assert_eq!(n_off(&server), 1, "it was carried out, and nobody could tell");
    world.has(&company(3, 2)).await;
    let report = world.sync().await;
    assert_eq!((n_off(&server), report.held.len()), (1, 1), "two of three would be gone");
}

#[tokio::test]
async fn a_directory_that_shrank_holds_every_removal_until_it_is_accepted() {
    let (world, server) = scene(60).await;
    // Sixteen of sixty are missing: more than a quarter. Unselected triggers would keep them; here they are due.
    world.has(&company(44, 0)).await;
    let report = world.sync().await;
    assert!(matches!(report.held[0].tripped, Tripped::DirectoryShrank(_)), "{:?}", report.held);
    assert_eq!(n_off(&server), 0);
    assert_eq!(did(&world.release().await), "suspend 16");
    assert_eq!(world.app().await.status(), Status::Active);
    assert_eq!(world.app().await.accepted_people, Some(44), "accepting it makes it the new measure");
}

#[tokio::test]
async fn what_is_not_due_yet_is_held_when_it_is_due() {
    let server = ScimServer::start().await;
    let world = World::new().await;
    let mut settings: Settings = World::settings();
    settings.deprovisioning.suspended = Some(usher_model::cause::Delay::parse("7d").unwrap());
    world.configure(&settings).await;
    world.has(&company(50, 0)).await;
    world.connect(&server.endpoint(), &server.token()).await;
    world.sync().await;
    world.has(&company(50, 20)).await;
    assert!(world.sync().await.held.is_empty());
    // An edited delay puts twenty due dates into the past: they are one guarded set.
    settings.deprovisioning.suspended = Some(usher_model::cause::Delay::Within24Hours);
    world.configure(&settings).await;
    assert_eq!(world.sync().await.held[0].n_operations, 20);
    assert_eq!(n_off(&server), 0);
}

#[tokio::test]
async fn mass_renames_and_emptied_attributes_are_held() {
    let (world, server) = scene(40).await;
    let renamed = (0..40).fold(Directory::new("example.com"), |directory, n| {
        let user = User::new(&address(n));
        directory.user(if n < 5 { user.renamed(&format!("q{n}@example.com")) } else { user })
    });
    world.has(&renamed).await;
    let report = world.sync().await;
    assert!(
        matches!(report.held[0].tripped, Tripped::TooMany { class: Class::Renames, .. }),
        "{:?}",
        report.held
    );
    assert_eq!(server.writes().len(), 0);
    assert_eq!(did(&world.release().await), "update 5");
}

#[tokio::test]
async fn accounts_that_vanished_at_the_app_all_at_once_are_not_made_anew_unasked() {
    let (world, server) = scene(40).await;
    for user in server.users() {
        server.remove(user["id"].as_str().unwrap());
    }
    let changed = (0..40).fold(Directory::new("example.com"), |directory, n| {
        directory.user(User::new(&address(n)).named("New", "Name"))
    });
    world.has(&changed).await;
    world.sync().await;
    let report = world.sync().await;
    assert!(
        matches!(report.held[0].tripped, Tripped::TooMany { class: Class::Recreations, .. }),
        "{report:?}"
    );
    assert_eq!(server.users().len(), 0);
    assert_eq!(did(&world.release().await), "create 40");
}

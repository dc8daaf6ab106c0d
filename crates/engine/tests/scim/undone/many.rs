//! Many people in one undo: side by side, within what the app allows.

use std::sync::Arc;

use usher_emulator::identity_center::fault::{Fault, FaultRule};
use usher_emulator::identity_center::settings;
use usher_emulator::when::When;
use usher_model::app::Settings as AppSettings;
use usher_testkit::identity_center::EmulatedCenter;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::gate::Gate;
use usher_testkit::scim::setup::{Paging, Setup};

use super::*;

/// So many people, of whom the first `n_left` are suspended.
fn crowd_of(n_people: usize, n_left: usize) -> Directory {
    (1..=n_people).fold(Directory::new("example.com"), |directory, n| {
        let user = User::new(&format!("p{n}@example.com"));
        directory.user(if n <= n_left { user.suspended() } else { user })
    })
}

/// A world whose app has so many people, and the run that suspended the first of them.
async fn left(world: &World, n_people: usize, n_left: usize) -> RunId {
    world.has(&crowd_of(n_people, 0)).await;
    world.sync().await;
    world.has(&crowd_of(n_people, n_left)).await;
    world.wait(Duration::from_mins(1));
    let held = world.sync().await;
    let report = if held.held.is_empty() { held } else { world.release().await };
    assert_eq!(did(&report), format!("suspend {n_left}"));
    world.wait(Duration::from_mins(1));
    report.run
}

#[tokio::test]
async fn ten_people_are_read_and_written_to_side_by_side() {
    let scene = Scene::new().await;
    let run = left(&scene.world, 100, 10).await;
    scene.app.clear_log();
    let (reads, writes) = (Gate::closed(), Gate::closed());
    scene.app.behave(Behaviour::HeldRequest(reads.clone()).on("GET"));
    scene.app.behave(Behaviour::HeldRequest(writes.clone()).on("PATCH"));
    let meanwhile = async {
        // As many as the template allows at once, and each of the others as one of them ends.
        reads.arrived(8).await;
        assert_eq!(scene.app.count("GET"), 8);
        reads.open();
        writes.arrived(8).await;
        assert_eq!((scene.app.count("GET"), scene.app.count("PATCH")), (10, 8));
        let everybody = (1..=10).map(|n| format!("p{n}@example.com"));
        for email in everybody {
            assert!(scene.pin_of(&email).await.unwrap().is_undo_of(&run), "{email} is pinned before");
        }
        writes.open();
    };
    let (report, ()) = tokio::join!(scene.world.undo(&run), meanwhile);
    assert_eq!((did(&report).as_str(), report.n_failures), ("unsuspend 10", 0), "{report:?}");
    assert_eq!((scene.app.count("GET"), scene.app.count("PATCH")), (10, 10));
    scene.is_silent().await;
}

#[tokio::test]
async fn more_than_a_page_of_people_come_back_each_once() {
    let scene = Scene::new().await;
    let run = left(&scene.world, 1_300, 1_201).await;
    scene.app.clear_log();
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("unsuspend 1201", 0));
    assert_eq!((scene.app.count("GET"), scene.app.count("PATCH")), (1_201, 1_201));
    assert!(scene.app.users().iter().all(|user| user["active"] == true));
    let report = scene.world.undo(&run).await;
    let undone = report.undone.unwrap();
    assert_eq!((undone.n_left_alone, undone.left_alone.len()), (1_201, 1_000), "so many are told");
}

#[tokio::test]
async fn an_admin_who_pins_or_unpins_somebody_before_their_turn_is_heard() {
    // Paced as AWS is, so that not everybody's write is intended at once.
    let scene = Scene::aws(Setup { paging: Paging::Cursor, ..Setup::default() }).await;
    let run = left(&scene.world, 320, 300).await;
    let app = scene.world.app().await.id;
    let mut tx = scene.world.store.read("test").await.unwrap();
    let suspended = event::of_run(&mut tx, &app, &run, EventKind::Suspend, -1, 300).await.unwrap();
    drop(tx);
    let [unpinned, pinned] = [298, 299].map(|n: usize| suspended[n].email.clone().unwrap().to_string());
    scene.app.clear_log();
    let gate = Gate::closed();
    scene.app.behave(Behaviour::HeldRequest(gate.clone()).on("PATCH"));
    let pin = admins_pin(&scene);
    let meanwhile = async {
        gate.arrived(10).await;
        assert!(scene.pin_of(&pinned).await.unwrap().is_undo_of(&run), "everybody is pinned by now");
        scene.set_pin(&pinned, Some(&pin)).await;
        scene.set_pin(&unpinned, None).await;
        gate.open();
    };
    let (report, ()) = tokio::join!(scene.world.undo(&run), meanwhile);
    assert_eq!(report.n_failures, 0, "{:?}", report.failures);
    assert_eq!(left_alone(&report), [format!("{pinned}: {pin}")]);
    // Nobody is on again without a pin: whoever was unpinned is judged once more, and pinned with their return.
    assert_eq!(did(&report), "unsuspend 299");
    assert_eq!((scene.is_on(&pinned), scene.is_on(&unpinned)), (false, true));
    assert!(scene.pin_of(&unpinned).await.unwrap().is_undo_of(&run));
}

/// A world whose app is the emulated Identity Center.
async fn cloud() -> (World, EmulatedCenter) {
    let mut world = World::of_template("aws").await;
    let aws = EmulatedCenter::new(&world.sim, settings::Settings::default());
    world.environment.transports = Arc::new(aws.clone());
    world.connect(&aws.enabled.endpoint, aws.token()).await;
    let deprovisioning = World::settings().deprovisioning;
    world.configure(&AppSettings { deprovisioning, ..AppSettings::default() }).await;
    (world, aws)
}

#[tokio::test]
async fn aws_takes_a_hundred_back_at_its_own_pace_and_throttles_nobody() {
    let (world, aws) = cloud().await;
    let run = left(&world, 300, 100).await;
    let began_at = world.sim.now();
    let report = world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("unsuspend 100", 0), "{report:?}");
    let seconds = world.sim.now().since(began_at).as_secs_f64();
    let counters = aws.center.counters(&aws.enabled.tenant).unwrap();
    assert_eq!(counters.throttled, 0, "{counters:?}");
    assert!(seconds < 10.0, "4 seconds of writes and 3 of reads, and not {seconds}");
    assert!(aws.users().await.iter().all(|user| user["active"] == true));
    world.wait(Duration::from_mins(15));
    assert_eq!((did(&world.sync().await).as_str(), world.sync().await.skipped["pinned"]), ("nothing", 100));
}

#[tokio::test]
async fn at_aws_on_a_bad_day_everybody_comes_back_once() {
    let (world, aws) = cloud().await;
    let run = left(&world, 300, 100).await;
    let chance = |per_mille, seed| When::Chance { per_mille, seed };
    let faults = [
        (Fault::LostAnswer, chance(60, 1)),
        (Fault::LostRequest, chance(60, 2)),
        (Fault::ServerError, chance(60, 3)),
        (Fault::TooManyRequests { retry_after_seconds: Some(2) }, chance(60, 4)),
        (Fault::BadRequestWithEffect, chance(30, 5)),
    ];
    for (fault, when) in faults {
        let rule = FaultRule { operations: Vec::new(), fault, when };
        aws.center.add_fault(&aws.enabled.tenant, rule).unwrap();
    }
    assert!(world.undo(&run).await.n_failures > 0);
    aws.center.end_faults(&aws.enabled.tenant).unwrap();
    world.wait(Duration::from_mins(1));
    let second = world.undo(&run).await;
    assert_eq!((second.n_failures, &second.stopped), (0, &None));
    assert!(aws.users().await.iter().all(|user| user["active"] == true));
    let told: u64 =
        world.events().await.iter().filter(|(kind, _)| *kind == EventKind::Unsuspend).map(|(_, n)| n).sum();
    assert_eq!(told, 100, "each is told once");
}

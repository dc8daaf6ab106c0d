//! Lost answers, crashes and refusals of an undo: nobody is on unpinned, nothing is told twice, and undoing the run again
//! ends what was begun.

use usher_testkit::scim::behaviour::Behaviour;

use super::*;

/// An undo that ends when the n-th request from now has come; false: it ended before.
async fn crashes_at(scene: &Scene, run: &RunId, nth: u64, end: Option<&Behaviour>) -> bool {
    scene.app.client().send("GET", "/ServiceProviderConfig", None).await.unwrap();
    let n_before = scene.app.n_asked();
    if let Some(end) = end {
        scene.app.behave(end.clone().at(nth));
    }
    tokio::select! {
        biased;
        () = scene.app.asked(n_before + nth) => true,
        _ = scene.world.undo(run) => false,
    }
}

/// A crash at each request of an undo, that one done and not; how many there were.
async fn everywhere(check: impl AsyncFn(&Scene, &RunId)) -> u64 {
    let mut n_crashes = 0;
    for end in [None, Some(Behaviour::LostRequest)] {
        for nth in 1.. {
            let (scene, run) = Scene::left().await;
            let has_crashed = crashes_at(&scene, &run, nth, end.as_ref()).await;
            scene.app.behave_well();
            if scene.is_on(ADA) {
                assert!(scene.pin_of(ADA).await.unwrap().is_undo_of(&run), "nobody is on and not pinned");
            }
            check(&scene, &run).await;
            if !has_crashed {
                break;
            }
            n_crashes += 1;
        }
    }
    n_crashes
}

#[tokio::test]
async fn an_undo_that_crashed_is_finished_by_undoing_the_run_again() {
    let n_crashes = everywhere(async |scene, run| {
        let report = scene.world.undo(run).await;
        assert_eq!((report.n_failures, &report.stopped), (0, &None), "{report:?}");
        assert!(scene.is_on(ADA));
        assert!(scene.pin_of(ADA).await.unwrap().is_undo_of(run));
        assert_eq!(scene.n_events(EventKind::Unsuspend).await, 1);
        scene.is_silent().await;
    });
    assert_eq!(n_crashes.await, 2 * 2, "at the read and at the write, done and not");
}

#[tokio::test]
async fn a_run_after_an_undo_that_crashed_takes_away_nothing_that_it_gave_back() {
    let n_crashes = everywhere(async |scene, run| {
        let was_pinned = scene.pin_of(ADA).await.is_some();
        scene.sync_well().await;
        // Whoever is on is pinned, and whoever is off was not reached: nobody else may decide that.
        assert!(!scene.is_on(ADA) || was_pinned);
        scene.is_silent().await;
        let is_on = scene.is_on(ADA);
        let report = scene.world.undo(run).await;
        assert_eq!(did(&report), if is_on { "nothing" } else { "unsuspend 1" }, "{report:?}");
        assert!(scene.is_on(ADA));
        assert_eq!(scene.n_events(EventKind::Unsuspend).await, 1);
        scene.is_silent().await;
    });
    assert_eq!(n_crashes.await, 2 * 2);
}

#[tokio::test]
async fn a_crash_between_the_pin_and_the_write_leaves_them_off_and_pinned() {
    let (scene, run) = Scene::left().await;
    assert!(crashes_at(&scene, &run, 2, Some(&Behaviour::LostRequest)).await);
    scene.app.behave_well();
    let pin = scene.pin_of(ADA).await.unwrap();
    assert!(pin.is_undo_of(&run) && !scene.is_on(ADA));
    scene.app.clear_log();
    let report = scene.next(RunRequest::default()).await;
    assert_eq!((did(&report).as_str(), report.skipped.get("pinned")), ("nothing", Some(&1)));
    assert_eq!(scene.app.writes(), []);
    // The one who undoes it again says nothing new.
    scene.world.wait(Duration::from_mins(1));
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
    assert_eq!(scene.pin_of(ADA).await, Some(pin));
}

#[tokio::test]
async fn an_undo_that_crashed_is_over_once_the_directory_agrees() {
    let (scene, run) = Scene::left().await;
    assert!(crashes_at(&scene, &run, 2, Some(&Behaviour::LostRequest)).await);
    scene.app.behave_well();
    scene.world.has(&company()).await;
    assert_eq!(did(&scene.next(RunRequest::default()).await), "unsuspend 1", "entitled again");
    assert_eq!((scene.pin_of(ADA).await, scene.is_on(ADA)), (None, true));
    scene.is_silent().await;
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_in_the_same_undo_and_told_once() {
    let losses = [
        (Behaviour::LostAnswer, 1),
        (Behaviour::LostRequest, 2),
        (Behaviour::Fails { status: 500, is_done: true }, 1),
        (Behaviour::Fails { status: 503, is_done: false }, 2),
    ];
    for (loss, n_writes) in losses {
        let (scene, run) = Scene::left().await;
        scene.app.behave(loss.clone().on("PATCH").at(1));
        let report = scene.world.undo(&run).await;
        assert_eq!((did(&report).as_str(), report.n_failures), ("unsuspend 1", 0), "{loss:?}");
        assert_eq!((left_alone(&report), scene.app.count("PATCH")), (vec![], n_writes), "{loss:?}");
        assert_eq!(scene.n_events(EventKind::Unsuspend).await, 1);
        assert_eq!(scene.events_of(ADA).await[0].reason, Reason::Undone { run });
        assert!(scene.is_on(ADA) && scene.pin_of(ADA).await.is_some());
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn an_answer_that_no_look_finds_in_time_is_told_by_the_next_run() {
    let (scene, run) = Scene::left().await;
    // The app answers nothing after the write, and so no look either.
    scene.app.behave(Behaviour::LostAnswer.on("PATCH").at(1));
    scene.app.behave(Behaviour::Fails { status: 503, is_done: false }.on("GET").from_nth(2));
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 1), "{report:?}");
    assert!(scene.is_on(ADA) && scene.pin_of(ADA).await.is_some());
    scene.app.behave_well();
    assert_eq!(did(&scene.next(RunRequest::default()).await), "unsuspend 1");
    let told = scene.events_of(ADA).await.remove(0);
    assert_eq!((&told.run, &told.reason), (&report.run, &Reason::Undone { run }));
    scene.is_silent().await;
    assert_eq!(scene.n_events(EventKind::Unsuspend).await, 1);
}

#[tokio::test]
async fn an_app_that_loses_every_answer_is_not_asked_for_ever_and_nobody_is_forgotten() {
    let (scene, run) = left_by_two().await;
    scene.app.behave(Behaviour::LostRequest.on("PATCH").about(&scene.id(ADA)));
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), left_alone(&report)), ("unsuspend 1", vec![]), "{report:?}");
    let (whom, why) = &report.failures[0];
    assert_eq!((report.n_failures, whom.as_str()), (1, ADA));
    assert!(why.starts_with("the answer to the last write never came"), "{why}");
    scene.app.behave_well();
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
    assert!(scene.is_on(ADA));
    scene.is_silent().await;
}

#[tokio::test]
async fn a_suspension_whose_answer_was_lost_is_taken_back_as_any_other() {
    let scene = Scene::settled().await;
    scene.world.has(&ada_left()).await;
    scene.app.behave(Behaviour::LostAnswer.on("PATCH").at(1));
    scene.app.behave(Behaviour::Fails { status: 503, is_done: false }.on("GET"));
    let run = scene.next(RunRequest::default()).await.run;
    scene.app.behave_well();
    assert_eq!(scene.n_events(EventKind::Suspend).await, 0, "nobody knows yet");
    // The undo looks first.
    let report = scene.world.undo(&run).await;
    assert_eq!(report.n_failures, 0, "{report:?}");
    assert!(scene.is_on(ADA) && scene.pin_of(ADA).await.unwrap().is_undo_of(&run));
    assert_eq!(
        (scene.n_events(EventKind::Suspend).await, scene.n_events(EventKind::Unsuspend).await),
        (1, 1)
    );
    scene.is_silent().await;
}

#[tokio::test]
async fn whoever_the_app_refuses_fails_alone_and_the_undo_can_be_asked_for_again() {
    let (scene, run) = left_by_two().await;
    scene.app.behave(Behaviour::Fails { status: 400, is_done: false }.on("PATCH").about(&scene.id(ADA)));
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("unsuspend 1", 1), "{report:?}");
    assert_eq!((scene.is_on(ADA), scene.is_on("bob@example.com")), (false, true));
    scene.app.behave_well();
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("unsuspend 1", 0), "{report:?}");
    assert!(scene.is_on(ADA));
    assert_eq!(left_alone(&report).len(), 1, "bob is back already");
    assert_eq!(scene.record(ADA).await.failing, None);
}

/// The run that suspended Ada and Bob.
async fn left_by_two() -> (Scene, RunId) {
    let scene = Scene::settled().await;
    scene.world.has(&more().people([ADA, "bob@example.com"])).await;
    scene.sync_well().await;
    let bob = User::new("bob@example.com").suspended();
    scene.world.has(&more().user(ada().suspended()).user(bob)).await;
    let report = scene.next(RunRequest::default()).await;
    assert_eq!(did(&report), "suspend 2");
    scene.world.wait(Duration::from_mins(1));
    scene.app.clear_log();
    (scene, report.run)
}

#[tokio::test]
async fn what_the_app_refused_and_did_for_all_that_is_told_once_the_run_is_undone_again() {
    let (scene, run) = Scene::left().await;
    scene.app.behave(Behaviour::Fails { status: 400, is_done: true }.on("PATCH").at(1));
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 1), "{report:?}");
    assert!(scene.is_on(ADA) && scene.pin_of(ADA).await.is_some());
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), left_alone(&report)), ("unsuspend 1", vec![]), "{report:?}");
    assert_eq!(scene.record(ADA).await.state, RecordState::Active);
    scene.is_silent().await;
}

#[tokio::test]
async fn an_account_that_cannot_be_read_is_not_switched_on_and_not_pinned() {
    let (scene, run) = left_by_two().await;
    scene.app.behave(Behaviour::Fails { status: 400, is_done: false }.on("GET").about(&scene.id(ADA)));
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("unsuspend 1", 1), "{report:?}");
    assert_eq!((scene.is_on(ADA), scene.pin_of(ADA).await), (false, None));
}

#[tokio::test]
async fn a_token_that_is_refused_stops_an_undo_and_a_new_one_goes_on_where_it_was() {
    let (scene, run) = left_by_two().await;
    scene.app.behave(Behaviour::Unauthorized.on("PATCH").from_nth(2));
    let report = scene.world.undo(&run).await;
    assert!(report.stopped.as_ref().unwrap().contains("401"), "{report:?}");
    assert_eq!(report.n_failures, 0);
    scene.app.behave_well();
    scene.world.authorize(&scene.app.endpoint(), &scene.app.token()).await;
    let report = scene.world.undo(&run).await;
    assert_eq!((report.n_failures, &report.stopped), (0, &None), "{report:?}");
    assert!(scene.is_on(ADA) && scene.is_on("bob@example.com"));
    assert_eq!(scene.n_events(EventKind::Unsuspend).await, 2);
}

#[tokio::test]
async fn whoever_takes_the_app_meanwhile_ends_an_undo_and_nobody_is_on_unpinned() {
    use usher_testkit::scim::gate::Gate;
    let (scene, run) = Scene::left().await;
    let gate = Gate::closed();
    scene.app.behave(Behaviour::HeldAnswer(gate.clone()).on("PATCH").at(1));
    let meanwhile = async {
        gate.arrived(1).await;
        let report = scene.world.sync().await;
        gate.open();
        report
    };
    let (undone, report) = tokio::join!(scene.world.undo(&run), meanwhile);
    assert!(undone.stopped.unwrap().contains("another run has taken over"));
    assert_eq!((did(&report).as_str(), report.skipped.get("pinned")), ("unsuspend 1", Some(&1)), "it looks");
    assert!(scene.is_on(ADA));
    assert_eq!(scene.n_events(EventKind::Unsuspend).await, 1);
    scene.is_silent().await;
}

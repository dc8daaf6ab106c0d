//! The pin of an undo ends where the directory agrees.

use super::*;

#[tokio::test]
async fn once_the_directory_agrees_the_pin_is_gone_and_nothing_is_written() {
    let (scene, _) = Scene::undone().await;
    scene.world.has(&company()).await;
    let report = scene.next(RunRequest::default()).await;
    assert_eq!((did(&report).as_str(), report.skipped.get("pinned")), ("nothing", None));
    let record = scene.record(ADA).await;
    assert_eq!((record.pin, record.causes.is_empty()), (None, true));
    scene.is_silent().await;
}

#[tokio::test]
async fn what_changed_while_they_were_pinned_is_written_by_the_run_that_sees_the_directory_agree() {
    let (scene, _) = Scene::undone().await;
    scene.world.has(&with_ada(married().suspended())).await;
    assert_eq!(did(&scene.next(RunRequest::default()).await), "nothing");
    scene.world.has(&with_ada(married())).await;
    assert_eq!(did(&scene.next(RunRequest::default()).await), "update 1");
    assert_eq!(scene.user(ADA)["displayName"], "Ada Byron");
    scene.is_silent().await;
}

#[tokio::test]
async fn losing_the_account_again_after_that_is_a_new_cause() {
    let scene = Scene::settled().await;
    let deprovisioning = Deprovisioning { suspended: Delay::parse("7d").ok(), ..Deprovisioning::default() };
    scene.world.configure(&Settings { deprovisioning, ..World::settings() }).await;
    scene.world.has(&ada_left()).await;
    assert_eq!(did(&scene.next(RunRequest::default()).await), "nothing", "a timer runs");
    scene.world.wait(days(7));
    let run = scene.next(RunRequest::default()).await.run;
    scene.world.wait(Duration::from_mins(1));
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
    scene.world.has(&company()).await;
    assert_eq!(did(&scene.next(RunRequest::default()).await), "nothing");
    scene.world.wait(days(30));
    scene.world.has(&ada_left()).await;
    assert_eq!(did(&scene.next(RunRequest::default()).await), "nothing");
    let lost_at = scene.record(ADA).await.causes.suspended.unwrap();
    assert!(scene.world.clock.now().since(lost_at) < days(1), "since {lost_at}");
    scene.world.wait(days(6));
    assert_eq!(did(&scene.next(RunRequest::default()).await), "nothing");
    scene.world.wait(days(1));
    assert_eq!(did(&scene.next(RunRequest::default()).await), "suspend 1");
}

#[tokio::test]
async fn a_directory_that_agreed_before_the_undo_leaves_nobody_pinned_after_the_next_run() {
    let (scene, run) = Scene::left().await;
    scene.world.has(&company()).await;
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
    scene.app.clear_log();
    assert_eq!(did(&scene.next(RunRequest::default()).await), "nothing");
    assert_eq!((scene.pin_of(ADA).await, scene.app.writes()), (None, vec![]));
}

#[tokio::test]
async fn a_pin_that_an_admin_put_in_its_place_stays_although_the_directory_agrees() {
    let (scene, _) = Scene::undone().await;
    let admins = admins_pin(&scene);
    scene.set_pin(ADA, Some(&admins)).await;
    scene.world.has(&with_ada(married())).await;
    let report = scene.next(RunRequest::default()).await;
    assert_eq!((did(&report).as_str(), report.skipped.get("pinned")), ("nothing", Some(&1)));
    assert_eq!((scene.pin_of(ADA).await, scene.app.writes()), (Some(admins), vec![]));
}

#[tokio::test]
async fn somebody_switched_off_at_the_app_while_pinned_is_left_off_as_anybody_is() {
    let (scene, _) = Scene::undone().await;
    scene.app.edit(&scene.id(ADA), |account| account["active"] = false.into());
    scene.world.has(&company()).await;
    let report = scene.next(RunRequest { audit: true, ..RunRequest::default() }).await;
    assert_eq!(did(&report), "nothing");
    assert_eq!(report.skipped.get("switched off at the app by somebody else"), Some(&1));
    assert_eq!((scene.pin_of(ADA).await, scene.is_on(ADA)), (None, false));
}

#[tokio::test]
async fn whoever_is_archived_or_suspended_otherwise_is_still_pinned() {
    let (scene, _) = Scene::undone().await;
    for changed in [ada().archived(), ada().suspended_at(scene.world.clock.now())] {
        scene.world.has(&with_ada(changed)).await;
        assert_eq!(scene.next(RunRequest::default()).await.skipped.get("pinned"), Some(&1));
    }
    assert_eq!((scene.is_on(ADA), scene.app.writes()), (true, vec![]));
}

#[tokio::test]
async fn a_preview_leaves_the_pin_and_an_approved_plan_takes_it_away() {
    let (scene, run) = Scene::undone().await;
    scene.world.has(&with_ada(married())).await;
    let preview = scene.world.preview().await;
    assert_eq!(preview.operations.values().sum::<u64>(), 1, "as if she were not pinned");
    assert_eq!(scene.pin_of(ADA).await.unwrap().undone, Some(run));
    assert_eq!(did(&scene.carry_out(&scene.approve().await).await), "update 1");
    assert_eq!(scene.pin_of(ADA).await, None);
}

#[tokio::test]
async fn a_plan_that_was_approved_before_the_undo_suspends_nobody_after_it() {
    let scene = Scene::settled().await;
    scene.world.has(&ada_left()).await;
    let approved = scene.approve().await;
    let run = scene.next(RunRequest::default()).await.run;
    scene.world.wait(Duration::from_mins(1));
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
    let pin = scene.pin_of(ADA).await.unwrap();
    let due = "2026-11-23 09:00 UTC";
    let told = format!("{ADA}: suspend (suspended since {due}, due {due}) is not to be done any more: {pin}");
    scene.refuses(&approved, &[told.as_str()]).await;
    assert!(scene.is_on(ADA));
}

//! Whoever is not as the run left them is left alone, and told with why.

use usher_model::account::Choice;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::gate::Gate;

use super::*;

/// An undo that writes nothing about Ada, and says this of her.
async fn leaves_ada(scene: &Scene, run: &RunId, why: &str) -> RunReport {
    scene.app.clear_log();
    let (pin, user) = (scene.record(ADA).await.pin, scene.app.user_by_name(ADA));
    let report = scene.world.undo(run).await;
    assert_eq!((did(&report).as_str(), report.n_failures, &report.stopped), ("nothing", 0, &None));
    assert_eq!(left_alone(&report), [format!("{ADA}: {why}")]);
    assert_eq!(scene.app.writes(), []);
    assert_eq!((scene.record(ADA).await.pin, scene.app.user_by_name(ADA)), (pin, user));
    report
}

#[tokio::test]
async fn an_admins_own_pin_outranks_an_undo() {
    let (scene, run) = Scene::left().await;
    let pin = admins_pin(&scene);
    scene.set_pin(ADA, Some(&pin)).await;
    leaves_ada(&scene, &run, &pin.to_string()).await;
    // One that is over is in nobody's way.
    let until = Some(scene.world.clock.now() + days(1));
    scene.set_pin(ADA, Some(&Pin { until, ..pin })).await;
    scene.world.wait(days(2));
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
    assert_eq!(scene.pin_of(ADA).await.unwrap().undone, Some(run));
}

#[tokio::test]
async fn an_admin_who_pins_somebody_while_they_are_read_is_heard() {
    let (scene, run) = Scene::left().await;
    let gate = Gate::closed();
    scene.app.behave(Behaviour::HeldRequest(gate.clone()).on("GET").at(1));
    let pin = admins_pin(&scene);
    let meanwhile = async {
        gate.arrived(1).await;
        scene.set_pin(ADA, Some(&pin)).await;
        gate.open();
    };
    let (report, ()) = tokio::join!(scene.world.undo(&run), meanwhile);
    assert_eq!((did(&report).as_str(), left_alone(&report)), ("nothing", vec![format!("{ADA}: {pin}")]));
    assert_eq!((scene.pin_of(ADA).await, scene.app.writes()), (Some(pin), vec![]));
}

#[tokio::test]
async fn what_a_later_run_gave_back_stays_as_it_is() {
    let (scene, run) = Scene::left().await;
    scene.world.has(&company()).await;
    let later = scene.next(RunRequest::default()).await;
    assert_eq!(did(&later), "unsuspend 1");
    leaves_ada(&scene, &run, &format!("switched on again since, by the run {}", later.run)).await;
    assert_eq!(scene.pin_of(ADA).await, None);
}

#[tokio::test]
async fn whoever_a_later_run_deleted_is_not_made_again() {
    let scene = Scene::settled().await;
    let hard_delete = Delay::parse("1d").ok();
    scene.world.configure(&Settings { hard_delete, ..World::settings() }).await;
    scene.world.has(&ada_left()).await;
    let run = scene.next(RunRequest::default()).await.run;
    scene.world.wait(days(2));
    let later = scene.next(RunRequest::default()).await;
    assert_eq!(did(&later), "delete 1");
    scene.app.clear_log();
    let report = scene.world.undo(&run).await;
    assert_eq!(left_alone(&report), [format!("{ADA}: deleted since, by the run {}", later.run)]);
    assert_eq!((report.undone.unwrap().n_lost, scene.app.log().len()), (0, 0));
}

#[tokio::test]
async fn whom_somebody_switched_on_at_the_app_is_left_so() {
    let switched_on = "somebody switched the account on at the app; `usher pin` keeps it so";
    let (scene, run) = Scene::left().await;
    scene.app.edit(&scene.id(ADA), |account| account["active"] = true.into());
    leaves_ada(&scene, &run, switched_on).await;
    assert_eq!(scene.pin_of(ADA).await, None);
    // An app that does not say whether an account is on has it on.
    let (scene, run) = Scene::left().await;
    scene.app.edit(&scene.id(ADA), |account| account["active"] = serde_json::Value::Null);
    leaves_ada(&scene, &run, switched_on).await;
}

#[tokio::test]
async fn whom_an_audit_saw_switched_on_and_off_again_is_left_so() {
    let (scene, run) = Scene::left().await;
    let policy = Deprovisioning { deleted: Delay::parse("1d").ok(), ..Deprovisioning::default() };
    // Nobody is suspended for being suspended any more, so that the audit leaves her on.
    scene.world.configure(&Settings { deprovisioning: policy, ..World::settings() }).await;
    scene.app.edit(&scene.id(ADA), |account| account["active"] = true.into());
    scene.next(RunRequest { audit: true, ..RunRequest::default() }).await;
    assert_eq!(scene.record(ADA).await.state, RecordState::Active);
    leaves_ada(&scene, &run, "somebody switched the account on at the app; `usher pin` keeps it so").await;
}

#[tokio::test]
async fn whose_account_is_gone_at_the_app_is_told_so() {
    let gone = "somebody deleted the account at the app";
    let (scene, run) = Scene::left().await;
    scene.app.remove(&scene.id(ADA));
    leaves_ada(&scene, &run, gone).await;
    // The same once an audit has found out, which closes the record.
    scene.next(RunRequest { audit: true, ..RunRequest::default() }).await;
    scene.app.clear_log();
    let report = scene.world.undo(&run).await;
    assert_eq!(left_alone(&report), [format!("{ADA}: no account of theirs is on record any more")]);
    assert_eq!(scene.app.log(), []);
}

#[tokio::test]
async fn whose_account_is_deleted_after_it_was_read_is_told_so() {
    let (scene, run) = Scene::left().await;
    let id = scene.id(ADA);
    let gate = Gate::closed();
    scene.app.behave(Behaviour::HeldRequest(gate.clone()).on("PATCH").at(1));
    let meanwhile = async {
        gate.arrived(1).await;
        scene.app.remove(&id);
        gate.open();
    };
    let (report, ()) = tokio::join!(scene.world.undo(&run), meanwhile);
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 0));
    assert_eq!(left_alone(&report), [format!("{ADA}: somebody deleted the account at the app")]);
}

#[tokio::test]
async fn an_account_that_was_configured_away_is_nobodys_to_switch_on() {
    let (scene, run) = Scene::left().await;
    let app = scene.world.app().await.id;
    let mut tx = scene.world.store.begin("test").await.unwrap();
    usher_store::app::unconfigure(&mut tx, &app, scene.world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    scene.world.configure(&World::settings()).await;
    scene.world.connect(&scene.app.endpoint(), &scene.app.token()).await;
    scene.app.clear_log();
    let report = scene.world.undo(&run).await;
    assert_eq!(left_alone(&report), [format!("{ADA}: no account of theirs is on record any more")]);
    assert_eq!(scene.app.log(), []);
}

#[tokio::test]
async fn an_app_that_may_still_show_the_past_is_asked_again_later() {
    let scene = Scene::settled().await;
    scene.world.has(&ada_left()).await;
    let lagging = scene.app.behave(Behaviour::StaleReads.on("GET"));
    let run = scene.world.sync().await.run;
    assert!(!scene.is_on(ADA));
    let report = scene.world.undo(&run).await;
    assert_eq!((did(&report).as_str(), report.n_failures, left_alone(&report)), ("nothing", 1, vec![]));
    assert!(report.failures[0].1.contains("may still show the account as it was"), "{report:?}");
    assert_eq!(scene.pin_of(ADA).await, None);
    scene.app.forget(lagging);
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
}

#[tokio::test]
async fn what_an_admin_chose_for_them_is_not_in_the_way() {
    let (scene, run) = Scene::left().await;
    let app = scene.world.app().await.id;
    let mut tx = scene.world.store.begin("test").await.unwrap();
    account::set_choice(&mut tx, &app, &UserId::new(id_of(ADA)), Some(Choice::Wait)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
}

//! What cannot be undone is refused with a sentence, and nothing is left behind.

use usher_engine::progress::Silent;
use usher_engine::undo::undo;
use usher_store::run::{self, RunKind};
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::gate::Gate;

use super::*;

/// The sentence; no run began for it.
async fn refusal(scene: &Scene, run: &RunId) -> String {
    let before = runs(scene).await;
    scene.app.clear_log();
    let refused = scene.world.try_undo(run).await.unwrap_err();
    assert_eq!((runs(scene).await, scene.app.log().len()), (before, 0));
    refused.to_string()
}

async fn runs(scene: &Scene) -> Vec<run::RunRow> {
    let app = scene.world.app().await.id;
    let mut tx = scene.world.store.read("test").await.unwrap();
    run::list(&mut tx, &app, 99).await.unwrap()
}

#[tokio::test]
async fn a_run_that_nobody_knows_or_that_took_nothing_is_refused() {
    let (scene, suspended) = Scene::left().await;
    let unknown = RunId::new("0198c0de");
    assert!(refusal(&scene, &unknown).await.starts_with("there is no run 0198c0de: `usher sync` says"));
    let idle = scene.next(RunRequest::default()).await.run;
    let nothing = format!(
        "the run {idle} of wiki suspended nobody, deleted nobody and took nobody out of a group: there is nothing to take back"
    );
    assert_eq!(refusal(&scene, &idle).await, nothing);
    // An undo is a run as well, and took nothing.
    let undoing = scene.world.undo(&suspended).await.run;
    assert!(refusal(&scene, &undoing).await.ends_with("there is nothing to take back"));
}

#[tokio::test]
async fn an_app_that_no_run_of_begins_is_refused_with_the_same_sentences() {
    let (scene, run) = Scene::left().await;
    scene.app.behave(Behaviour::Unauthorized.on("GET"));
    scene.next(RunRequest { audit: true, ..RunRequest::default() }).await;
    let refused = refusal(&scene, &run).await;
    assert_eq!(refused, scene.world.try_run(&RunRequest::default()).await.unwrap_err().to_string());
    assert!(refused.starts_with("the app wiki refused its access token (401)"), "{refused}");
    scene.world.turn_off().await;
    let refused = refusal(&scene, &run).await;
    assert_eq!(refused, scene.world.try_run(&RunRequest::default()).await.unwrap_err().to_string());
    assert!(refused.starts_with("the app wiki is not turned on"), "{refused}");
}

#[tokio::test]
async fn a_run_under_way_is_refused_and_goes_on() {
    let scene = Scene::settled().await;
    scene.world.has(&ada_left()).await;
    let gate = Gate::closed();
    scene.app.behave(Behaviour::HeldAnswer(gate.clone()).on("PATCH").at(1));
    let meanwhile = async {
        gate.arrived(1).await;
        let run = runs(&scene).await.remove(0).id;
        let refused = scene.world.try_undo(&run).await.unwrap_err().to_string();
        gate.open();
        (run, refused)
    };
    let (report, (run, refused)) = tokio::join!(scene.world.sync(), meanwhile);
    let why =
        "has not ended: wait until it has, or, if it was interrupted, until another run of wiki has begun";
    assert_eq!(refused, format!("the run {run} of wiki {why}"));
    assert_eq!((did(&report).as_str(), report.stopped), ("suspend 1", None));
}

#[tokio::test]
async fn a_run_that_was_interrupted_is_taken_back_once_another_has_begun_or_nobody_else_can_be_running_it() {
    let interrupted = async || {
        let scene = Scene::settled().await;
        scene.world.has(&ada_left()).await;
        let gate = Gate::closed();
        scene.app.behave(Behaviour::HeldAnswer(gate.clone()).on("PATCH").at(1));
        tokio::select! {
            biased;
            () = gate.arrived(1) => {}
            _ = scene.world.sync() => {}
        }
        gate.open();
        let run = runs(&scene).await.remove(0);
        assert_eq!(run.ended_at, None);
        (scene, run.id)
    };
    let (scene, run) = interrupted().await;
    assert!(scene.world.try_undo(&run).await.unwrap_err().to_string().contains("has not ended"));
    let alone = usher_engine::undo::UndoRequest { is_alone: true, ..World::undoing(&run) };
    let World { store, clock, environment, .. } = &scene.world;
    let report = undo(store, clock, environment, &alone, &Silent).await.unwrap();
    assert_eq!((report.n_failures, left_alone(&report)), (0, vec![]), "{report:?}");
    assert!(scene.is_on(ADA) && scene.pin_of(ADA).await.unwrap().is_undo_of(&run));

    let (scene, run) = interrupted().await;
    let user = Some(Email::parse("bob@example.com").unwrap());
    scene.world.try_run(&RunRequest { user, ..RunRequest::default() }).await.unwrap();
    assert_eq!(scene.world.undo(&run).await.n_failures, 0);
    assert!(scene.is_on(ADA));
}

#[tokio::test]
async fn an_undo_is_a_run_with_a_row_of_its_own() {
    let (scene, run) = Scene::left().await;
    let report = scene.world.undo(&run).await;
    let row = runs(&scene).await.remove(0);
    assert_eq!((row.id, row.kind), (report.run, RunKind::Undo));
    let outcome = row.outcome.unwrap();
    assert_eq!(outcome["operations"]["unsuspend"], 1);
    assert_eq!(outcome["undone"], serde_json::json!({"run": run, "left_alone": 0, "lost": 0}));
}

#[tokio::test]
async fn an_app_that_fails_broadly_is_asked_once_before_anything_else() {
    let (scene, run) = Scene::left().await;
    scene.app.behave(Behaviour::Forbidden.on("GET"));
    scene.next(RunRequest { audit: true, ..RunRequest::default() }).await;
    scene.app.clear_log();
    let report = scene.world.undo(&run).await;
    assert!(report.stopped.is_some(), "{report:?}");
    assert_eq!((scene.app.log().len(), scene.pin_of(ADA).await), (1, None));
    scene.app.behave_well();
    scene.world.wait(Duration::from_mins(1));
    assert_eq!(did(&scene.world.undo(&run).await), "unsuspend 1");
    assert_eq!(scene.world.app().await.status(), usher_model::app::Status::Active);
}

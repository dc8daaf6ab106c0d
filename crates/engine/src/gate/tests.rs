use std::sync::Arc;

use futures::future::join_all;
use usher_model::app::Settings;
use usher_model::id::{AppId, DirectoryId, RunId};
use usher_model::time::Timestamp;
use usher_store::app::NewApp;
use usher_store::{Key, KeySource, Location, Migrations, Opening};

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1);

/// An app that is on, and the gate of a run that holds it.
async fn gate() -> (Store, AppId, RunGate) {
    let opening = Opening {
        location: Location::Memory,
        keys: KeySource::Given(vec![Key::new([7; 32])]),
        entropy: Arc::new(|bytes: &mut [u8]| bytes.fill(1)),
        migrations: Migrations::Apply,
    };
    let store = Store::open(opening).await.unwrap();
    let id = AppId::new("app");
    let (name, template) = ("app".to_owned(), "scim".to_owned());
    let new = NewApp { id: id.clone(), name, template, directory: DirectoryId::new("d"), created_at: NOW };
    let mut tx = store.begin("tests::app").await.unwrap();
    app::insert(&mut tx, &new).await.unwrap();
    app::configure(&mut tx, &id, &Settings::default()).await.unwrap();
    app::enable(&mut tx, &id, NOW).await.unwrap();
    let lease = app::begin_run(&mut tx, &id, RunId::new("run-1")).await.unwrap();
    tx.commit().await.unwrap();
    let gate = RunGate::new(store.clone(), lease);
    (store, id, gate)
}

#[tokio::test]
async fn checks_that_share_a_read_are_all_answered() {
    let (_store, _, gate) = gate().await;
    let answers = join_all((0..20).map(|_| gate.check(true))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[tokio::test]
async fn a_check_never_goes_by_what_was_read_before_it_was_asked_for() {
    let (store, id, gate) = gate().await;
    gate.check(true).await.unwrap();

    let mut tx = store.begin("tests::disable").await.unwrap();
    app::disable(&mut tx, &id, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(gate.check(true).await, Err(Closed::Disabled));
    assert_eq!(gate.check(false).await, Ok(()));

    let mut tx = store.begin("tests::take_over").await.unwrap();
    app::begin_run(&mut tx, &id, RunId::new("run-2")).await.unwrap();
    tx.commit().await.unwrap();
    let answers = join_all((0..5).map(|_| gate.check(false))).await;
    assert_eq!(answers, vec![Err(Closed::Fenced); 5]);
}

//! Runs.

use rstest::rstest;
use serde_json::json;
use usher_model::id::RunId;
use usher_store::StoreError;
use usher_store::run::{self, RunKind, RunRow};

use crate::apps::{at, aws, lease, other, store_with_apps};
use crate::db::Db;

#[rstest]
#[tokio::test]
async fn runs_are_listed_newest_first_with_what_came_of_them(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::run").await.unwrap();
    assert_eq!(run::last(&mut tx, &aws()).await.unwrap(), None);
    let kinds = [RunKind::Full, RunKind::OnDemand, RunKind::Undo, RunKind::Incremental, RunKind::Audit];
    for (n, kind) in (1..).zip(kinds) {
        run::insert(&mut tx, &aws(), &RunId::new(format!("run-{n}")), kind, at(n)).await.unwrap();
    }
    let outcome = json!({"operations": {"create": 3}, "stopped": null});
    run::end(&mut tx, &aws(), &RunId::new("run-4"), at(9), &outcome).await.unwrap();
    let list = run::list(&mut tx, &aws(), 2).await.unwrap();
    let last = RunRow {
        id: RunId::new("run-5"),
        kind: RunKind::Audit,
        started_at: at(5),
        ended_at: None,
        outcome: None,
    };
    let before = RunRow {
        id: RunId::new("run-4"),
        kind: RunKind::Incremental,
        started_at: at(4),
        ended_at: Some(at(9)),
        outcome: Some(outcome),
    };
    assert_eq!(list, [last.clone(), before]);
    assert_eq!(run::last(&mut tx, &aws()).await.unwrap(), Some(last));
    assert!(run::list(&mut tx, &other(), 10).await.unwrap().is_empty());
    run::insert(&mut tx, &aws(), &RunId::new("run-6"), RunKind::Full, at(5)).await.unwrap();
    let ids = |rows: Vec<RunRow>| rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>();
    let after = RunId::new("run-6");
    let older = run::older(&mut tx, &aws(), (at(5), &after), 2).await.unwrap();
    assert_eq!(ids(older), ["run-5", "run-4"], "two that began at once are told apart");
    let first = RunId::new("run-1");
    assert!(run::older(&mut tx, &aws(), (at(1), &first), 2).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_run_begins_once_and_ends_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let id = RunId::new("run-1");
    let mut tx = store.begin("tests::run").await.unwrap();
    run::insert(&mut tx, &aws(), &id, RunKind::Full, at(1)).await.unwrap();
    run::end(&mut tx, &aws(), &id, at(2), &json!({})).await.unwrap();
    let twice = run::end(&mut tx, &aws(), &id, at(3), &json!({})).await.unwrap_err();
    assert!(matches!(twice, StoreError::RowCount { .. }), "{twice}");
    let again = run::insert(&mut tx, &other(), &id, RunKind::Full, at(3)).await.unwrap_err();
    assert!(again.is_unique_violation(), "{again}");
}

#[rstest]
#[tokio::test]
async fn a_run_is_found_by_its_id_whichever_apps_it_is(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    for (app, id) in [(aws(), "run-1"), (other(), "run-2"), (aws(), "run-3")] {
        let lease = lease(&store, &app, id).await;
        let mut tx = store.begin("tests::run").await.unwrap();
        run::insert(&mut tx, &app, &lease.run, RunKind::Full, at(1)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = store.read("tests::run").await.unwrap();
    let mut found = Vec::new();
    for id in ["run-1", "run-2", "run-3"] {
        let run::Found { app, run, is_latest } = run::by_id(&mut tx, &RunId::new(id)).await.unwrap().unwrap();
        assert_eq!((run.id.as_str(), run.kind, run.started_at), (id, RunKind::Full, at(1)));
        found.push((app, is_latest));
    }
    assert_eq!(found, [(aws(), false), (other(), true), (aws(), true)]);
    assert_eq!(run::by_id(&mut tx, &RunId::new("run-4")).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn the_last_audit_is_the_last_that_ended(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::run").await.unwrap();
    for (n, kind) in (1..).zip([RunKind::Audit, RunKind::Audit, RunKind::Full, RunKind::Audit]) {
        run::insert(&mut tx, &aws(), &RunId::new(format!("run-{n}")), kind, at(n)).await.unwrap();
    }
    assert_eq!(run::last_audit(&mut tx, &aws()).await.unwrap(), None);
    for n in 1..=3 {
        run::end(&mut tx, &aws(), &RunId::new(format!("run-{n}")), at(9), &json!({})).await.unwrap();
    }
    let last = run::last_audit(&mut tx, &aws()).await.unwrap();
    assert_eq!(last.map(|run| (run.id, run.started_at)), Some((RunId::new("run-2"), at(2))));
    assert_eq!(run::last_audit(&mut tx, &other()).await.unwrap(), None);
}

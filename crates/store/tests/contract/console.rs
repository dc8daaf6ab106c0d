//! What the console keeps of apps and asks of the log: sign-on, drafts, searches, days, retries.

use std::collections::BTreeMap;
use std::time::Duration;

use rstest::rstest;
use secrecy::{ExposeSecret as _, SecretString};
use usher_model::id::{AdminId, RunId};
use usher_model::operation::Kind;
use usher_model::reason::{Failing, Failure, Reason};
use usher_store::app::{self, SignOn};
use usher_store::event::{self, Event, EventKind, Search, Wrote};
use usher_store::{Store, account};

use crate::apps::{active, address, at, attributes, aws, lease, other, store_with_apps, suspend, user};
use crate::db::Db;

#[rstest]
#[tokio::test]
async fn a_sign_on_is_kept_until_another_is_set_and_goes_with_its_app(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::sign_on").await.unwrap();
    assert_eq!(app::sign_on(&mut tx, &aws()).await.unwrap(), None);
    let sign_on =
        |acs_url: &str| SignOn { acs_url: acs_url.into(), entity_id: "urn:x".into(), set_at: at(1) };
    for acs_url in ["https://one", "https://two"] {
        app::set_sign_on(&mut tx, &aws(), &sign_on(acs_url)).await.unwrap();
    }
    assert_eq!(app::sign_on(&mut tx, &aws()).await.unwrap(), Some(sign_on("https://two")));
    assert_eq!(app::sign_on(&mut tx, &other()).await.unwrap(), None);
    app::remove(&mut tx, &aws()).await.unwrap();
    assert_eq!(app::sign_on(&mut tx, &aws()).await.unwrap(), None);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_token_that_was_typed_is_its_admins_alone_for_a_while(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let (ada, bob) = (AdminId::new("ada"), AdminId::new("bob"));
    let mut tx = store.begin("tests::draft").await.unwrap();
    for (admin, token, seconds) in [(&ada, "old", 1), (&ada, "new", 2), (&bob, "his", 3)] {
        let token = SecretString::from(token);
        app::keep_draft(&mut tx, store.keyring(), &aws(), admin, &token, at(seconds)).await.unwrap();
    }
    let mut of = async |app, admin, after| {
        let found = app::draft(&mut tx, store.keyring(), &app, admin, after).await.unwrap();
        found.map(|token| token.expose_secret().to_owned())
    };
    assert_eq!(of(aws(), &ada, at(1)).await.as_deref(), Some("new"));
    assert_eq!(of(aws(), &bob, at(0)).await.as_deref(), Some("his"));
    assert_eq!(of(aws(), &ada, at(2)).await, None, "its time is over");
    assert_eq!(of(other(), &ada, at(0)).await, None);
    app::drop_drafts(&mut tx, &other(), at(2)).await.unwrap();
    let mut of =
        async |admin| app::draft(&mut tx, store.keyring(), &aws(), admin, at(0)).await.unwrap().is_some();
    assert_eq!((of(&ada).await, of(&bob).await), (false, true), "what is old goes");
    app::drop_drafts(&mut tx, &aws(), at(0)).await.unwrap();
    assert!(app::draft(&mut tx, store.keyring(), &aws(), &bob, at(0)).await.unwrap().is_none());
    tx.rollback().await.unwrap();
}

fn line(run: &str, seq: i64, kind: EventKind, seconds: i64, id: &str) -> Event {
    Event {
        run: RunId::new(run),
        seq,
        kind,
        at: at(seconds),
        user: user(id),
        email: Some(address(id)),
        reason: Reason::Joined,
        detail: None,
        classes: Vec::new(),
        is_released: false,
        wrote: (seq == 1).then(|| Wrote::new(suspend(id), &attributes(&[("userName", "a")]))),
    }
}

async fn log_of(store: &Store, events: &[Event]) {
    let lease = lease(store, &aws(), "run").await;
    let mut tx = store.begin("tests::log").await.unwrap();
    event::append(&mut tx, &lease, events).await.unwrap();
    tx.commit().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn the_log_is_searched_by_kind_person_run_and_time_page_by_page(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let all = [
        line("r1", 1, EventKind::Create, 1, "1"),
        line("r1", 2, EventKind::Failure, 1, "2"),
        line("r2", 1, EventKind::Suspend, 5, "1"),
        line("r2", 2, EventKind::Create, 5, "3"),
    ];
    log_of(&store, &all).await;
    let mut tx = store.read("tests::log").await.unwrap();
    let mut found = async |search: Search| {
        let found = event::search(&mut tx, &aws(), &search, None, 10).await.unwrap();
        found.into_iter().map(|event| (event.run.as_str().to_owned(), event.seq)).collect::<Vec<_>>()
    };
    let places =
        |of: &[(&str, i64)]| of.iter().map(|(run, seq)| ((*run).to_owned(), *seq)).collect::<Vec<_>>();
    let any = Search::default;
    assert_eq!(found(any()).await, places(&[("r2", 2), ("r2", 1), ("r1", 2), ("r1", 1)]));
    assert_eq!(
        found(Search { kind: Some(EventKind::Create), ..any() }).await,
        places(&[("r2", 2), ("r1", 1)])
    );
    assert_eq!(found(Search { user: Some(user("1")), ..any() }).await, places(&[("r2", 1), ("r1", 1)]));
    let r1 = Some(RunId::new("r1"));
    assert_eq!(found(Search { run: r1.clone(), ..any() }).await, places(&[("r1", 2), ("r1", 1)]));
    assert_eq!(found(Search { run: r1, user: Some(user("1")), ..any() }).await, places(&[("r1", 1)]));
    let during = Search { since: Some(at(1)), until: Some(at(5)), ..any() };
    assert_eq!(found(during).await, places(&[("r1", 2), ("r1", 1)]));
    let last = &all[3];
    let before = Some((last.at, &last.run, last.seq, last.kind));
    let next = event::search(&mut tx, &aws(), &any(), before, 1).await.unwrap();
    assert_eq!(next, [all[2].clone()], "whole, with what was written");
    assert!(event::search(&mut tx, &other(), &any(), None, 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn events_are_counted_by_day_and_kind(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let day = 86_400;
    let all = [
        line("r", 1, EventKind::Create, 0, "1"),
        line("r", 2, EventKind::Create, 9, "2"),
        line("r", 3, EventKind::Failure, 10, "3"),
        line("r", 4, EventKind::Create, 9 + day, "4"),
        line("r", 5, EventKind::Create, 10 + day, "5"),
    ];
    log_of(&store, &all).await;
    let mut tx = store.read("tests::by_day").await.unwrap();
    let found = event::by_day(&mut tx, &aws(), at(5)).await.unwrap();
    let expected = BTreeMap::from([
        ((0, EventKind::Create), 1),
        ((0, EventKind::Failure), 1),
        ((1, EventKind::Create), 2),
    ]);
    assert_eq!(found, expected);
}

#[rstest]
#[tokio::test]
async fn whoever_is_to_be_tried_again_is_decided_upon_anew(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run").await;
    let failing = Failing {
        failure: Failure::NoAnswer { message: "timed out".into() },
        kind: Some(Kind::Update),
        n_attempts: 3,
        retry_at: at(0) + Duration::from_hours(1),
    };
    let failing = |id: &str| account::AccountRecord {
        failing: Some(failing.clone()),
        settled: Some("settled".into()),
        ..active(id)
    };
    let mut tx = store.begin("tests::retry").await.unwrap();
    let well = account::AccountRecord { settled: Some("settled".into()), ..active("3") };
    account::record(&mut tx, &lease, &[failing("1"), failing("2"), well]).await.unwrap();
    assert_eq!(account::retry(&mut tx, &other(), None).await.unwrap(), 0);
    assert_eq!(account::retry(&mut tx, &aws(), Some(&user("1"))).await.unwrap(), 1);
    let found = account::of(&mut tx, &aws(), &[user("1"), user("2"), user("3")]).await.unwrap();
    let is_failing = |id: &str| (found[&user(id)].failing.is_some(), found[&user(id)].settled.is_some());
    assert_eq!(
        [is_failing("1"), is_failing("2"), is_failing("3")],
        [(false, false), (true, true), (false, true)]
    );
    assert_eq!(account::retry(&mut tx, &aws(), None).await.unwrap(), 1);
    tx.rollback().await.unwrap();
}

//! The provisioning log.

use std::collections::BTreeMap;

use rstest::rstest;
use usher_model::guard::Class;
use usher_model::id::RunId;
use usher_model::reason::Reason;
use usher_store::event::{self, Event, EventKind};

use crate::apps::{address, at, aws, lease, other, store_with_apps, user};
use crate::db::Db;

fn line(seq: i64, kind: EventKind, seconds: i64, id: &str, classes: &[Class]) -> Event {
    Event {
        run: RunId::new("run-1"),
        seq,
        kind,
        at: at(seconds),
        user: user(id),
        email: Some(address(id)),
        reason: Reason::Unlisted,
        detail: None,
        classes: classes.to_vec(),
        is_released: false,
        wrote: None,
    }
}

#[rstest]
#[tokio::test]
async fn an_effect_is_written_once_whoever_finds_it_out(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let first = lease(&store, &aws(), "run-1").await;
    let created =
        Event { detail: Some("201 \"Created\"".to_owned()), ..line(1, EventKind::Create, 1, "1", &[]) };
    let failed = Event { email: None, is_released: true, ..line(1, EventKind::Failure, 2, "1", &[]) };
    let mut tx = store.begin("tests::event").await.unwrap();
    let twice = [created.clone(), failed.clone(), created.clone()];
    event::append(&mut tx, &first, &twice).await.unwrap();
    tx.commit().await.unwrap();
    let second = lease(&store, &aws(), "run-2").await;
    let mut tx = store.begin("tests::event").await.unwrap();
    let later = Event { at: at(9), ..created.clone() };
    event::append(&mut tx, &second, &[later]).await.unwrap();
    assert_eq!(event::page(&mut tx, &aws(), None, 10).await.unwrap(), [failed, created]);
    assert!(event::page(&mut tx, &other(), None, 10).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn guards_count_what_was_done_in_their_window_and_not_released(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let both = [Class::Renames, Class::Clearings];
    let events = [
        line(1, EventKind::Suspend, 9, "1", &[Class::Removals]),
        line(2, EventKind::Suspend, 10, "2", &[Class::Removals]),
        line(3, EventKind::HardDelete, 11, "3", &[Class::Removals]),
        line(4, EventKind::Update, 12, "4", &both),
        line(5, EventKind::Failure, 12, "5", &both),
        line(6, EventKind::Adopt, 12, "6", &[]),
        Event { is_released: true, ..line(7, EventKind::Suspend, 12, "7", &[Class::Removals]) },
    ];
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &lease, &events).await.unwrap();
    let done = event::done(&mut tx, &aws(), at(10)).await.unwrap();
    let expected = BTreeMap::from([(Class::Removals, 2), (Class::Renames, 1), (Class::Clearings, 1)]);
    assert_eq!(done, expected);
    let counts = event::counts(&mut tx, &aws(), at(10)).await.unwrap();
    let expected = [
        (EventKind::Adopt, 1),
        (EventKind::Update, 1),
        (EventKind::Suspend, 2),
        (EventKind::HardDelete, 1),
        (EventKind::Failure, 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert!(event::done(&mut tx, &other(), at(0)).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn the_log_is_read_newest_first_page_by_page(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    // Several in one instant: the pages must neither repeat nor skip any.
    let events: Vec<_> =
        (0..7).map(|n| line(n, EventKind::Update, n / 4, &(n % 2).to_string(), &[])).collect();
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &lease, &events).await.unwrap();
    let mut read = Vec::new();
    loop {
        let page = event::page(&mut tx, &aws(), read.last(), 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    assert_eq!(read.iter().map(|event| event.seq).collect::<Vec<_>>(), [6, 5, 4, 3, 2, 1, 0]);
    let of_user = event::of_user(&mut tx, &aws(), &user("1"), 2).await.unwrap();
    assert_eq!(of_user.iter().map(|event| event.seq).collect::<Vec<_>>(), [5, 3]);
}

#[test]
fn six_kinds_have_googles_names() {
    let named: Vec<_> = EventKind::ALL.into_iter().filter_map(EventKind::google_name).collect();
    assert_eq!(
        named,
        [
            "Create User By Auto Provisioning",
            "Update Auto Provisioned User",
            "Suspend Auto Provisioned User",
            "UnSuspend Auto Provisioned User",
            "Hard Delete Auto Provisioned User",
            "Failures",
        ]
    );
}

#[test]
fn an_operations_kind_and_its_events_kind_name_each_other() {
    for kind in usher_model::operation::Kind::ALL {
        assert_eq!(EventKind::from(kind).operation(), Some(kind));
    }
    assert_eq!(EventKind::Failure.operation(), None);
}

#[rstest]
#[tokio::test]
async fn what_was_done_last_to_somebody_is_found_and_a_failure_does_nothing(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let events = [
        line(1, EventKind::Create, 1, "1", &[]),
        line(2, EventKind::Update, 5, "1", &[]),
        line(3, EventKind::Failure, 9, "1", &[]),
        line(4, EventKind::Failure, 9, "2", &[]),
        line(5, EventKind::Suspend, 7, "3", &[]),
        line(6, EventKind::Create, 8, "4", &[]),
    ];
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &lease, &events).await.unwrap();
    let latest = event::latest(&mut tx, &aws(), &["1", "2", "3"].map(user)).await.unwrap();
    assert_eq!(latest, BTreeMap::from([(user("1"), at(5)), (user("3"), at(7))]));
    assert!(event::latest(&mut tx, &other(), &[user("1")]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_rows_of_a_plan_came_to_is_found_by_kind(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let first = lease(&store, &aws(), "run-1").await;
    let adopted = Event { reason: Reason::Joined, ..line(2, EventKind::Adopt, 2, "2", &[]) };
    let elsewhere = Event { run: RunId::new("run-0"), ..line(4, EventKind::Adopt, 4, "4", &[]) };
    let events =
        [line(1, EventKind::Create, 1, "1", &[]), adopted, line(3, EventKind::Adopt, 3, "3", &[]), elsewhere];
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &first, &events).await.unwrap();
    let found = event::of_rows(&mut tx, &aws(), &first.run, EventKind::Adopt, &[1, 2, 4, 5]).await.unwrap();
    assert_eq!(found, BTreeMap::from([(2, Reason::Joined)]));
    let others = event::of_rows(&mut tx, &other(), &first.run, EventKind::Adopt, &[2]).await.unwrap();
    assert!(others.is_empty());
}

#[rstest]
#[tokio::test]
async fn what_a_run_did_of_one_kind_is_read_page_by_page_and_counted(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let first = lease(&store, &aws(), "run-1").await;
    let suspended = [7, 2, 5].map(|seq| line(seq, EventKind::Suspend, 1, "1", &[Class::Removals]));
    let other_kind = line(3, EventKind::Update, 1, "2", &[]);
    let other_run = Event { run: RunId::new("run-2"), ..line(4, EventKind::Suspend, 1, "3", &[]) };
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &first, &suspended).await.unwrap();
    event::append(&mut tx, &first, &[other_kind, other_run]).await.unwrap();
    let (run, mut met, mut after) = (RunId::new("run-1"), Vec::new(), -1);
    while let Some(one) =
        event::of_run(&mut tx, &aws(), &run, EventKind::Suspend, after, 1).await.unwrap().pop()
    {
        after = one.seq;
        met.push(one);
    }
    assert_eq!(met.iter().map(|event| event.seq).collect::<Vec<_>>(), [2, 5, 7]);
    assert_eq!(met[2], suspended[0]);
    let counts = event::counts_of_run(&mut tx, &aws(), &run).await.unwrap();
    assert_eq!(counts, BTreeMap::from([(EventKind::Suspend, 3), (EventKind::Update, 1)]));
    assert!(event::counts_of_run(&mut tx, &other(), &run).await.unwrap().is_empty());
    assert!(event::of_run(&mut tx, &other(), &run, EventKind::Suspend, -1, 9).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn what_was_done_last_to_somebody_is_told_and_a_failure_did_nothing(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let first = lease(&store, &aws(), "run-1").await;
    let ada = line(2, EventKind::Suspend, 5, "1", &[]);
    // Found done only after what came before it was told: the instant says it, not the place.
    let bob = line(1, EventKind::Unsuspend, 9, "2", &[]);
    let told = [
        line(1, EventKind::Create, 4, "1", &[]),
        ada.clone(),
        line(3, EventKind::Failure, 8, "1", &[]),
        line(4, EventKind::Suspend, 6, "2", &[]),
        bob.clone(),
        line(5, EventKind::Failure, 7, "3", &[]),
        line(6, EventKind::Create, 7, "4", &[]),
    ];
    let mut tx = store.begin("tests::event").await.unwrap();
    event::append(&mut tx, &first, &told).await.unwrap();
    let users = ["1", "2", "3"].map(user);
    let newest = event::newest_of(&mut tx, &aws(), &users).await.unwrap();
    assert_eq!(newest, BTreeMap::from([(user("1"), ada), (user("2"), bob)]));
    assert!(event::newest_of(&mut tx, &other(), &users).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn the_log_is_counted_as_it_is_read_whoever_found_an_effect_out_twice(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    // Two lines in a span of ten minutes, one at the end of it and one at the beginning of the next.
    let all: Vec<Event> = [(1, 60), (2, 61), (3, 599), (4, 600)]
        .map(|(seq, seconds)| line(seq, EventKind::Create, seconds, "1", &[]))
        .into();
    for some in [&all[..2], &all[1..3], &all[2..], &all[..]] {
        let mut tx = store.begin("tests::event").await.unwrap();
        let twice = [some, some].concat();
        event::append(&mut tx, &lease, &twice).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = store.read("tests::event").await.unwrap();
    for (since, n) in [(0, 4), (60, 4), (61, 3), (62, 2), (599, 2), (600, 1)] {
        let counts = event::counts(&mut tx, &aws(), at(since)).await.unwrap();
        assert_eq!(counts, BTreeMap::from([(EventKind::Create, n)]), "since {since}");
    }
    assert_eq!(event::counts(&mut tx, &aws(), at(601)).await.unwrap(), BTreeMap::new());
    assert_eq!(event::counts(&mut tx, &other(), at(0)).await.unwrap(), BTreeMap::new());
}

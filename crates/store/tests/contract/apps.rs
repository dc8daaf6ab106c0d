//! An app to test with, a run that holds it, and records of its accounts.

use secrecy::SecretString;
use serde_json::json;
use usher_model::app::Settings;
use usher_model::attribute::Attributes;
use usher_model::guard::Class;
use usher_model::id::{AppId, DirectoryId, Email, RemoteId, RunId, UserId};
use usher_model::operation::Operation;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_store::account::{AccountRecord, Intent, RecordState};
use usher_store::app::{self, App, Grant, Lease, NewApp};
use usher_store::plan::PlanRow;
use usher_store::{Store, Tx};

use crate::db::{Db, Home};

pub(crate) const ENDPOINT: &str = "https://scim.us-east-1.amazonaws.com/t1/scim/v2/";

/// The instant so many seconds after a beginning.
pub(crate) const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + seconds * 1_000_000)
}

pub(crate) fn aws() -> AppId {
    AppId::new("app-1")
}

pub(crate) fn other() -> AppId {
    AppId::new("app-2")
}

pub(crate) fn user(id: &str) -> UserId {
    UserId::new(id)
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub(crate) fn address(id: &str) -> Email {
    email(&format!("{id}@example.com"))
}

/// A store with two apps, neither of them configured.
pub(crate) async fn store_with_apps(db: Db) -> (Home, Store) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::apps").await.unwrap();
    for (id, name) in [(aws(), "aws"), (other(), "wiki")] {
        let app = NewApp {
            id,
            name: name.to_owned(),
            template: "aws".to_owned(),
            directory: DirectoryId::new("d1"),
            created_at: at(0),
        };
        app::insert(&mut tx, &app).await.unwrap();
    }
    tx.commit().await.unwrap();
    (home, store)
}

/// A token of this age, for the same tenant.
pub(crate) fn grant(token: &SecretString, created_at: Option<Timestamp>) -> Grant<'_> {
    Grant { endpoint: ENDPOINT, token, created_at, drop_records: false }
}

/// Configures and authorizes an app and turns it on.
pub(crate) async fn turn_on(store: &Store, id: &AppId, now: Timestamp) {
    let mut tx = store.begin("tests::turn_on").await.unwrap();
    app::configure(&mut tx, id, &Settings::default()).await.unwrap();
    let token = SecretString::from("t0ken");
    app::authorize(&mut tx, store.keyring(), id, grant(&token, None), now).await.unwrap();
    app::enable(&mut tx, id, now).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn get(tx: &mut Tx, id: &AppId) -> App {
    app::by_id(tx, id).await.unwrap().unwrap()
}

/// A run that takes an app.
pub(crate) async fn lease(store: &Store, id: &AppId, run: &str) -> Lease {
    let mut tx = store.begin("tests::lease").await.unwrap();
    let lease = app::begin_run(&mut tx, id, RunId::new(run)).await.unwrap();
    tx.commit().await.unwrap();
    lease
}

pub(crate) fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    pairs.iter().map(|(path, value)| (path.parse().unwrap(), json!(value))).collect()
}

/// What is on record of somebody whose account is on.
pub(crate) fn active(id: &str) -> AccountRecord {
    AccountRecord {
        state: RecordState::Active,
        remote_id: Some(RemoteId::new(format!("r-{id}"))),
        user_name: Some(address(id).as_str().to_owned()),
        ..AccountRecord::new(user(id), Some(address(id)))
    }
}

pub(crate) fn suspend(id: &str) -> Operation {
    Operation::Suspend { remote_id: RemoteId::new(format!("r-{id}")) }
}

pub(crate) fn create(id: &str) -> Operation {
    Operation::Create { attributes: attributes(&[("userName", address(id).as_str())]), ask_first: true }
}

pub(crate) fn intent(operation: Operation, seq: i64, until: Timestamp) -> Intent {
    Intent {
        operation,
        reason: Reason::Joined,
        run: RunId::new("run-1"),
        seq,
        until,
        missed_at: None,
        is_released: false,
    }
}

/// A planned operation of a person.
pub(crate) fn row(seq: i64, id: &str, operation: Operation, classes: &[Class]) -> PlanRow {
    let classes = classes.to_vec();
    PlanRow { seq, classes, ..PlanRow::new(user(id), address(id), operation, Reason::Joined) }
}

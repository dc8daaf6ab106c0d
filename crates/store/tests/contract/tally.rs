//! The kept counts, whatever writes the rows.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;
use serde_json::{Map, json};
use usher_model::account::{Choice, Pin};
use usher_model::cause::Causes;
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::id::{AppId, DirectoryId, RunId, UserId};
use usher_model::operation::Kind;
use usher_model::reason::{Failing, Failure};
use usher_store::account::{self, AccountRecord, PinChange, RecordState};
use usher_store::app::{self, Lease};
use usher_store::directory::{self, Person};
use usher_store::{Store, Tx, tally};

use crate::apps::{active, address, at, aws, intent, lease, other, store_with_apps, suspend, turn_on, user};
use crate::db::Db;

const STEPS: usize = 300;

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()].clone()
    }
}

async fn assert_counted(tx: &mut Tx, step: &str) {
    assert_eq!(tally::miscounted(tx).await.unwrap(), [""; 0], "after {step}");
}

/// Ends a transaction, now and then by taking everything in it back.
async fn decide(chance: &mut Chance, store: &Store, mut tx: Tx, step: &str) {
    assert_counted(&mut tx, step).await;
    match chance.below(5) {
        0 => tx.rollback().await.unwrap(),
        _ => tx.commit().await.unwrap(),
    }
    assert_counted(&mut store.read("tests::counted").await.unwrap(), step).await;
}

fn pin() -> Pin {
    Pin { by: "ada@example.com".to_owned(), why: String::new(), since: at(0), until: None, undone: None }
}

fn any_record(chance: &mut Chance) -> AccountRecord {
    let id = chance.below(12).to_string();
    let failure = Failure::Refused { status: 400, message: "no".to_owned() };
    let failing = Failing { failure, kind: Some(Kind::Create), n_attempts: 1, retry_at: at(9) };
    let leaving = Causes { suspended: Some(at(1)), ..Causes::default() };
    let begun = intent(suspend(&id), 1, at(5));
    AccountRecord {
        state: chance.one_of(&RecordState::ALL),
        causes: chance.one_of(&[Causes::default(), leaving]),
        failing: chance.one_of(&[None, Some(failing)]),
        pin: chance.one_of(&[None, None, Some(pin())]),
        intent: chance.one_of(&[None, None, Some(begun)]),
        ..active(&id)
    }
}

fn some_users(chance: &mut Chance) -> BTreeSet<UserId> {
    (0..=chance.below(3)).map(|_| user(&chance.below(12).to_string())).collect()
}

/// One write of accounts, of any kind; and its name.
async fn write_accounts(tx: &mut Tx, chance: &mut Chance, lease: &Lease) -> &'static str {
    let (app, who) = (lease.app.clone(), user(&chance.below(12).to_string()));
    match chance.below(16) {
        0..=4 => {
            let records: Vec<_> = (0..=chance.below(5)).map(|_| any_record(chance)).collect();
            account::record(tx, lease, &records).await.unwrap();
            "record"
        }
        5 => {
            let mut record = any_record(chance);
            record.intent.get_or_insert_with(|| intent(suspend("1"), 1, at(5)));
            account::intend(tx, lease, &[&record]).await.unwrap();
            "intend"
        }
        6..=7 => {
            let users: Vec<_> = some_users(chance).into_iter().collect();
            account::forget(tx, lease, &users).await.unwrap();
            "forget"
        }
        8..=9 => {
            let pin = chance.one_of(&[None, Some(pin())]);
            account::set_pin(tx, &app, &who, pin.as_ref()).await.unwrap();
            "set_pin"
        }
        10 => {
            let unpin = PinChange { user: who, before: Some(pin()), after: None };
            account::change_pins(tx, lease, &[unpin]).await.unwrap();
            "change_pins"
        }
        11..=12 => {
            let choice = chance.one_of(&[None, Some(Choice::TakeOver), Some(Choice::Wait)]);
            account::set_choice(tx, &app, &who, choice).await.unwrap();
            "set_choice"
        }
        13 => {
            account::bring_forward(tx, &app, &who, at(7)).await.unwrap();
            "bring_forward"
        }
        14 => {
            account::retry(tx, &app, chance.one_of(&[None, Some(who)]).as_ref()).await.unwrap();
            "retry"
        }
        _ => {
            app::unconfigure(tx, &app, at(8)).await.unwrap();
            "unconfigure"
        }
    }
}

#[rstest]
#[tokio::test]
async fn whatever_writes_accounts_leaves_them_counted(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    for app in [aws(), other()] {
        turn_on(&store, &app, at(0)).await;
    }
    let mut chance = Chance(7);
    let mut written = BTreeSet::new();
    for step in 0..STEPS {
        let app: AppId = chance.one_of(&[aws(), other()]);
        let lease = lease(&store, &app, &format!("run-{step}")).await;
        let mut tx = store.begin("tests::write").await.unwrap();
        let name = write_accounts(&mut tx, &mut chance, &lease).await;
        written.insert(name);
        decide(&mut chance, &store, tx, &format!("step {step}, {name}")).await;
    }
    assert_eq!(written.len(), 9, "every kind was written: {written:?}");
    let mut tx = store.begin("tests::remove").await.unwrap();
    let records = [active("1"), active("2")];
    let lease = app::begin_run(&mut tx, &aws(), RunId::new("last")).await.unwrap();
    account::record(&mut tx, &lease, &records).await.unwrap();
    app::remove(&mut tx, &aws()).await.unwrap();
    assert_counted(&mut tx, "remove").await;
    assert_eq!(account::counts(&mut tx, &aws(), at(0)).await.unwrap().total(), 0);
    tx.commit().await.unwrap();
}

fn any_person(chance: &mut Chance) -> Person {
    let id = chance.below(40).to_string();
    let since = chance.one_of(&[None, Some(at(1))]);
    let states = [
        UserState::Active,
        UserState::Active,
        UserState::Suspended { since },
        UserState::Archived { since },
        UserState::Deleted { since },
        UserState::Unlisted,
    ];
    let user = User {
        primary_email: address(&id),
        state: chance.one_of(&states),
        org_unit: OrgUnitPath::parse(chance.one_of(&["/", "/Sales", "/sales", "/Sales/East"])).unwrap(),
        is_guest: chance.below(4) == 0,
        id: UserId::new(&*id),
    };
    let mut resource = Map::new();
    resource.insert("n".to_owned(), json!(chance.below(3)));
    Person::new(user, resource)
}

#[rstest]
#[tokio::test]
async fn whatever_writes_people_leaves_them_counted(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    let directory = DirectoryId::new("d1");
    let mut tx = store.begin("tests::directory").await.unwrap();
    directory::embedded(&mut tx, &directory, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut chance = Chance(11);
    for step in 0..STEPS {
        let mut tx = store.begin("tests::write").await.unwrap();
        let people: Vec<_> = (0..=chance.below(6)).map(|_| any_person(&mut chance)).collect();
        let once: BTreeMap<_, _> = people.iter().map(|person| (&person.user.id, person)).collect();
        directory::record_people(&mut tx, &directory, once.into_values()).await.unwrap();
        decide(&mut chance, &store, tx, &format!("step {step}")).await;
    }
    let mut tx = store.read("tests::read").await.unwrap();
    let counts = directory::counts(&mut tx, &directory).await.unwrap();
    assert_eq!(counts.users, directory::listed(&mut tx, &directory).await.unwrap());
    let by_unit = directory::people_by_unit(&mut tx, &directory).await.unwrap();
    assert_eq!(by_unit.values().sum::<u64>(), counts.active);
}

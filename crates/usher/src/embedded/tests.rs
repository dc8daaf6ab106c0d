//! The trait's methods over a store in memory. What Google's API makes of them is tested where the emulator is.

use serde_json::{Map, Value, json};
use usher_emulator::workspace::directory::{Member, MemberKind};
use usher_engine::import;
use usher_model::directory::{OrgUnitPath, UserState};
use usher_model::time::Timestamp;
use usher_store::app::NewApp;
use usher_store::directory::Person;
use usher_store::{KeySource, Location, Migrations, Opening, access, app};

use super::*;
use crate::system::{self, SystemClock};

mod groups;
mod people;
mod structure;

/// The embedded directory of a new store, with the domain `example.com`.
struct Home {
    store: Store,
    directory: Embedded,
}

impl Home {
    async fn new() -> Self {
        let opening = Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![usher_store::Key::new([7; 32])]),
            entropy: Arc::new(system::fill),
            migrations: Migrations::Apply,
        };
        let store = Store::open(opening).await.unwrap();
        let directory = Embedded::open(store.clone(), Arc::new(SystemClock), &SystemClock).await.unwrap();
        let home = Self { store, directory };
        home.does([Change::Domain(domain("example.com"))]).await;
        home
    }

    async fn does(&self, changes: impl IntoIterator<Item = Change>) {
        self.commit(changes).await.unwrap();
    }

    async fn commit(&self, changes: impl IntoIterator<Item = Change>) -> Result<(), NotCommitted> {
        let edition = self.directory.edition().await.unwrap();
        self.directory.commit(changes.into_iter().collect(), edition).await
    }

    /// An edit that must be refused.
    async fn refuses(&self, changes: impl IntoIterator<Item = Change>) {
        self.commit(changes).await.unwrap_err();
    }

    async fn root(&self) -> String {
        let units = self.directory.org_units().await.unwrap();
        units.iter().find(|unit| unit.parent.is_none()).unwrap().id.clone()
    }

    /// A user in the root unit, whose address is `<id>@example.com`.
    async fn user(&self, id: &str) -> User {
        user(id, &self.root().await)
    }

    async fn read(&self, id: &str) -> User {
        User::clone(&*self.directory.user(id).await.unwrap().unwrap())
    }

    async fn holder(&self, address: &str) -> Option<Holder> {
        self.directory.holder(address).await.unwrap()
    }

    /// The person as runs see them.
    async fn person(&self, id: &str) -> Person {
        let mut tx = self.store.read("tests::person").await.unwrap();
        let ids = BTreeSet::from([UserId::new(id)]);
        directory::people(&mut tx, &self.directory.id, &ids).await.unwrap().into_values().next().unwrap()
    }

    /// How often the app has heard of a change, where there is one.
    async fn app(&self) -> app::App {
        let mut tx = self.store.read("tests::app").await.unwrap();
        app::by_name(&mut tx, "wiki").await.unwrap().unwrap()
    }

    /// What `usher import` does with this file.
    async fn imports(&self, file: &Value) {
        let files = tempfile::tempdir().unwrap();
        let path = files.path().join("directory.json");
        std::fs::write(&path, file.to_string()).unwrap();
        let options = import::Import { replace: false, preview: false };
        let mut new_id = || new_id(&SystemClock);
        import::import(&self.store, &[path], options, Timestamp::default(), &mut new_id, &|_| ())
            .await
            .unwrap();
    }

    /// Makes the app `wiki`, which is on.
    async fn adds_app(&self) {
        let mut tx = self.store.begin("tests::add_app").await.unwrap();
        let new = NewApp {
            id: usher_model::id::AppId::new("wiki"),
            name: "wiki".to_owned(),
            template: "scim".to_owned(),
            directory: self.directory.id.clone(),
            created_at: Timestamp::default(),
        };
        app::insert(&mut tx, &new).await.unwrap();
        app::enable(&mut tx, &new.id, Timestamp::default()).await.unwrap();
        app::set_next_run(&mut tx, &new.id, None).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("{value} is no object") };
    object
}

fn user(id: &str, unit: &str) -> User {
    let fields = json!({
        "primaryEmail": format!("{id}@example.com"), "name": {"givenName": id, "familyName": "L", "fullName": id},
        "suspended": false,
    });
    User { id: id.to_owned(), org_unit: unit.to_owned(), deleted_at: None, fields: object(fields) }
}

fn with(mut user: User, name: &str, value: Value) -> User {
    user.fields.insert(name.to_owned(), value);
    user
}

fn group(id: &str) -> Group {
    let fields = json!({"email": format!("{id}@example.com"), "name": id});
    Group { id: id.to_owned(), fields: object(fields) }
}

fn domain(name: &str) -> Domain {
    Domain {
        name: name.to_owned(),
        is_primary: false,
        is_verified: true,
        created_at: Timestamp::from_micros(1_790_000_000_123_000),
        aliases: vec![(format!("alias.{name}"), Timestamp::from_micros(5_000))],
    }
}

fn unit(id: &str, name: &str, parent: &str) -> OrgUnit {
    OrgUnit {
        id: id.to_owned(),
        name: name.to_owned(),
        parent: Some(parent.to_owned()),
        description: format!("the unit {name}"),
    }
}

fn member(id: &str, kind: MemberKind) -> Member {
    Member {
        id: id.to_owned(),
        kind,
        address: None,
        role: "MEMBER".to_owned(),
        delivery: "ALL_MAIL".to_owned(),
    }
}

fn joins(group: &str, member: Member) -> Change {
    Change::Member { group: group.to_owned(), member }
}

fn external(address: &str) -> Member {
    Member { address: Some(address.to_owned()), ..member(&derived_id(address), MemberKind::External) }
}

fn user_holds(id: &str) -> Holder {
    Holder::User(id.to_owned())
}

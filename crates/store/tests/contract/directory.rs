//! Directories: who they are, and reading what they say.

mod candidates;
mod google;
mod mirror;
mod push;
mod reach;
mod reading;
mod searching;
mod served;
mod staging;

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Map, Value, json};
use usher_model::directory::{Group, OrgUnitPath, User, UserState};
use usher_model::id::{DirectoryId, Email, GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::directory::stage::{self, Addresses, Mention, SettledMembers, StagedMember};
use usher_store::directory::{self, DirectoryKind, GroupRecord, Owner, Person};
use usher_store::{Store, Tx};

use crate::db::{Db, Home};

const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

fn id() -> DirectoryId {
    DirectoryId::new("d1")
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

fn emails(texts: &[&str]) -> BTreeSet<Email> {
    texts.iter().map(|text| email(text)).collect()
}

fn user_id(id: &str) -> UserId {
    UserId::new(id)
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("{value} is no object") };
    object
}

/// A person whose address is `<id>@example.com`.
fn person(id: &str, state: UserState) -> Person {
    let user = User {
        id: UserId::new(id),
        primary_email: email(&format!("{id}@example.com")),
        state,
        org_unit: OrgUnitPath::root(),
        is_guest: false,
    };
    Person::new(user, object(json!({"id": id, "name": {"fullName": format!("{id} \"Ünïcode\" \u{0}")}})))
}

fn active(id: &str) -> Person {
    person(id, UserState::Active)
}

fn group(id: &str) -> GroupRecord {
    let group =
        Group { id: GroupId::new(id), email: email(&format!("{id}@example.com")), name: id.to_owned() };
    GroupRecord { group, resource: object(json!({"id": id})) }
}

/// A store with an empty embedded directory.
async fn store_of(db: Db) -> (Home, Store) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::directory").await.unwrap();
    directory::embedded(&mut tx, &id(), NOW).await.unwrap();
    tx.commit().await.unwrap();
    (home, store)
}

/// Writes people and groups with their own addresses.
async fn populate(tx: &mut Tx, people: &[Person], groups: &[GroupRecord]) {
    directory::record_people(tx, &id(), people).await.unwrap();
    directory::record_groups(tx, &id(), groups).await.unwrap();
    let of_person = |person: &Person| Addresses {
        owner: Owner::User(person.user.id.clone()),
        primary: (!matches!(person.user.state, UserState::Deleted { .. }))
            .then(|| person.user.primary_email.clone()),
        aliases: BTreeSet::new(),
    };
    let of_group = |record: &GroupRecord| Addresses {
        owner: Owner::Group(record.group.id.clone()),
        primary: Some(record.group.email.clone()),
        aliases: BTreeSet::new(),
    };
    let addresses: Vec<Addresses> = people.iter().map(of_person).chain(groups.iter().map(of_group)).collect();
    stage::restate(tx, &id(), &addresses).await.unwrap();
    assert_eq!(stage::settle_addresses(tx, &id()).await.unwrap(), None);
    stage::clear(tx, &id()).await.unwrap();
}

fn member(group: &str, member: &str) -> StagedMember {
    StagedMember {
        group: email(&format!("{group}@example.com")),
        id: None,
        email: Some(email(member)),
        is_customer: false,
        role: "MEMBER".to_owned(),
    }
}

/// Lists the members of groups and settles them; `example.com` is ours.
async fn settle(tx: &mut Tx, members: &[StagedMember], replace: bool) -> SettledMembers {
    stage::mention(tx, &id(), Mention::Members, members.iter().map(|member| member.group.as_str()))
        .await
        .unwrap();
    stage::stage_members(tx, &id(), 0, members).await.unwrap();
    let settled = stage::settle_members(tx, &id(), ["example.com"], replace).await.unwrap();
    stage::clear(tx, &id()).await.unwrap();
    settled
}

#[rstest]
#[tokio::test]
async fn there_is_one_embedded_directory(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::again").await.unwrap();
    let again = directory::embedded(&mut tx, &DirectoryId::new("d2"), NOW).await.unwrap();
    assert_eq!((again.id.as_str(), again.name.as_str()), ("d1", "embedded"));
    assert_eq!(again.kind, DirectoryKind::Embedded);
    assert_eq!(directory::list(&mut tx).await.unwrap(), std::slice::from_ref(&again));
    assert_eq!(directory::by_name(&mut tx, "embedded").await.unwrap(), Some(again.clone()));
    assert_eq!(directory::by_id(&mut tx, &id()).await.unwrap(), Some(again));
    assert_eq!(directory::by_name(&mut tx, "google").await.unwrap(), None);
    assert_eq!(directory::by_id(&mut tx, &DirectoryId::new("d2")).await.unwrap(), None);
    tx.rollback().await.unwrap();
}

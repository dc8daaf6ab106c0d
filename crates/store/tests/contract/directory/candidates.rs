//! Walking people as a run does.

use usher_model::id::{AppId, RunId};
use usher_store::account::{self, AccountRecord};
use usher_store::app::{self, Lease, NewApp};
use usher_store::directory::Candidate;

use super::*;

fn app_id(id: &str) -> AppId {
    AppId::new(id)
}

async fn app_of(tx: &mut Tx, id: &str) -> Lease {
    let new = NewApp {
        id: app_id(id),
        name: id.to_owned(),
        template: "scim".to_owned(),
        directory: self::id(),
        created_at: NOW,
    };
    app::insert(tx, &new).await.unwrap();
    app::begin_run(tx, &app_id(id), RunId::new("r")).await.unwrap()
}

fn ids(candidates: &[Candidate]) -> Vec<&str> {
    candidates.iter().map(|candidate| candidate.user.id.as_str()).collect()
}

#[rstest]
#[tokio::test]
async fn people_are_walked_in_id_order_deleted_ones_included(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::walk").await.unwrap();
    app_of(&mut tx, "a1").await;
    let people = ["b", "a", "c", "Z", "ä"];
    let mut people: Vec<Person> = people.map(active).into();
    people[2].user.state = UserState::Deleted { since: Some(NOW) };
    directory::record_people(&mut tx, &id(), &people).await.unwrap();

    let app = app_id("a1");
    let first = directory::candidates(&mut tx, &id(), &app, None, 2).await.unwrap();
    assert_eq!(ids(&first), ["Z", "a"]);
    let last = first.last().map(|candidate| &candidate.user.id);
    let rest = directory::candidates(&mut tx, &id(), &app, last, 10).await.unwrap();
    assert_eq!(ids(&rest), ["b", "c", "ä"]);
    assert_eq!(rest[1].user, people[2].user);
    let last = rest.last().map(|candidate| &candidate.user.id);
    assert!(directory::candidates(&mut tx, &id(), &app, last, 10).await.unwrap().is_empty());

    let asked = [user_id("c"), user_id("a"), user_id("c"), user_id("nobody")];
    let some = directory::candidates_of(&mut tx, &id(), &app, &asked).await.unwrap();
    assert_eq!(ids(&some), ["a", "c"]);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_candidate_carries_what_their_own_app_settled(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::settled").await.unwrap();
    let lease = app_of(&mut tx, "a1").await;
    app_of(&mut tx, "a2").await;
    directory::record_people(&mut tx, &id(), &[active("u1"), active("u2")]).await.unwrap();
    let record = AccountRecord {
        settled: Some("as before".to_owned()),
        wake_at: Some(NOW),
        ..AccountRecord::new(user_id("u1"), None)
    };
    account::record(&mut tx, &lease, &[record]).await.unwrap();

    let of = async |tx: &mut Tx, app: &str, user: &str| {
        directory::candidate(tx, &id(), &app_id(app), &user_id(user)).await.unwrap()
    };
    let blank = |id: &str| {
        let person = active(id);
        let fingerprint = person.fingerprint().to_owned();
        Candidate { user: person.user, fingerprint, settled: None, wake_at: None, has_account: false }
    };
    let settled = Candidate {
        settled: Some("as before".to_owned()),
        wake_at: Some(NOW),
        has_account: true,
        ..blank("u1")
    };
    assert_eq!(of(&mut tx, "a1", "u1").await, Some(settled));
    assert_eq!(of(&mut tx, "a1", "u2").await, Some(blank("u2")));
    assert_eq!(of(&mut tx, "a2", "u1").await, Some(blank("u1")));
    assert_eq!(of(&mut tx, "a1", "u3").await, None);
    tx.rollback().await.unwrap();
}

//! Push channels, and of whom they said that something changed.

use std::time::Duration;

use usher_store::directory::push::{self, PushChannel};

use super::*;

async fn workspace_of(db: Db) -> (Home, Store) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::workspace").await.unwrap();
    directory::insert_google(&mut tx, &id(), "google", NOW).await.unwrap();
    tx.commit().await.unwrap();
    (home, store)
}

fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

fn channel(id: &str, expires_at: Timestamp) -> PushChannel {
    let address = "https://usher.example.com/x".to_owned();
    PushChannel { id: id.to_owned(), event: "update".to_owned(), address, expires_at }
}

#[rstest]
#[tokio::test]
async fn a_channel_is_known_by_its_token_until_it_ends(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::channels").await.unwrap();
    let (soon, late) = (channel("1", later(60)), channel("2", later(600)));
    push::open(&mut tx, &id(), &soon, "secret").await.unwrap();
    push::open(&mut tx, &id(), &late, "other").await.unwrap();
    let whose = async |tx: &mut Tx, channel, token, at| push::whose(tx, channel, token, at).await.unwrap();
    assert_eq!(whose(&mut tx, "1", "secret", NOW).await, Some(id()));
    assert_eq!(whose(&mut tx, "1", "other", NOW).await, None);
    assert_eq!(whose(&mut tx, "3", "secret", NOW).await, None);
    assert_eq!(whose(&mut tx, "1", "secret", later(60)).await, None);
    assert_eq!(push::standing(&mut tx, &id(), NOW).await.unwrap(), [soon, late.clone()]);
    assert_eq!(push::standing(&mut tx, &id(), later(60)).await.unwrap(), [late]);
    push::close(&mut tx, "2").await.unwrap();
    assert_eq!(push::standing(&mut tx, &id(), NOW).await.unwrap(), []);
}

#[rstest]
#[tokio::test]
async fn a_hint_waits_until_it_is_heeded_or_everybody_was_read_since(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::hints").await.unwrap();
    for (address, at) in [("a@example.com", 1), ("b@example.com", 2), ("a@example.com", 3)] {
        push::hint(&mut tx, &id(), &email(address), later(at)).await.unwrap();
    }
    let hints = async |tx: &mut Tx| push::hints(tx, &id(), 9).await.unwrap();
    assert_eq!(hints(&mut tx).await, [(email("a@example.com"), 2), (email("b@example.com"), 1)]);
    assert_eq!(push::hints(&mut tx, &id(), 1).await.unwrap().len(), 1);
    // One that was repeated while it was heeded stays.
    push::heeded(&mut tx, &id(), &[(email("a@example.com"), 1)]).await.unwrap();
    assert_eq!(hints(&mut tx).await.len(), 2);
    push::heeded_before(&mut tx, &id(), later(3)).await.unwrap();
    assert_eq!(hints(&mut tx).await, [(email("a@example.com"), 2)]);
    push::heeded(&mut tx, &id(), &[(email("a@example.com"), 2)]).await.unwrap();
    assert_eq!(hints(&mut tx).await, []);
}

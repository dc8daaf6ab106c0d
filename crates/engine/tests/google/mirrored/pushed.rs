//! What Google is asked to tell, and what a message of it does.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use usher_emulator::workspace::courier::{Courier, Delivery, Notification};
use usher_engine::mirror::push;
use usher_engine::mirror::push::Notified;
use usher_model::directory::UserState;
use usher_store::Store;
use usher_store::directory;
use usher_testkit::clock::SimClock;

use super::settled;

/// Carries messages straight to whoever takes them in.
#[derive(Debug)]
struct Straight(Store, SimClock);

#[async_trait::async_trait]
impl Courier for Straight {
    async fn deliver(&self, message: &Notification) -> Delivery {
        let header = |name| message.header(name).unwrap_or_default();
        let by = (header("X-Goog-Channel-ID"), header("X-Goog-Channel-Token"));
        let state = header("X-Goog-Resource-State");
        let taken = push::notified(&self.0, self.1.now(), by, state, &message.body).await.unwrap();
        let status = if taken == Notified::Stranger { 404 } else { 204 };
        Delivery::Answered(status)
    }
}

#[tokio::test]
async fn google_says_of_whom_something_changed_and_they_are_read() {
    let office = settled(6).await;
    let (store, clock, client, of) =
        (&office.store, office.clock.as_ref(), &office.client, &office.directory);
    let address = format!("https://usher.example.com{}", push::PATH);
    push::renew(store, clock, client, of, &address).await.unwrap();
    let channels = office.server.workspace.channels();
    assert_eq!(channels.len(), 4, "one for each kind of change");
    push::renew(store, clock, client, of, &address).await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 4, "they stand");
    let courier = Straight(store.clone(), office.sim.clone());
    office.suspend("u0@example.com").await;
    let stop = CancellationToken::new();
    let heeded = async {
        loop {
            let mut tx = store.read("test").await.unwrap();
            if !directory::push::hints(&mut tx, &of.id, 1).await.unwrap().is_empty() {
                break stop.cancel();
            }
            drop(tx);
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(office.server.workspace.deliver(&courier, stop.clone()), heeded);
    assert!(push::heed(store, clock, client, of).await.unwrap());
    assert!(matches!(office.state("u0@example.com").await, Some(UserState::Suspended { .. })));
    assert!(!push::heed(store, clock, client, of).await.unwrap(), "a hint is heeded once");
}

#[tokio::test]
async fn a_message_without_the_token_of_its_channel_is_nobodys() {
    let office = settled(1).await;
    let (store, clock, client, of) =
        (&office.store, office.clock.as_ref(), &office.client, &office.directory);
    push::renew(store, clock, client, of, "https://usher.example.com/x").await.unwrap();
    let channels = office.server.workspace.channels();
    let body = br#"{"id": "1", "primaryEmail": "u0@example.com"}"#;
    for by in [(channels[0].id.as_str(), ""), (channels[0].id.as_str(), "guess"), ("other", "guess")] {
        let taken = push::notified(store, office.sim.now(), by, "update", body).await.unwrap();
        assert_eq!(taken, Notified::Stranger);
    }
    let mut tx = store.read("test").await.unwrap();
    assert!(directory::push::hints(&mut tx, &of.id, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_channel_is_replaced_before_it_ends() {
    let office = settled(1).await;
    let (store, clock, client, of) =
        (&office.store, office.clock.as_ref(), &office.client, &office.directory);
    let renew = || push::renew(store, clock, client, of, "https://usher.example.com/x");
    renew().await.unwrap();
    office.sim.advance(Duration::from_hours(46));
    renew().await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 4);
    office.sim.advance(Duration::from_mins(90));
    renew().await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 8, "for a while there are two of each");
    office.sim.advance(Duration::from_hours(1));
    renew().await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 4);
}

//! What Google is asked to tell, and what a message of it does.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use usher_emulator::workspace::courier::{Courier, Delivery, Notification};
use usher_emulator::workspace::fault::{ErrorReason, FaultRule};
use usher_engine::mirror::push::Notified;
use usher_engine::mirror::{keep, push};
use usher_model::directory::UserState;
use usher_model::id::Email;
use usher_store::Store;
use usher_store::directory;
use usher_testkit::clock::SimClock;

use super::{seed, settled};
use crate::office::{Office, beginning};
use crate::scene::error;

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

#[tokio::test]
async fn a_channel_to_an_address_of_yesterday_stands_for_nothing() {
    let office = settled(1).await;
    let (store, clock, client, of) =
        (&office.store, office.clock.as_ref(), &office.client, &office.directory);
    for address in ["https://wrong.example.com/x", "https://usher.example.com/x"] {
        push::renew(store, clock, client, of, address).await.unwrap();
    }
    assert_eq!(office.server.workspace.channels().len(), 8, "four to each");
    push::renew(store, clock, client, of, "https://usher.example.com/x").await.unwrap();
    assert_eq!(office.server.workspace.channels().len(), 8);
}

#[tokio::test]
async fn what_google_refuses_to_tell_of_does_not_keep_the_rest_from_being_told() {
    let office = settled(1).await;
    let refused = FaultRule {
        target: Some("event=add".to_owned()),
        ..FaultRule::always("directory.users.watch", error(400, ErrorReason::Forbidden))
    };
    office.server.workspace.add_fault(refused).unwrap();
    let (store, clock, client, of) =
        (&office.store, office.clock.as_ref(), &office.client, &office.directory);
    push::renew(store, clock, client, of, "https://usher.example.com/x").await.unwrap_err();
    assert_eq!(office.server.workspace.channels().len(), 3);
}

/// Takes a message for each of so many people.
async fn told_of(office: &Office, n_people: usize) {
    let mut tx = office.store.begin("test").await.unwrap();
    for n in 0..n_people {
        let email = Email::parse(&format!("u{n}@example.com")).unwrap();
        directory::push::hint(&mut tx, &office.directory.id, &email, office.sim.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn n_waiting(office: &Office) -> usize {
    let mut tx = office.store.read("test").await.unwrap();
    directory::push::hints(&mut tx, &office.directory.id, 1_000).await.unwrap().len()
}

#[tokio::test]
async fn whoever_was_listed_since_a_message_is_not_read_once_more() {
    let office = settled(3).await;
    told_of(&office, 2).await;
    office.sim.advance(Duration::from_secs(1));
    office.list().await;
    assert_eq!(n_waiting(&office).await, 0);
    told_of(&office, 2).await;
    office.sim.advance(Duration::from_secs(1));
    office.breaks("directory.users.list", error(403, ErrorReason::Forbidden));
    office.try_list().await.unwrap_err();
    assert_eq!(n_waiting(&office).await, 2, "nobody was");
}

#[tokio::test]
async fn where_messages_come_about_many_the_whole_directory_is_listed() {
    let office = Office::under(&seed(220), SimClock::at(beginning())).await;
    office.list().await;
    let mut tx = office.store.begin("test").await.unwrap();
    let later = office.sim.now() + Duration::from_mins(15);
    directory::set_next_listing(&mut tx, &office.directory.id, later).await.unwrap();
    tx.commit().await.unwrap();
    office.sim.advance(Duration::from_mins(5));
    told_of(&office, 201).await;
    office.sim.advance(Duration::from_secs(1));
    let before = office.server.workspace.counters().of("directory.users.list");
    let stop = CancellationToken::new();
    let driven = async {
        while n_waiting(&office).await > 0 {
            office.sim.sleeping(1).await;
            office.sim.advance(Duration::from_secs(1));
        }
        stop.cancel();
    };
    let kept = keep::serve(&office.store, &office.clock, &office.environment, None, &stop);
    let (kept, ()) = tokio::join!(kept, driven);
    kept.unwrap();
    assert_eq!(office.server.workspace.counters().of("directory.users.get"), 0);
    assert_eq!(
        office.server.workspace.counters().of("directory.users.list"),
        before + 2,
        "living and deleted"
    );
}

use std::pin::pin;
use std::task::Poll;

use super::*;

const HOUR: Duration = Duration::from_hours(1);

fn noon() -> Timestamp {
    Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
}

#[tokio::test]
async fn a_sleep_ends_when_the_clock_reaches_it_and_not_before() {
    let clock = SimClock::at(noon());
    let mut sleep = pin!(clock.sleep_until(noon() + HOUR));
    assert_eq!(poll_once(sleep.as_mut()).await, Poll::Pending);
    clock.advance(HOUR / 2);
    assert_eq!(poll_once(sleep.as_mut()).await, Poll::Pending);
    clock.set(noon() + HOUR);
    sleep.await;
}

#[tokio::test]
async fn a_sleep_that_is_over_already_ends_at_once() {
    SimClock::at(noon()).sleep_until(noon()).await;
}

#[tokio::test]
async fn in_auto_advance_a_sleep_moves_the_clock() {
    let clock = SimClock::at(noon()).auto_advancing();
    clock.sleep_until(noon() + 24 * HOUR).await;
    assert_eq!(clock.now(), noon() + 24 * HOUR);
}

#[tokio::test]
async fn who_sleeps_is_known_until_the_sleep_ends_or_is_given_up() {
    let clock = SimClock::at(noon());
    let sleeper = clock.clone();
    let mut early = Box::pin(sleeper.sleep_until(noon() + HOUR));
    let late = clock.sleep_until(noon() + 2 * HOUR);
    let (_, ()) = tokio::join!(poll_once(early.as_mut()), clock.sleeping(1));
    {
        let mut late = pin!(late);
        assert_eq!(poll_once(late.as_mut()).await, Poll::Pending);
        assert_eq!(clock.next_wake(), Some(noon() + HOUR));
        drop(early);
        assert_eq!(clock.next_wake(), Some(noon() + 2 * HOUR));
    }
    assert_eq!(clock.next_wake(), None);
}

#[test]
fn clones_share_the_time() {
    let clock = SimClock::at(noon());
    let other = clock.clone();
    other.advance(HOUR);
    assert_eq!(clock.now(), noon() + HOUR);
    assert_eq!(format!("{clock:?}"), "SimClock(2026-11-23T13:00:00Z)");
}

#[test]
#[should_panic(expected = "cannot be turned back to 2026-11-23T11:00:00Z")]
fn the_clock_never_runs_backwards() {
    SimClock::at(noon()).set(noon().before(HOUR));
}

#[test]
fn equal_seeds_give_equal_chance() {
    let draw = |seed| {
        let clock = SimClock::seeded(noon(), seed);
        let mut drawn = [0; 21];
        clock.entropy(&mut drawn[..5]);
        clock.entropy(&mut drawn[5..]);
        drawn
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[tokio::test]
async fn it_serves_as_the_engines_clock() {
    let clock = SimClock::at(noon()).auto_advancing();
    let engines: &dyn Clock = &clock;
    engines.sleep_until(noon() + HOUR).await;
    assert_eq!((engines.now(), clock.now()), (noon() + HOUR, noon() + HOUR));
    assert_ne!(usher_engine::clock::new_id(engines), usher_engine::clock::new_id(engines));
}

/// Polls once.
async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

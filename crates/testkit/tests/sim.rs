//! The simulation's fixed share of the suite: some seeds, everything that was found before, and that it can be trusted.

use std::collections::BTreeSet;

use usher_testkit::sim::op::Op;
use usher_testkit::sim::op::part::Request;
use usher_testkit::sim::{Ground, Play, generate, reproductions, shrink};

/// Plays these seeds; the first broken rule is shown as the shortest play that breaks it.
async fn hold(seeds: std::ops::Range<u64>) {
    let ground = Ground::new().await;
    for seed in seeds {
        let play = Play::of_seed(seed);
        if play.play(&ground).await.broken.is_some() {
            let (least, played) = shrink::shrink(&ground, &play).await;
            panic!("{}\n{}", played.broken.unwrap_or_default(), shrink::literal(&least));
        }
    }
}

#[tokio::test]
async fn the_rules_hold_in_the_first_plays() {
    hold(0..13).await;
}

#[tokio::test]
async fn the_rules_hold_in_the_next_plays() {
    hold(13..26).await;
}

#[tokio::test]
async fn what_was_found_before_does_not_come_back() {
    let ground = Ground::new().await;
    for reproduction in reproductions::all() {
        let played = reproduction.play.play(&ground).await;
        assert_eq!(played.broken, None, "once: {}", reproduction.wrong);
    }
}

#[tokio::test]
async fn one_seed_gives_one_trace() {
    let (one, other) = (Ground::new().await, Ground::new().await);
    let play = Play::of_seed(7);
    let first = play.tell(&one).await;
    // What a ground has seen before makes no difference.
    Play::of_seed(8).play(&other).await;
    let second = play.tell(&other).await;
    let differs = first.trace.iter().zip(&second.trace).find(|(one, other)| one != other);
    assert_eq!(differs, None);
    assert_eq!(first, second);
    assert_ne!(first.digest, Play::of_seed(9).play(&one).await.digest);
}

#[test]
fn each_seed_has_more_than_twenty_people_and_two_hundred_ops() {
    for seed in 0..20 {
        let ops = generate::ops(seed);
        assert!(ops.len() >= 200);
    }
    const { assert!(usher_testkit::sim::op::PEOPLE - 4 >= 20, "so many there are from the beginning") };
}

#[test]
fn every_kind_of_op_comes_up() {
    let name = |op: &Op| format!("{op:?}").split([' ', '{']).next().unwrap_or_default().to_owned();
    let names: BTreeSet<String> = (0..60).flat_map(generate::ops).map(|op| name(&op)).collect();
    assert_eq!(names.len(), 68, "{names:?}");
}

/// The shrinker leaves nothing but what fails.
#[tokio::test]
async fn a_play_is_shrunk_to_what_breaks_the_rule() {
    let ground = Ground::new().await;
    let ops = vec![
        Op::Call { p: 1, n: 1 },
        Op::Panic,
        Op::Title { p: 2, n: 0 },
        Op::Run { request: Request::Full },
    ];
    let (least, played) = shrink::shrink(&ground, &Play { seed: 1, ops }).await;
    assert_eq!(least.ops, [Op::Panic]);
    assert!(played.broken.is_some_and(|broken| broken.contains("it panicked")));
    assert!(shrink::literal(&least).contains("Op::Panic,"));
}

#[test]
fn a_play_is_printed_as_it_is_written() {
    use usher_testkit::sim::op::part::{Fault, On, When};
    let fault = Op::Fault { fault: Fault::ShortPage { most: 3 }, on: On::All, when: When::Next { n: 1 } };
    let ops = vec![fault, Op::Group { g: 1, on: true }, Op::Run { request: Request::Person { p: 7 } }];
    let text = shrink::literal(&Play { seed: 5, ops });
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    assert_eq!(
        lines[3],
        "Op::Fault { fault: Fault::ShortPage { most: 3 }, on: On::All, when: When::Next { n: 1 } },"
    );
    assert_eq!(lines[4], "Op::Group { g: 1, on: true },");
    assert_eq!(lines[5], "Op::Run { request: Request::Person { p: 7 } },");
}

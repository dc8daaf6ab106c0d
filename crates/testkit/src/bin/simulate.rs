//! What `cargo xtask simulate` runs on each core: plays seeds, one after the other, and says what they came to.
//!
//! Its one argument is what it has to do, as JSON: `{"from": 0, "step": 2, "seeds": 100}` plays the seeds 0, 2, 4 …;
//! `"mutant": "NAME"` lets that mistake live and ends with the first broken rule; `"most_broken": 5` ends with the fifth.
//! `{"list": "mutants"}` lists the mistakes, one a line; `{"reproductions": true}` plays everything that was found before
//! with the mistake that makes it wrong again, and says for each which rule is broken. It answers in lines of JSON: every so many plays what was counted
//! since the line before, and each broken rule with the shortest play that still breaks it.

#![expect(clippy::print_stdout, reason = "what it says is its purpose")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use usher_testkit::sim::{Ground, Play, Played, mutants, reproductions, shrink};

/// So many plays go into one line of counts.
const PLAYS_PER_LINE: u64 = 20;

fn main() {
    let asked = std::env::args().nth(1).unwrap_or_default();
    let asked: Value = serde_json::from_str(&asked).expect("the one argument is JSON that says what to do");
    if asked["list"] == "mutants" {
        return mutants::names().iter().for_each(|name| println!("{name}"));
    }
    if let Some(name) = asked["mutant"].as_str() {
        mutants::let_live(name);
    }
    // Whatever breaks is told as what was broken; the place where it did is in the play.
    std::panic::set_hook(Box::new(|_| ()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if asked["reproductions"] == true {
        return runtime.block_on(reproduce());
    }
    runtime.block_on(play(&asked));
}

/// Plays what was found before with the mistake that makes it wrong again.
async fn reproduce() {
    let ground = Ground::new().await;
    for reproduction in reproductions::all() {
        let name = reproduction.mistake.to_string();
        mutants::let_live(&name);
        let broken = reproduction.play.play(&ground).await.broken;
        let n_ops = reproduction.play.ops.len();
        let told = json!({"mistake": name, "wrong": reproduction.wrong, "broken": broken, "n_ops": n_ops});
        println!("{told}");
    }
}

async fn play(asked: &Value) {
    let number = |key: &str, default: u64| asked[key].as_u64().unwrap_or(default);
    let (from, step, n_seeds) = (number("from", 0), number("step", 1), number("seeds", u64::MAX));
    let most_broken = number("most_broken", 1);
    let ground = Ground::new().await;
    let (mut counts, mut n_broken) = (Counts::default(), 0);
    for n in 0..n_seeds {
        let play = Play::of_seed(from + n * step);
        let played = play.play(&ground).await;
        counts.add(&play, &played);
        if played.broken.is_some() {
            let (least, broken) = shrink::shrink(&ground, &play).await;
            // What breaks without the mistake as well says nothing about it.
            if let Some(name) = asked["mutant"].as_str() {
                mutants::let_none_live();
                let without = least.play(&ground).await;
                mutants::let_live(name);
                if without.broken.is_some() {
                    continue;
                }
            }
            let told = least.tell(&ground).await;
            println!(
                "{}",
                json!({"broken": {
                    "seed": play.seed, "n_ops": least.ops.len(), "rule": shrink::kind(broken.broken.as_deref().unwrap_or_default()),
                    "what": broken.broken, "play": shrink::literal(&least), "trace": told.trace,
                }})
            );
            n_broken += 1;
        }
        if (n + 1) % PLAYS_PER_LINE == 0 || n + 1 == n_seeds || n_broken == most_broken {
            println!("{}", json!({"counts": std::mem::take(&mut counts).told()}));
        }
        if n_broken == most_broken {
            return;
        }
    }
}

/// What some plays came to.
#[derive(Default)]
struct Counts {
    n_plays: u64,
    n_ops: u64,
    n_requests: u64,
    n_effects: u64,
    faults: BTreeMap<&'static str, u64>,
}

impl Counts {
    fn add(&mut self, play: &Play, played: &Played) {
        self.n_plays += 1;
        self.n_ops += play.ops.len() as u64;
        self.n_requests += played.n_requests;
        self.n_effects += played.n_effects;
        for (fault, n) in &played.faults {
            *self.faults.entry(fault).or_default() += n;
        }
    }

    fn told(self) -> Value {
        json!({
            "plays": self.n_plays, "operations": self.n_ops, "requests": self.n_requests, "effects": self.n_effects,
            "faults": self.faults, "arms": mutants::arms_taken(),
        })
    }
}

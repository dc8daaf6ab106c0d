//! `cargo xtask simulate`: the real engine and store, played with for as long as one likes.
//!
//! Each core plays seeds of its own in a process of its own (`usher-testkit`'s `simulate`); this adds up what they say.
//! Whatever breaks a rule is printed as the shortest play that still does, to be pasted among the reproductions.
//!
//! With `--mutants` the engine is broken on purpose, one mistake at a time, and each has to be found.

mod mutants;
mod summary;
mod worker;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;
use serde_json::json;

use self::summary::Summary;
use self::worker::{Said, Workers};

#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// How many seeds are played; 1,000, unless --minutes says how long
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
    /// The first of them
    #[arg(long, value_name = "S", default_value_t = 0)]
    from: u64,
    /// Stop after so many minutes, whatever is left
    #[arg(long, value_name = "M")]
    minutes: Option<u64>,
    /// Break the engine on purpose, one mistake after the other, and print which are found
    #[arg(long, conflicts_with_all = ["minutes"])]
    mutants: bool,
    /// Print everything that happened in a play that broke a rule; with --mutants, the play that finds each
    #[arg(long)]
    trace: bool,
}

/// How many seeds are played unless it is said.
const FEW: u64 = 1_000;
/// More seeds than anybody plays.
const ENDLESS: u64 = 1 << 40;

/// How often it says how far it is.
const SAID_EVERY: Duration = Duration::from_secs(10);

pub(crate) fn run(args: &SimulateArgs) -> anyhow::Result<()> {
    let program = worker::build()?;
    let n_seeds = args.seeds.unwrap_or(if args.minutes.is_some() { ENDLESS } else { FEW });
    if args.mutants {
        return mutants::run(&program, args.from, n_seeds, args.trace);
    }
    let n_workers = n_cores().min(n_seeds);
    let asked = (0..n_workers).map(|n| {
        let seeds = (n_seeds + n_workers - 1 - n) / n_workers;
        json!({"from": args.from + n, "step": n_workers, "seeds": seeds, "most_broken": 3})
    });
    let mut workers = Workers::start(&program, asked)?;
    let (mut summary, begun) = (Summary::default(), now());
    let until = args.minutes.map(|minutes| begun + Duration::from_secs(60 * minutes));
    let mut said_at = begun;
    while let Some(said) = workers.next(until) {
        match said? {
            Said::Counts(counts) => summary.add(&counts),
            Said::Broken(broken) => {
                print_broken(&broken, args.trace);
                summary.n_broken += 1;
            }
        }
        if said_at.elapsed() >= SAID_EVERY {
            said_at = now();
            eprintln!("{}", summary.line(begun.elapsed()));
        }
    }
    drop(workers);
    summary.print(begun.elapsed());
    match summary.n_broken {
        0 if summary.lacks_arms() => {
            bail!("no rule was broken, and arms of the decision were not taken: they are above")
        }
        0 => Ok(()),
        1 => bail!("a rule was broken: its play is above"),
        n => bail!("rules were broken in {n} plays: they are above"),
    }
}

fn n_cores() -> u64 {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get) as u64
}

fn print_broken(broken: &serde_json::Value, with_trace: bool) {
    println!("\nseed {}: {}", broken["seed"], broken["what"].as_str().unwrap_or_default());
    println!("{}\n", broken["play"].as_str().unwrap_or_default());
    if with_trace {
        for line in broken["trace"].as_array().into_iter().flatten() {
            println!("  {}", line.as_str().unwrap_or_default());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long it takes on this machine is no business logic")]
fn now() -> Instant {
    Instant::now()
}

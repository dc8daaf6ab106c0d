//! `cargo xtask simulate --mutants`: the engine is broken on purpose, and the simulation has to notice.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::worker::{Said, Workers};

/// Plays seeds with each mistake until a rule is broken, and prints which rule that was; an error if one was not found.
pub(super) fn run(program: &Path, from: u64, n_seeds: u64, with_plays: bool) -> anyhow::Result<()> {
    let names = names(program)?;
    println!("{:<26} {:>6} {:>10} {:>4}  rule", "mistake", "plays", "seed", "ops");
    let mut missed = Vec::new();
    for name in &names {
        let asked = json!({"from": from, "seeds": n_seeds, "mutant": name});
        let mut workers = Workers::start(program, std::iter::once(asked))?;
        let (mut n_plays, mut found) = (0, None);
        while let Some(said) = workers.next(None) {
            match said? {
                Said::Counts(counts) => n_plays += counts["plays"].as_u64().unwrap_or(0),
                Said::Broken(broken) => found = Some(broken),
            }
        }
        let Some(broken) = found else {
            println!("{name:<26} {n_plays:>6}          -    -  NOT FOUND");
            missed.push(name.as_str());
            continue;
        };
        let text = |key: &str| broken[key].as_str().unwrap_or_default();
        let rule = text("what").lines().next().unwrap_or_default();
        println!("{name:<26} {n_plays:>6} {:>10} {:>4}  {rule}", broken["seed"], broken["n_ops"]);
        if with_plays {
            println!("{}", text("play"));
        }
    }
    println!("\n{} of {} mistakes were found", names.len() - missed.len(), names.len());
    if !missed.is_empty() {
        bail!("not found: {}", missed.join(", "));
    }
    Ok(())
}

fn names(program: &Path) -> anyhow::Result<Vec<String>> {
    let listed = Command::new(program).arg(json!({"list": "mutants"}).to_string()).output();
    let listed = listed.context("failed to start the simulation")?;
    Ok(String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect())
}

//! `cargo xtask simulate --mutants`: the engine is broken on purpose, and the simulation has to notice.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::worker::{Said, Workers};

/// Plays seeds with each mistake until a rule is broken, one mistake a core at a time, and prints which rule that was.
/// Before that it plays everything that was found before with the mistake that makes it wrong again; a mistake that no
/// seed shows may be shown by what is kept. An error if one was not found, or a play that is kept shows nothing.
pub(super) fn run(program: &Path, from: u64, n_seeds: u64, with_plays: bool) -> anyhow::Result<()> {
    let names = names(program)?;
    let (kept, n_silent) = reproduce(program)?;
    println!("{:<26} {:>6} {:>10} {:>4}  rule", "mistake", "plays", "seed", "ops");
    let left = Mutex::new(names.iter());
    let missed = Mutex::new(Vec::new());
    let next = || left.lock().expect("invariant: nobody panics with it").next();
    let search = || -> anyhow::Result<()> {
        while let Some(name) = next() {
            let (n_plays, found) = find(program, from, n_seeds, name)?;
            // What comes together once in thousands of plays is kept, and shows itself there.
            let found = found.or_else(|| kept.get(name).cloned());
            print_found(name, n_plays, found.as_ref(), with_plays);
            if found.is_none() {
                missed.lock().expect("invariant: nobody panics with it").push(name.as_str());
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let searching: Vec<_> = (0..super::n_cores()).map(|_| scope.spawn(search)).collect();
        searching.into_iter().try_for_each(|thread| thread.join().expect("it does not panic"))
    })?;
    let missed = missed.into_inner().expect("invariant: nobody panicked with it");
    println!("\n{} of {} mistakes were found", names.len() - missed.len(), names.len());
    if !missed.is_empty() {
        bail!("not found: {}", missed.join(", "));
    }
    if n_silent > 0 {
        bail!("{n_silent} reproductions do not show what they are kept for");
    }
    Ok(())
}

/// How many plays it took, and the broken rule of the last.
fn find(program: &Path, from: u64, n_seeds: u64, name: &str) -> anyhow::Result<(u64, Option<Value>)> {
    let asked = json!({"from": from, "seeds": n_seeds, "mutant": name});
    let mut workers = Workers::start(program, std::iter::once(asked))?;
    let (mut n_plays, mut found) = (0, None);
    while let Some(said) = workers.next(None) {
        match said? {
            Said::Counts(counts) => n_plays += counts["plays"].as_u64().unwrap_or(0),
            Said::Broken(broken) => found = Some(broken),
        }
    }
    Ok((n_plays, found))
}

fn print_found(name: &str, n_plays: u64, found: Option<&Value>, with_play: bool) {
    let Some(broken) = found else {
        println!("{name:<26} {n_plays:>6}          -    -  NOT FOUND");
        return;
    };
    let text = |key: &str| broken[key].as_str().unwrap_or_default();
    let rule = text("what").lines().next().unwrap_or_default();
    let play = if with_play { format!("\n{}", text("play")) } else { String::new() };
    let seed = broken["seed"].as_str().map_or_else(|| broken["seed"].to_string(), str::to_owned);
    println!("{name:<26} {n_plays:>6} {seed:>10} {:>4}  {rule}{play}", broken["n_ops"]);
}

/// What breaks in the plays that are kept, by the mistake that each is kept for, and how many of them show nothing.
fn reproduce(program: &Path) -> anyhow::Result<(BTreeMap<String, Value>, usize)> {
    let said = Command::new(program).arg(json!({"reproductions": true}).to_string()).output();
    let said = said.context("failed to start the simulation")?;
    if !said.status.success() {
        bail!("the simulation ended badly while it played what is kept: {}", said.status);
    }
    let (mut shown, mut n_plays, mut n_silent) = (BTreeMap::new(), 0, 0);
    for line in String::from_utf8_lossy(&said.stdout).lines() {
        let reproduced: Value = serde_json::from_str(line).context("the simulation does not say JSON")?;
        let name = reproduced["mistake"].as_str().unwrap_or_default().to_owned();
        n_plays += 1;
        if reproduced["broken"].is_null() {
            n_silent += 1;
            println!("{name}: shows nothing: {}", reproduced["wrong"]);
            continue;
        }
        let broken = json!({"seed": "kept", "n_ops": reproduced["n_ops"], "what": reproduced["broken"]});
        shown.insert(name, broken);
    }
    let n_shown = n_plays - n_silent;
    println!("{n_shown} of {n_plays} reproductions break a rule with the mistake that they are kept for\n");
    Ok((shown, n_silent))
}

fn names(program: &Path) -> anyhow::Result<Vec<String>> {
    let listed = Command::new(program).arg(json!({"list": "mutants"}).to_string()).output();
    let listed = listed.context("failed to start the simulation")?;
    Ok(String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect())
}

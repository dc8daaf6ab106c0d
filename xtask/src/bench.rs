//! `cargo xtask bench`: how fast a first sync, a plan and the console's pages are, beside what the machine allows.
//!
//! Every measurement is a process of its own (`crates/bench`), and has a floor that is measured right beside it: a first
//! sync the same bodies sent by a bare HTTP load generator, a plan the store's own reading of the same rows, a page one for which nothing is
//! read. The two
//! of a pair take turns, and of [`ROUNDS`] of each the median counts, so that a busy machine slows both.
//!
//! The data is made once, in `target/bench`, and used again. Nothing here is a test: figures depend on the machine.

mod console;
mod emulator;
mod figures;
mod worker;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde::{Deserialize, Serialize};

use self::console::Console;
use self::emulator::Emulator;
use self::figures::{Figures, FirstSync, NoChange, Pages, Plan, median};
use self::worker::{Binaries, build};

/// How often each of a pair is measured.
const ROUNDS: usize = 5;
/// How many people a first sync is for.
const HIRED: u64 = 10_000;
/// How many people are made, so that so many of them are plain.
const APPLICANTS: u64 = 12_000;
/// The smaller and the larger directory that are planned for.
const SMALL: u64 = 100_000;
const LARGE: u64 = 1_000_000;
/// How many groups each of them has.
const GROUPS: u64 = 2_000;

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Print the figures as one line of JSON, and nothing else on stdout
    #[arg(long)]
    json: bool,
    /// Measure the console's pages, and nothing else
    #[arg(long)]
    only_pages: bool,
}

/// Measures, and prints what came of it.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let binaries = build()?;
    let into = crate::workspace_root().join("target/bench");
    std::fs::create_dir_all(&into).with_context(|| format!("failed to make {}", into.display()))?;
    if args.only_pages {
        return print(args, &pages(&binaries, &into)?);
    }
    let (first_sync, no_change) = first_sync(&binaries, &into)?;
    let plan = plan(&binaries, &into)?;
    let pages = pages(&binaries, &into)?;
    print(args, &Figures { first_sync, no_change, plan, pages })
}

fn print<T: Serialize + Display>(args: &BenchArgs, figures: &T) -> anyhow::Result<()> {
    if args.json {
        println!("{}", serde_json::to_string(figures)?);
    } else {
        print!("{figures}");
    }
    Ok(())
}

/// What the process of a first sync says.
#[derive(Deserialize)]
struct Synced {
    operations: u64,
    writes: u64,
    seconds: f64,
    cpu_seconds: f64,
    /// The seconds of each step.
    steps: BTreeMap<String, f64>,
    again: Again,
}

/// What it says of the second one.
#[derive(Deserialize)]
struct Again {
    writes: u64,
    reads: u64,
}

/// What the load generator says.
#[derive(Deserialize)]
struct Sent {
    writes: u64,
    seconds: f64,
}

/// What the processes of plans and scans say.
#[derive(Deserialize)]
struct Read {
    seconds: f64,
    peak_mib: f64,
}

fn first_sync(binaries: &Binaries, into: &Path) -> anyhow::Result<(FirstSync, NoChange)> {
    let (company, bodies) = hired(binaries, into)?;
    let (copy, token) = (into.join("first-sync"), into.join("token"));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("first sync: round {round} of {ROUNDS}");
        let emulator = Emulator::start(binaries, &token)?;
        let to = ["--endpoint", emulator.endpoint(), "--token-file", path(&token)?];
        bare.push(binaries.measure::<Sent>(&[&["bare", "--bodies", path(&bodies)?], &to[..]].concat())?);
        drop(emulator);

        fresh_copy(&company, &copy)?;
        let emulator = Emulator::start(binaries, &token)?;
        let to = ["--endpoint", emulator.endpoint(), "--token-file", path(&token)?];
        ours.push(binaries.measure::<Synced>(&[&["sync", "--data-dir", path(&copy)?], &to[..]].concat())?);
    }
    let last = ours.last().context("nothing was measured")?;
    let no_change = NoChange { writes: last.again.writes, reads: last.again.reads };
    let (operations, writes) = (last.operations, last.writes);
    let floor_writes = bare.last().context("nothing was measured")?.writes;
    let seconds = median(ours.iter().map(|synced| synced.seconds));
    let step = |name| median(ours.iter().map(|synced| synced.steps.get(name).copied().unwrap_or(0.0)));
    let cpu_seconds = median(ours.iter().map(|synced| synced.cpu_seconds));
    let bare_seconds = median(bare.iter().map(|sent| sent.seconds));
    let first_sync = FirstSync {
        users: HIRED,
        writes,
        floor_writes,
        seconds,
        bare_seconds,
        ratio: bare_seconds / seconds,
        cpu_us_per_operation: cpu_seconds * 1e6 / figures::count(operations),
        server_max_per_second: figures::count(floor_writes) / bare_seconds,
        planning_seconds: step("planning"),
        writing_seconds: step("writing"),
    };
    Ok((first_sync, no_change))
}

fn plan(binaries: &Binaries, into: &Path) -> anyhow::Result<Plan> {
    let small = settled(binaries, into, SMALL)?;
    let large = settled(binaries, into, LARGE)?;
    let (mut plans, mut scans, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("plan: round {round} of {ROUNDS}");
        scans.push(binaries.measure::<Read>(&["scan", "--data-dir", path(&large)?])?);
        plans.push(binaries.measure::<Read>(&["plan", "--data-dir", path(&large)?])?);
        peaks.push(binaries.measure::<Read>(&["plan", "--data-dir", path(&small)?])?);
    }
    let seconds = median(plans.iter().map(|read| read.seconds));
    let scan_seconds = median(scans.iter().map(|read| read.seconds));
    Ok(Plan {
        users: LARGE,
        seconds,
        scan_seconds,
        ratio: seconds / scan_seconds,
        peak_mib: median(plans.iter().map(|read| read.peak_mib)),
        peak_mib_100k: median(peaks.iter().map(|read| read.peak_mib)),
    })
}

/// The console's pages on the larger company, which has a month behind it.
fn pages(binaries: &Binaries, into: &Path) -> anyhow::Result<Pages> {
    let (dressed, done) = (into.join("dressed"), into.join("dressed/done"));
    if !done.exists() {
        fresh_copy(&settled(binaries, into, LARGE)?, &dressed)?;
        eprintln!("putting a month behind the company of {LARGE} people");
        binaries.make(&["dress", "--data-dir", path(&dressed)?])?;
        std::fs::write(&done, "").with_context(|| format!("failed to write {}", done.display()))?;
    }
    let (copy, link) = (into.join("console"), into.join("link"));
    fresh_copy(&dressed, &copy)?;
    eprintln!("pages");
    let console = Console::start(binaries, &copy, &link)?;
    let pages = binaries.measure(&["pages", "--link-file", path(&link)?])?;
    drop(console);
    Ok(Pages { users: LARGE, measured: pages })
}

/// A company without accounts, and the bodies of its creates.
fn hired(binaries: &Binaries, into: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    let (company, bodies) = (into.join("hired"), into.join("bodies.jsonl"));
    let users = HIRED.to_string();
    made(into, &company, APPLICANTS, 0, |people| {
        let to = ["--data-dir", path(&company)?, "--bodies", path(&bodies)?];
        binaries.make(&[&["hire", "--people", people, "--users", &users], &to[..]].concat())
    })?;
    Ok((company, bodies))
}

/// A company all of whose accounts are as they should be.
fn settled(binaries: &Binaries, into: &Path, users: u64) -> anyhow::Result<PathBuf> {
    let company = into.join(format!("settled-{users}"));
    made(into, &company, users, GROUPS, |people| {
        binaries.make(&["set-up", "--people", people, "--data-dir", path(&company)?])
    })?;
    Ok(company)
}

/// Makes a company, unless that was done before and to its end.
fn made(
    into: &Path,
    company: &Path,
    users: u64,
    groups: u64,
    make: impl FnOnce(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let done = company.join("made");
    if done.exists() {
        return Ok(());
    }
    eprintln!("making a company of {users} people in {}", company.display());
    if company.exists() {
        std::fs::remove_dir_all(company).with_context(|| format!("failed to empty {}", company.display()))?;
    }
    let people = into.join("people.json");
    crate::directory::write(users, groups, &people)?;
    make(path(&people)?)?;
    std::fs::remove_file(&people).with_context(|| format!("failed to remove {}", people.display()))?;
    std::fs::write(&done, "").with_context(|| format!("failed to write {}", done.display()))
}

fn fresh_copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(|| format!("failed to empty {}", to.display()))?;
    }
    std::fs::create_dir_all(to).with_context(|| format!("failed to make {}", to.display()))?;
    for entry in from.read_dir().with_context(|| format!("failed to read {}", from.display()))? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn path(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| format!("{} is no text", path.display()))
}

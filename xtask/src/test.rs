//! `cargo xtask test`: everything that has to pass, on a machine that has Rust and nothing else.
//!
//! It says what it installs before it does, starts a `PostgreSQL` of its own, and fails, never skips, where
//! something cannot be had. Tests find what was prepared in two variables of their environment:
//!
//! - `USHER_TEST_POSTGRES`: URL of a database server in which a test may create databases;
//! - `USHER_TEST_VENV`: a Python environment with the packages of `tests-python/requirements.txt`.
//!
//! The browser journeys find theirs likewise: [`journeys`].
//!
//! All steps run even after one has failed, so that one call shows everything that is wrong.

mod journeys;
mod postgres;
mod python;
mod step;
mod tools;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;

use self::postgres::Postgres;
use self::step::Step;

#[derive(Args)]
pub(crate) struct TestArgs {
    /// Run this step alone, with what it needs
    #[arg(long, value_name = "STEP")]
    only: Option<Step>,
    /// Passed to `cargo nextest run`; with -p, the named packages alone are tested
    #[arg(last = true, value_name = "ARGS")]
    nextest_args: Vec<OsString>,
}

/// What the steps run with. `PostgreSQL` stops when this is dropped.
#[derive(Default)]
struct Prepared {
    postgres: Option<Postgres>,
    venv: Option<PathBuf>,
    journeys: Option<PathBuf>,
}

/// How one step went.
struct Outcome {
    step: Step,
    failure: Option<String>,
    took: Duration,
}

/// Runs the steps and prints a table of them; an error if any failed.
pub(crate) fn run(args: &TestArgs) -> anyhow::Result<()> {
    let steps = args.only.as_ref().map_or(Step::ALL, std::slice::from_ref);
    let prepared = prepare(steps)?;
    let outcomes: Vec<Outcome> = steps.iter().map(|&step| run_step(step, args, &prepared)).collect();
    drop(prepared);
    print_table(&outcomes);
    let failed: Vec<&str> =
        outcomes.iter().filter(|outcome| outcome.failure.is_some()).map(|o| o.step.name()).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The Python environment that holds the SCIM server that others wrote, made if it is not there.
pub(crate) fn python_environment() -> anyhow::Result<PathBuf> {
    tools::install_python()?;
    python::environment(&python::TESTS, &target_directory()?)
}

/// Installs what is missing for `steps` and starts what they need.
fn prepare(steps: &[Step]) -> anyhow::Result<Prepared> {
    tools::install_missing(steps)?;
    let target = target_directory()?;
    let mut prepared = Prepared::default();
    if steps.contains(&Step::E2e) {
        prepared.journeys = Some(python::environment(&python::JOURNEYS, &target)?);
    }
    if steps.contains(&Step::Nextest) {
        prepared.venv = Some(python::environment(&python::TESTS, &target)?);
        let postgres = Postgres::start()?;
        println!("PostgreSQL listens at {}", postgres.url());
        prepared.postgres = Some(postgres);
    }
    Ok(prepared)
}

fn run_step(step: Step, args: &TestArgs, prepared: &Prepared) -> Outcome {
    println!("\n=== {}: {}", step.name(), step.purpose());
    let started = now();
    let result = match (step.command(&args.nextest_args), &prepared.journeys) {
        (Some(command), _) => run_command(command, prepared),
        (None, Some(venv)) if step == Step::E2e => {
            target_directory().and_then(|target| journeys::run(venv, &target))
        }
        (None, _) => crate::arrows::run(),
    };
    let failure = result.err().map(|error| format!("{error:#}"));
    if let Some(failure) = &failure {
        eprintln!("{}: {failure}", step.name());
    }
    Outcome { step, failure, took: started.elapsed() }
}

fn run_command(mut command: Command, prepared: &Prepared) -> anyhow::Result<()> {
    if let Some(postgres) = &prepared.postgres {
        command.env("USHER_TEST_POSTGRES", postgres.url());
    }
    if let Some(venv) = &prepared.venv {
        command.env("USHER_TEST_VENV", venv);
    }
    let status = command.status().with_context(|| format!("failed to start {command:?}"))?;
    if !status.success() {
        bail!("ended with {status}");
    }
    Ok(())
}

fn print_table(outcomes: &[Outcome]) {
    println!("\n{:<10} {:<8} {:>9}", "step", "result", "seconds");
    for Outcome { step, failure, took } in outcomes {
        let result = if failure.is_some() { "FAILED" } else { "ok" };
        println!("{:<10} {result:<8} {:>9.1}", step.name(), took.as_secs_f64());
    }
}

/// Where cargo builds: `CARGO_TARGET_DIR`, or what its configuration says.
fn target_directory() -> anyhow::Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(crate::workspace_root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata did not answer")?;
    Ok(metadata.target_directory.into_std_path_buf())
}

#[expect(clippy::disallowed_methods, reason = "how long a step takes on this machine is no business logic")]
fn now() -> Instant {
    Instant::now()
}

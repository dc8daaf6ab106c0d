//! The house's own commands: `cargo xtask …`.
//!
//! One file per command; each says at its top what it holds or makes. Nothing here is shipped.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks on the terminal")]

mod arrows;
mod bench;
mod directory;
mod first_light;
mod simulate;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks and tools of the Usher workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check which crate knows which
    Arrows,
    /// Measure a first sync and a plan beside what the machine allows, for some minutes
    Bench(bench::BenchArgs),
    /// Write a made-up directory of any size as Directory API JSON
    Directory(directory::DirectoryArgs),
    /// Put a made-up company of 10,000 people into a SCIM server that others wrote, and show each step
    FirstLight(first_light::FirstLightArgs),
    /// Play with the real engine and store: everything that can go wrong, from seeds, and the rules held against it
    Simulate(simulate::SimulateArgs),
    /// Run every check and every test; installs what they need and says so
    Test(test::TestArgs),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Arrows => arrows::run(),
        Command::Bench(args) => bench::run(&args),
        Command::Directory(args) => directory::run(&args),
        Command::FirstLight(args) => first_light::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Test(args) => test::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace, wherever inside it the command was called.
fn workspace_root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

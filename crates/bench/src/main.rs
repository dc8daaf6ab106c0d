//! The processes that `cargo xtask bench` measures: each makes or measures one thing, prints one line of JSON, and ends.
//!
//! They are processes of their own, so that their peak memory and their processor time are those of the thing that is
//! measured, and of nothing else. None of this is shipped.
//!
//! Not here: which measurements are made, how often, and what they come to (`xtask/src/bench.rs`).

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks on the terminal")]

mod app;
mod bare;
mod browser;
mod company;
mod document;
mod hiring;
mod history;
mod pages;
mod plan;
mod process;
mod scan;
mod sync;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// The processes that `cargo xtask bench` measures.
#[derive(Parser)]
#[command(name = "usher-bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Import a directory and put an account of everybody on record, as it should be
    SetUp(SetUp),
    /// Plan for everybody, with nothing to do
    Plan(At),
    /// Write a month of runs, events, failures, timers and a hold into the data
    Dress(At),
    /// Time every page of a console that is being served
    Pages(Pages),
    /// Read what a plan reads, and do nothing with it
    Scan(At),
    /// Make a company that has no accounts yet, and write the bodies of their creates, one a line
    Hire(Hire),
    /// Make the first sync of that company, and a second one
    Sync(Sync),
    /// Send the bodies of a first sync, and nothing else
    Bare(Bare),
}

#[derive(Args)]
struct Hire {
    /// What `cargo xtask directory` wrote
    #[arg(long, value_name = "FILE")]
    people: PathBuf,
    /// How many people the company has
    #[arg(long)]
    users: usize,
    #[command(flatten)]
    at: At,
    /// Where the bodies are written
    #[arg(long, value_name = "FILE")]
    bodies: PathBuf,
}

#[derive(Args)]
struct Sync {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    to: To,
}

#[derive(Args)]
struct Bare {
    /// What is sent, one a line
    #[arg(long, value_name = "FILE")]
    bodies: PathBuf,
    #[command(flatten)]
    to: To,
}

/// The app.
#[derive(Args)]
struct To {
    /// Its SCIM endpoint
    #[arg(long, value_name = "URL")]
    endpoint: String,
    /// The file that its access token is in
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
}

#[derive(Args)]
struct Pages {
    /// The file that holds the link to set the console up
    #[arg(long, value_name = "FILE")]
    link_file: PathBuf,
}

#[derive(Args)]
struct SetUp {
    /// What `cargo xtask directory` wrote
    #[arg(long, value_name = "FILE")]
    people: PathBuf,
    #[command(flatten)]
    at: At,
}

#[derive(Args)]
struct At {
    /// Where the data is
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("usher-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<serde_json::Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::SetUp(SetUp { people, at }) => company::set_up(&people, &at.data_dir).await,
            Command::Plan(at) => plan::measure(&at.data_dir).await,
            Command::Dress(at) => history::set_up(&at.data_dir).await,
            Command::Pages(Pages { link_file }) => pages::measure(&link_file).await,
            Command::Scan(at) => scan::measure(&at.data_dir).await,
            Command::Hire(Hire { people, users, at, bodies }) => {
                hiring::set_up(&people, users, &at.data_dir, &bodies).await
            }
            Command::Sync(Sync { at, to }) => sync::measure(&at.data_dir, &to.endpoint, &to.token_file).await,
            Command::Bare(Bare { bodies, to }) => {
                bare::measure(&bodies, &to.endpoint, &to.token_file, world::CONCURRENCY).await
            }
        }
    })
}

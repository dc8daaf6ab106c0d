//! The binary: command line, configuration, wiring.
//!
//! `main` reads the command line, [`config`] the rest of what is set; [`commands`] has one file for each command. They
//! print through [`output`] alone, and end in an exit code that scripts can rely on ([`failure`]). Time and chance come
//! from [`system`] and nowhere else.
//!
//! Not here: what anything means. Decisions are `usher-model`'s, SQL is `usher-store`'s, runs are `usher-engine`'s.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::{Cli, Command, OnData};
use crate::failure::Failure;

mod cli;
mod commands;
mod config;
mod context;
mod demo;
mod embedded;
mod failure;
mod google;
mod google_key;
mod hands;
mod log;
mod openid;
mod output;
mod progress;
mod secret_file;
mod signals;
mod system;
mod usage;

fn main() -> ExitCode {
    let parsed = Cli::command().try_get_matches().and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((cli, matches))
    });
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage::answer(&error),
    };
    match run(cli, &matches) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::complain(&format!("usher: {}", failure.sentence()));
            failure.exit.into()
        }
    }
}

fn run(cli: Cli, matches: &clap::ArgMatches) -> Result<failure::Exit, Failure> {
    let context = context::Context::new(cli.globals, matches)?;
    log::start(&cli.command, &context.config.log, context.verbosity);
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| Failure::new("another TLS provider is installed already"))?;
    let runtime = runtime(&cli.command).enable_all().build()?;
    runtime.block_on(async {
        let _limit = survive_file_size_limit()?;
        Box::pin(commands::run(&context, cli.command)).await
    })
}

/// One thread beside those of the store for a command that does one thing: a request that changes threads on its way
/// costs more than it gains. What works for several apps at once has as many as the machine.
fn runtime(command: &Command) -> Builder {
    match command {
        Command::OnData(OnData::Serve) | Command::Demo(_) => Builder::new_multi_thread(),
        Command::OnData(_) | Command::Config(_) | Command::Emulate(_) | Command::Completions(_) => {
            Builder::new_current_thread()
        }
    }
}

/// SIGXFSZ, which has this number on every system that Usher runs on.
const FILE_SIZE_LIMIT: i32 = 25;

/// Listens for the signal of a limit on the size of files, which would end the process: heard, it becomes a failed
/// write, and that has a sentence.
fn survive_file_size_limit() -> std::io::Result<Signal> {
    signal(SignalKind::from_raw(FILE_SIZE_LIMIT))
}

//! `usher completions`: a script that completes commands and options in a shell.

use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::failure::{Exit, Failure};
use crate::output::print_raw;

/// Prints the script, as it is.
pub(crate) fn run(args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "usher", &mut script);
    print_raw(&script)?;
    Ok(Exit::Ok)
}

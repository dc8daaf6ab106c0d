//! `usher completions`: a script that completes commands and options in a shell.

use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Prints the script, as it is.
pub(crate) fn run(context: &Context, args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "usher", &mut script);
    context.output.script(&script)?;
    Ok(Exit::Ok)
}

//! `cargo xtask directory`: writes a made-up directory of any size, in the form that `usher import` reads.
//!
//! One JSON object whose keys hold entries in the Directory API's form: `domains`, `organizationUnits`,
//! `schemas`, `users`, `groups` and `members` (group e-mail to its members).
//!
//! # Invariants
//!
//! 1. Same arguments, same bytes: every person is a function of the seed and their index. No clock is read;
//!    dates are counted back from `--as-of`.
//! 2. Memory does not grow with the directory: each entry is written as soon as it is made, and whoever needs
//!    another person's address computes it again.
//! 3. Ids depend on the index alone, so two directories of different seeds or sizes share them: the second is
//!    the first one, changed.
//! 4. No two people who still exist share an address, aliases included.
//!
//! Who is awkward, and how often, stands in [`kind`].

mod chance;
mod company;
mod customer;
mod facts;
mod group;
mod kind;
mod name;
mod person;
mod user;
mod wire;
mod write;

use std::fs::File;
use std::io::{BufWriter, Write, stderr, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;

use self::person::SWAPPED_PAIR;

/// Before this instant everything in the directory has happened, unless `--as-of` says otherwise.
const DEFAULT_AS_OF: &str = "2026-11-02T08:00:00Z";

#[derive(Args)]
pub(crate) struct DirectoryArgs {
    /// How many people there are; from 50 on, each awkward kind is among them
    #[arg(long)]
    users: u64,
    /// How many groups there are; the first eight are the awkward ones
    #[arg(long, default_value_t = 20)]
    groups: u64,
    /// What names, teams and memberships are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The instant that suspensions and deletions are counted back from (RFC 3339)
    #[arg(long, value_name = "RFC3339", default_value = DEFAULT_AS_OF)]
    as_of: Timestamp,
    /// Exchange the addresses of two fixed people, compared with the same directory without this flag
    #[arg(long)]
    swapped: bool,
    /// Where to write; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print to stderr, as one line of JSON, how many of each kind there are
    #[arg(long)]
    print_facts: bool,
}

/// What decides every byte of a directory.
#[derive(Clone, Copy)]
struct Recipe {
    users: u64,
    groups: u64,
    seed: u64,
    as_of: Timestamp,
    swapped: bool,
}

/// Writes the directory that `args` describe.
pub(crate) fn run(args: &DirectoryArgs) -> anyhow::Result<()> {
    let recipe = Recipe {
        users: args.users,
        groups: args.groups,
        seed: args.seed,
        as_of: args.as_of,
        swapped: args.swapped,
    };
    if recipe.swapped && recipe.users <= SWAPPED_PAIR.1 {
        bail!("--swapped exchanges two people's addresses and needs --users {} or more", SWAPPED_PAIR.1 + 1);
    }
    let facts = match &args.out {
        Some(path) => {
            let file = File::create(path).with_context(|| format!("failed to create {}", path.display()))?;
            write_all(&recipe, file).with_context(|| format!("failed to write {}", path.display()))?
        }
        None => write_all(&recipe, stdout().lock()).context("failed to write the directory to stdout")?,
    };
    if args.print_facts {
        serde_json::to_writer(stderr(), &facts)?;
        eprintln!();
    }
    Ok(())
}

/// Writes a directory of so many people and groups into a file.
pub(crate) fn write(users: u64, groups: u64, out: &Path) -> anyhow::Result<()> {
    let as_of = DEFAULT_AS_OF.parse().context("the default instant is none")?;
    let recipe = Recipe { users, groups, seed: 1, as_of, swapped: false };
    let file = File::create(out).with_context(|| format!("failed to create {}", out.display()))?;
    write_all(&recipe, file).with_context(|| format!("failed to write {}", out.display()))?;
    Ok(())
}

fn write_all(recipe: &Recipe, out: impl Write) -> std::io::Result<facts::Facts> {
    let mut out = BufWriter::new(out);
    let facts = write::directory(recipe, &mut out)?;
    out.flush()?;
    Ok(facts)
}

#[cfg(test)]
mod tests;

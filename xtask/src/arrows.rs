//! `cargo xtask arrows`: which crate may know which.
//!
//! A crate of this workspace exists because it forbids something: the planner cannot open a socket because
//! nothing it depends on can. The rules of [`rules`] say what each crate must not know; [`graph`] reads what
//! it does know, directly or through others, from `cargo metadata`. Dependencies of tests are free.
//!
//! Features are those of a build of the whole workspace, so a forbidden crate is found even if only another
//! member's features pull it in: that is what the shipped binary links.

mod graph;
mod rules;

use anyhow::bail;

use self::graph::Graph;
use self::rules::{RULES, check};

/// Prints each broken arrow with the path that breaks it; an error if there is one.
pub(crate) fn run() -> anyhow::Result<()> {
    let graph = Graph::of_workspace(&crate::workspace_root())?;
    let broken = check(&graph, RULES);
    for arrow in &broken {
        eprintln!("{arrow}");
    }
    if !broken.is_empty() {
        bail!("{} forbidden dependencies between crates", broken.len());
    }
    println!("arrows: {} crates keep to their rules", graph.members.len());
    Ok(())
}

#[cfg(test)]
mod tests;

//! A deterministic simulation of the real engine and the real store, with everything that can go wrong around them.
//!
//! A [`Play`] is a seed and a row of [`op::Op`]s. It is played in one world: a directory, Usher's store in memory and its
//! engine, the emulated IAM Identity Center, three replicas, a clock that the play moves. Somebody watches (`rules`) and
//! knows from a small reference of their own (`reference`) what may happen; at the end everything has to come to rest as
//! it ought to be. Equal plays take equal steps, down to the last request.
//!
//! - [`op`]: what can happen; [`generate`]: rows of it from a seed;
//! - `world`: makes it happen; `app`: the app and the way to it; `actor`: runs, a step at a time;
//! - `ledger`, `mind`: what was seen, what Usher's store ought to know; `rules`, `effects`: what may be sent, and done;
//!   `reference`: what ought to be;
//! - [`shrink`]: the shortest row that still fails; [`reproductions`]: those that were found, kept.
//!
//! Groups are played with people: each of these rooms has one of theirs (`directory::groups`, `ledger::groups`,
//! `rules::groups` …), for the directory's groups, those at the app, and who is in them.
//!
//! Nothing here knows how Usher decides: the reference imports none of it.

mod actor;
mod app;
mod chance;
mod clock;
mod directory;
mod effects;
pub mod generate;
mod ledger;
mod mind;
pub mod mutants;
pub mod op;
mod reference;
pub mod reproductions;
mod rules;
pub mod shrink;
mod told;
mod world;
mod write;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;

pub use world::Ground;

use self::op::Op;
use self::world::World;

/// How long an app may take to show what was written.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What is played: the ops, and the seed of everything that they leave open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// Orders of steps, which requests a fault strikes, ids.
    pub seed: u64,
    /// What happens, in this order.
    pub ops: Vec<Op>,
}

/// What a play came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The rule that was broken, and how, if one was.
    pub broken: Option<String>,
    /// Equal for equal plays, whatever happened in them.
    pub digest: u64,
    /// Requests to the app.
    pub n_requests: u64,
    /// What was carried out at the app.
    pub n_effects: u64,
    /// Faults that struck, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Everything that happened, if it was to be told.
    pub trace: Vec<String>,
}

impl Play {
    /// The play of a seed.
    pub fn of_seed(seed: u64) -> Self {
        Self { seed, ops: generate::ops(seed) }
    }

    /// Plays it. The first broken rule ends it.
    pub async fn play(&self, ground: &Ground) -> Played {
        self.played(ground, false).await
    }

    /// Plays it, and keeps everything that happened.
    pub async fn tell(&self, ground: &Ground) -> Played {
        self.played(ground, true).await
    }

    async fn played(&self, ground: &Ground, is_told: bool) -> Played {
        let mut world = World::new(ground, self.seed, is_told).await;
        let played = AssertUnwindSafe(self.happen(&mut world)).catch_unwind().await;
        if let Err(panic) = played {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
            world.ledger().breaks(format!("it panicked: {said}"));
        }
        let mut ledger = world.ledger();
        let trace = std::mem::take(&mut ledger.trace);
        Played {
            broken: ledger.broken.clone(),
            digest: trace.digest,
            n_requests: trace.n_requests,
            n_effects: trace.n_effects,
            faults: trace.faults,
            trace: trace.last,
        }
    }

    async fn happen(&self, world: &mut World<'_>) {
        for op in &self.ops {
            // What nobody looks at meanwhile is told at once.
            if !op.is_about_people() {
                world.hear().await;
            }
            world.apply(op).await;
            world.wakes().await;
            if world.ledger().broken.is_some() {
                break;
            }
        }
        if world.ledger().broken.is_none() {
            world.come_to_rest().await;
        }
    }
}

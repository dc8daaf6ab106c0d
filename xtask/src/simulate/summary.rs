//! What all plays came to.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

/// The decisions that every long enough simulation takes, one a line: all that `lifecycle::decide` and
/// `group::decide` can answer, but for whoever the directory does not list, which the embedded directory does not have.
const ARMS: &str = include_str!("arms.txt");

/// So many plays take every arm, some of them rarely.
const LONG_ENOUGH: u64 = 5_000;

#[derive(Default)]
pub(super) struct Summary {
    n_plays: u64,
    n_operations: u64,
    n_requests: u64,
    n_effects: u64,
    faults: BTreeMap<String, u64>,
    arms: BTreeMap<String, u64>,
    pub(super) n_broken: u64,
}

impl Summary {
    pub(super) fn add(&mut self, counts: &Value) {
        let number = |key: &str| counts[key].as_u64().unwrap_or(0);
        self.n_plays += number("plays");
        self.n_operations += number("operations");
        self.n_requests += number("requests");
        self.n_effects += number("effects");
        add_all(&mut self.faults, &counts["faults"]);
        add_all(&mut self.arms, &counts["arms"]);
    }

    /// How far it is.
    pub(super) fn line(&self, took: Duration) -> String {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = self.n_operations.saturating_mul(1_000) / millis;
        format!(
            "{:>7.0} s  {:>9} plays  {:>11} operations ({rate} a second)  {:>11} requests  {} broken",
            took.as_secs_f64(),
            self.n_plays,
            self.n_operations,
            self.n_requests,
            self.n_broken
        )
    }

    /// Prints the whole of it.
    pub(super) fn print(&self, took: Duration) {
        println!("{}", self.line(took));
        println!("{} writes were carried out at the app", self.n_effects);
        println!("\nfaults that struck");
        for (fault, n) in &self.faults {
            println!("{n:>12}  {fault}");
        }
        println!(
            "\narms of the decision (where the person or the group stands, how it is at the app: what is done, why)"
        );
        for (arm, n) in &self.arms {
            println!("{n:>12}  {arm}");
        }
        let missing = self.missing_arms();
        let new: Vec<_> = self.arms.keys().filter(|arm| arms().all(|known| known != *arm)).collect();
        println!("\n{} of {} arms were taken", arms().count() - missing.len(), arms().count());
        for arm in missing {
            println!("not taken: {arm}");
        }
        for arm in new {
            println!("taken, and not on the list: {arm}");
        }
    }

    /// Whether it was long enough to take every arm, and did not.
    pub(super) fn lacks_arms(&self) -> bool {
        self.n_plays >= LONG_ENOUGH && !self.missing_arms().is_empty()
    }

    fn missing_arms(&self) -> Vec<&'static str> {
        arms().filter(|arm| !self.arms.contains_key(*arm)).collect()
    }
}

fn arms() -> impl Iterator<Item = &'static str> {
    ARMS.lines().filter(|line| !line.is_empty())
}

fn add_all(into: &mut BTreeMap<String, u64>, counts: &Value) {
    for (key, n) in counts.as_object().into_iter().flatten() {
        *into.entry(key.clone()).or_default() += n.as_u64().unwrap_or(0);
    }
}

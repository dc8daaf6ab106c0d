//! Operations as people read them: what is counted, and one line for each person with the reason.
//!
//! Shared by `plan`, which tells what would happen, and `sync`, which tells what happened.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use usher_engine::guard::Held;
use usher_model::attribute::changes::Changes;
use usher_model::id::{AppId, Email, RunId};
use usher_model::operation::{Kind, Operation};
use usher_model::reason::Reason;
use usher_store::event::{self, EventKind};
use usher_store::plan::{self, Lane, PlanRow, PlanState};
use usher_store::{Store, StoreError};

use crate::output::{grouped, number_of, table};

/// How many lines of each section are shown unless all are asked for.
pub(crate) const SHOWN: usize = 50;
/// How many attributes of one change are spelled out.
const CHANGES_SHOWN: usize = 4;
/// How much of a value is shown, in characters.
const VALUE_MAX_CHARS: usize = 40;
/// How many rows of a plan are read at once.
const PAGE: usize = 1_000;

/// Operations by kind, as scripts rely on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Operations {
    create: u64,
    adopt: u64,
    update: u64,
    suspend: u64,
    unsuspend: u64,
    delete: u64,
    // Groups at the app are not provisioned yet.
    group_create: u64,
    group_update: u64,
    group_delete: u64,
    members_add: u64,
    members_remove: u64,
}

impl Operations {
    /// Counts by kind.
    pub(crate) fn new(counts: &BTreeMap<Kind, u64>) -> Self {
        let of = |kind| counts.get(&kind).copied().unwrap_or(0);
        Self {
            create: of(Kind::Create),
            adopt: of(Kind::Adopt),
            update: of(Kind::Update),
            suspend: of(Kind::Suspend),
            unsuspend: of(Kind::Unsuspend),
            delete: of(Kind::Delete),
            ..Self::default()
        }
    }
}

/// As the planner counts people who failed before and whose next try is not due.
const WAITING: &str = "failed before, waiting to be tried again";

/// How many people are not tried now because they failed before.
pub(crate) fn n_waiting(skipped: &BTreeMap<String, u64>) -> u64 {
    skipped.get(WAITING).copied().unwrap_or(0)
}

/// How many operations are held.
pub(crate) fn n_held(held: &[Held]) -> u64 {
    held.iter().map(|held| held.n_operations).sum()
}

/// The rows of a plan that are shown: so many of each section, each in the order in which people were walked.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Suspensions and deletes that go on, or went on. They are shown first, for they are what hurts if it is wrong.
    removals: Vec<PlanRow>,
    /// Everything else that goes on.
    rest: Vec<PlanRow>,
    /// Operations that wait for a person.
    held: Vec<PlanRow>,
    /// Those of the rest that were planned as a create and found the account there: they adopted it.
    adopted: BTreeSet<i64>,
}

/// What of a plan is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// How many rows of each section at most.
    pub(crate) at_most: usize,
    /// The state of the rows that go on: planned before a run, done after it.
    pub(crate) state: PlanState,
}

impl Rows {
    /// Reads the first rows of each section. `counts` and `n_held` say how many there are, so that reading may end.
    pub(crate) async fn read(
        store: &Store,
        (app, run): (&AppId, &RunId),
        counts: &BTreeMap<Kind, u64>,
        n_held: u64,
        wanted: Wanted,
    ) -> Result<Self, StoreError> {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(wanted.at_most);
        let of_lane = |lane| counts.iter().filter(|(kind, _)| Lane::of(**kind) == lane).map(|(_, n)| n).sum();
        let (n_removals, n_rest) = (size(of_lane(Lane::Suspensions)), size(of_lane(Lane::Rest)));
        let n_held = size(n_held);
        let mut rows = Self::default();
        let mut after = -1;
        while rows.removals.len() < n_removals || rows.rest.len() < n_rest || rows.held.len() < n_held {
            let mut tx = store.read("usher::plan_rows").await?;
            let page = plan::rows(&mut tx, app, run, after, PAGE).await?;
            drop(tx);
            let Some(last) = page.last() else { break };
            after = last.seq;
            for row in page {
                let (section, size) = match (row.state, Lane::of(row.operation.kind())) {
                    (PlanState::Held, _) => (&mut rows.held, n_held),
                    (state, Lane::Suspensions) if state == wanted.state => (&mut rows.removals, n_removals),
                    (state, Lane::Rest) if state == wanted.state => (&mut rows.rest, n_rest),
                    (_, Lane::Suspensions | Lane::Rest) => continue,
                };
                if section.len() < size {
                    section.push(row);
                }
            }
        }
        rows.rest.truncate(wanted.at_most.saturating_sub(rows.removals.len()));
        if wanted.state == PlanState::Done {
            rows.read_adopted(store, (app, run)).await?;
        }
        Ok(rows)
    }

    /// Reads which creates became adoptions, and why.
    async fn read_adopted(&mut self, store: &Store, (app, run): (&AppId, &RunId)) -> Result<(), StoreError> {
        let creates = self.rest.iter().filter(|row| row.operation.kind() == Kind::Create);
        let creates: Vec<_> = creates.map(|row| row.seq).collect();
        let mut tx = store.read("usher::adopted_rows").await?;
        let mut adopted = event::of_rows(&mut tx, app, run, EventKind::Adopt, &creates).await?;
        drop(tx);
        self.adopted = adopted.keys().copied().collect();
        for row in &mut self.rest {
            if let Some(reason) = adopted.remove(&row.seq) {
                row.reason = reason;
            }
        }
        Ok(())
    }

    /// What a row came to.
    fn kind(&self, row: &PlanRow) -> Kind {
        if self.adopted.contains(&row.seq) { Kind::Adopt } else { row.operation.kind() }
    }
}

/// The summary: one line for each kind of operation that there is, and those that wait, fail, or are skipped.
pub(crate) fn summary(
    counts: &BTreeMap<Kind, u64>,
    n_held: u64,
    n_failures: u64,
    skipped: &BTreeMap<String, u64>,
) -> String {
    let kinds = Kind::ALL.into_iter().map(|kind| (meaning(kind), counts.get(&kind).copied().unwrap_or(0)));
    let rest = [
        ("held: waits for your word", n_held),
        ("failed: cannot be done now", n_failures),
        ("skipped: nothing to be done, see below", skipped.values().sum()),
    ];
    let lines = kinds.chain(rest).filter(|(_, n)| *n > 0);
    table(&["ACCOUNTS", "WHAT"], lines.map(|(what, n)| [grouped(n), what.to_owned()]))
}

/// What a kind of operation means for an account.
fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Create => "create: make an account",
        Kind::Adopt => "adopt: take over an account that the app has already",
        Kind::Update => "update: change what differs",
        Kind::Suspend => "suspend: switch the account off",
        Kind::Unsuspend => "unsuspend: switch the account on again",
        Kind::Delete => "delete: remove a suspended account",
    }
}

/// What goes on, or went on: one line for each operation, person by person, and how many more there are.
pub(crate) fn going_on(rows: &Rows, n_all: u64) -> String {
    let shown: Vec<_> = rows.removals.iter().chain(&rows.rest).collect();
    if shown.is_empty() { String::new() } else { format!("\n{}", listed(rows, &shown, n_all)) }
}

fn listed(rows: &Rows, shown: &[&PlanRow], n_all: u64) -> String {
    let lines = shown.iter().map(|row| [rows.kind(row).to_string(), row.email.to_string(), why(row)]);
    table(&["OPERATION", "PERSON", "WHY"], lines) + &more(shown.len(), n_all)
}

fn why(row: &PlanRow) -> String {
    let cleaned = row.cleaned.iter().map(|cleaned| format!("; {cleaned}"));
    std::iter::once(because(row)).chain(cleaned).collect()
}

fn because(row: &PlanRow) -> String {
    match (&row.reason, written(&row.operation)) {
        // The reason would only name the attributes once more.
        (Reason::Differs { .. }, Some(changes)) => format!("differs: {changes}"),
        (Reason::Repaired { .. }, Some(changes)) => format!("somebody else changed it at the app: {changes}"),
        (reason, Some(changes)) => format!("{reason}: {changes}"),
        (reason, None) => reason.to_string(),
    }
}

/// What an operation writes, in a few words; nothing for those that only make, switch or delete.
fn written(operation: &Operation) -> Option<String> {
    let changes: &Changes = operation.changes().filter(|changes| !changes.is_empty())?;
    let change = |(path, to): (&dyn std::fmt::Display, Option<&serde_json::Value>)| match to {
        Some(value) => format!("{path} = {}", shortened(&value.to_string())),
        None => format!("{path} cleared"),
    };
    let mut words: Vec<_> =
        changes.iter().take(CHANGES_SHOWN).map(|one| change((&one.path, one.to.as_ref()))).collect();
    if changes.len() > CHANGES_SHOWN {
        words.push(format!("and {} more", changes.len() - CHANGES_SHOWN));
    }
    Some(words.join(", "))
}

fn shortened(value: &str) -> String {
    if value.chars().count() <= VALUE_MAX_CHARS {
        return value.to_owned();
    }
    value.chars().take(VALUE_MAX_CHARS - 1).chain(['…']).collect()
}

/// The holds, each with the guard's sentence, its operations, and what a person can do.
pub(crate) fn held(app: &str, held: &[Held], rows: &Rows) -> String {
    if held.is_empty() {
        return String::new();
    }
    let mut text = "\nHeld until you decide:\n".to_owned();
    for held in held {
        let n = number_of(held.n_operations, "operation", "operations");
        text.extend(["  ", &n, ": ", &held.tripped.to_string(), "\n"]);
    }
    let advice = format!(
        "If they are meant, `usher sync {app} --release` lets those through that are still wanted. If not, correct \
         the directory\nor the app's configuration; until then nobody among them is touched.\n\n"
    );
    text + &advice + &listed(rows, &rows.held.iter().collect::<Vec<_>>(), n_held(held))
}

/// The failures, each with its sentence.
pub(crate) fn failures(failures: &[(Email, String)], n_all: u64, at_most: usize) -> String {
    if n_all == 0 {
        return String::new();
    }
    let shown = &failures[..failures.len().min(at_most)];
    let lines = shown.iter().map(|(email, why)| [email.to_string(), why.clone()]);
    format!(
        "\nFailed, each alone; everyone else goes on:\n{}{}",
        table(&["PERSON", "WHY"], lines),
        more(shown.len(), n_all)
    )
}

/// What has changed since a plan was approved.
pub(crate) fn differences(differences: &[String], at_most: usize) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let shown = &differences[..differences.len().min(at_most)];
    let more = more(shown.len(), differences.len() as u64);
    format!("\nChanged since the plan was approved, so nothing was done:\n{}\n{more}", shown.join("\n"))
}

/// For how many people nothing is done, by why.
pub(crate) fn skipped(skipped: &BTreeMap<String, u64>) -> String {
    if skipped.is_empty() {
        return String::new();
    }
    let mut counts: Vec<_> = skipped.iter().collect();
    counts.sort_by(|one, two| two.1.cmp(one.1).then(one.0.cmp(two.0)));
    let lines = counts.into_iter().map(|(why, n)| [grouped(*n), why.clone()]);
    format!("\nSkipped, and why:\n{}", table(&["PEOPLE", "WHY"], lines))
}

/// How many there are beyond those that are shown.
pub(crate) fn more(n_shown: usize, n_all: u64) -> String {
    match n_all.saturating_sub(n_shown as u64) {
        0 => String::new(),
        n => format!("… and {} more\n", grouped(n)),
    }
}

#[cfg(test)]
mod tests;

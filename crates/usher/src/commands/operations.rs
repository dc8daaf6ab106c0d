//! Operations as people read them: what is counted, and one line for each person with the reason.
//!
//! Shared by `plan`, which tells what would happen, and `sync`, which tells what happened. Those on groups are told by
//! [`groups`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use usher_engine::groups::plan as of_groups;
use usher_engine::guard::Held;
use usher_engine::report::Memberships;
use usher_model::attribute::changes::Changes;
use usher_model::group::operation::GroupKind;
use usher_model::guard::Tripped;
use usher_model::id::{AppId, Email, RunId};
use usher_model::operation::{Kind, Operation};
use usher_model::reason::Reason;
use usher_store::event::{self, EventKind};
use usher_store::plan::{self, Lane, PlanRow, PlanState};
use usher_store::{Store, StoreError};

use self::groups::GroupRows;
use crate::output::{grouped, number_of, table};

pub(crate) mod groups;

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
    group_create: u64,
    group_adopt: u64,
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

    /// The same, with those on groups.
    pub(crate) fn with_groups(self, counts: &BTreeMap<GroupKind, u64>) -> Self {
        let of = |kind| counts.get(&kind).copied().unwrap_or(0);
        Self {
            group_create: of(GroupKind::GroupCreate),
            group_adopt: of(GroupKind::GroupAdopt),
            group_update: of(GroupKind::GroupUpdate),
            group_delete: of(GroupKind::GroupDelete),
            members_add: of(GroupKind::MembersAdd),
            members_remove: of(GroupKind::MembersRemove),
            ..self
        }
    }
}

/// Memberships at the app, as scripts rely on them.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct MembershipCounts {
    added: u64,
    removed: u64,
}

impl From<Memberships> for MembershipCounts {
    fn from(Memberships { added, removed }: Memberships) -> Self {
        Self { added, removed }
    }
}

/// `3 accounts and 2 groups`; none: there are none. Of a group of which only a part could be done, as for all members but
/// one, its memberships are counted.
pub(crate) fn what_changes(n_accounts: u64, n_groups: u64, n_memberships: u64) -> Option<String> {
    let accounts = (n_accounts > 0).then(|| number_of(n_accounts, "account", "accounts"));
    let groups = (n_groups > 0).then(|| number_of(n_groups, "group", "groups"));
    let members = || (n_memberships > 0).then(|| number_of(n_memberships, "membership", "memberships"));
    let both: Vec<_> = accounts.into_iter().chain(groups.or_else(members)).collect();
    (!both.is_empty()).then(|| both.join(" and "))
}

/// As the planner counts people who failed before and whose next try is not due.
const WAITING: &str = "failed before, waiting to be tried again";

/// How many groups are not tried now because they failed before.
pub(crate) fn n_groups_waiting(skipped: &BTreeMap<String, u64>) -> u64 {
    skipped.get(of_groups::WAITING).copied().unwrap_or(0)
}

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
    /// How many do.
    n_held: u64,
    /// Those of the rest that were planned as a create and found the account there: they adopted it.
    adopted: BTreeSet<i64>,
    groups: GroupRows,
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
    /// Reads the first rows of each section. `counts` says how many there are that go on, so that reading may end.
    pub(crate) async fn read(
        store: &Store,
        (app, run): (&AppId, &RunId),
        counts: &BTreeMap<Kind, u64>,
        wanted: Wanted,
    ) -> Result<Self, StoreError> {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(wanted.at_most);
        let of_lane = |lane| counts.iter().filter(|(kind, _)| Lane::of(**kind) == lane).map(|(_, n)| n).sum();
        let (n_removals, n_rest) = (size(of_lane(Lane::Suspensions)), size(of_lane(Lane::Rest)));
        let groups = GroupRows::read(store, (app, run), wanted).await?;
        let mut rows = Self { n_held: n_held_of_people(store, (app, run)).await?, groups, ..Self::default() };
        let n_held = size(rows.n_held);
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

    /// What is done to groups, or was.
    pub(crate) fn groups(&self) -> &GroupRows {
        &self.groups
    }

    /// What a row came to.
    fn kind(&self, row: &PlanRow) -> Kind {
        if self.adopted.contains(&row.seq) { Kind::Adopt } else { row.operation.kind() }
    }
}

async fn n_held_of_people(store: &Store, (app, run): (&AppId, &RunId)) -> Result<u64, StoreError> {
    let mut tx = store.read("usher::n_held").await?;
    let counts = plan::counts(&mut tx, app, run).await?;
    Ok(counts.iter().filter(|((_, state), _)| *state == PlanState::Held).map(|(_, n)| n).sum())
}

/// The summary of accounts: one line for each kind of operation that there is, and those that wait, fail, or are skipped.
/// No group is counted among them.
pub(crate) fn summary(
    counts: &BTreeMap<Kind, u64>,
    rows: &Rows,
    n_failures: u64,
    skipped: &BTreeMap<String, u64>,
) -> String {
    let of_people = skipped.iter().filter(|(why, _)| !of_groups::is_of_groups(why));
    let kinds = Kind::ALL.into_iter().map(|kind| (meaning(kind), counts.get(&kind).copied().unwrap_or(0)));
    let rest = [
        ("held: waits for your word", rows.n_held),
        ("failed: cannot be done now", n_failures),
        ("skipped: nothing to be done, see below", of_people.map(|(_, n)| n).sum()),
    ];
    let lines: Vec<_> = kinds.chain(rest).filter(|(_, n)| *n > 0).collect();
    if lines.is_empty() {
        return String::new();
    }
    let lines = lines.into_iter();
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
        text.extend(["  ", &why_held(held.n_operations, &held.tripped), "\n"]);
    }
    let advice = format!(
        "If they are meant, `usher sync {app} --release` lets those through that are still wanted. If not, correct \
         the directory\nor the app's configuration; until then nobody among them is touched.\n\n"
    );
    let people = &rows.held.iter().collect::<Vec<_>>();
    let people = if people.is_empty() { String::new() } else { listed(rows, people, rows.n_held) };
    let groups = rows.groups.held();
    let between = if people.is_empty() || groups.is_empty() { "" } else { "\n" };
    [text, advice, people, between.to_owned(), groups].concat()
}

/// How many operations are held, and why. Of groups the reason says how many members are to leave, or groups to go.
pub(crate) fn why_held(n_operations: u64, tripped: &Tripped) -> String {
    if tripped.is_of_groups() {
        return tripped.to_string();
    }
    format!("{}: {tripped}", number_of(n_operations, "operation", "operations"))
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
        table(&["WHO", "WHY"], lines),
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

/// For how many people and groups nothing is done, by why.
pub(crate) fn skipped(skipped: &BTreeMap<String, u64>) -> String {
    if skipped.is_empty() {
        return String::new();
    }
    let mut counts: Vec<_> = skipped.iter().collect();
    counts.sort_by(|one, two| two.1.cmp(one.1).then(one.0.cmp(two.0)));
    let (groups, people): (Vec<_>, Vec<_>) =
        counts.into_iter().partition(|(why, _)| of_groups::is_of_groups(why));
    let of = |heading, counts: Vec<(&String, &u64)>| {
        let lines = counts.iter().map(|(why, n)| [grouped(**n), (*why).clone()]);
        if counts.is_empty() { String::new() } else { table(&[heading, "WHY"], lines) }
    };
    format!("\nSkipped, and why:\n{}{}", of("PEOPLE", people), of("GROUPS", groups))
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

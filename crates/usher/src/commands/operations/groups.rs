//! Operations on groups as people read them: what is counted, and one line for each with how many members and why.

use std::collections::BTreeMap;

use usher_engine::groups::plan::is_of_groups;
use usher_engine::report::Memberships;
use usher_model::group::operation::{GroupKind, GroupOperation};
use usher_model::id::{AppId, Email, RunId};
use usher_store::group::event::{self, GroupEvent, GroupEventKind};
use usher_store::group::member;
use usher_store::group::plan::{self, GroupRow};
use usher_store::plan::PlanState;
use usher_store::{Store, StoreError};

use super::{PAGE, Wanted, more, shortened};
use crate::output::{grouped, table};

/// The rows of a plan about groups that are shown.
#[derive(Debug, Default)]
pub(crate) struct GroupRows {
    /// What takes members out, or goes on; shown first, for it is what hurts if it is wrong.
    removals: Vec<Line>,
    /// Everything else that goes on.
    rest: Vec<Line>,
    n_going_on: u64,
    /// How many groups that is about.
    n_groups: u64,
    /// What waits for a person.
    held: Vec<Line>,
    n_held: u64,
    /// How many groups that is about.
    n_held_groups: u64,
    /// How many members are to leave by that, of groups that stay.
    n_held_members: u64,
}

/// One operation on a group.
#[derive(Clone, Debug)]
struct Line {
    seq: i64,
    kind: GroupKind,
    email: Email,
    n_members: u64,
    why: String,
}

/// Whether an operation takes people out of a group.
fn is_removal(kind: GroupKind) -> bool {
    match kind {
        GroupKind::MembersRemove | GroupKind::GroupDelete => true,
        GroupKind::GroupCreate | GroupKind::GroupAdopt | GroupKind::GroupUpdate | GroupKind::MembersAdd => {
            false
        }
    }
}

impl GroupRows {
    /// Reads the first rows of each section.
    pub(super) async fn read(
        store: &Store,
        (app, run): (&AppId, &RunId),
        wanted: Wanted,
    ) -> Result<Self, StoreError> {
        let mut tx = store.read("usher::group_counts").await?;
        let counts = plan::counts(&mut tx, app, run).await?;
        let n_groups = plan::n_groups(&mut tx, app, run, wanted.state).await?;
        let n_held_groups = plan::n_groups(&mut tx, app, run, PlanState::Held).await?;
        drop(tx);
        let n = |is: &dyn Fn(GroupKind, PlanState) -> bool| -> u64 {
            counts.iter().filter(|((kind, state), _)| is(*kind, *state)).map(|(_, (n, _))| n).sum()
        };
        let goes_on = |state| state == wanted.state;
        let n_removals = n(&|kind, state| goes_on(state) && is_removal(kind));
        let n_rest = n(&|kind, state| goes_on(state) && !is_removal(kind));
        let n_held = n(&|_, state| state == PlanState::Held);
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(wanted.at_most);
        let held = counts.iter().filter(|((_, state), _)| *state == PlanState::Held);
        let n_held_members = held.map(|(_, (_, n_members))| n_members).sum();
        let mut rows = Self {
            n_going_on: n_removals + n_rest,
            n_groups,
            n_held,
            n_held_groups,
            n_held_members,
            ..Self::default()
        };
        let mut after = -1;
        while rows.removals.len() < size(n_removals)
            || rows.rest.len() < size(n_rest)
            || rows.held.len() < size(n_held)
        {
            let mut tx = store.read("usher::group_rows").await?;
            let page = plan::rows(&mut tx, app, run, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for row in page {
                let is_removal = is_removal(row.operation.kind());
                let (section, size) = match (row.state == PlanState::Held, goes_on(row.state), is_removal) {
                    (true, ..) => (&mut rows.held, size(n_held)),
                    (false, true, true) => (&mut rows.removals, size(n_removals)),
                    (false, true, false) => (&mut rows.rest, size(n_rest)),
                    (false, false, _) => continue,
                };
                if section.len() < size {
                    let n_members = match &row.operation {
                        GroupOperation::Delete { .. } => member::count(&mut tx, app, &row.group).await?,
                        operation @ (GroupOperation::Create { .. }
                        | GroupOperation::Adopt { .. }
                        | GroupOperation::Update { .. }
                        | GroupOperation::AddMembers { .. }
                        | GroupOperation::PutBack { .. }
                        | GroupOperation::RemoveMembers { .. }) => operation.n_members() as u64,
                    };
                    section.push(line(row, n_members));
                }
            }
        }
        rows.rest.truncate(wanted.at_most.saturating_sub(rows.removals.len()));
        if wanted.state == PlanState::Done {
            rows.read_done(store, run).await?;
        }
        Ok(rows)
    }

    /// Reads what came of the rows that are done: a group that was to be created may have been there already, and of a
    /// group that is gone only the log knows how many were in it.
    async fn read_done(&mut self, store: &Store, run: &RunId) -> Result<(), StoreError> {
        let mut done: BTreeMap<i64, GroupEvent> = BTreeMap::new();
        let Some(last) = self.removals.iter().chain(&self.rest).map(|line| line.seq).max() else {
            return Ok(());
        };
        for kind in GroupEventKind::ALL.into_iter().filter(|kind| *kind != GroupEventKind::Failure) {
            let mut after = -1;
            while after < last {
                let mut tx = store.read("usher::group_events").await?;
                let page = event::of_run(&mut tx, run, kind, after, PAGE).await?;
                let Some(event) = page.last() else { break };
                after = event.seq;
                done.extend(page.into_iter().map(|event| (event.seq, event)));
            }
        }
        for line in self.removals.iter_mut().chain(&mut self.rest) {
            let Some(event) = done.remove(&line.seq) else { continue };
            line.n_members = event.n_members;
            if event.kind == GroupEventKind::Adopt && line.kind != GroupKind::GroupAdopt {
                (line.kind, line.why) = (GroupKind::GroupAdopt, event.reason.to_string());
            }
        }
        Ok(())
    }

    /// How many groups something goes on with, or went on.
    pub(crate) fn n_groups(&self) -> u64 {
        self.n_groups
    }

    /// What goes on, or went on.
    pub(crate) fn going_on(&self) -> String {
        let shown: Vec<_> = self.removals.iter().chain(&self.rest).collect();
        if shown.is_empty() { String::new() } else { format!("\n{}", listed(&shown, self.n_going_on)) }
    }

    /// What waits for a person.
    pub(super) fn held(&self) -> String {
        let shown: Vec<_> = self.held.iter().collect();
        if shown.is_empty() { String::new() } else { listed(&shown, self.n_held) }
    }
}

fn line(row: GroupRow, n_members: u64) -> Line {
    let GroupRow { seq, email, operation, reason, .. } = row;
    let changes = match &operation {
        GroupOperation::Update { changes, .. } | GroupOperation::Adopt { changes, .. } => {
            let written = changes.iter().map(|change| match &change.to {
                Some(value) => format!("{} = {}", change.path, shortened(&value.to_string())),
                None => format!("{} cleared", change.path),
            });
            written.collect::<Vec<_>>().join(", ")
        }
        GroupOperation::Create { .. }
        | GroupOperation::AddMembers { .. }
        | GroupOperation::PutBack { .. }
        | GroupOperation::RemoveMembers { .. }
        | GroupOperation::Delete { .. } => String::new(),
    };
    let why = if changes.is_empty() { reason.to_string() } else { format!("{reason}: {changes}") };
    Line { seq, kind: operation.kind(), email, n_members, why }
}

fn listed(shown: &[&Line], n_all: u64) -> String {
    let lines = shown.iter().map(|line| {
        let members = if line.n_members == 0 { "-".to_owned() } else { grouped(line.n_members) };
        [line.kind.to_string(), line.email.to_string(), members, line.why.clone()]
    });
    table(&["OPERATION", "GROUP", "MEMBERS", "WHY"], lines) + &more(shown.len(), n_all)
}

/// The summary: how many groups, by what is done to them or is not, and how many memberships begin and end by that.
pub(crate) fn summary(
    counts: &BTreeMap<GroupKind, u64>,
    members: Memberships,
    rows: &GroupRows,
    n_failures: u64,
    skipped: &BTreeMap<String, u64>,
) -> String {
    let of = |kind| counts.get(&kind).copied().unwrap_or(0);
    let n_skipped = skipped.iter().filter(|(why, _)| is_of_groups(why)).map(|(_, n)| n).sum();
    let groups = [
        (of(GroupKind::GroupCreate), "create group: make it, with its members"),
        (of(GroupKind::GroupAdopt), "adopt group: take over one that the app has already"),
        (of(GroupKind::GroupUpdate), "update group: change its name"),
        (of(GroupKind::GroupDelete), "delete group: remove it, with its memberships"),
        (rows.n_held_groups, "held: waits for your word"),
        (n_failures, "failed: cannot be done now, or not for everybody"),
        (n_skipped, "skipped: nothing to be done, see below"),
    ];
    let memberships = [
        (members.added, "added"),
        (members.removed, "removed"),
        (rows.n_held_members, "held: removed with your word"),
    ];
    counted("GROUPS", &groups) + &counted("MEMBERSHIPS", &memberships)
}

/// Numbers under a heading that says of what; nothing where there are none.
fn counted(heading: &str, lines: &[(u64, &str)]) -> String {
    let some: Vec<_> = lines.iter().filter(|(n, _)| *n > 0).collect();
    if some.is_empty() {
        return String::new();
    }
    table(&[heading, "WHAT"], some.into_iter().map(|(n, what)| [grouped(*n), (*what).to_owned()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: GroupKind, n_members: u64) -> Line {
        let email = Email::parse("ops@example.com").unwrap();
        Line { seq: 0, kind, email, n_members, why: "because".to_owned() }
    }

    #[test]
    fn what_takes_members_out_comes_first_and_what_is_not_shown_is_counted() {
        let rows = GroupRows {
            removals: vec![line(GroupKind::MembersRemove, 12)],
            rest: vec![line(GroupKind::GroupUpdate, 0)],
            n_going_on: 1_002,
            ..GroupRows::default()
        };
        insta::assert_snapshot!(rows.going_on().trim_start(), @r"
        OPERATION       GROUP            MEMBERS  WHY
        remove members  ops@example.com  12       because
        update group    ops@example.com  -        because
        … and 1,000 more
        ");
        assert_eq!(GroupRows::default().going_on() + &GroupRows::default().held(), "");
    }

    #[test]
    fn the_summary_counts_groups_and_memberships_and_says_nothing_where_there_is_nothing() {
        let counts = BTreeMap::from([(GroupKind::GroupCreate, 2), (GroupKind::MembersAdd, 1)]);
        let rows = GroupRows { n_held_groups: 1, n_held_members: 11, ..GroupRows::default() };
        let skipped = BTreeMap::from([("groups that are pinned".to_owned(), 3), ("pinned".to_owned(), 5)]);
        let members = Memberships { added: 1_005, removed: 1 };
        insta::assert_snapshot!(summary(&counts, members, &rows, 4, &skipped), @r"
        GROUPS  WHAT
        2       create group: make it, with its members
        1       held: waits for your word
        4       failed: cannot be done now, or not for everybody
        3       skipped: nothing to be done, see below
        MEMBERSHIPS  WHAT
        1,005        added
        1            removed
        11           held: removed with your word
        ");
        let nothing =
            summary(&BTreeMap::new(), Memberships::default(), &GroupRows::default(), 0, &BTreeMap::new());
        assert_eq!(nothing, "");
    }
}

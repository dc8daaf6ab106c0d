//! What an approved plan says of groups.
//!
//! A run plans for groups once its people are done, so it is compared twice: before anything is written, with a plan of
//! that moment, as a whole; and when the groups' turn has come, group by group. Whoever was to be a member and got no
//! account is left out then; nothing else may be another than what was approved.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use usher_model::group::operation::GroupOperation;
use usher_model::group::reason::GroupFailure;
use usher_model::id::{AppId, Email, GroupId, RemoteId, RunId, UserId};
use usher_store::group::plan::{self as plans, GroupRow};
use usher_store::plan::PlanState;
use usher_store::{Store, StoreError};

use super::{Approval, ApprovalError, Differences, Lines, MAX_TOLD};
use crate::work::Work;

/// How many rows are read at a time.
const PAGE: usize = 200;

/// One operation on a group.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupLine {
    group: GroupId,
    email: Email,
    operation: GroupOperation,
    why: String,
}

/// Writes what a plan says of groups.
pub(super) async fn write(store: &Store, app: &AppId, run: &RunId, to: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(store, app, run);
    while let Some(GroupRow { group, email, operation, reason, .. }) =
        rows.next().await.map_err(io::Error::other)?
    {
        let why = reason.to_string();
        serde_json::to_writer(&mut *to, &GroupLine { group, email, operation, why })?;
        to.write_all(b"\n")?;
    }
    Ok(())
}

/// The rows of a plan that are to be done, page by page.
struct Rows<'a> {
    store: &'a Store,
    app: &'a AppId,
    run: &'a RunId,
    page: std::vec::IntoIter<GroupRow>,
    after: i64,
}

impl<'a> Rows<'a> {
    fn new(store: &'a Store, app: &'a AppId, run: &'a RunId) -> Self {
        Self { store, app, run, page: Vec::new().into_iter(), after: -1 }
    }

    async fn next(&mut self) -> Result<Option<GroupRow>, StoreError> {
        loop {
            if let Some(row) = self.page.by_ref().find(|row| row.state == PlanState::Planned) {
                return Ok(Some(row));
            }
            let mut tx = self.store.read("engine::approval").await?;
            let page = plans::rows(&mut tx, self.app, self.run, self.after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(None) };
            self.after = last.seq;
            self.page = page.into_iter();
        }
    }
}

/// The operations of one side, group by group.
struct OfOne {
    group: GroupId,
    email: Email,
    operations: Vec<(GroupOperation, String)>,
}

/// Puts what comes after each other of one group together.
#[derive(Default)]
struct Gathered {
    next: Option<(GroupId, Email, GroupOperation, String)>,
}

impl Gathered {
    fn gather(
        &mut self,
        mut read: impl FnMut() -> Result<Option<GroupLine>, ApprovalError>,
    ) -> Result<Option<OfOne>, ApprovalError> {
        let of_line = |line: GroupLine| (line.group, line.email, line.operation, line.why);
        let first = match self.next.take() {
            Some(first) => Some(first),
            None => read()?.map(of_line),
        };
        let Some((group, email, operation, why)) = first else { return Ok(None) };
        let mut of_one = OfOne { group, email, operations: vec![(operation, why)] };
        while let Some(line) = read()? {
            if line.group != of_one.group {
                self.next = Some(of_line(line));
                break;
            }
            of_one.operations.push((line.operation, line.why));
        }
        Ok(Some(of_one))
    }

    async fn gather_rows(&mut self, rows: &mut Rows<'_>) -> Result<Option<OfOne>, StoreError> {
        let of_row = |row: GroupRow| (row.group, row.email, row.operation, row.reason.to_string());
        let first = match self.next.take() {
            Some(first) => Some(first),
            None => rows.next().await?.map(of_row),
        };
        let Some((group, email, operation, why)) = first else { return Ok(None) };
        let mut of_one = OfOne { group, email, operations: vec![(operation, why)] };
        while let Some(row) = rows.next().await? {
            if row.group != of_one.group {
                self.next = Some(of_row(row));
                break;
            }
            of_one.operations.push((row.operation, row.reason.to_string()));
        }
        Ok(Some(of_one))
    }
}

/// What has changed of groups since a plan was approved: both sides are in the order of the groups' ids.
pub(super) async fn differences(
    work: &Work<'_>,
    run: &RunId,
    mut approved: Lines,
) -> Result<Differences, ApprovalError> {
    let mut rows = Rows::new(work.store, work.app(), run);
    let (mut of_lines, mut of_rows) = (Gathered::default(), Gathered::default());
    let mut differences = Differences { is_all: true, ..Differences::default() };
    let mut line = of_lines.gather(|| approved.next_group())?;
    let mut row = of_rows.gather_rows(&mut rows).await?;
    while line.is_some() || row.is_some() {
        let is_first = |one: &Option<OfOne>, other: &Option<OfOne>| match (one, other) {
            (Some(one), Some(other)) => one.group <= other.group,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let (takes_line, takes_row) = (is_first(&line, &row), is_first(&row, &line));
        let said = difference(line.as_ref().filter(|_| takes_line), row.as_ref().filter(|_| takes_row));
        if let Some(said) = said {
            if differences.first.len() == MAX_TOLD {
                differences.is_all = false;
                break;
            }
            differences.first.push(said);
            differences.n_groups += 1;
        }
        if takes_line {
            line = of_lines.gather(|| approved.next_group())?;
        }
        if takes_row {
            row = of_rows.gather_rows(&mut rows).await?;
        }
    }
    Ok(differences)
}

fn difference(line: Option<&OfOne>, row: Option<&OfOne>) -> Option<String> {
    let said = |one: &OfOne| {
        let kinds: Vec<_> =
            one.operations.iter().map(|(operation, why)| format!("{} ({why})", operation.kind())).collect();
        kinds.join(", ")
    };
    match (line, row) {
        (Some(line), None) => Some(format!("{}: {} is not to be done any more", line.email, said(line))),
        (None, Some(row)) => Some(format!("{}: {} is to be done now", row.email, said(row))),
        (Some(line), Some(row)) if !is_same(line, row) => {
            let other = if said(line) == said(row) { ", with other values" } else { "" };
            Some(format!("{}: {} was to be done, and {} is now{other}", row.email, said(line), said(row)))
        }
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn is_same(line: &OfOne, row: &OfOne) -> bool {
    let is_same = |one: &GroupOperation, other: &GroupOperation| match (one, other) {
        (
            GroupOperation::Create { attributes: one, members: ours, .. },
            GroupOperation::Create { attributes: other, members: theirs, .. },
        ) => one == other && ours == theirs,
        (one, other) => one == other,
    };
    let (lines, rows) = (&line.operations, &row.operations);
    lines.len() == rows.len() && lines.iter().zip(rows).all(|((one, _), (other, _))| is_same(one, other))
}

/// The rows of a run's plan of groups that are more than what was approved, each with its group's address and why it is not
/// done.
pub(crate) async fn unapproved(
    work: &Work<'_>,
    approval: &Approval,
) -> Result<Vec<(i64, Email, GroupFailure)>, StoreError> {
    match compared(work, approval).await {
        Ok(unapproved) => Ok(unapproved),
        Err(ApprovalError::Store(error)) => Err(error),
        // The file has become another since it was opened: nothing of it is approved.
        Err(_) => all(work).await,
    }
}

async fn compared(
    work: &Work<'_>,
    approval: &Approval,
) -> Result<Vec<(i64, Email, GroupFailure)>, ApprovalError> {
    let (_, mut lines) = Approval::begin(&approval.path)?;
    while lines.next()?.is_some() {}
    let mut gathered = Gathered::default();
    let mut approved = gathered.gather(|| lines.next_group())?.map(ApprovedOfOne::new);
    let mut rows = Rows::new(work.store, work.app(), work.run());
    let mut unapproved = Vec::new();
    while let Some(row) = rows.next().await? {
        while approved.as_ref().is_some_and(|approved| approved.group < row.group) {
            approved = gathered.gather(|| lines.next_group())?.map(ApprovedOfOne::new);
        }
        let of_it = approved.as_ref().filter(|approved| approved.group == row.group);
        if !of_it.is_some_and(|approved| approved.allows(&row.operation)) {
            unapproved.push((row.seq, row.email, GroupFailure::NotApproved));
        }
    }
    Ok(unapproved)
}

async fn all(work: &Work<'_>) -> Result<Vec<(i64, Email, GroupFailure)>, StoreError> {
    let mut rows = Rows::new(work.store, work.app(), work.run());
    let mut all = Vec::new();
    while let Some(row) = rows.next().await? {
        all.push((row.seq, row.email, GroupFailure::NotApproved));
    }
    Ok(all)
}

/// What was approved of one group.
struct ApprovedOfOne {
    group: GroupId,
    joiners: BTreeSet<UserId>,
    leavers: BTreeSet<RemoteId>,
    /// The operations that are about the group itself.
    others: Vec<GroupOperation>,
}

impl ApprovedOfOne {
    fn new(of_one: OfOne) -> Self {
        let mut approved = Self {
            group: of_one.group,
            joiners: BTreeSet::new(),
            leavers: BTreeSet::new(),
            others: Vec::new(),
        };
        for (operation, _) in of_one.operations {
            match operation {
                GroupOperation::AddMembers { members } => approved.joiners.extend(members),
                // No plan of a run's says so: only an undo puts anybody back.
                GroupOperation::PutBack { .. } => {}
                GroupOperation::RemoveMembers { members } => {
                    approved.leavers.extend(members.into_iter().map(|member| member.account));
                }
                GroupOperation::Create { attributes, members, ask_first } => {
                    approved.joiners.extend(members);
                    let members = Vec::new();
                    approved.others.push(GroupOperation::Create { attributes, members, ask_first });
                }
                GroupOperation::Adopt { .. }
                | GroupOperation::Update { .. }
                | GroupOperation::Delete { .. } => {
                    approved.others.push(operation);
                }
            }
        }
        approved
    }

    /// Whether an operation does nothing but what was approved of its group.
    fn allows(&self, operation: &GroupOperation) -> bool {
        match operation {
            GroupOperation::Create { attributes, members, .. } => {
                let is_made = self.others.iter().any(|approved| {
                    matches!(approved, GroupOperation::Create { attributes: approved, .. } if approved == attributes)
                });
                is_made && members.iter().all(|member| self.joiners.contains(member))
            }
            GroupOperation::AddMembers { members } => {
                members.iter().all(|member| self.joiners.contains(member))
            }
            GroupOperation::PutBack { .. } => false,
            GroupOperation::RemoveMembers { members } => {
                members.iter().all(|member| self.leavers.contains(&member.account))
            }
            GroupOperation::Adopt { .. } | GroupOperation::Update { .. } | GroupOperation::Delete { .. } => {
                self.others.contains(operation)
            }
        }
    }
}

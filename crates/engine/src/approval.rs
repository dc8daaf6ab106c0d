//! Approved plans: what a preview said, kept in a file, and a run that does exactly that or nothing.
//!
//! The first line of the file says whose plan it is, each other line is one operation with its reason in words. A run that
//! goes by it plans anew, as any run does, and compares row by row before it writes anything: whatever has changed since,
//! at the app, in the directory, in the configuration, by the clock or by a pin, shows as a difference.
//!
//! # Invariants
//!
//! 1. One difference, and nothing is done.
//! 2. A file that was cut, or is another app's, is no plan.
//!
//! Not here: what a guard holds. It is in no file, and a run by a file releases nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Lines, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use usher_model::id::{AppId, Email, RunId, UserId};
use usher_model::operation::Operation;
use usher_model::reason::Reason;
use usher_store::plan::{self as plans, PlanRow, PlanState};
use usher_store::{Store, StoreError, account};

use crate::report::PreviewReport;

/// The form of the file.
const FORM: u32 = 1;
/// How many rows are read at a time.
const PAGE: usize = 1_000;

/// A plan in a file that somebody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    path: PathBuf,
    header: Header,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// The form, as a number.
    usher_plan: u32,
    app: AppId,
    name: String,
    made_at: String,
    operations: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    user: UserId,
    email: Email,
    operation: Operation,
    why: String,
}

/// Why a file is no plan to go by.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// It cannot be read.
    #[error("cannot read the plan {}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// It is not what `usher plan --out` writes.
    #[error(
        "{}, line {line}: this is no plan that `usher plan --out` of this version wrote: make it anew", path.display()
    )]
    NoPlan {
        /// Which file.
        path: PathBuf,
        /// Where, from 1 on.
        line: u64,
    },
    /// It ends before its end.
    #[error("{} is cut: it says that it has {expected} operations, and has {found}: make it anew", path.display())]
    Cut {
        /// Which file.
        path: PathBuf,
        /// How many it says that it has.
        expected: u64,
        /// How many it has.
        found: u64,
    },
    /// It is another app's.
    #[error("{} is a plan of {plan}, and not of this {app}: make one with `usher plan {app} --out FILE`", path.display())]
    AnotherApps {
        /// Which file.
        path: PathBuf,
        /// Whose plan it is.
        plan: String,
        /// Which app was to be run.
        app: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes what a preview planned, less what a guard holds; how many operations that are.
pub async fn write(
    store: &Store,
    made_at: &str,
    report: &PreviewReport,
    to: &mut dyn Write,
) -> io::Result<u64> {
    let header = Header {
        usher_plan: FORM,
        app: report.app.id.clone(),
        name: report.app.name.clone(),
        made_at: made_at.to_owned(),
        operations: report.operations.values().sum(),
    };
    serde_json::to_writer(&mut *to, &header)?;
    to.write_all(b"\n")?;
    let mut rows = Rows::new(store, &report.app.id, &report.run);
    while let Some(PlanRow { user, email, operation, reason, .. }) =
        rows.next().await.map_err(io::Error::other)?
    {
        let why = reason.to_string();
        serde_json::to_writer(&mut *to, &Line { user, email, operation, why })?;
        to.write_all(b"\n")?;
    }
    Ok(header.operations)
}

impl Approval {
    /// Opens a file that [`write`] wrote for this app, and sees that it is whole.
    pub fn open(path: &Path, app: &usher_store::app::App) -> Result<Self, ApprovalError> {
        let (header, mut lines) = Self::begin(path)?;
        if header.app != app.id {
            let (plan, app) = (header.name, app.name.clone());
            return Err(ApprovalError::AnotherApps { path: path.to_owned(), plan, app });
        }
        let mut found = 0;
        while lines.next()?.is_some() {
            found += 1;
        }
        if found != header.operations {
            let expected = header.operations;
            return Err(ApprovalError::Cut { path: path.to_owned(), expected, found });
        }
        Ok(Self { path: path.to_owned(), header })
    }

    fn begin(path: &Path) -> Result<(Header, Read), ApprovalError> {
        let unreadable = |source| ApprovalError::Unreadable { path: path.to_owned(), source };
        let mut lines = BufReader::new(File::open(path).map_err(unreadable)?).lines();
        let no_plan = || ApprovalError::NoPlan { path: path.to_owned(), line: 1 };
        let first = lines.next().ok_or_else(no_plan)?.map_err(|_| no_plan())?;
        let header: Header = serde_json::from_str(&first).map_err(|_| no_plan())?;
        if header.usher_plan != FORM {
            return Err(no_plan());
        }
        Ok((header, Read { path: path.to_owned(), lines, n: 1 }))
    }

    /// How many operations it has.
    pub fn n_operations(&self) -> u64 {
        self.header.operations
    }
}

/// The operations of a file.
struct Read {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    n: u64,
}

impl Read {
    fn next(&mut self) -> Result<Option<Line>, ApprovalError> {
        let Some(line) = self.lines.next() else { return Ok(None) };
        self.n += 1;
        let no_plan = || ApprovalError::NoPlan { path: self.path.clone(), line: self.n };
        let line = line.map_err(|_| no_plan())?;
        serde_json::from_str(&line).map(Some).map_err(|_| no_plan())
    }
}

/// The rows of a plan that are to be done, page by page.
struct Rows<'a> {
    store: &'a Store,
    app: &'a AppId,
    run: &'a RunId,
    page: std::vec::IntoIter<PlanRow>,
    after: i64,
}

impl<'a> Rows<'a> {
    fn new(store: &'a Store, app: &'a AppId, run: &'a RunId) -> Self {
        Self { store, app, run, page: Vec::new().into_iter(), after: -1 }
    }

    async fn next(&mut self) -> Result<Option<PlanRow>, StoreError> {
        loop {
            if let Some(row) = self.page.find(|row| row.state == PlanState::Planned) {
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

/// What has changed since a plan was approved, person by person; nothing: this run's plan is the same.
pub(crate) async fn differences(
    store: &Store,
    app: &AppId,
    run: &RunId,
    approval: &Approval,
) -> Result<Vec<String>, StoreError> {
    match compared(store, app, run, approval).await {
        Err(ApprovalError::Store(error)) => Err(error),
        // The file has become another since it was opened: that is a difference as well.
        Err(error) => Ok(vec![error.to_string()]),
        Ok(differences) => Ok(differences),
    }
}

async fn compared(
    store: &Store,
    app: &AppId,
    run: &RunId,
    approval: &Approval,
) -> Result<Vec<String>, ApprovalError> {
    let (_, mut approved) = Approval::begin(&approval.path)?;
    let mut planned = Rows::new(store, app, run);
    loop {
        match (approved.next()?, planned.next().await?) {
            (None, None) => return Ok(Vec::new()),
            (Some(line), Some(row)) if line.user == row.user && is_same(&line.operation, &row.operation) => {}
            (line, row) => return from_here(line, row, approved, planned).await,
        }
    }
}

/// The differences from the first one on: what is behind it may be the same in another order.
async fn from_here(
    line: Option<Line>,
    row: Option<PlanRow>,
    mut approved: Read,
    mut planned: Rows<'_>,
) -> Result<Vec<String>, ApprovalError> {
    let mut people: BTreeMap<UserId, (Vec<Line>, Vec<PlanRow>)> = BTreeMap::new();
    let mut next = line;
    while let Some(line) = next {
        people.entry(line.user.clone()).or_default().0.push(line);
        next = approved.next()?;
    }
    let mut next = row;
    while let Some(row) = next {
        people.entry(row.user.clone()).or_default().1.push(row);
        next = planned.next().await?;
    }
    let mut differences = Vec::new();
    for (user, (lines, rows)) in &people {
        let Some(difference) = difference(lines, rows) else { continue };
        // Why nothing is to be done for somebody is what the pass left on record.
        let reason = if rows.is_empty() { on_record(&planned, user).await? } else { None };
        differences.push(reason.map_or(difference.clone(), |reason| format!("{difference}: {reason}")));
    }
    Ok(differences)
}

async fn on_record(planned: &Rows<'_>, user: &UserId) -> Result<Option<Reason>, StoreError> {
    let mut tx = planned.store.read("engine::approval").await?;
    let record = account::of(&mut tx, planned.app, std::slice::from_ref(user)).await?.remove(user);
    Ok(record.and_then(|record| record.reason))
}

fn difference(approved: &[Line], planned: &[PlanRow]) -> Option<String> {
    let is_all = approved.len() == planned.len();
    if is_all && approved.iter().zip(planned).all(|(line, row)| is_same(&line.operation, &row.operation)) {
        return None;
    }
    let said = |line: &Line| format!("{} ({})", line.operation.kind(), line.why);
    let is_now = |row: &PlanRow| format!("{} ({})", row.operation.kind(), row.reason);
    match (approved.first(), planned.first()) {
        (Some(line), None) => Some(format!("{}: {} is not to be done any more", line.email, said(line))),
        (None, Some(row)) => Some(format!("{}: {} is to be done now", row.email, is_now(row))),
        (Some(line), Some(row)) => {
            let is_of_one_kind = line.operation.kind() == row.operation.kind();
            let other = if is_of_one_kind { ", with other values" } else { "" };
            Some(format!("{}: {} was to be done, and {} is now{other}", row.email, said(line), is_now(row)))
        }
        (None, None) => None,
    }
}

/// Whether two operations write the same. Whether the app is asked before a create is no difference.
fn is_same(one: &Operation, other: &Operation) -> bool {
    match (one, other) {
        (Operation::Create { attributes: one, .. }, Operation::Create { attributes: other, .. }) => {
            one == other
        }
        (one, other) => one == other,
    }
}

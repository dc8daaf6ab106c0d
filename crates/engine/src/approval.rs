//! Approved plans: what a preview said, kept in a file, and a run that does exactly that or nothing.
//!
//! The first line of the file says whose plan it is, each other line is one operation with its reason in words. A run that
//! goes by it plans anew, as any run does, and compares row by row before it writes anything: whatever has changed since,
//! at the app, in the directory, in the configuration, by the clock or by a pin, shows as a difference.
//!
//! # Invariants
//!
//! 1. One difference, and nothing is done: nothing is written at the app, no hold is opened, and the run that was due stays
//!    due. Where an account turns up while a create is carried out, that person fails; nobody has approved its adoption.
//! 2. A file that was cut, or is another app's, is no plan.
//!
//! Not here: what a guard holds. It is in no file, and a run by a file releases nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use usher_model::id::{AppId, Email, RunId, UserId};
use usher_model::operation::Operation;
use usher_store::app::App;
use usher_store::group::plan as group_plans;
use usher_store::plan::{self as plans, PlanRow, PlanState};
use usher_store::{Store, StoreError};

use self::groups::GroupLine;
use crate::plan::{self, Pass};
use crate::work::Work;

pub(crate) mod groups;

/// The form of the file.
const FORM: u32 = 2;
/// How many rows are read at a time.
const PAGE: usize = 1_000;
/// The longest line: one operation of one person.
const MAX_LINE_BYTES: u64 = 1_048_576;
/// How many operations are looked through for differences once there is one, so that memory does not grow with the plan.
const MAX_WALKED: usize = 10_000;
/// How many differences are told.
const MAX_TOLD: usize = 200;

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
    /// How many operations there are on people's accounts: the lines after this one.
    operations: u64,
    /// How many on groups: the lines after those.
    group_operations: u64,
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

/// Writes the operations of a plan that are to be done, less what a guard holds. Returns how many they are.
pub async fn write(
    store: &Store,
    (app, run): (&App, &RunId),
    made_at: &str,
    to: &mut dyn Write,
) -> io::Result<u64> {
    let (operations, group_operations) = planned(store, app, run).await.map_err(io::Error::other)?;
    let header = Header {
        usher_plan: FORM,
        app: app.id.clone(),
        name: app.name.clone(),
        made_at: made_at.to_owned(),
        operations,
        group_operations,
    };
    serde_json::to_writer(&mut *to, &header)?;
    to.write_all(b"\n")?;
    let mut rows = Rows::new(store, &app.id, run);
    while let Some(PlanRow { user, email, operation, reason, .. }) =
        rows.next().await.map_err(io::Error::other)?
    {
        let why = reason.to_string();
        serde_json::to_writer(&mut *to, &Line { user, email, operation, why })?;
        to.write_all(b"\n")?;
    }
    groups::write(store, &app.id, run, to).await?;
    Ok(operations + group_operations)
}

/// How many operations of a plan are to be done, on people's accounts and on groups.
async fn planned(store: &Store, app: &App, run: &RunId) -> Result<(u64, u64), StoreError> {
    let mut tx = store.read("engine::approval").await?;
    let of_people = plans::counts(&mut tx, &app.id, run).await?;
    let of_groups = group_plans::counts(&mut tx, &app.id, run).await?;
    let is_planned = |state: PlanState| state == PlanState::Planned;
    let n = of_people.iter().filter(|((_, state), _)| is_planned(*state)).map(|(_, n)| n).sum();
    let n_of_groups =
        of_groups.iter().filter(|((_, state), _)| is_planned(*state)).map(|(_, (n, _))| n).sum();
    Ok((n, n_of_groups))
}

impl Approval {
    /// Opens a file that [`write()`] wrote for this app, and sees that it is whole.
    pub fn open(path: &Path, app: &App) -> Result<Self, ApprovalError> {
        let (header, mut lines) = Self::begin(path)?;
        if header.app != app.id {
            let (plan, app) = (header.name, app.name.clone());
            return Err(ApprovalError::AnotherApps { path: path.to_owned(), plan, app });
        }
        let mut found = 0;
        while lines.next()?.is_some() {
            found += 1;
        }
        while lines.next_group()?.is_some() {
            found += 1;
        }
        let expected = header.operations + header.group_operations;
        if found != expected {
            return Err(ApprovalError::Cut { path: path.to_owned(), expected, found });
        }
        Ok(Self { path: path.to_owned(), header })
    }

    fn begin(path: &Path) -> Result<(Header, Lines), ApprovalError> {
        let unreadable = |source| ApprovalError::Unreadable { path: path.to_owned(), source };
        let reader = BufReader::new(File::open(path).map_err(unreadable)?);
        let mut read = Lines { path: path.to_owned(), reader, n: 0, people_left: 0 };
        let first = read.line()?.unwrap_or_default();
        match serde_json::from_str(&first) {
            Ok(header @ Header { usher_plan: FORM, .. }) => {
                read.people_left = header.operations;
                Ok((header, read))
            }
            _ => Err(read.no_plan()),
        }
    }

    /// How many operations it has.
    pub fn n_operations(&self) -> u64 {
        self.header.operations + self.header.group_operations
    }
}

/// The operations of a file.
struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    n: u64,
    /// How many lines about people are to come.
    people_left: u64,
}

impl Lines {
    fn line(&mut self) -> Result<Option<String>, ApprovalError> {
        self.n += 1;
        let mut line = String::new();
        let read = self.reader.by_ref().take(MAX_LINE_BYTES).read_line(&mut line);
        match read {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line)),
            Err(_) => Err(self.no_plan()),
        }
    }

    /// The next operation on a person's account; none: they are over.
    fn next(&mut self) -> Result<Option<Line>, ApprovalError> {
        if self.people_left == 0 {
            return Ok(None);
        }
        self.people_left -= 1;
        let Some(line) = self.line()? else { return Ok(None) };
        serde_json::from_str(&line).map(Some).map_err(|_| self.no_plan())
    }

    /// The next operation on a group, once those on people are over.
    fn next_group(&mut self) -> Result<Option<GroupLine>, ApprovalError> {
        let Some(line) = self.line()? else { return Ok(None) };
        serde_json::from_str(&line).map(Some).map_err(|_| self.no_plan())
    }

    fn no_plan(&self) -> ApprovalError {
        ApprovalError::NoPlan { path: self.path.clone(), line: self.n }
    }
}

/// The rows of a plan that are to be done, or held, page by page.
struct Rows<'a> {
    store: &'a Store,
    app: &'a AppId,
    run: &'a RunId,
    page: std::vec::IntoIter<PlanRow>,
    after: i64,
    /// Whom a guard holds, among those that were walked.
    held: BTreeSet<UserId>,
}

impl<'a> Rows<'a> {
    fn new(store: &'a Store, app: &'a AppId, run: &'a RunId) -> Self {
        Self { store, app, run, page: Vec::new().into_iter(), after: -1, held: BTreeSet::new() }
    }

    async fn next(&mut self) -> Result<Option<PlanRow>, StoreError> {
        loop {
            for row in self.page.by_ref() {
                match row.state {
                    PlanState::Planned => return Ok(Some(row)),
                    PlanState::Held if self.held.len() < MAX_WALKED => {
                        self.held.insert(row.user);
                    }
                    PlanState::Held
                    | PlanState::Blocked
                    | PlanState::Intended
                    | PlanState::Done
                    | PlanState::Failed
                    | PlanState::Unknown
                    | PlanState::Dropped => {}
                }
            }
            let mut tx = self.store.read("engine::approval").await?;
            let page = plans::rows(&mut tx, self.app, self.run, self.after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(None) };
            self.after = last.seq;
            self.page = page.into_iter();
        }
    }
}

/// What has changed since a plan was approved.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    /// The first of them, person by person and then group by group; none: this plan is the same.
    pub(crate) first: Vec<String>,
    /// How many of these are of groups.
    pub(crate) n_groups: u64,
    pub(crate) is_all: bool,
}

/// What has changed since a plan was approved. With `groups`, also of what is to be done with them: a run plans for groups
/// once its people are done.
pub(crate) async fn differences(
    work: &Work<'_>,
    run: &RunId,
    approval: &Approval,
    with_groups: bool,
) -> Result<Differences, StoreError> {
    match compared(work, run, approval, with_groups).await {
        Err(ApprovalError::Store(error)) => Err(error),
        // The file has become another since it was opened: that is a difference as well.
        Err(error) => Ok(Differences { first: vec![error.to_string()], n_groups: 0, is_all: true }),
        Ok(differences) => Ok(differences),
    }
}

async fn compared(
    work: &Work<'_>,
    run: &RunId,
    approval: &Approval,
    with_groups: bool,
) -> Result<Differences, ApprovalError> {
    let (_, mut approved) = Approval::begin(&approval.path)?;
    let mut planned = Rows::new(work.store, work.app(), run);
    loop {
        match (approved.next()?, planned.next().await?) {
            (None, None) if with_groups => return groups::differences(work, run, approved).await,
            (None, None) => return Ok(Differences { is_all: true, ..Differences::default() }),
            (Some(line), Some(row)) if line.user == row.user && is_same(&line.operation, &row.operation) => {}
            (line, row) => return from_here(work, line, row, approved, planned).await,
        }
    }
}

/// The differences from the first one on, in the people of the next [`MAX_WALKED`] operations: what is behind the first
/// one may be the same at another place.
async fn from_here(
    work: &Work<'_>,
    line: Option<Line>,
    row: Option<PlanRow>,
    mut approved: Lines,
    mut planned: Rows<'_>,
) -> Result<Differences, ApprovalError> {
    let mut people: BTreeMap<UserId, (Vec<Line>, Vec<PlanRow>)> = BTreeMap::new();
    let (mut line, mut row) = (line, row);
    for _ in 0..MAX_WALKED {
        if line.is_none() && row.is_none() {
            break;
        }
        if let Some(line) = line.take() {
            people.entry(line.user.clone()).or_default().0.push(line);
        }
        if let Some(row) = row.take() {
            people.entry(row.user.clone()).or_default().1.push(row);
        }
        (line, row) = (approved.next()?, planned.next().await?);
    }
    // Whoever comes behind the last one of the side that goes on may be there as well.
    let end = [line.map(|line| line.user), row.map(|row| row.user)].into_iter().flatten().min();
    let mut differences = Differences { is_all: end.is_none(), ..Differences::default() };
    for (user, (lines, rows)) in &people {
        if end.as_ref().is_some_and(|end| user >= end) {
            break;
        }
        let Some(difference) = difference(lines, rows) else { continue };
        if differences.first.len() == MAX_TOLD {
            differences.is_all = false;
            break;
        }
        let why = match rows.is_empty() {
            true if planned.held.contains(user) => Some("a guard holds it now".to_owned()),
            true => reason_now(work, user).await?,
            false => None,
        };
        differences.first.push(match why {
            Some(why) => format!("{difference}: {why}"),
            None => difference,
        });
    }
    if differences.first.is_empty() {
        // Nobody among them alone: the order is another one, or what differs lies behind.
        differences.first.push("the order of the operations, or what lies far behind, is another".to_owned());
    }
    Ok(differences)
}

/// Why nothing is to be done for somebody now.
async fn reason_now(work: &Work<'_>, user: &UserId) -> Result<Option<String>, StoreError> {
    let mut tx = work.store.read("engine::approval").await?;
    let users = BTreeSet::from([user.clone()]);
    let listed_at = work.setting.app.listed_at;
    let (run, now) = (work.run(), work.clock.now());
    let pass = Pass { users: Some(&users), run, lease: None, insist: false, listed_at, first_seq: 0, now };
    let person = plan::one(&mut tx, work.setting, &pass).await?;
    Ok(person.map(|person| plan::consider(work.setting, &pass, person).reason.to_string()))
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

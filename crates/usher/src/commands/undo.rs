//! `usher undo`: takes back what a run did, or says beforehand what that would be.

use serde::{Serialize, Serializer};
use serde_json::json;
use usher_engine::report::{RunReport, Undone, UndoneMembers, Whom};
use usher_engine::undo::{self, UndoPreview, UndoRequest};
use usher_model::id::{Email, RunId};
use usher_model::operation::Kind;
use usher_model::time::Timestamp;
use usher_store::event::{self, Event, EventKind};
use usher_store::{Store, StoreError, app};

use super::operations::{self, Operations, SHOWN};
use super::ran::Requests;
use crate::cli::{self, Undo};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, instant, number_of, table};
use crate::progress::Progress;

/// Who says so where nobody is named.
const NOBODY: &str = "usher undo";
/// How many events are read at a time.
const PAGE: usize = 1_000;

/// What an undo came to.
#[derive(Debug)]
struct Ran {
    report: RunReport,
    undone: Undone,
    /// How many are on again by this undo.
    n_taken_back: u64,
    /// The first of them.
    taken_back: Vec<Whom>,
    at_most: usize,
    now: Timestamp,
}

/// What an undo would come to.
#[derive(Debug)]
struct Planned {
    preview: UndoPreview,
    at_most: usize,
    now: Timestamp,
}

/// Takes a run back, or shows what that would be.
pub(crate) async fn run(context: &Context, store: &Store, args: &Undo) -> Result<Exit, Failure> {
    let by = args.by.as_deref().map(str::trim).filter(|by| !by.is_empty()).unwrap_or(NOBODY);
    let by = cli::by(by).map_err(Failure::usage)?;
    // Whoever may write to a data directory is alone in it. A preview keeps nobody from anything.
    let is_alone = args.preview || store.apps_changed().is_some();
    let request = UndoRequest { run: RunId::new(args.run.as_str()), by, is_alone };
    let at_most = if args.all { usize::MAX } else { SHOWN };
    let now = context.now();
    if args.preview {
        let preview = undo::preview(store, context.clock.as_ref(), &request).await?;
        context.output.answer(&Planned { preview, at_most, now })?;
        return Ok(Exit::Ok);
    }
    let progress = Progress::new(context.output);
    let ended = undo::undo(store, &context.clock, &context.environment()?, &request, &progress).await;
    drop(progress);
    let report = ended?;
    for warning in &report.warnings {
        context.output.note(&format!("warning: {warning}"));
    }
    let (n_taken_back, taken_back) = taken_back(store, &report, at_most).await?;
    let undone = report.undone.clone().expect("invariant: the report of an undo says what was undone");
    let ran = Ran { report, undone, n_taken_back, taken_back, at_most, now };
    context.output.answer(&ran)?;
    if let Some(why) = &ran.report.stopped {
        let failure =
            Failure::new(format!("the undo of the run {} ended before its time: {why}", ran.undone.run));
        return Err(failure.with_exit(ran.exit()));
    }
    Ok(ran.exit())
}

/// How many are on again by an undo, also where only a look told so, and the first of them.
async fn taken_back(
    store: &Store,
    report: &RunReport,
    at_most: usize,
) -> Result<(u64, Vec<Whom>), StoreError> {
    let mut tx = store.read("usher::taken_back").await?;
    let (kind, mut found, mut after) = (EventKind::Unsuspend, Vec::new(), -1);
    let Some(app) = app::by_name(&mut tx, &report.app).await? else { return Ok((0, found)) };
    let n = event::counts_of_run(&mut tx, &app.id, &report.run).await?.remove(&kind).unwrap_or(0);
    while found.len() < at_most {
        let page = PAGE.min(at_most - found.len());
        let page = event::of_run(&mut tx, &app.id, &report.run, kind, after, page).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        found.extend(page.into_iter().map(|Event { user, email, .. }| Whom { user, email }));
    }
    Ok((n, found))
}

impl Ran {
    fn exit(&self) -> Exit {
        let is_well = self.report.n_failures == 0 && self.report.stopped.is_none();
        if is_well { Exit::Ok } else { Exit::Failed }
    }

    fn headline(&self) -> String {
        let on_again = format!("switched {} on again", number_of(self.n_taken_back, "account", "accounts"));
        let n_put_back = self.report.members.added;
        let put_back = format!("put {} back into groups", number_of(n_put_back, "member", "members"));
        let what = match (self.n_taken_back, n_put_back) {
            (0, 0) => "took nothing back".to_owned(),
            (_, 0) => on_again,
            (0, _) => put_back,
            (_, _) => format!("{on_again} and {put_back}"),
        };
        format!(
            "The undo of the run {} of {} {what}, in {:.1} seconds, with {} and {}.\n",
            self.undone.run,
            self.report.app,
            self.report.seconds,
            number_of(self.report.requests.reads, "read", "reads"),
            number_of(self.report.requests.writes, "write", "writes"),
        )
    }
}

impl Serialize for Ran {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = &self.report;
        json!({
            "app": report.app,
            "run": report.run,
            "undone": self.undone.run,
            "operations": Operations::new(&report.operations),
            "memberships": {"added": report.members.added, "removed": report.members.removed},
            "left_alone": self.undone.n_left_alone + self.undone.members.n_left_out,
            "lost": self.undone.n_lost + self.undone.members.n_lost,
            "failures": report.n_failures,
            "requests": Requests { source: 0, reads: report.requests.reads, writes: report.requests.writes },
            "seconds": report.seconds,
            "stopped": report.stopped,
        })
        .serialize(serializer)
    }
}

impl Serialize for Planned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let UndoPreview { app, n_taken_back, n_put_back, undone, .. } = &self.preview;
        json!({
            "app": app,
            "undone": undone.run,
            "preview": true,
            "operations": Operations::new(&[(Kind::Unsuspend, *n_taken_back)].into()),
            "memberships": {"added": n_put_back, "removed": 0},
            "left_alone": undone.n_left_alone + undone.members.n_left_out,
            "lost": undone.n_lost + undone.members.n_lost,
        })
        .serialize(serializer)
    }
}

impl Answer for Ran {
    fn text(&self) -> String {
        let mut text = self.headline();
        if !self.taken_back.is_empty() {
            text.push_str("\nOn again, and pinned until you unpin them or the directory agrees:\n");
            let lines = self.taken_back.iter().map(|whom| [whom.to_string()]);
            text += &table(&["PERSON"], lines);
            text += &operations::more(self.taken_back.len(), self.n_taken_back);
        }
        text += &staying(&self.report.app, self.report.members.added);
        text += &rest(&self.undone, self.at_most, self.now);
        let failures: &[(Email, String)] = &self.report.failures;
        text + &operations::failures(failures, self.report.n_failures, self.at_most)
    }
}

impl Answer for Planned {
    fn text(&self) -> String {
        let UndoPreview { app, n_taken_back, taken_back, n_put_back, undone } = &self.preview;
        let n = number_of(*n_taken_back, "account", "accounts");
        let run = &undone.run;
        let on_again = format!("switch {n} on again");
        let put_back = format!("put {} back into groups", number_of(*n_put_back, "member", "members"));
        let what = match (n_taken_back, n_put_back) {
            (_, 0) => on_again,
            (0, _) => put_back,
            (_, _) => format!("{on_again} and {put_back}"),
        };
        let mut text = format!("An undo of the run {run} of {app} would {what}. Nothing has been done.\n");
        if !taken_back.is_empty() {
            let shown = &taken_back[..taken_back.len().min(self.at_most)];
            let lines = shown.iter().map(|(whom, why)| [whom.to_string(), why.to_string()]);
            text.push_str("\nOn again, where the app shows the account off still:\n");
            text += &table(&["PERSON", "WAS SUSPENDED BECAUSE"], lines);
            text += &operations::more(shown.len(), *n_taken_back);
        }
        text += &staying(app, *n_put_back);
        text += &rest(undone, self.at_most, self.now);
        if *n_taken_back + *n_put_back > 0 {
            text = format!("{text}\n`usher undo {run}` does this.\n");
        }
        text
    }
}

/// For how long those stay who are put back into groups.
fn staying(app: &str, n_put_back: u64) -> String {
    if n_put_back == 0 {
        return String::new();
    }
    format!(
        "\nWhoever is put back into a group stays in it, whatever the next runs find, until you `usher unpin` them or the \
         directory has\nthem in it as well. `usher pin {app}` lists them.\n"
    )
}

/// Who is left alone, and what is lost.
fn rest(undone: &Undone, at_most: usize, now: Timestamp) -> String {
    let mut text = String::new();
    if undone.n_left_alone > 0 {
        let shown = &undone.left_alone[..undone.left_alone.len().min(at_most)];
        let lines = shown.iter().map(|(whom, why)| [whom.to_string(), why.to_string()]);
        text.push_str("\nLeft alone, for they are not as that run left them:\n");
        text += &table(&["PERSON", "WHY"], lines);
        text += &operations::more(shown.len(), undone.n_left_alone);
    }
    if undone.n_lost > 0 {
        let shown = &undone.lost[..undone.lost.len().min(at_most)];
        let lines =
            shown.iter().map(|lost| [lost.whom.to_string(), instant(lost.at, now), lost.reason.to_string()]);
        text.push_str("\nLost: that run deleted these accounts, and no undo makes them again:\n");
        text += &table(&["PERSON", "DELETED", "WHY"], lines);
        text += &operations::more(shown.len(), undone.n_lost);
    }
    text + &rest_of_members(&undone.members, at_most, now)
}

/// Who stays out of a group, and which groups are lost.
fn rest_of_members(members: &UndoneMembers, at_most: usize, now: Timestamp) -> String {
    let mut text = String::new();
    if members.n_left_out > 0 {
        let shown = &members.left_out[..members.left_out.len().min(at_most)];
        let lines =
            shown.iter().map(|(whom, group, why)| [whom.to_string(), group.to_string(), why.to_string()]);
        text.push_str("\nNot put back into their groups:\n");
        text += &table(&["PERSON", "GROUP", "WHY"], lines);
        text += &operations::more(shown.len(), members.n_left_out);
    }
    if members.n_lost > 0 {
        let shown = &members.lost[..members.lost.len().min(at_most)];
        let lines = shown.iter().map(|lost| {
            let name = lost.email.as_ref().map_or_else(|| lost.group.to_string(), ToString::to_string);
            [name, lost.n_members.to_string(), instant(lost.at, now), lost.reason.to_string()]
        });
        text.push_str("\nLost: that run deleted these groups, and no undo makes them again:\n");
        text += &table(&["GROUP", "MEMBERS", "DELETED", "WHY"], lines);
        text += &operations::more(shown.len(), members.n_lost);
    }
    text
}

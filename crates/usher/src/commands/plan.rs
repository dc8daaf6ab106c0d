//! `usher plan`: what a run would do now, and why. Nothing is done.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;
use usher_engine::approval;
use usher_engine::preview::preview;
use usher_engine::report::{PreviewReport, RunRequest};
use usher_store::plan::PlanState;
use usher_store::{Store, account};

use super::freshen::{self, freshen};
use super::operations::{self, MembershipCounts, Operations, Rows, SHOWN, Wanted};
use super::untried::Untried;
use super::{lookup, token_age};
use crate::cli::Plan;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, number_of, quoted};

/// A plan, as scripts rely on it, and what people see of it.
#[derive(Debug, Serialize)]
struct Planned {
    app: String,
    operations: Operations,
    memberships: MembershipCounts,
    /// People and groups for whom nothing can be done, as far as this plan tried.
    failures: u64,
    /// Those who failed before and whom a run would not try yet. They are among the skipped.
    waiting: u64,
    skipped: u64,
    held: u64,
    seconds: f64,
    /// That the app refused its token, and what to do about it: a run could do nothing of this.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_refused: Option<String>,
    /// That the directory cannot be read: this is what it said before.
    #[serde(skip_serializing_if = "Option::is_none")]
    directory_failing: Option<String>,
    #[serde(skip)]
    report: PreviewReport,
    /// Accounts on record whose timer runs.
    #[serde(skip)]
    leaving: u64,
    #[serde(skip)]
    untried: Untried,
    #[serde(skip)]
    rows: Rows,
    #[serde(skip)]
    at_most: usize,
}

/// Makes the plan and prints it.
pub(crate) async fn run(context: &Context, store: &Store, args: &Plan) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::plan").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    drop(tx);
    freshen(context, store, &app, None, true).await?;
    let request = RunRequest::default();
    let report = preview(store, &context.clock, &context.environment()?, &args.name, &request).await?;
    if let Some(file) = &args.out {
        let n = keep(context, store, &report, file).await?;
        let operations = number_of(n, "operation", "operations");
        context.output.note(&format!(
            "{operations} written to {}; `usher sync {} --plan {}` does exactly that, or nothing",
            file.display(),
            report.app.name,
            quoted(&file.display().to_string())
        ));
    }
    let at_most = if args.all { usize::MAX } else { SHOWN };
    let rows = if context.output.is_json {
        Rows::default()
    } else {
        let plan = (&report.app.id, &report.run);
        let wanted = Wanted { at_most, state: PlanState::Planned };
        Rows::read(store, plan, &report.operations, wanted).await?
    };
    let mut tx = store.read("usher::plan").await?;
    let leaving = account::counts(&mut tx, &report.app.id, context.now()).await?.leaving;
    // As it is now: making the plan may have asked the app.
    let app = lookup::app(context, &mut tx, &args.name).await?;
    let directory_failing = freshen::failing(&mut tx, &app, context.now()).await?;
    drop(tx);
    let token_refused = token_age::refusal(&app);
    let mut planned =
        Planned { token_refused, directory_failing, ..Planned::new(report, leaving, rows, at_most) };
    if !context.output.is_json {
        let skipped = &planned.report.skipped;
        let n = (operations::n_waiting(skipped), operations::n_groups_waiting(skipped));
        planned.untried = Untried::read(store, &app, n, &planned.report.failures).await?;
    }
    context.output.answer(&planned)?;
    Ok(planned.exit())
}

/// Writes the plan to a file that its owner alone can read: it says who is who. What was there before is replaced once
/// the new one is whole.
async fn keep(context: &Context, store: &Store, report: &PreviewReport, file: &Path) -> Result<u64, Failure> {
    if fs::symlink_metadata(file).is_ok_and(|found| !found.is_file()) {
        let shown = file.display();
        return Err(Failure::new(format!("{shown} is there and is no file: name another one for the plan")));
    }
    let cannot = || format!("cannot write the plan to {}", file.display());
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut made = tempfile::Builder::new().prefix(".usher-plan").tempfile_in(parent).with_context(cannot)?;
    let mut to = BufWriter::new(made.as_file_mut());
    let made_at = context.now().to_string();
    let plan = (&report.app, &report.run);
    let n = approval::write(store, plan, &made_at, &mut to).await.with_context(cannot)?;
    to.flush().with_context(cannot)?;
    drop(to);
    made.as_file().sync_all().with_context(cannot)?;
    made.persist(file).with_context(cannot)?;
    Ok(n)
}

impl Planned {
    fn new(report: PreviewReport, leaving: u64, rows: Rows, at_most: usize) -> Self {
        Self {
            app: report.app.name.clone(),
            operations: Operations::new(&report.operations).with_groups(&report.group_operations),
            memberships: report.members.into(),
            failures: report.n_failures,
            waiting: operations::n_waiting(&report.skipped) + operations::n_groups_waiting(&report.skipped),
            skipped: report.skipped.values().sum(),
            held: operations::n_held(&report.held),
            seconds: report.seconds,
            token_refused: None,
            directory_failing: None,
            report,
            leaving,
            untried: Untried::default(),
            rows,
            at_most,
        }
    }

    fn n_accounts(&self) -> u64 {
        self.report.operations.values().sum()
    }

    fn n_of_groups(&self) -> u64 {
        self.report.group_operations.values().sum()
    }

    fn n_planned(&self) -> u64 {
        self.n_accounts() + self.n_of_groups()
    }

    /// People who cannot be provisioned: now, or when it was tried last.
    fn n_people_failing(&self) -> u64 {
        self.failures - self.report.n_group_failures + operations::n_waiting(&self.report.skipped)
    }

    /// Groups for which something cannot be done.
    fn n_groups_failing(&self) -> u64 {
        self.report.n_group_failures + operations::n_groups_waiting(&self.report.skipped)
    }

    fn n_failing(&self) -> u64 {
        self.n_people_failing() + self.n_groups_failing()
    }

    fn exit(&self) -> Exit {
        match (self.held, self.n_planned(), self.n_failing()) {
            (1.., _, _) => Exit::Held,
            (0, 1.., _) => Exit::Pending,
            (0, 0, 1..) => Exit::Failed,
            (0, 0, 0) => Exit::Ok,
        }
    }

    fn headline(&self) -> String {
        let app = &self.app;
        match (operations::what_changes(self.n_accounts(), self.rows.groups().n_groups(), 0), self.held) {
            (None, 0) => self.nothing_to_do(),
            (None, _) => format!("A run of {app} would change nothing before you decide.\n"),
            (Some(what), _) => format!("A run of {app} would change {what}. Nothing has been done.\n"),
        }
    }

    /// That nothing would change does not mean that everything is well.
    fn nothing_to_do(&self) -> String {
        let leave = if self.leaving == 1 { "is leaving" } else { "are leaving" };
        let people = |n| number_of(n, "person", "people");
        let counts = [
            (self.n_people_failing(), format!("{} cannot be provisioned", people(self.n_people_failing()))),
            (
                self.n_groups_failing(),
                format!(
                    "{} cannot be brought in step",
                    number_of(self.n_groups_failing(), "group", "groups")
                ),
            ),
            (self.leaving, format!("{} {leave}", people(self.leaving))),
        ];
        let open: Vec<_> = counts.into_iter().filter(|(n, _)| *n > 0).map(|(_, what)| what).collect();
        if open.is_empty() {
            return format!("{} is as it should be: a run would change nothing.\n", self.app);
        }
        format!("A run of {} would change nothing now: {}.\n", self.app, open.join(", "))
    }
}

impl Answer for Planned {
    fn text(&self) -> String {
        let n_planned = self.n_planned();
        let mut text = self.headline();
        if let Some(refused) = &self.token_refused {
            text.extend(["Nothing can be sent to it now: ", refused, ".\n"]);
        }
        if let Some(why) = &self.directory_failing {
            text.extend(["But ", why, ".\n"]);
        }
        let report = &self.report;
        if n_planned + self.held + self.failures + self.skipped > 0 {
            text += "\n";
            let n_groups = report.n_group_failures;
            let (rows, skipped) = (&self.rows, &report.skipped);
            text += &operations::summary(&report.operations, rows, self.failures - n_groups, skipped);
            let (counts, members) = (&report.group_operations, report.members);
            text += &operations::groups::summary(counts, members, rows.groups(), n_groups, skipped);
        }
        text += &operations::going_on(&self.rows, self.n_accounts());
        text += &self.rows.groups().going_on();
        text += &operations::held(&self.app, &report.held, &self.rows);
        text += &operations::failures(&report.failures, self.failures, self.at_most);
        text += &operations::skipped(&report.skipped);
        text += &self.untried.text(&self.app);
        if n_planned > 0 && self.token_refused.is_some() {
            text =
                format!("{text}\nWith a token that the app accepts, `usher sync {}` does this.\n", self.app);
        } else if n_planned > 0 {
            text = format!("{text}\n`usher sync {}` does this.\n", self.app);
        }
        text
    }
}

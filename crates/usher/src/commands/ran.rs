//! What a run came to, as people and scripts are told: shared by `sync` and `audit`.

use std::collections::BTreeMap;

use serde::Serialize;
use usher_engine::report::{Memberships, RunReport, RunRequest};
use usher_engine::run::run as run_app;
use usher_engine::watch::Watch;
use usher_model::group::operation::GroupKind;
use usher_model::lifecycle::DriftPolicy;
use usher_model::operation::Kind;
use usher_store::Store;
use usher_store::app::App;
use usher_store::plan::PlanState;

use super::drift::groups::GroupDrifts;
use super::drift::{self, Drifts};
use super::explain;
use super::freshen::freshen;
use super::operations::{self, MembershipCounts, Operations, Rows, SHOWN, Wanted};
use super::steps::Steps;
use super::token_age::TokenAge;
use super::untried::Untried;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, number_of};
use crate::progress::Progress;

/// A run, as scripts rely on it, and what people see of it.
#[derive(Debug, Serialize)]
struct Ran {
    app: String,
    run: String,
    operations: Operations,
    memberships: MembershipCounts,
    /// People and groups for whom something failed in this run.
    failures: u64,
    /// Those who failed before and are not tried yet: they make the run end as failed, too. They are among the skipped.
    waiting: u64,
    skipped: u64,
    held: u64,
    requests: Requests,
    seconds: f64,
    /// Why it ended before its time; none: it came to its end.
    stopped: Option<String>,
    /// What has changed since the plan was approved that the run was to go by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<String>,
    /// Of an audit alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<Drifts>,
    /// Of an audit of an app that gets groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<GroupDrifts>,
    /// For one person alone: each step.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Steps>,
    /// What to do about the end of the app's token, once that is near.
    token_warning: Option<String>,
    #[serde(skip)]
    report: RunReport,
    #[serde(skip)]
    untried: Untried,
    #[serde(skip)]
    rows: Rows,
    #[serde(skip)]
    at_most: usize,
    #[serde(skip)]
    policy: DriftPolicy,
}

/// Requests that were made.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Requests {
    /// To the directory, to bring its mirror up to date; the embedded one needs none.
    pub(super) source: u64,
    pub(super) reads: u64,
    pub(super) writes: u64,
}

/// Runs the app as asked, and prints what came of it; every line, or the first of each section.
pub(crate) async fn run(
    context: &Context,
    store: &Store,
    app: &App,
    request: &RunRequest,
    all: bool,
) -> Result<Exit, Failure> {
    let source = freshen(context, store, app, request.user.as_ref(), false).await?;
    // Whoever asks for one person sees each step.
    let explained = match &request.user {
        Some(user) => Some(explain::explained(context, store, &app.name, user, request.insist).await?),
        None => None,
    };
    let (watch, environment) = (Watch::default(), context.environment()?);
    let environment = if explained.is_some() { watch.over(&environment) } else { environment };
    let progress = Progress::new(context.output);
    let ended = run_app(store, &context.clock, &environment, &app.name, request, &progress).await;
    drop(progress);
    let report = ended?;
    for warning in &report.warnings {
        context.output.note(&format!("warning: {warning}"));
    }
    let at_most = if all { usize::MAX } else { SHOWN };
    let rows = if context.output.is_json {
        Rows::default()
    } else {
        let plan = (&app.id, &report.run);
        let wanted = Wanted { at_most, state: PlanState::Done };
        Rows::read(store, plan, &report.operations, wanted).await?
    };
    let token_warning = TokenAge::of(app, context.now()).warning;
    let policy = app.settings.as_ref().map(|settings| settings.drift).unwrap_or_default();
    let mut ran = Ran::new(report, rows, at_most, policy, token_warning);
    ran.requests.source = source;
    if !context.output.is_json {
        let n =
            (operations::n_waiting(&ran.report.skipped), operations::n_groups_waiting(&ran.report.skipped));
        ran.untried = Untried::read(store, app, n, &ran.report.failures).await?;
    }
    ran.steps = explained.map(|explained| Steps::new(explained, &watch));
    context.output.answer(&ran)?;
    if let Some(why) = &ran.report.stopped {
        let failure = Failure::new(format!("the run of {} ended before its time: {why}", ran.app));
        return Err(failure.with_exit(ran.exit()));
    }
    Ok(ran.exit())
}

impl Ran {
    fn new(
        report: RunReport,
        rows: Rows,
        at_most: usize,
        policy: DriftPolicy,
        token_warning: Option<String>,
    ) -> Self {
        Self {
            app: report.app.clone(),
            run: report.run.to_string(),
            operations: Operations::new(&report.operations).with_groups(&report.group_operations),
            memberships: report.members.into(),
            failures: report.n_failures,
            waiting: operations::n_waiting(&report.skipped) + operations::n_groups_waiting(&report.skipped),
            skipped: report.skipped.values().sum(),
            held: operations::n_held(&report.held),
            requests: Requests { source: 0, reads: report.requests.reads, writes: report.requests.writes },
            seconds: report.seconds,
            stopped: report.stopped.clone(),
            differences: report.differences.clone(),
            audit: report.audit.as_ref().map(|audited| Drifts::new(audited, policy)),
            groups: report.group_audit.as_ref().map(GroupDrifts::new),
            steps: None,
            token_warning,
            report,
            untried: Untried::default(),
            rows,
            at_most,
            policy,
        }
    }

    /// A plan that was refused is a failure. Held wins over other failures: it is what waits for a person. Whoever failed
    /// before and is not tried yet is failing still.
    fn exit(&self) -> Exit {
        if !self.differences.is_empty() {
            Exit::Failed
        } else if self.held > 0 {
            Exit::Held
        } else if self.failures + self.waiting > 0 || self.report.stopped.is_some() {
            Exit::Failed
        } else {
            Exit::Ok
        }
    }

    fn n_of_groups(&self) -> u64 {
        self.report.group_operations.values().sum()
    }

    /// Whether somebody was taken out of a group that is there still.
    fn has_taken_out(&self) -> bool {
        let done = &self.report.group_operations;
        let is_partly_done = self.report.members.removed > 0 && !done.contains_key(&GroupKind::GroupDelete);
        done.contains_key(&GroupKind::MembersRemove) || is_partly_done
    }

    /// How the run is called, and how what it took away is given back.
    fn name(&self) -> String {
        let run = &self.run;
        match (self.report.operations.contains_key(&Kind::Suspend), self.has_taken_out()) {
            (false, false) => format!("\nThis was the run {run}.\n"),
            (true, false) => {
                format!("\nIf the suspensions were a mistake: `usher undo {run}` takes them back.\n")
            }
            (false, true) => format!(
                "\nIf it was a mistake to take members out of groups: `usher undo {run}` puts them back.\n"
            ),
            (true, true) => format!(
                "\nIf the suspensions were a mistake, or to take members out of groups: `usher undo {run}` takes them back.\n"
            ),
        }
    }

    fn headline(&self) -> String {
        let Memberships { added, removed } = self.report.members;
        let (n_accounts, n_groups) = (counted(&self.report.operations), self.rows.groups().n_groups());
        let what = operations::what_changes(n_accounts, n_groups, added + removed);
        let what = format!("changed {}", what.as_deref().unwrap_or("nothing"));
        let Requests { source: _, reads, writes } = self.requests;
        format!(
            "The {} of {} {what}, in {:.1} seconds, with {} and {}.\n",
            if self.audit.is_some() { "audit" } else { "run" },
            self.app,
            self.seconds,
            number_of(reads, "read", "reads"),
            number_of(writes, "write", "writes"),
        )
    }
}

impl Answer for Ran {
    fn text(&self) -> String {
        let report = &self.report;
        let steps = self.steps.as_ref().map(Steps::text).unwrap_or_default();
        let mut text = steps + &self.headline();
        if let Some(audited) = &report.audit {
            text += &drift::told(&self.app, audited, self.policy, self.at_most);
        }
        if let Some(audited) = &report.group_audit {
            text += &drift::groups::told(&self.app, audited, self.policy, self.at_most);
        }
        text += &operations::differences(&self.differences, self.at_most);
        let n_done = counted(&report.operations) + self.n_of_groups();
        if n_done + self.held + self.failures + self.skipped > 0 {
            text += "\n";
            let n_groups = report.n_group_failures;
            let (rows, skipped) = (&self.rows, &report.skipped);
            text += &operations::summary(&report.operations, rows, self.failures - n_groups, skipped);
            let (counts, members) = (&report.group_operations, report.members);
            text += &operations::groups::summary(counts, members, rows.groups(), n_groups, skipped);
        }
        text += &operations::going_on(&self.rows, counted(&report.operations));
        text += &self.rows.groups().going_on();
        text += &operations::held(&self.app, &report.held, &self.rows);
        text += &operations::failures(&report.failures, self.failures, self.at_most);
        text += &operations::skipped(&report.skipped);
        text += &self.untried.text(&self.app);
        text += &self.name();
        if let Some(warning) = &self.token_warning {
            text.extend(["\nWarning: ", warning, ".\n"]);
        }
        text
    }
}

fn counted(operations: &BTreeMap<Kind, u64>) -> u64 {
    operations.values().sum()
}

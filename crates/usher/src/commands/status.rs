//! `usher status`: every app, with what an admin would ask first. Is it on, does it work, what comes next?

use serde::Serialize;
use usher_model::app::Status;
use usher_model::group::operation::GroupKind;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_store::account::{self, AccountCounts, DueAccount};
use usher_store::app::{self, App};
use usher_store::group::FailingGroup;
use usher_store::{Store, Tx, group, hold, run};

use self::waiting::Waiting;
use super::at_app::AtApp;
use super::freshen;
use super::operations;
use super::token_age::{self, TokenAge};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, facts, grouped, instant, number_of};

mod waiting;

/// How many failures and due dates are told of each app.
const TOLD: usize = 5;
/// How many due dates are read: those of tries that failed are told among the failures.
const DUE_READ: usize = 200;

/// Every app.
#[derive(Debug, Serialize)]
struct State {
    apps: Vec<AppState>,
    #[serde(skip)]
    now: Timestamp,
}

/// One app.
#[derive(Debug, Serialize)]
struct AppState {
    app: String,
    status: Status,
    accounts: Accounts,
    groups: AtApp,
    last_run: Option<LastRun>,
    next_run_at: Option<String>,
    holds: Vec<HoldState>,
    waiting: Waiting,
    failures: Vec<FailureState>,
    group_failures: Vec<GroupFailureState>,
    due: Vec<DueState>,
    /// The same for people, without those who are tried again: they are told among the failures.
    #[serde(skip)]
    due_told: Vec<String>,
    quarantine: Option<String>,
    /// That its directory cannot be read.
    directory_failing: Option<String>,
    token_expires_at: Option<String>,
    token_warning: Option<String>,
    /// That the app refused its token, and what to do about it.
    token_refused: Option<String>,
    #[serde(skip)]
    next: Option<Timestamp>,
    /// Whether it gets groups.
    #[serde(skip)]
    gets_groups: bool,
}

#[derive(Debug, Serialize)]
struct Accounts {
    active: u64,
    suspended: u64,
    leaving: u64,
    unknown: u64,
    failing: u64,
    gone: u64,
}

#[derive(Debug, Serialize)]
struct LastRun {
    run: String,
    started_at: String,
    ended_at: Option<String>,
    outcome: Option<serde_json::Value>,
    #[serde(skip)]
    started: Timestamp,
}

#[derive(Debug, Serialize)]
struct HoldState {
    hold: String,
    operations: u64,
    why: String,
    /// The same with its number, for people.
    #[serde(skip)]
    text: String,
}

#[derive(Debug, Serialize)]
struct FailureState {
    user: String,
    why: String,
    attempts: u32,
    retry_at: String,
}

/// One wish about one group that fails.
#[derive(Debug, Serialize)]
struct GroupFailureState {
    group: String,
    operation: GroupKind,
    why: String,
    attempts: u32,
    retry_at: String,
}

#[derive(Debug, Serialize)]
struct DueState {
    user: String,
    at: String,
    why: Option<String>,
}

/// Tells how everything is.
pub(crate) async fn run(context: &Context, store: &Store) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::status").await?;
    let (mut apps, now) = (Vec::new(), context.now());
    for app in app::list(&mut tx).await? {
        apps.push(state(&mut tx, app, now).await?);
    }
    context.output.answer(&State { apps, now })?;
    Ok(Exit::Ok)
}

async fn state(tx: &mut Tx, app: App, now: Timestamp) -> Result<AppState, Failure> {
    let (token, token_refused) = (TokenAge::of(&app, now), token_age::refusal(&app));
    let AccountCounts { active, suspended, leaving, unknown, failing, gone, begun: _ } =
        account::counts(tx, &app.id, now).await?;
    let waiting = Waiting::read(tx, &app.id, failing).await?;
    let failures = account::failing_list(tx, &app.id, TOLD).await?;
    let group_failures = group::failing_list(tx, &app.id, TOLD).await?;
    let groups = AtApp::new(group::counts(tx, &app.id).await?);
    let gets_groups = app.settings.as_ref().is_some_and(|settings| settings.groups.selection.is_on());
    let due = account::due_list(tx, &app.id, DUE_READ).await?;
    let told = due.iter().filter(|(_, _, _, reason)| !matches!(reason, Some(Reason::RetryLater(_))));
    let due_told = told.take(TOLD).map(|due| due_text(due, now)).collect();
    let holds = hold::open(tx, &app.id).await?;
    let directory_failing = freshen::failing(tx, &app, now).await?;
    let last_run = run::last(tx, &app.id).await?.map(|run| LastRun {
        run: run.id.to_string(),
        started_at: run.started_at.to_string(),
        ended_at: run.ended_at.map(|at| at.to_string()),
        outcome: run.outcome,
        started: run.started_at,
    });
    Ok(AppState {
        status: app.status(),
        accounts: Accounts { active, suspended, leaving, unknown, failing, gone },
        last_run,
        next_run_at: app.next_run_at.map(|at| at.to_string()),
        next: app.next_run_at,
        holds: holds
            .into_iter()
            .map(|hold| HoldState {
                hold: hold.id.to_string(),
                operations: hold.n_operations,
                why: hold.tripped.to_string(),
                text: operations::why_held(hold.n_operations, &hold.tripped),
            })
            .collect(),
        waiting,
        failures: failures
            .into_iter()
            .map(|(user, email, failing)| FailureState {
                user: email.map_or_else(|| user.to_string(), |email| email.to_string()),
                why: failing.failure.to_string(),
                attempts: failing.n_attempts,
                retry_at: failing.retry_at.to_string(),
            })
            .collect(),
        group_failures: group_failures.into_iter().flat_map(failures_of_group).collect(),
        groups,
        gets_groups,
        due_told,
        due: due
            .into_iter()
            .take(TOLD)
            .map(|(user, email, at, reason)| DueState {
                user: email.map_or_else(|| user.to_string(), |email| email.to_string()),
                at: at.to_string(),
                why: reason.map(|reason| reason.to_string()),
            })
            .collect(),
        quarantine: app
            .quarantine
            .map(|quarantine| format!("{}; tried again at {}", quarantine.why, quarantine.until)),
        directory_failing,
        token_expires_at: token.expires_at,
        token_warning: token.warning,
        token_refused,
        app: app.name,
    })
}

fn failures_of_group((group, email, failings): FailingGroup) -> Vec<GroupFailureState> {
    let group = email.map_or_else(|| group.to_string(), |email| email.to_string());
    let failures = failings.into_iter().map(|(operation, failing)| GroupFailureState {
        group: group.clone(),
        operation,
        why: failing.failure.to_string(),
        attempts: failing.n_attempts,
        retry_at: failing.retry_at.to_string(),
    });
    failures.collect()
}

impl Answer for State {
    fn text(&self) -> String {
        if self.apps.is_empty() {
            return "There are no apps yet. Make one with `usher app add`.\n".to_owned();
        }
        let apps: Vec<_> = self.apps.iter().map(|app| facts(app.facts(self.now))).collect();
        apps.join("\n")
    }
}

impl AppState {
    fn facts(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let mut facts =
            vec![("app", self.app.clone()), ("status", self.status()), ("accounts", self.accounts.text())];
        facts.extend(
            (self.gets_groups || !self.groups.is_empty()).then(|| ("groups", self.groups.under_groups())),
        );
        let last_run = self.last_run.as_ref();
        facts.push(("last run", last_run.map_or_else(|| "never".to_owned(), |run| run.text(now))));
        facts.extend(self.directory_failing.clone().map(|why| ("directory", why)));
        facts.extend(self.token_warning.clone().map(|warning| ("token", warning)));
        facts.extend(self.next.map(|at| ("next run", due_at(at, now))));
        let lines = |lines: Vec<String>| (!lines.is_empty()).then(|| lines.join("\n"));
        let holds = self.holds.iter().map(|hold| hold.text.clone());
        facts.extend(lines(holds.collect()).map(|text| ("held", text)));
        facts.extend(self.waiting.text(&self.app).map(|text| ("waits for you", text)));
        let mut failures: Vec<_> = self
            .failures
            .iter()
            .map(|failure| format!("{}: {} (tried again at {})", failure.user, failure.why, failure.retry_at))
            .collect();
        if self.accounts.failing > self.failures.len() as u64 {
            failures
                .push(format!("… and {} more", grouped(self.accounts.failing - self.failures.len() as u64)));
        }
        failures.extend(self.group_failures.iter().map(|failure| {
            let GroupFailureState { group, operation, why, retry_at, .. } = failure;
            format!("{group}: {operation}: {why} (tried again at {retry_at})")
        }));
        if self.groups.n_failing() > TOLD as u64 {
            failures.push(format!("… and {} more groups", grouped(self.groups.n_failing() - TOLD as u64)));
        }
        facts.extend(lines(failures).map(|text| ("failures", text)));
        facts.extend(lines(self.due_told.clone()).map(|text| ("due next", text)));
        facts
    }

    /// The state, and what to do about it.
    fn status(&self) -> String {
        let name = &self.app;
        let advice = match self.status {
            Status::NotConfigured => format!(": `usher app show {name}` says what is missing"),
            Status::Inactive => format!(": `usher app enable {name}` turns it on"),
            Status::Active => String::new(),
            Status::NeedsReauthorization => {
                self.token_refused.as_ref().map(|why| format!(": {why}")).unwrap_or_default()
            }
            Status::Held => {
                format!(": see `usher plan {name}`, then `usher sync {name} --release` or correct the cause")
            }
            Status::Quarantined => self.quarantine.as_ref().map(|why| format!(": {why}")).unwrap_or_default(),
        };
        format!("{}{advice}", self.status)
    }
}

impl Accounts {
    fn text(&self) -> String {
        let counts = [
            ("active", self.active),
            ("of them leaving", self.leaving),
            ("suspended", self.suspended),
            ("unknown", self.unknown),
            ("failing", self.failing),
            ("gone", self.gone),
        ];
        let some = counts.into_iter().filter(|(what, n)| *n > 0 || *what == "active");
        some.map(|(what, n)| format!("{} {what}", grouped(n))).collect::<Vec<_>>().join(", ")
    }
}

impl LastRun {
    fn text(&self, now: Timestamp) -> String {
        let began = instant(self.started, now);
        if self.ended_at.is_none() {
            return format!("{began}, under way or interrupted (run {})", self.run);
        }
        let number = |key: &str| self.outcome.as_ref()?.get(key)?.as_u64();
        let operations = self.outcome.as_ref().and_then(|outcome| outcome.get("operations")?.as_object());
        let done: u64 =
            operations.map_or(0, |kinds| kinds.values().filter_map(serde_json::Value::as_u64).sum());
        let failed = number("failures").filter(|n| *n > 0).map(|n| format!(", {} failed", grouped(n)));
        let held = number("held").filter(|n| *n > 0).map(|n| format!(", {} held", grouped(n)));
        let stopped = self.outcome.as_ref().and_then(|outcome| outcome.get("stopped")?.as_str());
        let stopped = stopped.map(|why| format!("; ended before its time: {why}"));
        format!(
            "{began}: {} done{}{}{} (run {})",
            number_of(done, "operation", "operations"),
            failed.unwrap_or_default(),
            held.unwrap_or_default(),
            stopped.unwrap_or_default(),
            self.run
        )
    }
}

/// Whose time comes when, and why.
fn due_text((user, email, at, reason): &DueAccount, now: Timestamp) -> String {
    let who = email.as_ref().map_or_else(|| user.to_string(), ToString::to_string);
    let why = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{} {who}{why}", due_at(*at, now))
}

fn due_at(at: Timestamp, now: Timestamp) -> String {
    if at <= now { "now".to_owned() } else { instant(at, now) }
}

//! `usher plan`: what a run would do now, and why. Nothing is done.

use serde::Serialize;
use usher_engine::run::{PreviewReport, RunRequest, preview};
use usher_store::Store;
use usher_store::plan::PlanState;

use super::lookup;
use super::operations::{self, Operations, Rows, SHOWN, Wanted};
use crate::cli::Plan;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, grouped};

/// A plan, as scripts rely on it, and what people see of it.
#[derive(Debug, Serialize)]
struct Planned {
    app: String,
    operations: Operations,
    failures: u64,
    skipped: u64,
    held: u64,
    seconds: f64,
    #[serde(skip)]
    report: PreviewReport,
    #[serde(skip)]
    rows: Rows,
    #[serde(skip)]
    at_most: usize,
}

/// Makes the plan and prints it.
pub(crate) async fn run(context: &Context, store: &Store, args: &Plan) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::plan").await?;
    lookup::app(context, &mut tx, &args.name).await?;
    drop(tx);
    let request = RunRequest::default();
    let report = preview(store, &context.clock, &context.environment()?, &args.name, &request).await?;
    let at_most = if args.all { usize::MAX } else { SHOWN };
    let rows = if context.output.is_json {
        Rows::default()
    } else {
        let plan = (&report.app.id, &report.run);
        let wanted = Wanted { at_most, state: PlanState::Planned };
        Rows::read(store, plan, &report.operations, operations::n_held(&report.held), wanted).await?
    };
    let planned = Planned::new(report, rows, at_most);
    context.output.answer(&planned)?;
    Ok(planned.exit())
}

impl Planned {
    fn new(report: PreviewReport, rows: Rows, at_most: usize) -> Self {
        Self {
            app: report.app.name.clone(),
            operations: Operations::new(&report.operations),
            failures: report.n_failures,
            skipped: report.skipped.values().sum(),
            held: operations::n_held(&report.held),
            seconds: report.seconds,
            report,
            rows,
            at_most,
        }
    }

    fn n_planned(&self) -> u64 {
        self.report.operations.values().sum()
    }

    fn exit(&self) -> Exit {
        match (self.held, self.n_planned()) {
            (1.., _) => Exit::Held,
            (0, 1..) => Exit::Pending,
            (0, 0) => Exit::Ok,
        }
    }
}

impl Answer for Planned {
    fn text(&self) -> String {
        let n_planned = self.n_planned();
        let mut text = match (n_planned, self.held) {
            (0, 0) => format!("{} is as it should be: a run would change nothing.\n", self.app),
            (0, _) => format!("A run of {} would change nothing before you decide.\n", self.app),
            (n, _) => format!(
                "A run of {} would change {} of its accounts. Nothing has been done.\n",
                self.app,
                grouped(n)
            ),
        };
        let report = &self.report;
        if n_planned + self.held + self.failures + self.skipped > 0 {
            text += "\n";
            text += &operations::summary(&report.operations, self.held, self.failures, &report.skipped);
        }
        text += &operations::going_on(&self.rows, n_planned);
        text += &operations::held(&self.app, &report.held, &self.rows);
        text += &operations::failures(&report.failures, self.failures, self.at_most);
        text += &operations::skipped(&report.skipped);
        if n_planned > 0 {
            text.extend([
                "
`usher sync ",
                &self.app,
                "` does this.
",
            ]);
        }
        text
    }
}

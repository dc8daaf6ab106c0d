//! `usher import`: files into the embedded directory.

use serde::Serialize;
use usher_engine::clock::new_id;
use usher_engine::import::{self, ImportReport, KindReport};
use usher_store::Store;

use crate::cli::Import;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, grouped, number_of, table};
use crate::progress::Progress;

/// What an import changed, or would change.
#[derive(Debug, Serialize)]
struct Imported {
    preview: bool,
    changed: bool,
    users: Kind,
    groups: Kind,
    members: Kind,
    organizational_units: Kind,
    domains: Kind,
    schemas: Kind,
    warnings: u64,
    #[serde(skip)]
    sentences: Vec<String>,
}

/// What became of one kind of entries.
#[derive(Clone, Copy, Debug, Serialize)]
struct Kind {
    added: u64,
    updated: u64,
    deleted: u64,
    restored: u64,
    unchanged: u64,
}

/// Imports the files, or says what that would change.
pub(crate) async fn run(context: &Context, store: &Store, args: Import) -> Result<Exit, Failure> {
    let options = import::Import { replace: args.replace, preview: args.preview };
    let mut new_id = || new_id(context.clock.as_ref());
    let progress = Progress::new(context.output);
    let note = |at: import::Progress| progress.read(at.read_bytes, at.total_bytes, at.n_entries);
    let ended = import::import(store, &args.files, options, context.now(), &mut new_id, &note).await;
    drop(progress);
    let report = ended.map_err(|error| anyhow::Error::from(error).context(NOTHING))?;
    for warning in &report.warnings {
        context.output.note(&format!("warning: {warning}"));
    }
    context.output.answer(&Imported::new(report, args.preview))?;
    Ok(Exit::Ok)
}

const NOTHING: &str = "nothing was imported";

impl Imported {
    fn new(report: ImportReport, preview: bool) -> Self {
        Self {
            preview,
            changed: report.is_changed(),
            users: report.users.into(),
            groups: report.groups.into(),
            members: report.members.into(),
            organizational_units: report.org_units.into(),
            domains: report.domains.into(),
            schemas: report.schemas.into(),
            warnings: report.n_warnings,
            sentences: report.warnings,
        }
    }
}

impl From<KindReport> for Kind {
    fn from(report: KindReport) -> Self {
        let KindReport { added, updated, deleted, restored, unchanged } = report;
        Self { added, updated, deleted, restored, unchanged }
    }
}

impl Kind {
    fn is_empty(self) -> bool {
        self.added + self.updated + self.deleted + self.restored + self.unchanged == 0
    }
}

impl Answer for Imported {
    fn text(&self) -> String {
        let kinds = [
            ("users", self.users),
            ("groups", self.groups),
            ("members", self.members),
            ("organizational units", self.organizational_units),
            ("domains", self.domains),
            ("custom schemas", self.schemas),
        ];
        let rows = kinds.into_iter().filter(|(_, kind)| !kind.is_empty()).map(|(name, kind)| {
            let Kind { added, updated, deleted, restored, unchanged } = kind;
            let counts = [added, updated, deleted, restored, unchanged].map(grouped);
            [name.to_owned()].into_iter().chain(counts)
        });
        let table = table(&["", "ADDED", "UPDATED", "DELETED", "RESTORED", "UNCHANGED"], rows);
        let untold = self.warnings.saturating_sub(self.sentences.len() as u64);
        let untold = if untold == 0 {
            String::new()
        } else {
            format!("And {}.\n", number_of(untold, "more warning", "more warnings"))
        };
        let end = match (self.preview, self.changed) {
            (true, true) => "This is a preview: nothing was changed.\n",
            (true, false) => "Nothing would change.\n",
            (false, true) => "",
            (false, false) => "Nothing changed.\n",
        };
        format!("{table}{untold}{end}")
    }
}

//! Something that was asked for and takes a while: how far it is, and what it came to, with each step where it is for one person.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;

use super::plan::{Under, group_words, kind_words};
use super::{Bar, Tab, frame, read};
use crate::awaited::Awaited;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, number_of, sentence};
use crate::hands::{Finished, Ran};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "app/job.html")]
pub(crate) struct JobPage {
    frame: Frame,
    bar: Bar,
    here: String,
    under_way: Option<Under>,
    failed: Option<String>,
    ran: Option<Shown>,
}

/// A heading, the names of two columns, and the rows.
type Table = (&'static str, &'static str, &'static str, Vec<(String, String)>);

struct Shown {
    headline: String,
    stopped: Option<String>,
    warnings: Vec<String>,
    counts: Vec<(String, String)>,
    run: String,
    steps: Vec<(String, String)>,
    tables: Vec<Table>,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, job)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (_, app) = read(console.store(), &id).await?;
    let bar = Bar::new(&app, Tab::Other);
    let here = bar.at(&format!("jobs/{job}"));
    let mut page =
        JobPage { frame: frame(&signed, "Run"), bar, here, under_way: None, failed: None, ran: None };
    let lost = "Nobody knows of this any more: the runs and the provisioning log say what was done.";
    let ran = |finished| if let Finished::Ran(ran) = finished { Some(ran) } else { None };
    match Awaited::read(&console, job, lost, ran)? {
        Awaited::UnderWay(advance) => page.under_way = Some(Under::new(&advance)),
        Awaited::Failed(why) => page.failed = Some(why),
        Awaited::Finished(ran) => page.ran = Some(shown(ran)),
    }
    Ok(html(&page))
}

fn shown(ran: Ran) -> Shown {
    let accounts = ran.operations.iter().map(|(kind, n)| (kind_words(*kind).0.to_owned(), grouped(*n)));
    let groups = ran.groups.iter().map(|(kind, n)| (group_words(*kind), grouped(*n)));
    let n_held = ran.held.iter().map(|held| held.n_operations).sum();
    let rest = [
        ("Members added", ran.members_added),
        ("Members removed", ran.members_removed),
        ("Failed", ran.n_failures),
        ("Held", n_held),
    ];
    let rest = rest.into_iter().filter(|(_, n)| *n > 0).map(|(words, n)| (words.to_owned(), grouped(n)));
    let requests = [("Reads", ran.n_reads), ("Writes", ran.n_writes)];
    let requests = requests.map(|(words, n)| (words.to_owned(), grouped(n)));
    let n_done: u64 = ran.operations.values().chain(ran.groups.values()).sum();
    let held = ran.held.iter().map(|held| (grouped(held.n_operations), sentence(&held.tripped.to_string())));
    let left_alone = ran.left_alone.into_iter().map(|left| (left.who, left.why));
    let skipped = ran.skipped.into_iter().map(|(why, n)| (grouped(n), why));
    let tables: [Table; 4] = [
        ("Failures", "Person", "Why", ran.failures),
        ("Held", "Operations", "Why", held.collect()),
        ("Left alone", "Who", "Why", left_alone.collect()),
        ("Nothing to do", "People", "Why", skipped.collect()),
    ];
    Shown {
        headline: match n_done {
            0 => "The run changed nothing".to_owned(),
            n => format!("The run did {}", number_of(n, "operation", "operations")),
        },
        stopped: ran.stopped.map(|why| format!("It ended before its time: {}", sentence(&why))),
        warnings: ran.warnings.iter().map(|warning| sentence(warning)).collect(),
        counts: accounts.chain(groups).chain(rest).chain(requests).collect(),
        run: ran.run.to_string(),
        steps: ran.steps.into_iter().map(|step| (step.name, step.text)).collect(),
        tables: tables.into_iter().filter(|table| !table.3.is_empty()).collect(),
    }
}

#[cfg(test)]
impl JobPage {
    pub(crate) fn samples() -> Vec<Self> {
        use std::collections::BTreeMap;

        use usher_model::id::RunId;
        use usher_model::operation::Kind;

        use crate::hands::{Advance, LeftAlone, Step};

        let page = |under_way: Option<Under>, failed: Option<&str>, ran: Option<Ran>| Self {
            frame: Frame::sample(Place::Apps, "Run"),
            bar: Bar::sample(Tab::Other),
            here: "/apps/019a/jobs/019b".into(),
            under_way,
            failed: failed.map(str::to_owned),
            ran: ran.map(shown),
        };
        let ran = |n: u64, who: &str| Ran {
            run: RunId::new("019c"),
            operations: if n > 0 { BTreeMap::from([(Kind::Create, n)]) } else { BTreeMap::new() },
            groups: BTreeMap::new(),
            members_added: n,
            members_removed: 0,
            n_failures: n,
            failures: (0..n.min(100)).map(|_| (who.to_owned(), "has no family name".to_owned())).collect(),
            skipped: BTreeMap::from([("archived".to_owned(), n)]),
            held: Vec::new(),
            n_reads: n,
            n_writes: n,
            stopped: (n > 1_000).then(|| "the app refused its access token (401)".to_owned()),
            warnings: vec!["1 answer was lost on the way".into()],
            steps: vec![Step { name: "PATCH".into(), text: format!("PATCH Users/1\n{who}\nanswer: 204") }],
            left_alone: vec![LeftAlone { who: who.to_owned(), why: "pinned".into() }],
        };
        let advance = Advance { step: "writing".into(), n_done: 5, n_total: Some(10) };
        vec![
            page(Some(Under::new(&advance)), None, None),
            page(None, Some("The app is not turned on."), None),
            page(None, None, Some(Ran { steps: Vec::new(), left_alone: Vec::new(), ..ran(0, "") })),
            page(None, None, Some(ran(1, super::super::tests::RTL))),
            page(None, None, Some(ran(1_000_000, super::super::tests::LONG))),
        ]
    }
}

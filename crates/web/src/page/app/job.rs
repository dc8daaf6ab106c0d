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
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use std::collections::BTreeMap;

        use usher_model::guard::{Class, Tripped};
        use usher_model::id::RunId;
        use usher_model::operation::Kind;

        use crate::hands::{Advance, Held, LeftAlone, Step};
        use crate::sample::Sample;

        let page = |kind: Sample, ran: Option<Ran>| Self {
            frame: Frame::sample(kind, Place::Apps, "Run"),
            bar: Bar::sample(kind, Tab::Other),
            here: "/apps/019a/jobs/019b".into(),
            under_way: None,
            failed: None,
            ran: ran.map(shown),
        };
        let ran = |kind: Sample| {
            let n = kind.count();
            let who = |n| kind.name(n, "ada@example.com");
            let tripped = Tripped::TooMany { class: Class::Removals, wanted: 11, done: 0, limit: 10, of: 40 };
            let left_alone = |n| LeftAlone { who: who(n), why: "pinned".into() };
            let step = |n| Step { name: "PATCH".into(), text: format!("PATCH Users/{n}\n{}\n204", who(n)) };
            Ran {
                run: RunId::new("019c"),
                operations: BTreeMap::from([(Kind::Create, n)]),
                groups: BTreeMap::new(),
                members_added: n,
                members_removed: 0,
                n_failures: n,
                failures: (0..kind.rows(100)).map(|n| (who(n), "has no family name".to_owned())).collect(),
                skipped: BTreeMap::from([("archived".to_owned(), n)]),
                held: vec![Held { tripped, n_operations: 11 }; usize::from(kind == Sample::Held)],
                n_reads: n,
                n_writes: n,
                stopped: kind.wrong("the app refused its access token (401)"),
                warnings: vec!["1 answer was lost on the way".into(); kind.rows(3)],
                steps: (0..kind.rows(0)).map(step).collect(),
                left_alone: (0..kind.rows(100)).map(left_alone).collect(),
            }
        };
        let advance = Advance { step: "writing".into(), n_done: 5, n_total: Some(10) };
        let under_way = Self { under_way: Some(Under::new(&advance)), ..page(Sample::Other, None) };
        let failed = Self { failed: Some("The app is not turned on.".into()), ..page(Sample::Other, None) };
        let mut samples = Sample::all(|kind| page(kind, Some(ran(kind))));
        samples.extend([(Sample::Other, under_way), (Sample::Other, failed)]);
        samples
    }
}

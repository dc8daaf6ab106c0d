//! The samples of the preview.

use super::{Deed, PlanPage, ROWS, Row, STALE, Shown, Under};
use crate::frame::{Frame, Place, grouped};
use crate::hands::Advance;
use crate::page::app::{Bar, Tab};
use crate::sample::{Sample, Samples};

impl PlanPage {
    pub(crate) fn samples() -> Samples<Self> {
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Apps, "Preview"),
            bar: Bar::sample(kind, Tab::Other),
            here: "/apps/019a/plans/019b".into(),
            under_way: None,
            failed: None,
            plan: Some(plan(kind)),
        };
        let without = |under_way: Option<Advance>, failed: Option<String>| {
            let under_way = under_way.as_ref().map(Under::new);
            (Sample::Other, Self { under_way, failed, plan: None, ..page(Sample::Other) })
        };
        let with = |plan| (Sample::Other, Self { plan: Some(plan), ..page(Sample::Other) });
        let advance = |n_total| Some(Advance { step: "planning".into(), n_done: 3, n_total });
        let mut samples = Sample::all(page);
        samples.extend([
            without(advance(None), None),
            without(advance(Some(1_000)), None),
            without(None, Some("The directory has no primary domain.".into())),
            with(Shown { deed: Some(deed("Update", false)), ..plan(Sample::Other) }),
            with(Shown { deed: None, ..plan(Sample::Other) }),
            with(Shown { is_replaced: true, rows: Vec::new(), ..plan(Sample::Other) }),
        ]);
        samples
    }
}

fn deed(words: &'static str, asks_again: bool) -> Deed {
    Deed { words, href: "/x".into(), back: "/".into(), asks_again }
}

fn plan(kind: Sample) -> Shown {
    let n = grouped(kind.count());
    let who = |n| kind.name(n, "ada@example.com");
    let named = |why: &str| (0..kind.rows(100)).map(|n| (who(n), why.to_owned())).collect();
    Shown {
        headline: "What a run would do now".into(),
        counts: vec![("Create".into(), n.clone()), ("Members added".into(), n.clone())],
        held: vec!["11 removals wanted.".into(); usize::from(kind == Sample::Held)],
        deed: Some(deed("Turn on", true)),
        rows: (0..kind.rows(ROWS)).map(|n| row(kind, n)).collect(),
        is_later_page: kind.has_more(),
        is_replaced: false,
        more: kind.has_more().then(|| "/apps/019a/plans/019b?after=99".to_owned()),
        n_leaving: n.clone(),
        leaving: named("leaving: suspended"),
        n_failures: n.clone(),
        failures: named("has no family name"),
        skipped: vec![("archived".into(), n); kind.rows(3)],
        wrong: kind.wrong(STALE),
    }
}

fn row(kind: Sample, n: usize) -> Row {
    let is_held = kind == Sample::Held;
    Row {
        user: n.to_string(),
        who: kind.name(n, "ada@example.com"),
        what: if is_held { "Suspend" } else { "Create" },
        tone: if is_held { "warn" } else { "good" },
        why: "entitled, and has no account yet".into(),
        state: is_held.then_some("Held"),
        written: vec![
            ("userName".into(), kind.address("ada@example.com")),
            ("displayName".into(), kind.name(n, "Ada Byron")),
        ],
    }
}

//! Which kinds of samples there are of each page, and whether each shows what it is called.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html, Node};

use super::{all, select};
use crate::identity_center::console::sample::Sample::{Empty, Long, One, RightToLeft, Thousands, Wrong};
use crate::identity_center::console::sample::{LONG, Sample, is_right_to_left};

/// What a page cannot have, and why.
const CANNOT: &[(&str, &[Sample], &str)] = &[
    ("choose", &[Thousands], "three choices"),
    ("choose", &[Long, RightToLeft], "nothing is named by anybody"),
    ("configure", &[Empty, Thousands], "always the same addresses"),
    ("configure", &[Long, RightToLeft], "nothing is named by anybody"),
    ("confirm", &[Thousands], "one provider"),
    ("confirm", &[RightToLeft], "addresses are of ASCII"),
    ("dashboard", &[Wrong], "takes nothing that could be wrong"),
    ("dashboard", &[Long, RightToLeft], "nothing is named by anybody"),
    ("failure", &[Empty, One, Thousands], "one sentence"),
    ("group", &[Wrong], "takes nothing that could be wrong"),
    ("groups", &[Wrong], "takes nothing that could be wrong"),
    ("home", &[Wrong], "takes nothing that could be wrong"),
    ("home", &[Long, RightToLeft], "instances are called by ids of the emulator"),
    ("instances", &[Wrong], "takes nothing that could be wrong"),
    ("instances", &[Long, RightToLeft], "instances are called by ids of the emulator"),
    ("provisioning", &[Thousands], "two tokens at most"),
    ("provisioning", &[Long, RightToLeft], "nothing is named by anybody"),
    ("request", &[Thousands], "one request"),
    ("search", &[Wrong], "takes nothing that could be wrong"),
    ("services", &[Empty, Thousands, Wrong, Long, RightToLeft], "always the same"),
    ("settings", &[Thousands], "of one instance"),
    ("settings", &[RightToLeft], "addresses are of ASCII"),
    ("user", &[Wrong], "takes nothing that could be wrong"),
    ("users", &[Wrong], "takes nothing that could be wrong"),
];

#[test]
fn every_page_has_a_sample_of_every_kind_that_it_can_have() {
    let mut kinds: BTreeMap<&str, BTreeSet<Sample>> = BTreeMap::new();
    for sample in all() {
        kinds.entry(sample.page).or_default().insert(sample.kind);
    }
    let mut wrong = Vec::new();
    for (page, has) in &kinds {
        for kind in Sample::ALL {
            let excuse = CANNOT.iter().find(|(of, cannot, _)| of == page && cannot.contains(&kind));
            match (has.contains(&kind), excuse) {
                (false, None) => wrong.push(format!("{page} has no sample that is {kind:?}")),
                (true, Some((_, _, why))) => {
                    wrong.push(format!("{page} is excused from {kind:?} ({why}), and has one"));
                }
                (true, None) | (false, Some(_)) => {}
            }
        }
    }
    let unknown = CANNOT.iter().filter(|(page, _, _)| !kinds.contains_key(page));
    wrong.extend(unknown.map(|(page, _, _)| format!("there is no page {page}")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn is_number_of_thousands(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .windows(5)
        .any(|five| five[0].is_ascii_digit() && five[1] == b',' && five[2..].iter().all(u8::is_ascii_digit))
}

#[test]
fn every_sample_shows_what_it_is_called() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        let main = page.select(&select("main")).next().unwrap();
        let has = |selector: &str| main.select(&select(selector)).next().is_some();
        let text: String = main.text().collect();
        let source = main.html();
        let is_so = match sample.kind {
            Sample::Empty | Sample::One | Sample::Other => true,
            Sample::Thousands => {
                let n_rows = main.select(&select("tbody tr, li, option")).count();
                has("a[rel=next]") || is_number_of_thousands(&text) || n_rows >= 500
            }
            Sample::Wrong => has("[role=alert], .status.bad"),
            Sample::Long => source.contains(LONG),
            Sample::RightToLeft => is_right_to_left(&source),
        };
        assert!(is_so, "{sample}: {source}");
        let is_hard = source.contains(LONG) || is_right_to_left(&source);
        let may_be_hard = matches!(sample.kind, Sample::Long | Sample::RightToLeft | Sample::Other);
        assert!(may_be_hard || !is_hard, "{sample} has names that are hard to show: {source}");
    }
}

#[test]
fn thousands_are_set_apart_in_every_count() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        for count in page.select(&select(".figures dd, td.figure, .pages span")) {
            let text: String = count.text().collect();
            let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            assert!(digits.unwrap_or_default() < 4, "{sample}: {text}");
        }
    }
}

#[test]
fn a_name_that_is_read_from_right_to_left_is_set_apart_from_what_stands_beside_it() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        for node in page.tree.nodes() {
            let Node::Text(text) = node.value() else { continue };
            // What is a block of text by itself is set apart.
            let is_set_apart = |of: ElementRef<'_>| {
                let is_apart = matches!(of.value().name(), "bdi" | "title" | "pre");
                is_apart || of.attr("role") == Some("alert")
            };
            let mut around = node.ancestors().filter_map(ElementRef::wrap);
            assert!(!is_right_to_left(text) || around.any(is_set_apart), "{sample}: {text:?}");
        }
        for field in page.select(&select("input:not([type=hidden])")) {
            let value = field.attr("value").unwrap_or_default();
            assert!(
                !is_right_to_left(value) || field.attr("dir") == Some("auto"),
                "{sample}: {}",
                field.html()
            );
        }
    }
}

#[test]
fn no_name_becomes_markup() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        assert_eq!(page.select(&select("u")).count(), 0, "{sample}");
    }
}

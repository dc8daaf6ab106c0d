//! Which kinds of samples there are of each page, and whether each shows what it is called.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use scraper::{Html, Node};

use super::all::{Rendered, pages, parts};
use super::select;
use crate::sample::Sample::{Empty, Held, Long, One, RightToLeft, Thousands, Wrong};
use crate::sample::{LONG, Sample, is_right_to_left};

/// What a page cannot have, and why.
const CANNOT: &[(&str, &[Sample], &str)] = &[
    ("account", &[Empty], "whoever looks is signed in"),
    ("account", &[Thousands], "fifty sessions at most"),
    ("account", &[Held], "of no app"),
    ("account", &[RightToLeft], "a browser's name is of ASCII"),
    ("admins", &[Empty], "whoever looks is one"),
    ("admins", &[Held], "of no app"),
    ("app/add", &[Thousands], "a catalogue of a few"),
    ("app/add", &[Held], "there is no app yet"),
    ("app/confirm", &[Empty], "a question is about something"),
    ("app/deprovisioning", &[Thousands], "three triggers"),
    ("app/failures", &[Wrong], "each line is what is wrong"),
    ("app/found", &[Thousands], "twenty at most"),
    ("app/found", &[Wrong, Held], "found, and nothing else"),
    ("app/hold", &[Wrong], "takes nothing that could be wrong"),
    ("app/holds", &[Wrong], "takes nothing that could be wrong"),
    ("app/mapped", &[Thousands], "the attributes of one person"),
    ("app/mapped", &[Held], "nothing is written"),
    ("app/mapping", &[Thousands], "the attributes of a template"),
    ("app/on_demand", &[Thousands], "one person"),
    ("app/people", &[Thousands], "eight at most"),
    ("app/people", &[Wrong, Held], "found, and nothing else"),
    ("app/sso", &[Thousands], "two fields"),
    ("app/token", &[Thousands], "one field"),
    ("audit_log", &[Wrong], "takes nothing that could be wrong"),
    ("directory/check", &[Thousands], "a dozen scopes"),
    ("directory/check", &[Held], "of no app"),
    ("directory/confirm", &[Held], "nothing has been planned yet"),
    ("directory/directories", &[Thousands], "a company has a few"),
    ("directory/directories", &[Held], "of no app"),
    ("directory/domains", &[Held], "of no app"),
    ("directory/google", &[Thousands], "a form of a few fields"),
    ("directory/google", &[Held], "of no app"),
    ("directory/group", &[Held], "of no app"),
    ("directory/group_form", &[Thousands], "a form of three fields"),
    ("directory/group_form", &[Held], "of no app"),
    ("directory/groups", &[Wrong], "nothing typed is refused"),
    ("directory/groups", &[Held], "of no app"),
    ("directory/import", &[One, Thousands], "one field, and it is empty"),
    ("directory/import", &[Held], "nothing has been read yet"),
    ("directory/schema_form", &[Thousands], "a hundred fields at most"),
    ("directory/schema_form", &[Held], "of no app"),
    ("directory/schemas", &[Wrong], "takes nothing that could be wrong"),
    ("directory/schemas", &[Held], "of no app"),
    ("directory/unit_form", &[Held], "of no app"),
    ("directory/units", &[Wrong], "takes nothing that could be wrong"),
    ("directory/units", &[Held], "of no app"),
    ("directory/user_form", &[Held], "of no app"),
    ("directory/users", &[Held], "of no app"),
    ("failure", &[Empty, One, Thousands, Held], "one sentence"),
    ("join", &[Empty], "a link is somebody's"),
    ("join", &[Thousands], "a form of two fields"),
    ("join", &[Held], "of no app"),
    ("no_invitation", &[Empty, One, Thousands, Held, Long, RightToLeft], "always the same"),
    ("no_link", &[Empty, One, Thousands, Held, Long, RightToLeft], "always the same"),
    ("set_up", &[Thousands], "a form of three fields"),
    ("set_up", &[Held], "of no app"),
    ("sign_in", &[Thousands], "a form of two fields"),
    ("sign_in", &[Held], "of no app"),
];

fn everything() -> Vec<Rendered> {
    pages().into_iter().chain(parts()).collect()
}

#[test]
fn every_page_has_a_sample_of_every_kind_that_it_can_have() {
    let mut kinds: BTreeMap<&str, BTreeSet<Sample>> = BTreeMap::new();
    for sample in everything() {
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

/// What is part of other templates.
const AROUND: [&str; 6] = ["app/around", "app/progress", "app/steps", "bare", "directory/around", "layout"];

#[test]
fn every_template_has_samples_under_its_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut templates = BTreeSet::new();
    for folder in ["", "app", "directory"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(&root).unwrap().with_extension("");
                templates.insert(name.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    let samples = everything().into_iter().map(|sample| sample.page).chain(AROUND);
    assert_eq!(templates, samples.map(str::to_owned).collect());
}

/// What a page is about, without what is around every page.
fn main_of(page: &Html) -> scraper::ElementRef<'_> {
    page.select(&select("main")).next().unwrap_or_else(|| page.root_element())
}

fn is_number_of_thousands(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .windows(5)
        .any(|five| five[0].is_ascii_digit() && five[1] == b',' && five[2..].iter().all(u8::is_ascii_digit))
}

#[test]
fn every_sample_shows_what_it_is_called() {
    for sample in everything() {
        let page = Html::parse_document(&sample.text);
        let main = main_of(&page);
        let has = |selector: &str| main.select(&select(selector)).next().is_some();
        let text: String = main.text().collect();
        let source = main.html();
        let is_so = match sample.kind {
            Sample::Empty | Sample::One | Sample::Other => true,
            Sample::Thousands => {
                let n_rows = main.select(&select("tbody tr, li, option")).count();
                has("a[rel=next]") || is_number_of_thousands(&text) || n_rows >= 500
            }
            Sample::Wrong => {
                has("[role=alert], .wrong, .banner, .status.bad") || text.contains("cannot be read")
            }
            Sample::Held => {
                let pages = select(".tabs li a:not(:has(.count))");
                let tabs: usize =
                    main.select(&pages).filter(|tab| tab.text().any(|it| it == "Holds")).count();
                let lower = text.to_lowercase();
                tabs < lower.matches("hold").count() + lower.matches("held").count()
            }
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
    for sample in everything() {
        let page = Html::parse_document(&sample.text);
        for count in page.select(&select(".figures dd, td.number, .count, h2 small")) {
            let text: String = count.text().collect();
            let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            assert!(digits.unwrap_or_default() < 4, "{sample}: {text}");
        }
    }
}

#[test]
fn a_name_that_is_read_from_right_to_left_is_set_apart_from_what_stands_beside_it() {
    for sample in everything() {
        let page = Html::parse_document(&sample.text);
        for node in page.tree.nodes() {
            let Node::Text(text) = node.value() else { continue };
            let is_set_apart = |of: scraper::ElementRef<'_>| {
                let element = of.value();
                // What is only heard, and what is a block of text by itself.
                let is_apart = matches!(element.name(), "bdi" | "title" | "option" | "pre");
                let is_heard = element.classes().any(|class| class == "unseen");
                is_apart
                    || is_heard
                    || element.attr("dir") == Some("auto")
                    || element.attr("role") == Some("alert")
            };
            let mut around = node.ancestors().filter_map(scraper::ElementRef::wrap);
            assert!(!is_right_to_left(text) || around.any(is_set_apart), "{sample}: {text:?}");
        }
        for field in
            page.select(&select("input:not([type=hidden], [type=email], [type=url], [type=checkbox])"))
        {
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
    for sample in everything() {
        let page = Html::parse_document(&sample.text);
        assert_eq!(page.select(&select("u")).count(), 0, "{sample}");
    }
}

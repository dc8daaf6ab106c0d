//! *Users*: everybody in a directory, by address; found by the beginning of address or name, by state, by unit.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use usher_model::directory::OrgUnitPath;
use usher_store::directory::{self, PeopleSought, Person, StateSought};

use super::resource::full_name;
use super::{Bar, Choice, Tab, frame, mark, read, state_words, unit_choices, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::session::Signed;

/// How many people a page has.
const PAGE: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "directory/users.html")]
pub(crate) struct UsersPage {
    frame: Frame,
    bar: Bar,
    q: String,
    states: Vec<Choice>,
    units: Vec<Choice>,
    is_filtered: bool,
    people: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
    wrong: Option<String>,
}

struct Line {
    href: String,
    name: String,
    email: String,
    unit: String,
    state: &'static str,
    tone: &'static str,
}

/// Who is looked for.
#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    unit: String,
    after: Option<String>,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), &signed, &id, Tab::Users).await?;
    let (unit, wrong) = match asked.unit.as_str() {
        "" => (None, None),
        text => match OrgUnitPath::parse(text) {
            Ok(unit) => (Some(unit), None),
            Err(error) => (None, Some(crate::frame::sentence(&error.to_string()))),
        },
    };
    let state = match asked.state.as_str() {
        "active" => Some(StateSought::Active),
        "suspended" => Some(StateSought::Suspended),
        "archived" => Some(StateSought::Archived),
        "deleted" => Some(StateSought::Deleted),
        _ => None,
    };
    let sought = PeopleSought { text: &asked.q, state, unit: unit.as_ref() };
    let after = mark(asked.after.as_deref());
    let people = directory::people_sought(&mut tx, &found.id, sought, after.as_ref(), PAGE).await?;
    let nowhere = OrgUnitPath::root();
    let mut units = unit_choices(&mut tx, &found.id, unit.as_ref().unwrap_or(&nowhere)).await?;
    if unit.is_none() {
        for unit in &mut units {
            unit.is_chosen = false;
        }
    }
    let filters = [("q", asked.q.as_str()), ("state", asked.state.as_str()), ("unit", asked.unit.as_str())];
    let here = bar.at("users");
    let next = people.next.and_then(|mark| serde_json::to_string(&mark).ok());
    let next = next.map(|after| with_query(&here, &[&filters[..], &[("after", after.as_str())]].concat()));
    Ok(html(&UsersPage {
        frame: frame(&signed, Tab::Users, "Users"),
        states: states(&asked.state),
        units,
        is_filtered: filters.iter().any(|(_, value)| !value.is_empty()),
        people: people.page.iter().map(|person| Line::new(&bar, person)).collect(),
        first: after.map(|_| with_query(&here, &filters)),
        next,
        wrong,
        q: asked.q,
        bar,
    }))
}

fn states(chosen: &str) -> Vec<Choice> {
    [
        ("", "Everybody but the deleted"),
        ("active", "Active"),
        ("suspended", "Suspended"),
        ("archived", "Archived"),
        ("deleted", "Deleted"),
    ]
    .map(|(value, words)| Choice::new(value, words, chosen))
    .into()
}

impl Line {
    fn new(bar: &Bar, person: &Person) -> Self {
        let (state, tone) = state_words(person.user.state);
        Self {
            href: bar.user(person.user.id.as_str()),
            name: full_name(person),
            email: person.user.primary_email.to_string(),
            unit: person.user.org_unit.to_string(),
            state,
            tone,
        }
    }
}

#[cfg(test)]
impl UsersPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let line = |kind: Sample, n: usize| Line {
            href: format!("/directories/019d/users/{n}"),
            name: kind.name(n, "Ada Byron"),
            email: kind.address("ada@example.com"),
            unit: format!("/{}", kind.name(n, "Sales")),
            state: "Active",
            tone: "good",
        };
        let page = |kind: Sample| {
            let unit = format!("/{}", kind.name(1, "Sales"));
            let q = kind.name(0, "");
            Self {
                frame: Frame::sample(kind, Place::Users, "Users"),
                states: states("suspended"),
                units: vec![Choice::new("/", "/", ""), Choice::new(unit.clone(), unit.clone(), &unit)],
                is_filtered: !q.is_empty(),
                q,
                people: (0..kind.rows(PAGE)).map(|n| line(kind, n)).collect(),
                first: kind.has_more().then(|| "/directories/019d/users".to_owned()),
                next: kind.has_more().then(|| "/directories/019d/users?after=x".to_owned()),
                wrong: kind.wrong("“Sales” is not the path of a unit."),
                bar: Bar::sample(kind, Tab::Users),
            }
        };
        let sought = || Self { q: "x".into(), is_filtered: true, ..page(Sample::Empty) };
        let mut samples = Sample::all_but(&[Sample::Held], page);
        samples.extend([
            (Sample::Other, sought()),
            (Sample::Other, Self { next: Some("/directories/019d/users?after=x".into()), ..sought() }),
            (Sample::Other, Self { bar: Bar::mirror(Sample::Other, Tab::Users), ..page(Sample::Other) }),
        ]);
        samples
    }
}

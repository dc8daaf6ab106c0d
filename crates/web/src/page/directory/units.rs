//! *Organizational units*: the tree, with how many active people stand in each and below it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use usher_model::directory::OrgUnitPath;
use usher_store::directory::{self, OrgUnitRecord};

use super::{Bar, Tab, frame, read, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html};
use crate::session::Signed;

/// How deep units are set in; those below are set in as deep.
const MAX_DEPTH: usize = 6;

/// The page.
#[derive(Template)]
#[template(path = "directory/units.html")]
pub(crate) struct UnitsPage {
    frame: Frame,
    bar: Bar,
    units: Vec<Line>,
}

struct Line {
    path: String,
    name: String,
    description: String,
    depth: usize,
    own: String,
    all: String,
    people: String,
    edit: Option<String>,
    add: String,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), &signed, &id, Tab::Units).await?;
    let records = directory::org_unit_records(&mut tx, &found.id).await?;
    let counts = directory::people_by_unit(&mut tx, &found.id).await?;
    Ok(html(&UnitsPage {
        frame: frame(&signed, Tab::Units, "Organizational units"),
        units: lines(&bar, records, &counts),
        bar,
    }))
}

/// The units as a tree: each right below the one above it.
fn lines(bar: &Bar, records: Vec<OrgUnitRecord>, own: &BTreeMap<OrgUnitPath, u64>) -> Vec<Line> {
    let mut all: BTreeMap<OrgUnitPath, u64> = BTreeMap::new();
    for (unit, n) in own {
        let mut at = Some(unit.clone());
        while let Some(path) = at {
            *all.entry(path.clone()).or_default() += n;
            at = path.parent();
        }
    }
    let mut units: Vec<(OrgUnitPath, String)> = records
        .into_iter()
        .map(|record| {
            let text = record.resource.get("description").and_then(serde_json::Value::as_str);
            (record.path, text.unwrap_or_default().to_owned())
        })
        .collect();
    units.push((OrgUnitPath::root(), String::new()));
    // Part by part: "/a b" is not between "/a" and what is below that.
    units.sort_by_cached_key(|(path, _)| {
        let folded = path.folded();
        folded.as_str().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    });
    let n = |of: &BTreeMap<OrgUnitPath, u64>, path: &OrgUnitPath| {
        grouped(of.get(&path.folded()).copied().unwrap_or_default())
    };
    let line = |(path, description): (OrgUnitPath, String)| {
        let is_root = path == OrgUnitPath::root();
        let text = path.as_str();
        Line {
            depth: if is_root { 0 } else { text.matches('/').count().min(MAX_DEPTH) },
            name: if is_root {
                "/".to_owned()
            } else {
                text.rsplit('/').next().unwrap_or_default().to_owned()
            },
            own: n(own, &path),
            all: n(&all, &path),
            people: with_query(&bar.at("users"), &[("unit", text)]),
            edit: (!is_root).then(|| with_query(&bar.at("unit"), &[("of", text)])),
            add: with_query(&bar.at("new-unit"), &[("of", text)]),
            path: text.to_owned(),
            description,
        }
    };
    units.into_iter().map(line).collect()
}

#[cfg(test)]
impl UnitsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |kind: Sample, bar: Bar, names: Vec<String>| {
            let described =
                |name: &str| serde_json::Map::from_iter([("description".to_owned(), name.into())]);
            let records = names.iter().map(|name| OrgUnitRecord {
                path: OrgUnitPath::parse(&format!("/{name}")).unwrap(),
                resource: described(name),
            });
            let own = BTreeMap::from([(OrgUnitPath::root(), kind.count())]);
            Self {
                frame: Frame::sample(kind, Place::Units, "Organizational units"),
                units: lines(&bar, records.collect(), &own),
                bar,
            }
        };
        let deep = format!("{}/{}/a/b/c/d/e", Sample::RightToLeft.name(0, ""), Sample::Long.name(0, ""));
        let mut samples = Sample::all_but(&[Sample::Wrong, Sample::Held], |kind| {
            let names = (0..kind.rows(500)).map(|n| kind.name(n, &format!("Unit {n}")));
            page(kind, Bar::sample(kind, Tab::Units), names.collect())
        });
        samples
            .push((Sample::Other, page(Sample::Other, Bar::mirror(Sample::Other, Tab::Units), vec![deep])));
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_right_below_the_one_above_it_and_counts_those_below() {
        let path = |text| OrgUnitPath::parse(text).unwrap();
        let record = |text| OrgUnitRecord { path: path(text), resource: serde_json::Map::new() };
        let records = ["/a", "/A b", "/a/x", "/B"].map(record).into();
        let own = BTreeMap::from([(path("/"), 1), (path("/a"), 2), (path("/a/x"), 3)]);
        let lines = lines(&Bar::sample(crate::sample::Sample::One, Tab::Units), records, &own);
        let shown: Vec<_> =
            lines.iter().map(|line| (line.path.as_str(), line.own.as_str(), line.all.as_str())).collect();
        let expected =
            [("/", "1", "6"), ("/a", "2", "5"), ("/a/x", "3", "3"), ("/A b", "0", "0"), ("/B", "0", "0")];
        assert_eq!(shown, expected);
    }
}

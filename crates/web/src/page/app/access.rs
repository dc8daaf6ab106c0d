//! *User access*: the organizational units, each on, off or inherited, the groups, and how many people that makes.
//!
//! Where provisioning is on, whatever takes access away asks first: accounts follow.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use usher_model::access::{Access, Switch};
use usher_model::directory::OrgUnitPath;
use usher_model::id::{Email, GroupId};
use usher_store::access::{self, AccessList};
use usher_store::app::App;
use usher_store::{Tx, directory};

use super::change::{Committed, STALE, commit};
use super::confirm::ConfirmPage;
use super::found_groups::found_groups;
use super::{Bar, Tab, frame, read, scope};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, number_of};
use crate::hands::{AccessOf, Edit};
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// How deep a unit is set in at most.
const DEEPEST: usize = 6;

/// The page.
#[derive(Template)]
#[template(path = "app/access.html")]
pub(crate) struct AccessPage {
    frame: Frame,
    bar: Bar,
    version: i64,
    /// How many people that makes.
    people: String,
    units: Vec<Unit>,
    groups: Vec<Group>,
    q: String,
    found: Option<Vec<Group>>,
    wrong: Option<String>,
}

struct Unit {
    /// The id of its row.
    anchor: String,
    path: String,
    name: String,
    depth: usize,
    n_people: String,
    is_on: bool,
    is_inherited: bool,
    is_gone: bool,
}

struct Group {
    id: String,
    email: String,
    is_gone: bool,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    Ok(html(&page(&mut tx, &signed, &app, "", None).await?))
}

async fn page(
    tx: &mut Tx,
    signed: &Signed,
    app: &App,
    q: &str,
    wrong: Option<String>,
) -> Result<AccessPage, Failure> {
    let list = access::access_list(tx, &app.id).await?;
    let access = access::access(tx, &app.id).await?;
    let by_unit = directory::people_by_unit(tx, &app.directory).await?;
    let paths = paths(tx, app, &list).await?;
    let graph = directory::group_graph(tx, &app.directory).await?;
    let n = scope::count(tx, app, &access, &graph, &BTreeMap::new()).await?;
    let people = match n {
        _ if access.is_nobody() => "The app is off for everyone.".to_owned(),
        n => format!("The app is on for {}.", number_of(n, "active person", "active people")),
    };
    let ids: BTreeSet<GroupId> = list.groups.iter().map(|granted| granted.group.clone()).collect();
    let known = directory::groups(tx, &app.directory, &ids).await?;
    let group = |granted: &access::Granted| {
        let now = known.get(&granted.group).map(|record| record.group.email.to_string());
        Group {
            id: granted.group.to_string(),
            is_gone: now.is_none(),
            email: now.unwrap_or_else(|| granted.email.to_string()),
        }
    };
    let found = match q {
        "" => None,
        q => Some(find(tx, app, q, &ids).await?),
    };
    Ok(AccessPage {
        frame: frame(signed, "User access"),
        bar: Bar::new(app, Tab::Other),
        version: app.config_version,
        people,
        units: paths.iter().map(|(path, is_gone)| unit(path, *is_gone, &list, &access, &by_unit)).collect(),
        groups: list.groups.iter().map(group).collect(),
        q: q.to_owned(),
        found,
        wrong,
    })
}

/// Every unit, the root first, each behind the one above it; and those that have a switch and are gone.
async fn paths(tx: &mut Tx, app: &App, list: &AccessList) -> Result<Vec<(OrgUnitPath, bool)>, Failure> {
    let mut all = BTreeMap::from([(OrgUnitPath::root().folded(), (OrgUnitPath::root(), false))]);
    for record in directory::org_unit_records(tx, &app.directory).await? {
        all.insert(record.path.folded(), (record.path, false));
    }
    for (path, _) in &list.units {
        all.entry(path.folded()).or_insert_with(|| (path.clone(), true));
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by_key(|(path, _)| segments(path));
    Ok(all)
}

fn segments(path: &OrgUnitPath) -> Vec<String> {
    path.folded().as_str().split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

fn unit(
    path: &OrgUnitPath,
    is_gone: bool,
    list: &AccessList,
    access: &Access,
    by_unit: &BTreeMap<OrgUnitPath, u64>,
) -> Unit {
    let own = list.units.iter().any(|(unit, _)| unit.folded() == path.folded());
    let name = path.as_str().rsplit('/').next().filter(|name| !name.is_empty());
    Unit {
        anchor: anchor("unit", path.as_str()),
        path: path.to_string(),
        name: name.unwrap_or("/ (everybody)").to_owned(),
        depth: segments(path).len().min(DEEPEST),
        n_people: grouped(by_unit.get(&path.folded()).copied().unwrap_or(0)),
        is_on: access.of_unit(path) == Switch::On,
        is_inherited: !own,
        is_gone,
    }
}

/// The id of the row of a unit, or of a group: what an address may end with.
fn anchor(of: &str, name: &str) -> String {
    let encoded = serde_urlencoded::to_string([(of, name)]).unwrap_or_default();
    encoded.replacen('=', "-", 1)
}

async fn find(tx: &mut Tx, app: &App, q: &str, chosen: &BTreeSet<GroupId>) -> Result<Vec<Group>, Failure> {
    let found = found_groups(tx, app, q, chosen).await?;
    let shown = |group: usher_model::directory::Group| Group {
        id: group.id.to_string(),
        email: group.email.to_string(),
        is_gone: false,
    };
    Ok(found.into_iter().map(shown).collect())
}

/// Switches one unit or one group, or searches for one.
pub(crate) async fn switch(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let Some(of) = asked(fields.get("do"))? else {
        let q = fields.get("q").trim().to_owned();
        return Ok(html(&page(&mut tx, &signed, &app, &q, None).await?));
    };
    let there = match &of {
        AccessOf::Unit(path, _) => anchor("unit", path.as_str()),
        AccessOf::Group(_) | AccessOf::NoGroup(_) => "groups".to_owned(),
    };
    let version = fields.version()?;
    if !fields.has("sure") && app.is_enabled && app.config_version == version {
        let n = losing(&mut tx, &app, &of).await?;
        if n > 0 {
            let question = Question { of: &of, button: fields.get("do"), version, there: &there, n };
            return question.page(&console, &signed, tx, &app).await;
        }
    }
    drop(tx);
    let wrong = match commit(&console, &signed, &app.id, Some(version), &Edit::Access(of)).await? {
        Committed::Done => return Ok(Redirect::to(&format!("/apps/{id}/access#{there}")).into_response()),
        Committed::Stale => STALE.to_owned(),
        Committed::Refused(why) => why,
    };
    let (mut tx, app) = read(console.store(), &id).await?;
    Ok(html(&page(&mut tx, &signed, &app, "", Some(wrong)).await?))
}

/// How many people would lose access.
async fn losing(tx: &mut Tx, app: &App, of: &AccessOf) -> Result<u64, Failure> {
    let list = access::access_list(tx, &app.id).await?;
    let graph = directory::group_graph(tx, &app.directory).await?;
    let scoped = access::scope(tx, &app.id).await?;
    let scope = scoped.into_iter().map(|scoped| (scoped.group, scoped.depth)).collect();
    let now = access::access(tx, &app.id).await?;
    let before = scope::count(tx, app, &now, &graph, &scope).await?;
    let after = scope::count(tx, app, &of.switched(&list), &graph, &scope).await?;
    Ok(before.saturating_sub(after))
}

/// The question that comes before access is taken away.
struct Question<'a> {
    of: &'a AccessOf,
    button: &'a str,
    version: i64,
    /// Where on the page the answer leads back to.
    there: &'a str,
    /// How many people lose access.
    n: u64,
}

impl Question<'_> {
    async fn page(
        self,
        console: &Console,
        signed: &Signed,
        mut tx: Tx,
        app: &App,
    ) -> Result<Response, Failure> {
        let bar = Bar::new(app, Tab::Other);
        let (title, button) = match self.of {
            AccessOf::Unit(path, None) => (format!("Let {path} inherit?"), "Inherit"),
            AccessOf::Unit(path, Some(_)) => (format!("Turn {} off for {path}?", app.name), "Turn off"),
            AccessOf::Group(email) => (format!("Turn {} off for {email}?", app.name), "Turn off"),
            AccessOf::NoGroup(group) => {
                let list = access::access_list(&mut tx, &app.id).await?;
                let granted = list.groups.into_iter().find(|granted| granted.group == *group);
                let who = granted.map_or_else(|| group.to_string(), |granted| granted.email.to_string());
                (format!("Turn {} off for {who}?", app.name), "Turn off")
            }
        };
        drop(tx);
        let lose = format!(
            "{} access to {}; what follows for their accounts is what deprovisioning says.",
            number_of(self.n, "person loses", "people lose"),
            app.name
        );
        Ok(html(&ConfirmPage {
            frame: frame(signed, title),
            action: bar.at("access"),
            cancel: format!("{}#{}", bar.at("access"), self.there),
            button,
            is_bad: true,
            text: vec![lose],
            consequences: console.hands().consequences_of_access(app, self.of).await?,
            hidden: vec![
                ("version", self.version.to_string()),
                ("do", self.button.to_owned()),
                ("sure", "yes".to_owned()),
            ],
            bar,
            wrong: None,
        }))
    }
}

/// What a button says; none: a search.
fn asked(button: &str) -> Result<Option<AccessOf>, Failure> {
    let Some((what, of)) = button.split_once(':') else { return Ok(None) };
    let unreadable = |error: String| Failure::Unreadable(error);
    let unit = |switch| {
        let path = OrgUnitPath::parse(of).map_err(|error| unreadable(error.to_string()))?;
        Ok(Some(AccessOf::Unit(path, switch)))
    };
    match what {
        "on" => unit(Some(Switch::On)),
        "off" => unit(Some(Switch::Off)),
        "inherit" => unit(None),
        "group" => {
            let email = Email::parse(of).map_err(|error| unreadable(error.to_string()))?;
            Ok(Some(AccessOf::Group(email)))
        }
        "remove" => Ok(Some(AccessOf::NoGroup(GroupId::new(of)))),
        _ => Err(unreadable(format!("the form asks for {what:?}, which there is not"))),
    }
}

#[cfg(test)]
impl AccessPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let unit = |kind: Sample, n: usize| {
            let name = if n == 0 { "/ (everybody)".to_owned() } else { kind.name(n, "Sales") };
            Unit {
                anchor: anchor("unit", &format!("/{name}/{n}")),
                path: format!("/{name}/{n}"),
                name,
                depth: n % 7,
                n_people: grouped(n as u64 * 1_000),
                is_on: n.is_multiple_of(2),
                is_inherited: n.is_multiple_of(3),
                is_gone: n == 5,
            }
        };
        let group = |kind: Sample, n: usize| Group {
            id: n.to_string(),
            email: kind.address(&format!("g{n}@example.com")),
            is_gone: n == 1,
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Apps, "User access"),
            bar: Bar::sample(kind, Tab::Other),
            version: 7,
            people: format!(
                "The app is on for {}.",
                number_of(kind.count(), "active person", "active people")
            ),
            units: (0..=kind.rows(200)).map(|n| unit(kind, n)).collect(),
            groups: (0..kind.rows(200)).map(|n| group(kind, n)).collect(),
            q: String::new(),
            found: None,
            wrong: kind.wrong(STALE),
        };
        let found = |kind: Sample, n: usize| {
            let groups = (0..n).map(|n| group(kind, n)).collect();
            (kind, Self { q: kind.name(0, "cloud"), found: Some(groups), ..page(kind) })
        };
        let auditor = Frame::sample(Sample::Other, Place::Apps, "User access").of_auditor();
        let mut samples = Sample::all(page);
        samples.extend([
            found(Sample::Other, 20),
            found(Sample::Other, 0),
            found(Sample::Long, 2),
            found(Sample::RightToLeft, 2),
            (Sample::Other, Self { frame: auditor, ..page(Sample::Other) }),
        ]);
        samples
    }
}

//! Provisioning scope: the fourth step of *Configure autoprovisioning*, and *Edit → Update* later. Groups are searched for by a
//! piece of their name; what is chosen is in the form until it is sent.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use usher_model::access::{Access, Switch};
use usher_model::id::GroupId;
use usher_model::scope::{Depth, GroupGraph};
use usher_store::app::App;
use usher_store::{Tx, access, directory};

use super::change::{Committed, STALE, commit};
use super::done::Done;
use super::found_groups::found_groups;
use super::plan::begin;
use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, number_of};
use crate::hands::{Edit, ScopeGroup};
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "app/scope.html")]
pub(crate) struct ScopePage {
    frame: Frame,
    bar: Bar,
    is_set_up: bool,
    step: u8,
    action: String,
    version: i64,
    chosen: Vec<ChosenGroup>,
    /// How many people remain.
    remaining: String,
    q: String,
    found: Option<Vec<FoundGroup>>,
    wrong: Option<String>,
}

/// What a search found, alone: asked for while it is typed.
#[derive(Template)]
#[template(path = "app/found.html")]
pub(crate) struct FoundPart {
    found: Option<Vec<FoundGroup>>,
}

pub(super) struct FoundGroup {
    id: String,
    name: String,
    email: String,
}

struct ChosenGroup {
    id: String,
    name: String,
    email: String,
    is_nested: bool,
    is_gone: bool,
}

/// Asks, in the set-up.
pub(crate) async fn show_step(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    stored(&console, &signed, &id, true, None).await
}

/// Shows what is set, to be edited.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    stored(&console, &signed, &id, false, None).await
}

async fn stored(
    console: &Console,
    signed: &Signed,
    id: &str,
    is_set_up: bool,
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let scope = access::scope(&mut tx, &app.id).await?;
    let chosen = scope.into_iter().map(|scoped| (scoped.group, scoped.depth)).collect();
    let typed = Typed { chosen, q: String::new(), is_search: false };
    Ok(html(&page(&mut tx, signed, &app, is_set_up, typed, wrong).await?))
}

/// What is in the form.
struct Typed {
    chosen: BTreeMap<GroupId, Depth>,
    q: String,
    is_search: bool,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let depth = |group: &str| match fields.get(&format!("depth:{group}")) {
            "direct" => Depth::Direct,
            _ => Depth::Nested,
        };
        let chosen = fields.all("group").map(|group| (GroupId::new(group), depth(group))).collect();
        Self { chosen, q: fields.get("q").trim().to_owned(), is_search: false }
    }

    /// As an edit has it.
    fn groups(&self) -> Vec<ScopeGroup> {
        self.chosen.iter().map(|(group, depth)| ScopeGroup { group: group.clone(), depth: *depth }).collect()
    }
}

async fn page(
    tx: &mut Tx,
    signed: &Signed,
    app: &App,
    is_set_up: bool,
    typed: Typed,
    wrong: Option<String>,
) -> Result<ScopePage, Failure> {
    let ids: BTreeSet<GroupId> = typed.chosen.keys().cloned().collect();
    let known = directory::groups(tx, &app.directory, &ids).await?;
    let stored = access::scope(tx, &app.id).await?;
    let address = |id: &GroupId| {
        stored.iter().find(|scoped| scoped.group == *id).map(|scoped| scoped.email.to_string())
    };
    let mut chosen: Vec<ChosenGroup> = typed
        .chosen
        .iter()
        .map(|(id, depth)| {
            let group = known.get(id).map(|record| &record.group);
            ChosenGroup {
                id: id.to_string(),
                name: group.map(|group| group.name.clone()).unwrap_or_default(),
                email: group.map_or_else(
                    || address(id).unwrap_or_else(|| id.to_string()),
                    |group| group.email.to_string(),
                ),
                is_nested: *depth == Depth::Nested,
                is_gone: group.is_none(),
            }
        })
        .collect();
    chosen.sort_by(|one, two| one.email.cmp(&two.email));
    let found = if typed.is_search { Some(find(tx, app, &typed).await?) } else { None };
    let bar = Bar::new(app, Tab::Other);
    let title = if is_set_up { "Configure autoprovisioning" } else { "Provisioning scope" };
    Ok(ScopePage {
        frame: frame(signed, title),
        is_set_up,
        step: 4,
        action: bar.at(if is_set_up { "set-up/scope" } else { "auto-provisioning/scope" }),
        version: app.config_version,
        remaining: remaining(tx, app, &typed.chosen).await?,
        chosen,
        q: typed.q,
        found,
        wrong,
        bar,
    })
}

/// The groups that a search finds and that are not chosen yet.
async fn find(tx: &mut Tx, app: &App, typed: &Typed) -> Result<Vec<FoundGroup>, Failure> {
    if typed.q.is_empty() {
        return Ok(Vec::new());
    }
    let found = found_groups(tx, app, &typed.q, &typed.chosen.keys().cloned().collect()).await?;
    let shown = |group: usher_model::directory::Group| FoundGroup {
        id: group.id.to_string(),
        name: group.name,
        email: group.email.to_string(),
    };
    Ok(found.into_iter().map(shown).collect())
}

/// How many active people have access and are in scope, in words.
async fn remaining(tx: &mut Tx, app: &App, scope: &BTreeMap<GroupId, Depth>) -> Result<String, Failure> {
    let access = access::access(tx, &app.id).await?;
    if access.is_nobody() {
        return Ok("The app isn’t turned on for any users yet, so nobody is in scope.".to_owned());
    }
    let graph = directory::group_graph(tx, &app.directory).await?;
    let n = count(tx, app, &access, &graph, scope).await?;
    Ok(format!(
        "{} with access {} in scope.",
        number_of(n, "active person", "active people"),
        if n == 1 { "is" } else { "are" }
    ))
}

/// How many active people have access and are in a scope; none: everybody with access.
pub(super) async fn count(
    tx: &mut Tx,
    app: &App,
    access: &Access,
    graph: &GroupGraph,
    scope: &BTreeMap<GroupId, Depth>,
) -> Result<u64, Failure> {
    let below = |groups: &BTreeSet<GroupId>| -> BTreeSet<GroupId> {
        groups.iter().flat_map(|group| graph.below(group)).collect()
    };
    let granted = below(&access.groups);
    let scoped: BTreeSet<GroupId> = scope
        .iter()
        .flat_map(|(group, depth)| match depth {
            Depth::Direct => BTreeSet::from([group.clone()]),
            Depth::Nested => graph.below(group),
        })
        .collect();
    let is_everyone = |groups: &BTreeSet<GroupId>| groups.iter().any(|group| graph.everyone.contains(group));
    let is_on = |unit: &usher_model::directory::OrgUnitPath| {
        is_everyone(&granted) || access.of_unit(unit) == Switch::On
    };
    let (mut n, is_narrowed) = (0, !scope.is_empty() && !is_everyone(&scoped));
    // Those whose unit is on, and those whom only a group turns it on for.
    let (all, through) = if is_narrowed {
        let all = directory::people_in_groups(tx, &app.directory, &scoped, None).await?;
        (all, directory::people_in_groups(tx, &app.directory, &scoped, Some(&granted)).await?)
    } else {
        let all = directory::people_by_unit(tx, &app.directory).await?;
        (all, directory::people_in_groups(tx, &app.directory, &granted, None).await?)
    };
    n += all.iter().filter(|(unit, _)| is_on(unit)).map(|(_, n)| n).sum::<u64>();
    n += through.iter().filter(|(unit, _)| !is_on(unit)).map(|(_, n)| n).sum::<u64>();
    Ok(n)
}

/// Shows what a search finds while it is typed.
pub(crate) async fn found(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let typed = Typed::read(&fields);
    let found = if typed.q.is_empty() { None } else { Some(find(&mut tx, &app, &typed).await?) };
    Ok(html(&FoundPart { found }))
}

/// Takes the scope of the set-up.
pub(crate) async fn continue_with(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    take(&console, &signed, &id, true, &fields).await
}

/// Takes an edit, or shows what it would cause.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    take(&console, &signed, &id, false, &fields).await
}

async fn take(
    console: &Console,
    signed: &Signed,
    id: &str,
    is_set_up: bool,
    fields: &Fields,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let mut typed = Typed::read(fields);
    let asked = fields.get("do");
    if let Some(group) = asked.strip_prefix("add:") {
        typed.chosen.insert(GroupId::new(group), Depth::Nested);
        typed.q.clear();
    } else if let Some(group) = asked.strip_prefix("remove:") {
        typed.chosen.remove(&GroupId::new(group));
    }
    typed.is_search = asked == "search";
    if !matches!(asked, "update" | "preview") {
        return Ok(html(&page(&mut tx, signed, &app, is_set_up, typed, None).await?));
    }
    let had = access::scope(&mut tx, &app.id).await?.len();
    drop(tx);
    let edit = Edit::Scope(typed.groups());
    // Without its last group a scope widens to everyone with access: that is looked at first.
    let widens = had > 0 && typed.chosen.is_empty() && app.is_enabled;
    if asked == "preview" || widens {
        return begin(console, id, Some(edit)).await;
    }
    match commit(console, signed, &app.id, Some(fields.version()?), &edit).await? {
        Committed::Done => {
            if is_set_up {
                return Ok(Redirect::to(&format!("/apps/{id}/set-up/deprovisioning")).into_response());
            }
            Ok(Done::Saved.at(&format!("/apps/{id}/auto-provisioning")))
        }
        Committed::Stale => stored(console, signed, id, is_set_up, Some(STALE.to_owned())).await,
        Committed::Refused(why) => {
            let (mut tx, app) = read(console.store(), id).await?;
            Ok(html(&page(&mut tx, signed, &app, is_set_up, typed, Some(why)).await?))
        }
    }
}

#[cfg(test)]
impl ScopePage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let group = |kind: Sample, n: usize| ChosenGroup {
            id: format!("g{n}"),
            name: kind.name(n, "Cloud"),
            email: kind.address(&format!("group-{n}@example.com")),
            is_nested: n.is_multiple_of(2),
            is_gone: n == 3,
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Apps, "Provisioning scope"),
            bar: Bar::sample(kind, Tab::Other),
            is_set_up: kind == Sample::Empty,
            step: 4,
            action: "/apps/019a/auto-provisioning/scope".into(),
            version: 7,
            chosen: (0..kind.rows(200)).map(|n| group(kind, n)).collect(),
            remaining: format!(
                "{} with access are in scope.",
                number_of(kind.count(), "active person", "active people")
            ),
            q: String::new(),
            found: None,
            wrong: kind.wrong(STALE),
        };
        let search = |kind: Sample, n| {
            let found = Some((0..n).map(|n| FoundGroup::sample(kind, n)).collect());
            (kind, Self { found, q: kind.name(0, "cloud"), ..page(kind) })
        };
        let mut samples = Sample::all(page);
        samples.extend([
            search(Sample::Other, 20),
            search(Sample::Other, 0),
            search(Sample::Long, 2),
            search(Sample::RightToLeft, 2),
        ]);
        samples
    }
}

#[cfg(test)]
impl FoundGroup {
    fn sample(kind: crate::sample::Sample, n: usize) -> Self {
        Self { id: n.to_string(), name: kind.name(n, "Cloud"), email: kind.address("cloud@example.com") }
    }
}

#[cfg(test)]
impl FoundPart {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let found = |kind: Sample| (0..kind.rows(20)).map(|n| FoundGroup::sample(kind, n)).collect();
        let mut samples = Sample::all_but(&[Sample::Thousands, Sample::Wrong, Sample::Held], |kind| Self {
            found: Some(found(kind)),
        });
        samples.push((Sample::Other, Self { found: None }));
        samples
    }
}

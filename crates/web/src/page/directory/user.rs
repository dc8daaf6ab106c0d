//! A user's page: who they are, which groups they are in, and how they stand at every app: account, reason, timer, what happened
//! last. The latter is what `usher explain` says.

use std::collections::BTreeSet;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::Value as Json;
use usher_model::directory::UserState;
use usher_model::id::{GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::Tx;
use usher_store::directory::{self, Directory, Person};

use super::resource::{attributes, full_name};
use super::{Bar, Edited, Tab, edit, editable, frame, read, segment, state_words};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, event_name, html, instant, sentence};
use crate::hands::{AtApp, DirectoryEdit, Happened, Tone};
use crate::posted::Posted;
use crate::session::Signed;

/// How many groups are shown.
const SHOWN: usize = 500;

/// The page.
#[derive(Template)]
#[template(path = "directory/user.html")]
pub(crate) struct UserPage {
    frame: Frame,
    bar: Bar,
    here: String,
    state: &'static str,
    tone: &'static str,
    facts: Vec<(&'static str, String)>,
    aliases: Vec<String>,
    attributes: Vec<(String, String)>,
    resource: String,
    groups: Vec<GroupLine>,
    more_groups: bool,
    /// Words on the buttons of what can be done, where they lead, and whether somebody loses something by it.
    deeds: Vec<(&'static str, String, bool)>,
    is_deleted: bool,
    apps: Vec<AppCard>,
    wrong: Option<String>,
}

struct GroupLine {
    href: String,
    name: String,
    email: String,
    is_direct: bool,
}

struct AppCard {
    href: String,
    log: String,
    name: String,
    account: String,
    tone: &'static str,
    decision: String,
    due: Option<String>,
    facts: Vec<(String, String)>,
    events: Vec<EventLine>,
}

struct EventLine {
    at: String,
    what: &'static str,
    why: String,
}

/// An address that is given or taken away.
#[derive(Deserialize)]
pub(crate) struct Alias {
    alias: String,
    #[serde(rename = "do")]
    deed: String,
}

/// Somebody whom a page is about.
pub(crate) async fn find(tx: &mut Tx, found: &Directory, user: &str) -> Result<Person, Failure> {
    let ids = BTreeSet::from([UserId::new(user)]);
    let known = directory::people(tx, &found.id, &ids).await?.into_values().next();
    known.ok_or(Failure::NotFound)
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, user)): Path<(String, String)>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, &user, None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    user: &str,
    wrong: Option<String>,
) -> Result<UserPage, Failure> {
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Users).await?;
    let bar = bar.below();
    let person = find(&mut tx, &found, user).await?;
    let (groups, more_groups) = groups_of(&mut tx, &found, &bar, &person.user.id).await?;
    drop(tx);
    let apps = console.hands().at_apps(&found.id, &person.user.id).await?;
    let email = person.user.primary_email.to_string();
    let (state, tone) = state_words(person.user.state);
    let here = bar.user(user);
    Ok(UserPage {
        frame: frame(signed, Tab::Users, full_name(&person)),
        deeds: if bar.edits { deeds(&here, person.user.state) } else { Vec::new() },
        facts: facts(&person),
        aliases: aliases(&person),
        attributes: attributes(&person.resource),
        resource: serde_json::to_string_pretty(&person.resource).map_err(Failure::internal)?,
        is_deleted: matches!(person.user.state, UserState::Deleted { .. }),
        apps: apps.into_iter().map(|at| AppCard::new(at, &email)).collect(),
        groups,
        more_groups,
        here,
        bar,
        state,
        tone,
        wrong,
    })
}

fn facts(person: &Person) -> Vec<(&'static str, String)> {
    let since = match person.user.state {
        UserState::Suspended { since } | UserState::Archived { since } | UserState::Deleted { since } => {
            since
        }
        UserState::Active | UserState::Unlisted => None,
    };
    let state = since.map(|at: Timestamp| ("Since", instant(at)));
    let guest =
        person.user.is_guest.then(|| ("Guest", "a guest of the organisation: never provisioned".to_owned()));
    let facts = [
        ("Address", person.user.primary_email.to_string()),
        ("Organizational unit", person.user.org_unit.to_string()),
        ("Id", person.user.id.to_string()),
    ];
    facts.into_iter().chain(state).chain(guest).collect()
}

fn aliases(person: &Person) -> Vec<String> {
    let all = person.resource.get("aliases").and_then(Json::as_array).into_iter().flatten();
    all.filter_map(Json::as_str).map(str::to_owned).collect()
}

fn deeds(here: &str, state: UserState) -> Vec<(&'static str, String, bool)> {
    let at = |what: &str| format!("{here}/change/{what}");
    let edit = ("Edit", format!("{here}/edit"), false);
    let moved = ("Move", at("move"), false);
    let delete = ("Delete", at("delete"), true);
    match state {
        UserState::Active => {
            vec![edit, moved, ("Suspend", at("suspend"), true), ("Archive", at("archive"), false), delete]
        }
        UserState::Suspended { .. } => {
            vec![edit, moved, ("Activate", at("activate"), false), ("Archive", at("archive"), false), delete]
        }
        UserState::Archived { .. } => vec![edit, moved, ("Unarchive", at("unarchive"), false), delete],
        UserState::Deleted { .. } => vec![("Restore", at("restore"), false)],
        UserState::Unlisted => Vec::new(),
    }
}

async fn groups_of(
    tx: &mut Tx,
    found: &Directory,
    bar: &Bar,
    user: &UserId,
) -> Result<(Vec<GroupLine>, bool), Failure> {
    let direct = directory::direct_groups_of(tx, &found.id, std::slice::from_ref(user)).await?;
    let direct: BTreeSet<GroupId> = direct.into_values().next().unwrap_or_default();
    let graph = directory::group_graph(tx, &found.id).await?;
    let all = graph.above(&direct);
    let more = all.len() > SHOWN;
    // The direct ones first: of many, the others are left out.
    let shown: BTreeSet<GroupId> =
        direct.iter().chain(all.difference(&direct)).take(SHOWN).cloned().collect();
    let records = directory::groups(tx, &found.id, &shown).await?;
    let mut lines: Vec<GroupLine> = records
        .into_values()
        .map(|record| GroupLine {
            href: bar.group(record.group.id.as_str()),
            is_direct: direct.contains(&record.group.id),
            name: record.group.name,
            email: record.group.email.to_string(),
        })
        .collect();
    lines.sort_by(|one, two| (!one.is_direct, &one.email).cmp(&(!two.is_direct, &two.email)));
    Ok((lines, more))
}

impl From<Happened> for EventLine {
    fn from(Happened { at, kind, why }: Happened) -> Self {
        Self { at: instant(at), what: event_name(kind), why }
    }
}

impl AppCard {
    fn new(at: AtApp, email: &str) -> Self {
        let href = format!("/apps/{}", segment(at.app.as_str()));
        Self {
            log: super::with_query(&format!("{href}/log"), &[("person", email)]),
            href,
            name: at.name,
            account: at.account,
            tone: tone(at.tone),
            decision: sentence(&at.decision),
            due: at.due.map(|(trigger, due)| format!("{} ({trigger})", instant(due))),
            facts: at.facts,
            events: at.events.into_iter().map(EventLine::from).collect(),
        }
    }
}

/// A tone as the sheet calls it.
pub(crate) fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Calm => "calm",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
    }
}

/// Gives an address, or takes one away.
pub(crate) async fn alias(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, user)): Path<(String, String)>,
    Posted(Alias { alias, deed }): Posted<Alias>,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), &signed, &id, Tab::Users).await?;
    drop(tx);
    editable(&bar)?;
    let alias = alias.trim().to_lowercase();
    let made = DirectoryEdit::UserAlias { user: UserId::new(user.as_str()), alias, on: deed == "add" };
    match edit(&console, &signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.user(&user)).into_response()),
        Edited::Refused(why) => Ok(html(&page(&console, &signed, &id, &user, Some(why)).await?)),
    }
}

#[cfg(test)]
impl AppCard {
    fn sample(kind: crate::sample::Sample, n: usize) -> Self {
        use crate::sample::Sample;

        let (account, tone, decision) = if kind == Sample::Wrong {
            ("Fails", "bad", "Nothing is done: the app answered 409: Conflict.")
        } else if kind == Sample::Held {
            ("Active", "warn", "Suspend, which is held: 11 removals wanted.")
        } else {
            ("Leaving", "warn", "Nothing is done: leaving, due later.")
        };
        let name = kind.name(n, "Ada Byron");
        Self {
            href: format!("/apps/{n}"),
            log: format!("/apps/{n}/log?person=x"),
            name: kind.name(n, &format!("aws-{n}")),
            account: account.into(),
            tone,
            decision: decision.into(),
            due: (kind != Sample::Held).then(|| "2026-12-07 02:50 UTC (suspended)".to_owned()),
            facts: vec![("attributes".into(), format!("displayName = {name}"))],
            events: vec![EventLine { at: "2026-11-30 02:50 UTC".into(), what: "Failures", why: name }],
        }
    }
}

#[cfg(test)]
impl UserPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let group = |kind: Sample, n: usize| GroupLine {
            href: format!("/directories/019d/groups/{n}"),
            name: kind.name(n, "Cloud"),
            email: kind.address("cloud@example.com"),
            is_direct: n.is_multiple_of(2),
        };
        let page = |kind: Sample, state: UserState| {
            let bar = Bar::sample(kind, Tab::Users).below();
            let (words, tone) = state_words(state);
            let here = bar.user("7");
            let address = kind.address("ada@example.com");
            Self {
                frame: Frame::sample(kind, Place::Users, &kind.name(0, "Ada Byron")),
                deeds: deeds(&here, state),
                here,
                state: words,
                tone,
                facts: vec![("Address", address.clone()), ("Id", "7".into())],
                aliases: vec![address; kind.rows(3)],
                attributes: (0..kind.rows(30))
                    .map(|n| (format!("Attribute {n}"), kind.name(n, "7")))
                    .collect(),
                resource: "{}".into(),
                groups: (0..kind.rows(SHOWN)).map(|n| group(kind, n)).collect(),
                more_groups: kind.has_more(),
                is_deleted: matches!(state, UserState::Deleted { .. }),
                apps: (0..kind.rows(5)).map(|n| AppCard::sample(kind, n)).collect(),
                wrong: kind.wrong("The address is taken."),
                bar,
            }
        };
        let other = |state| (Sample::Other, page(Sample::Other, state));
        let mirror = Bar::mirror(Sample::Other, Tab::Users).below();
        let seen = Self { deeds: Vec::new(), bar: mirror, ..page(Sample::Other, UserState::Unlisted) };
        let mut samples = Sample::all(|kind| page(kind, UserState::Active));
        samples.extend([
            other(UserState::Suspended { since: None }),
            other(UserState::Archived { since: None }),
            other(UserState::Deleted { since: None }),
            (Sample::Other, seen),
        ]);
        samples
    }
}

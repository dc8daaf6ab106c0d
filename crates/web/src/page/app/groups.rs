//! *Groups*: which of the directory's groups the app gets, what becomes of them and of who is in them, and what is on record.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use usher_model::cause::Delay;
use usher_model::group::selection::{Chosen, Pattern, Selection};
use usher_model::group::{ForeignMembers, GroupSettings, SuspendedMembers};
use usher_model::id::{Email, GroupId};
use usher_store::app::App;
use usher_store::group::{self, GroupRecordState, Walked, member};
use usher_store::{Tx, directory};

use super::change::{Committed, STALE, commit};
use super::done::{Done, Told};
use super::plan::begin;
use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, sentence};
use crate::hands::Edit;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// How many groups a page has, and how many are looked through for them.
const SHOWN: usize = 100;
const LOOKED_THROUGH: usize = 5_000;

/// The page.
#[derive(Template)]
#[template(path = "app/groups.html")]
pub(crate) struct GroupsPage {
    frame: Frame,
    bar: Bar,
    version: i64,
    counts: Vec<(&'static str, String)>,
    selection: &'static str,
    words: String,
    leave: bool,
    remove_foreign: bool,
    deselected: Vec<(String, String, bool)>,
    groups: Vec<Line>,
    is_later_page: bool,
    more: Option<String>,
    wrong: Option<String>,
}

struct Line {
    name: String,
    email: String,
    state: &'static str,
    tone: &'static str,
    n_members: String,
    why: String,
}

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    after: Option<String>,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let settings = app.settings.clone().unwrap_or_default().groups;
    let words = words(&mut tx, &app, &settings.selection).await?;
    let mut page = page(&mut tx, &signed, &app, &settings, words, asked, None).await?;
    page.bar.done = told.sentence();
    Ok(html(&page))
}

/// Groups and patterns that were chosen, one a line.
async fn words(tx: &mut Tx, app: &App, selection: &Selection) -> Result<String, Failure> {
    let Selection::Chosen(chosen) = selection else { return Ok(String::new()) };
    let ids: BTreeSet<GroupId> = chosen.groups.keys().cloned().collect();
    let now = directory::groups(tx, &app.directory, &ids).await?;
    let address = |(id, known): (&GroupId, &Email)| {
        now.get(id).map_or_else(|| known.to_string(), |record| record.group.email.to_string())
    };
    let groups = chosen.groups.iter().map(address);
    let patterns = chosen.patterns.iter().map(|pattern| pattern.as_str().to_owned());
    Ok(groups.chain(patterns).collect::<Vec<_>>().join("\n"))
}

async fn page(
    tx: &mut Tx,
    signed: &Signed,
    app: &App,
    settings: &GroupSettings,
    words: String,
    asked: Asked,
    wrong: Option<String>,
) -> Result<GroupsPage, Failure> {
    let counts = group::counts(tx, &app.id).await?;
    let after = asked.after.map(GroupId::new);
    let walked = group::walk(tx, &app.directory, &app.id, after.as_ref(), LOOKED_THROUGH).await?;
    let (is_whole, last) = (walked.len() < LOOKED_THROUGH, walked.last().map(|walked| walked.id.clone()));
    let mut on_record: Vec<Walked> = walked.into_iter().filter(|walked| walked.record.is_some()).collect();
    let next = if on_record.len() > SHOWN {
        on_record.truncate(SHOWN);
        on_record.last().map(|walked| walked.id.clone())
    } else {
        last.filter(|_| !is_whole)
    };
    let mut groups = Vec::new();
    for walked in on_record {
        let n_members = member::count(tx, &app.id, &walked.id).await?;
        groups.extend(line(walked, n_members));
    }
    let bar = Bar::new(app, Tab::Groups);
    let more = next.map(|next| {
        let query = serde_urlencoded::to_string([("after", next.as_str())]).unwrap_or_default();
        format!("{}?{query}", bar.at("groups"))
    });
    Ok(GroupsPage {
        frame: frame(signed, "Groups"),
        version: app.config_version,
        counts: vec![
            ("Groups", grouped(counts.known)),
            ("Memberships", grouped(counts.members)),
            ("Gone at the app", grouped(counts.gone)),
            ("To be read", grouped(counts.unsure)),
            ("Failing", grouped(counts.failing)),
        ],
        selection: match settings.selection {
            Selection::Off => "off",
            Selection::Scope => "scope",
            Selection::Chosen(_) => "chosen",
        },
        words,
        leave: settings.suspended == SuspendedMembers::Leave,
        remove_foreign: settings.foreign == ForeignMembers::Remove,
        deselected: delays(settings.deselected),
        groups,
        is_later_page: after.is_some(),
        more,
        wrong,
        bar,
    })
}

fn delays(chosen: Option<Delay>) -> Vec<(String, String, bool)> {
    let chosen = chosen.map_or_else(|| "never".to_owned(), |delay| delay.to_string());
    let mut delays: Vec<(String, String, bool)> = [
        ("never", "are left alone"),
        ("24h", "are deleted with the next run"),
        ("1d", "are deleted after one day"),
        ("7d", "are deleted after 7 days"),
        ("30d", "are deleted after 30 days"),
    ]
    .into_iter()
    .map(|(value, words)| (value.to_owned(), words.to_owned(), value == chosen))
    .collect();
    if delays.iter().all(|(_, _, is_chosen)| !is_chosen) {
        delays.push((chosen.clone(), format!("are deleted after {chosen}"), true));
    }
    delays
}

fn line(walked: Walked, n_members: u64) -> Option<Line> {
    let record = walked.record?;
    let (state, tone) = match (&record.state, record.failing.is_empty()) {
        (_, false) => ("Failing", "bad"),
        (GroupRecordState::Known, true) if record.is_unread || record.intent.is_some() => {
            ("To be read", "calm")
        }
        (GroupRecordState::Known, true) => ("There", "good"),
        (GroupRecordState::Gone, true) => ("Gone", "warn"),
        (GroupRecordState::None, true) => ("None yet", "calm"),
    };
    let failing = record.failing.values().next().map(|failing| failing.failure.to_string());
    let why = failing.or_else(|| record.reason.as_ref().map(ToString::to_string)).unwrap_or_default();
    let email = walked.group.as_ref().map(|group| &group.email).or(record.email.as_ref());
    Some(Line {
        name: walked
            .group
            .as_ref()
            .map(|group| group.name.clone())
            .or(record.display_name)
            .unwrap_or_default(),
        email: email.map_or_else(|| walked.id.to_string(), Email::to_string),
        state,
        tone,
        n_members: grouped(n_members),
        why,
    })
}

/// What the form asks for, or what is wrong with it.
async fn asked_for(
    tx: &mut Tx,
    app: &App,
    fields: &Fields,
) -> Result<Result<GroupSettings, String>, Failure> {
    let selection = match fields.get("selection") {
        "off" => Selection::Off,
        "scope" => Selection::Scope,
        _ => {
            let (mut groups, mut patterns) = (BTreeMap::new(), BTreeSet::new());
            let words = fields.get("words").split([',', '\n']).map(str::trim).filter(|word| !word.is_empty());
            for word in words {
                if word.contains('*') {
                    match Pattern::parse(word) {
                        Ok(pattern) => patterns.insert(pattern),
                        Err(error) => return Ok(Err(sentence(&error.to_string()))),
                    };
                    continue;
                }
                let email = match Email::parse(word) {
                    Ok(email) => email,
                    Err(error) => return Ok(Err(sentence(&error.to_string()))),
                };
                match directory::group_by_email(tx, &app.directory, &email).await? {
                    Some(group) => groups.insert(group.id, group.email),
                    None => return Ok(Err(format!("The directory has no group with the address {email}."))),
                };
            }
            if groups.is_empty() && patterns.is_empty() {
                return Ok(Err("Name at least one group, or choose none.".to_owned()));
            }
            Selection::Chosen(Chosen { groups, patterns })
        }
    };
    let deselected = match fields.get("deselected") {
        "" | "never" => None,
        text => match Delay::parse(text) {
            Ok(delay) => Some(delay),
            Err(error) => return Ok(Err(sentence(&error.to_string()))),
        },
    };
    Ok(Ok(GroupSettings {
        selection,
        suspended: match fields.get("suspended") {
            "leave" => SuspendedMembers::Leave,
            _ => SuspendedMembers::Stay,
        },
        foreign: match fields.get("foreign") {
            "remove" => ForeignMembers::Remove,
            _ => ForeignMembers::Keep,
        },
        deselected,
    }))
}

/// Sets it, or shows what that would cause.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let wanted = asked_for(&mut tx, &app, &fields).await?;
    drop(tx);
    let (wrong, typed) = match wanted {
        Err(wrong) => (wrong, fields.get("words").to_owned()),
        Ok(settings) if fields.get("do") == "preview" => {
            return begin(&console, &id, Some(Edit::Groups(settings))).await;
        }
        Ok(settings) => {
            let edit = Edit::Groups(settings);
            match commit(&console, &signed, &app.id, Some(fields.version()?), &edit).await? {
                Committed::Done => return Ok(Done::Saved.at(&format!("/apps/{id}/groups"))),
                Committed::Stale => (STALE.to_owned(), String::new()),
                Committed::Refused(why) => (why, fields.get("words").to_owned()),
            }
        }
    };
    let (mut tx, app) = read(console.store(), &id).await?;
    let settings = app.settings.clone().unwrap_or_default().groups;
    let words = if typed.is_empty() { words(&mut tx, &app, &settings.selection).await? } else { typed };
    Ok(html(&page(&mut tx, &signed, &app, &settings, words, Asked::default(), Some(wrong)).await?))
}

#[cfg(test)]
impl GroupsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let line = |kind: Sample, n: usize| Line {
            name: kind.name(n, "Cloud"),
            email: kind.address("cloud@example.com"),
            state: "There",
            tone: "good",
            n_members: grouped(kind.count()),
            why: "it is in the provisioning scope".into(),
        };
        let page = |kind: Sample, selection| Self {
            frame: Frame::sample(kind, Place::Apps, "Groups"),
            bar: Bar::sample(kind, Tab::Groups),
            version: 7,
            counts: vec![("Groups", grouped(kind.count())), ("Memberships", grouped(kind.count()))],
            selection,
            words: if selection == "chosen" { kind.address("aws-*@example.com") } else { String::new() },
            leave: kind == Sample::One,
            remove_foreign: kind == Sample::One,
            deselected: delays(Delay::parse("14d").ok()),
            groups: (0..kind.rows(SHOWN)).map(|n| line(kind, n)).collect(),
            is_later_page: kind.has_more(),
            more: kind.has_more().then(|| "/apps/019a/groups?after=g".to_owned()),
            wrong: kind.wrong("Name at least one group, or choose none."),
        };
        let seen = |kind| {
            let frame = Frame::sample(kind, Place::Apps, "Groups").of_auditor();
            (kind, Self { frame, ..page(kind, "chosen") })
        };
        let mut samples =
            Sample::all(|kind| page(kind, if kind == Sample::Empty { "off" } else { "chosen" }));
        samples.push((Sample::Other, page(Sample::Other, "scope")));
        samples.extend([Sample::Other, Sample::Long, Sample::RightToLeft].map(seen));
        samples
    }
}

//! A group's page: its direct members, the groups in it and those it is in, and how many people that makes.

use std::collections::BTreeSet;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use usher_model::id::GroupId;
use usher_store::Tx;
use usher_store::directory::stage::MemberKind;
use usher_store::directory::{self, Directory, KeptBy, KnownMember};

use super::groups::counted;
use super::{Bar, Choice, Edited, Tab, edit, editable, frame, read, segment, state_words, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::DirectoryEdit;
use crate::posted::Posted;
use crate::session::Signed;

/// How many members a page has.
const PAGE: usize = 100;
/// How far people are counted.
const COUNTED: usize = 50_001;
/// How many other groups are shown.
const SHOWN: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "directory/group.html")]
pub(crate) struct GroupPage {
    frame: Frame,
    bar: Bar,
    here: String,
    email: String,
    description: String,
    id: String,
    n_people: String,
    is_everyone: bool,
    members: Vec<MemberLine>,
    first: Option<String>,
    next: Option<String>,
    /// The groups in it, and those that it is in: where they are and what they are called.
    inside: Vec<(String, String)>,
    around: Vec<(String, String)>,
    roles: Vec<Choice>,
    typed: String,
    wrong: Option<String>,
}

struct MemberLine {
    href: Option<String>,
    remove: String,
    who: String,
    kind: &'static str,
    role: &'static str,
    state: Option<(&'static str, &'static str)>,
}

/// Which page of the members: those behind one.
#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    after: Option<String>,
    /// Members from elsewhere are kept by their addresses, after all others.
    #[serde(default)]
    elsewhere: bool,
}

/// Who is to be a member.
#[derive(Deserialize)]
pub(crate) struct NewMember {
    email: String,
    role: String,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, group)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, (&id, &group), asked, None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    (id, group): (&str, &str),
    asked: Asked,
    wrong: Option<(String, String)>,
) -> Result<GroupPage, Failure> {
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Groups).await?;
    let bar = bar.below();
    let group_id = GroupId::new(group);
    let known = directory::groups(&mut tx, &found.id, &BTreeSet::from([group_id.clone()])).await?;
    let record = known.into_values().next().ok_or(Failure::NotFound)?;
    let here = bar.group(group);
    let after = asked.after.as_deref();
    let mut members = Vec::new();
    if !asked.elsewhere {
        members = directory::members(&mut tx, &found.id, &group_id, KeptBy::Id, after, PAGE + 1).await?;
    }
    if members.len() <= PAGE {
        let (after, most) = (after.filter(|_| asked.elsewhere), PAGE + 1 - members.len());
        members.extend(directory::members(&mut tx, &found.id, &group_id, KeptBy::Word, after, most).await?);
    }
    let has_more = members.len() > PAGE;
    members.truncate(PAGE);
    let next = members.last().filter(|_| has_more).map(|last| {
        let elsewhere = matches!(last.member.kind, MemberKind::External | MemberKind::Customer);
        let pairs = [("after", last.member.key.as_str()), ("elsewhere", if elsewhere { "true" } else { "" })];
        with_query(&here, &pairs)
    });
    let graph = directory::group_graph(&mut tx, &found.id).await?;
    let below = graph.below(&group_id);
    let above = graph.above(&BTreeSet::from([group_id.clone()]));
    let n_people = directory::count_people_below(&mut tx, &found.id, &below, COUNTED).await?;
    let is_everyone = below.iter().any(|group| graph.everyone.contains(group));
    let inside = others(&mut tx, &found, &bar, &group_id, below).await?;
    let around = others(&mut tx, &found, &bar, &group_id, above).await?;
    let description =
        record.resource.get("description").and_then(serde_json::Value::as_str).unwrap_or_default();
    let (typed, wrong) = wrong.map_or_else(|| (String::new(), None), |(typed, why)| (typed, Some(why)));
    Ok(GroupPage {
        frame: frame(signed, Tab::Groups, record.group.name.clone()),
        email: record.group.email.to_string(),
        id: record.group.id.to_string(),
        description: description.to_owned(),
        n_people: counted(n_people, COUNTED),
        members: members.into_iter().map(|member| MemberLine::new(&bar, &here, member)).collect(),
        first: asked.after.map(|_| here.clone()),
        roles: roles("MEMBER"),
        is_everyone,
        here,
        bar,
        next,
        inside,
        around,
        typed,
        wrong,
    })
}

/// Where other groups are, and what they are called.
async fn others(
    tx: &mut Tx,
    found: &Directory,
    bar: &Bar,
    own: &GroupId,
    ids: BTreeSet<GroupId>,
) -> Result<Vec<(String, String)>, Failure> {
    let shown: BTreeSet<GroupId> = ids.into_iter().filter(|other| other != own).take(SHOWN).collect();
    let records = directory::groups(tx, &found.id, &shown).await?;
    Ok(records.into_values().map(|of| (bar.group(of.group.id.as_str()), of.group.name)).collect())
}

fn roles(chosen: &str) -> Vec<Choice> {
    [("MEMBER", "Member"), ("MANAGER", "Manager"), ("OWNER", "Owner")]
        .map(|(value, words)| Choice::new(value, words, chosen))
        .into()
}

impl MemberLine {
    fn new(bar: &Bar, here: &str, known: KnownMember) -> Self {
        let KnownMember { member, email, state } = known;
        let (href, kind) = match member.kind {
            MemberKind::User => (Some(bar.user(&member.key)), "User"),
            MemberKind::Group => (Some(bar.group(&member.key)), "Group"),
            MemberKind::External => (None, "From elsewhere"),
            MemberKind::Customer => (None, "Everybody in the organisation"),
        };
        Self {
            href,
            kind,
            remove: format!("{here}/remove?member={}", segment(&member.key)),
            role: match member.role.as_str() {
                "OWNER" => "Owner",
                "MANAGER" => "Manager",
                _ => "Member",
            },
            who: email.unwrap_or(member.key),
            state: state.map(state_words),
        }
    }
}

/// Makes somebody, or another group, a member.
pub(crate) async fn add_member(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, group)): Path<(String, String)>,
    Posted(NewMember { email, role }): Posted<NewMember>,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), &signed, &id, Tab::Groups).await?;
    drop(tx);
    editable(&bar)?;
    let made = DirectoryEdit::AddMember { group: GroupId::new(group.as_str()), email: email.clone(), role };
    match edit(&console, &signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.group(&group)).into_response()),
        Edited::Refused(why) => {
            let wrong = Some((email, why));
            Ok(html(&page(&console, &signed, (&id, &group), Asked::default(), wrong).await?))
        }
    }
}

#[cfg(test)]
impl GroupPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let member = |kind: Sample, n: usize| MemberLine {
            href: n.is_multiple_of(2).then(|| "/directories/019d/users/7".to_owned()),
            remove: format!("/directories/019d/groups/7/remove?member={n}"),
            who: kind.address(&format!("person-{n}@example.com")),
            kind: "User",
            role: "Member",
            state: n.is_multiple_of(2).then_some(("Suspended", "warn")),
        };
        let other = |kind: Sample, n: usize| (format!("/directories/019d/groups/{n}"), kind.name(n, "Cloud"));
        let page = |kind: Sample| {
            let bar = Bar::sample(kind, Tab::Groups).below();
            Self {
                frame: Frame::sample(kind, Place::Groups, &kind.name(0, "Team")),
                here: bar.group("7"),
                email: kind.address("team@example.com"),
                description: if kind == Sample::Empty {
                    String::new()
                } else {
                    kind.name(1, "Whoever builds it.")
                },
                id: "7".into(),
                n_people: counted(kind.count(), COUNTED),
                is_everyone: false,
                members: (0..kind.rows(PAGE)).map(|n| member(kind, n)).collect(),
                first: kind.has_more().then(|| "/directories/019d/groups/7".to_owned()),
                next: kind.has_more().then(|| "/directories/019d/groups/7?after=x".to_owned()),
                inside: (0..kind.rows(SHOWN)).map(|n| other(kind, n)).collect(),
                around: (0..kind.rows(SHOWN)).map(|n| other(kind, n)).collect(),
                roles: roles("MEMBER"),
                typed: String::new(),
                wrong: kind.wrong("They are a member already."),
                bar,
            }
        };
        let mirror = Bar::mirror(Sample::Other, Tab::Groups).below();
        let mut samples = Sample::all_but(&[Sample::Held], page);
        samples.extend([
            (Sample::Other, Self { is_everyone: true, ..page(Sample::Other) }),
            (Sample::Other, Self { bar: mirror, ..page(Sample::Other) }),
        ]);
        samples
    }
}

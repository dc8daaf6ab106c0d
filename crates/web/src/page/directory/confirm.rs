//! The dialogs that ask once more before something of the directory changes, and say what it would do at the apps: a timer that
//! starts, an account that comes.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use usher_model::directory::OrgUnitPath;
use usher_model::id::{GroupId, UserId};
use usher_store::directory::{self, Directory};
use usher_store::{Tx, access, app};

use super::resource::full_name;
use super::user::find;
use super::{Bar, Choice, Edited, Tab, edit, editable, frame, read, unit_choices, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::{Becomes, Consequence, DirectoryEdit};
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// The dialog, as a page of its own: it works without a script.
#[derive(Template)]
#[template(path = "directory/confirm.html")]
pub(crate) struct ConfirmPage {
    pub(super) frame: Frame,
    pub(super) bar: Bar,
    pub(super) action: String,
    pub(super) cancel: String,
    pub(super) button: &'static str,
    pub(super) is_bad: bool,
    pub(super) text: Vec<String>,
    /// Into which unit, where that is asked.
    pub(super) units: Vec<Choice>,
    /// Where the page is asked again for another unit.
    pub(super) look: Option<String>,
    pub(super) consequences: Vec<Consequence>,
    /// What else the form carries.
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) wrong: Option<String>,
}

/// What is asked about a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Suspend,
    Activate,
    Archive,
    Unarchive,
    Delete,
    Restore,
    Move,
}

impl Deed {
    fn named(name: &str) -> Result<Self, Failure> {
        Ok(match name {
            "suspend" => Self::Suspend,
            "activate" => Self::Activate,
            "archive" => Self::Archive,
            "unarchive" => Self::Unarchive,
            "delete" => Self::Delete,
            "restore" => Self::Restore,
            "move" => Self::Move,
            _ => return Err(Failure::NotFound),
        })
    }

    /// The words on the button, and what it means in the directory.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Suspend => (
                "Suspend",
                "They stay in the directory, in their unit and in their groups, and can be activated again.",
            ),
            Self::Activate => (
                "Activate",
                "They are active again. Timers that run because they were suspended are dropped.",
            ),
            Self::Archive => {
                ("Archive", "They stay in the directory. Archiving starts no timer and stops none.")
            }
            Self::Unarchive => ("Unarchive", "They are what they were before they were archived."),
            Self::Delete => (
                "Delete",
                "They lose their addresses and leave every group. For 20 days they can be restored; groups are not.",
            ),
            Self::Restore => (
                "Restore",
                "They are back with the address they had, and with those other ones that nobody else has taken.",
            ),
            Self::Move => ("Move", "They stay in their groups."),
        }
    }

    fn becomes(self, unit: Option<&OrgUnitPath>) -> Option<Becomes> {
        match self {
            Self::Suspend => Some(Becomes::Suspended),
            Self::Archive => Some(Becomes::Archived),
            Self::Delete => Some(Becomes::Deleted),
            Self::Move => unit.cloned().map(Becomes::In),
            Self::Activate | Self::Unarchive | Self::Restore => None,
        }
    }

    fn edit(self, user: &str, unit: &str) -> Result<DirectoryEdit, Failure> {
        let user = UserId::new(user);
        let unit = || OrgUnitPath::parse(unit).map_err(|error| Failure::Unreadable(error.to_string()));
        Ok(match self {
            Self::Suspend => DirectoryEdit::Suspend { user, on: true },
            Self::Activate => DirectoryEdit::Suspend { user, on: false },
            Self::Archive => DirectoryEdit::Archive { user, on: true },
            Self::Unarchive => DirectoryEdit::Archive { user, on: false },
            Self::Delete => DirectoryEdit::DeleteUser(user),
            Self::Restore => DirectoryEdit::RestoreUser { user, unit: unit()? },
            Self::Move => DirectoryEdit::MoveUser { user, unit: unit()? },
        })
    }
}

/// Into which unit.
#[derive(Deserialize)]
pub(crate) struct Into {
    unit: Option<String>,
}

/// Asks about a user.
pub(crate) async fn ask_user(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, user, what)): Path<(String, String, String)>,
    Query(Into { unit }): Query<Into>,
) -> Result<Response, Failure> {
    user_page(&console, &signed, &id, (&user, &what), unit.as_deref(), None).await
}

async fn user_page(
    console: &Console,
    signed: &Signed,
    id: &str,
    (user, what): (&str, &str),
    unit: Option<&str>,
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let deed = Deed::named(what)?;
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Users).await?;
    editable(&bar)?;
    let bar = bar.below();
    let person = find(&mut tx, &found, user).await?;
    let chosen = unit.and_then(|unit| OrgUnitPath::parse(unit).ok());
    let asks_unit = matches!(deed, Deed::Move | Deed::Restore);
    let current = chosen.clone().unwrap_or_else(|| person.user.org_unit.clone());
    let units = if asks_unit { unit_choices(&mut tx, &found.id, &current).await? } else { Vec::new() };
    drop(tx);
    let consequences = match deed.becomes(chosen.as_ref()) {
        Some(becomes) => console.hands().consequences(&found.id, &person.user.id, &becomes).await?,
        None => Vec::new(),
    };
    let (button, meaning) = deed.words();
    let here = format!("{}/change/{what}", bar.user(user));
    Ok(html(&ConfirmPage {
        frame: frame(signed, Tab::Users, format!("{button} {}?", full_name(&person))),
        cancel: bar.user(user),
        look: (deed == Deed::Move).then(|| here.clone()),
        action: here,
        button,
        is_bad: matches!(deed, Deed::Suspend | Deed::Delete),
        text: vec![person.user.primary_email.to_string(), meaning.to_owned()],
        hidden: Vec::new(),
        units,
        consequences,
        bar,
        wrong,
    }))
}

/// Does it.
pub(crate) async fn change_user(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, user, what)): Path<(String, String, String)>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), &signed, &id, Tab::Users).await?;
    drop(tx);
    editable(&bar)?;
    let unit = fields.get("unit");
    if fields.get("do") == "look" {
        let here = format!("{}/change/{what}", bar.user(&user));
        return Ok(Redirect::to(&with_query(&here, &[("unit", unit)])).into_response());
    }
    let made = Deed::named(&what)?.edit(&user, unit)?;
    match edit(&console, &signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.user(&user)).into_response()),
        Edited::Refused(why) => {
            user_page(&console, &signed, &id, (&user, &what), Some(unit), Some(why)).await
        }
    }
}

/// Which member.
#[derive(Deserialize)]
pub(crate) struct Member {
    member: String,
}

/// Asks about a member of a group.
pub(crate) async fn ask_member(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, group)): Path<(String, String)>,
    Query(Member { member }): Query<Member>,
) -> Result<Response, Failure> {
    member_page(&console, &signed, &id, (&group, &member), None).await
}

async fn member_page(
    console: &Console,
    signed: &Signed,
    id: &str,
    (group, member): (&str, &str),
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Groups).await?;
    editable(&bar)?;
    let bar = bar.below();
    let group_id = GroupId::new(group);
    let of = directory::group_by_id(&mut tx, &found.id, &group_id).await?.ok_or(Failure::NotFound)?;
    let known = directory::member(&mut tx, &found.id, &group_id, member).await?.ok_or(Failure::NotFound)?;
    let mut text = Vec::new();
    let is_user = known.state.is_some();
    if !is_user {
        text.extend(uses(&mut tx, &found, &group_id).await?);
    }
    drop(tx);
    let consequences = if is_user {
        let user = UserId::new(member);
        console.hands().consequences(&found.id, &user, &Becomes::NotIn(group_id)).await?
    } else {
        Vec::new()
    };
    let who = known.email.unwrap_or(known.member.key);
    text.insert(0, format!("{who} is a member of {} no more.", of.email));
    Ok(html(&ConfirmPage {
        frame: frame(signed, Tab::Groups, format!("Take {who} out of {}?", of.name)),
        action: format!("{}/remove", bar.group(group)),
        cancel: bar.group(group),
        button: "Take out",
        is_bad: true,
        text,
        units: Vec::new(),
        look: None,
        consequences,
        hidden: vec![("member", member.to_owned())],
        bar,
        wrong,
    }))
}

/// Takes one out.
pub(crate) async fn remove_member(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, group)): Path<(String, String)>,
    Posted(Member { member }): Posted<Member>,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), &signed, &id, Tab::Groups).await?;
    drop(tx);
    editable(&bar)?;
    let made = DirectoryEdit::RemoveMember { group: GroupId::new(group.as_str()), member: member.clone() };
    match edit(&console, &signed, &made).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.group(&group)).into_response()),
        Edited::Refused(why) => member_page(&console, &signed, &id, (&group, &member), Some(why)).await,
    }
}

/// What apps a group means something to, by itself or as a part of others.
pub(super) async fn uses(tx: &mut Tx, found: &Directory, group: &GroupId) -> Result<Vec<String>, Failure> {
    let graph = directory::group_graph(tx, &found.id).await?;
    let above = graph.above(&std::collections::BTreeSet::from([group.clone()]));
    let mut said = Vec::new();
    for app in app::list(tx).await?.into_iter().filter(|app| app.directory == found.id) {
        let access = access::access_list(tx, &app.id).await?;
        let scope = access::scope(tx, &app.id).await?;
        let name = &app.name;
        if access.groups.iter().any(|granted| above.contains(&granted.group)) {
            said.push(format!(
                "{name} is turned on for this group: whoever has access through it alone loses it, and their timers start."
            ));
        }
        if scope.iter().any(|scoped| above.contains(&scoped.group)) {
            said.push(format!(
                "This group is in the provisioning scope of {name}: whoever is in scope through it alone leaves it, and their \
                 timers start."
            ));
        }
    }
    Ok(said)
}

#[cfg(test)]
impl ConfirmPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let consequence = |n: usize| Consequence {
            app: format!("aws-{n}"),
            what: format!(
                "A timer starts at aws-{n}: their account is suspended on 2026-12-07 02:50 UTC, because they are suspended in the directory."
            ),
            is_loss: n.is_multiple_of(2),
        };
        let unit = |kind: Sample, n: usize| {
            let path = format!("/{}", kind.name(n, &n.to_string()));
            Choice::new(path.clone(), path, "/1")
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Users, &format!("Move {}?", kind.name(0, "Ada Byron"))),
            bar: Bar::sample(kind, Tab::Users).below(),
            action: "/directories/019d/users/7/change/move".into(),
            cancel: "/directories/019d/users/7".into(),
            button: "Move",
            is_bad: false,
            text: vec![kind.address("ada@example.com"), "They stay in their groups.".into()],
            units: (0..kind.rows(1_000)).map(|n| unit(kind, n)).collect(),
            look: (kind != Sample::Empty).then(|| "/directories/019d/users/7/change/move".to_owned()),
            consequences: (0..kind.rows(50)).map(consequence).collect(),
            hidden: Vec::new(),
            wrong: kind.wrong("It is not there any more."),
        };
        let take_out = Self {
            frame: Frame::sample(Sample::Other, Place::Groups, "Take ada@example.com out of Cloud?"),
            is_bad: true,
            units: Vec::new(),
            look: None,
            hidden: vec![("member", "7".into())],
            ..page(Sample::Other)
        };
        let mut samples = Sample::all_but(&[Sample::Held], page);
        samples.push((Sample::Other, take_out));
        samples
    }
}

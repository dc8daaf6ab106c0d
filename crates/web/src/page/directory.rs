//! The pages of a directory: what they have in common, and one file for each.

pub(crate) mod check;
pub(crate) mod confirm;
pub(crate) mod directories;
pub(crate) mod domains;
pub(crate) mod google;
pub(crate) mod group;
pub(crate) mod group_form;
pub(crate) mod groups;
pub(crate) mod import;
pub(crate) mod imported;
pub(crate) mod resource;
pub(crate) mod routes;
pub(crate) mod schema_form;
pub(crate) mod schemas;
pub(crate) mod sent_file;
pub(crate) mod take_away;
pub(crate) mod unit_form;
pub(crate) mod units;
pub(crate) mod user;
pub(crate) mod user_form;
pub(crate) mod users;

use std::fmt::Write as _;

use axum::response::{IntoResponse, Redirect, Response};
use usher_model::directory::{OrgUnitPath, UserState};
use usher_model::id::DirectoryId;
use usher_store::directory::{self, Directory, DirectoryKind, Mark};
use usher_store::{Store, StoreError, Tx};

use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, TURNED, instant, is_turning, sentence};
use crate::hands::{Author, DirectoryEdit, NotEdited};
use crate::session::Signed;

/// A page of a directory, in its row of tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Users,
    Groups,
    Units,
    Domains,
    Schemas,
    Import,
    Google,
}

/// What stands above every page of a directory.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) is_embedded: bool,
    pub(crate) tab: Tab,
    /// The page is one that is reached from another one of its tab.
    pub(crate) is_below: bool,
    /// Of a mirror: how fresh it is.
    pub(crate) listed: Option<String>,
    /// Whoever looks may edit it.
    pub(crate) edits: bool,
}

impl Bar {
    /// A page of the directory.
    pub(crate) fn at(&self, page: &str) -> String {
        format!("/directories/{}/{page}", self.id)
    }

    /// The page of a user.
    pub(crate) fn user(&self, id: &str) -> String {
        self.at(&format!("users/{}", segment(id)))
    }

    /// The page of a group.
    pub(crate) fn group(&self, id: &str) -> String {
        self.at(&format!("groups/{}", segment(id)))
    }

    /// Where a tab leads, what it says, and whether it is this one.
    pub(crate) fn tabs(&self) -> Vec<(String, &'static str, bool)> {
        let last = if self.is_embedded {
            (Tab::Import, "import", "Import")
        } else {
            (Tab::Google, "google", "Sign-in at Google")
        };
        [
            (Tab::Users, "users", "Users"),
            (Tab::Groups, "groups", "Groups"),
            (Tab::Units, "units", "Organizational units"),
            (Tab::Domains, "domains", "Domains"),
            (Tab::Schemas, "schemas", "Custom attributes"),
            last,
        ]
        .map(|(tab, page, words)| (self.at(page), words, tab == self.tab))
        .into()
    }

    /// What the tab is called that a page below it belongs to, and where that leads.
    pub(crate) fn above(&self) -> Option<(String, &'static str)> {
        let tab = self.tabs().into_iter().find(|(_, _, is_here)| *is_here);
        tab.filter(|_| self.is_below).map(|(href, words, _)| (href, words))
    }

    pub(crate) fn below(self) -> Self {
        Self { is_below: true, ..self }
    }

    #[cfg(test)]
    pub(crate) fn sample(kind: crate::sample::Sample, tab: Tab) -> Self {
        Self {
            id: "019d".into(),
            name: kind.name(0, "embedded"),
            is_embedded: true,
            tab,
            is_below: false,
            listed: None,
            edits: true,
        }
    }

    #[cfg(test)]
    pub(crate) fn mirror(kind: crate::sample::Sample, tab: Tab) -> Self {
        Self {
            is_embedded: false,
            listed: Some("listed 2026-11-30 02:50 UTC".into()),
            edits: false,
            ..Self::sample(kind, tab)
        }
    }
}

/// A transaction that reads, the directory that a page is about, and what stands above the page.
pub(crate) async fn read(
    store: &Store,
    signed: &Signed,
    id: &str,
    tab: Tab,
) -> Result<(Tx, Directory, Bar), Failure> {
    let mut tx = store.read("web::directory").await?;
    let found = directory::by_id(&mut tx, &DirectoryId::new(id)).await?.ok_or(Failure::NotFound)?;
    let bar = bar(&mut tx, &found, signed, tab).await?;
    Ok((tx, found, bar))
}

async fn bar(tx: &mut Tx, found: &Directory, signed: &Signed, tab: Tab) -> Result<Bar, StoreError> {
    let is_embedded = found.kind == DirectoryKind::Embedded;
    let listed = if is_embedded { None } else { Some(freshness(tx, found).await?) };
    let edits = is_embedded && signed.role.has(usher_model::admin::Right::Configure);
    Ok(Bar {
        id: found.id.to_string(),
        name: found.name.clone(),
        is_embedded,
        tab,
        is_below: false,
        listed,
        edits,
    })
}

/// How fresh a mirror is.
pub(crate) async fn freshness(tx: &mut Tx, found: &Directory) -> Result<String, StoreError> {
    let mirrored = directory::mirrored(tx, &found.id).await?.unwrap_or_default();
    Ok(match (mirrored.listed_at, mirrored.failing) {
        (Some(at), None) => format!("listed {}", instant(at)),
        (None, None) => "not listed yet".to_owned(),
        (at, Some((why, since))) => {
            let at = at.map_or_else(|| "never listed".to_owned(), |at| format!("listed {}", instant(at)));
            format!("{at}; it cannot be read since {}: {why}", instant(since))
        }
    })
}

/// Refuses what cannot be edited: a mirror is Google's to edit.
pub(crate) fn editable(bar: &Bar) -> Result<(), Failure> {
    let refused = || {
        Failure::Unreadable(
            "this directory is a mirror of a Google Workspace: edit it in Google’s Admin console, and it follows".to_owned(),
        )
    };
    if bar.is_embedded { Ok(()) } else { Err(refused()) }
}

/// What is around a page of a directory.
pub(crate) fn frame(signed: &Signed, tab: Tab, title: impl Into<String>) -> Frame {
    let place = match tab {
        Tab::Users => Place::Users,
        Tab::Groups => Place::Groups,
        Tab::Units => Place::Units,
        Tab::Domains | Tab::Schemas | Tab::Import | Tab::Google => Place::Directories,
    };
    Frame::new(signed, place, title)
}

/// What became of an edit of the directory.
pub(crate) enum Edited {
    /// It is made; with the id of what was made.
    Done(Option<String>),
    /// It is not, and why.
    Refused(String),
}

/// What is said to the second of two.
const STALE: &str = "Somebody else changed this while you had the page open. Nothing of yours was saved, and nothing of theirs was \
                     overwritten: this is what is set now.";

/// Makes an edit.
pub(crate) async fn edit(
    console: &Console,
    signed: &Signed,
    edit: &DirectoryEdit,
) -> Result<Edited, Failure> {
    if is_turned(edit) {
        return Ok(Edited::Refused(TURNED.to_owned()));
    }
    let by = Author { who: signed.email.as_str(), address: &signed.address };
    match console.hands().edit_directory(edit, by).await {
        Ok(id) => Ok(Edited::Done(id)),
        Err(NotEdited::Because(why)) => Ok(Edited::Refused(sentence(&why))),
        Err(NotEdited::Stale) => Ok(Edited::Refused(STALE.to_owned())),
        Err(NotEdited::NotFound) => Err(Failure::NotFound),
        Err(NotEdited::Store(error)) => Err(error.into()),
    }
}

/// Whether a name in it turns the direction of writing.
fn is_turned(edit: &DirectoryEdit) -> bool {
    let text = |text: &str| text.chars().any(is_turning);
    let all = |value: &serde_json::Map<String, serde_json::Value>| {
        text(&serde_json::to_string(value).unwrap_or_default())
    };
    match edit {
        DirectoryEdit::CreateUser(resource)
        | DirectoryEdit::UpdateUser { resource, .. }
        | DirectoryEdit::CreateGroup(resource)
        | DirectoryEdit::UpdateGroup { resource, .. } => all(resource),
        DirectoryEdit::CreateUnit { name, description, .. }
        | DirectoryEdit::UpdateUnit { name, description, .. } => text(name) || text(description),
        DirectoryEdit::CreateSchema { name, display_name, fields }
        | DirectoryEdit::UpdateSchema { name, display_name, fields } => {
            text(name) || text(display_name) || fields.iter().any(|field| text(&field.to_string()))
        }
        DirectoryEdit::MoveUser { .. }
        | DirectoryEdit::Suspend { .. }
        | DirectoryEdit::Archive { .. }
        | DirectoryEdit::DeleteUser(_)
        | DirectoryEdit::RestoreUser { .. }
        | DirectoryEdit::UserAlias { .. }
        | DirectoryEdit::DeleteGroup(_)
        | DirectoryEdit::AddMember { .. }
        | DirectoryEdit::RemoveMember { .. }
        | DirectoryEdit::DeleteUnit(_)
        | DirectoryEdit::AddDomain(_)
        | DirectoryEdit::RemoveDomain(_)
        | DirectoryEdit::DeleteSchema(_) => false,
    }
}

/// The directory that the navigation means: the first app's, else the embedded one, else any.
pub(crate) async fn usual(
    axum::extract::State(console): axum::extract::State<Console>,
    axum::extract::Path(page): axum::extract::Path<String>,
) -> Result<Response, Failure> {
    let mut tx = console.store().read("web::usual_directory").await?;
    let all = directory::list(&mut tx).await?;
    let apps = usher_store::app::list(&mut tx).await?;
    let of_app = apps.first().map(|app| app.directory.clone());
    let embedded = all.iter().find(|one| one.kind == DirectoryKind::Embedded).or(all.first());
    let id = of_app.or_else(|| embedded.map(|one| one.id.clone()));
    let is_page = matches!(page.as_str(), "users" | "groups" | "units");
    let to = match id.filter(|_| is_page) {
        Some(id) => format!("/directories/{id}/{page}"),
        None => "/directories".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}

/// A state in a word, with its tone.
pub(crate) fn state_words(state: UserState) -> (&'static str, &'static str) {
    match state {
        UserState::Active => ("Active", "good"),
        UserState::Suspended { .. } => ("Suspended", "warn"),
        UserState::Archived { .. } => ("Archived", "calm"),
        UserState::Deleted { .. } => ("Deleted", "bad"),
        UserState::Unlisted => ("Not listed", "warn"),
    }
}

/// A choice of a list.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) words: String,
    pub(crate) is_chosen: bool,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, words: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        Self { is_chosen: value == chosen, words: words.into(), value }
    }
}

/// Every unit as a choice, the root first.
pub(crate) async fn unit_choices(
    tx: &mut Tx,
    id: &DirectoryId,
    chosen: &OrgUnitPath,
) -> Result<Vec<Choice>, StoreError> {
    let units = directory::org_unit_records(tx, id).await?;
    let paths = std::iter::once(OrgUnitPath::root()).chain(units.into_iter().map(|record| record.path));
    let is = |path: &OrgUnitPath| path.folded() == chosen.folded();
    Ok(paths
        .map(|path| Choice { is_chosen: is(&path), words: path.to_string(), value: path.to_string() })
        .collect())
}

/// Reads a mark from an address; one that is none means the beginning.
pub(crate) fn mark(text: Option<&str>) -> Option<Mark> {
    text.and_then(|text| serde_json::from_str(text).ok())
}

/// An address with these parameters, without those that are empty.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    match serde_urlencoded::to_string(&pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        Ok(_) | Err(_) => path.to_owned(),
    }
}

/// The page of somebody of a directory.
pub(crate) fn page_of_user(directory: &str, user: &str) -> String {
    format!("/directories/{}/users/{}", segment(directory), segment(user))
}

/// A text as one part of a path (RFC 3986 §2.3).
pub(crate) fn segment(text: &str) -> String {
    let mut segment = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_part_of_a_path_whatever_is_in_it() {
        assert_eq!(segment("11 a/b?c#ü"), "11%20a%2Fb%3Fc%23%C3%BC");
        assert_eq!(segment("a-b._~9"), "a-b._~9");
    }

    #[test]
    fn empty_parameters_are_left_out() {
        assert_eq!(with_query("/a", &[("q", "x y"), ("state", "")]), "/a?q=x+y");
        assert_eq!(with_query("/a", &[("q", "")]), "/a");
    }
}

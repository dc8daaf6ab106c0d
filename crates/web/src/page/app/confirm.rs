//! The dialogs that ask once more: *Turn off*, *Delete configuration*, removing the app.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;

use super::change::{Committed, commit};
use super::done::Done;
use super::overview::Nothing;
use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::{Consequence, Edit};
use crate::posted::Posted;
use crate::session::Signed;

/// The dialog, as a page of its own: it works without a script.
#[derive(Template)]
#[template(path = "app/confirm.html")]
pub(crate) struct ConfirmPage {
    pub(crate) frame: Frame,
    pub(crate) bar: Bar,
    pub(crate) action: String,
    pub(crate) cancel: String,
    pub(crate) button: &'static str,
    pub(crate) is_bad: bool,
    pub(crate) text: Vec<String>,
    /// What becomes of the first whom it concerns.
    pub(crate) consequences: Vec<Consequence>,
    /// What else the form carries.
    pub(crate) hidden: Vec<(&'static str, String)>,
    pub(crate) wrong: Option<String>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    TurnOff,
    Unconfigure,
    Remove,
}

impl Question {
    fn edit(self) -> Edit {
        match self {
            Self::TurnOff => Edit::TurnOff,
            Self::Unconfigure => Edit::Unconfigure,
            Self::Remove => Edit::Remove,
        }
    }

    fn page(self, signed: &Signed, bar: Bar, wrong: Option<String>) -> ConfirmPage {
        let template = bar.template;
        let (title, button, at, back, text) = match self {
            Self::TurnOff => (
                "Turn off auto-provisioning?".to_owned(),
                "Turn off",
                "turn-off",
                "auto-provisioning",
                vec![
                    "Nothing is sent any more, and due dates wait. The configuration stays as it is.".to_owned(),
                    format!("Every account at {template} stays as it is."),
                ],
            ),
            Self::Unconfigure => (
                "Delete the configuration?".to_owned(),
                "Delete",
                "auto-provisioning/delete",
                "auto-provisioning",
                vec![
                    "This deactivates auto-provisioning and removes all the configuration information: authorization, attribute \
                     mapping, provisioning time frames, timers, and what is on record of accounts."
                        .to_owned(),
                    format!("Existing users on {template} will not be deprovisioned. User access and the provisioning log stay."),
                ],
            ),
            Self::Remove => (
                format!("Remove {}?", bar.name),
                "Remove",
                "remove",
                "auto-provisioning",
                vec![
                    "This removes the app with its configuration, its records and its provisioning log.".to_owned(),
                    format!("Existing users on {template} will not be deprovisioned."),
                ],
            ),
        };
        ConfirmPage {
            frame: frame(signed, title),
            action: bar.at(at),
            cancel: bar.at(back),
            button,
            is_bad: self != Self::TurnOff,
            text,
            consequences: Vec::new(),
            hidden: Vec::new(),
            bar,
            wrong,
        }
    }
}

async fn ask(console: &Console, signed: &Signed, id: &str, question: Question) -> Result<Response, Failure> {
    let (_, app) = read(console.store(), id).await?;
    Ok(html(&question.page(signed, Bar::new(&app, Tab::Other), None)))
}

async fn answer(
    console: &Console,
    signed: &Signed,
    id: &str,
    question: Question,
    (next, done): (&str, Done),
) -> Result<Response, Failure> {
    let (_, app) = read(console.store(), id).await?;
    match commit(console, signed, &app.id, None, &question.edit()).await? {
        Committed::Done => Ok(done.at(next)),
        Committed::Stale => Err(Failure::Stale),
        Committed::Refused(why) => Ok(html(&question.page(signed, Bar::new(&app, Tab::Other), Some(why)))),
    }
}

/// Asks whether to turn it off.
pub(crate) async fn ask_turn_off(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    ask(&console, &signed, &id, Question::TurnOff).await
}

/// Turns it off.
pub(crate) async fn turn_off(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    answer(&console, &signed, &id, Question::TurnOff, (&format!("/apps/{id}"), Done::TurnedOff)).await
}

/// Asks whether to delete the configuration.
pub(crate) async fn ask_unconfigure(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    ask(&console, &signed, &id, Question::Unconfigure).await
}

/// Deletes the configuration.
pub(crate) async fn unconfigure(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    answer(&console, &signed, &id, Question::Unconfigure, (&format!("/apps/{id}"), Done::Deleted)).await
}

/// Asks whether to remove the app.
pub(crate) async fn ask_remove(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    ask(&console, &signed, &id, Question::Remove).await
}

/// Removes the app.
pub(crate) async fn remove(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    answer(&console, &signed, &id, Question::Remove, ("/apps", Done::Removed)).await
}

#[cfg(test)]
impl ConfirmPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::frame::number_of;
        use crate::sample::Sample;

        let consequence = |kind: Sample, n: usize| Consequence {
            app: "aws".into(),
            what: format!("{}: Their account at aws stays on.", kind.address("ada@example.com")),
            is_loss: n.is_multiple_of(2),
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Apps, &format!("Remove {}?", kind.name(0, "aws"))),
            bar: Bar::sample(kind, Tab::Other),
            action: "/apps/019a/remove".into(),
            cancel: "/apps/019a".into(),
            button: "Remove",
            is_bad: true,
            text: vec![format!("{} on record.", number_of(kind.count(), "account is", "accounts are"))],
            consequences: (0..kind.rows(10)).map(|n| consequence(kind, n)).collect(),
            hidden: vec![("sure", "yes".into())],
            wrong: kind.wrong("It is not there any more."),
        };
        let turn_off = Self {
            frame: Frame::sample(Sample::Other, Place::Apps, "Turn off auto-provisioning?"),
            button: "Turn off",
            is_bad: false,
            consequences: Vec::new(),
            hidden: Vec::new(),
            ..page(Sample::Other)
        };
        let mut samples = Sample::all_but(&[Sample::Empty], page);
        samples.push((Sample::Other, turn_off));
        samples
    }
}

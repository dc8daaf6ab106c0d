//! The pages of one app: what they have in common, and one file for each.

pub(crate) mod access;
pub(crate) mod add;
pub(crate) mod change;
pub(crate) mod chart;
pub(crate) mod confirm;
pub(crate) mod deprovisioning;
pub(crate) mod domains;
pub(crate) mod done;
pub(crate) mod drift;
pub(crate) mod due;
pub(crate) mod endpoint;
pub(crate) mod failures;
mod found_groups;
pub(crate) mod groups;
pub(crate) mod hold;
pub(crate) mod holds;
pub(crate) mod job;
pub(crate) mod log;
pub(crate) mod mapping;
pub(crate) mod on_demand;
pub(crate) mod overview;
pub(crate) mod plan;
pub(crate) mod runs;
pub(crate) mod scope;
pub(crate) mod settings;
pub(crate) mod sso;
pub(crate) mod token;
pub(crate) mod undo;

use usher_model::app::Status;
use usher_model::id::AppId;
use usher_model::template::Template;
use usher_store::app::{self, App};
use usher_store::{Store, StoreError, Tx};

use super::apps::{tone, words};
use super::directory::page_of_user;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped};
use crate::notebook::By;
use crate::session::Signed;

/// A page of an app, in its row of tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Overview,
    Settings,
    Due,
    Holds,
    Failures,
    Drift,
    Runs,
    Log,
    OnDemand,
    Groups,
    /// One that is reached from another page.
    Other,
}

/// What stands above every page of an app.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) id: String,
    /// The directory behind the app.
    pub(crate) directory: String,
    pub(crate) name: String,
    pub(crate) template: &'static str,
    pub(crate) status: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) n_holds: u64,
    pub(crate) is_configured: bool,
    pub(crate) tab: Tab,
    /// What was just done.
    pub(crate) done: Option<&'static str>,
}

impl Bar {
    pub(crate) fn new(app: &App, tab: Tab) -> Self {
        let status = app.status();
        Self {
            id: app.id.to_string(),
            directory: app.directory.to_string(),
            name: app.name.clone(),
            template: Template::by_key(&app.template).map_or("unknown template", |template| template.name),
            status: words(status),
            tone: tone(status, false),
            n_holds: app.n_open_holds,
            is_configured: status != Status::NotConfigured,
            tab,
            done: None,
        }
    }

    /// A page of the app: nothing for its first.
    pub(crate) fn at(&self, page: &str) -> String {
        if page.is_empty() { format!("/apps/{}", self.id) } else { format!("/apps/{}/{page}", self.id) }
    }

    /// The page of somebody of the directory behind the app.
    pub(crate) fn person(&self, id: &str) -> String {
        page_of_user(&self.directory, id)
    }

    /// Where a tab leads, what it says, and whether it is this one.
    pub(crate) fn tabs(&self) -> Vec<(String, &'static str, bool)> {
        [
            (Tab::Overview, "", "Overview"),
            (Tab::Settings, "auto-provisioning", "Auto-provisioning"),
            (Tab::Due, "due", "Who loses what, when"),
            (Tab::Holds, "holds", "Holds"),
            (Tab::Failures, "failures", "Failures"),
            (Tab::Drift, "drift", "Drift"),
            (Tab::Runs, "runs", "Runs"),
            (Tab::Log, "log", "Provisioning log"),
            (Tab::OnDemand, "on-demand", "Provision on demand"),
            (Tab::Groups, "groups", "Groups"),
        ]
        .map(|(tab, page, words)| (self.at(page), words, tab == self.tab))
        .into()
    }

    /// How many holds wait for a person.
    pub(crate) fn holds(&self) -> String {
        grouped(self.n_holds)
    }

    #[cfg(test)]
    pub(crate) fn sample(kind: crate::sample::Sample, tab: Tab) -> Self {
        use crate::sample::Sample;

        let n_holds = if kind.has_more() { 1_234 } else { u64::from(kind == Sample::Held) };
        let status = if n_holds > 0 { Status::Held } else { Status::Active };
        Self {
            id: "019a".into(),
            directory: "019d".into(),
            name: kind.name(0, "aws"),
            template: "Amazon Web Services",
            status: words(status),
            tone: tone(status, false),
            n_holds,
            is_configured: true,
            tab,
            done: None,
        }
    }
}

/// A transaction that reads, and the app that a page is about.
pub(crate) async fn read(store: &Store, id: &str) -> Result<(Tx, App), Failure> {
    let mut tx = store.read("web::app").await?;
    let app = find(&mut tx, id).await?;
    Ok((tx, app))
}

/// The app that a page is about.
pub(crate) async fn find(tx: &mut Tx, id: &str) -> Result<App, Failure> {
    app::by_id(tx, &AppId::new(id)).await?.ok_or(Failure::NotFound)
}

/// The app's template.
pub(crate) fn template(app: &App) -> Result<&'static Template, Failure> {
    Template::by_key(&app.template)
        .ok_or_else(|| Failure::internal(format!("the template {} is unknown", app.template)))
}

/// What is around a page of an app.
pub(crate) fn frame(signed: &Signed, title: impl Into<String>) -> Frame {
    Frame::new(signed, Place::Apps, title)
}

/// Who does something.
pub(crate) fn by(signed: &Signed) -> By<'_> {
    By { who: signed.email.as_str(), address: &signed.address }
}

/// Writes down that an admin asked for something that is done by the engine, in transactions of its own.
pub(crate) async fn note_asked(
    console: &Console,
    signed: &Signed,
    kind: &'static str,
    subject: &str,
    after: Option<serde_json::Value>,
) -> Result<(), StoreError> {
    let mut tx = console.store().begin("web::asked").await?;
    let deed = crate::notebook::Deed { kind, subject, before: None, after };
    crate::notebook::note(&mut tx, console, by(signed), deed).await?;
    tx.commit().await
}

//! What is set of an app's groups, what that selects now, and what the app has.

use std::collections::BTreeSet;

use serde::Serialize;
use usher_engine::mirror::needs;
use usher_model::group::selection::{Pattern, Selection};
use usher_model::group::{ForeignMembers, GroupSettings, SuspendedMembers};
use usher_store::app::App;
use usher_store::group;
use usher_store::{Tx, directory};

use crate::commands::at_app::AtApp;
use crate::failure::Failure;
use crate::output::number_of;

/// What is set, as scripts rely on it.
#[derive(Debug, Serialize)]
pub(crate) struct GroupsView {
    /// `off`, `scope` or `chosen`.
    selection: &'static str,
    /// The groups that were chosen one by one, by the address that they have now.
    groups: Vec<String>,
    patterns: BTreeSet<Pattern>,
    suspended: SuspendedMembers,
    foreign: ForeignMembers,
    /// After how long outside the selection a group is deleted; none: never.
    deselected: Option<String>,
    /// How many of the directory's groups that selects now.
    selected: u64,
    at_app: AtApp,
}

impl GroupsView {
    pub(in crate::commands::app) async fn load(
        tx: &mut Tx,
        app: &App,
        settings: &GroupSettings,
    ) -> Result<Self, Failure> {
        let (mut groups, mut patterns) = (Vec::new(), BTreeSet::new());
        let selection = match &settings.selection {
            Selection::Off => "off",
            Selection::Scope => "scope",
            Selection::Chosen(chosen) => {
                let ids = chosen.groups.keys().cloned().collect();
                let now = directory::groups(tx, &app.directory, &ids).await?;
                let address = |(id, known)| now.get(id).map_or(known, |record| &record.group.email);
                groups = chosen.groups.iter().map(address).map(ToString::to_string).collect();
                patterns = chosen.patterns.clone();
                "chosen"
            }
        };
        Ok(Self {
            selection,
            groups,
            patterns,
            suspended: settings.suspended,
            foreign: settings.foreign,
            deselected: settings.deselected.map(|delay| delay.to_string()),
            selected: needs::provisioned(tx, &app.directory, app).await?.len() as u64,
            at_app: AtApp::new(group::counts(tx, &app.id).await?),
        })
    }

    /// Which groups, in one line.
    pub(in crate::commands::app) fn text(&self) -> String {
        let selected = number_of(self.selected, "group", "groups");
        match self.selection {
            "off" => "none".to_owned(),
            "scope" => format!("those of the provisioning scope ({selected} now)"),
            _ => format!("{} ({selected} now)", self.words()),
        }
    }

    fn words(&self) -> String {
        let words = self.groups.iter().map(String::as_str).chain(self.patterns.iter().map(Pattern::as_str));
        words.collect::<Vec<_>>().join(", ")
    }

    /// Everything, by name.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let suspended = match self.suspended {
            SuspendedMembers::Stay => "accounts that are off stay in their groups",
            SuspendedMembers::Leave => {
                "accounts that are off leave their groups, and come back when they are on"
            }
        };
        let foreign = match self.foreign {
            ForeignMembers::Keep => "members that Usher did not add stay",
            ForeignMembers::Remove => "members that Usher did not add are taken out",
        };
        let deselected = match self.deselected.as_deref() {
            None => "groups outside the selection are left alone".to_owned(),
            Some("24h") => "groups outside the selection are deleted with the next run".to_owned(),
            Some(days) => format!("groups outside the selection are deleted after {days}"),
        };
        let mut facts = vec![("groups", self.text())];
        if self.selection == "off" && !self.at_app.is_empty() {
            facts.push(("", "those that were provisioned stay as they are".to_owned()));
        }
        facts.extend([
            ("suspended", suspended.to_owned()),
            ("foreign", foreign.to_owned()),
            ("deselected", deselected),
            ("at the app", self.at_app.text()),
        ]);
        facts
    }
}

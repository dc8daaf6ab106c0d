//! Apps: what is configured, what state they are in, and the fence that makes their runs exclusive.
//!
//! # Invariants
//!
//! 1. A run writes only while the app's row carries its epoch and its id ([`fence`]). The row stays taken until the
//!    transaction ends, so two runs never write at the same time either.
//! 2. Whatever changes what a run may do counts `config_version` up; a run that began with another one stops.
//! 3. The token is sealed for its app's row, and is never part of [`App`].
//! 4. `enabled_at` is set exactly while provisioning is on: the time on is a sum that an outage cannot use up.
//!
//! Not here: access and scope (`access`), and whether an app may be turned on (`usher_model::app::Readiness`).

mod configure;
mod draft;
mod lease;
mod row;
mod sign_on;
mod switch;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use usher_model::app::{Readiness, Settings, Status};
use usher_model::id::{AppId, DirectoryId};
use usher_model::mapping::Mapping;
use usher_model::mutant::{self, Mutant};
use usher_model::template::Template;
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::access::AccessList;
use crate::columns::instant;
use crate::sql::Tx;

pub use configure::{Grant, authorize, configure, set_mapping, token, unconfigure};
pub use draft::{draft, drop_drafts, keep_draft};
pub use lease::{
    Lease, Pulse, begin_run, fence, is_told, pulse, quarantine, recovered, refused, set_groups_listed,
    set_listed, set_shows_members,
};
pub use sign_on::{SignOn, set_sign_on, sign_on};
pub use switch::{accept_people, disable, due, enable, set_next_run, touch, wake};

/// An app as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    pub id: AppId,
    /// What people call it; unique.
    pub name: String,
    /// The name of the template it was made from.
    pub template: String,
    pub directory: DirectoryId,
    /// None: not configured.
    pub settings: Option<Settings>,
    /// Assignments as text; empty: the template's own mapping.
    pub mapping: Vec<String>,
    pub endpoint: Option<String>,
    /// Whether a token is stored; [`token`] reads it.
    pub has_token: bool,
    pub token_set_at: Option<Timestamp>,
    /// When the app generated the token; none: nobody knows.
    pub token_created_at: Option<Timestamp>,
    pub is_enabled: bool,
    pub on: On,
    /// Counts changes of the configuration, access and scope included.
    pub config_version: i64,
    /// When the app refused the token (401). Nothing is sent until a new one is given.
    pub refused_at: Option<Timestamp>,
    pub quarantine: Option<Quarantine>,
    /// When the app's accounts were last listed as a whole; none: not since it was authorized.
    pub listed_at: Option<Timestamp>,
    /// When the app's groups were last listed as a whole.
    pub groups_listed_at: Option<Timestamp>,
    /// Whether the app has ever shown who is in a group.
    pub shows_members: bool,
    /// How many people the last accepted listing of the directory had.
    pub accepted_people: Option<u64>,
    pub next_run_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub n_open_holds: u64,
}

/// The clock that runs only while provisioning is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct On {
    /// Since when it has been on without a break; none: it is off.
    pub enabled_at: Option<Timestamp>,
    /// How long it was on before that, in microseconds.
    pub micros: i64,
}

/// The app fails broadly, or answers 403.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantine {
    /// A sentence that says what it answered.
    pub why: String,
    /// How often in a row.
    pub n: u32,
    /// Not tried again before this instant.
    pub until: Timestamp,
}

/// What making an app needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApp {
    pub id: AppId,
    pub name: String,
    pub template: String,
    pub directory: DirectoryId,
    pub created_at: Timestamp,
}

impl App {
    /// The state as lists and cards show it. What needs a person first comes first.
    pub fn status(&self) -> Status {
        let selects_any =
            self.settings.as_ref().is_some_and(|settings| settings.deprovisioning.selects_any());
        // What was on once is configured; else it takes a token and a trigger.
        let was_ever_on = self.is_enabled || self.on.micros > 0;
        if self.settings.is_none() || !(was_ever_on || (selects_any && self.has_token)) {
            Status::NotConfigured
        } else if !self.is_enabled {
            Status::Inactive
        } else if self.refused_at.is_some() {
            Status::NeedsReauthorization
        } else if self.quarantine.is_some() {
            Status::Quarantined
        } else if self.n_open_holds > 0 {
            Status::Held
        } else {
            Status::Active
        }
    }

    /// Whether a run is to begin by itself: it is on, its time has come, and neither a refused token nor a quarantine is in
    /// the way.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.is_enabled
            && self.refused_at.is_none()
            && self.next_run_at.is_some_and(|at| at <= now)
            && self.quarantine.as_ref().is_none_or(|quarantine| quarantine.until <= now)
    }

    /// What is asked before it may be turned on, with this mapping of its template and this access.
    pub fn readiness(&self, template: &Template, mapping: &Mapping, access: &AccessList) -> Readiness {
        Readiness {
            on_for_somebody: access.is_on_for_somebody(),
            authorized: self.has_token && self.endpoint.is_some(),
            unmapped: mapping.unmapped(template),
            selects_a_trigger: self
                .settings
                .as_ref()
                .is_some_and(|settings| settings.deprovisioning.selects_any()),
        }
    }

    /// How long provisioning has been on in all, up to `now`.
    pub fn provisioning_on(&self, now: Timestamp) -> Duration {
        if mutant::lives(Mutant::DeleteClockNeverStops) {
            return now.since(self.created_at);
        }
        let before = Duration::from_micros(u64::try_from(self.on.micros).unwrap_or(0));
        before + self.on.enabled_at.map_or(Duration::ZERO, |enabled_at| now.since(enabled_at))
    }
}

const INSERT: &str = "\
-- store::app::insert
INSERT INTO app (id, name, template, directory, mapping, is_enabled, on_micros, config_version, epoch, created_at)
VALUES ($1, $2, $3, $4, '[]', 0, 0, 0, 0, $5)";

/// Makes an app that is not configured. One of the same name is a [`StoreError::is_unique_violation`].
pub async fn insert(tx: &mut Tx, app: &NewApp) -> Result<(), StoreError> {
    let NewApp { id, name, template, directory, created_at } = app;
    let values = [
        id.as_str().into(),
        name.as_str().into(),
        template.as_str().into(),
        directory.as_str().into(),
        instant(*created_at),
    ];
    tx.execute_one(INSERT, &values).await
}

const BY_NAME: &str = concat!("-- store::app::by_name\n", row::select!(), " WHERE app.name = $1");

/// The app of this name.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<App>, StoreError> {
    tx.opt_row(BY_NAME, &[name.into()]).await?.as_ref().map(row::app).transpose()
}

const BY_ID: &str = concat!("-- store::app::by_id\n", row::select!(), " WHERE app.id = $1");

/// The app with this id.
pub async fn by_id(tx: &mut Tx, id: &AppId) -> Result<Option<App>, StoreError> {
    tx.opt_row(BY_ID, &[id.as_str().into()]).await?.as_ref().map(row::app).transpose()
}

const LIST: &str = concat!("-- store::app::list\n", row::select!(), " ORDER BY app.name");

/// All apps, by name. There are hundreds at most.
pub async fn list(tx: &mut Tx) -> Result<Vec<App>, StoreError> {
    tx.rows(LIST, &[]).await?.iter().map(row::app).collect()
}

const REMOVE: &str = "\
-- store::app::remove
DELETE FROM app WHERE id = $1";

/// Removes an app and everything of it, its log included. No account at the app is touched.
pub async fn remove(tx: &mut Tx, id: &AppId) -> Result<(), StoreError> {
    // The app's row first: whoever holds a lease waits for it, and then finds it gone.
    tx.execute_one(REMOVE, &[id.as_str().into()]).await?;
    configure::forget_records(tx, id).await?;
    for sql in [
        "-- store::app::remove_units\nDELETE FROM app_unit WHERE app = $1",
        "-- store::app::remove_groups\nDELETE FROM app_group WHERE app = $1",
        "-- store::app::remove_scope\nDELETE FROM app_scope WHERE app = $1",
        "-- store::app::remove_sign_on\nDELETE FROM app_sign_on WHERE app = $1",
        "-- store::app::remove_drafts\nDELETE FROM app_draft WHERE app = $1",
        "-- store::app::remove_runs\nDELETE FROM run WHERE app = $1",
        "-- store::app::remove_events\nDELETE FROM event WHERE app = $1",
        "-- store::app::remove_event_tally\nDELETE FROM event_tally WHERE app = $1",
        "-- store::app::remove_group_events\nDELETE FROM group_event WHERE app = $1",
    ] {
        tx.execute(sql, &[id.as_str().into()]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

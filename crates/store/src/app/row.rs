//! An app's row, without its token.

use usher_model::id::{AppId, DirectoryId};

use super::{App, On};
use crate::StoreError;
use crate::sql::Row;

/// A macro, because a statement is one literal and several share these columns.
macro_rules! select {
    () => {
        "SELECT app.id, app.name, app.template, app.directory, app.settings, app.mapping, app.endpoint,
                app.token IS NOT NULL AS has_token, app.token_set_at, app.token_created_at, app.is_enabled,
                app.enabled_at, app.on_micros, app.config_version, app.refused_at, app.quarantine,
                app.listed_at, app.groups_listed_at, app.shows_members, app.accepted_people, app.next_run_at,
                app.created_at,
                (SELECT COUNT(*) FROM hold WHERE hold.app = app.id AND hold.state = 'open') AS n_open_holds
         FROM app"
    };
}
pub(super) use select;

pub(super) fn app(row: &Row) -> Result<App, StoreError> {
    Ok(App {
        id: AppId::new(row.text("id")?),
        name: row.text("name")?.to_owned(),
        template: row.text("template")?.to_owned(),
        directory: DirectoryId::new(row.text("directory")?),
        settings: row.opt_json("settings")?,
        mapping: row.json("mapping")?,
        endpoint: row.opt_text("endpoint")?.map(str::to_owned),
        has_token: row.truth("has_token")?,
        token_set_at: row.opt_instant("token_set_at")?,
        token_created_at: row.opt_instant("token_created_at")?,
        is_enabled: row.truth("is_enabled")?,
        on: On { enabled_at: row.opt_instant("enabled_at")?, micros: row.int("on_micros")? },
        config_version: row.int("config_version")?,
        refused_at: row.opt_instant("refused_at")?,
        quarantine: row.opt_json("quarantine")?,
        listed_at: row.opt_instant("listed_at")?,
        groups_listed_at: row.opt_instant("groups_listed_at")?,
        shows_members: row.truth("shows_members")?,
        accepted_people: row.opt_count("accepted_people")?,
        next_run_at: row.opt_instant("next_run_at")?,
        created_at: row.instant("created_at")?,
        n_open_holds: row.count("n_open_holds")?,
    })
}

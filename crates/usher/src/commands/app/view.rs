//! An app with all that is configured of it, as `usher app` shows it.

use serde::Serialize;
use usher_engine::setting;
use usher_model::access::Switch;
use usher_model::app::{Settings, Status};
use usher_model::cause::Delay;
use usher_model::lifecycle::DriftPolicy;
use usher_model::mapping::Mapping;
use usher_model::scope::Depth;
use usher_model::template::Template;
use usher_model::time::Timestamp;
use usher_store::access::{self, AccessList, Scoped};
use usher_store::app::App;
use usher_store::{Tx, directory};

use super::groups::view::GroupsView;
use crate::commands::token_age::TokenAge;
use crate::failure::Failure;

/// An app. This object is part of what scripts rely on.
#[derive(Debug, Serialize)]
pub(crate) struct AppView {
    app: String,
    template: String,
    directory: String,
    pub(super) status: Status,
    enabled: bool,
    endpoint: Option<String>,
    authorized: bool,
    token_set_at: Option<String>,
    /// When the app generated the token, and when it ends, as far as anybody knows.
    token_created_at: Option<String>,
    token_expires_at: Option<String>,
    /// What to do about its end, once that is near.
    token_warning: Option<String>,
    access: AccessView,
    scope: Vec<ScopeView>,
    /// Which groups it gets.
    pub(super) groups: GroupsView,
    /// The directory's primary domain and those added to it.
    domains: Vec<String>,
    deprovisioning: DeprovisioningView,
    drift: DriftPolicy,
    mapping: Vec<String>,
    open_holds: u64,
    next_run_at: Option<String>,
    /// What keeps it from being turned on.
    in_the_way: Vec<String>,
}

#[derive(Debug, Serialize)]
struct AccessView {
    units: Vec<UnitView>,
    groups: Vec<String>,
}

#[derive(Debug, Serialize)]
struct UnitView {
    unit: String,
    switch: Switch,
}

#[derive(Debug, Serialize)]
struct ScopeView {
    group: String,
    depth: Depth,
}

#[derive(Debug, Serialize)]
struct DeprovisioningView {
    app_off: Option<String>,
    suspended: Option<String>,
    deleted: Option<String>,
    hard_delete: Option<String>,
}

impl AppView {
    /// Reads everything of an app.
    pub(crate) async fn load(tx: &mut Tx, app: &App, now: Timestamp) -> Result<Self, Failure> {
        let settings = app.settings.clone().unwrap_or_default();
        let access = access::access_list(tx, &app.id).await?;
        let scope = access::scope(tx, &app.id).await?;
        let known = directory::domains(tx, &app.directory).await?;
        let directory = directory::by_id(tx, &app.directory).await?;
        let mapping = mapping(app)?;
        let token = TokenAge::of(app, now);
        let primary = known.into_iter().find(|domain| domain.is_primary).map(|domain| domain.name);
        Ok(Self {
            app: app.name.clone(),
            template: app.template.clone(),
            directory: directory.map_or_else(|| app.directory.to_string(), |directory| directory.name),
            status: app.status(),
            enabled: app.is_enabled,
            endpoint: app.endpoint.clone(),
            authorized: app.has_token,
            token_set_at: app.token_set_at.map(|at| at.to_string()),
            token_created_at: app.token_created_at.map(|at| at.to_string()),
            token_expires_at: token.expires_at,
            token_warning: token.warning,
            in_the_way: app
                .readiness(template(app)?, &mapping, &access)
                .in_the_way()
                .iter()
                .map(ToString::to_string)
                .collect(),
            access: access.into(),
            scope: scope.into_iter().map(ScopeView::from).collect(),
            groups: GroupsView::load(tx, app, &settings.groups).await?,
            domains: primary.into_iter().chain(settings.domains.iter().cloned()).collect(),
            deprovisioning: DeprovisioningView::new(&settings),
            drift: settings.drift,
            mapping: mapping.into(),
            open_holds: app.n_open_holds,
            next_run_at: app.next_run_at.map(|at| at.to_string()),
        })
    }

    /// For whom the app is on.
    pub(super) fn access(&self) -> String {
        let switch = |switch| match switch {
            Switch::On => "on",
            Switch::Off => "off",
        };
        let units = self.access.units.iter().map(|unit| format!("{} for {}", switch(unit.switch), unit.unit));
        let groups = self.access.groups.iter().map(|group| format!("on for the group {group}"));
        or(units.chain(groups), "on for nobody")
    }

    /// Which groups narrow that.
    pub(super) fn scope(&self) -> String {
        let group = |scope: &ScopeView| match scope.depth {
            Depth::Nested => format!("members of {}, nested ones too", scope.group),
            Depth::Direct => format!("direct members of {}", scope.group),
        };
        or(self.scope.iter().map(group), "everyone with access")
    }

    /// Whose people.
    pub(super) fn domains(&self) -> String {
        or(self.domains.iter().cloned(), "none known: import the directory's domains first")
    }

    /// When accounts are suspended, and deleted.
    pub(super) fn deprovisioning(&self) -> String {
        let DeprovisioningView { app_off, suspended, deleted, hard_delete } = &self.deprovisioning;
        let when = |delay: &Option<String>| match delay.as_deref() {
            None => "never".to_owned(),
            Some("24h") => "within 24 hours (with the next run, usually in minutes)".to_owned(),
            Some(days) => format!("after {days}"),
        };
        [
            format!("suspend when the app is turned off for somebody: {}", when(app_off)),
            format!("suspend when somebody is suspended: {}", when(suspended)),
            format!("suspend when somebody is deleted: {}", when(deleted)),
            format!("delete suspended accounts: {}", when(hard_delete)),
        ]
        .join("\n")
    }

    /// What happens to changes that somebody else made at the app.
    pub(super) fn drift(&self) -> &'static str {
        match self.drift {
            DriftPolicy::Repair => "what somebody else changes at the app is written over",
            DriftPolicy::Report => "what somebody else changes at the app is reported and left alone",
            DriftPolicy::Ignore => "what somebody else changes at the app is left alone",
        }
    }

    /// Where attributes come from.
    pub(super) fn mapping(&self) -> String {
        self.mapping.join("\n")
    }

    /// What is still to be done before it can be turned on.
    pub(super) fn in_the_way(&self) -> Option<String> {
        (!self.enabled && !self.in_the_way.is_empty()).then(|| self.in_the_way.join("\n"))
    }

    /// How old its token is and when that ends, as it follows *the token was*; nothing where there is none.
    pub(super) fn token(&self) -> Option<String> {
        let day = |at: &String| at.split('T').next().unwrap_or(at).to_owned();
        let given = format!("given on {}", day(self.token_set_at.as_ref()?));
        let Some(created) = self.token_created_at.as_ref().map(day) else {
            return Some(format!("{given}; nobody knows when it was generated (`--token-created` says it)"));
        };
        let expires = self.token_expires_at.as_ref().map(|at| format!("; it expires on {}", day(at)));
        let warning = self.token_warning.as_ref().map(|warning| format!("\n{warning}"));
        Some(format!(
            "{given} and generated on {created}{}{}",
            expires.unwrap_or_default(),
            warning.unwrap_or_default()
        ))
    }

    /// Everything, by name.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("app", self.app.clone()),
            ("template", self.template.clone()),
            ("directory", self.directory.clone()),
            ("status", self.status.to_string()),
            ("endpoint", self.endpoint.clone().unwrap_or_else(|| "not authorized".to_owned())),
            ("access", self.access()),
            ("scope", self.scope()),
            ("groups", self.groups.text()),
            ("domains", self.domains()),
            ("deprovisioning", self.deprovisioning()),
            ("drift", self.drift().to_owned()),
            ("mapping", self.mapping()),
        ];
        facts.extend(self.token().map(|token| ("token", token)));
        facts.extend(self.next_run_at.clone().map(|at| ("next run", at)));
        facts.extend(self.in_the_way().map(|sentences| ("before enable", sentences)));
        facts
    }

    /// A line of `usher app list`.
    pub(super) fn row(&self) -> [String; 5] {
        let endpoint = self.endpoint.clone().unwrap_or_else(|| "-".to_owned());
        [self.app.clone(), self.template.clone(), self.directory.clone(), self.status.to_string(), endpoint]
    }
}

/// The app's mapping, or its template's.
pub(super) fn mapping(app: &App) -> Result<Mapping, Failure> {
    Ok(setting::mapping(app, template(app)?)?)
}

/// The app's template.
pub(super) fn template(app: &App) -> Result<&'static Template, Failure> {
    let unknown =
        || Failure::new(format!("the app's template `{}` is unknown to this version of usher", app.template));
    Template::by_key(&app.template).ok_or_else(unknown)
}

impl From<AccessList> for AccessView {
    fn from(access: AccessList) -> Self {
        let unit = |(unit, switch): (usher_model::directory::OrgUnitPath, _)| UnitView {
            unit: unit.to_string(),
            switch,
        };
        Self {
            units: access.units.into_iter().map(unit).collect(),
            groups: access.groups.into_iter().map(|granted| granted.email.to_string()).collect(),
        }
    }
}

impl From<Scoped> for ScopeView {
    fn from(scoped: Scoped) -> Self {
        Self { group: scoped.email.to_string(), depth: scoped.depth }
    }
}

impl DeprovisioningView {
    fn new(settings: &Settings) -> Self {
        let shown = |delay: Option<Delay>| delay.map(|delay| delay.to_string());
        let chosen = settings.deprovisioning;
        Self {
            app_off: shown(chosen.app_off),
            suspended: shown(chosen.suspended),
            deleted: shown(chosen.deleted),
            hard_delete: shown(settings.hard_delete),
        }
    }
}

fn or(lines: impl Iterator<Item = String>, none: &str) -> String {
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() { none.to_owned() } else { lines.join("\n") }
}

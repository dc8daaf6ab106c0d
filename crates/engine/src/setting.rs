//! Everything that a run of one app needs to know before it looks at anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use usher_model::access::Access;
use usher_model::app::Settings;
use usher_model::attribute::path::AttributePath;
use usher_model::entitlement::Entitling;
use usher_model::guard::Tripped;
use usher_model::id::GroupId;
use usher_model::lifecycle::Policy;
use usher_model::mapping::Mapping;
use usher_model::mapping::compiled::CompiledMapping;
use usher_model::mutant::{self, Mutant};
use usher_model::scope::{Reach, Scope};
use usher_model::template::Template;
use usher_store::app::App;
use usher_store::{StoreError, Tx, access, directory};

use crate::mirror::needs;

/// An app's configuration with what it means for its directory of this moment.
#[derive(Debug)]
pub struct Setting {
    /// The app.
    pub app: App,
    /// Its template.
    pub template: &'static Template,
    /// Its mapping.
    pub mapping: CompiledMapping,
    /// The attributes that are mapped.
    pub paths: Vec<AttributePath>,
    /// Its settings.
    pub settings: Settings,
    /// For whom it is on.
    pub access: Access,
    /// The groups whose direct members count.
    pub reach: Reach,
    /// The domains whose people are provisioned.
    pub domains: BTreeSet<String>,
    /// What its settings say of accounts' lives.
    pub policy: Policy,
    /// How many people each group of the scope takes in.
    pub members: BTreeMap<GroupId, u64>,
    /// Groups of the scope that had members and have none.
    pub emptied: Vec<Tripped>,
}

/// Why an app cannot be planned for.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// No configuration.
    #[error("the app {0} is not configured: authorize it and choose its deprovisioning first")]
    NotConfigured(String),
    /// A template that this version does not have.
    #[error("the app's template `{0}` is unknown to this version of usher")]
    UnknownTemplate(String),
    /// A mapping that cannot be used.
    #[error("the mapping of the app {app} cannot be used: {source}")]
    Mapping {
        /// The app.
        app: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A mirror that does not hold what the app needs to know.
    #[error(
        "the directory {directory} has to be listed before {app} is planned for: {what}; `usher plan {app}` lists it, and \
         so does a server"
    )]
    NotListed {
        /// The directory.
        directory: String,
        /// The app.
        app: String,
        /// What is not known.
        what: String,
    },
    /// Nobody's domain is known.
    #[error(
        "the directory has no primary domain, so nobody's address can be checked: import its domains first"
    )]
    NoDomain,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Setting {
    /// Reads an app's setting.
    pub async fn load(tx: &mut Tx, app: App, look_again_after: Duration) -> Result<Self, SettingError> {
        let template = Template::by_key(&app.template)
            .ok_or_else(|| SettingError::UnknownTemplate(app.template.clone()))?;
        let settings = app.settings.clone().ok_or_else(|| SettingError::NotConfigured(app.name.clone()))?;
        let mapping = compile(&app, template)?;
        let paths = mapping.attributes().cloned().collect();
        is_listed(tx, &app, &mapping, &BTreeSet::new()).await?;
        let domains = domains(tx, &app, &settings).await?;
        let access = access::access(tx, &app.id).await?;
        let scoped = access::scope(tx, &app.id).await?;
        let mut scope =
            Scope { groups: scoped.iter().map(|scoped| (scoped.group.clone(), scoped.depth)).collect() };
        let graph = directory::group_graph(tx, &app.directory).await?;
        if mutant::lives(Mutant::VanishedGroupWidens) {
            for chosen in &scoped {
                if directory::group_by_id(tx, &app.directory, &chosen.group).await?.is_none() {
                    scope.groups.remove(&chosen.group);
                }
            }
        }
        let reach = Reach::new(&access, &scope, &graph);
        is_listed(tx, &app, &mapping, &reach.groups()).await?;
        let mut members_of = BTreeMap::new();
        for chosen in &scoped {
            members_of.insert(chosen.group.clone(), members(tx, &app, chosen, &graph).await?);
        }
        let emptied = emptied(&scoped, &members_of);
        let policy = Policy {
            deprovisioning: settings.deprovisioning,
            hard_delete: settings.hard_delete.filter(|_| template.hard_delete),
            drift: settings.drift,
            adopt_leavers: settings.adopt_leavers,
            look_again_after,
        };
        Ok(Self {
            app,
            template,
            mapping,
            paths,
            settings,
            access,
            reach,
            domains,
            policy,
            members: members_of,
            emptied,
        })
    }

    /// What decides who is entitled.
    pub fn entitling(&self) -> Entitling<'_> {
        Entitling {
            access: &self.access,
            reach: &self.reach,
            domains: &self.domains,
            archived: self.settings.archived,
        }
    }
}

/// Fails if the mirror of the app's directory does not hold what the mapping looks at and who is in these groups.
async fn is_listed(
    tx: &mut Tx,
    app: &App,
    mapping: &CompiledMapping,
    groups: &BTreeSet<GroupId>,
) -> Result<(), SettingError> {
    let Some(what) = needs::missing(tx, &app.directory, mapping, groups).await? else { return Ok(()) };
    let directory = directory::by_id(tx, &app.directory).await?;
    let directory = directory.map_or_else(|| app.directory.to_string(), |directory| directory.name);
    Err(SettingError::NotListed { directory, app: app.name.clone(), what })
}

/// The app's mapping, or its template's where it has none of its own.
pub fn mapping(app: &App, template: &Template) -> Result<Mapping, SettingError> {
    template
        .mapping(&app.mapping)
        .map_err(|source| SettingError::Mapping { app: app.name.clone(), source: source.into() })
}

fn compile(app: &App, template: &'static Template) -> Result<CompiledMapping, SettingError> {
    mapping(app, template)?
        .compile(template)
        .map_err(|source| SettingError::Mapping { app: app.name.clone(), source: source.into() })
}

async fn domains(tx: &mut Tx, app: &App, settings: &Settings) -> Result<BTreeSet<String>, SettingError> {
    let known = directory::domains(tx, &app.directory).await?;
    let primary = known.iter().find(|domain| domain.is_primary).ok_or(SettingError::NoDomain)?;
    Ok(settings.domains.iter().chain([&primary.name]).map(|name| name.to_lowercase()).collect())
}

/// The groups that had members at the last accepted run and have none now, or vanished.
fn emptied(scoped: &[access::Scoped], members: &BTreeMap<GroupId, u64>) -> Vec<Tripped> {
    let mut emptied = Vec::new();
    for chosen in scoped {
        let had = chosen.accepted_members.unwrap_or(0);
        if had > 0 && !mutant::lives(Mutant::EmptyGroupBelieved) && members.get(&chosen.group) == Some(&0) {
            let (group, email) = (chosen.group.clone(), chosen.email.clone());
            emptied.push(Tripped::GroupEmptied { group, email, had });
        }
    }
    emptied
}

/// The groups of the scope that lost all their members, as the directory is now: a run's setting is as old as the run.
pub(crate) async fn emptied_by_now(tx: &mut Tx, app: &App) -> Result<Vec<Tripped>, StoreError> {
    let scoped = access::scope(tx, &app.id).await?;
    let graph = directory::group_graph(tx, &app.directory).await?;
    let mut members_of = BTreeMap::new();
    for chosen in &scoped {
        members_of.insert(chosen.group.clone(), members(tx, app, chosen, &graph).await?);
    }
    Ok(emptied(&scoped, &members_of))
}

/// How many people a group of the scope takes in.
pub async fn members(
    tx: &mut Tx,
    app: &App,
    chosen: &access::Scoped,
    graph: &usher_model::scope::GroupGraph,
) -> Result<u64, StoreError> {
    let groups = match chosen.depth {
        usher_model::scope::Depth::Direct => BTreeSet::from([chosen.group.clone()]),
        usher_model::scope::Depth::Nested => graph.below(&chosen.group),
    };
    directory::members_below(tx, &app.directory, &groups).await
}
